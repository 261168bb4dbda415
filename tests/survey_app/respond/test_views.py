"""A card from the first look to the thank-you page, and everything that can go wrong on the way."""

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import clock, settings_of
from survey_app.db import db
from survey_app.fieldwork.models import Burst, CodeGuess, Entry, Invitation
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import QuotaCell, Wave
from tests.conftest import NOW
from tests.page import get
from tests.statements import listening
from tests.survey_app.respond.field import Phone, full_answers, open_field

PARENT = full_answers("public", "parent")


def counts(app) -> dict[str, int]:
    with app.app_context():
        return {
            "entries": db.session.scalar(sa.select(sa.func.count()).select_from(Entry)),
            "spent": db.session.scalar(sa.select(sa.func.sum(QuotaCell.spent))),
            "sealed": db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer)),
            "bursts": db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Burst.n), 0))),
        }


def to_the_last_page(phone: Phone, answers=PARENT) -> Phone:
    while "data-last" not in phone.page.html:
        assert phone.press(answers).status_code == 200
    return phone


@pytest.mark.parametrize("group", ["parent", "student", "teacher"])
def test_a_card_is_answered_once_and_thanked(either_app, group):
    field = open_field(either_app)
    form = {"parent": "public", "student": "student", "teacher": "staff"}[group]
    answers = full_answers(form, group, given={"comment": "操场很好"})
    phone = Phone(either_app.test_client()).scan(field.card(group)).begin()
    done = phone.answer_all({**answers, "comment": "操场很好"})
    assert (done.status_code, done.location.partition("?")[0]) == (303, "/thanks")
    assert counts(either_app) == {"entries": 1, "spent": 1, "sealed": 1, "bursts": 1}
    with either_app.app_context():
        sealed = db.session.scalars(sa.select(SealedAnswer)).one()
        payload = open_sealed(field.private_key, sealed.sealed)
        invitation = db.session.scalars(sa.select(Invitation).join(Entry)).one()
    assert payload.pop("answers") == {**answers, "comment": "操场很好"}
    assert payload == {
        "group": group,
        "grade_band": "" if group == "teacher" else "primary",
        "locality": "" if group == "teacher" else "town",
        "way": "drawn",
        "stratum": "全部",
        "psu": invitation.psu or None,
        "version_id": payload["version_id"],
        "language": "zh_CN",
        "mode": "web",
        "duration_band": "under_2",
        "surplus": False,
    }


def test_looking_at_a_card_changes_nothing(app, client):
    field = open_field(app)
    for _ in range(3):
        Phone(client).scan(field.card())
    client.get(f"/c/{field.card().in_address}", headers={"Purpose": "prefetch"})
    assert counts(app) == {"entries": 0, "spent": 0, "sealed": 0, "bursts": 0}


def test_the_landing_page_says_who_asks_until_when_and_whom_to_call(app, client):
    page = Phone(client).scan(open_field(app).card()).page
    for words in ("阳城县", "2026年11月26日18:00", "0356-0000001", "0356-0000002", "约四分钟", "匿名"):
        assert words in page.text
    assert not client.get_cookie("junheng")


def test_pupils_may_decline_as_easily_as_begin(app, client):
    page = Phone(client).scan(open_field(app).card("student")).page
    assert re.search(r'<button class="equal">', page.html)
    assert re.search(r'<a class="button equal" href="/declined">我不想填', page.html)
    assert "谢谢" in get(client, "/declined").text
    assert counts(app)["entries"] == 0


def test_the_same_answer_sent_twice_is_thanked_twice_and_stored_once(either_app):
    field = open_field(either_app)
    phone = to_the_last_page(Phone(either_app.test_client()).scan(field.card()).begin())
    first, second = phone.press(PARENT), phone.press(PARENT)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert counts(either_app) == {"entries": 1, "spent": 1, "sealed": 1, "bursts": 1}


def test_the_same_answer_is_thanked_even_after_the_close(app, monkeypatch):
    field = open_field(app)
    phone = to_the_last_page(Phone(app.test_client()).scan(field.card()).begin())
    phone.press(PARENT)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
    assert phone.press(PARENT).status_code == 303


def test_another_answer_with_a_used_card_is_told_so(either_app):
    field = open_field(either_app)
    mine = to_the_last_page(Phone(either_app.test_client()).scan(field.card()).begin())
    other = to_the_last_page(Phone(either_app.test_client()).scan(field.card()).begin())
    assert mine.press(PARENT).status_code == 303
    refused = other.press(PARENT)
    assert refused.status_code == 409
    assert other.page.h1 == "这个访问码已经填写过"
    assert "请告诉：晋城市政府教育督导室 0356-0000002" in other.page.text
    assert counts(either_app)["sealed"] == 1
    again = either_app.test_client().get(f"/c/{field.card().in_address}")
    assert again.status_code == 409
    assert "晋城市政府教育督导室 0356-0000002" in again.text


def test_two_cards_on_one_phone_do_not_disturb_each_other(app, client):
    field = open_field(app)
    parent = Phone(client).scan(field.card("parent")).begin()
    pupil = Phone(client).scan(field.card("student")).begin()
    assert parent.answer_all(PARENT).status_code == 303
    assert pupil.answer_all(full_answers("student", "student")).status_code == 303
    assert counts(app)["sealed"] == 2


