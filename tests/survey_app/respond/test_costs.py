"""What a phone's request costs: statements and transactions, bytes, and what the web process has to load."""

import re
import subprocess
import sys

import pytest

from survey_app.db import db
from survey_app.fieldwork.models import EntryPoint
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.surveys.models import QuotaCell
from tests.conftest import KEY, NOW
from tests.page import Page, get
from tests.statements import Heard, listening
from tests.survey_app.respond.field import Phone, full_answers, open_field

PARENT = full_answers("public", "parent")
PUBLIC = full_answers("public", "public")

GZIP = {"Accept-Encoding": "gzip"}


def a_point(app, kind: str, wave_id: int, *, cap: int = 5) -> str:
    """Put up a class code or a poster; its code in an address."""
    with app.app_context():
        group = "public"
        cell = QuotaCell(wave_id=wave_id, group=group, locality=kind[:3], way=kind, target=cap, cap=cap)
        db.session.add(cell)
        db.session.flush()
        point = EntryPoint(
            wave_id=wave_id,
            number=1 if kind == "class" else 2,
            quota_cell_id=cell.id,
            kind=kind,
            place="村口",
            generation=1,
            cap=cap if kind == "class" else None,
            token_hash=b"",
            typed_hash=b"",
            made_at=NOW,
            made_by="test",
        )
        open_entries._give_code(point, KEY)
        db.session.add(point)
        db.session.commit()
        return open_entries.code_of(point, KEY).in_address


def walk(client, ledger: Heard, address: str, answers) -> dict[str, tuple[int, int]]:
    """Go from the first look to the thank-you page; what each request cost."""
    costs: dict[str, tuple[int, int]] = {}
    ledger.take()
    location = client.get(f"/c/{address}").location
    costs["code"] = ledger.take()
    phone = Phone(client)
    phone.page = get(client, location)
    costs["start"] = ledger.take()
    # Beside an open entry's form stands another, for a questionnaire that this phone had begun.
    fields = next(form["fields"] for form in phone.page.forms if form["fields"].get("ticket"))
    phone.page = Page(200, client.post("/begin", data=fields).get_data(as_text=True))
    costs["begin"] = ledger.take()
    resume = client.get(f"/q/{phone.hidden()['ticket']}")
    assert resume.status_code == 200
    costs["resume"] = ledger.take()
    while "data-last" not in phone.page.html:
        assert phone.press(answers).status_code == 200
        costs["page"] = max(costs.get("page", (0, 0)), ledger.take())
    sent = phone.press(answers)
    assert sent.status_code == 303, phone.page.text
    costs["submit"] = ledger.take()
    client.get(sent.location)
    costs["thanks"] = ledger.take()
    return costs


@pytest.mark.parametrize("way", ["card", "class", "poster"])
def test_a_page_takes_three_statements_and_a_submit_six_in_one_transaction(either_app, way):
    field = open_field(either_app)
    address = field.card().in_address if way == "card" else a_point(either_app, way, field.wave_id)
    client = either_app.test_client()
    # The questionnaire is read once by a process and kept.
    first = field.card("parent", 1).in_address if way == "card" else address
    with listening(either_app) as ledger:
        walk(client, ledger, first, PARENT if way == "card" else PUBLIC)
        costs = walk(client, ledger, address, PARENT if way == "card" else PUBLIC)
    gets = {step: n for step, (n, _) in costs.items() if step not in {"begin", "submit", "page"}}
    assert max(gets.values()) <= 3, costs
    assert costs["thanks"] == costs["page"] == (0, 0)
    assert costs["begin"][0] <= 6, costs
    assert costs["submit"][0] <= 6, costs
    assert costs["begin"][1] == costs["submit"][1] == 1, costs
    assert max(transactions for _, transactions in costs.values()) == 1, costs


@pytest.mark.parametrize("path", ["/code", "/privacy", "/declined", "/thanks", "/forgotten"])
def test_a_page_that_says_the_same_to_everybody_asks_the_database_nothing(app, client, path):
    with listening(app) as ledger:
        assert client.get(path).status_code == 200
    assert ledger.take() == (0, 0)


@pytest.mark.parametrize("code", ["A" * 22, "000000000000", "7F3KQ29ZTABR", "x"])
def test_a_code_that_is_none_costs_no_more(either_app, code):
    open_field(either_app)
    with listening(either_app) as ledger:
        assert either_app.test_client().get(f"/c/{code}").status_code in {404, 422}
    assert ledger.take()[0] <= 3


def test_the_first_load_is_sixty_kilobytes_at_most_and_fifteen_after(app, client):
    field = open_field(app)
    phone = Phone(client).scan(field.card())
    pages, files = [], set()
    for number in range(20):
        if number == 0:
            landing = client.get(client.get(f"/c/{field.card().in_address}").location, headers=GZIP)
            pages.append(landing)
            files |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', phone.page.html))
            phone.begin()
            continue
        files |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', phone.page.html))
        fields = {f"a.{item}": PARENT[item] for item in phone.asked() if item in PARENT}
        reply = client.post("/answer", data={**phone.hidden(), **fields, "go": "next"}, headers=GZIP)
        pages.append(reply)
        if reply.status_code != 200:
            break
        phone.page = type(phone.page)(200, phone.press(PARENT).get_data(as_text=True))
    sizes = [len(page.data) for page in pages]
    assert all(page.headers.get("Content-Encoding") == "gzip" for page in pages if page.status_code == 200)
    loaded = [client.get(name, headers=GZIP) for name in sorted(files)]
    assert all("immutable" in each.headers["Cache-Control"] for each in loaded)
    assert sizes[0] + sum(len(each.data) for each in loaded) <= 60_000
    assert max(sizes[1:]) <= 15_000


def test_a_style_is_kept_for_a_year_under_its_content_and_asked_for_anew_otherwise(client):
    address = re.search(r'href="(/static/respond.css[^"]*)"', client.get("/code").get_data(as_text=True))[1]
    assert "immutable" in client.get(address).headers["Cache-Control"]
    plain = client.get("/static/respond.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/respond.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/static/../config.py").status_code == 404


def test_the_web_process_loads_nothing_that_only_analysis_needs(tmp_path):
    code = (
        "import sys; from survey_app.serving import application; app = application();"
        "app.test_client().get('/code');"
        "print(sorted({'pandas', 'scipy', 'statsmodels', 'duckdb'} & set(sys.modules)))"
    )
    environ = {"JUNHENG_HOME": str(tmp_path), "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
