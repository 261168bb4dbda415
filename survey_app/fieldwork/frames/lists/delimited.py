"""A CSV file turned into cells: its letters and its separator found out, within the limits of a workbook."""

import codecs
import csv
import io
from collections.abc import Mapping
from typing import Any

from survey_app.counties.workbook.faults import Fault, WorkbookError
from survey_app.counties.workbook.parsing import archive
from survey_app.counties.workbook.parsing.addresses import cell_name

#: What may stand between two cells.
_SEPARATORS = (",", "\t", ";")

#: Byte order marks and the encodings they announce. UTF-32 first: it begins as UTF-16 does.
_MARKS: Mapping[bytes, str] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def cells_of(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file, each a list of texts; the first one is the header.

    UTF-8, UTF-16 (with a byte order mark) and GB18030, of which GBK is a part, are read.

    Raises:
        WorkbookError: with the one fault for which the file was not read further.
    """
    text = _text(content)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        for row in reader:
            if len(rows) >= archive.MOST_ROWS:
                raise _refused("too_many_rows", count=len(rows) + 1, most=archive.MOST_ROWS)
            if len(row) > archive.MOST_COLUMNS:
                far = cell_name(len(rows), len(row) - 1)
                raise _refused(
                    "cell_out_of_bounds", cell=far, rows=archive.MOST_ROWS, columns=archive.MOST_COLUMNS
                )
            rows.append(row)
    except csv.Error as error:
        raise _refused("csv_malformed", family="lists", line=reader.line_num) from error
    return rows


def _text(content: bytes) -> str:
    encodings = [name for mark, name in _MARKS.items() if content.startswith(mark)][:1] or [
        "utf-8",
        "gb18030",
    ]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise _refused("csv_encoding", family="lists")


def _separator(text: str) -> str:
    """What stands most often in the first line with anything in it; a comma where nothing does."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(_SEPARATORS, key=lambda separator: (first.count(separator), separator == ","))


def _refused(rule: str, *, family: str = "workbook", **facts: Any) -> WorkbookError:
    return WorkbookError([Fault(rule=rule, family=family, facts=facts)])
