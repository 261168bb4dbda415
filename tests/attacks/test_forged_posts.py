"""A form that another site has a signed-in browser send is refused on every page that takes forms."""

import re

#: Who answers has no session to misuse; programs come with a token, and no cookie opens anything there.
WITHOUT_SESSION = {"respond", "api"}


def answers(app) -> dict[str, int]:
    """What every page that takes forms answers to one without a token."""
    client = app.test_client()
    found = {}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.split(".")[0] not in WITHOUT_SESSION:
            address = re.sub(r"<[^>]+>", "1", rule.rule)
            headers = {"Origin": "https://elsewhere.example"}
            found[rule.endpoint] = client.post(address, data={"reason": "x"}, headers=headers).status_code
    return found


def test_no_page_takes_a_form_without_our_token(app):
    found = answers(app)
    # A converter that knows no "1" answers 404 before anything is read.
    assert not {page: code for page, code in found.items() if code not in (400, 404)}
    assert sum(code == 400 for code in found.values()) > 40
    app.config["WTF_CSRF_ENABLED"] = False
    assert sum(code == 400 for code in answers(app).values()) < 10
