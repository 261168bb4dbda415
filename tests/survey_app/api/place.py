"""A small installation with one of everything that the interface gives, and tokens for it."""

import json
from collections.abc import Iterable
from datetime import timedelta

from flask import Flask
from werkzeug.test import TestResponse

from survey_app import clock
from survey_app.accounts.models import User
from survey_app.api import tokens
from survey_app.api.operations import PREFIX
from survey_app.api.scopes import SCOPES
from survey_app.assessments import runs
from survey_app.assessments.applications.models import Application
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.jobs import jobs_of
from survey_app.results import closing, releasing
from survey_app.results.jobs import MIX_WAVE
from survey_app.security import Held
from survey_app.supervision.ledger import tasks
from survey_app.surveys.models import Wave
from tests import factories
from tests.conftest import KEY, NOW


def fill(app: Flask) -> dict[str, int | str]:
    """A county with a file, a drawn and a released survey, a run, an application and a task."""
    with app.app_context():
        document = factories.small_county()
        county = {**document["county"], "resident_population": 200_000}
        file = factories.make_county_file({**document, "county": county})
        released = factories.make_open_wave(app, county_file=file)
        closing.close_wave(db.session, released, by="test", now=NOW)
        released_id = released.id
        db.session.commit()
        jobs_of(app).perform(MIX_WAVE, {"wave_id": released_id})
        releasing.release_wave(db.session, db.session.get_one(Wave, released_id), by="test", now=NOW)
        file = db.session.query(CountyFile).one()
        wave = factories.draw_wave(factories.make_wave(county_file=file))
        run = runs.make_run(
            db.session,
            county_file=file,
            scheme_id="shanxi-2022",
            level="self_evaluation",
            by="test",
            now=NOW,
        )
        application = Application(
            county_code="140522", year=2026, number=1, scheme_id="shanxi-2022", opened_at=NOW, opened_by="a"
        )
        db.session.add(application)
        drafts = [tasks.Draft(title="建设功能室", department="教育局", budgets={2026: 12_600_000})]
        tasks.add_tasks(db.session, "140522", drafts, by="test", now=NOW)
        db.session.flush()
        named = {
            "code": "140522",
            "file_id": file.id,
            "wave_id": released_id,
            "drawn": wave.id,
            "run_id": run.id,
            "application_id": application.id,
            "scheme_id": "shanxi-2022",
        }
        db.session.commit()
    return named


def token_for(
    app: Flask,
    role: str = "county",
    region: str = "140522",
    *,
    scopes: Iterable[str] = SCOPES,
    within: str = "",
    days: int = 90,
) -> str:
    """A token of somebody with *role* for *region*."""
    with app.app_context():
        login = f"{role}-{region}"
        user = db.session.query(User).filter_by(login=login).one_or_none() or factories.make_user(
            role, region
        )
        wish = tokens.Wish(name="学籍系统", scopes=list(scopes), region_code=within or region, days=days)
        secret, _token = tokens.make_token(
            db.session, user, wish, held=[Held(role, region)], key=KEY, now=clock.now() - timedelta(minutes=1)
        )
        db.session.commit()
    return secret


def call(app: Flask, path: str, secret: str, *, body: object = None, **headers: str) -> TestResponse:
    """Ask the interface as a program does: GET, or POST where there is a body."""
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return app.test_client(use_cookies=False).open(
        PREFIX + path,
        method="GET" if body is None else "POST",
        data=sent,
        content_type=None if body is None else "application/json",
        headers={"Authorization": f"Bearer {secret}"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )
