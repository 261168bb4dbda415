import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.fieldwork.materials.batch_list import as_csv, as_workbook
from survey_app.fieldwork.materials.names import different, safe

BAD = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "C:\\x",
    "/abs",
    "con",
    "LPT1.txt",
    "nul .x",
    "a\0b",
    "a\u202egnp.exe",
    "end.",
    "end ",
    "...",
    "名" * 200,
    "😀" * 100,
    "<a>|?*\"'",
    "",
    "\ud800",
]


def check(name):
    assert name
    assert name == name.strip(" .")
    assert not set(name) & set('<>:"/\\|?*')
    assert len(name.encode("utf-8")) <= 181
    assert not [one for one in name if unicodedata.category(one) in {"Cc", "Cf", "Cs"}]
    assert name.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


@pytest.mark.parametrize("text", BAD)
def test_no_name_leads_elsewhere_or_is_refused_by_a_system(text):
    check(safe(text))


@given(st.text())
def test_any_text_becomes_a_name_and_a_name_stays(text):
    check(safe(text))
    assert safe(safe(text)) == safe(text)


@given(st.lists(st.text(max_size=3)))
def test_no_two_names_are_the_same_even_where_case_is_none(names):
    given = different(names)
    assert len({name.casefold() for name in given}) == len(names)
    assert all(shown.startswith(name) for name, shown in zip(names, given, strict=True))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "＝1", "=cmd|'/c calc'!A1"])
def test_no_cell_of_a_list_is_a_formula(cell):
    rows = [[cell, 1]]
    assert f"'{cell}" in as_csv(["=名", "数"], rows).decode("utf-8-sig").replace('""', '"')
    assert b"<f>" not in as_workbook("x", ["=名", "数"], rows)
    assert as_workbook("x", ["名"], [[cell]]) == as_workbook("x", ["名"], [[cell]])
