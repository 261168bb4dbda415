"""Pages of the telephone room as they are put together: their forms, their figures, their words."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from survey_app import clock
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.fieldwork.frames.contacts import Person
from survey_app.fieldwork.models import PhoneCase
from survey_app.fieldwork.telephone import back_checks, board, calling, cases, giving
from survey_app.fieldwork.telephone.forms import (
    AssignForm,
    CasesForm,
    DecisionForm,
    FindingForm,
    OutcomeForm,
    SeedForm,
)
from survey_app.fieldwork.telephone.rules import call_rules
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

_SEED_BYTES = 16


def case_page(
    case: PhoneCase, *, form: OutcomeForm | None = None, person: Person | None = None, typed: str = ""
) -> str:
    """The interviewer's page of a case in hand."""
    return render_template(
        "fieldwork/telephone/case.html",
        case=case,
        wave=case.invitation.wave,
        group=GROUPS[case.invitation.batch.group].label.in_language(reader_language()),
        answered=cases.is_answered(db.session, case),
        form=form or outcome_form(filled=request.method == "GET"),
        person=person,
        typed=typed,
        public_url=settings_of(current_app).public_url,
        attempts=calling.attempts_of(db.session, case),
        appointment=calling.appointment_of(db.session, case),
        hours=call_rules().hours_on(clock.now()),
        **words(),
    )


def outcome_form(*, filled: bool = True) -> OutcomeForm:
    """The form as it was sent; empty where another form of the page was."""
    form = OutcomeForm() if filled else OutcomeForm(formdata=None)
    words = calling.labels(reader_language())
    form.outcome.choices = [
        SelectChoice(each.id, words[each.id]) for each in call_rules().outcomes.values() if each.chosen
    ]
    if request.method == "GET" and request.args.get("outcome") in words:
        form.outcome.data = request.args["outcome"]
    return form


def form_of_cases(wave: Wave, *, filled: bool = True) -> CasesForm:
    """The form that makes cases, with the groups that have somebody to call."""
    form = CasesForm() if filled else CasesForm(formdata=None)
    form.groups.choices = [
        (
            group,
            _("%(group)s（可打 %(n)d 人）", group=GROUPS[group].label.in_language(reader_language()), n=n),
        )
        for group, n in giving.callable_people(db.session, wave, call_rules().groups).items()
        if n
    ]
    return form


def form_of_giving(wave: Wave, *, filled: bool = True) -> AssignForm:
    """The form that gives cases out or takes them back."""
    form = AssignForm() if filled else AssignForm(formdata=None)
    form.interviewer.choices = [SelectChoice("0", _("请选择")), *team_choices(wave)]
    return form


def decision_form(wave: Wave, *, filled: bool = True) -> DecisionForm:
    """The supervisor's form for a case."""
    form = DecisionForm() if filled else DecisionForm(formdata=None)
    form.interviewer.choices = [SelectChoice("0", _("谁有空谁打")), *team_choices(wave)]
    return form


def board_page(
    wave: Wave, *, cases_form: CasesForm | None = None, assign_form: AssignForm | None = None
) -> str:
    """The supervisor's board."""
    now, rules = clock.now(), call_rules()
    found = board.lines(db.session, wave, rules)
    team = giving.interviewers_of(db.session, wave.county_code, now=now)
    n = board.by_state(found)
    return render_template(
        "fieldwork/telephone/board.html",
        wave=wave,
        n=n,
        open=sum(n[state] for state in board.OPEN),
        total=len(found),
        pool=sum(line.assigned_to is None and line.state in board.OPEN for line in found),
        work=board.work_of(db.session, wave, found, team, rules, now=now),
        due=board.due(found),
        overdue=lambda line: board.is_overdue(line, rules, now=now),
        checks=back_checks.findings(db.session, wave),
        takes_answers=wave.takes_answers(now),
        cases_form=cases_form or form_of_cases(wave, filled=False),
        assign_form=assign_form or form_of_giving(wave, filled=False),
        names=names(wave),
        states=states(),
        rules=rules,
        **words(),
    )


def review_page(
    case: PhoneCase,
    *,
    form: DecisionForm | None = None,
    finding_form: FindingForm | None = None,
    person: Person | None = None,
) -> str:
    """A case as its supervisor sees it."""
    wave, rules = case.invitation.wave, call_rules()
    line = next(each for each in board.lines(db.session, wave, rules) if each.case_id == case.id)
    return render_template(
        "fieldwork/telephone/review.html",
        case=case,
        wave=wave,
        line=line,
        is_open=line.state in board.OPEN,
        person=person,
        form=form or decision_form(wave, filled=False),
        check=back_checks.find(db.session, case.id),
        finding_form=finding_form or FindingForm(formdata=None),
        attempts=calling.attempts_of(db.session, case),
        names=names(wave),
        states=states(),
        **words(),
    )


def back_checks_page(wave: Wave, *, form: SeedForm | None = None) -> str:
    """The back-checks of a wave."""
    rules = call_rules()
    interviews = len(back_checks.interviews_of(db.session, wave))
    checks = back_checks.checks_of(db.session, wave)
    return render_template(
        "fieldwork/telephone/back_checks.html",
        wave=wave,
        checks=checks,
        found=back_checks.findings(db.session, wave),
        interviews=interviews,
        missing=max(0, back_checks.wanted(rules, interviews) - len(checks)),
        share=rules.back_check_share,
        fewest=rules.back_check_fewest,
        form=form or SeedForm(formdata=None, seed=secrets.token_hex(_SEED_BYTES)),
        **words(),
    )


def names(wave: Wave) -> dict[int, str]:
    """The county's interviewers by number."""
    team = giving.interviewers_of(db.session, wave.county_code, now=clock.now())
    return {user.id: user.name for user in team}


def team_choices(wave: Wave) -> list[SelectChoice]:
    """The county's interviewers, to choose one of."""
    return [SelectChoice(str(user_id), name) for user_id, name in names(wave).items()]


def words() -> Mapping[str, Any]:
    """Words that most pages of the room need."""
    language = reader_language()
    return {
        "outcomes": calling.labels(language),
        "groups": {each.id: each.label.in_language(language) for each in GROUPS.values()},
    }


def states() -> dict[str, str]:
    """Where a case can stand, in words."""
    return {
        "in_hand": _("正在打"),
        "agreed": _("已约时间"),
        "fresh": _("还没打过"),
        "again": _("待再打"),
        "referred": _("等您处理"),
        "unreachable": _("没有可用的号码"),
        "complete": _("电话完成"),
        "online": _("网上已答"),
        "refused": _("拒绝"),
        "ended": _("未能完成"),
        "withdrawn": _("已撤回"),
    }
