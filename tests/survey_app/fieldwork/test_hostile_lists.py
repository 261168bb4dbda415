"""Files that are no lists, or made to harm: refused or read right, on the page and on the command line."""

import io
import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey_app import clock
from survey_app.cli import main
from survey_app.counties.workbook.parsing import archive, child
from survey_app.db import db
from survey_app.errors import RefusedInputError
from survey_app.fieldwork.frames.lists.counted import Register, read_lists
from survey_app.fieldwork.models import Contact, StoredFrame
from tests.conftest import NOW
from tests.factories import draw_wave, make_wave, small_county
from tests.page import Page
from tests.survey_app.fieldwork import list_files
from tests.survey_app.fieldwork.list_files import COUNTY, HOSTILE, SOUND


@pytest.fixture
def in_process(monkeypatch):
    """Parse here instead of in a child, so that many files take seconds."""

    def ask(file, names):
        try:
            return {"sheets": json.loads(json.dumps(child.read_sheets(file, names)))}
        except archive.RefusedArchiveError as refused:
            return {"refused": {"rule": refused.rule, "facts": refused.facts}}

    monkeypatch.setattr("survey_app.counties.workbook.sheets._ask_child", ask)


@pytest.fixture
def staff(app, signed_in, monkeypatch):
    """A clerk, and the addresses of a planned wave and of a drawn one."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        planned = make_wave(population=60_000)
        drawn = draw_wave(make_wave(population=60_000, county_file=planned.county_file))
        db.session.commit()
        return signed_in(), f"/fieldwork/{planned.id}/frames/upload", f"/fieldwork/{drawn.id}/contacts"


def send(client, address, name, content, **fields):
    html = client.get("/accounts/sign-in?form=token").get_data(as_text=True)
    token = Page(200, html).forms[0]["fields"]["csrf_token"] if "csrf_token" in html else ""
    if not token:
        page = Page(200, client.get(address.replace("/upload", "")).get_data(as_text=True))
        token = next(form["fields"]["csrf_token"] for form in page.forms if "csrf_token" in form["fields"])
    answer = client.post(
        address,
        data={"csrf_token": token, "file": (io.BytesIO(content), name), **fields},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.get_data(as_text=True)


def stored(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_the_page_refuses_with_one_chinese_message_for_each_fault(app, staff, in_process):
    client, upload, _ = staff
    with app.app_context():
        before = stored(StoredFrame)
    for case, (name, content, _) in HOSTILE.items():
        status, html = send(client, upload, name, content())
        page = Page(status, html).check()
        assert 400 <= status < 500, case
        assert "Traceback" not in html, case
        assert "没有保存任何内容" in page.text, case
    with app.app_context():
        assert stored(StoredFrame) == before
    assert client.get(upload.replace("/upload", "")).status_code == 200
    rows = [row for row in list_files.whole() if row["group"] == "parent"]
    assert send(client, upload, "l.xlsx", list_files.lists(rows))[0] == 303


@pytest.mark.parametrize("case", HOSTILE)
def test_the_command_line_names_every_rule_that_is_broken(case, tmp_path, in_process):
    name, content, rules = HOSTILE[case]
    path = list_files.write(tmp_path, name, content())
    result = CliRunner().invoke(main, ["frame", "check", str(path), "--county", str(COUNTY), "--json"])
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert {fault["rule"] for fault in faults} >= rules
    for fault in faults:
        assert set(fault) == {"where", "value", "rule", "message"}
        assert "—" not in fault["message"]
        assert len(fault["value"]) <= 80


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_read_right(case, in_process):
    name, content = SOUND[case]
    read = read_lists(content(), name, register=Register.of(small_county()))
    assert sorted((unit.group, unit.id, unit.size) for unit in read.units) == [
        ("deputy", small_county()["county"]["code"], 236),
        ("parent", "S001/primary", 265),
        ("parent", "S002/primary", 130),
    ]


def test_a_real_child_reads_and_refuses(staff):
    client, upload, _ = staff
    status, _ = send(client, upload, "l.xlsx", HOSTILE["laughs"][1]())
    assert status == 422
    status, html = send(client, upload, "l.docx", b"x")
    assert (status, "不是 .xlsx 或 .csv" in html) == (422, True)


def test_lists_that_are_far_from_the_register_are_refused_by_name(staff):
    client, upload, _ = staff
    status, html = send(client, upload, "l.xlsx", list_files.lists())
    assert status == 422
    assert "第5学校" in html
    assert "超出允许的范围" in html


def test_at_most_a_hundred_faults_are_listed_and_the_rest_counted(tmp_path, staff):
    rows = "".join(f"家长,X{number},,小学,,,{number}\r\n" for number in range(150))
    content = (list_files.csv_text().splitlines()[0] + "\r\n" + rows).encode()
    client, upload, _ = staff
    status, html = send(client, upload, "l.csv", content)
    assert status == 422
    assert html.count('<tr><th scope="row">A') + html.count('<tr><th scope="row">B') == 100
    assert "另有 50" in html
    path = list_files.write(tmp_path, "l.csv", content)
    result = CliRunner().invoke(main, ["frame", "check", str(path), "--county", str(COUNTY)])
    assert len(result.stderr.splitlines()) == 101
    assert "50" in result.stderr.splitlines()[-1]


CONTACTS = {
    "no zip": ("p.xlsx", lambda: b"no zip at all"),
    "other workbook": ("p.xlsx", list_files.lists),
    "somebody who was not drawn": (
        "p.xlsx",
        lambda: list_files.people([list_files.PEOPLE[0] | {"number": 9999}]),
    ),
    "twice": ("p.xlsx", lambda: list_files.people([list_files.PEOPLE[0]] * 2)),
    "no telephone": ("p.xlsx", lambda: list_files.people([list_files.PEOPLE[0] | {"phone": "机密号码"}])),
    "long name": ("p.xlsx", lambda: list_files.people([list_files.PEOPLE[0] | {"person": "王" * 65}])),
    "full-width": (
        "p.xlsx",
        lambda: list_files.people([list_files.PEOPLE[0] | {"phone": "１３８１２３４５６７８"}]),
    ),
    "bomb": ("p.xlsx", HOSTILE["bomb by ratio"][1]),
    "bytes": ("p.csv", lambda: bytes(range(256)) * 4),
}


def test_contacts_are_refused_without_showing_anybody(app, staff, in_process):
    client, _, address = staff
    for case, (name, content) in CONTACTS.items():
        status, html = send(client, address, name, content(), erase_on="2026-12-10")
        page = Page(status, html).check()
        assert 400 <= status < 500, case
        assert "没有保存任何内容" in page.text, case
        for secret in ("王", "机密号码", "13812345678", "１３８１２３４５６７８"):
            assert secret not in html, case
    with app.app_context():
        assert stored(Contact) == 0


@pytest.mark.parametrize("case", CONTACTS)
def test_contacts_are_checked_offline_as_far_as_a_file_shows(case, in_process, tmp_path):
    name, content = CONTACTS[case]
    path = list_files.write(tmp_path, name, content())
    result = CliRunner().invoke(main, ["frame", "check", str(path), "--contacts", "--json"])
    assert result.exit_code == (0 if case == "somebody who was not drawn" else 1)
    assert "机密" not in result.output


def test_every_fault_of_a_row_is_named_at_once():
    text = list_files.csv_text().replace(",265", ",x").replace("S001", "S999")
    with pytest.raises(RefusedInputError) as refused:
        read_lists(text.encode(), "l.csv", register=Register.of(small_county()))
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [
        ("B2", "school_unknown"),
        ("G2", "not_a_number"),
    ]
