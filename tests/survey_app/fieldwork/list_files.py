"""Files of lists, sound and spoilt: the bad inputs that every upload has to survive."""

import io
import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from random import Random

from survey_app.fieldwork.frames.lists import template
from survey_app.fieldwork.frames.lists.shape import CONTACTS, LISTS
from survey_app.fieldwork.frames.offline import list_rows, read_register
from tests.survey_app.counties.editing import Edited

#: The county that the files are about.
COUNTY = Path(__file__).parents[2] / "golden" / "county" / "small.json"

NAME = LISTS.name
PART = "xl/worksheets/sheet1.xml"
MAIN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefghij"))
    + "]>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

#: Three sound lists of the small county: row 4 to 6 of the workbook, 2 to 4 of a CSV file.
ROWS = [
    {"group": "parent", "school": "S001", "name": "第1学校", "band": "primary", "size": 265},
    {"group": "parent", "school": "S002", "name": "第2学校", "band": "primary", "size": 130},
    {"group": "deputy", "size": 236},
]
PEOPLE = [
    {"group": "deputy", "number": 1, "person": "王芳", "phone": "13812345678"},
    {"group": "deputy", "number": 2, "person": "李雷", "phone": "0356-4222222"},
]


def whole() -> list[dict]:
    """Every list of the small county, as it is registered."""
    county = read_register(COUNTY)
    return list_rows(county.registered, county.register)


def lists(rows=ROWS) -> bytes:
    return template.workbook(LISTS, rows)


def people(rows=PEOPLE) -> bytes:
    return template.workbook(CONTACTS, rows)


def csv_text(rows=ROWS) -> str:
    return template.delimited(LISTS, rows).decode("utf-8-sig")


def saved(book: Edited) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in book.parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def edited(change) -> bytes:
    book = Edited(lists())
    change(book)
    return saved(book)


def _put(cell, value):
    return lambda book: book.put(NAME, cell, value)


def _part(content, part=PART):
    return lambda book: book.parts.__setitem__(part, content)


def _prologue(prologue, part=PART):
    def change(book):
        book.parts[part] = (prologue + book.parts[part].decode().partition("?>")[2]).encode()

    return change


def _encrypted() -> bytes:
    spoilt = bytearray(lists())
    directory = spoilt.rindex(b"PK\x01\x02")
    flags = struct.unpack_from("<H", spoilt, directory + 8)[0]
    struct.pack_into("<H", spoilt, directory + 8, flags | 1)
    return bytes(spoilt)


def _sheets(book):
    for number in range(100):
        book.parts[f"xl/worksheets/more{number}.xml"] = MAIN.format("<sheetData/>").encode()


def _two_cells(book):
    book.parts[PART] = MAIN.format(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    ).encode()


def _merged(book):
    book.replace(PART, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A4:A5"/></mergeCells>')


def _million_rows(book):
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 1_000_001))
    book.parts[PART] = MAIN.format(f"<sheetData>{rows}</sheetData>").encode()


def _twice(key, value):
    return [ROWS[0] | {key: value}, *ROWS[1:]]


