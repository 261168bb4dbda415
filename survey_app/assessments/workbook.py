"""A verdict as a workbook: verdict, findings, school parts, coefficients. No cell can become a formula."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from survey_app.assessments.overview import Overview
from survey_app.assessments.scores import ScoreSheet, score_sheet
from survey_app.assessments.words import OUTCOMES, SIGNS, STAGES, UNITS, input_text

#: Written as the time of making, so that the same verdict always gives the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  the file format knows no zone

#: Widest column, in characters.
_WIDEST = 60

#: Texts stay texts, whatever they begin with.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


_FINDING_HEADS = (
    "部分",
    "编号",
    "内容",
    "学校代码",
    "学校",
    "学段",
    "结论",
    "实际",
    "比较",
    "标准",
    "差距（负数为不足）",
    "单位",
    "自述",
    "缺少的数据",
    "放宽规定",
    "不适用放宽规定时",
    "依据",
    "理由",
    "所用数据",
)

_SCORE_HEADS = ("编号", "指标", "得分", "得分（含不全的）", "满分", "不低于", "结论")

_COEFFICIENT_HEADS = (
    "指标",
    "名称",
    "学段",
    "标准",
    "县均值",
    "达到标准的学校",
    "学校数",
    "差异系数",
    "要求不高于",
    "结论",
)


def write_workbook(view: Overview) -> bytes:
    """Give a verdict as an Excel file with one sheet per table; figures are numbers, unrounded."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"author": "均衡 Junheng", "created": CREATED})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = score_sheet(view)
    for name, heads, rows in (
        ("结论", ("项目", "内容"), _verdict(view)),
        ("判定", _FINDING_HEADS, _findings(view)),
        *([("计分表", _SCORE_HEADS, _scores(sheet))] if sheet else []),
        ("学校", _unit_heads(view), _units(view)),
        ("县均值与差异系数", _COEFFICIENT_HEADS, _coefficients(view)),
        (
            "矛盾",
            ("位置", "内容"),
            [(each["where"], each["message"]) for each in view.document["consistency"]],
        ),
    ):
        _write_sheet(book.add_worksheet(name), heads, list(rows), bold)
    book.close()
    return out.getvalue()


def write_rows(name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Give one table as an Excel file of one sheet; what is None stays empty."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"author": "均衡 Junheng", "created": CREATED})
    _write_sheet(book.add_worksheet(name), heads, rows, book.add_format({"bold": True, "valign": "top"}))
    book.close()
    return out.getvalue()


def _verdict(view: Overview) -> Iterable[Sequence[Any]]:
    document = view.document
    yield "县（市、区）", f"{document['county']['name']}（{document['county']['code']}）"
    yield "年份", document["county"]["year"]
    yield "结论", OUTCOMES[document["verdict"]]
    yield "评估细则", f"{view.scheme['id']}　{view.scheme['title']}（{view.scheme['document']}）"
    yield "细则校验值（SHA-256）", view.scheme["digest"]
    for section in view.sections:
        yield section.label, f"{OUTCOMES[section.outcome]}（达标 {section.met}/{section.total}）"
    for position, reason in enumerate(view.reasons, start=1):
        schools = f"（{reason.school_count} 所学校）" if reason.schools else ""
        yield f"理由 {position}", f"{reason.label}{schools}：{reason.finding['reason']}"


def _findings(view: Overview) -> Iterable[Sequence[Any]]:
    labels = {section.id: section.label for section in view.sections}
    for each in view.findings:
        exemption: Mapping[str, Any] = each["exemption"] or {}
        yield (
            labels[each["section"]],
            each["id"],
            each["label"],
            each["school"],
            each["school_name"],
            STAGES.get(each["stage"]),
            OUTCOMES[each["outcome"]],
            each["value"],
            SIGNS.get(each["comparison"]),
            each["threshold"],
            each["gap"],
            "比例" if each["unit"] == "percent" else UNITS.get(each["unit"]),
            {"met": "自述达标", "not_met": "自述未达标"}.get(each["stated"]),
            "、".join(each["missing_words"]),
            exemption.get("label"),
            OUTCOMES.get(exemption.get("outcome_without", "")),
            each["clause"],
            each["reason"],
            "；".join(f"{key}={input_text(value, key)}" for key, value in each["inputs"].items()),
        )


def _scores(sheet: ScoreSheet) -> Iterable[Sequence[Any]]:
    for each in (*sheet.items, sheet.total):
        yield (
            each.id,
            each.label,
            each.finding["value"],
            each.points,
            each.finding["inputs"]["points"],
            each.finding["threshold"],
            OUTCOMES[each.outcome],
        )
    yield "band", "等次", None, sheet.band_words


def _unit_heads(view: Overview) -> tuple[str, ...]:
    indicators = [f"{each['id']} {each['short']}" for each in view.scheme["indicators"]]
    return ("学校代码", "学校", "学段", "在校生", *indicators, "结论")


def _units(view: Overview) -> Iterable[Sequence[Any]]:
    for unit in view.document["units"]:
        values = [unit["values"][each["id"]] for each in view.scheme["indicators"]]
        yield (
            unit["school"],
            unit["name"],
            STAGES[unit["stage"]],
            unit["pupils"],
            *values,
            OUTCOMES[unit["outcome"]],
        )


def _coefficients(view: Overview) -> Iterable[Sequence[Any]]:
    for row in view.coefficients:
        yield (
            row.indicator["id"],
            row.indicator["label"],
            STAGES[row.stage],
            row.threshold,
            row.mean,
            row.reached,
            row.schools,
            row.difference["value"],
            row.difference["threshold"],
            OUTCOMES[row.difference["outcome"]],
        )


def _write_sheet(sheet: Any, heads: Sequence[str], rows: Sequence[Sequence[Any]], bold: Any) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, str(value))
    for column, head in enumerate(heads):
        longest = max([len(head), *(len(str(row[column] or "")) for row in rows if column < len(row))])
        sheet.set_column(column, column, min(longest * 1.7 + 2, _WIDEST))
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(heads) - 1)
