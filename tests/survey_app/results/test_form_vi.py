"""表Ⅵ on the page and in its files: the same figures, and the same silence."""

import csv
import io

import openpyxl
import pytest

from survey_app import clock
from survey_app.db import db
from survey_app.results import service
from survey_app.surveys.models import Wave
from tests.conftest import NOW
from tests.page import get, post
from tests.survey_app.results.filled import COUNTY, fill

TITLE = "2026年阳城县义务教育社会认可度调查"


@pytest.fixture
def released(app, signed_in, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    field = fill(app, COUNTY)
    address = f"/results/{field.wave_id}"
    post(signed_in(), f"{address}/close", {"title": TITLE}, to=address)
    return field, address


def read_csv(response):
    text = response.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def read_workbook(response):
    sheet = openpyxl.load_workbook(io.BytesIO(response.get_data())).active
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def test_the_files_wait_for_the_release(released, signed_in):
    _, address = released
    for kind in ("csv", "xlsx"):
        assert "还没有发布" in get(signed_in(), f"{address}/form-vi.{kind}", status=409).text
        assert signed_in("city", "140500").get(f"{address}/form-vi.{kind}").status_code == 200
    get(signed_in("county", "140524"), f"{address}/form-vi.csv", status=404)
    get(signed_in("city", "140500"), f"{address}/form-vi.exe", status=404)


def test_both_files_hold_what_the_page_shows(app, released, signed_in):
    field, address = released
    post(signed_in("city", "140500"), f"{address}/release", to=address)
    county = signed_in()
    answer = county.get(f"{address}/form-vi.csv")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert f"form-vi-{field.wave_id}.csv" in answer.headers["Content-Disposition"]
    rows = read_csv(answer)
    sheet = read_workbook(county.get(f"{address}/form-vi.xlsx"))
    assert rows[0] == [f"阳城县 · {TITLE}"]
    assert [str(cell) for cell in sheet[2]] == rows[2]
    with app.app_context():
        outcome = service.outcome_of(db.session, db.session.get_one(Wave, field.wave_id))
    everybody = outcome["form_vi"][0]
    line = next(row for row in rows if row[0] == "计")
    assert line[1:5] == [
        str(everybody["distributed"]),
        str(sum(row["spent"] for row in outcome["groups"])),
        str(everybody["valid"]),
        str(everybody["satisfied"]),
    ]
    assert abs(float(line[5]) - 100 * float(everybody["rate"])) < 0.005
    assert [float(cell) for cell in next(row for row in sheet if row[0] == "计")[1:]] == [
        float(cell) for cell in line[1:]
    ]
    assert "有效问卷：" in rows[-5][0] or any("有效问卷：" in row[0] for row in rows)


def test_what_is_withheld_is_withheld_in_every_format(app, released, signed_in):
    field, address = released
    post(signed_in("city", "140500"), f"{address}/release", to=address)
    county = signed_in()
    with app.app_context():
        outcome = service.outcome_of(db.session, db.session.get_one(Wave, field.wave_id))
    hidden = [row for row in outcome["groups"] if row["withheld"]]
    assert hidden, "the four principals cannot be shown"
    rows = read_csv(county.get(f"{address}/form-vi.csv"))
    sheet = read_workbook(county.get(f"{address}/form-vi.xlsx"))
    for lines in (rows, sheet):
        line = next(line for line in lines if line[0] == "校长")
        assert list(line[3:]) == ["不公布"] * 3
    assert "不公布" in get(county, address).text


def test_a_title_is_no_formula(app, released, signed_in):
    field, address = released
    with app.app_context():
        db.session.get_one(Wave, field.wave_id).county.name = '=HYPERLINK("http://x")'
        db.session.commit()
    city = signed_in("city", "140500")
    assert read_csv(city.get(f"{address}/form-vi.csv"))[0][0].startswith("'=")
    assert read_workbook(city.get(f"{address}/form-vi.xlsx"))[0][0].startswith("'=")
