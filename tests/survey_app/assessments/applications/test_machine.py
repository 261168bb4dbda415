"""Applications on their way through four levels, in any order, against a model of a few lines."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from survey_app import audit
from survey_app.assessments import judging, runs
from survey_app.assessments.applications import places, service
from survey_app.assessments.applications.models import Application, ApplicationStep, Override
from survey_app.assessments.applications.seal_checks import broken_step
from survey_app.assessments.checking import check_run, verdict_on
from survey_app.assessments.exported_run import export
from survey_app.assessments.judgement import corrections
from survey_app.assessments.models import EvaluationRun
from survey_app.audit import AuditEntry
from survey_app.counties.models import CountyFile
from survey_app.db import db
from tests.factories import make_county_file, small_county
from tests.lengths import runs as lengths
from tests.survey_app.assessments.applications.applying import Applying, row, tried
from tests.survey_app.assessments.applications.model import Known
from tests.survey_app.assessments.judgement.applied import newer_file


class Holding(Applying):
    """What holds after each deed, and of every signature at the end."""

    def teardown(self):
        try:
            for known in [*self.past, self.known]:
                self._check_seals(known)
        finally:
            super().teardown()

    @invariant()
    def what_was_signed_stays(self):
        for (table, key), kept in self.sealed.items():
            assert row(table, key) == kept

    @invariant()
    def the_trail_tells_of_every_deed_and_of_nothing_else(self):
        rows = db.session.execute(
            sa.select(AuditEntry.action, AuditEntry.actor)
            .where(AuditEntry.number > self.told_before)
            .order_by(AuditEntry.number)
        )
        assert [tuple(each) for each in rows] == self.trail

    @invariant()
    def each_level_signs_what_it_made_itself_while_it_lay_there(self):
        known, came = self.known, self.known.opened_at
        made = {each.id: each for each in known.runs}
        steps = db.session.scalars(
            sa.select(ApplicationStep)
            .where(ApplicationStep.application_id == known.id)
            .order_by(ApplicationStep.number)
        ).all()
        assert [(s.level, s.action, s.run_id, s.made_by, s.made_at) for s in steps] == known.steps
        for level, action, run_id, _by, at in known.steps:
            if action == "signed":
                assert made[run_id].level == level
                assert came <= made[run_id].at <= at
            came = at

    @invariant()
    def nobody_decides_what_they_proposed(self):
        for each in db.session.scalars(sa.select(Override)):
            assert each.decided_by != each.proposed_by
        for text in db.session.scalars(sa.select(EvaluationRun.overrides)):
            assert all(each["decided_by"] != each["proposed_by"] for each in json.loads(text))

    @invariant()
    def it_lies_where_the_model_says(self):
        known, application = self.known, self.application
        assert places.current_level(application) == known.there
        here = [each.level for each in places.standings(application) if each.state == "here"]
        assert here == ([known.there] if known.there else [])
        if known.there is not None:
            assert places.state_of(db.session, application) == "under_way"
            run = known.newest(known.there)
            expected = known.hindrance(known.there, run, run.id if run else 0)
            found, said = tried(lambda: service.run_to_sign(db.session, application, level=known.there))
            assert said == expected
            assert found is None or found.id == run.id
        on = corrections.today(self.now)
        standing = corrections.corrections_of(db.session, application, on=on)
        states = {each.correction.number: each.state for each in standing}
        assert states == {n: each.state(on) for n, each in enumerate(known.requests, start=1)}

    def _check_seals(self, known: Known) -> None:
        db.session.expire_all()
        application = db.session.get_one(Application, known.id)
        assert broken_step(db.session, application) is None
        cited = [db.session.get_one(EvaluationRun, step[2]) for step in known.steps]
        assert all(runs.verify(run).holds for run in cited)
        if cited:
            assert verdict_on(check_run(export(db.session, cited[-1]).encode("utf-8")))


class _Unasked:
    """How firm a verdict is takes most of the work of a run, and concerns no application."""

    @staticmethod
    def document(_lang: str) -> dict[str, Any]:
        return {}


@pytest.fixture(autouse=True)
def _firmness_unasked(monkeypatch):
    monkeypatch.setattr(judging, "sensitivity", lambda _verdict: _Unasked)


def machine_on(app) -> type[Holding]:
    """The machine on a county with three versions of its file."""
    with app.app_context():
        few = {"schools": small_county()["schools"][:2]}
        make_county_file({**small_county(), **few})
        for number in (1, 2):
            newer_file(**few, attestations={"layout": {"met": number == 1}})
        files = tuple(db.session.scalars(sa.select(CountyFile.id).order_by(CountyFile.id)))
        told = audit.length(db.session)
        db.session.commit()
    return type("Holding", (Holding,), {"app": app, "files": files, "told_before": told})


CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "print_blob": False}

#: The first sight of a bug is enough.
HASTY = {**CALM, "phases": (Phase.generate,), "derandomize": True, "report_multiple_bugs": False}


def test_four_levels_and_the_model_agree(app):
    run_state_machine_as_test(
        machine_on(app), settings=settings(**CALM, max_examples=lengths(14, 600), stateful_step_count=40)
    )


def _signs_what_another_level_made(session, application, *, level):
    made = places.runs_of(session, application)
    return made[0] if made else RUN_TO_SIGN(session, application, level=level)


RUN_TO_SIGN = service.run_to_sign

#: Bugs to be found: what is made worse.
PLANTED: dict[str, Callable[[], AbstractContextManager]] = {
    "a level signs another level's run": lambda: mock.patch.object(
        service, "run_to_sign", _signs_what_another_level_made
    ),
    "an open request for correction is passed over": lambda: mock.patch.object(
        service, "open_corrections", return_value=[]
    ),
    "a signature leaves no row in the trail": lambda: mock.patch.object(service, "_record"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_the_machine_finds_what_is_planted(app, bug):
    machine = machine_on(app)
    with PLANTED[bug](), pytest.raises((AssertionError, sa.exc.IntegrityError)):
        run_state_machine_as_test(
            machine, settings=settings(**HASTY, max_examples=200, stateful_step_count=30)
        )
