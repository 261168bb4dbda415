"""Forms as data: complete, strict, and filled by schemes whose items have other names."""

import re
import shutil
from pathlib import Path

import pytest

from evaluation import SchemeError, evaluate, load_scheme, read_county
from evaluation.errors import UnknownFormError
from evaluation.forms import fill
from evaluation.forms.form import AnySource
from evaluation.forms.sources import SOURCES
from evaluation.loader import FORMS, SCHEMES, list_forms, load_form
from tests.evaluation.situations import county

NATIONAL = load_form("national")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FORMS / "national", tmp_path / "national")
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "national" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_forms_are_listed_and_an_unknown_one_names_them():
    assert list_forms() == ["national"]
    with pytest.raises(UnknownFormError) as error:
        load_form("../national")
    assert error.value.known == ("national",)


def test_every_kind_of_source_has_a_function_and_is_used():
    kinds = set(AnySource.__origin__.__args__)
    assert kinds == set(SOURCES)
    cells = [cell for table in NATIONAL.tables for row in table.rows for cell in row.cells.values()]
    cells += [column.cell for table in NATIONAL.tables for column in table.columns if column.cell]
    assert {type(cell) for cell in cells} == kinds


def test_rounding_is_what_the_form_asks_for():
    """Two decimals for values and means, three for coefficients, one for shares."""
    digits = {"part_value": 2, "mean": 2, "difference": 3}
    for table in NATIONAL.tables:
        cells = [cell for row in table.rows for cell in row.cells.values()]
        cells += [column.cell for column in table.columns if column.cell]
        for cell in cells:
            if cell.source in digits:
                assert cell.digits == digits[cell.source]
            if cell.source in ("ratio", "share", "item_value") or getattr(cell, "take", "") in (
                "share",
                "rate",
            ):
                assert cell.digits == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "known"),
    [
        ("form.toml", "document ", "documents ", "documents", "document"),
        ("form.toml", "unknown   =", "unknwon   =", "words.unknwon", "unknown"),
        ("schools.toml", "landscape", "lanscape", "lanscape", "landscape"),
        ("schools.toml", "heading =", "head =", "columns.0.head", "heading"),
        ("schools.toml", 'take = "number"', 'takes = "number"', "columns.0.cell.part.takes", "take"),
        (
            "recognition.toml",
            'of = "recognition',
            'off = "recognition',
            "rows.0.cells.distributed.tally.off",
            "of",
        ),
    ],
)
def test_an_unknown_key_names_file_key_and_known_keys(folder, name, old, new, key, known):
    edit(folder, name, old, new)
    with pytest.raises(SchemeError) as error:
        load_form("national", folder=folder)
    assert error.value.file == f"national/{name}"
    assert error.value.key == key or error.value.key.endswith(known)
    assert known in error.value.known


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("basics.toml", "county.villages", "county.vilages", "no place 'county.vilages'"),
        ("guarantee.toml", 'numerator = ["rotated"]', 'numerator = ["turned"]', "no place"),
        ("basics.toml", "words = { group", "words = { groups", "no column 'groups'"),
        ("guarantee.toml", 'item  = "G1"', 'item  = "G16"', "no item 'G16'"),
        ("reached.toml", 'indicator = "R1"', 'indicator = "R8"', "no indicator 'R8'"),
        ("schools.toml", 'each      = "part"', "", "either rows are listed or each is given"),
        ("schools.toml", 'id      = "code"', 'id      = "name"', "two columns"),
        ("form.toml", 'rural = "乡村"', 'urban_ = "乡村"', "urban"),
        ("form.toml", ', "recognition"]\nsig', "]\nsig", "no table of this name"),
        ("form.toml", '["basics", ', '["basics", "more", ', "missing"),
        ("form.toml", 'id         = "national"', 'id = "other"', "the folder is"),
    ],
)
def test_what_cannot_be_filled_is_refused(folder, name, old, new, says):
    edit(folder, name, old, new)
    with pytest.raises(SchemeError) as error:
        load_form("national", folder=folder)
    assert says in str(error.value)
    assert error.value.file.startswith("national/")


