"""Junheng 均衡: a county's people and schools flow left to right and become a verdict."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Request
from flask_babel import Babel

from survey_app import addresses, db, errors, formatting, jobs, logs, prepared, security, statics
from survey_app.config import Settings, load_settings, settings_of
from survey_app.languages import LANGUAGES, locale

__all__ = ["LANGUAGES", "create_app", "settings_of"]

_HERE = Path(__file__).resolve().parent
_NO_ASCII = re.compile(rb"[^\x00-\x7f]")

babel = Babel()


class ReadableRequest(Request):
    """A request whose address can always be read: bytes that no browser sends stand for themselves."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.query_string = _NO_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], self.query_string)


class Application(Flask):
    """Flask without asynchronous views: it need not look at every function for one, at every request."""

    request_class = ReadableRequest

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application: settings, database, protection, language, then the rooms in order."""
    settings = settings or load_settings()
    logs.configure(settings)
    app = Application("survey_app", static_folder="static", template_folder="templates")
    app.extensions["junheng-settings"] = settings

    addresses.init_app(app)
    db.init_app(app, settings)
    security.init_app(app, settings)
    statics.init_app(app)
    errors.init_app(app)
    formatting.init_app(app)
    jobs.init_app(app, settings)
    prepared.init_app(app)
    babel.init_app(
        app,
        default_locale=LANGUAGES[0],
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(_HERE / "translations"),
        locale_selector=locale,
    )
    app.add_template_global(security.may, "may")
    app.add_template_global(app.view_functions.__contains__, "has_page")
    _add_rooms(app)
    return app


def _add_rooms(app: Flask) -> None:
    from survey_app import home
    from survey_app.accounts import views as accounts
    from survey_app.api import views as api
    from survey_app.assessments import pack_views as packs
    from survey_app.assessments import views as assessments
    from survey_app.assessments.applications import override_views as overrides
    from survey_app.assessments.applications import views as applications
    from survey_app.assessments.judgement import correction_views as corrections
    from survey_app.assessments.judgement import views as judgement
    from survey_app.assessments.judgement import visit_views as visits
    from survey_app.counties import views as counties
    from survey_app.fieldwork import jobs as fieldwork_jobs
    from survey_app.fieldwork import views as fieldwork
    from survey_app.fieldwork.board import views as board
    from survey_app.fieldwork.draws import views as draws
    from survey_app.fieldwork.frames import contact_views as contacts
    from survey_app.fieldwork.frames import views as frames
    from survey_app.fieldwork.materials import school_views as schools
    from survey_app.fieldwork.materials import views as materials
    from survey_app.fieldwork.open_entries import views as open_entries
    from survey_app.fieldwork.telephone import views as telephone
    from survey_app.respond import interview_views as interview
    from survey_app.respond import views as respond
    from survey_app.results import jobs as results_jobs
    from survey_app.results import views as results
    from survey_app.results.comparing import views as comparing
    from survey_app.results.exports import views as exports
    from survey_app.results.integrity import views as integrity
    from survey_app.results.open_answers import views as open_answers
    from survey_app.results.rates import views as rates
    from survey_app.supervision.dispatch import views as dispatch
    from survey_app.supervision.ledger import views as ledger
    from survey_app.supervision.listing import views as listing
    from survey_app.supervision.province import views as province
    from survey_app.supervision.schedule import views as schedule
    from survey_app.surveys import views as surveys
    from survey_app.surveys.authoring import views as questionnaires

    home.init_app(app)
    accounts.init_app(app)
    for room in (
        counties,
        surveys,
        questionnaires,
        fieldwork,
        frames,
        draws,
        contacts,
        board,
        open_entries,
        schools,
        telephone,
        interview,
        results,
        rates,
        comparing,
        open_answers,
        integrity,
        assessments,
        applications,
        judgement,
        visits,
        overrides,
        corrections,
        province,
        listing,
    ):
        app.register_blueprint(room.bp)
    fieldwork_jobs.init_app(app)
    materials.init_app(app)
    respond.init_app(app)
    results_jobs.init_app(app)
    schedule.init_app(app)
    dispatch.init_app(app)
    ledger.init_app(app)
    exports.init_app(app)
    packs.init_app(app)
    api.init_app(app)
