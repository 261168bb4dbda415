"""Pages of the telephone room: the interviewer's desk and cases, the supervisor's board and back-checks."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ForbiddenError
from survey_app.fieldwork.models import PhoneCase
from survey_app.fieldwork.telephone import back_checks, board, calling, cases, giving, pages
from survey_app.fieldwork.telephone.forms import (
    FindingForm,
    SeedForm,
)
from survey_app.fieldwork.telephone.rules import UnfitTimeError, call_rules
from survey_app.home import note
from survey_app.messages import sentence
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language
from survey_app.surveys.seeing import authorise_wave, waves_seen

bp = Blueprint("telephone", __name__, url_prefix="/telephone")
bp.before_request(require_login)

#: Cases that a list shows at once.
_MOST = 500


# ---- the interviewer


@bp.get("/desk")
def desk() -> str:
    """The interviewer's own place: the case in hand, agreed times, how many wait."""
    scopes = regions_for("phone.work")
    if not scopes:
        raise ForbiddenError
    now, rules, me = clock.now(), call_rules(), int(current_user.id)
    mine = cases.own_cases(db.session, me)
    return render_template(
        "fieldwork/telephone/desk.html",
        in_hand=cases.in_hand(db.session, me),
        waiting=len(cases.queue(db.session, me, scopes, rules, now=now)),
        mine=mine,
        appointments=cases.appointments_of(db.session, mine),
        calling_now=rules.slot_at(now) is not None,
        hours=rules.hours_on(now),
        **pages.words(),
    )


@bp.post("/next")
def take_up_next() -> Response:
    """Take up the case that the rules put first."""
    scopes = regions_for("phone.work")
    if not scopes:
        raise ForbiddenError
    rules, now = call_rules(), clock.now()
    case = cases.take_up_next(db.session, int(current_user.id), scopes, rules, now=now)
    db.session.commit()
    if case is None:
        resting = rules.slot_at(now) is None
        note(sentence("call_hours", hours=rules.hours_on(now)) if resting else _("现在没有要打的电话。"))
        return redirect(url_for("telephone.desk"), 303)
    return redirect(url_for("telephone.show", case_id=case.id), 303)


@bp.get("/case/<int:case_id>")
def show(case_id: int) -> str:
    """The case in hand: what was tried, what comes next, how to say what came of the call."""
    return pages.case_page(_own(case_id))


@bp.post("/case/<int:case_id>/number")
def number(case_id: int) -> str:
    """Show whom to call; that it was looked at is noted."""
    case = _held(case_id)
    settings, now = settings_of(current_app), clock.now()
    person = calling.open_number(
        db.session, case, settings.personal_key, call_rules(), by=current_user.login, now=now
    )
    db.session.commit()
    return pages.case_page(case, person=person)


@bp.post("/case/<int:case_id>/code")
def code(case_id: int) -> str:
    """Show the person's own code, to be read out to whoever would rather answer online."""
    case = _held(case_id)
    settings = settings_of(current_app)
    typed = calling.open_code(db.session, case, settings.code_key, by=current_user.login, now=clock.now())
    db.session.commit()
    return pages.case_page(case, typed=typed)


@bp.post("/case/<int:case_id>/outcome")
def outcome(case_id: int) -> Response | tuple[str, int]:
    """Record what came of the call and let go of the case."""
    case = _held(case_id)
    form = pages.outcome_form()
    if not form.validate_on_submit():
        return pages.case_page(case, form=form), 422
    if calling.is_over(db.session, case):
        db.session.commit()
        note(sentence("case_answered"))
        return redirect(url_for("telephone.desk"), 303)
    chosen = form.outcome.data or ""
    try:
        calling.record_call(
            db.session,
            case,
            chosen,
            by=current_user.login,
            now=clock.now(),
            again_at=form.again_at,
            agreed=bool(form.agreed.data),
            remark=form.remark.data or "",
        )
    except UnfitTimeError as error:
        form.day.errors = [sentence(error.code, **error.facts)]  # ty: ignore[invalid-assignment]
        return pages.case_page(case, form=form), 422
    db.session.commit()
    note(_("已记录：%(outcome)s。", outcome=calling.labels(reader_language())[chosen]))
    return redirect(url_for("telephone.desk"), 303)


