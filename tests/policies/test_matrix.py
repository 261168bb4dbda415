"""Every route × role × region: the matrix says who may, and each is really asked."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from werkzeug.routing import RequestRedirect

from survey_app import security
from survey_app.security import covers
from tests.factories import sign_in
from tests.policies import world
from tests.policies.actors import ACTORS

_HERE = Path(__file__).parent
PERMISSIONS = tomllib.loads((_HERE / "permissions.toml").read_text("utf-8"))

#: Methods that every route answers or that the framework adds.
_GIVEN = {"HEAD", "OPTIONS"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One route of the matrix."""

    path: str
    method: str = ""
    methods: list[str] = field(default_factory=list)
    access: str = ""
    permission: str = ""
    anywhere: str = ""
    school: str = ""
    #: The region that the address names.
    region: str = "140522"
    data: dict[str, str] = field(default_factory=dict)
    leads_to: str = ""

    @property
    def all_methods(self) -> list[str]:
        """The methods the row speaks of."""
        return self.methods or [self.method or "GET"]


ROWS = {
    endpoint: Row(**row)
    for endpoint, row in tomllib.loads((_HERE / "matrix.toml").read_text("utf-8")).items()
}

#: The operations of the JSON interface have a matrix of their own: they know tokens, not sessions.
OPERATIONS = set(tomllib.loads((_HERE / "api_matrix.toml").read_text("utf-8")))

CASES = [(endpoint, method) for endpoint, row in ROWS.items() for method in row.all_methods]


def ask(client, method, path, data):
    """Send the request a browser would send, with the proof of the client's own session."""
    if method == "GET":
        return client.get(path)
    page = client.get("/accounts/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    return client.open(path, method=method, data={**data, "csrf_token": token})


def body(response):
    """The page without the proof that differs every time."""
    return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", response.get_data(as_text=True))


def leads_to_sign_in(response):
    return response.status_code in {302, 303} and response.location.startswith("/accounts/sign-in")


def test_every_route_has_a_row_and_every_row_a_route(app):
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in rule.methods - _GIVEN
    }
    assert set(CASES) == {(name, method) for name, method in there if name not in OPERATIONS}
    assert {name for name, _method in there} >= OPERATIONS


def test_permissions_are_those_declared():
    assert {name: sorted(roles) for name, roles in security.PERMISSIONS.items()} == PERMISSIONS


@pytest.mark.parametrize("endpoint", ROWS)
def test_a_row_says_one_thing_about_who_may(endpoint):
    row = ROWS[endpoint]
    assert sum(map(bool, (row.access, row.permission, row.anywhere))) == 1
    assert row.access in {"", "public", "signed_in"}
    assert {row.permission, row.anywhere} - {""} <= set(PERMISSIONS)


@pytest.mark.parametrize(("endpoint", "method"), CASES, ids=lambda each: each)
def test_only_those_may_who_should(asked, endpoint, method):
    app, named = asked
    row = ROWS[endpoint]
    path, missing = row.path.format(**named), row.path.format(**{**named, **world.MISSING})
    assert _endpoint_of(app, path, method) == endpoint

    visitor = ask(app.test_client(), method, path, row.data)
    if row.leads_to and method == "GET":
        assert visitor.location == row.leads_to
    elif row.access == "public":
        assert _class_of(visitor) in {"answered", "hidden"}
    else:
        assert leads_to_sign_in(visitor), f"a visitor got {visitor.status_code}"

    # Whoever may is asked last: what they do changes things.
    for name, actor in sorted(ACTORS.items(), key=lambda each: _may(row, each[1])):
        client = sign_in(app, actor.role, actor.region, actor.school)
        answer = ask(client, method, path, row.data)
        if row.leads_to and method == "GET":
            assert answer.location == row.leads_to
            continue
        wanted = _expected(row, actor)
        assert _class_of(answer) == wanted, f"{name}: {answer.status_code}, not {wanted}"
        if wanted == "hidden":
            other = ask(client, method, missing, row.data)
            assert (other.status_code, body(other)) == (404, body(answer)), f"{name} can tell it exists"


@pytest.mark.parametrize("number", [0, 2**31, 10**30, "1%00", "１", "-1", "%F0%28"])
def test_an_address_that_cannot_be_breaks_nothing(asked, number):
    app, named = asked
    client = sign_in(app, "nation", "000000")
    paths = {row.path.format(**dict.fromkeys(named, number)) for row in ROWS.values() if "{" in row.path}
    assert {path: status for path in paths if (status := client.get(path).status_code) >= 500} == {}


@pytest.mark.parametrize(
    ("endpoint", "method"),
    [
        (endpoint, method)
        for endpoint, method in CASES
        if method != "GET" and not endpoint.startswith("respond.")
    ],
    ids=lambda each: each,
)
def test_a_deed_without_proof_is_refused(asked, endpoint, method):
    app, named = asked
    client = sign_in(app, "administrator", "140500")
    assert client.open(ROWS[endpoint].path.format(**named), method=method).status_code == 400


def _may(row, actor):
    needed = row.permission or row.anywhere
    return not needed or (actor.role in PERMISSIONS[needed] and (_inside(row, actor) or bool(row.anywhere)))


def _inside(row, actor):
    """Whether what the address names lies in the actor's region or, for a coordinator, is their school's."""
    return covers(actor.region, row.region) and actor.school in {"", row.school}


def _expected(row, actor):
    if _may(row, actor):
        return "answered"
    return "refused" if row.anywhere or _inside(row, actor) else "hidden"


def _class_of(response):
    if leads_to_sign_in(response):
        return "asked to sign in"
    return {403: "refused", 404: "hidden"}.get(
        response.status_code, "answered" if response.status_code < 500 else "broken"
    )


def _endpoint_of(app, path, method):
    try:
        return app.url_map.bind("localhost").match(path.partition("?")[0], method=method)[0]
    except RequestRedirect as redirect:
        return f"redirect to {redirect.new_url}"
