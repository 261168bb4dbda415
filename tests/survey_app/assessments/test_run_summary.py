"""The summary that a run keeps for lists of many counties."""

import json

from survey_app.assessments import runs
from survey_app.assessments.run_summary import summary_of
from survey_app.canonical import canonical
from survey_app.db import db
from tests.province import judged_variant
from tests.survey_app.assessments.judged import judge_small


def test_a_summary_takes_the_interval_of_the_wave():
    document = json.loads(judged_variant(0, size=0.09).result)
    said = summary_of(document, {"weighted": {"lower": 0.88, "upper": 0.93, "estimate": 0.9}})
    assert (said["recognition"]["low"], said["recognition"]["high"]) == (0.88, 0.93)
    assert summary_of(document)["recognition"]["low"] is None


def test_a_run_is_kept_with_its_summary_which_is_verified_with_it(app):
    with app.app_context():
        run = judge_small()
        kept = json.loads(run.summary.content)
        result = json.loads(run.result)
        assert (kept["verdict"], kept["sections"]) == (result["verdict"], result["sections"])
        assert runs.verify(run).holds is True
        run.summary.content = canonical({**kept, "missed": kept["missed"] + 1})
        db.session.flush()
        checked = runs.verify(run)
        assert (checked.result_whole, checked.holds) == (False, False)
        run.summary.content = canonical({**kept, "items": kept["items"][1:]})
        assert runs.verify(run).result_whole is False
        # One from before summaries held the items has none that could be wrong.
        run.summary.content = canonical({key: value for key, value in kept.items() if key != "items"})
        assert runs.verify(run).holds is True
        # One that was made before summaries were kept has none that could be wrong.
        db.session.delete(run.summary)
        db.session.flush()
        db.session.expire(run)
        assert runs.verify(run).holds is True
