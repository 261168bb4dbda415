"""The ledger as a list: one row for each line, and one for a batch that nothing happened to yet."""

from collections.abc import Callable, Sequence

from survey_app.fieldwork.materials.batch_list import Cell
from survey_app.fieldwork.materials.ledger import Standing
from survey_app.formatting import instant
from survey_app.surveys.groups import GROUPS

_HEADER = (
    "批号",
    "对象",
    "地点",
    "学校代码",
    "全批（张）",
    "有效（张）",
    "现状",
    "时间",
    "事项",
    "张数",
    "接收人",
    "备注",
    "登记人",
)

#: What deeds and states are called on the list.
DEEDS = {
    "printed": "导出打印",
    "handed": "交出",
    "returned": "退回",
    "lost": "丢失（作废）",
    "found": "找到（恢复）",
    "replaced": "换发新码",
}
STATES = {"office": "在县教育局", "out": "已交出", "lost": "丢失"}


def ledger_rows(
    standings: Sequence[Standing], *, called: Callable[[str], str]
) -> tuple[tuple[str, ...], list[list[Cell]]]:
    """Header and rows of the list, in the order of the sheets; *called* turns a login into a name."""
    rows: list[list[Cell]] = []
    for one in standings:
        head: list[Cell] = [
            one.batch.position + 1,
            GROUPS[one.batch.group].label.zh,
            one.batch.place,
            one.batch.school_code or "",
            one.cards,
            one.valid,
            STATES[one.where.state],
        ]
        lines: list[list[Cell]] = [
            [instant(line.at), DEEDS[line.deed], line.cards, line.receiver, line.remark, called(line.by)]
            for line in one.lines
        ]
        rows += [head + line for line in lines or [["", "", "", "", "", ""]]]
    return _HEADER, rows