#: name -> (file name, content, rule or rules that are broken); a workbook's unless it ends in .csv
HOSTILE = {
    "empty": ("l.xlsx", lambda: b"", {"not_a_workbook"}),
    "zeros": ("l.xlsx", lambda: b"\x00" * 5000, {"not_a_workbook"}),
    "no zip": ("l.xlsx", lambda: csv_text().encode(), {"not_a_workbook"}),
    "old format": (
        "l.xlsx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        {"encrypted_or_old_format"},
    ),
    "truncated": ("l.xlsx", lambda: lists()[:-400], {"damaged_archive"}),
    "encrypted": ("l.xlsx", _encrypted, {"encrypted_entry"}),
    "bomb by ratio": (
        "l.xlsx",
        lambda: edited(_part(b"<worksheet>" + b" " * 60_000_000)),
        {"ratio_too_high"},
    ),
    "bomb by dimension": (
        "l.xlsx",
        lambda: edited(_part(MAIN.format('<dimension ref="A1:XFD1048576"/><sheetData/>').encode())),
        {"cell_out_of_bounds"},
    ),
    "two cells far apart": ("l.xlsx", lambda: edited(_two_cells), {"too_many_rows"}),
    "a million rows": ("l.xlsx", lambda: edited(_million_rows), {"too_many_rows"}),
    "long text": (
        "l.xlsx",
        lambda: edited(_put("B4", Random(1).randbytes(1_500_000).hex())),
        {"text_too_long"},
    ),
    "entity from elsewhere": ("l.xlsx", lambda: edited(_prologue(XXE)), {"document_type"}),
    "laughs": ("l.xlsx", lambda: edited(_prologue(LAUGHS, "xl/workbook.xml")), {"document_type"}),
    "path that leads elsewhere": ("l.xlsx", lambda: edited(_part(b"x", "../../etc/x")), {"unsafe_name"}),
    "a hundred sheets": ("l.xlsx", lambda: edited(_sheets), {"too_many_sheets"}),
    "other workbook": ("l.xlsx", people, {"missing_sheet"}),
    "header moved": (
        "l.xlsx",
        lambda: edited(lambda book: book.put(NAME, "B3", "学校名称").put(NAME, "C3", "学校代码")),
        {"header_moved"},
    ),
    "header twice": ("l.xlsx", lambda: edited(_put("C3", "学校代码")), {"duplicate_header"}),
    "merged cells": ("l.xlsx", lambda: edited(_merged), {"merged_cells"}),
    "formula without value": (
        "l.xlsx",
        lambda: edited(_put("G4", b"><f>1+1</f>")),
        {"formula_without_value"},
    ),
    "error value": (
        "l.xlsx",
        lambda: edited(lambda book: book.raw(NAME, "G4", 't="e"><v>#N/A</v>')),
        {"error_cell"},
    ),
    "negative": ("l.xlsx", lambda: edited(_put("G4", -4)), {"negative"}),
    "fraction": ("l.xlsx", lambda: edited(_put("G4", 26.5)), {"not_an_integer"}),
    "huge": ("l.xlsx", lambda: edited(_put("G4", 1e308)), {"too_large"}),
    "not a number": ("l.xlsx", lambda: edited(_put("G4", "NaN")), {"not_a_number"}),
    "code as a number": ("l.xlsx", lambda: edited(_put("B4", 1)), {"id_is_number"}),
    "leading zeros": ("l.xlsx", lambda: lists(_twice("school", "00S001")), {"school_unknown"}),
    "full-width digits": ("l.xlsx", lambda: edited(_put("G4", "２６５")), {"fullwidth_digits"}),
    "full-width code": ("l.xlsx", lambda: edited(_put("B4", "Ｓ００１")), {"fullwidth_characters"}),
    "zero-width character": ("l.xlsx", lambda: edited(_put("B4", "S0\u200b01")), {"invisible_character"}),
    "same list twice": ("l.xlsx", lambda: lists([*ROWS, ROWS[0]]), {"duplicate"}),
    "unknown group": ("l.xlsx", lambda: edited(_put("A4", "监护人")), {"unknown_choice"}),
    "unknown school": ("l.xlsx", lambda: lists(_twice("school", "S999")), {"school_unknown"}),
    "name of another school": ("l.xlsx", lambda: lists(_twice("name", "第2学校")), {"name_differs"}),
    "no stage": ("l.xlsx", lambda: edited(_put("D4", None)), {"band_missing"}),
    "total and parts": (
        "l.xlsx",
        lambda: lists([*ROWS, ROWS[0] | {"grade": 3, "size": 40}]),
        {"whole_and_parts"},
    ),
    "grade of another stage": ("l.xlsx", lambda: lists(_twice("grade", 8)), {"grade_of_band"}),
    "county list with a school": (
        "l.xlsx",
        lambda: lists([*ROWS[:2], ROWS[2] | {"school": "S001"}]),
        {"not_meant"},
    ),
    "cell beyond the table": ("l.xlsx", lambda: edited(_put("J4", "备注")), {"stray_cell"}),
    "only headers": ("l.xlsx", lambda: lists([]), {"empty"}),
    "utf-16 without a mark": ("l.csv", lambda: csv_text().encode("utf-16-le"), {"csv_encoding"}),
    "no text at all": ("l.csv", lambda: bytes(range(256)) * 4, {"csv_encoding"}),
    "open quotation mark": ("l.csv", lambda: (csv_text() + '家长,"S003').encode(), {"csv_malformed"}),
    "a million lines": ("l.csv", lambda: (csv_text() + "\n" * 1_000_000).encode(), {"too_many_rows"}),
    "long cell": ("l.csv", lambda: csv_text().replace("S001", "S" * 200_000).encode(), {"csv_malformed"}),
    "header moved in csv": (
        "l.csv",
        lambda: csv_text().replace("学校代码,学校名称", "学校名称,学校代码").encode(),
        {"header_moved"},
    ),
    "faults of every kind in csv": (
        "l.csv",
        lambda: csv_text().replace(",265", ",-265").replace("S002", "S999").encode(),
        {"negative", "school_unknown"},
    ),
}

#: name -> (file name, content): read, and read right.
SOUND = {
    "workbook": ("l.xlsx", lists),
    "formula with its value": ("l.xlsx", lambda: edited(_put("G4", b"><f>200+65</f><v>265</v>"))),
    "number as text": ("l.xlsx", lambda: edited(_put("G4", "265"))),
    "utf-8": ("l.csv", lambda: csv_text().encode()),
    "utf-8 with a mark": ("l.csv", lambda: csv_text().encode("utf-8-sig")),
    "utf-16": ("l.csv", lambda: csv_text().encode("utf-16")),
    "gbk": ("l.csv", lambda: csv_text().encode("gbk")),
    "gb18030": ("l.csv", lambda: csv_text().encode("gb18030")),
    "tabs": ("l.csv", lambda: csv_text().replace(",", "\t").encode("utf-16")),
}


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
