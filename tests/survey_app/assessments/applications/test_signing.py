"""Who signs: the password again, the code of a second factor, and what a withdrawn application leaves."""

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from survey_app import clock
from survey_app.accounts import passwords, second_factor, signing_in
from survey_app.accounts.models import User
from survey_app.assessments.applications import places, service
from survey_app.assessments.applications.models import LEVELS, ApplicationStep
from survey_app.assessments.judgement import corrections
from survey_app.assessments.judgement.remarks import About
from survey_app.assessments.verify_command import verify
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from tests.conftest import KEY, NOW
from tests.factories import make_county_file
from tests.page import get, post

PASSWORD = "the right one"
SIGN = "/applications/1/sign"

OWN: dict[str, Any] = {"by": "test", "now": NOW}


@pytest.fixture
def applied(app, signed_in, monkeypatch):
    """A county's application with a run of its own level; its clerk is signed in."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context():
        file = make_county_file()
        application = service.open_application(
            db.session, county_code="140522", year=2026, scheme_id="shanxi-2022", **OWN
        )
        service.make_level_run(
            db.session, application, county_file=file, wave=None, level="self_evaluation", **OWN
        )
        db.session.commit()
    return signed_in()


@pytest.fixture
def secret(app, applied):
    """The clerk's telephone."""
    made = second_factor.new_secret()
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.login == "county-140522")).one()
        earlier = NOW - timedelta(minutes=5)
        code = pyotp.TOTP(made).at(int(earlier.timestamp()))
        second_factor.switch_on(db.session, user, made, code, key=KEY, now=earlier)
        db.session.commit()
    return made


def signatures(app):
    with app.app_context():
        return db.session.query(ApplicationStep).count()


def test_nobody_signs_without_the_password(app, applied):
    for given in ({"run": "1"}, {"run": "1", "password": "wrong"}):
        assert "密码" in post(applied, SIGN, given, status=422).text
    assert signatures(app) == 0
    post(applied, SIGN, {"run": "1", "password": PASSWORD}, status=303)
    assert signatures(app) == 1


def test_guessing_at_a_signature_has_to_wait(app, applied):
    for _ in range(signing_in.FAILURES):
        post(applied, SIGN, {"run": "1", "password": "wrong"}, status=422)
    page = post(applied, SIGN, {"run": "1", "password": PASSWORD}, status=422)
    assert "15" in page.text
    assert signatures(app) == 0


def test_whoever_has_a_second_factor_signs_with_its_code_once(app, applied, secret):
    assert "验证码" in get(applied, SIGN).text
    code = pyotp.TOTP(secret).at(int(NOW.timestamp()))
    other = pyotp.TOTP(secret).at(int(NOW.timestamp()) + 3600)
    known = {"run": "1", "password": PASSWORD}
    for given in (known, {**known, "code": other}, {**known, "code": code, "password": "wrong"}):
        post(applied, SIGN, given, status=422)
        assert signatures(app) == 0
    post(applied, SIGN, {**known, "code": code}, status=303)
    assert signatures(app) == 1
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.login == "county-140522")).one()
        with pytest.raises(second_factor.WrongCodeError):
            second_factor.check(db.session, user, code, key=KEY, now=NOW)


def test_a_code_is_asked_only_of_who_has_a_second_factor(applied):
    assert "验证码" not in get(applied, SIGN).text


def test_a_withdrawn_application_stays_with_its_steps_and_takes_nothing_more(either_app):
    with either_app.app_context():
        application, run = _signed(2)
        correction = corrections.ask(
            db.session,
            application,
            level=LEVELS[2],
            about=About(run_id=run.id),
            text="请核对",
            due_on=NOW.date(),
            **OWN,
        )
        with pytest.raises(service.UnfitReasonError):
            service.withdraw(db.session, application, reason=" ", **OWN)
        assert application.withdrawn_at is None
        service.withdraw(db.session, application, reason=" 数据有误 ", **OWN)
        assert places.current_level(application) is None
        assert places.state_of(db.session, application) == "withdrawn"
        assert application.withdraw_reason == "数据有误"
        states = [each.state for each in places.standings(application)]
        assert states == ["signed", "signed", "stopped", "stopped"]
        level: dict[str, Any] = {"level": LEVELS[2], **OWN}
        for deed in (
            lambda: service.withdraw(db.session, application, reason="再撤", **OWN),
            lambda: service.sign(db.session, application, run_id=run.id, name="甲", **level),
            lambda: service.return_(db.session, application, reason="退", name="甲", **level),
            lambda: service.make_level_run(
                db.session, application, county_file=run.county_file, wave=None, **level
            ),
            lambda: corrections.answer(
                db.session, application, correction, text="晚了", county_file=None, **OWN
            ),
            lambda: corrections.decide(db.session, application, correction, accepted=False, **level),
        ):
            with pytest.raises(ConflictError) as refused:
                deed()
            assert refused.value.code == "application_over"
        told = db.session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action.like("application.%"))
        ).all()
        assert told == ["application.opened", *["application.signed"] * 2, "application.withdrawn"]


def test_another_application_may_follow_a_withdrawn_one_and_none_a_recognised_or_open_one(app):
    with app.app_context():
        given: dict[str, Any] = {"county_code": "140522", "year": 2026, "scheme_id": "shanxi-2022", **OWN}
        application, _run = _signed(1)
        with pytest.raises(ConflictError):
            service.open_application(db.session, **given)
        assert service.open_application(db.session, **{**given, "year": 2027}).number == 1
        service.withdraw(db.session, application, reason="数据有误", **OWN)
        second = service.open_application(db.session, **given)
        assert second.number == 2
        assert places.current_level(second) == "self_evaluation"


def _signed(levels):
    """An application that so many levels have signed, and the last run."""
    file = make_county_file()
    application = service.open_application(
        db.session, county_code="140522", year=2026, scheme_id="shanxi-2022", **OWN
    )
    for level in LEVELS[:levels]:
        given: dict[str, Any] = {"level": level, **OWN}
        run = service.make_level_run(db.session, application, county_file=file, wave=None, **given)
        service.sign(db.session, application, run_id=run.id, name="甲", **given)
    return application, run


def test_the_command_checks_an_exported_run_and_says_it_in_json(app, applied, tmp_path):
    post(applied, SIGN, {"run": "1", "password": PASSWORD}, status=303)
    path = tmp_path / "run.json"
    content = applied.get("/applications/1/runs/1/run.json").get_data()

    def said(*words, status=0):
        done = CliRunner().invoke(verify, [str(path), *words])
        assert done.exit_code == status, done.output
        return done.output

    path.write_bytes(content)
    found = json.loads(said("--json"))
    assert set(found) == {"holds", "said", "checks"}
    assert found["holds"] is True
    assert {each["holds"] for each in found["checks"]} == {True}
    assert {"run_input", "run_result", "recomputed", "step", "audit", "audit_run"} <= {
        each["what"] for each in found["checks"]
    }
    assert "✓" in said()
    path.write_bytes(content.replace(b'"verdict":"', b'"verdict": "', 1))
    assert json.loads(said("--json"))["holds"] is True
    path.write_bytes(content.replace(b"test", b"Test", 1))
    found = json.loads(said("--json", status=1))
    assert found["holds"] is False
    assert [each["what"] for each in found["checks"] if each["holds"] is False]
    path.write_bytes(b"{}")
    found = json.loads(said("--json", status=1))
    assert (found["holds"], found["refused"]) == (False, "not_a_run")
    assert found["said"]
