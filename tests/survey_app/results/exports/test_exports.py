"""Files of results: read back they give the official rate again, and none holds what is withheld."""

import csv
import io
import json
import zipfile
from fractions import Fraction
from xml.etree import ElementTree as ET

import pyreadstat
import pytest
from openpyxl import load_workbook

from survey_app import audit, prepared, settings_of
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.results import service
from survey_app.results.exports import asking, codebook, tables
from survey_app.results.exports.single_answers import DDI, as_csv, as_ddi, spss
from survey_app.results.models import WaveOutcome
from survey_app.surveys import service as surveys
from tests.conftest import NOW
from tests.factories import sign_in
from tests.page import Page
from tests.survey_app.results.filled import COUNTY, fill
from tests.survey_app.results.test_archiving import FEW_PUPILS, released
from tests.survey_app.results.test_outcome import finished

#: A county in which nothing is withheld.
WHOLE = tuple(unit for unit in COUNTY if unit.group not in {"principal", "student"})


@pytest.fixture
def field(app):
    return fill(app, WHOLE, share=0.8)


def read(client, path) -> Page:
    """A page that is as pages must be."""
    got = client.get(path)
    return Page(got.status_code, got.get_data(as_text=True)).check()


def press(client, path, action):
    """Send one of a page's forms."""
    return client.post(action, data=read(client, path).form(action)["fields"])


def study(app, field):
    with app.app_context():
        return codebook.study_of(db.session, field.wave_id)


def test_the_csv_read_back_gives_the_official_rate(app, field):
    outcome = released(app, field)
    rows = list(csv.DictReader(io.StringIO(as_csv(study(app, field)).decode("utf-8-sig"))))
    valid = [row for row in rows if row["valid"] == "1"]
    satisfied = sum(row["satisfied"] == "1" for row in valid)
    assert Fraction(satisfied, len(valid)) == outcome["official"]["rate"]
    assert len(valid) == outcome["official"]["valid"]


def test_the_spss_file_read_back_gives_the_official_rate_and_its_labels(app, field, tmp_path):
    outcome = released(app, field)
    content, name = spss(study(app, field))
    path = tmp_path / name
    path.write_bytes(content)
    frame, meta = pyreadstat.read_sav(path)
    assert Fraction(int(frame["satisfied"].sum()), int(frame["valid"].sum())) == outcome["official"]["rate"]
    labels = meta.column_names_to_labels
    assert labels["satisfied"].startswith("满意问卷")
    assert all(labels[item] for item in frame.columns)
    item = "overall"
    assert meta.variable_value_labels[item][8.0] == "不了解"
    _, meta = pyreadstat.read_sav(path, user_missing=True)
    assert meta.missing_ranges[item] == [{"lo": 8.0, "hi": 8.0}, {"lo": 9.0, "hi": 9.0}]
    assert set(meta.variable_value_labels["group"].values()) == {"家长", "教师", "其他群众"}


def test_the_codebook_names_every_column_and_code(app, field):
    released(app, field)
    found = study(app, field)
    book = ET.fromstring(as_ddi(found, file="a.csv"))
    names = [each.get("name") for each in book.iter(f"{{{DDI}}}var")]
    header = as_csv(found).decode("utf-8-sig").splitlines()[0].split(",")
    assert names == header
    for variable in book.iter(f"{{{DDI}}}var"):
        codes = {each.findtext(f"{{{DDI}}}catValu") for each in variable.iter(f"{{{DDI}}}catgry")}
        used = {str(row[variable.get("name")]) for row in found.rows}
        assert not codes or used <= codes, variable.get("name")


def test_rows_stand_in_random_order_and_hold_nothing_else(app, field):
    released(app, field)
    found = study(app, field)
    groups = [row["group"] for row in found.rows]
    assert groups != sorted(groups)
    allowed = {*codebook.FIXED, *(each.name for each in found.variables)}
    assert all(set(row) == allowed for row in found.rows)
    assert not {"language", "mode", "duration_band", "id"} & allowed