def test_the_digest_changes_with_the_content_and_not_with_line_ends(folder):
    path = folder / "national" / "basics.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_form("national", folder=folder).digest == NATIONAL.digest
    load_form.cache_clear()
    edit(folder, "basics.toml", "乡镇", "乡、镇")
    assert load_form("national", folder=folder).digest != NATIONAL.digest


def renumbered(folder: Path) -> None:
    """Write a scheme with the national demands under other numbers, one of them standing for two."""
    shutil.copytree(SCHEMES / "national-2017", folder / "renumbered")
    for path in (folder / "renumbered").glob("*.toml"):
        text = path.read_text(encoding="utf-8").replace('"national-2017"', '"renumbered"')
        text = re.sub(r'(?m)^id( +)= "R(\d)"', r'id = "\2"\nnational = "R\2"', text)
        text = re.sub(r'(?m)^id( +)= "G(\d+)"', r'id = "10\2"\nnational = ["G\2"]', text)
        text = re.sub(r'(?m)^id( +)= "Q(\d+)"', r'id = "20\2"\nnational = ["Q\2"]', text)
        path.write_text(text, encoding="utf-8")
    quality = folder / "renumbered" / "quality.toml"
    text = quality.read_text(encoding="utf-8")
    quality.write_text(text.replace('national = ["Q6"]', 'national = ["Q6", "Q3"]'), encoding="utf-8")


def without_entry() -> dict:
    """The county file without what only provincial documents ask."""
    document = county()
    del document["eligibility"], document["vetoes"]
    return document


def test_a_scheme_that_counts_otherwise_fills_the_same_form(tmp_path):
    renumbered(tmp_path)
    document = without_entry()
    document["attestations"]["moral_culture"]["met"] = False
    verdict = evaluate(read_county(document), load_scheme("renumbered", folder=tmp_path))
    assert verdict.outcome == "not_met"
    form = fill(NATIONAL, verdict)
    same = fill(NATIONAL, evaluate(read_county(document), load_scheme("national-2017")))
    assert form.empty == ()
    for table, other in zip(form.tables, same.tables, strict=True):
        differing = [
            (cell.text, was.text)
            for cells, were in zip(table.rows, other.rows, strict=True)
            for cell, was in zip(cells, were, strict=True)
            if cell.text != was.text
        ]
        # Q3 now stands on two items, of which one is not met.
        assert differing == ([("未达标", "达标"), ("未达标", "达标")] if table.table.id == "quality" else [])


def test_what_no_item_of_a_scheme_answers_stays_empty_and_is_listed(tmp_path):
    shutil.copytree(SCHEMES / "national-2017", tmp_path / "national-2017")
    (tmp_path / "short").mkdir()
    (tmp_path / "short" / "scheme.toml").write_text(
        """id = "short"
document = "试〔2024〕1号"
issued = 2024-01-01
extends = "national-2017"
sections = ["resources", "guarantee", "quality", "recognition"]
title = { zh = "短", en = "Short" }
issuer = { zh = "县", en = "County" }
""",
        encoding="utf-8",
    )
    (tmp_path / "short" / "resources.toml").write_text(
        '[school_rule]\nindicators_met = 7\nclause = "一"\nlabel = { zh = "七", en = "Seven" }\n',
        encoding="utf-8",
    )
    (tmp_path / "short" / "guarantee.toml").write_text('without = ["G3"]\n', encoding="utf-8")
    form = fill(NATIONAL, evaluate(read_county(without_entry()), load_scheme("short", folder=tmp_path)))
    listed = [(place.table, place.row, place.column) for place in form.empty]
    assert listed == [
        (
            "表Ⅳ",
            "3 所有小学、初中每12个班级配备音乐、美术专用教室1间以上，每间分别不小于96、90平方米",
            "结论",
        ),
        ("表Ⅳ", "3 应配备的学校", "数值"),
        ("表Ⅳ", "3 音乐专用教室达标学校", "数值"),
        ("表Ⅳ", "3 美术专用教室达标学校", "数值"),
    ]
    cells = next(cells for cells in form.table("guarantee").rows if cells[0].text == "3")
    assert (cells[4].text, cells[4].state) == ("", "empty")
