"""Every figure of a finding leads back to its cell, its survey or the person who judged."""

import json

import pytest

from survey_app.assessments.figure_sources import sources_of
from survey_app.assessments.runs import make_run
from survey_app.assessments.years import year_before
from survey_app.counties.service import import_county_file
from survey_app.counties.workbook.reader import read_with_sources
from survey_app.counties.workbook.writer import write_workbook
from survey_app.db import db
from tests.conftest import NOW
from tests.evaluation.situations import county
from tests.page import get


def run_of(document, *, cells=(), **given):
    file = import_county_file(
        db.session, document, cells=cells, source="县情.xlsx", by="clerk", now=NOW, **given
    )
    return make_run(
        db.session, county_file=file, scheme_id="shanxi-2022", level="self_evaluation", by="test", now=NOW
    )


def position(run, id_, school=None, stage=None):
    found = json.loads(run.result)["findings"]
    return next(
        place
        for place, each in enumerate(found)
        if (each["id"], each["school"], each["stage"]) == (id_, school, stage)
    )


@pytest.fixture
def from_workbook(app, tmp_path):
    path = tmp_path / "county.xlsx"
    write_workbook(county(), path)
    with app.app_context():
        document, cells = read_with_sources(path)
        yield run_of(document, cells=cells)


def test_a_school_figure_names_its_cell_and_who_imported_it(from_workbook):
    run = from_workbook
    rooms, pupils = sources_of(run, position(run, "R7", "P1", "primary"), "zh")
    assert (rooms.name, pupils.name) == ("网络多媒体教室数", "小学在校生数")
    assert rooms.cells.startswith("学校!")
    assert rooms.cells != pupils.cells
    assert (pupils.value, pupils.origin, pupils.by, pupils.at) == (
        county()["schools"][0]["pupils"]["primary"],
        "reported",
        "clerk",
        NOW,
    )


def test_figures_of_a_year_and_of_a_list_are_found(from_workbook):
    run = from_workbook
    worst = sources_of(run, position(run, "E2.composite", stage="primary"), "zh")
    assert [str(each.value) for each in worst if each.place.startswith("eligibility.composite")] == [
        "0.6",
        "0.6",
        "0.6",
    ]
    (classes,) = sources_of(run, position(run, "G5", "P1", "primary"), "zh")
    assert classes.value == county()["schools"][0]["class_sizes"]["primary"]
    assert classes.cells.startswith("班级!D")


def test_many_figures_of_one_kind_are_told_together(app):
    document = county()
    for number in range(60):
        school = json.loads(json.dumps(document["schools"][0])) | {"code": f"X{number}", "name": f"X{number}"}
        document["schools"].append(school)
    with app.app_context():
        run = run_of(document)
        kinds = sources_of(run, position(run, "R7.difference", stage="primary"), "zh")
        assert [(each.figures, each.name) for each in kinds] == [
            (62, "62所学校的网络多媒体教室数"),
            (62, "62所学校的小学在校生数"),
        ]


def test_a_judgement_stands_in_place_of_the_file(from_workbook):
    run = from_workbook
    run.judgements = json.dumps(
        [
            {
                "kind": "attestation",
                "key": "layout",
                "value": True,
                "level": "review",
                "note": "",
                "by": "expert",
                "at": NOW.isoformat(),
                "evidence": [{"id": 1, "digest": "0" * 64, "title": "规划.pdf"}],
            }
        ]
    )
    (source,) = sources_of(run, position(run, "G1"), "zh")
    assert (source.origin, source.by, source.level, source.value) == ("judgement", "expert", "review", True)
    assert len(source.evidence) == 1


def test_a_simulated_countys_schools_are_simulated_throughout(app):
    provenance = {"simulated": [{"path": "schools[].name", "label": "学校", "how": "虚构"}]}
    with app.app_context():
        run = run_of(county(), provenance=provenance)
        assert {each.origin for each in sources_of(run, position(run, "R1", "P1", "primary"), "zh")} == {
            "simulated"
        }
        assert {each.origin for each in sources_of(run, position(run, "G8.pay"), "zh")} == {"reported"}


def test_figures_are_compared_with_the_year_before(app):
    earlier = county() | {"year": 2023}
    earlier["schools"][0]["multimedia_rooms"] += 2
    earlier["figures"]["pay"] = {"teacher_mean": 80000, "civil_servant_mean": 90000}
    with app.app_context():
        run_of(earlier)
        run = run_of(county())
        before = year_before(db.session, run)
        assert (before.year, before.verdict) == (2023, "not_met")
        found = {(each["id"], each["school"]): each for each in json.loads(run.result)["findings"]}
        rooms = before.movement(found["R7", "P1"])
        assert (rooms.arrow, rooms.meaning) == ("down", "worse")
        assert before.movement(found["G8.pay", None]).meaning == "better"
        assert before.movement(found["R1", "P1"]).arrow == "level"
        assert before.movement(found["G1", None]) is None
        spread = next(
            each
            for each in json.loads(run.result)["findings"]
            if (each["id"], each["stage"]) == ("R7.difference", "primary")
        )
        assert before.movement(spread).arrow == "down"
        assert before.movement(spread).meaning == "better"
        assert year_before(db.session, db.session.get_one(type(run), before.run_id)) is None


def test_pages_show_cells_and_arrows(app, signed_in, tmp_path):
    path = tmp_path / "county.xlsx"
    write_workbook(county(), path)
    document, cells = read_with_sources(path)
    earlier = county() | {"year": 2023}
    earlier["schools"][0]["multimedia_rooms"] += 2
    with app.app_context():
        run_of(earlier)
        run = run_of(document, cells=cells)
        run_id, place = run.id, position(run, "R7", "P1", "primary")
        db.session.commit()
    client = signed_in("province", "140000")
    shown = get(client, f"/assessments/{run_id}/why/{place}")
    assert "学校!" in shown.text
    assert "比 2023 年低" in shown.text
    shown = get(client, f"/assessments/{run_id}")
    assert "箭头与 2023 年的评估比较" in shown.text
