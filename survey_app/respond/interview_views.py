"""The interviewer's answering page: consent first, then the same questionnaire, read out."""

from dataclasses import replace

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.config import settings_of
from survey_app.db import db
from survey_app.errors import ForbiddenError
from survey_app.fieldwork.models import PhoneCase
from survey_app.fieldwork.telephone import cases
from survey_app.fieldwork.telephone.rules import call_rules
from survey_app.messages import sentence
from survey_app.respond import interviewing, paging, service
from survey_app.respond.ticket import LANGUAGES, Carried, Ticket, open_pair
from survey_app.security import authorise, regions_for, require_login
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.seeing import authorise_wave

bp = Blueprint("interview", __name__, url_prefix="/interview")
bp.before_request(require_login)

#: A form field of an item is named by this and the item's id.
_FIELD = "a."

#: Longest name of a draft that is asked to be erased.
_LONGEST_NAME = 40


@bp.get("/<int:case_id>")
def show(case_id: int) -> str:
    """Who is calling and why, to be read out; the questionnaire begins when the person agrees."""
    case = _held(case_id)
    wave = case.invitation.wave
    group = case.invitation.batch.group
    return render_template(
        "respond/interview.html",
        case=case,
        answered=cases.is_answered(db.session, case),
        **_opening(wave, group, _language()),
    )


@bp.post("/<int:case_id>/begin")
def begin(case_id: int) -> str:
    """The person agreed: begin, or take up again, and show the first page."""
    case = _held(case_id)
    ticket = interviewing.begin(
        db.session, case, _forms(), language=request.form.get("language", ""), now=clock.now()
    )
    db.session.commit()
    questionnaire = _forms().get(db.session, ticket.version_id)
    return _question_page(case, ticket, paging.start(questionnaire, ticket.group))


@bp.post("/<int:case_id>/answer")
def answer(case_id: int) -> Response | str | tuple[str, int]:
    """Turn the page; on the last one, take the answer and record the interview."""
    case = _own(case_id)
    ticket, carried = open_pair(
        settings_of(current_app).ticket_key, request.form.get("ticket"), request.form.get("carried")
    )
    ticket = interviewing.of_case(db.session, case, ticket, _forms(), now=clock.now())
    db.session.commit()
    sent = {
        name.removeprefix(_FIELD): values for name, values in request.form.lists() if name.startswith(_FIELD)
    }
    questionnaire = _forms().get(db.session, ticket.version_id)
    go = request.form.get("go", paging.NEXT)
    turned = paging.turn(questionnaire, ticket.group, carried, sent, go=go)
    if not turned.complete:
        page = _question_page(case, ticket, turned)
        return (page, 422) if turned.problems else page
    submitted = interviewing.submit(
        db.session, case, ticket, turned.answers, _forms(), by=current_user.login, now=clock.now()
    )
    db.session.commit()
    if submitted.outcome == "refused":
        return _question_page(case, ticket, replace(turned, problems=submitted.problems)), 422
    draft = ticket.draft_key(settings_of(current_app).ticket_key)
    used = "1" if submitted.outcome == "used" else None
    return redirect(url_for("interview.done", draft=draft, used=used), 303)


@bp.get("/done")
def done() -> str:
    """Say that the answer is in, or that the person's own was there first; nothing of it is shown."""
    if not regions_for("phone.work"):
        raise ForbiddenError
    return render_template(
        "respond/interview_done.html",
        draft=request.args.get("draft", "")[:_LONGEST_NAME],
        used="used" in request.args,
    )


@bp.get("/script/<int:wave_id>")
def script(wave_id: int) -> str:
    """What interviewers read out to one group in one language, question by question."""
    wave = surveys.get_wave(db.session, wave_id)
    authorise_wave("phone.supervise", wave)
    group = request.args.get("group", "")
    callable_groups = call_rules().groups
    group = group if group in callable_groups else callable_groups[0]
    language = request.args.get("language", "")
    language = language if language in LANGUAGES else _language()
    questionnaire = surveys.form_of(db.session, wave, group)[1]
    return render_template(
        "respond/interview_script.html",
        group_id=group,
        language=language,
        sections=questionnaire.sections_for(group),
        conditions=_conditions(questionnaire, group, language),
        names={"county": wave.county.name},
        labels={each: GROUPS[each].label.in_language(_language()) for each in callable_groups},
        **_opening(wave, group, language),
    )


def _own(case_id: int) -> PhoneCase:
    """The interviewer's own case; another's looks like one that does not exist."""
    case = cases.get_case(db.session, case_id)
    authorise("phone.work", case.invitation.wave.county_code)
    cases.require_own(case, int(current_user.id))
    return case


def _held(case_id: int) -> PhoneCase:
    case = _own(case_id)
    cases.require_in_hand(case)
    return case


def _opening(wave: Wave, group: str, language: str) -> dict[str, object]:
    return {
        "wave": wave,
        "group": GROUPS[group].label.in_language(language),
    }


def _conditions(questionnaire: Questionnaire, group: str, language: str) -> dict[str, list[str]]:
    """When each conditional item is put, in words: id of the item -> conditions."""
    numbers = {item.id: number for number, item in enumerate(questionnaire.items_for(group), start=1)}
    owners = questionnaire.keys_for(group)
    said: dict[str, list[str]] = {}
    for item in questionnaire.items_for(group):
        for condition in item.when:
            if condition.item not in owners:
                continue
            n = numbers[owners[condition.item].id]
            codes = questionnaire.deciding_codes(condition)
            texts = [
                option.text.in_language(language)
                for option in questionnaire.part(condition.item).options
                if codes is not None and option.code in codes
            ]
            words = _("第 %(n)d 题答“%(answers)s”时才问", n=n, answers=_("”或“").join(texts))
            said.setdefault(item.id, []).append(words if texts else _("视第 %(n)d 题的回答而定", n=n))
    return said


def _question_page(case: PhoneCase, ticket: Ticket, turned: paging.Turn) -> str:
    key = settings_of(current_app).ticket_key
    questionnaire = _forms().get(db.session, ticket.version_id)
    page = review = None
    if turned.review:
        review = paging.review(questionnaire, ticket.group, turned)
    else:
        seed = ticket.order_seed if questionnaire.is_shuffled else None
        page = paging.lay_out(questionnaire, ticket.group, turned, seed=seed)
    carried = Carried(nonce=ticket.nonce).at(
        turned.page, turned.carried_answers, page.offered if page else ()
    )
    with force_locale(ticket.language):
        return render_template(
            "respond/interview_questions.html",
            case=case,
            locale=ticket.language,
            ticket=ticket,
            sealed_ticket=ticket.seal(key),
            carried=carried.seal(key),
            draft=ticket.draft_key(key),
            group=GROUPS[ticket.group].label.in_language(ticket.language),
            names={"county": ticket.county, "school": ticket.school},
            page=page,
            review=review,
            turned=turned,
            field=_FIELD,
            aloud=True,
            sentence=sentence,
        )


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh_CN"


def _forms() -> service.Forms:
    return current_app.extensions["junheng-forms"]
