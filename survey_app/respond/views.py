"""The public pages: a card is opened, a questionnaire begun, answered page by page and submitted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from survey_app import clock
from survey_app.db import db
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.fieldwork import entries
from survey_app.fieldwork.codes import MistypedCodeError
from survey_app.languages import chosen, locale_of
from survey_app.messages import sentence
from survey_app.respond import paging, service
from survey_app.respond.kept_pages import KeptPages, slot
from survey_app.respond.shortcut import (
    FIELD,
    THANKS,
    Shortcut,
    question_page,
    question_slots,
    start_page,
    turn,
)
from survey_app.respond.ticket import Landing, Ticket, TicketError, Typing, open_pair
from survey_app.security import csrf
from survey_app.surveys.groups import GROUPS

bp = Blueprint("respond", __name__)

#: Largest body that is read; beyond it the answer is a plain refusal.
_LARGEST_BODY = 4 * 1024 * 1024

#: For how long a phone keeps the size of letters that was chosen.
_SIZE_SECONDS = 365 * 24 * 3600

_FORMS = "junheng-forms"
_PAGES = "junheng-pages"


@bp.before_request
def limit_body() -> None:
    """Read no more than a long comment needs."""
    request.max_content_length = _LARGEST_BODY
    request.max_form_memory_size = _LARGEST_BODY


@bp.context_processor
def size_of_letters() -> dict[str, object]:
    """Whether letters are large, for every page."""
    return {"large": (_chosen_size() or request.cookies.get("size")) == "large"}


@bp.after_request
def remember_size(response: Response) -> Response:
    """Keep the size of letters that was asked for; a script may change it too, so it may read the cookie."""
    chosen = _chosen_size()
    if chosen in {"large", "usual"}:
        response.set_cookie("size", chosen, max_age=_SIZE_SECONDS, samesite="Lax")
    return response


@bp.get("/c/<token>")
def open_card(token: str) -> Response:
    """Take the code out of the address at once; nothing is spent, since link previews come here too."""
    landing = service.arrive_by_address(db.session, _settings().code_key, token, now=clock.now())
    return redirect(_start_address(landing), 303)


@bp.get("/code")
def type_code() -> Response:
    """Ask for the code as it is printed."""
    return _code_form()


@bp.post("/code")
def find_code() -> Response | tuple[Response, int]:
    """Open the card whose code was typed, or say what is wrong with it."""
    Typing.open(_settings().ticket_key, request.form.get("ticket"))
    typed = request.form.get("code", "")[:64]
    try:
        landing = service.arrive(db.session, _settings().code_key, typed, now=clock.now())
    except MistypedCodeError as error:
        return _code_form(typed, sentence(error.code, **error.facts)), error.status
    except NotFoundError as error:
        entries.count_guess(db.session, now=clock.now())
        db.session.commit()
        return _code_form(typed, sentence(error.code, **error.facts)), error.status
    return redirect(_start_address(landing), 303)


@bp.get("/start/<ticket>")
def start(ticket: str) -> Response:
    """Say who asks, why, for how long and until when, before anything is begun; or that it is full."""
    landing = Landing.open(_settings().ticket_key, ticket)
    standing = service.standing(db.session, landing, now=clock.now())
    if standing is None:
        wave = service.landing_wave(db.session, landing, now=clock.now())
    else:
        wave = standing.point.wave
    forms = _forms()
    questionnaire = forms.get(db.session, forms.version_of(db.session, wave.id, landing.group))
    point = standing.point if standing else None
    full = standing.full if standing else False
    seat = landing.seat_key(_settings().ticket_key)
    return _kept(
        start_page(landing, wave, place=point.place if point else None, full=full),
        "respond/start.html",
        {"ticket": ticket, "seat": seat},
        wave=wave,
        point=point,
        full=full,
        group=GROUPS[landing.group].label.in_language(chosen()),
        for_pupils=questionnaire.form == "student",
        intro=questionnaire.intro.in_language(chosen(), county=wave.county.name),
    )


@bp.post("/begin")
def begin() -> Response:
    """Begin, or take up again, and show the first page."""
    landing = Landing.open(_settings().ticket_key, request.form.get("ticket"))
    ticket = service.begin(
        db.session, landing, _forms(), language=request.form.get("lang", ""), now=clock.now()
    )
    db.session.commit()
    return _question_page(ticket, _forms().laid_out(db.session, ticket.version_id, ticket.group).turned)


@bp.get("/q/<ticket>")
def resume(ticket: str) -> Response:
    """Show the first page again of a questionnaire that was begun: a phone that reloads it finds it here."""
    begun = _own(Ticket.open(_settings().ticket_key, ticket))
    service.require_unsent(db.session, begun, now=clock.now())
    return _question_page(begun, _forms().laid_out(db.session, begun.version_id, begun.group).turned)


@bp.post("/answer")
def answer() -> Response | tuple[Response, int]:
    """Turn the page; on the last one, take the answer."""
    form = request.form
    ticket, carried = open_pair(_settings().ticket_key, form.get("ticket"), form.get("carried"))
    _own(ticket)
    questionnaire = _forms().put_to(db.session, ticket.version_id, ticket.group)
    turned = turn(questionnaire, ticket, carried, form.to_dict(flat=False), go=_wanted())
    if not turned.complete:
        page = _question_page(ticket, turned)
        return (page, 422) if turned.problems else page
    submitted = service.submit(
        db.session, ticket, turned.answers, _forms(), now=clock.now(), checked=turned.checked
    )
    db.session.commit()
    if submitted.outcome == "refused":
        return _question_page(ticket, replace(turned, problems=submitted.problems)), 422
    if submitted.outcome == "used":
        contact = service.pressure_contact(db.session, ticket.wave_id)
        raise ConflictError("already_used", contact=contact)
    return redirect(url_for("respond.thanks", lang=ticket.language), 303)


@bp.get("/thanks")
def thanks() -> Response:
    """Thank; the page proves nothing about what was answered."""
    return _kept(THANKS, "respond/thanks.html", declined=False)


@bp.get("/declined")
def declined() -> Response:
    """Thank whoever would rather not; nothing happened."""
    return _kept(("declined",), "respond/thanks.html", declined=True)


@bp.get("/forgotten")
def forgotten() -> Response:
    """Say that the phone keeps nothing any more."""
    return _kept(("forgotten",), "respond/forgotten.html")


@bp.get("/privacy")
def privacy() -> Response:
    """Say what can and what cannot be known."""
    return _kept(("privacy",), "respond/privacy.html")


@bp.get("/privacy/pupils")
def privacy_pupils() -> Response:
    """Say the same in simple words."""
    return _kept(("privacy_pupils",), "respond/privacy_pupils.html")


def init_app(app: Flask) -> None:
    """Register the room. Its forms prove themselves by their tickets, without a session."""
    app.extensions[_FORMS] = service.Forms()
    app.extensions[_PAGES] = KeptPages()
    csrf.exempt(bp)
    app.register_blueprint(bp)
    app.wsgi_app = Shortcut(app, app.extensions[_PAGES], app.extensions[_FORMS])


@bp.errorhandler(JunhengError)
def refused(error: JunhengError) -> tuple[str, int]:
    """Say kindly what is the matter and what to do."""
    db.session.rollback()
    page = render_template(
        "respond/refused.html",
        code=error.code,
        said=sentence(error.code, **error.facts),
        contact=error.facts.get("contact", ""),
    )
    return page, error.status


@bp.errorhandler(HTTPException)
def http_error(error: HTTPException) -> tuple[str, int]:
    """Say the same of a request that could not be read."""
    status = error.code or 400
    said = sentence("answer_too_large" if status == 413 else "bad_ticket")
    return render_template("respond/refused.html", code=f"http_{status}", said=said), status


def _question_page(ticket: Ticket, turned: paging.Turn) -> Response:
    key = _settings().ticket_key
    questionnaire = _forms().get(db.session, ticket.version_id)
    page = review = None
    first = _forms().laid_out(db.session, ticket.version_id, ticket.group)
    seed = ticket.order_seed if questionnaire.is_shuffled else None
    if turned.review:
        review = paging.review(questionnaire, ticket.group, turned, seed=seed)
    elif turned == first.turned and not questionnaire.is_shuffled:
        page = first.page
    else:
        page = paging.lay_out(questionnaire, ticket.group, turned, seed=seed)
    slots = question_slots(key, ticket, turned, page)
    with force_locale(locale_of(ticket.language)):
        return _kept(
            question_page(ticket, page, turned) if page and not questionnaire.is_shuffled else None,
            "respond/review.html" if review else "respond/questions.html",
            slots,
            language=ticket.language,
            ticket=ticket,
            group=GROUPS[ticket.group].label.in_language(ticket.language),
            names={"county": ticket.county, "school": ticket.school},
            page=page,
            review=review,
            turned=turned,
            field=FIELD,
            sentence=sentence,
        )


def _kept(
    key: tuple | None,
    template: str,
    slots: Mapping[str, str] | None = None,
    *,
    language: str = "",
    **given: Any,
) -> Response:
    """A page in the reader's language and size of letters, drawn only if it is not kept under *key*."""
    marks = {name: slot(name) if value else value for name, value in (slots or {}).items()}
    whole = key and (*key, language or chosen(), size_of_letters()["large"])
    pages: KeptPages = current_app.extensions[_PAGES]
    return pages.respond(whole, lambda: render_template(template, **marks, **given), **(slots or {}))


def _own(ticket: Ticket) -> Ticket:
    """Refuse what was begun on the telephone: it is sent there, where it is written down who read it out."""
    if ticket.mode != "web":
        raise TicketError
    return ticket


def _wanted() -> str:
    """What the pressed button asks for; a change of the size of letters turns no page."""
    g.size = request.form.get("size")
    return paging.STAY if g.size else request.form.get("go", paging.NEXT)


def _chosen_size() -> str | None:
    """The size of letters that this very request asks for."""
    return request.args.get("size") or g.get("size")


def _code_form(typed: str = "", fault: str = "") -> Response:
    ticket = Typing().seal(_settings().ticket_key)
    key = None if typed or fault else ("code",)
    return _kept(key, "respond/code.html", {"ticket": ticket}, typed=typed, fault=fault)


def _start_address(landing: Landing) -> str:
    return url_for("respond.start", ticket=landing.seal(_settings().ticket_key))


def _settings():
    from survey_app.config import settings_of

    return settings_of(current_app)


def _forms() -> service.Forms:
    return current_app.extensions[_FORMS]