def test_withheld_groups_are_in_no_file(app):
    field = fill(app, FEW_PUPILS, share=0.8)
    released(app, field)
    found = study(app, field)
    assert [each.zh for each in found.withheld] == ["学生", "其他群众"]
    groups = next(each for each in found.variables if each.name == "group")
    assert [label.zh for label in groups.values.values()] == ["家长", "教师、校长"] or [
        label.zh for label in groups.values.values()
    ] == ["教师、校长", "家长"]


def both(app, field):
    """The workbook and the document of a wave."""
    with app.test_request_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        outcome = service.outcome_of(db.session, wave)
        digest = db.session.get_one(WaveOutcome, wave.id).digest
        book = tables.as_workbook(wave, outcome, digest=digest, language="zh")
        document = tables.as_document(wave, outcome, digest=digest, language="zh")
        return load_workbook(io.BytesIO(book)), json.loads(document), outcome


def test_workbook_and_document_say_the_same_and_hide_the_same(app):
    field = fill(app, FEW_PUPILS, share=0.8)
    released(app, field)
    book, document, outcome = both(app, field)
    assert set(document) == set(tables.KEYS)
    assert document["official"]["rate"] == float(outcome["official"]["rate"])
    hidden = {row["label"] for row in document["tables"]["group"]["rows"] if row["withheld"]}
    assert hidden
    for row in document["tables"]["group"]["rows"]:
        assert (row["n"] is None) == row["withheld"]
    sheet = book["按对象"]
    lines = {row[0].value: [cell.value for cell in row[1:]] for row in sheet.iter_rows(min_row=4)}
    for row in document["tables"]["group"]["rows"]:
        cells = lines[row["label"]]
        assert (cells[0] == "不公布") == row["withheld"]
        assert row["withheld"] or (cells[0], cells[1]) == (row["n"], row["above"])
    assert sheet["B3"].value == "有效（份）"
    assert [cell.value for cell in book["说明"]["A"]].count("规则") >= 3


def test_no_cell_of_the_workbook_is_a_formula(app, field):
    with app.app_context():
        surveys.get_wave(db.session, field.wave_id).title = "=HYPERLINK(1)"
        db.session.commit()
    released(app, field)
    book, _, _ = both(app, field)
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_supervisor_reads_the_notice_has_the_file_made_and_each_download_is_noted(app, field):
    released(app, field)
    client = sign_in(app, "city", "140500")
    base = f"/results/{field.wave_id}/exports"
    assert "下载前请看清楚" in read(client, f"{base}/answers").html
    for form, beginning in (("csv", b"PK"), ("sav", b"$FL2")):
        asked = press(client, f"{base}/answers", f"{base}/answers.{form}")
        assert asked.status_code == 303
        page = read(client, asked.location)
        assert "下载文件" in page.html
        got = press(client, asked.location, f"{asked.location}/download")
        assert got.data.startswith(beginning)
        assert got.headers["Cache-Control"] == "no-store"
    assert press(client, f"{base}/", f"{base}/tables.xlsx").data.startswith(b"PK")
    assert press(client, f"{base}/", f"{base}/tables.json").json["format"] == tables.FORMAT
    with app.app_context():
        noted = [each.action for each in db.session.query(audit.AuditEntry).order_by(audit.AuditEntry.number)]
    assert noted[-4:] == ["answers.downloaded"] * 2 + ["results.downloaded"] * 2


def test_answers_of_an_unreleased_wave_are_refused(app, field):
    finished(app, field)
    with app.app_context(), pytest.raises(ConflictError, match="answers_not_released"):
        asking.ask(db.session, surveys.get_wave(db.session, field.wave_id), "csv", by="x", now=NOW)


def test_the_zip_holds_the_answers_and_their_codebook(app, field):
    released(app, field)
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        file_id = asking.ask(db.session, wave, "csv", by="x", now=NOW).id
        db.session.commit()
        prepared.begin(app, file_id)
        path = prepared.stored_at(settings_of(app), asking.file_of(db.session, wave, file_id))
        names = zipfile.ZipFile(path).namelist()
    assert [name.rpartition("-")[2] for name in names] == [f"{field.wave_id}.csv", "codebook.xml"]
