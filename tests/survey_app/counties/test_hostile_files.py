"""Files that are no workbook, or one made to harm: refused by name, in time, with the server alive."""

import struct
import sys
import time
import zipfile
from itertools import pairwise
from random import Random

import pytest

from survey_app.counties.workbook import WorkbookError, read_workbook, workbook_bytes, write_workbook
from survey_app.counties.workbook import sheets as parsing_in_child
from survey_app.counties.workbook.parsing import archive

SHEET = "xl/worksheets/sheet3.xml"
EMPTY = {"format": "county/1", "county": {"code": "140522", "name": "阳城县"}, "year": 2021, "schools": []}


@pytest.fixture
def refused(faults_of):
    """The single rule a file is refused for."""

    def read(book):
        (fault,) = faults_of(book)
        assert fault.where == str(fault.facts.get("path", ""))
        return fault

    return read


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "upload.xlsx"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not_a_workbook"),
        (b"\x00" * 5000, "not_a_workbook"),
        ("学校代码,学校名称\nS001,第1学校\n".encode("gb18030"), "not_a_workbook"),
        (b"<html><table></table></html>", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4096, "encrypted_or_old_format"),
        (b"PK\x03\x04" + b"\x00" * 4096, "damaged_archive"),
    ],
    ids=["empty", "zeros", "csv", "html", "ole", "zip-start-only"],
)
def test_what_is_no_workbook_is_refused(content, rule, file, refused):
    assert refused(file(content)).rule == rule


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.999])
def test_a_truncated_workbook_is_refused(share, small_bytes, file, refused):
    assert refused(file(small_bytes[: int(len(small_bytes) * share)])).rule == "damaged_archive"


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_never_get_past_the_reader_unnoticed(seed, small, small_bytes, file, in_process):
    rng = Random(seed)
    spoilt = bytearray(small_bytes)
    for _ in range(20):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    try:
        read = read_workbook(file(bytes(spoilt)))
    except WorkbookError as refused:
        faults = refused.faults
    else:
        faults = read == small
    assert faults


def test_another_zip_is_no_workbook(tmp_path, refused):
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("readme.txt", "not a workbook")
    assert refused(path).rule == "not_a_workbook"


def test_an_encrypted_entry_is_refused_by_its_flag(small_bytes, file, refused):
    spoilt = bytearray(small_bytes)
    directory = spoilt.rindex(b"PK\x01\x02")
    flags = struct.unpack_from("<H", spoilt, directory + 8)[0]
    struct.pack_into("<H", spoilt, directory + 8, flags | 1)
    assert refused(file(bytes(spoilt))).rule == "encrypted_entry"


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "xl/../../x", "C:\\x.xml", "..\\x"])
def test_a_path_that_leads_elsewhere_is_refused(name, edited, refused):
    edited.parts[name] = b"x"
    fault = refused(edited)
    assert (fault.rule, fault.value.replace("\\", "/")) == ("unsafe_name", name.replace("\\", "/"))


def test_a_bomb_is_refused_by_its_ratio_before_it_is_opened(edited, refused):
    edited.parts[SHEET] = b"<worksheet>" + b" " * (60 * archive.MEGABYTE)
    started = time.monotonic()
    assert refused(edited).rule == "ratio_too_high"
    assert time.monotonic() - started < 5


def test_too_many_and_too_large_entries_are_refused(edited, refused, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_ENTRY", 10_000)
    assert refused(edited).rule == "entry_too_large"
    monkeypatch.setattr(archive, "LARGEST_ENTRY", archive.LARGEST_TOTAL)
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 50_000)
    assert refused(edited).rule == "archive_too_large"
    monkeypatch.setattr(archive, "LARGEST_FILE", 1000)
    assert refused(edited).rule == "file_too_large"


def test_two_thousand_entries_are_the_most(edited, refused):
    for number in range(2001):
        edited.parts[f"xl/media/{number}.bin"] = b""
    assert refused(edited).rule == "too_many_entries"


def test_one_name_twice_is_refused(edited, refused):
    edited.parts["XL/workbook.xml"] = edited.parts["xl/workbook.xml"]
    assert refused(edited).rule == "duplicate_entry"


