"""What holds for every page, template and setting, so that a new one cannot forget it."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from survey_app import create_app
from survey_app.api.door import require_token
from survey_app.config import SETTINGS
from survey_app.security import require_login
from tests.conftest import dispose, make_settings

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "survey_app" / "templates"

#: Whoever may come here has no account: the two doors, signing in, the phone pages, what the interface is.
PUBLIC_ROOMS = {"home", "accounts", "respond", "api_description"}

#: Too heavy for a web worker: each costs a second or a hundred megabytes when imported.
HEAVY = ("pandas", "scipy", "statsmodels")

#: Pages that phones ask for, and the sign-in page.
PUBLIC_PAGES = ("/", "/code", "/privacy", "/thanks", "/accounts/sign-in")


@pytest.fixture(scope="module")
def compiling(tmp_path_factory):
    """What compiles the application's templates; no page is asked for."""
    app = create_app(make_settings(tmp_path_factory.mktemp("templates")))
    yield app.jinja_env
    dispose(app)


@cache
def templates():
    """Every template by name."""
    return {str(path.relative_to(TEMPLATES)): path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")}


def test_every_room_of_the_staff_asks_who_is_there(app):
    guards = {require_login, require_token}
    guarded = {name for name, hooks in app.before_request_funcs.items() if guards & set(hooks)}
    assert set(app.blueprints) - guarded == PUBLIC_ROOMS


def test_the_web_process_loads_nothing_heavy(tmp_path):
    program = f"""
import sys
from survey_app import create_app, migrating
from survey_app.db import db
app = create_app()
with app.app_context():
    migrating.upgrade(db.engine)
for page in {PUBLIC_PAGES!r}:
    assert app.test_client().get(page).status_code in (200, 302), page
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"JUNHENG_HOME": str(tmp_path), "PATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name):
    assert f"`{name}`" in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_template_that_is_named_is_there_and_every_other_is_used():
    named = {"errors/refused.html"}
    for path in (ROOT / "survey_app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value.endswith(".html")
                and node.value != ".html"
            ):
                named.add(node.value)
    for text in templates().values():
        named |= set(re.findall(r"""{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""", text))
    assert named == set(templates())


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_template_holds_nothing_that_the_browser_would_refuse(compiling, name):
    text = templates()[name]
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "inline style"
    assert not re.search(r"<style", text), "inline style sheet"
    assert not re.search(r"<[^>{]*\son\w+\s*=", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", text), "something from elsewhere"
    assert "|safe" not in text.replace(" ", ""), "unescaped text"
    compiling.get_template(name)


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_form_that_is_posted_carries_its_proof(name):
    for form in re.findall(r"<form[^>]*method=[\"']post[\"'].*?</form>", templates()[name], re.S | re.I):
        assert re.search(r"csrf\(\)|hidden_tag\(\)|name=\"ticket\"", form), form[:200]
