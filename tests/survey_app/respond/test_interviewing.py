"""A call from the interviewer's desk to the answer in the sealed inbox, without JavaScript."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.fieldwork.materials import ledger
from survey_app.fieldwork.models import CallAttempt, Entry, PhoneCase
from survey_app.respond import inbox
from survey_app.respond.models import SealedAnswer
from survey_app.respond.ticket import Ticket
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire_loader import load_form
from tests.conftest import KEY, NOW
from tests.factories import code_of, make_user, sign_in
from tests.page import Page, get, post
from tests.statements import listening
from tests.survey_app.fieldwork.telephone.phoning import cases_of, phone_wave
from tests.survey_app.respond.field import Phone, full_answers

ANSWERS = full_answers("public", "public")


@pytest.fixture
def call(either_app):
    """An interviewer with a case in hand: client, wave and case."""
    return taken_up(either_app)


@pytest.fixture
def call_here(app):
    """The same on SQLite alone, where the database is not the question."""
    return taken_up(app)


def taken_up(app):
    with app.app_context():
        wave_id = phone_wave(app).id
        db.session.commit()
    client = sign_in(app, "interviewer", "140522")
    response = post(client, "/telephone/next", to="/telephone/case/")
    return client, wave_id, int(response.location.rpartition("/")[2])


def begin(client, case_id, language="zh_CN"):
    return post(client, f"/interview/{case_id}/begin", {"language": language})


def fields(page):
    return {name: page.form("/answer")["fields"][name] for name in ("ticket", "carried")}


def asked(page):
    return list(dict.fromkeys(re.findall(r'name="a\.([a-z0-9_.]+)"', page.html)))


def answer_all(client, case_id, page, answers=ANSWERS):
    for _ in range(20):
        sent = {f"a.{item}": answers[item] for item in asked(page) if item in answers}
        go = "next" if asked(page) else "send"
        response = post(client, f"/interview/{case_id}/answer", {**fields(page), **sent, "go": go})
        if not isinstance(response, Page):
            return response
        page = response
    raise AssertionError("the questionnaire never ends")


def stored(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))


def test_a_whole_interview_is_one_answer_one_call_and_shows_nothing_afterwards(either_app, call):
    client, _wave, case_id = call
    opening = get(client, f"/interview/{case_id}")
    assert "开场白" in opening.h1
    assert stored(either_app) == 0
    page = begin(client, case_id)
    done = answer_all(client, case_id, page)
    assert done.location.startswith("/interview/done")
    assert "访问结束" in get(client, done.location).h1
    with either_app.app_context():
        case = db.session.get_one(PhoneCase, case_id)
        assert (case.outcome, case.attempts, case.taken_up_at) == ("complete", 1, None)
        assert case.finished_at is not None
        entry = db.session.scalars(sa.select(Entry)).one()
        assert (entry.mode, entry.state) == ("phone", "spent")
    assert stored(either_app) == 1
    get(client, f"/interview/{case_id}", status=409)


def test_the_answer_says_that_it_was_read_out(call_here, monkeypatch):
    payloads = []
    monkeypatch.setattr(inbox, "put", lambda session, wave, key, payload: payloads.append(payload))
    client, _wave, case_id = call_here
    answer_all(client, case_id, begin(client, case_id))
    assert payloads[0]["mode"] == "phone"
    assert payloads[0]["answers"] == ANSWERS
    assert "case" not in json.dumps(payloads[0])


def test_the_last_page_sent_twice_is_one_answer_and_one_call(either_app, call):
    client, _wave, case_id = call
    page = begin(client, case_id)
    last = None
    for _ in range(20):
        sent = {f"a.{item}": ANSWERS[item] for item in asked(page) if item in ANSWERS}
        last = {**fields(page), **sent, "go": "next" if asked(page) else "send"}
        response = post(client, f"/interview/{case_id}/answer", last)
        if not isinstance(response, Page):
            break
        page = response
    again = post(client, f"/interview/{case_id}/answer", last, to="/interview/done")
    assert "used" not in again.location
    assert stored(either_app) == 1
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CallAttempt)) == 1


def test_whoever_answers_online_during_the_call_keeps_that_answer_and_the_interviewer_is_told(
    either_app, call
):
    client, _wave, case_id = call
    page = begin(client, case_id)
    with either_app.app_context():
        code = code_of(db.session.get_one(PhoneCase, case_id).invitation)
    web = Phone(either_app.test_client()).scan(code).begin()
    assert web.answer_all(ANSWERS).status_code == 303
    done = answer_all(client, case_id, page)
    assert "used" in done.location
    assert "以那一份为准" in get(client, done.location).text
    assert stored(either_app) == 1
    with either_app.app_context():
        case = db.session.get_one(PhoneCase, case_id)
        assert (case.withdrawn, case.attempts, case.taken_up_at) == (True, 0, None)


def test_whoever_was_interviewed_is_told_so_online(either_app, call):
    client, _wave, case_id = call
    with either_app.app_context():
        code = code_of(db.session.get_one(PhoneCase, case_id).invitation)
    answer_all(client, case_id, begin(client, case_id))
    response = either_app.test_client().get(f"/c/{code.in_address}")
    assert response.status_code == 409
    assert stored(either_app) == 1


def test_a_required_question_that_was_left_out_is_named_and_nothing_is_stored(app, call_here):
    client, _wave, case_id = call_here
    page = begin(client, case_id)
    refused = post(client, f"/interview/{case_id}/answer", {**fields(page), "go": "next"}, status=422)
    assert "处需要改正" in refused.text
    assert stored(app) == 0


def test_an_interviewer_goes_back_without_loss(app, call_here):
    client, _wave, case_id = call_here
    page = begin(client, case_id)
    first = asked(page)
    sent = {f"a.{item}": ANSWERS[item] for item in first}
    second = post(client, f"/interview/{case_id}/answer", {**fields(page), **sent, "go": "next"})
    assert "不读出：对方说不清楚时选" in second.text
    back = post(client, f"/interview/{case_id}/answer", {**fields(second), "go": "back"})
    assert asked(back) == first
    assert back.html.count(" checked") >= len([item for item in first if item in ANSWERS])


def test_a_ticket_of_the_web_or_of_another_case_is_refused(app, call_here):
    client, _wave, case_id = call_here
    page = begin(client, case_id)
    hidden = fields(page)
    ticket = Ticket.open(KEY, hidden["ticket"])
    for other in (replace(ticket, mode="web"), replace(ticket, entry_id=ticket.entry_id + 999)):
        data = {**hidden, "ticket": other.seal(KEY), "go": "next"}
        post(client, f"/interview/{case_id}/answer", data, status=400)


def test_another_interviewers_case_looks_like_one_that_does_not_exist(app, call_here):
    _client, _wave, case_id = call_here
    with app.app_context():
        make_user("interviewer", "140522", login="other")
        db.session.commit()
        other = db.session.scalars(sa.select(User).where(User.login == "other")).one()
        identity = f"{other.id}:{other.session_stamp}"
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
    for path in ("/telephone/case/{}", "/interview/{}"):
        theirs = get(client, path.format(case_id), status=404)
        missing = get(client, path.format(99999), status=404)
        assert theirs.same_for_all == missing.same_for_all


def test_a_desk_offers_no_call_outside_the_hours(call_here, monkeypatch):
    client, _wave, case_id = call_here
    post(client, f"/telephone/case/{case_id}/outcome", {"outcome": "no_answer"}, to="/telephone/desk")
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=15))
    page = get(client, "/telephone/desk")
    assert "现在不是打电话的时间" in page.text
    assert "打下一个" not in page.text.partition("约好的时间")[0]


def test_a_call_that_ends_with_an_appointment_is_checked_and_kept(app, call_here):
    client, _wave, case_id = call_here
    form = {"outcome": "appointment", "day": "2026-11-23", "hour": "21:30", "agreed": "y"}
    refused = post(client, f"/telephone/case/{case_id}/outcome", form, status=422)
    assert "21:30" in refused.text
    post(client, f"/telephone/case/{case_id}/outcome", {**form, "hour": "10:00"}, to="/telephone/desk")
    assert "2026-11-23 10:00" in get(client, "/telephone/desk").text


def test_number_and_code_are_shown_only_when_asked_for(app, call_here):
    client, _wave, case_id = call_here
    assert "1380000000" not in get(client, f"/telephone/case/{case_id}").html
    shown = post(client, f"/telephone/case/{case_id}/number")
    assert "1380000000" in shown.text
    with app.app_context():
        typed = code_of(db.session.get_one(PhoneCase, case_id).invitation).typed
    assert typed[:4] in post(client, f"/telephone/case/{case_id}/code").text


def test_the_supervisor_sees_calls_and_script_but_never_an_answer(either_app, call):
    client, wave_id, case_id = call
    answer_all(client, case_id, begin(client, case_id))
    boss = sign_in(either_app, "county", "140522")
    board = get(boss, f"/telephone/{wave_id}")
    assert "电话完成" in board.text
    assert get(boss, f"/telephone/{wave_id}/cases?state=complete").html.count("/review") == 1
    review = get(boss, f"/telephone/case/{case_id}/review")
    assert "完成访问" in review.text
    question = load_form("public").items_for("public")[0].wording("public").zh.partition("{")[0][:6]
    assert question not in review.text
    script = get(boss, f"/interview/script/{wave_id}?group=public&language=zh_CN")
    assert "不读出" in script.text
    assert "Not read out" not in script.text
    post(boss, f"/telephone/{wave_id}/back-checks", {"seed": "2026"}, to="/back-checks")
    post(boss, f"/telephone/case/{case_id}/back-check", {"finding": "denied"}, to="/back-checks")
    assert "1 人否认" in get(boss, f"/telephone/{wave_id}").text


def test_at_night_no_new_call_begins_but_the_outcome_of_the_last_is_recorded(app, call_here, monkeypatch):
    client, _wave, case_id = call_here
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=5))
    post(client, f"/telephone/case/{case_id}/number", status=409)
    post(client, f"/telephone/case/{case_id}/outcome", {"outcome": "no_answer"}, to="/telephone/desk")
    post(client, "/telephone/next", to="/telephone/desk")
    with app.app_context():
        assert [case.attempts for case in cases_of_first()] == [1, 0, 0]


def cases_of_first():
    """The cases of the only wave."""
    return cases_of(db.session.scalars(sa.select(Wave)).one())


def test_a_day_without_a_time_is_refused(call_here):
    client, _wave, case_id = call_here
    form = {"outcome": "broken_off", "day": "2026-11-23"}
    assert "一起填" in post(client, f"/telephone/case/{case_id}/outcome", form, status=422).text


def test_the_script_says_when_a_question_is_put(app, call_here):
    _client, wave_id, _case = call_here
    boss = sign_in(app, "county", "140522")
    assert "时才问" in get(boss, f"/interview/script/{wave_id}?group=parent").text
    english = get(boss, f"/interview/script/{wave_id}?group=parent&language=en&lang=en")
    assert "Not read out" in english.text


def test_sending_online_takes_six_statements_even_where_a_case_is_withdrawn(either_app, call):
    _client, _wave, case_id = call
    with either_app.app_context():
        code = code_of(db.session.get_one(PhoneCase, case_id).invitation)
    web = Phone(either_app.test_client()).scan(code).begin()
    with listening(either_app) as heard:
        while True:
            heard.clear()
            if web.press(ANSWERS).status_code == 303:
                break
    said = heard.statements
    assert len(said) <= 6, said
    assert any("phone_case SET" in each for each in said)


def test_what_was_begun_on_the_telephone_is_not_sent_as_if_online(call_here):
    client, _, case_id = call_here
    page = begin(client, case_id)
    sent = {f"a.{item}": ANSWERS[item] for item in asked(page) if item in ANSWERS}
    reply = client.application.test_client().post("/answer", data={**fields(page), **sent, "go": "next"})
    assert reply.status_code == 400
    assert client.application.test_client().get(f"/q/{fields(page)['ticket']}").status_code == 400
    with client.application.app_context():
        assert db.session.scalars(sa.select(Entry.state)).all() == ["begun"]


def test_an_interview_goes_on_when_the_card_is_replaced_meanwhile(call):
    client, wave_id, case_id = call
    page = begin(client, case_id)
    with client.application.app_context():
        case = db.session.get_one(PhoneCase, case_id)
        wave, batch = db.session.get_one(Wave, wave_id), case.invitation.batch_id
        for minutes, deed in enumerate(("lost", "replaced")):
            ledger.record(
                db.session, wave, batch, deed, code_key=KEY, by="clerk", now=NOW + timedelta(minutes=minutes)
            )
        db.session.commit()
    assert answer_all(client, case_id, page).status_code == 303
    with client.application.app_context():
        case = db.session.get_one(PhoneCase, case_id)
        spent = db.session.scalars(sa.select(Entry).where(Entry.state == "spent")).one()
        assert (spent.invitation_id, spent.mode, spent.surplus) == (case.invitation_id, "phone", False)
        assert case.finished_at is not None
