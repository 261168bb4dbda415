"""One filled installation for everything that asks who may."""

import shutil

import pytest

from survey_app import create_app
from tests.conftest import dispose, make_settings
from tests.policies import world


@pytest.fixture(scope="session")
def built(tmp_path_factory, sqlite_template):
    """The folder of a filled installation, and what its addresses name."""
    home = tmp_path_factory.mktemp("world")
    shutil.copy(sqlite_template, home / "junheng.db")
    app = create_app(make_settings(home))
    named = world.build(app)
    dispose(app)
    return home, named


@pytest.fixture
def asked(built, tmp_path):
    """An application like it, and what its addresses name."""
    home, named = built
    app = world.copy(tmp_path / "copy", home)
    yield app, named
    dispose(app)
