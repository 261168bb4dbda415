"""A county's ledger as a workbook: tasks, money by year, what happened. No cell can become a formula."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from survey_app.assessments.workbook import CREATED, OPTIONS
from survey_app.clock import day_of
from survey_app.sheet_cells import harmless
from survey_app.supervision.ledger import states, words
from survey_app.supervision.ledger.gaps import wan
from survey_app.supervision.ledger.models import Task

_HEADS = (
    ("编号", 6),
    ("指标", 10),
    ("学校", 18),
    ("任务", 36),
    ("差距", 40),
    ("责任部门", 14),
    ("配合部门", 20),
    ("阶段", 12),
    ("完成期限", 12),
    ("状态", 10),
    ("进度（%）", 9),
    ("资金合计（万元）", 12),
)
_EVENT_HEADS = (
    ("任务编号", 8),
    ("日期", 12),
    ("办理", 12),
    ("进度（%）", 9),
    ("说明", 60),
    ("办理人", 14),
    ("佐证", 30),
)


def ledger_workbook(
    tasks: Sequence[Task],
    *,
    county: str,
    schools: Mapping[str, str],
    called: Callable[[str], str],
    today: date,
) -> bytes:
    """Give the ledger of *county* as an Excel file.

    Args:
        tasks: as they stand, by number.
        county: its name.
        schools: names of schools by code.
        called: what a login's person is called.
        today: what overdue is measured against.
    """
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"author": "均衡 Junheng", "created": CREATED})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    years = sorted({budget.year for task in tasks for budget in task.budgets})
    heads = (*_HEADS, *((f"{year} 年（万元）", 12) for year in years))
    rows = [_row(task, years, schools, today) for task in tasks]
    sheet = book.add_worksheet("工作台账")
    sheet.write(
        0,
        0,
        f"{county}义务教育优质均衡工作台账（{today.isoformat()}）",
        book.add_format({"bold": True, "font_size": 14}),
    )
    _table(sheet, heads, rows, bold, plain)
    if rows:
        _totals(sheet, len(rows) + 2, tasks, years, bold)
    _table(book.add_worksheet("办理情况"), _EVENT_HEADS, list(_events(tasks, called)), bold, plain)
    book.close()
    return out.getvalue()


def _table(
    sheet: Any, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]], bold: Any, plain: Any
) -> None:
    for column, (head, width) in enumerate(heads):
        sheet.write(1, column, head, bold)
        sheet.set_column(column, column, width)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row):
            sheet.write(number, column, harmless(value) if isinstance(value, str) else value, plain)
    sheet.freeze_panes(2, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)


def _row(task: Task, years: Sequence[int], schools: Mapping[str, str], today: date) -> list[Any]:
    state = states.state_of(task.events)
    said = str(words.STATES[state]) + ("（逾期）" if states.overdue(task, today) else "")
    money = {budget.year: budget.yuan for budget in task.budgets}
    return [
        task.number,
        task.finding,
        schools.get(task.school_code or "", task.school_code or ""),
        task.title,
        task.measure,
        task.department,
        task.helpers.replace("\n", "、"),
        task.phase,
        task.deadline.isoformat() if task.deadline else "",
        said,
        states.percent_of(task.events),
        float(wan(sum(money.values()))) if money else "",
        *(float(wan(money[year])) if year in money else "" for year in years),
    ]


def _totals(sheet: Any, row: int, tasks: Sequence[Task], years: Sequence[int], bold: Any) -> None:
    counted = [task for task in tasks if states.state_of(task.events) is not states.TaskState.CANCELLED]
    sheet.write(row, 0, "合计（不含已取消）", bold)
    sums = [
        sum(budget.yuan for task in counted for budget in task.budgets if budget.year == year)
        for year in years
    ]
    for column, amount in enumerate((sum(sums), *sums), start=len(_HEADS) - 1):
        sheet.write(row, column, float(wan(amount)), bold)


def _events(tasks: Iterable[Task], called: Callable[[str], str]) -> Iterable[list[Any]]:
    for task in tasks:
        for event in task.events:
            yield [
                task.number,
                day_of(event.made_at).isoformat(),
                str(words.EVENTS[event.kind]),
                "" if event.percent is None else event.percent,
                event.text,
                called(event.made_by),
                "；".join(each.title for each in event.evidence),
            ]
