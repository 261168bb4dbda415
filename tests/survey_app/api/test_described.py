"""The interface against its own description: whatever is sent, every answer is one that is described."""

import json
import shutil
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from survey_app import create_app
from survey_app.api.operations import PREFIX
from tests.conftest import dispose, make_settings
from tests.lengths import runs
from tests.policies.test_api_matrix import ROWS
from tests.survey_app.api.place import fill, token_for

CALM = {
    "deadline": None,
    "database": None,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}

#: A number that fits the description need not be one of something that exists, nor a name that of a scheme.
_NAMES_THINGS = {"import_county_file", "evaluation", "make_run"}

#: Whatever stands in their addresses fits: a name of a thing that may not exist.
_TAKE_ANYTHING = {"latest_county_file", "scheme"}

OPERATIONS = [name.removeprefix("api.") for name in ROWS]


class Place:
    """A filled installation, its description as a program reads it, and a token for everything."""

    def __init__(self, app):
        self.app = app
        self.named = fill(app)
        self.secret = token_for(app)
        self.described = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)
        self.described.config.generation.with_security_parameters = False
        self.checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names()]

    def ask(self, case, *, without=()):
        checks = [check for check in self.checks if check.__name__ not in without]
        headers = {"Authorization": f"Bearer {self.secret}"}
        return case.call_and_validate(headers=headers, checks=checks)


@pytest.fixture(scope="module")
def place(tmp_path_factory, sqlite_template):
    home = tmp_path_factory.mktemp("described")
    shutil.copy(sqlite_template, home / "junheng.db")
    app = create_app(make_settings(home))
    yield Place(app)
    dispose(app)


@pytest.mark.parametrize("operation", OPERATIONS)
@given(st.data())
@settings(**CALM, max_examples=runs(8, 1500))
def test_what_fits_the_description_is_answered_as_described(place, operation, data):
    described = place.described.find_operation_by_id(operation)
    case = data.draw(described.as_strategy(generation_mode=GenerationMode.POSITIVE))
    if data.draw(st.booleans()):
        case.path_parameters.update({name: place.named[name] for name in case.path_parameters or {}})
        if "scheme" in (case.query or {}):
            case.query["scheme"] = "shanxi-2022"
        if isinstance(case.body, dict) and "county" in case.body:
            case.body |= {"year": 2025, "county": {"code": "140522", "name": "试验县"}}
        if isinstance(case.body, dict) and "county_file" in case.body:
            case.body |= {"county_file": place.named["file_id"], "wave": place.named["wave_id"]}
    if isinstance(case.body, dict) and "scheme" in case.body:
        case.body["scheme"] = "shanxi-2022"
    without = {"positive_data_acceptance"} if operation in _NAMES_THINGS else ()
    place.ask(case, without=without)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each not in _TAKE_ANYTHING])
@given(st.data())
@settings(**CALM, max_examples=runs(5, 1500))
def test_what_does_not_fit_is_refused_as_described(place, operation, data):
    described = place.described.find_operation_by_id(operation)
    case = data.draw(described.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    place.ask(case)


POSTED = ("/plans", "/runs", "/counties/140522/files", "/evaluations?scheme=shanxi-2022")

BROKEN = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"' + b"x" * 100,
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    b'{"population": NaN}',
    b'{"population": Infinity}',
    b'{"population": 1e999999999}',
    b'{"population": ' + b"9" * 5000 + b"}",
    b'{"population": 1, "population": 2}',
    b'{"population": true}',
    b'{"population": "360000"}',
    b'{"population": 360000, "scheme": "\\ud800"}',
    b'{"population": 360000, "scheme": "\\u0000"}',
    b'{"\\ud800": 1}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"county_file": 1.5, "scheme": "shanxi-2022"}',
    b'{"county_file": 99999999999999, "scheme": "shanxi-2022"}',
    b'{"format": "county/1", "county": {"code": "140522", "name": "\\ud800"}, "year": 1e400, "schools": []}',
)


@pytest.mark.parametrize("path", POSTED)
def test_nothing_that_is_sent_breaks_it(place, path):
    client = place.app.test_client(use_cookies=False)
    for body in BROKEN:
        answer = client.post(
            PREFIX + path,
            data=body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {place.secret}"},
        )
        assert answer.status_code in {400, 422}, (body[:60], answer.status_code)
        assert answer.mimetype == "application/problem+json"
        assert answer.json["detail"]


def test_a_body_that_is_too_large_or_something_else_is_refused_at_once(place):
    client = place.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {place.secret}"}
    large = client.post(
        f"{PREFIX}/plans", data=b" " * (8 * 2**20 + 1), content_type="application/json", headers=headers
    )
    assert (large.status_code, large.json["code"]) == (413, "http_413")
    form = client.post(f"{PREFIX}/plans", data={"population": "1"}, headers=headers)
    assert (form.status_code, form.json["code"]) == (415, "api_json_body")
    html = client.get(f"{PREFIX}/counties", headers={**headers, "Accept": "text/html"})
    assert (html.status_code, html.json["code"]) == (406, "api_json_only")


def test_the_county_file_is_described_as_everywhere_else():
    root = Path(__file__).parents[3]
    own = json.loads((root / "survey_app/api/county.schema.json").read_text("utf-8"))
    assert own == json.loads((root / "tests/golden/county/county.schema.json").read_text("utf-8"))


def test_the_description_names_the_scope_of_every_operation(place):
    paths = place.app.test_client().get(f"{PREFIX}/openapi.json").json["paths"]
    scopes = {
        each["operationId"]: (*each["security"][0]["token"], "any")[0]
        for path in paths.values()
        for method, each in path.items()
        if method != "parameters"
    }
    assert scopes == {name.removeprefix("api."): row.scope for name, row in ROWS.items()}


def test_the_check_sees_an_answer_that_is_not_described(place, monkeypatch):
    """The control: an operation that says something else than its description."""
    monkeypatch.setattr("survey_app.api.wave_views._row", lambda wave: {"id": wave.id})
    described = place.described.find_operation_by_id("wave")
    case = described.Case(path_parameters={"wave_id": place.named["wave_id"]})
    with pytest.raises(FailureGroup, match="distinct failure"):
        place.ask(case)
