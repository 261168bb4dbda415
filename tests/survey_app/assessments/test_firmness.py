"""How firm a verdict is, on its page and in its report: what is nearest, how the survey reads otherwise."""

import io
import json
from fractions import Fraction

import pytest
from click.testing import CliRunner
from docx import Document

from evaluation.sensitivity import flips
from evaluation.sensitivity import verdict as asking
from evaluation.terms import Bound
from survey_app.assessments import commands, runs
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.nearest import SHOWN, nearest_of
from survey_app.assessments.overview import overview_of
from survey_app.assessments.readings import alternatives_of, keys_of, readings_of
from survey_app.assessments.report import Facts, write_report
from survey_app.canonical import canonical
from survey_app.db import db
from survey_app.results.service import outcome_of
from survey_app.surveys.service import get_wave
from tests.conftest import NOW
from tests.evaluation.situations import changed, county
from tests.factories import small_county
from tests.page import get
from tests.survey_app.assessments.judged import judge, judge_small, released_wave
from tests.survey_app.assessments.test_overview import view_of

LABEL = {"zh": "口径", "en": "reading"}


def outcome(**changes):
    """The frozen figures of a wave in which 470 of 540 are satisfied."""
    groups = [
        {"group": "parent", "withheld": False, "valid": 270, "satisfied": 240},
        {"group": "teacher", "withheld": False, "valid": 270, "satisfied": 230},
    ]
    return {
        "official": {"valid": 540, "satisfied": 470, "rate": Fraction(470, 540)},
        "groups": groups,
        "form_vi": [{"row": "all"}, {"row": "parent", "valid": 270, "satisfied": 240}],
        "weighted": {"estimate": 0.842},
        "alternatives": [
            {"id": "overall", "label": LABEL, "value": Fraction(5, 6), "counts": [450, 540]},
            {"id": "positive", "label": LABEL, "value": Fraction(9, 10), "counts": [9720, 10800]},
            {"id": "index", "label": LABEL, "value": Fraction(356, 5), "counts": [769, 10]},
        ],
        **changes,
    }


def ids(given):
    return [each.id for each in alternatives_of(given)]


def test_a_wave_can_be_read_in_every_way_its_figures_allow():
    assert ids(outcome()) == [
        "official",
        "equal_groups",
        "parents",
        "weighted",
        "overall",
        "positive",
        "index",
    ]
    found = {each.id: each for each in alternatives_of(outcome())}
    assert found["official"].declared
    assert found["equal_groups"].rate == (Fraction(8, 9) + Fraction(23, 27)) / 2
    assert found["weighted"].rate == Fraction("0.842")
    assert found["positive"].counted == "ratings"
    assert not found["index"].proportion


def test_what_may_not_be_shown_is_not_read():
    withheld = [
        {"group": "parent", "withheld": False, "valid": 530, "satisfied": 460},
        {"group": "teacher", "withheld": True, "valid": None, "satisfied": None},
    ]
    assert "equal_groups" not in ids(outcome(groups=withheld))
    assert "parents" not in ids(outcome(form_vi=[{"row": "all"}, {"row": "parent", "valid": None}]))
    assert "weighted" not in ids(outcome(weighted=None))
    assert ids(outcome(official={"valid": 4, "satisfied": None, "rate": None})) == []


def test_figures_frozen_before_counts_were_kept_are_read_by_their_value():
    old = [{"id": "mean", "label": LABEL, "value": Fraction(9, 10)}]
    (mean,) = (each for each in alternatives_of(outcome(alternatives=old)) if each.id == "mean")
    assert (mean.rate, mean.counts) == (Fraction(9, 10), ())


def test_a_declared_rate_with_equal_groups_is_not_counted_as_if_pooled():
    weighted = {"valid": 540, "satisfied": 470, "rate": Fraction(47, 54)}
    (official, *_) = alternatives_of(outcome(official=weighted | {"rate": Fraction(4, 5)}))
    assert (official.rate, official.counts) == (Fraction(4, 5), ())


def test_each_reading_concludes_beside_the_verdict():
    view = view_of(county())
    found = {each["id"]: each for each in readings_of(view, alternatives_of(outcome()))}
    assert view.document["verdict"] == "met"
    assert (found["official"]["outcome"], found["official"]["verdict"]) == ("met", "met")
    assert found["official"]["flips"] == "12份满意的答卷改为不满意，或74份满意的答卷改判无效"
    assert (found["overall"]["outcome"], found["overall"]["verdict"]) == ("not_met", "not_met")
    assert found["weighted"]["flips"] == ""
    assert found["positive"]["flips"].startswith("541个满意的评分")
    assert (found["index"]["outcome"], found["index"]["verdict"]) == (None, None)


