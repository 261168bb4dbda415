"""A form that another site has a signed-in browser send is refused on every page that takes forms."""

import re

#: Who answers has no session to misuse; programs come with a token, and no cookie opens anything there.
WITHOUT_SESSION = {"respond", "api"}


#: A part of an address that is one of several words.
_ONE_OF = re.compile(r"<any\((\w+)[^)]*\):\w+>")

#: Methods that change something.
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def answers(app) -> dict[str, int]:
    """What every page that takes forms answers to one without a token."""
    client = app.test_client()
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in WITHOUT_SESSION:
            continue
        # Each address is one that the route knows: the refusal is that of the form, not of the address.
        address = re.sub(r"<[^>]+>", "1", _ONE_OF.sub(r"\1", rule.rule))
        for method in _CHANGING & (rule.methods or set()):
            headers = {"Origin": "https://elsewhere.example"}
            answer = client.open(address, method=method, data={"reason": "x"}, headers=headers)
            found[f"{method} {rule.rule}"] = answer.status_code
    return found


def test_no_page_takes_a_form_without_our_token(app):
    found = answers(app)
    assert not {page: code for page, code in found.items() if code != 400}
    assert len(found) > 100
    app.config["WTF_CSRF_ENABLED"] = False
    assert sum(code == 400 for code in answers(app).values()) < 10
