"""The brief: a verdict on one page, as PDF. The words are Chinese, as those of all papers are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from survey_app.assessments.figures import exact, figure, limit
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.nearest import nearest_of
from survey_app.assessments.overview import STAGES as STAGE_IDS
from survey_app.assessments.overview import Overview, overview_of
from survey_app.assessments.overview_parts import Reason, Section
from survey_app.assessments.runs import school_names
from survey_app.assessments.scores import score_sheet
from survey_app.assessments.standing import Standing
from survey_app.assessments.words import INTERVALS, LEVELS, OUTCOMES, STAGES
from survey_app.assessments.years import YearBefore
from survey_app.fieldwork.materials.typesetting import typeset
from survey_app.formatting import ABSENT, instant, percent

#: Reasons that the page has room for.
REASONS = 3

#: Characters of a sentence on this page.
_LONGEST = 96

#: Where the scale of the recognition rate begins.
_SCALE_FROM = 0.5

_ARROWS = {"up": "↑", "down": "↓", "level": "→"}

_TEMPLATE = Path(__file__).with_name("brief.typ")


def brief_of_run(run: EvaluationRun, standing: Standing, before: YearBefore | None = None) -> bytes:
    """Give a stored run's brief, always one page; the same run beside the same year gives the same bytes.

    Raises:
        SheetError: it could not be set without a warning.
    """
    view = overview_of(json.loads(run.result), school_names(run))
    return typeset(_TEMPLATE, brief_document(view, run, standing, before))


def brief_document(
    view: Overview, run: EvaluationRun, standing: Standing, before: YearBefore | None
) -> dict[str, Any]:
    """Give what stands on the page, every figure as its text and every length as a share of one."""
    county = view.document["county"]
    return {
        "title": f"{county['name']}{county['year']}年义务教育优质均衡发展评估简报",
        "subtitle": f"{view.scheme['title']}（{view.scheme['document']}）　{LEVELS[run.level]}　"
        f"第{run.number}次评估　{instant(run.made_at)}",
        "verdict": {"outcome": view.document["verdict"], "word": OUTCOMES[view.document["verdict"]]},
        "notice": _notice(view, standing, before),
        "sections": [_section(each, view, before) for each in view.cards],
        "reasons": [_reason(each, view) for each in view.reasons[:REASONS]],
        "more_reasons": max(0, len(view.reasons) - REASONS),
        "nearest": [_cut(f"{each.title}：{each.text}") for each in nearest_of(view).to_pass[:2]],
        "recognition": _recognition(view, standing, before),
        "indicators": [_stage(view, stage, before) for stage in STAGE_IDS if _rows(view, stage)],
        "before_year": before.year if before else None,
        "provenance": [
            f"县情数据：{run.county_file.source}，{run.county_file.year}年第{run.county_file.version}版",
            f"细则{run.scheme_id}　{run.scheme_digest}",
            f"数据　{run.input_digest}",
            f"结论　{run.result_digest}",
        ],
    }


def _notice(view: Overview, standing: Standing, before: YearBefore | None) -> str:
    said = []
    if standing.simulated:
        said.append("数据中有模拟的数字，只供演示，不能用于正式评估。")
    if kept := view.document.get("overrides"):
        computed = OUTCOMES[view.document["computed_verdict"]]
        said.append(f"有{len(kept)}处经两人核定改变；按细则计算为{computed}。")
    if before:
        said.append(f"{before.year}年结论：{OUTCOMES[before.verdict]}。")
    return "".join(said)


def _section(section: Section, view: Overview, before: YearBefore | None) -> dict[str, Any]:
    then = before.sections.get(section.id) if before else None
    return {
        "label": section.label,
        "outcome": section.outcome,
        "word": OUTCOMES[section.outcome],
        "figure": _head_figure(section, view),
        "before": OUTCOMES[then] if then else "",
    }


def _head_figure(section: Section, view: Overview) -> str:
    if section.id == "recognition":
        rate = view.recognition_rate
        return figure(rate["value"], "percent", rate["threshold"])
    if section.id == "scoring" and (sheet := score_sheet(view)):
        return f"{sheet.total.points}/{sheet.total.maximum}分"
    return f"{section.met}/{section.total}{'校' if section.id == 'resources' else '项'}达标"


def _reason(reason: Reason, view: Overview) -> dict[str, str]:
    if not reason.schools:
        return {"label": _cut(reason.label, 48), "text": _cut(reason.finding["reason"])}
    what = "未达标" if view.document["verdict"] == "not_met" else "无法判定"
    return {
        "label": _cut(reason.label, 48),
        "text": _cut(f"{reason.school_count}所学校{what}。如：{reason.schools[0]['reason']}"),
    }


def _recognition(view: Overview, standing: Standing, before: YearBefore | None) -> dict[str, Any]:
    """The rate as a dot, its interval and its limit on one scale, and the same in words."""
    rate = view.recognition_rate
    value, threshold = exact(rate["value"]), exact(rate["threshold"])
    interval = standing.interval
    words = [f"官方口径{figure(value, 'percent', threshold)}，标准不低于{limit(threshold, 'percent')}"]
    if value is None:
        words = ["没有可用的问卷数，社会认可度无法判定"]
    if interval is not None:
        words.append(
            f"95%区间{percent(interval.lower)}—{percent(interval.upper)}，{INTERVALS[interval.verdict]}"
        )
    elif value is not None:
        words.append("没有引用抽样调查，区间不能计算")
    for each in view.findings:
        if each["formula"] == "recognition_rate" and "visit" in each["id"] and each["value"] is not None:
            words.append(f"走访{figure(each['value'], 'percent', each['threshold'])}")
    moved = before.movement(rate) if before else None
    if before and moved:
        words.append(f"{before.year}年{moved.before}{_ARROWS[moved.arrow]}")
    known = [float(each) for each in (value, interval.lower if interval else None) if each is not None]
    begin = min([_SCALE_FROM, *(int(each * 10) / 10 for each in known)])

    def place(number: Any) -> float | None:
        return None if number is None else max(0.0, min(1.0, (float(number) - begin) / (1 - begin)))

    return {
        "words": "；".join(words) + "。",
        "outcome": rate["outcome"],
        "dot": place(value),
        "lower": place(interval.lower) if interval else None,
        "upper": place(interval.upper) if interval else None,
        "limit": place(threshold),
        "limit_word": limit(threshold, "percent") if threshold is not None else "",
        "begin": f"{begin:.0%}",
    }


def _rows(view: Overview, stage: str) -> Sequence[Any]:
    return [row for row in view.coefficients_of(stage) if row.schools]


def _stage(view: Overview, stage: str, before: YearBefore | None) -> dict[str, Any]:
    rows = _rows(view, stage)
    line = exact(rows[0].difference["threshold"])
    known = [value for row in rows if (value := exact(row.difference["value"])) is not None]
    longest = max([*known, (line or 0) * 6 / 5]) or 1
    return {
        "title": f"{STAGES[stage]}（{max(row.schools for row in rows)}校）",
        "limit": float((line or 0) / longest),
        "limit_word": f"≤{limit(line)}",
        "rows": [
            {
                "label": row.indicator["short"],
                "share": float(row.share) if row.share is not None else None,
                "share_word": figure(row.share, "percent", against=1) if row.share is not None else ABSENT,
                "difference": float((exact(row.difference["value"]) or 0) / longest),
                "difference_word": figure(row.difference["value"], "coefficient", line),
                "outcome": row.difference["outcome"],
                "moved": _moved(row.difference, before),
            }
            for row in rows
        ],
    }


def _moved(finding: dict[str, Any], before: YearBefore | None) -> str:
    found = before.movement(finding) if before else None
    return f"{found.before}{_ARROWS[found.arrow]}" if found else ""


def _cut(text: str, longest: int = _LONGEST) -> str:
    """A sentence as far as the page has room for it."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
