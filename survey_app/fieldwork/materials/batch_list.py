"""Lists of batches for spreadsheet programs: no cell of them is ever a formula."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from survey_app.sheet_cells import harmless

#: A cell: words, or a number that may be added up.
Cell = str | int

#: Stands in a workbook as the day it was made, so that the same list is the same file.
_LONG_AGO = datetime(1980, 1, 1)  # noqa: DTZ001  a spreadsheet knows no zones


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """The list as CSV, in the encoding that spreadsheet programs recognise by its mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def as_workbook(title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """The list as a workbook with one sheet, its header kept in sight."""
    import xlsxwriter

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": title, "created": _LONG_AGO})
        sheet = book.add_worksheet(title[:31])
        bold, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for column, name in enumerate(header):
            sheet.write_string(0, column, harmless(name), bold)
            sheet.set_column(column, column, _width([name, *(row[column] for row in rows)]))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, harmless(cell), plain)
                else:
                    sheet.write_number(number, column, cell)
        sheet.freeze_panes(1, 0)
    return made.getvalue()


def _width(cells: Sequence[Cell]) -> float:
    """Wide enough for the widest cell, in letters; a Chinese one takes two."""
    widest = max(sum(1 if letter < "\u2e80" else 2 for letter in str(cell)) for cell in cells)
    return min(60.0, widest + 2.0)
