import json

import pytest
from click.testing import CliRunner

from survey_app.accounts.commands import users

PASSWORD = "安静的-river-茶杯"


@pytest.fixture
def run(sqlite_template, tmp_path, monkeypatch):
    """Run ``junheng users`` on a fresh installation."""
    import shutil

    shutil.copy(sqlite_template, tmp_path / "junheng.db")
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path))
    return lambda *words, given=PASSWORD + "\n": CliRunner().invoke(users, words, input=given)


def test_accounts_are_added_and_listed(run):
    added = run(
        "add",
        "zhang",
        "--name",
        "张华",
        "--appoint",
        "county:140522",
        "--appoint",
        "assessor:140500",
        "--password-stdin",
    )
    assert added.exit_code == 0, added.output
    assert "阳城县 · 县教育局；晋城市 · 评估专家" in added.output
    assert PASSWORD not in added.output
    assert "zhang\t张华" in run("list").output


def test_the_password_is_asked_for_twice(run):
    wanted = ("add", "admin", "--name", "王敏", "--appoint", "administrator:000000")
    assert run(*wanted, given=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--appoint", "county:140522"), 0, "已添加"),
        (("--appoint", "county:999999"), 1, "找不到代码为“999999”的地区"),
        (("--appoint", "king:140522"), 1, "没有“king”这个角色"),
        (("--appoint", "county"), 2, "county:140522"),
        ((), 2, "--appoint"),
    ],
)
def test_what_is_refused_says_why(run, words, status, said):
    answer = run("add", "li", "--name", "李娜", *words, "--password-stdin")
    assert answer.exit_code == status
    assert said in answer.output
    assert ("li\t" in run("list").output) == (status == 0)


def test_a_database_that_is_not_there_is_said_clearly(tmp_path, monkeypatch):
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "empty"))
    answer = CliRunner().invoke(users, ["list"])
    assert answer.exit_code == 1
    assert "junheng database upgrade" in answer.output
    assert "Traceback" not in answer.output
    assert json.loads((tmp_path / "empty" / "secrets.json").read_text())
