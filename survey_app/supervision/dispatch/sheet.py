"""A report's counties as a workbook: where each stands, what was done, what is next. No cell is a formula."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from survey_app.assessments.figures import exact
from survey_app.assessments.words import LEVELS, OUTCOMES, STAGES
from survey_app.assessments.workbook import CREATED, OPTIONS
from survey_app.sheet_cells import harmless
from survey_app.supervision.dispatch.tables import STATES
from survey_app.supervision.dispatch.words import doing_said, next_said, work_said
from survey_app.supervision.province.ordering import SECTIONS
from survey_app.supervision.province.words import SECTION_WORDS

_SHARE, _COEFFICIENT = "0.0%", "0.000"

#: Head, width and number format.
_HEADS = (
    ("县代码", 9, ""),
    ("县（市、区）", 14, ""),
    ("市", 10, ""),
    ("计划年", 8, ""),
    ("进度", 12, ""),
    ("通过日期", 11, ""),
    ("申请所在", 12, ""),
    ("期初的结论", 11, ""),
    ("最近的结论", 11, ""),
    ("数据年份", 9, ""),
    ("评估层级", 10, ""),
    *((SECTION_WORDS[section][1], 11, "") for section in SECTIONS),
    ("未达标项目（项）", 10, ""),
    ("未达标学校（所）", 10, ""),
    ("缺数据项目（项）", 10, ""),
    ("缺数据学校（所）", 10, ""),
    ("认可度（官方比例）", 10, _SHARE),
    ("认可度标准", 10, _SHARE),
    ("最差差异系数", 10, _COEFFICIENT),
    ("差异系数上限", 10, _COEFFICIENT),
    ("最差的指标", 11, ""),
    ("未办结任务（项）", 10, ""),
    ("逾期任务（项）", 10, ""),
    ("期内新列任务（项）", 10, ""),
    ("期内验收任务（项）", 10, ""),
    ("挂牌督办", 9, ""),
    ("下一步", 60, ""),
)

_DOING_HEADS = (("县代码", 9), ("县（市、区）", 14), ("日期", 12), ("工作", 80))


def dispatch_workbook(content: Mapping[str, Any], *, title: str) -> bytes:
    """Give what a report says as an Excel file; numbers stay numbers."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"author": "均衡 Junheng", "created": CREATED})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    large = book.add_format({"bold": True, "font_size": 14})
    formats = {
        shown: book.add_format(
            {"border": 1, "valign": "top", "text_wrap": True} | ({"num_format": shown} if shown else {})
        )
        for shown in ("", _SHARE, _COEFFICIENT)
    }
    counties = book.add_worksheet("各县情况")
    rows = [_row(each) for each in content["counties"]]
    _write(counties, f"{title}（截至{content['as_of']}）", _HEADS, rows, head, large, formats)
    counties.freeze_panes(2, 2)
    work = book.add_worksheet("期内工作")
    plain = [(name, width, "") for name, width in _DOING_HEADS]
    _write(work, f"{title}：期内工作", plain, _doings(content["counties"]), head, large, formats)
    work.freeze_panes(2, 0)
    book.close()
    return out.getvalue()


def _write(
    sheet: Any,
    title: str,
    heads: Sequence[tuple[str, int, str]],
    rows: Sequence[Sequence[Any]],
    head: Any,
    large: Any,
    formats: Mapping[str, Any],
) -> None:
    sheet.write(0, 0, harmless(title), large)
    for column, (name, width, shown) in enumerate(heads):
        sheet.write(1, column, name, head)
        sheet.set_column(column, column, width)
        for number, row in enumerate(rows, start=2):
            cell = row[column]
            sheet.write(number, column, harmless(cell) if isinstance(cell, str) else cell, formats[shown])
    if rows:
        sheet.autofilter(1, 0, len(rows) + 1, len(heads) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _row(each: Mapping[str, Any]) -> list[Any]:
    run, pace = each["run"], each["pace"]
    said, worst = (run["recognition"], run["worst"]) if run else (None, None)
    counts = ("missed", "schools_failing", "undetermined", "schools_unknown")
    sections = run["sections"] if run else {}
    return [
        each["code"],
        each["name"],
        each["city"],
        each["due"],
        STATES[pace["state"]] if pace else None,
        each["recognised_on"],
        LEVELS[pace["level"]] if pace and pace["level"] else None,
        OUTCOMES[each["verdict_before"]] if each["verdict_before"] else None,
        OUTCOMES[run["verdict"]] if run else None,
        run["year"] if run else None,
        LEVELS[run["level"]] if run else None,
        *(OUTCOMES[sections[section]] if section in sections else None for section in SECTIONS),
        *((run[key] for key in counts) if run else (None,) * len(counts)),
        *(_number(said, key) for key in ("rate", "limit")),
        *(_number(worst, key) for key in ("value", "limit")),
        f"{worst['key']} {STAGES[worst['stage']]}" if worst else None,
        each["tasks"]["open"],
        each["tasks"]["overdue"],
        each["work"]["made"],
        each["work"]["accepted"],
        "是" if each["listed"] else "否",
        "".join(next_said(step) for step in each["next"]) or None,
    ]


def _number(found: Mapping[str, Any] | None, key: str) -> float | None:
    value = exact(found[key]) if found else None
    return None if value is None else float(value)


def _doings(counties: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for each in counties:
        place = [each["code"], each["name"]]
        rows += [[*place, doing["on"], doing_said(doing)] for doing in each["doings"]]
        rows += [[*place, None, said] for said in work_said(each["work"])]
    return rows
