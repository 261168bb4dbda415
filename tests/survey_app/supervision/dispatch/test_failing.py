"""The items that counties miss: read from the summaries of runs, and from whole runs made before them."""

import json

import sqlalchemy as sa

from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.canonical import canonical
from survey_app.db import db
from survey_app.supervision.dispatch import failing
from tests.province import make_province, places


def test_a_run_without_a_summary_of_its_items_says_the_same(app, monkeypatch):
    monkeypatch.setattr(failing, "_READ", {})
    with app.app_context():
        make_province(only=[each.code for each in places() if each.state in {"run", "review"}][:2])
        run_id = db.session.scalars(sa.select(EvaluationRun.id)).first()
        summary = db.session.get_one(RunSummary, run_id)
        said = failing.items_by_run(db.session)(run_id)
        assert len(said) > 40
        assert failing._READ == {}
        without = {key: value for key, value in json.loads(summary.content).items() if key != "items"}
        summary.content = canonical(without)
        db.session.flush()
        assert list(failing.items_by_run(db.session)(run_id)) == said
        db.session.delete(summary)
        db.session.flush()
        assert list(failing.items_by_run(db.session)(run_id)) == said
        assert failing.items_by_run(db.session)(10**6) == ()
