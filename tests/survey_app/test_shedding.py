"""The door of a web process: who works, who waits, who is asked to come back, and who goes first."""

import json
import random
import threading
import time
from collections import Counter
from io import BytesIO

import pytest

from survey_app import shedding
from survey_app.shedding import Door, before
from tests.faults.server import wait_until

PAGES = {"zh_CN": "请稍等".encode(), "en": b"One moment"}


class Reply:
    """What a request was told."""

    def __init__(self):
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.come = threading.Event()

    def response_bytes(self, status, headers, body):
        """Take the first thing that is said, as Granian does."""
        if not self.come.is_set():
            self.status, self.headers, self.body = status, dict(headers), body
            self.come.set()


class Slow:
    """An application that answers when it is let."""

    def __init__(self):
        self.may_end = threading.Semaphore(0)
        self.begun: list[str] = []
        self.read: list[bytes] = []

    def __call__(self, reply, asked):
        self.begun.append(asked["PATH_INFO"])
        self.may_end.acquire()
        if asked["PATH_INFO"] == "/broken":
            raise RuntimeError
        self.read.append(asked["wsgi.input"].read())
        reply.response_bytes(200, [], b"done")


class Line(BytesIO):
    """A body as Granian gives it: what was not read when the call ends is lost."""

    def __init__(self, body: bytes):
        super().__init__(body)
        self.open = True

    def read(self, size=-1, /):
        return super().read(size) if self.open else b""


def ask(serve, method, path, *, query="", body=b"", length=None) -> tuple[Reply, threading.Thread]:
    """Ask in a thread of the server's, and wait until the door knows of it."""
    reply, line = Reply(), Line(body)
    asked = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": line}
    if method == "POST":
        asked["CONTENT_LENGTH"] = str(len(body) if length is None else length)

    def call():
        serve(reply, asked)
        line.open = False

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.05)
    return reply, thread


def told(serve, path, **given) -> Reply:
    """What is said to a request at once."""
    reply, thread = ask(serve, "GET", path, **given)
    thread.join(10)
    assert not thread.is_alive()
    return reply


def let_all_end(slow, asked):
    for _ in asked:
        slow.may_end.release()
    for reply, thread in asked:
        thread.join(10)
        assert reply.come.wait(10)


def test_beyond_its_rooms_a_process_says_so_at_once_in_two_languages():
    slow = Slow()
    # Whoever waits here waits for ever: a refusal that came did not wait, and nobody worked on it.
    door = Door(at_once=1, waiting_answers=1, waiting=1, patience=3600.0, pages=PAGES)
    serve = before(door, slow)
    inside = [ask(serve, "GET", "/start"), ask(serve, "GET", "/start"), ask(serve, "POST", "/answer")]
    for path, method in (("/start", "GET"), ("/answer", "POST")):
        reply, _ = ask(serve, method, path)
        assert reply.come.is_set()
        assert (reply.status, reply.body.decode()) == (503, "请稍等")
        assert int(reply.headers["Retry-After"]) in shedding.RETRY_SECONDS
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in reply.headers
    assert told(serve, "/start", query="lang=en").body == b"One moment"
    assert slow.begun == ["/start"]
    let_all_end(slow, inside)
    slow.may_end.release()
    assert told(serve, "/start").status == 200


def test_with_a_room_for_everybody_nobody_would_be_told():
    slow = Slow()
    serve = before(Door(at_once=1, waiting=10_000, patience=3600.0, pages=PAGES), slow)
    waiting = [ask(serve, "GET", "/start") for _ in range(4)]
    assert not any(reply.come.is_set() for reply, _ in waiting)
    let_all_end(slow, waiting)
    assert len(slow.begun) == 4


def test_who_waits_holds_no_thread():
    slow = Slow()
    serve = before(Door(at_once=1, patience=3600.0, pages=PAGES), slow)
    asked = [ask(serve, "POST", "/begin", body=b"ticket=t") for _ in range(20)]
    for _, thread in asked[1:]:
        thread.join(10)
    assert [thread.is_alive() for _, thread in asked] == [True] + [False] * 19
    let_all_end(slow, asked)
    # The forms were taken in before their threads went on to others.
    assert slow.read == [b"ticket=t"] * 20


