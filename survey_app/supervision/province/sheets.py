"""The table of counties to work with, as CSV and as a workbook: numbers are numbers, no cell a formula."""

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Any

from flask_babel import gettext

from survey_app.assessments.words import LEVELS, STAGES
from survey_app.assessments.workbook import CREATED, OPTIONS
from survey_app.sheet_cells import harmless
from survey_app.supervision.province.ordering import NO_RUN, SECTIONS
from survey_app.supervision.province.standings import Standing
from survey_app.supervision.province.words import SECTION_WORDS, VERDICTS

#: How a column's numbers are shown in the workbook.
_SHARE, _COEFFICIENT = "0.0%", "0.000"


def _(text: str) -> str:
    """Mark *text* for the catalogue; it is translated when it is said."""
    return text


#: Head, width and number format of each column.
HEADS: tuple[tuple[str, int, str], ...] = (
    (_("县代码"), 9, ""),
    (_("县（市、区）"), 14, ""),
    (_("市"), 10, ""),
    (_("计划年"), 8, ""),
    (_("认定日期"), 11, ""),
    (_("结论"), 10, ""),
    *((SECTION_WORDS[section][1], 10, "") for section in SECTIONS),
    (_("社会认可度比例"), 10, _SHARE),
    (_("置信区间下限"), 10, _SHARE),
    (_("置信区间上限"), 10, _SHARE),
    (_("认可度标准"), 10, _SHARE),
    (_("最差差异系数"), 10, _COEFFICIENT),
    (_("差异系数上限"), 10, _COEFFICIENT),
    (_("最差的指标"), 12, ""),
    (_("未达标项目（项）"), 10, ""),
    (_("缺数据项目（项）"), 10, ""),
    (_("未达标学校（所）"), 10, ""),
    (_("缺数据学校（所）"), 10, ""),
    (_("学校（所）"), 8, ""),
    (_("未办结任务（项）"), 10, ""),
    (_("逾期任务（项）"), 10, ""),
    (_("挂牌督办"), 9, ""),
    (_("上一次评估的年份"), 10, ""),
    (_("上一次的结论"), 10, ""),
    (_("上一次的认可度"), 10, _SHARE),
    (_("数据年份"), 8, ""),
    (_("评估层级"), 10, ""),
    (_("细则"), 30, ""),
)


def rows_of(standings: Sequence[Standing], *, schemes: Mapping[str, str]) -> list[list[Any]]:
    """Lay out counties as rows below `HEADS`; what is not known is None."""
    return [_row(each, schemes) for each in standings]


def csv_text(rows: Sequence[Sequence[Any]]) -> bytes:
    """Give the rows as a CSV file that spreadsheet programs read as UTF-8."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([gettext(head) for head, _width, _format in HEADS])
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def workbook(rows: Sequence[Sequence[Any]], *, title: str) -> bytes:
    """Give the rows as an Excel file."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"author": "均衡 Junheng", "created": CREATED})
    head_format = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    formats = {
        shown: book.add_format({"border": 1, "valign": "top"} | ({"num_format": shown} if shown else {}))
        for shown in ("", _SHARE, _COEFFICIENT)
    }
    sheet = book.add_worksheet(gettext("各县情况"))
    sheet.write(0, 0, harmless(title), book.add_format({"bold": True, "font_size": 14}))
    for column, (head, width, shown) in enumerate(HEADS):
        sheet.write(1, column, gettext(head), head_format)
        sheet.set_column(column, column, width)
        for number, row in enumerate(rows, start=2):
            cell = row[column]
            sheet.write(number, column, harmless(cell) if isinstance(cell, str) else cell, formats[shown])
    sheet.freeze_panes(2, 2)
    if rows:
        sheet.autofilter(1, 0, len(rows) + 1, len(HEADS) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    book.close()
    return out.getvalue()


def _row(each: Standing, schemes: Mapping[str, str]) -> list[Any]:
    run, said, worst, before = each.run_id is not None, each.recognition, each.worst, each.before
    return [
        each.code,
        each.name,
        each.city,
        each.due,
        each.recognised_on.isoformat() if each.recognised_on else None,
        gettext(VERDICTS[each.verdict or NO_RUN]),
        *(
            gettext(VERDICTS[each.sections[section]]) if section in each.sections else None
            for section in SECTIONS
        ),
        *(_number(said.rate if said else None), _number(said.low if said else None)),
        *(_number(said.high if said else None), _number(said.limit if said else None)),
        *(_number(worst.value if worst else None), _number(worst.limit if worst else None)),
        f"{worst.key} {gettext(STAGES[worst.stage])}" if worst else None,
        *(
            (each.missed, each.undetermined, each.schools_failing, each.schools_unknown, each.schools)
            if run
            else (None,) * 5
        ),
        each.tasks_open,
        each.tasks_overdue,
        gettext(_("是")) if each.listed else gettext(_("否")),
        before.year if before else None,
        gettext(VERDICTS[before.verdict]) if before else None,
        _number(before.rate if before else None),
        each.run_year,
        gettext(LEVELS[each.level]) if each.level else None,
        schemes.get(each.scheme_id, each.scheme_id) if each.scheme_id else None,
    ]


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