def test_ten_threads_sending_one_answer_store_it_once(either_app):
    field = open_field(either_app)
    phone = to_the_last_page(Phone(either_app.test_client()).scan(field.card()).begin())
    data = {f"a.{item}": PARENT[item] for item in phone.asked() if item in PARENT} | phone.hidden()
    replies = []

    def send():
        replies.append(either_app.test_client().post("/answer", data=data).status_code)

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [303] * 10
    assert counts(either_app) == {"entries": 1, "spent": 1, "sealed": 1, "bursts": 1}


def test_a_wave_that_ends_while_someone_answers_says_so(app, monkeypatch):
    field = open_field(app)
    phone = to_the_last_page(Phone(app.test_client()).scan(field.card()).begin())
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
    assert phone.press(PARENT).status_code == 410
    assert phone.page.h1 == "调查已经结束"
    assert "2026-11-26 18:00" in phone.page.text
    assert counts(app)["sealed"] == 0
    assert app.test_client().get(f"/c/{field.card().in_address}").status_code == 410


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"opened_at": None}, 410, "调查还没有开始"),
        ({"opens_at": NOW + timedelta(hours=1)}, 410, "2026-11-22 19:00"),
        ({"closed_at": NOW - timedelta(hours=1)}, 410, "调查已经结束"),
    ],
)
def test_a_wave_that_takes_no_answers_says_why(app, client, changes, status, words):
    field = open_field(app)
    with app.app_context():
        db.session.execute(sa.update(Wave).values(**changes))
        db.session.commit()
    assert words in get(client, f"/c/{field.card().in_address}", status=status).text


def test_an_unknown_card_leads_to_the_typed_code(client, app):
    page = get(client, "/c/AAAAAAAAAAAAAAAAAAAAAA", status=404)
    assert ("/code", "输入访问码") in page.links


@pytest.mark.parametrize("token", ["x", "%F0%9F%98%80", "A" * 3000, "..%2f..", "%00"])
def test_strange_addresses_are_refused(client, app, token):
    assert 400 <= client.get(f"/c/{token}").status_code < 500
    assert 400 <= client.get(f"/start/{token}").status_code < 500


def test_a_typed_code_opens_the_card_and_leaves_the_address(app, client):
    field = open_field(app)
    ticket = get(client, "/code").form("/code")["fields"]["ticket"]
    typed = field.card().typed
    spaced = f" {typed[:4].lower()}-{typed[4:8]} {typed[8:]}"
    reply = client.post("/code", data={"ticket": ticket, "code": spaced})
    assert reply.status_code == 303
    assert typed not in reply.location
    assert "阳城县" in get(client, reply.location).text


def test_a_mistyped_code_is_named_and_can_be_corrected(app, client):
    field = open_field(app)
    ticket = get(client, "/code").form("/code")["fields"]["ticket"]
    typed = field.card().typed
    wrong = ("2" if typed[0] != "2" else "3") + typed[1:]
    page = client.post("/code", data={"ticket": ticket, "code": wrong})
    assert page.status_code == 422
    assert "可能输错了一位" in page.get_data(as_text=True)
    assert f'value="{wrong}"' in page.get_data(as_text=True)


@pytest.mark.parametrize(
    "code", ["", "阳城", "1234", "<script>alert(1)</script>", "0" * 12, "\x00", "7F3KQ29ZTABR"]
)
def test_a_code_that_is_none_brings_the_form_again(app, client, code):
    open_field(app)
    ticket = get(client, "/code").form("/code")["fields"]["ticket"]
    reply = client.post("/code", data={"ticket": ticket, "code": code})
    assert reply.status_code in {404, 422}
    assert 'role="alert"' in reply.get_data(as_text=True)
    assert "<script>alert" not in reply.get_data(as_text=True)


