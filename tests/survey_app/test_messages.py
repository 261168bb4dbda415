"""Every code has one sentence, wherever it stands; a sentence says its facts and never breaks a page."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from survey_app import messages
from survey_app.messages import MESSAGES, sentence


def written(folder: Path) -> Counter[str]:
    """How often each code has a sentence in the tables of *folder*, as they are written."""
    return Counter(
        str(key.value)
        for module in sorted(folder.glob("*.py"))
        for table in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(table, ast.Dict)
        for key in table.keys
        if isinstance(key, ast.Constant)
    )


def test_every_code_has_exactly_one_sentence_and_every_table_is_found():
    codes = written(Path(messages.__file__).parent)
    assert len(codes) > 500
    assert not [code for code, times in codes.items() if times > 1]
    assert set(codes) == set(MESSAGES)


@pytest.mark.parametrize(
    "tables",
    [
        {"counties.py": 'A = {"gone": _("x")}', "results.py": 'B = {"gone": _("y")}'},
        {"counties.py": 'A = {"gone": _("x")}\nB = {"gone": _("x")}'},
        {"counties.py": 'A = {"gone": _("x"), "gone": _("y")}'},
    ],
    ids=["in two rooms", "in two tables", "in one table"],
)
def test_a_code_written_twice_is_seen(tables, tmp_path):
    for name, text in tables.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert written(tmp_path) == {"gone": 2}


def test_a_sentence_says_its_facts_in_either_language():
    assert sentence("http_429", lang="zh") == MESSAGES["http_429"]
    assert "2" in sentence("returned_cards", lang="zh", receiver="王老师", held=2, found=3)
    assert "2" in sentence("returned_cards", lang="en", receiver="Wang", held=2, found=3)


def test_an_absent_fact_is_a_dash_and_an_unknown_code_a_refusal():
    assert "—" in sentence("returned_cards", lang="zh", held=2, found=3)
    assert sentence("no such code", lang="zh") == MESSAGES["refused"]
