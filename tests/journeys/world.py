"""An installation at an hour of its own, its people each at a window, and what they saw."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server

from survey_app import clock, create_app
from survey_app.db import db
from tests.conftest import dispose, make_settings
from tests.factories import make_user
from tests.journeys.conftest import LAPTOP, PHONE, Walker
from tests.journeys.pictures import Crop, photograph

ADDRESS = "http://junheng.example"
VIEWPORT = {"width": 960, "height": 800}

#: Everything that has a name on a page.
NAMED = "h1, h2, h3, a, button, label, summary, legend, th, dt, option"


def at(words: str) -> datetime:
    """The instant, in UTC, at which clocks in Beijing show *words*."""
    return datetime.fromisoformat(words).replace(tzinfo=clock.BEIJING).astimezone(UTC)


def card(page: Page, words: str) -> Locator:
    """The first card of a page that says *words*."""
    return page.locator(".card", has_text=words).first


class World:
    """The served installation, its hour, the windows of its people, and what they saw."""

    def __init__(self, app, browser: Browser, proxy: str):
        self.app, self.browser, self.proxy = app, browser, proxy
        self.now = at("2026-11-16T09:00")
        self.wave = 0
        self.school = ""
        self.windows: dict[str, Page] = {}
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.pictures: dict[str, bytes] = {}
        self.problems: list[str] = []

    def go(self, who: str, path: str) -> Page:
        """Show somebody the page at *path*; ``{wave}`` and ``{school}`` stand for themselves."""
        page = self.windows[who]
        page.goto(ADDRESS + path.format_map(vars(self)))
        return self.read(who)

    def read(self, who: str) -> Page:
        """Remember what is named on the page that somebody sees."""
        page = self.windows[who]
        self.seen[who] |= {each.strip() for each in page.locator(NAMED).all_text_contents()}
        return page

    def press(self, who: str, name: str) -> Page:
        """Press a button and read what comes."""
        return self.follow(who, self.windows[who].get_by_role("button", name=name, exact=True))

    def follow(self, who: str, leading: Locator) -> Page:
        """Click what leads to another page and read that page, however late it comes."""
        with self.windows[who].expect_navigation():
            leading.click()
        return self.read(who)

    def picture(self, name: str, page: Page, *shown: Locator, most: int = 620) -> None:
        """Take a picture for the guides."""
        self.pictures[name] = photograph(page, Crop(shown=shown, most=most))

    def sit_down(self, who: str, role: str, region: str, name: str, school: str = "") -> None:
        """Give somebody an account and a window."""
        with self.app.app_context():
            user = make_user(role, region, login=who, school=school)
            user.name = name
            identity = f"{user.id}:{user.session_stamp}"
            db.session.commit()
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = identity
            session["_fresh"] = True
        page = self.window(who)
        cookie = client.get_cookie("junheng")
        assert cookie is not None
        page.context.add_cookies([{"name": "junheng", "value": cookie.value, "url": ADDRESS}])

    def window(self, who: str) -> Page:
        """Open a window for somebody who is not signed in."""
        context = self.browser.new_context(viewport=VIEWPORT, locale="zh-CN", proxy={"server": self.proxy})
        context.set_default_timeout(15_000)
        page = self.windows[who] = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{who}: {error}"))
        return page


class Inspected(World):
    """A world whose pages are looked at on a phone and a laptop as they are walked; each takes a minute."""

    def __init__(self, *given):
        super().__init__(*given)
        self.walker = Walker()
        #: Pages that were looked at: where, and everything named on them.
        self.looked: set[tuple[str, tuple[str, ...]]] = set()

    def read(self, who: str) -> Page:
        page = super().read(who)
        self.now += timedelta(minutes=1)
        path = page.url.removeprefix(ADDRESS).partition("?")[0]
        shown = (path, tuple(page.locator(NAMED).all_text_contents()))
        if shown in self.looked:
            return page
        self.looked.add(shown)
        name = f"{len(self.looked):02}-{who}{re.sub(r'[^a-z0-9]+', '-', path)}".strip("-")
        for size in (PHONE, LAPTOP):
            page.set_viewport_size(size)
            self.walker.look(page, name)
        page.set_viewport_size(VIEWPORT)
        return page

    def choose(self, who: str, link: str, *, exact: bool = True) -> Page:
        """Follow a link by its words."""
        return self.follow(who, self.windows[who].get_by_role("link", name=link, exact=exact).first)


@contextmanager
def served(home: Path, template: Path, browser: Browser, kind: type[World] = World) -> Iterator[World]:
    """A fresh installation in *home* on a copy of the database *template*, served from a thread."""
    (home / "junheng.db").write_bytes(template.read_bytes())
    app = create_app(replace(make_settings(home), public_url=ADDRESS))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    made = kind(app, browser, f"http://127.0.0.1:{server.server_port}")
    patch = pytest.MonkeyPatch()
    patch.setattr(clock, "now", lambda: made.now)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    for page in made.windows.values():
        page.context.close()
    server.shutdown()
    thread.join()
    dispose(app)
    patch.undo()