BAD = {
    "unknown_option": ({"a.enrolment": "9"}, "所选的不是本题的选项"),
    "two_values": ({"a.enrolment": ["5", "4"]}, "只能选一项"),
    "missing": ({"a.enrolment": ""}, "请选择一项"),
    "surrogate": ({"a.enrolment": b"\xed\xa0\x80"}, "所选的不是本题的选项"),
    "nul": ({"a.enrolment": "5\x00"}, "所选的不是本题的选项"),
    "unknown_item": ({"a.enrolment": "5", "a.nothing<b>": "5"}, "本问卷没有的题目"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_named_beside_its_question(app, client, name):
    field = open_field(app)
    phone = Phone(client).scan(field.card()).begin()
    phone.press(PARENT)
    data, words = BAD[name]
    rest = {f"a.{item}": PARENT[item] for item in phone.asked() if item != "enrolment"}
    reply = client.post("/answer", data={**phone.hidden(), **rest, **data})
    html = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert words in html
    assert "nothing<b>" not in html
    if name != "unknown_item":
        assert 'href="#q-enrolment"' in html
        assert 'id="enrolment-fault"' in html
    assert 'name="a.facilities" value="4" checked' in html
    assert counts(app)["sealed"] == 0


def test_a_comment_that_is_too_long_is_told_its_length(app, client):
    field = open_field(app)
    phone = to_the_last_page(Phone(client).scan(field.card()).begin())
    reply = phone.press({**PARENT, "comment": "长" * 1001})
    assert reply.status_code == 422
    assert "最多 1000 个字，现在有 1001 个字" in phone.page.text
    assert phone.press({**PARENT, "comment": "x" * 1_000_000}).status_code == 422
    assert len(phone.page.html) < 60_000
    assert phone.press(PARENT, **{"a.comment": "x" * 5_000_000}).status_code == 413
    assert counts(app)["sealed"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"data": {}},
        {"data": b"\xff\xfe%%%", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"--x", "content_type": "multipart/form-data"},
        {"data": "{", "content_type": "application/json"},
        {"data": {"ticket": "\ud83d", "carried": "x"}}
        if False
        else {"data": {"ticket": "阳", "carried": "x"}},
    ],
)
@pytest.mark.parametrize("url", ["/begin", "/answer", "/code"])
def test_a_malformed_body_is_refused_kindly(app, client, url, body):
    reply = client.post(url, **body)
    assert reply.status_code == 400
    assert "重新扫答题卡" in reply.get_data(as_text=True)


def test_a_ticket_of_a_vanished_entry_stores_nothing(app, client):
    field = open_field(app)
    phone = to_the_last_page(Phone(client).scan(field.card()).begin())
    with app.app_context():
        db.session.execute(sa.delete(Entry))
        db.session.commit()
    assert phone.press(PARENT).status_code == 404
    assert counts(app)["sealed"] == 0


def test_a_question_of_another_condition_is_dropped(app, client):
    field = open_field(app)
    phone = Phone(client).scan(field.card()).begin()
    answers = full_answers("public", "parent", given={"after_school": "no"})
    assert "after_school_quality" not in answers
    assert phone.answer_all(answers).status_code == 303


def test_going_back_keeps_everything(app, client):
    field = open_field(app)
    phone = Phone(client).scan(field.card()).begin()
    phone.press(PARENT)
    assert phone.press({"enrolment": "2"}, go="back").status_code == 200
    assert 'name="a.after_school" value="yes" id="q-after_school" checked' in phone.page.html
    phone.press(PARENT)
    assert 'name="a.enrolment" value="2" checked' in phone.page.html


def test_english_is_spoken_throughout(app, client):
    field = open_field(app)
    phone = Phone(client)
    address = client.get(f"/c/{field.card().in_address}").location
    phone.page = get(client, f"{address}?lang=en")
    phone.begin()
    assert phone.page.lang == "en"
    assert "Does your child attend the school's after-school service this term?" in phone.page.text
    assert phone.answer_all(PARENT).location == "/thanks?lang=en"


@pytest.fixture
def statements(app):
    """Statements sent to the database since it was last cleared."""
    with listening(app) as heard:
        yield heard


def test_pages_cost_few_statements(app, client, statements):
    field = open_field(app)
    card = field.card()
    statements.clear()
    location = client.get(f"/c/{card.in_address}").location
    assert len(statements.statements) <= 3, statements.statements
    statements.clear()
    phone = Phone(client)
    phone.page = get(client, location)
    assert len(statements.statements) <= 3, statements.statements
    phone.begin()
    statements.clear()
    phone.press(PARENT)
    assert statements.statements == []
    to_the_last_page(phone)
    statements.clear()
    assert phone.press(PARENT).status_code == 303
    assert len(statements.statements) <= 6, statements.statements


def test_the_first_load_is_small_and_needs_nothing_from_elsewhere(app, client):
    field = open_field(app)
    phone = Phone(client).scan(field.card()).begin()
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', phone.page.html)
    assert {name.partition("?")[0].rpartition(".")[2] for name in files} == {"css", "js", "svg"}
    sizes = {name: len(client.get(name).data) for name in files}
    assert sum(sizes.values()) + len(phone.page.html.encode()) < 60_000
    assert next(size for name, size in sizes.items() if ".css" in name) <= 6000
    assert "http:" not in phone.page.html
    assert "https:" not in phone.page.html


@pytest.mark.parametrize("url", ["/code", "/thanks", "/declined", "/privacy"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_plain_pages_need_no_database(app, client, statements, url, lang):
    get(client, f"{url}?lang={lang}")
    assert statements.statements == []


def test_no_key_of_a_wave_is_in_the_database(app):
    field = open_field(app)
    content = settings_of(app).database_file.read_bytes()
    assert field.private_key not in content
    assert field.card().token not in content
    assert field.card().typed.encode() not in content


def test_a_code_that_nobody_has_is_counted_and_a_mistyped_one_is_not(app, client):
    ticket = get(client, "/code").form("/code")["fields"]["ticket"]
    for code, status in (("0" * 12, 404), ("7F3KQ29ZTABA", 422)):
        assert client.post("/code", data={"ticket": ticket, "code": code}).status_code == status
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.sum(CodeGuess.n))) == 1
