import json
import webbrowser

import pytest
from click.testing import CliRunner

from survey_app.surveys.authoring.commands import questionnaire
from survey_app.surveys.questionnaire_loader import FOLDER, load_form, load_questionnaire

from ..forms import KINDS_TEXT


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("JUNHENG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, status=0):
        done = CliRunner().invoke(questionnaire, list(map(str, arguments)))
        assert done.exit_code == status, (done.output, done.exception)
        return done

    return invoke


@pytest.fixture
def kinds(tmp_path):
    path = tmp_path / "kinds.toml"
    path.write_text(KINDS_TEXT, encoding="utf-8")
    return path


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.toml"
    text = KINDS_TEXT.replace('topic = "sharing"', 'topic = "weather"').replace("most = 2", "most = 9")
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_described(run, kinds):
    assert "没有问题。3 个部分，9 题" in run("check", kinds).output
    facts = json.loads(run("check", kinds, "--json").stdout)
    assert facts["digest"] == load_questionnaire(kinds).digest
    assert facts["kinds"]["matrix"] == 2
    assert "no faults" in run("check", kinds, "--lang", "en").output


def test_a_questionnaire_file_is_no_workbook(run, kinds):
    assert run("import", kinds, status=1).stderr.startswith("这不是 .xlsx 工作簿")


def test_every_fault_of_a_file_is_listed_with_its_line(run, broken):
    done = run("check", broken, status=1)
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("broken.toml:27: 部分 life，题 activities: most：")
    english = run("check", broken, "--lang", "en", status=1).stderr
    assert english.startswith("broken.toml:27: section life, item activities: most: ")
    document = json.loads(run("check", broken, "--json", "--lang", "en", status=1).stdout)
    assert [(fault["rule"], fault["line"]) for fault in document["faults"]] == [
        ("most_of_too_few", 27),
        ("unknown_topic", 71),
    ]
    assert set(document["faults"][0]) >= {"where", "value", "rule", "message"}
    run("check", "nowhere.toml", status=2)


def test_the_preview_is_one_page_of_its_own(run, kinds, tmp_path, monkeypatch):
    out = tmp_path / "page.html"
    run("preview", kinds, "--out", out, "--lang", "en", "--school", "Hill School", "--order", "4")
    page = out.read_text("utf-8")
    assert "What do you take part in at Hill School?" in page
    assert "<style>" in page
    assert "<link" not in page
    assert "<script" not in page
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    run("preview", kinds)
    assert opened[0].startswith("file:")
    assert "问卷里没有 parent" in run("preview", kinds, "--group", "parent", status=2).stderr


def test_a_form_goes_out_as_a_workbook_and_comes_back(run, kinds, tmp_path):
    run("export", kinds, "kinds.xlsx")
    run("export", kinds, "kinds.xlsx", status=2)
    facts = json.loads(run("import", "kinds.xlsx", "--out", "again.toml", "--json").stdout)
    assert facts["losses"] == []
    assert facts["digest"] == load_questionnaire(kinds).digest
    run("import", "kinds.xlsx", status=2)
    run("export", FOLDER / "staff.toml", "staff.xlsx")
    run("import", "staff.xlsx")
    assert load_questionnaire(tmp_path / "staff.toml") == load_form("staff")


def test_what_is_no_workbook_is_refused_and_nothing_written(run, tmp_path):
    (tmp_path / "not.xlsx").write_bytes(b"plain text")
    document = json.loads(run("import", "not.xlsx", "--json", status=1).stdout)
    assert len(document["faults"]) == 1
    assert not (tmp_path / "not.toml").exists()
