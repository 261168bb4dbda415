"""All published tables of a wave in one file: a workbook for people, a document for programs.

Both are made of the frozen figures alone, which hold nothing that is withheld.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from survey_app.formatting import instant, rounded
from survey_app.results import form_vi
from survey_app.results.rates.sheets import CAPS, SHEETS, Line, sheet_of
from survey_app.results.rates.sheets import as_document as table_document
from survey_app.sheet_cells import harmless
from survey_app.surveys.models import Wave

#: The form of the document; another number means other keys.
FORMAT = "junheng-results/1"

#: Every key of the document, explained in it.
KEYS: Mapping[str, str] = {
    "format": "name and version of this form",
    "digest": "SHA-256 of the frozen figures these are",
    "wave": "id, title and county (GB/T 2260) of the survey",
    "released_at": "when the figures were released (ISO 8601, UTC); null before",
    "scheme": "id and digest of the scheme",
    "rules": "the declared rules: digest, and words by language",
    "threshold": "comparison and limit of the official rate",
    "official": "valid and satisfied questionnaires, rate, outcome (met, not_met, undetermined)",
    "weighted": "weighted estimate beside it: estimate, se, lower, upper (shares), df, psus, verdict",
    "form_vi": "rows of the national form: distributed, returned, valid, satisfied, rate",
    "groups": "by group: questionnaires planned (target), distributed, sent in (spent)",
    "tables": "name -> title, counts (names of n and above), rows: key, label, withheld, cap, n, above, rate",
    "readings": "other readings of the same answers: id, label, unit (share, points), counts, value",
    "returns": "issued, returned and valid questionnaires and their shares",
    "outcome_rates": "final dispositions and AAPOR outcome rates",
    "invalid": "questionnaires that do not count, and why",
    "keys": "this explanation",
}


def as_document(wave: Wave, outcome: Mapping[str, Any], *, digest: str, language: str) -> bytes:
    """The published figures as JSON; shares are numbers from 0 to 1, what is withheld is null."""
    tables = {}
    for name in SHEETS:
        sheet = sheet_of(outcome, name, language)
        if sheet is not None:
            made = table_document(sheet)
            tables[made.pop("table")] = made
    document = {
        "format": FORMAT,
        "digest": digest,
        "wave": outcome["wave"],
        "released_at": wave.released_at.isoformat() if wave.released_at else None,
        "scheme": outcome["scheme"],
        "rules": {"digest": outcome["rules"]["digest"], "words": outcome["rules"]["words"]},
        "threshold": outcome["threshold"],
        "official": outcome["official"],
        "weighted": outcome["weighted"],
        "form_vi": outcome["form_vi"],
        "groups": [
            {name: row[name] for name in ("group", "target", "distributed", "spent")}
            for row in outcome["groups"]
        ],
        "tables": tables,
        "readings": [
            {name: row[name] for name in ("id", "label", "unit", "counts", "value")}
            for row in outcome["alternatives"]
        ],
        "returns": outcome.get("returns"),
        "outcome_rates": outcome.get("outcome_rates"),
        "invalid": outcome["invalid"],
        "keys": dict(KEYS),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, default=_number)
    return text.encode("utf-8")


def _number(value: Any) -> float:
    """A fraction as a number; anything else is a mistake of ours."""
    if isinstance(value, Fraction):
        return float(value)
    raise TypeError(type(value).__name__)


#: Height of the head of a table: two lines.
_HEAD_HEIGHT = 32

_Cell = str | int | Decimal | None


def as_workbook(wave: Wave, outcome: Mapping[str, Any], *, digest: str, language: str) -> bytes:
    """The published figures as an Excel workbook: a sheet a table, captions, units and rules in it."""
    import xlsxwriter

    memory = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(memory, options) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "words": book.add_format({"text_wrap": True, "valign": "top"}),
            "told": book.add_format({"align": "right", "valign": "top"}),
            "count": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "percent": book.add_format({"num_format": "0.00", "valign": "top"}),
        }
        _write(book, styles, _("说明"), _about(wave, outcome, digest, language), widths=(26, 80))
        _write(book, styles, _("表Ⅵ"), _form(wave, outcome, language), widths=(30, 14, 14, 14, 14, 16))
        for name in SHEETS:
            sheet = sheet_of(outcome, name, language)
            if sheet is not None:
                rows = [
                    [sheet.title],
                    [sheet.caption],
                    _head(sheet.head, sheet.n_label, sheet.above_label),
                    *(_line(line) for line in sheet.lines),
                ]
                _write(book, styles, sheet.title, rows, widths=(44, *[13] * 9))
        _write(book, styles, _("其他算法"), _readings(outcome, language), widths=(60, 16, 12))
        _write(book, styles, _("回收"), _returns(outcome), widths=(40, 16))
    return memory.getvalue()


def _about(wave: Wave, outcome: Mapping[str, Any], digest: str, language: str) -> list[list[_Cell]]:
    official, weighted = outcome["official"], outcome["weighted"] or {}
    rate = _percent(official["rate"])
    released = instant(wave.released_at) if wave.released_at else _("尚未发布")
    figures: list[list[_Cell]] = [
        [_("社会认可度（百分数）"), rate],
        [_("有效问卷（份）"), official["valid"]],
        [_("满意问卷（份）"), official["satisfied"]],
        [_("加权估计（百分数）"), _percent(weighted.get("estimate"))],
    ]
    return [
        [f"{wave.county.name} · {wave.title}"],
        [_("不足十份的数字，以及能推算出它们的数字，不公布。")],
        [_("项目"), _("内容")],
        *([label, _("不公布") if figure is None else str(figure)] for label, figure in figures),
        [_("95% 区间（百分数）"), _interval(weighted)],
        [_("发布时间"), released],
        [_("评估办法"), f"{outcome['scheme']['id']} {outcome['scheme']['digest'][:16]}"],
        [_("结果的 SHA-256"), digest],
        *([_("规则"), line] for line in outcome["rules"]["words"][language].splitlines()),
    ]


def _interval(weighted: Mapping[str, Any]) -> str:
    if weighted.get("lower") is None:
        return "—"
    return f"{_percent(weighted['lower'])} – {_percent(weighted['upper'])}"


def _form(wave: Wave, outcome: Mapping[str, Any], language: str) -> list[list[_Cell]]:
    head: list[_Cell] = [_("对象"), _("问卷总数（份）"), _("收回（份）"), _("有效问卷数（份）")]
    head += [_("满意问卷数（份）"), _("综合满意度（百分数）")]
    caption = _("申报表表Ⅵ和各类对象，%(title)s", title=wave.title)
    lines: list[list[_Cell]] = [[*line.cells] for line in form_vi.table(outcome, language)]
    return [[_("表Ⅵ")], [caption], head, *lines]


def _head(first: str, counted: str, above: str) -> list[_Cell]:
    return [
        *(first, counted, above, _("比例（百分数）"), _("加权估计（百分数）")),
        *(_("区间下限（百分数）"), _("区间上限（百分数）"), _("标准误（百分点）")),
        *(_("抽样单元（个）"), _("自由度")),
    ]


def _line(line: Line) -> list[_Cell]:
    if line.withheld:
        told = CAPS[line.cap] if line.cap else _("不公布")
        return [line.label, line.n if line.cap else _("不公布"), _("不公布"), str(told)]
    weighted = line.weighted or {}
    shares = (_percent(weighted.get(name)) for name in ("estimate", "lower", "upper", "se"))
    return [
        *(line.label, line.n, line.above, _percent(line.rate)),
        *shares,
        *(weighted.get("psus"), weighted.get("df")),
    ]


def _readings(outcome: Mapping[str, Any], language: str) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = [
        [_("同一批答卷的其他算法")],
        [_("并列供参考，不代替社会认可度")],
        [_("算法"), _("计算结果"), _("单位")],
    ]
    for each in outcome["alternatives"]:
        share = each["unit"] == "share"
        value = each["value"]
        shown = None if value is None else _percent(value) if share else rounded(value, 2)
        rows.append([each["label"][language], shown, _("百分数") if share else _("分")])
    return rows


def _returns(outcome: Mapping[str, Any]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = [[_("回收")], [_("发出、收回和有效的问卷")], [_("项目"), _("数量（份）")]]
    found = outcome.get("returns") or {}
    rows += [[str(label), found.get(name)] for name, label in _RETURNS.items() if name in found]
    return [*rows, [_("无效问卷"), outcome["invalid"]["n"]]]


_RETURNS = {"issued": _l("发出"), "returned": _l("收回"), "valid": _l("有效")}


def _write(
    book: Any, styles: Mapping[str, Any], name: str, rows: Sequence[Sequence[_Cell]], *, widths: Sequence[int]
) -> None:
    """One sheet: title, caption, head and lines; the head stays in sight and is repeated in print."""
    sheet = book.add_worksheet(name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                style = styles["title"] if not number else styles["head"] if number == 2 else styles["words"]
                style = styles["told"] if number > 2 and cell == _("不公布") else style
                sheet.write_string(number, column, harmless(cell), style if number != 1 else None)
            else:
                style = styles["count"] if isinstance(cell, int) else styles["percent"]
                sheet.write_number(number, column, cell, style)
    sheet.set_row(2, _HEAD_HEIGHT)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(0, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _percent(share: Fraction | float | None) -> Decimal | None:
    if share is None:
        return None
    exact = Fraction(str(share)) if isinstance(share, float) else share
    return rounded(exact * 100, 2)


#: Kinds of file: how each is made and what a browser is told it is.
FILES: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (as_document, "application/json; charset=utf-8"),
}
