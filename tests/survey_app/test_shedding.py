"""The door of a web process: who works, who waits, who is asked to come back, and who goes first."""

import threading
import time

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from survey_app import shedding
from survey_app.shedding import Door

PAGES = {"zh_CN": "请稍等".encode(), "en": b"One moment"}


class Slow:
    """An application that answers when it is let."""

    def __init__(self):
        self.may_end = threading.Semaphore(0)
        self.begun: list[str] = []
        self.arrived = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        self.begun.append(environ["PATH_INFO"])
        self.arrived.release()
        self.may_end.acquire()
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError
        start_response("200 OK", [])
        return [b"done"]


def ask(door, method, path, **given) -> threading.Thread:
    """Ask in a thread of its own and wait until the door knows of it."""
    asked = threading.Thread(target=lambda: Client(door).open(path, method=method, **given))
    asked.start()
    time.sleep(0.05)
    return asked


def test_beyond_its_rooms_a_process_says_so_at_once_in_two_languages():
    slow = Slow()
    # Whoever waits here waits for ever: a refusal that came did not wait, and nobody worked on it.
    door = Door(slow, at_once=1, waiting_answers=1, waiting=1, patience=3600.0, pages=PAGES)
    inside = [ask(door, "GET", "/start"), ask(door, "GET", "/start"), ask(door, "POST", "/answer")]
    for path, method in (("/start", "GET"), ("/answer", "POST")):
        reply: Response = Client(door).open(path, method=method)
        assert (reply.status_code, reply.get_data(as_text=True)) == (503, "请稍等")
        assert int(reply.headers["Retry-After"]) in shedding.RETRY_SECONDS
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in reply.headers
    assert Client(door).get("/start?lang=en").get_data() == b"One moment"
    assert slow.begun == ["/start"]
    for _ in inside:
        slow.may_end.release()
    for each in inside:
        each.join()
    slow.may_end.release()
    assert Client(door).get("/start").status_code == 200


def test_with_a_room_for_everybody_nobody_would_be_told():
    slow = Slow()
    door = Door(slow, at_once=1, waiting=10_000, patience=3600.0, pages=PAGES)
    waiting = [ask(door, "GET", "/start") for _ in range(4)]
    assert all(each.is_alive() for each in waiting)
    for _ in waiting:
        slow.may_end.release()
    for each in waiting:
        each.join()
    assert len(slow.begun) == 4


def test_an_answer_that_is_sent_goes_before_a_page_that_is_opened():
    slow = Slow()
    door = Door(slow, at_once=1, pages=PAGES)
    threads = [ask(door, "GET", "/first"), ask(door, "GET", "/second"), ask(door, "POST", "/answer")]
    for _ in threads:
        slow.may_end.release()
    for each in threads:
        each.join()
    assert slow.begun == ["/first", "/answer", "/second"]


def test_nobody_waits_for_ever_and_a_failure_gives_its_place_back():
    slow = Slow()
    door = Door(slow, at_once=1, patience=0.1, pages=PAGES)
    first = ask(door, "GET", "/slow")
    assert Client(door).get("/start").status_code == 503
    slow.may_end.release()
    first.join()
    slow.may_end.release()
    with pytest.raises(RuntimeError):
        Client(door).get("/broken")
    slow.may_end.release()
    assert Client(door).get("/start").status_code == 200


def test_the_page_is_drawn_before_it_is_needed_in_both_languages(app):
    pages = shedding.busy_pages(app)
    assert 'lang="zh-CN"' in pages["zh_CN"].decode()[:60]
    assert 'lang="en"' in pages["en"].decode()[:60]
    assert all(len(page) < 2500 for page in pages.values())


def test_a_program_that_is_turned_away_gets_what_it_can_read(app):
    door = Door(Slow(), at_once=0, waiting_answers=0, waiting=0, pages=shedding.busy_pages(app))
    reply = Client(door).get("/api/v1/counties")
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert reply.json["code"] == "busy"
    assert int(reply.headers["Retry-After"]) in shedding.RETRY_SECONDS
    assert Client(door).get("/start").mimetype == "text/html"