# ---- the supervisor


@bp.get("/")
def index() -> str:
    """The county's waves with how many people are still to be called."""
    if not regions_for("phone.supervise"):
        raise ForbiddenError
    waves = [wave for wave in waves_seen(db.session, "phone.supervise") if wave.drawn_at is not None]
    return render_template(
        "fieldwork/telephone/index.html", waves=waves, waiting=board.cases_waiting(db.session, waves)
    )


@bp.get("/<int:wave_id>")
def show_board(wave_id: int) -> str:
    """The supervisor's board."""
    return pages.board_page(_wave(wave_id))


@bp.post("/<int:wave_id>/cases")
def make_cases(wave_id: int) -> Response | tuple[str, int]:
    """Make cases for everybody of some groups who has not answered."""
    wave = _wave(wave_id)
    form = pages.form_of_cases(wave)
    if not form.validate_on_submit():
        return pages.board_page(wave, cases_form=form), 422
    made = giving.make_cases(
        db.session,
        wave,
        groups=form.groups.data or [],
        starts=form.starts_at,
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(
        _("新增 %(n)d 个电话个案。", n=made)
        if made
        else _("没有新增：选中的对象都已作答、已有个案，或没有联系电话。")
    )
    return redirect(url_for("telephone.show_board", wave_id=wave.id), 303)


@bp.post("/<int:wave_id>/assign")
def assign(wave_id: int) -> Response | tuple[str, int]:
    """Give cases to interviewers, or take them back."""
    wave = _wave(wave_id)
    form = pages.form_of_giving(wave)
    if not form.validate_on_submit():
        return pages.board_page(wave, assign_form=form), 422
    now, by = clock.now(), current_user.login
    team = {user.id: user for user in giving.interviewers_of(db.session, wave.county_code, now=now)}
    groups = call_rules().groups
    if form.way.data == "evenly":
        done = giving.assign_evenly(db.session, wave, to=list(team.values()), groups=groups, by=by, now=now)
    elif form.interviewer.data not in team:
        form.interviewer.errors = [_("请选一名访问员")]  # ty: ignore[invalid-assignment]
        return pages.board_page(wave, assign_form=form), 422
    elif form.way.data == "one":
        user = team[form.interviewer.data]
        done = giving.assign(db.session, wave, to=user, n=form.n.data, groups=groups, by=by, now=now)
    else:
        user = team[form.interviewer.data]
        done = giving.take_back(
            db.session, wave, user=user, n=form.n.data, rules=call_rules(), by=by, now=now
        )
    db.session.commit()
    note(
        _("已收回 %(n)d 个个案。", n=done) if form.way.data == "back" else _("已分配 %(n)d 个个案。", n=done)
    )
    return redirect(url_for("telephone.show_board", wave_id=wave.id), 303)


@bp.get("/<int:wave_id>/cases")
def list_cases(wave_id: int) -> str:
    """The cases of a wave, of one state or one interviewer where asked; no names."""
    wave = _wave(wave_id)
    found = board.lines(db.session, wave, call_rules())
    state, who = request.args.get("state", ""), request.args.get("who", "")
    if state in board.STATES:
        found = [line for line in found if line.state == state]
    if who.isascii() and who.isdigit():
        found = [line for line in found if line.assigned_to == int(who)]
    return render_template(
        "fieldwork/telephone/cases.html",
        wave=wave,
        lines=found[:_MOST],
        n=len(found),
        state=state if state in board.STATES else "",
        names=pages.names(wave),
        states=pages.states(),
        **pages.words(),
    )


@bp.get("/case/<int:case_id>/review")
def review(case_id: int) -> str:
    """A case as its supervisor sees it: calls, outcomes, what to decide."""
    return pages.review_page(_supervised(case_id))


@bp.post("/case/<int:case_id>/review-number")
def review_number(case_id: int) -> str:
    """Show the supervisor whom a case is about; that it was looked at is noted."""
    case = _supervised(case_id)
    key = settings_of(current_app).personal_key
    person = calling.open_contact(
        db.session, case, key, by=current_user.login, now=clock.now(), checking=True
    )
    db.session.commit()
    return pages.review_page(case, person=person)


@bp.post("/case/<int:case_id>/decide")
def decide(case_id: int) -> Response | tuple[str, int]:
    """Decide about a case."""
    case = _supervised(case_id)
    wave = case.invitation.wave
    form = pages.decision_form(wave)
    if not form.validate_on_submit():
        return pages.review_page(case, form=form), 422
    now = clock.now()
    team = {user.id: user for user in giving.interviewers_of(db.session, wave.county_code, now=now)}
    calling.decide(
        db.session,
        case,
        form.decision.data or "",
        to=team.get(form.interviewer.data),
        by=current_user.login,
        now=now,
        remark=form.remark.data or "",
    )
    db.session.commit()
    note(_("已处理。"))
    return redirect(url_for("telephone.show_board", wave_id=wave.id), 303)


@bp.get("/<int:wave_id>/back-checks")
def list_back_checks(wave_id: int) -> str:
    """The interviews that were drawn to be checked, and what the checks found."""
    return pages.back_checks_page(_wave(wave_id))


@bp.post("/<int:wave_id>/back-checks")
def draw_back_checks(wave_id: int) -> Response | tuple[str, int]:
    """Draw interviews until the declared share of them is drawn."""
    wave = _wave(wave_id)
    form = SeedForm()
    if not form.validate_on_submit():
        return pages.back_checks_page(wave, form=form), 422
    drawn = back_checks.draw(
        db.session,
        wave,
        call_rules(),
        seed=(form.seed.data or "").strip(),
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    note(_("抽中 %(n)d 份访问，请逐一回访。", n=drawn))
    return redirect(url_for("telephone.list_back_checks", wave_id=wave.id), 303)


@bp.post("/case/<int:case_id>/back-check")
def back_check(case_id: int) -> Response | tuple[str, int]:
    """Record what a back-check found."""
    case = _supervised(case_id)
    check = back_checks.check_of(db.session, case.id)
    form = FindingForm()
    if not form.validate_on_submit():
        return pages.review_page(case, finding_form=form), 422
    more = back_checks.record_finding(
        db.session,
        check,
        form.finding.data or "",
        remark=form.remark.data or "",
        by=current_user.login,
        now=clock.now(),
    )
    db.session.commit()
    if form.finding.data == "denied":
        note(_("已记录否认。同一访问员的另外 %(n)d 份访问已全部列入回访。", n=more))
    else:
        note(_("回访结果已记录。"))
    return redirect(url_for("telephone.list_back_checks", wave_id=case.wave_id), 303)


# ---- parts of the pages


def _wave(wave_id: int) -> Wave:
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave("phone.supervise", wave)
    return wave


def _own(case_id: int) -> PhoneCase:
    """The interviewer's own case; another's looks like one that does not exist."""
    case = cases.get_case(db.session, case_id)
    authorise("phone.work", case.invitation.wave.county_code)
    cases.require_own(case, int(current_user.id))
    return case


def _held(case_id: int) -> PhoneCase:
    """The interviewer's own case, in hand until the request ends: a button pressed twice does one thing."""
    case = _own(case_id)
    cases.hold(db.session, case)
    cases.require_own(case, int(current_user.id))
    cases.require_in_hand(case)
    return case


def _supervised(case_id: int) -> PhoneCase:
    case = cases.get_case(db.session, case_id)
    authorise("phone.supervise", case.invitation.wave.county_code)
    return case
