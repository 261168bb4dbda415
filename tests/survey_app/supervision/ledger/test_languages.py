"""Remedies, mergers and gaps are read in the reader's language; what is stored stays Chinese."""

import io
import json
import re

import pytest

from survey_app import clock, prepared
from survey_app.assessments.models import EvaluationRun
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.prepared import PreparedFile
from survey_app.supervision.ledger import gaps, remedies, tasks, trials
from survey_app.supervision.ledger.models import MergerTrial
from tests.conftest import NOW
from tests.evaluation.situations import changed, county
from tests.factories import make_county_file
from tests.page import get, post
from tests.survey_app.assessments.judged import judge

LEDGER = "/ledger/140522/"

HAN = re.compile("[\u4e00-\u9fff]")

PRICES = b'format = "costs/1"\n[buy]\nmultimedia_rooms = 35000\n'


@pytest.fixture(autouse=True)
def _at_six(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def run(app):
    """A county in which one school lacks rooms, and another cannot be judged by its own."""
    short = {"P1.multimedia_rooms": 4, "J1.training_funds": "absent"}
    with app.app_context():
        return judge(make_county_file(changed(county(), short))).id


@pytest.fixture
def client(signed_in):
    return signed_in("county", "140522")


def planned(app, client, run, prices):
    """Ask for a plan and have it made; its page."""
    given = {"run": run, "costs": (io.BytesIO(prices), "prices.toml")}
    address = post(client, f"{LEDGER}remedies", given).headers["Location"]
    with app.app_context():
        prepared.make(db.session, app, int(address.rpartition("/")[2]), now=clock.now)
    return address


def prose(text: str) -> str:
    """The text without the names that are Chinese in any language."""
    return re.sub(r"\w+(学校|县)", "", text)


def test_a_plan_is_read_in_either_language_and_its_tasks_are_chinese(app, client, run):
    page = planned(app, client, run, PRICES)
    assert "P1学校" in get(client, page).text
    assert "网络多媒体教室" in get(client, page).text
    shown = get(client, f"{page}?lang=en").text
    assert "multimedia classroom" in shown
    assert "tasks are added to it in Chinese" in shown
    assert not HAN.search(prose(shown.partition("Plan of remedies")[2]).replace("中文", ""))
    added = post(client, f"{page}?lang=en", {"gaps": ["0"], "deadline": "2027-06-30", "department": "教育局"})
    assert added.status_code == 303
    with app.app_context():
        (task,) = tasks.tasks_of(db.session, "140522")
        assert "网络多媒体教室" in task.title
        assert task.measure.startswith("P1学校")


def test_why_there_is_no_plan_is_read_in_either_language(app, client, run):
    page = planned(app, client, run, b'format = "costs/1"\n[buy]\nbackbone = 1\n')
    assert "多媒体低于要求" in get(client, page).text
    shown = get(client, f"{page}?lang=en").text
    assert not HAN.search(prose(shown.partition("Plan of remedies")[2]).replace("中文", ""))


def test_a_plan_of_before_says_that_it_is_chinese_only(app, client, run):
    page = planned(app, client, run, PRICES)
    with app.app_context():
        file = db.session.query(PreparedFile).one()
        path = prepared.stored_at(settings_of(app), file)
        kept = json.loads(path.read_bytes())
        path.write_text(json.dumps({"run": kept["run"], **kept["zh"]}), "utf-8")
        found = remedies.plan_of(settings_of(app), file, "en")
        assert (found["run"], found["lang"], found["changes"]) == (run, "zh", kept["zh"]["changes"])
    assert "in Chinese only" in get(client, f"{page}?lang=en").text
    assert "只有中文" not in get(client, f"{page}?lang=zh").text


def test_a_trial_is_read_in_english_and_stays_as_it_was_stored(app, client, run):
    given = {"title": "Two become one", "run": run, "into-P1": "P2"}
    assert post(client, f"{LEDGER}mergers", given).status_code == 303
    with app.app_context():
        trial = db.session.query(MergerTrial).one()
        number, stored = trial.id, trial.result
        assert trials.document_of(trial) == json.loads(stored)
    shown = get(client, f"{LEDGER}mergers/{number}?lang=en").text
    assert "P1学校 into P2学校: 240 primary pupils" in shown
    assert "Resource" in shown
    assert "P1学校并入P2学校" in get(client, f"{LEDGER}mergers/{number}?lang=zh").text
    with app.app_context():
        trial = db.session.query(MergerTrial).one()
        assert trial.result == stored
        trial.scheme_digest = "0" * 64
        again = trials.document_of(trial, "en")
        before = json.loads(stored)
        assert again["comparison"] == before["comparison"]
        assert again["transfers"][0]["sentence"].startswith("P1学校 into P2学校")


def test_gaps_are_read_in_english_and_entered_in_chinese(app, client, run):
    page = f"{LEDGER}from-run/{run}"
    shown = get(client, f"{page}?lang=en").text
    assert "multimedia classrooms" in shown
    assert "tasks are added to it in Chinese" in shown
    given = {"gaps": ["R7|P1|primary"], "deadline": "2027-06-30", "department": "教育局"}
    assert post(client, f"{page}?lang=en", given).status_code == 303
    with app.app_context():
        (task,) = tasks.tasks_of(db.session, "140522")
        assert "网络多媒体教室" in task.title
        assert "网络多媒体教室" in json.loads(task.gap)["sentence"]


def test_gaps_have_the_same_keys_in_both_languages(app, run):
    with app.app_context():
        found = db.session.get(EvaluationRun, run)
        chinese, english = (gaps.gaps_of(found, lang=lang) for lang in ("zh", "en"))
        assert [each.key for each in chinese] == [each.key for each in english]
        assert any(each.draft.title.startswith("补齐数据：") for each in chinese)
        assert not [each.sentence for each in english if HAN.search(prose(each.sentence))]
        assert not [each.draft.title for each in english if HAN.search(prose(each.draft.title))]