@pytest.mark.parametrize("length", [shedding._TAKEN_IN + 1, "", "x"])
def test_what_is_long_or_unknown_is_read_in_its_own_thread_and_by_the_application(length):
    slow = Slow()
    door = Door(at_once=1, patience=3600.0, pages=PAGES)
    serve = before(door, slow)
    first = ask(serve, "GET", "/slow")
    sent = [ask(serve, "POST", "/import", body=b"...", length=length) for _ in range(2)]
    assert all(thread.is_alive() for _, thread in sent)
    # Those who wait in threads leave some to the others.
    refused, _ = ask(serve, "POST", "/import", body=b"...", length=length)
    assert refused.status == 503
    after = ask(serve, "GET", "/start")
    let_all_end(slow, [first, *sent, after])
    assert slow.begun == ["/slow", "/start", *["/import"] * 2]
    assert slow.read == [b"", b"", *[b"..."] * 2]


def test_one_works_while_it_is_brisk_and_others_begin_beside_one_that_is_not():
    slow = Slow()
    door = Door(at_once=2, patience=3600.0, brisk=3600.0, pages=PAGES)
    serve = before(door, slow)
    asked = [ask(serve, "GET", f"/{number}") for number in range(3)]
    assert slow.begun == ["/0"]
    # Nobody comes, so whoever looks after the door lets the next begin; two are all that work at once.
    door._brisk = 0.0
    for _ in range(2):
        door.look_after(time.monotonic())
        time.sleep(0.05)
    assert slow.begun == ["/0", "/1"]
    let_all_end(slow, asked)
    assert sorted(slow.begun) == ["/0", "/1", "/2"]


def test_who_comes_to_one_that_is_not_brisk_lets_the_longest_waiting_begin():
    slow = Slow()
    door = Door(at_once=2, patience=3600.0, brisk=3600.0, pages=PAGES)
    serve = before(door, slow)
    asked = [ask(serve, "GET", "/0"), ask(serve, "GET", "/1")]
    for _, thread in asked[1:]:
        thread.join(10)
    door._brisk = 0.0
    asked.append(ask(serve, "GET", "/2"))
    assert slow.begun == ["/0", "/1"]
    let_all_end(slow, asked)
    assert slow.begun == ["/0", "/1", "/2"]


def test_where_the_database_is_elsewhere_all_places_are_taken_at_once():
    slow = Slow()
    serve = before(Door(at_once=3, patience=3600.0, brisk=0.0, pages=PAGES), slow)
    asked = [ask(serve, "GET", f"/{number}") for number in range(4)]
    assert sorted(slow.begun) == ["/0", "/1", "/2"]
    let_all_end(slow, asked)


def test_a_thread_rests_while_few_wait_and_looks_out_in_between():
    door = Door(at_once=1, patience=3600.0, pages=PAGES)
    slow = Slow()
    serve = before(door, slow)
    asked = [ask(serve, "GET", "/0"), ask(serve, "GET", "/1")]
    look_out = 10 * shedding._LOOK_OUT
    assert not door._may_rest(look_out + shedding._LOOKING_OUT / 2)
    assert door._may_rest(look_out + 2 * shedding._LOOKING_OUT)
    door._rooms[0].extend([asked[1]] * shedding._FEW)
    assert not door._may_rest(look_out + 2 * shedding._LOOKING_OUT)
    door._rooms[0].clear()
    let_all_end(slow, asked)


