"""表Ⅵ with its groups as a table, and as a file: what may not be shown is in none of them."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from survey_app.formatting import instant, rounded
from survey_app.sheet_cells import harmless
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave

#: Decimals of a rate in the files, in percent.
_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table; a figure that may not be shown is None."""

    label: str
    distributed: int | None
    returned: int | None
    valid: int | None
    satisfied: int | None
    rate: Fraction | None
    #: Whether its figures are withheld, or there are none.
    withheld: bool

    @property
    def cells(self) -> list[str | int | Decimal]:
        """The line as a file holds it."""
        hidden = _("不公布") if self.withheld else ""
        percent = None if self.rate is None else rounded(self.rate * 100, _DIGITS)
        figures = (self.valid, self.satisfied, percent)
        return [
            harmless(self.label),
            "" if self.distributed is None else self.distributed,
            "" if self.returned is None else self.returned,
            *(hidden if figure is None else figure for figure in figures),
        ]


def official(outcome: Mapping[str, Any]) -> list[Line]:
    """The two lines of the form: all questionnaires, and the parents among them."""
    returned = {row["group"]: row["spent"] for row in outcome["groups"]}
    totals = {
        "all": (_("计"), sum(returned.values())),
        "parent": (_("其中：家长"), returned.get("parent", 0)),
    }
    return [
        _line(row, label=totals[row["row"]][0], returned=row.get("returned", totals[row["row"]][1]))
        for row in outcome["form_vi"]
    ]


def table(outcome: Mapping[str, Any], language: str) -> list[Line]:
    """The form's lines, then each group, groups counted together, and posters."""
    lines = official(outcome)
    lines += [_line(row, label=_name(row["group"], language)) for row in outcome["groups"]]
    for row in outcome.get("merged", ()):
        names = "、".join(_name(group, language) for group in row["groups"])
        lines.append(_line(row, label=_("合并统计：%(groups)s", groups=names)))
    if outcome.get("posters"):
        posters = outcome["posters"]
        label = _("扫海报填写（计入认可度）") if posters["counted"] else _("扫海报填写（不计入认可度）")
        lines.append(_line(posters, label=label, returned=posters["n"]))
    return lines


def as_csv(wave: Wave, outcome: Mapping[str, Any], language: str) -> bytes:
    """The table as UTF-8 with a byte order mark, which spreadsheet programs need for Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in _sheet(wave, outcome, language):
        writer.writerow(row)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def as_workbook(wave: Wave, outcome: Mapping[str, Any], language: str) -> bytes:
    """The table as an Excel workbook."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(memory, options) as book:
        sheet = book.add_worksheet(_("表Ⅵ"))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 5, 16)
        for number, row in enumerate(_sheet(wave, outcome, language)):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write_number(number, column, cell)
    return memory.getvalue()


#: Kinds of file: how each is made and what a browser is told it is.
FILES: Mapping[str, tuple[Callable[[Wave, Mapping[str, Any], str], bytes], str]] = {
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


def _line(row: Mapping[str, Any], *, label: str, returned: int | None = None) -> Line:
    return Line(
        label=label,
        distributed=row.get("distributed"),
        returned=row.get("spent", returned),
        valid=row["valid"],
        satisfied=row["satisfied"],
        rate=row["rate"],
        withheld=row.get("withheld", row["valid"] is None),
    )


def _name(group: str, language: str) -> str:
    return GROUPS[group].label.in_language(language)


def _sheet(wave: Wave, outcome: Mapping[str, Any], language: str) -> Sequence[Sequence[str | int | Decimal]]:
    """Title, head, lines, and the rules that made the figures."""
    head = [
        _("对象"),
        _("问卷总数（份）"),
        _("收回（份）"),
        _("有效问卷数（份）"),
        _("满意问卷数（份）"),
        _("综合满意度（百分数）"),
    ]
    released = instant(wave.released_at) if wave.released_at else _("尚未发布")
    return [
        [harmless(f"{wave.county.name} · {wave.title}")],
        [_("发布时间：%(at)s", at=released)],
        head,
        *(line.cells for line in table(outcome, language)),
        *([harmless(line)] for line in outcome["rules"]["words"][language].splitlines()),
    ]
