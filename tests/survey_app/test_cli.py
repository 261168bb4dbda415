"""The command itself: its name and its version."""

import tomllib
from pathlib import Path

from click.testing import CliRunner

from survey_app.cli import main

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_the_version_is_the_project_files_also_where_nothing_is_installed():
    said = CliRunner().invoke(main, ["--version"])
    assert said.exit_code == 0
    assert said.stdout == f"junheng {tomllib.loads(PROJECT.read_text('utf-8'))['project']['version']}\n"


def test_an_empty_installation_says_how_to_add_the_first_account(tmp_path, monkeypatch):
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["database", "upgrade"]).exit_code == 0
    assert "junheng users add" in CliRunner().invoke(main, ["users", "list"]).stdout
