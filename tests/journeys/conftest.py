"""A real installation, served by the real command, walked through in a real browser."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from survey_app import create_app
from survey_app.config import Settings, load_settings
from survey_app.serving import upgrade
from tests.faults.server import free_port

PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 800}

#: Of this journey's installation only.
PASSWORD = "walk-the-whole-path"

#: Ports tried one after the other for a server.
_ATTEMPTS = 5

_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=AutofillServerCommunication",
]


def follow(leading: Locator) -> None:
    """Click what leads to another page, and wait until that page is there: a click alone does not."""
    with leading.page.expect_navigation():
        leading.click()


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A running server and where its things lie."""

    url: str
    settings: Settings


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A fresh home with Yangcheng's file and its people, served by ``junheng serve``."""
    home = tmp_path_factory.mktemp("journey")
    settings = load_settings({**os.environ, "JUNHENG_HOME": str(home)})
    upgrade(settings)
    _people_and_county(settings)
    url, server = _serve(home)
    try:
        yield Installation(url=url, settings=replace(settings, public_url=url))
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _serve(home: Path) -> tuple[str, subprocess.Popen]:
    """Start a server on a free port; on another one where somebody was quicker to take it."""
    log = home / "server.log"
    for _ in range(_ATTEMPTS):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "survey_app", "serve", "--port", str(port), "--public-url", url]
        environment = {
            **os.environ,
            "JUNHENG_HOME": str(home),
            "JUNHENG_PUBLIC_URL": url,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        with log.open("wb") as written:
            server = subprocess.Popen(command, env=environment, stdout=written, stderr=written, cwd=home)
        try:
            _wait_for(url, server, log)
        except PortTakenError:
            continue
        except BaseException:
            server.kill()
            server.wait()
            raise
        return url, server
    raise AssertionError(f"{_ATTEMPTS} ports in a row were taken")


def _people_and_county(settings: Settings) -> None:
    from survey_app.accounts import service as people
    from survey_app.clock import now
    from survey_app.counties import service as counties
    from survey_app.counties import yangcheng
    from survey_app.db import db
    from survey_app.security import Held

    app = create_app(settings)
    with app.app_context():
        document, provenance = yangcheng.build()
        counties.import_county_file(
            db.session, document, source="journey", by="test", now=now(), provenance=provenance
        )
        for login, role, region in (("clerk", "county", "140522"), ("supervisor", "city", "140500")):
            counties.ensure_region(db.session, region)
            people.add_user(
                db.session,
                login=login,
                name=login,
                password=PASSWORD,
                appointments=[Held(role, region)],
                by="test",
                now=now(),
            )
        db.session.commit()
        db.engine.dispose()


class PortTakenError(AssertionError):
    """Somebody else listens on the port by now."""


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            said = log.read_text("utf-8", errors="replace")
            if "Address already in use" in said:
                raise PortTakenError(f"{url} is taken")
            raise AssertionError(f"the server ended at once:\n{said[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    said = log.read_text("utf-8", errors="replace")
    raise AssertionError(f"the server did not answer within 30 seconds:\n{said[-2000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the journey is skipped, in CI it is an error."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: install the package chromium")
        pytest.skip("no Chromium: install the package chromium to walk the browser journeys")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=_CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser window of a size, with or without JavaScript; zh-CN unless said otherwise."""
    opened: list[BrowserContext] = []

    def open_it(viewport: dict[str, int], **options) -> BrowserContext:
        context = browser.new_context(viewport=viewport, locale="zh-CN", **options)
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield open_it
    for context in opened:
        context.close()


class Walker:
    """Looks at every page it is shown: accessible, without horizontal scrolling, without errors."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.seen: set[str] = set()
        self._pictures = os.environ.get("JUNHENG_SCREENSHOTS")

    def follow(self, page: Page) -> Page:
        """Note whatever the page's console complains about."""
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                self.problems.append(f"console: {message.text}")
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        return page

    def look(self, page: Page, name: str) -> None:
        """Check the page that is shown and keep a picture where pictures are wanted."""
        width = page.viewport_size["width"]
        self.seen.add(name)
        if self._pictures:
            folder = Path(self._pictures)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            self.problems.append(f"{name} at {width}px scrolls sideways by {overflow}px")
        found = Axe().run(page).response["violations"]
        self.problems += [
            f"{name} at {width}px: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
            for each in found
        ]


@pytest.fixture(scope="module")
def walker() -> Walker:
    """One walker for the whole journey, so that all problems are told at once."""
    return Walker()
