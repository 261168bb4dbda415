"""The sheets to fill in: empty, or with the rows that are known already; as a workbook and as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey_app.counties.workbook.shape import Block, Sheet
from survey_app.sheet_cells import harmless


def workbook(sheet: Sheet, rows: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Return *sheet* as a workbook, its *rows* filled in by column key."""
    from survey_app.counties.workbook.writer import table_bytes

    return table_bytes(sheet, rows)


def delimited(sheet: Sheet, rows: Iterable[Mapping[str, Any]] = ()) -> bytes:
    """Return *sheet* as CSV in UTF-8 with a byte order mark, so that spreadsheet programs read it."""
    (block,) = sheet.blocks
    assert isinstance(block, Block)  # noqa: S101  both sheets of `shape` are tables
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.header.replace("\n", "") for column in block.columns])
    for row in rows:
        words = [column.words.get(row.get(column.key), row.get(column.key, "")) for column in block.columns]
        writer.writerow([harmless(word) if isinstance(word, str) else word for word in words])
    return text.getvalue().encode("utf-8-sig")