def test_a_missed_visit_keeps_every_reading_from_passing():
    view = view_of(changed(county(), {"recognition.visits.satisfied": 16}))
    (official, *_) = readings_of(view, alternatives_of(outcome()))
    assert (official["outcome"], official["verdict"]) == ("met", "not_met")


def test_without_a_wave_the_county_files_own_tallies_are_read():
    (own,) = readings_of(view_of(county()), ())
    assert (own["id"], own["outcome"], own["turned"]) == ("official", "met", 1)


def test_keys_are_shown_only_where_they_matter():
    assert keys_of(view_of(county())) == []
    view = view_of(changed(county(), {"recognition.visits": "absent"}))
    assert [(each["key"], each["verdict"]) for each in keys_of(view)] == [
        ("if_missing", "undetermined"),
        ("if_missing", "met"),
    ]


def test_the_nearest_findings_lead_to_their_why():
    view = view_of(small_county())
    found = nearest_of(view)
    assert 0 < len(found.to_pass) <= SHOWN
    assert found.not_met >= len(found.to_pass)
    for each in (*found.to_pass, *found.to_fail):
        assert view.findings[each.position]["outcome"] == ("not_met" if each in found.to_pass else "met")
    assert not any(each.alone for each in found.to_fail)


def test_a_run_stored_without_it_shows_nothing():
    stored = {key: value for key, value in view_of(county()).document.items() if key != "sensitivity"}
    old = overview_of(json.loads(canonical(stored)))
    assert not nearest_of(old)
    assert (keys_of(old), readings_of(old, ())) == ([], [])
    assert write_report(old, Facts())


@pytest.fixture
def run_id(app):
    with app.app_context():
        return judge_small().id


def test_the_page_shows_what_is_nearest_and_other_readings(app, signed_in, run_id):
    page = get(signed_in(), f"/assessments/{run_id}")
    assert "离标准最近的" in page.text
    assert "运动场地面积再多292平方米即达标" in page.text
    assert "换一种口径结论会怎样" in page.text
    assert "37份满意的答卷改为不满意" in page.text


def test_the_page_speaks_english(app, signed_in, run_id):
    page = get(signed_in(), f"/assessments/{run_id}?lang=en")
    assert "Nearest to the standards" in page.text
    assert "sports ground area: 292 m² more would meet it" in page.text


def test_a_run_with_a_wave_reads_the_wave(app, signed_in):
    wave_id = released_wave(app, share=0.9)
    with app.app_context():
        wave = get_wave(db.session, wave_id)
        run = judge(wave.county_file, wave=wave)
        run_id, figures = run.id, outcome_of(db.session, wave)
    (official, *rest) = alternatives_of(figures or {})
    assert {"mean", "overall", "positive", "index"} <= {each.id for each in rest}
    assert flips(official.counts, Bound(at_least=Fraction(17, 20)))
    client = signed_in()
    assert "不是比例，不能比较" in get(client, f"/assessments/{run_id}").text
    report = client.get(f"/assessments/{run_id}/report.docx").data
    tables = [table for table in Document(io.BytesIO(report)).tables if "口径" in table.cell(0, 0).text]
    assert len(tables) == 1
    assert "满意问卷数÷有效问卷数（公布的规则）" in tables[0].cell(1, 0).text


def test_the_report_says_what_is_nearest():
    text = "\n".join(
        each.text for each in Document(io.BytesIO(write_report(view_of(small_county()), Facts()))).paragraphs
    )
    assert "其中离标准最近的" in text
    assert "再多292平方米即达标" in text


def test_the_stored_result_is_the_same_when_judged_again(app, run_id):
    with app.app_context():
        run = db.session.get_one(EvaluationRun, run_id)
        assert "sensitivity" in json.loads(run.result)
        assert runs.verify(run).holds
        assert run.made_at == NOW


def test_the_command_asks_once_how_firm_a_verdict_is(tmp_path, monkeypatch):
    asked, rates = [], asking.rate_readings

    def counted(verdict, *others):
        asked.append(verdict)
        return rates(verdict, *others)

    monkeypatch.setattr(asking, "rate_readings", counted)
    source = tmp_path / "county.json"
    source.write_text(json.dumps(small_county(), ensure_ascii=False), "utf-8")
    papers = [f"--{kind}={tmp_path / f'paper.{kind}'}" for kind in ("docx", "xlsx")]
    done = CliRunner().invoke(commands.evaluate, [str(source), "--scheme", "shanxi-2022", *papers])
    assert (done.exit_code, len(asked)) == (0, 1), done.output