CELLS = (
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
)
WORKSHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (CELLS.format(row=1048576, cell="XFD1048576"), "too_many_rows"),
        (CELLS.format(row=2, cell="XFD1048576"), "cell_out_of_bounds"),
        (CELLS.format(row=1048576, cell="A1048576"), "too_many_rows"),
        (CELLS.format(row=2, cell="XFD2"), "cell_out_of_bounds"),
        (CELLS.format(row=2, cell="ZZZZZZZ9999999999"), "cell_out_of_bounds"),
        (CELLS.format(row=2, cell="A0"), "cell_out_of_bounds"),
        (CELLS.format(row=2, cell="甲2"), "cell_out_of_bounds"),
        (CELLS.format(row=100_000, cell="SR100000"), "too_many_cells"),
        ('<dimension ref="A1:XFD1048576"/><sheetData/>', "cell_out_of_bounds"),
        ('<dimension ref="A1:A1048576"/><sheetData/>', "too_many_rows"),
        ('<sheetData/><mergeCells><mergeCell ref="A1:XFD9"/></mergeCells>', "cell_out_of_bounds"),
        ("<sheetData><row r='99999999999'/></sheetData>", "too_many_rows"),
        ("<sheetData><row r='1'><c r='A1'><v>1</v></row></sheetData>", "damaged_part"),
    ],
)
def test_cells_far_away_are_refused_before_anything_is_allocated(body, rule, edited, refused):
    edited.parts[SHEET] = WORKSHEET.format(body).encode()
    assert refused(edited).rule == rule


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefghij"))
    + "]>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("prologue", [LAUGHS, XXE], ids=["laughs", "xxe"])
@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_document_type_is_refused_in_every_part(prologue, part, edited, refused):
    body = edited.parts[part].decode().partition("?>")[2]
    edited.parts[part] = (prologue + body).encode()
    fault = refused(edited)
    assert (fault.rule, fault.value) == ("document_type", part)


def test_a_hundred_sheets_are_refused(edited, refused):
    for number in range(100):
        edited.parts[f"xl/worksheets/more{number}.xml"] = WORKSHEET.format("<sheetData/>").encode()
    assert refused(edited).rule == "too_many_sheets"


def test_a_very_long_string_does_no_harm(edited, faults_of):
    edited.put("学校", "B4", Random(1).randbytes(1_500_000).hex())
    (fault,) = faults_of(edited)
    assert (fault.where, fault.rule) == ("学校!B4", "text_too_long")
    assert len(fault.value) <= 60


def test_more_rows_than_a_county_has_are_refused(edited, refused):
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 200_003))
    edited.parts[SHEET] = WORKSHEET.format(f"<sheetData>{rows}</sheetData>").encode()
    fault = refused(edited)
    assert (fault.rule, fault.facts["most"]) == ("too_many_rows", 200_000)


def test_a_child_that_dies_is_a_fault_and_nothing_more(small_bytes, file, refused, monkeypatch):
    monkeypatch.setattr(parsing_in_child, "_MODULE", "this_module_does_not_exist")
    assert refused(file(small_bytes)).rule == "parsing_failed"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="address space is limited on Linux")
def test_a_child_without_memory_is_a_fault(small_bytes, file, refused, monkeypatch):
    monkeypatch.setattr(parsing_in_child, "_LIMITS", {"memory": archive.MEGABYTE})
    assert refused(file(small_bytes)).rule == "parsing_failed"


def test_a_child_that_takes_too_long_is_a_fault(small_bytes, file, refused, monkeypatch):
    monkeypatch.setattr(parsing_in_child, "PATIENCE", 0.01)
    assert refused(file(small_bytes)).rule == "parsing_took_too_long"


def test_the_child_sees_none_of_the_application_s_secrets(small_bytes, file, monkeypatch):
    import subprocess

    monkeypatch.setenv("JUNHENG_SESSION_KEY", "secret")
    seen = {}
    run = subprocess.run

    def record(*arguments, **options):
        seen.update(options["env"])
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", record)
    read_workbook(file(small_bytes))
    assert set(seen) == {"PYTHONPATH", "PATH"}


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
    "{=1}",
]


def test_no_written_cell_is_a_formula_or_a_link(tmp_path):
    school = {"kind": "primary", "locality": "rural", "ownership": "public", "boarding": False, "pupils": {}}
    texts = [*FORMULAS, "http://example.org", "mailto:a@example.org", "file:///etc/passwd"]
    document = EMPTY | {
        "schools": [school | {"code": text, "name": text, "township": text} for text in texts],
        "vetoes": dict.fromkeys(texts, False),
        "stated": [{"indicator": text, "source": text} for text in texts],
    }
    path = tmp_path / "county.xlsx"
    write_workbook(document, path)
    with zipfile.ZipFile(path) as book:
        parts = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        rels = [name for name in book.namelist() if name.startswith("xl/worksheets/_rels")]
        assert not any(b"<f>" in part or b"<f " in part or b"<hyperlink" in part for part in parts)
        assert not any(b"hyperlink" in book.read(name) for name in rels)
    assert read_workbook(path) == document


def test_the_template_is_small_and_passes_its_own_checks(tmp_path):
    path = tmp_path / "county.xlsx"
    path.write_bytes(workbook_bytes(EMPTY))
    archive.inspect(path)
    assert set(archive.survey(path)) >= {"说明", "县", "学校", "公布数据"}
    assert path.stat().st_size < 100_000