@pytest.mark.parametrize("brisk", [0.0, 0.0005, 3600.0])
def test_nobody_is_forgotten_or_done_twice_however_they_come(monkeypatch, brisk):
    monkeypatch.setattr(shedding, "_REST", 0.001)
    door = Door(at_once=3, waiting=10_000, waiting_answers=10_000, patience=3600.0, brisk=brisk, pages=PAGES)
    done, told, at_work, most = Counter(), Counter(), 0, 0
    lock = threading.Lock()

    def work(reply, asked):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(random.choice((0.0, 0.0, 0.001)))
        with lock:
            at_work -= 1
        reply.response_bytes(200, [], b"done")

    class Once:
        def __init__(self, name):
            self.name = name

        def response_bytes(self, status, _headers, _body):
            with lock:
                told[status] += 1
                done[self.name] += 1

    serve = before(door, work)

    def come(line: int):
        for number in range(60):
            method = random.choice(("GET", "POST"))
            body = {"CONTENT_LENGTH": random.choice(("1", "x")), "wsgi.input": BytesIO(b"x")}
            serve(Once((line, number)), {"REQUEST_METHOD": method, "PATH_INFO": "/begin", **body})

    lines = [threading.Thread(target=come, args=(line,)) for line in range(6)]
    for each in lines:
        each.start()
    deadline = time.monotonic() + 30
    while len(done) < 360 and time.monotonic() < deadline:
        door.look_after(time.monotonic())
        time.sleep(0.002)
    for each in lines:
        each.join(10)
    wait_until(lambda: door._working == 0)
    assert set(done.values()) == {1}
    assert len(done) == 360
    assert not any(door._rooms)
    assert most <= 3
    # Only those may be turned away who would have waited in their threads.
    assert told[200] > 250


def test_an_answer_that_is_sent_goes_before_a_page_that_is_opened():
    slow = Slow()
    serve = before(Door(at_once=1, pages=PAGES), slow)
    asked = [ask(serve, "GET", "/first"), ask(serve, "GET", "/second"), ask(serve, "POST", "/answer")]
    let_all_end(slow, asked)
    assert slow.begun == ["/first", "/answer", "/second"]


def test_nobody_waits_for_ever_and_a_failure_gives_its_place_back():
    slow = Slow()
    door = Door(at_once=1, patience=5.0, pages=PAGES)
    serve = before(door, slow)
    first = ask(serve, "GET", "/broken")
    sheet, person = ask(serve, "GET", "/start"), ask(serve, "POST", "/import", length="")
    door.send_late_ones_away(time.monotonic() + 4.5)
    assert not sheet[0].come.is_set()
    door.send_late_ones_away(time.monotonic() + 5.5)
    person[1].join(10)
    assert (sheet[0].status, person[0].status) == (503, 503)
    let_all_end(slow, [first])
    assert first[0].status == 500
    slow.may_end.release()
    assert told(serve, "/start").status == 200
    assert slow.begun == ["/broken", "/start"]


def test_a_door_that_is_put_up_is_watched(app, monkeypatch):
    monkeypatch.setattr(shedding, "_LOOK", 0.01)
    slow = Slow()
    serve = before(shedding.put_up(app, at_once=1, patience=0.05), slow)
    first, waits = ask(serve, "GET", "/slow"), ask(serve, "GET", "/start")
    assert waits[0].come.wait(10)
    assert waits[0].status == 503
    let_all_end(slow, [first])


def test_the_page_is_drawn_before_it_is_needed_in_both_languages(app):
    pages = shedding.busy_pages(app)
    assert 'lang="zh-CN"' in pages["zh_CN"].decode()[:60]
    assert 'lang="en"' in pages["en"].decode()[:60]
    assert all(len(page) < 2500 for page in pages.values())


def test_a_program_that_is_turned_away_gets_what_it_can_read(app):
    serve = before(Door(at_once=0, waiting_answers=0, waiting=0, pages=shedding.busy_pages(app)), Slow())
    reply = told(serve, "/api/v1/counties")
    assert (reply.status, reply.headers["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(reply.body)["code"] == "busy"
    assert int(reply.headers["Retry-After"]) in shedding.RETRY_SECONDS
    assert told(serve, "/start").headers["Content-Type"].startswith("text/html")
