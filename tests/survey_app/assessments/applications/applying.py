"""What people of four levels do with an application: each deed for real, and in the model beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from survey_app import settings_of
from survey_app.assessments.applications import overriding, places, service
from survey_app.assessments.applications.models import LEVELS, Application, Override
from survey_app.assessments.judgement import corrections, entering, visiting
from survey_app.assessments.judgement.asked import asked_by
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.models import EvaluationRun
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.errors import JunhengError
from tests.conftest import NOW
from tests.survey_app.assessments.applications.model import Known, Made, Proposed, Request

SCHEME = "shanxi-2022"

#: What people judge: a thing the county's file affirms, and one it denies.
ASKED = (("attestation", "layout"), ("veto", "exam_admission"))

OUTCOMES = ("met", "not_met", "undetermined")

level_ = st.sampled_from(LEVELS)
#: Whoever's turn it is, mostly; otherwise somebody of any level.
turn_ = st.one_of(st.none(), st.none(), st.none(), level_)
#: Two people of each level.
who_ = st.integers(1, 2)


class Applying(RuleBasedStateMachine):
    """People of four levels do what they may and what they may not; nothing is committed."""

    app: Any
    files: tuple[int, ...]
    told_before: int

    def __init__(self):
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.now = NOW
        self.trail: list[tuple[str, str]] = []
        self.sealed: dict[tuple[str, int], tuple] = {}
        self.known = self._opened()
        self.past: list[Known] = []

    def teardown(self):
        db.session.rollback()
        self.context.pop()

    # Each deed is done as a request does it, a minute after the last one.

    def attempt(self, deed: Callable, refused: str | None, *told: tuple[str, str]) -> Any:
        """Do it: all of it, or nothing, as the model expects."""
        self.now += timedelta(minutes=1)
        found, said = tried(deed)
        db.session.expire_all()
        assert said == refused, f"{said}, where the model says {refused}"
        if said is None:
            self.trail += told
        return found

    def over_or(self, level: str, code: str = "application_not_here") -> str | None:
        there = self.known.there
        return "application_over" if there is None else None if there == level else code

    @property
    def application(self) -> Application:
        return db.session.get_one(Application, self.known.id)

    def level(self, turn: str | None) -> str:
        return turn or self.known.there or LEVELS[0]

    def _opened(self) -> Known:
        made = service.open_application(
            db.session, county_code="140522", year=2026, scheme_id=SCHEME, by="county", now=self.now
        )
        self.trail.append(("application.opened", "county"))
        return Known(id=made.id, opened_at=self.now)

    def _noted(self, run: EvaluationRun) -> Made:
        made = Made(
            id=run.id,
            level=run.level,
            at=self.now,
            by=run.made_by,
            file=run.county_file_id,
            knows=self.known.holding(run.level),
            supersedes=run.supersedes_id,
        )
        self.known.runs.append(made)
        return made

    @initialize(levels=st.integers(0, 3))
    def begin_at_a_level(self, levels):
        for _ in range(levels):
            self.pass_on(1)

    @rule(who=who_)
    def pass_on(self, who):
        self.judge(None, who, 0)
        self.sign(None, who, True)

    @rule()
    def apply_again(self):
        state = places.state_of(db.session, self.application)
        refused = "application_under_way" if state in ("under_way", "recognised") else None
        known = self.attempt(self._opened, refused)
        if known:
            self.past.append(self.known)
            self.known = known

    @rule(turn=turn_, who=who_, file=st.integers(0, 2))
    def judge(self, turn, who, file):
        level = self.level(turn)
        by, before = f"{level}-{who}", self.known.newest(level)
        made = self.attempt(
            lambda: service.make_level_run(
                db.session,
                self.application,
                county_file=db.session.get_one(CountyFile, self.files[file]),
                wave=None,
                level=level,
                by=by,
                now=self.now,
            ),
            self.over_or(level),
            ("run.made", by),
        )
        if made:
            assert made.supersedes_id == (before.id if before else None)
            self._noted(made)

    @rule(turn=turn_, who=who_, place=st.sampled_from(ASKED), value=st.sampled_from([True, False, None]))
    def enter(self, turn, who, place, value):
        level = self.level(turn)
        said = self.known.said.setdefault(place, {})
        refused = self.over_or(level, "application_elsewhere")
        if refused is None and value is None and level not in said:
            refused = "judgement_nothing_to_take_back"
        told = [] if level in said and said[level] == value else [("judgement.entered", f"{level}-{who}")]
        if self.attempt(
            lambda: entering.enter(
                db.session,
                self.application,
                asked=asked_by(SCHEME)[place],
                level=level,
                value=value,
                note="依据",
                settings=settings_of(self.app),
                by=f"{level}-{who}",
                now=self.now,
            ),
            refused,
            *told,
        ):
            said[level] = value

    @rule(turn=turn_)
    def visit(self, turn):
        level = self.level(turn)
        if self.attempt(
            lambda: visiting.add_visit(
                db.session,
                self.application,
                level=level,
                visited_on=NOW.date(),
                place="凤城镇",
                school_code=None,
                group="parent",
                interviewed=10,
                satisfied=9,
                by=level,
                now=self.now,
            ),
            self.over_or(level, "application_elsewhere"),
            ("visit.noted", level),
        ):
            self.known.visits[level] = self.known.visits.get(level, 0) + 1

    @precondition(lambda self: self.known.runs)
    @rule(turn=turn_, who=who_, place=st.integers(0, 1), outcome=st.integers(0, 1))
    def propose(self, turn, who, place, outcome):
        level = self.level(turn)
        run = self.known.newest(level)
        by, chosen = f"{level}-{who}", None
        refused = self.over_or(level) or (None if run else "sign_without_run")
        if run is not None:
            computed = overriding.computed_of(db.session.get_one(EvaluationRun, run.id))
            chosen = sorted(computed, key=str)[place]
            others = [each for each in OUTCOMES if each != computed[chosen]["outcome"]]
        if refused is None and any(
            each.level == level and each.place == chosen and each.decided_at is None
            for each in self.known.overrides
        ):
            refused = "override_waits"

        def deed():
            service.hold(db.session, self.application, level=level)
            if run is None:
                raise service.ConflictError("sign_without_run")
            return overriding.propose(
                db.session,
                self.application,
                db.session.get_one(EvaluationRun, run.id),
                place=chosen,
                outcome=others[outcome],
                reason="现场核查，原件为证，登记有误",
                by=by,
                now=self.now,
            )

        made = self.attempt(deed, refused, ("override.proposed", by))
        if made:
            self.known.overrides.append(Proposed(id=made.id, level=level, by=by, place=chosen))

    @precondition(lambda self: self.known.overrides)
    @rule(turn=turn_, who=who_, which=st.integers(0, 3), accepted=st.booleans())
    def decide(self, turn, who, which, accepted):
        level = self.level(turn)
        found = self.known.overrides[-1 - which % len(self.known.overrides)]
        by = f"{level}-{who}"
        refused = self.over_or(level)
        if refused is None and found.level != level:
            refused = "of_another_level"
        elif refused is None and found.decided_at is not None:
            refused = "override_decided"
        elif refused is None and found.by == by:
            refused = "override_own"

        def deed():
            service.hold(db.session, self.application, level=level)
            override = db.session.get_one(Override, found.id)
            overriding.decide(
                db.session, self.application, override, level=level, accepted=accepted, by=by, now=self.now
            )
            return True

        if self.attempt(deed, refused, ("override.decided", by)):
            found.accepted, found.decided_at, found.decided_by = accepted, self.now, by

    @precondition(lambda self: self.known.runs)
    @rule(turn=turn_, days=st.integers(0, 2))
    def ask_for_correction(self, turn, days):
        level, run = self.level(turn), self.known.runs[-1]
        due_on = corrections.today(self.now + timedelta(minutes=1, days=days))
        if self.attempt(
            lambda: corrections.ask(
                db.session,
                self.application,
                level=level,
                about=About(run_id=run.id),
                text="请核对",
                due_on=due_on,
                by=level,
                now=self.now,
            ),
            self.over_or(level, "application_elsewhere"),
            ("correction.asked", level),
        ):
            self.known.requests.append(Request(level=level, run=run, due_on=due_on))

    def _request(self, which: int) -> tuple[Request, Any]:
        number = len(self.known.requests) - which % len(self.known.requests)
        return (
            self.known.requests[number - 1],
            lambda: corrections.correction_of(db.session, self.application, number),
        )

    @precondition(lambda self: self.known.requests)
    @rule(which=st.integers(0, 2), file=st.one_of(st.none(), st.integers(0, 2)))
    def answer_correction(self, which, file):
        request, correction = self._request(which)
        latest = self.known.successor(request.run)
        file_id = None if file is None else self.files[file]
        shares = file_id is not None and latest.file == file_id
        refused = "application_over" if self.known.there is None else None
        if refused is None and (request.answered or request.decided is not None):
            refused = "correction_answered"
        if refused is None and file_id is not None:
            if self.known.there != request.level:
                refused = "correction_elsewhere"
            elif file_id <= request.run.file:
                refused = "correction_file_not_newer"
        told = [("correction.answered", "county")]
        if file_id is not None and not shares:
            told.insert(0, ("run.made", "county"))

        def deed():
            made = corrections.answer(
                db.session,
                self.application,
                correction(),
                text="已核对",
                county_file=db.session.get_one(CountyFile, file_id) if file_id else None,
                by="county",
                now=self.now,
            )
            return made or True

        made = self.attempt(deed, refused, *told)
        if made:
            request.answered = True
            if file_id is not None and not shares:
                assert made.supersedes_id == latest.id
                self._noted(made)

    @precondition(lambda self: self.known.requests)
    @rule(turn=turn_, which=st.integers(0, 2), accepted=st.booleans())
    def decide_correction(self, turn, which, accepted):
        level = self.level(turn)
        request, correction = self._request(which)
        refused = None
        if request.level != level:
            refused = "of_another_level"
        elif self.known.there is None:
            refused = "application_over"
        elif request.decided is not None:
            refused = "correction_decided"
        elif accepted and not request.answered:
            refused = "correction_unanswered"

        def deed():
            corrections.decide(
                db.session,
                self.application,
                correction(),
                level=level,
                accepted=accepted,
                by=level,
                now=self.now,
            )
            return True

        if self.attempt(deed, refused, ("correction.decided", level)):
            request.decided = accepted

    @rule(turn=turn_, who=who_, newest=st.sampled_from([True, True, True, False]))
    def sign(self, turn, who, newest):
        level = self.level(turn)
        own = [each for each in self.known.runs if each.level == level]
        run_id = own[-1 if newest else 0].id if own else 0
        refused = self.over_or(level) or self.known.hindrance(level, own[-1] if own else None, run_id)
        by = f"{level}-{who}"
        if self.attempt(
            lambda: service.sign(
                db.session, self.application, run_id=run_id, level=level, by=by, name=by, now=self.now
            ),
            refused,
            ("application.signed", by),
        ):
            self._stepped(level, "signed", run_id, by)

    @rule(turn=turn_, who=who_)
    def send_back(self, turn, who):
        level = self.level(turn)
        refused = self.over_or(level) or ("return_from_first" if level == LEVELS[0] else None)
        own, by = self.known.newest(level), f"{level}-{who}"
        fresh = own is not None and own.at >= self.known.since
        if self.attempt(
            lambda: service.return_(
                db.session, self.application, level=level, reason="请补充", by=by, name=by, now=self.now
            ),
            refused,
            ("application.returned", by),
        ):
            self._stepped(level, "returned", own.id if fresh else self.known.steps[-1][2], by)

    def _stepped(self, level: str, action: str, run_id: int, by: str) -> None:
        self.known.steps.append((level, action, run_id, by, self.now))
        step = self.application.steps[-1]
        for table, key in (("application_step", step.id), ("evaluation_run", run_id)):
            self.sealed.setdefault((table, key), row(table, key))

    @precondition(lambda self: len(self.known.steps) > 5 or self.known.there is None)
    @rule()
    def withdraw(self):
        refused = "application_over" if self.known.there is None else None
        if self.attempt(
            lambda: (
                service.withdraw(db.session, self.application, reason="另行申请", by="county", now=self.now)
                or True
            ),
            refused,
            ("application.withdrawn", "county"),
        ):
            self.known.withdrawn = True

    @rule(days=st.integers(1, 3))
    def days_pass(self, days):
        self.now += timedelta(days=days)

    @precondition(lambda self: self.sealed)
    @rule(which=st.integers(0, 9), gone=st.booleans())
    def tamper(self, which, gone):
        table, key = sorted(self.sealed)[which % len(self.sealed)]
        deed = f"DELETE FROM {table}" if gone else f"UPDATE {table} SET level = 'recognition'"
        with pytest.raises(sa.exc.DBAPIError, match="is sealed"), db.session.begin_nested():
            db.session.execute(sa.text(f"{deed} WHERE id = {key}"))


def tried(deed: Callable) -> tuple[Any, str | None]:
    """What a deed gives, done whole or not at all, or the code of its refusal."""
    try:
        with db.session.begin_nested():
            return deed(), None
    except JunhengError as refused:
        return None, refused.code


def row(table: str, key: int) -> tuple:
    """A row of *table* as it is stored."""
    return tuple(db.session.execute(sa.text(f"SELECT * FROM {table} WHERE id = {key}")).one())
