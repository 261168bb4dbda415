"""Sentences in Chinese and English for scored items, their sub-points and the total."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from evaluation.numerals import shown
from evaluation.vocabulary import figure_name

if TYPE_CHECKING:
    from evaluation.findings import Finding

VERDICTS = {
    "met": ("达标", "met"),
    "not_met": ("未达标", "not met"),
    "undetermined": ("无法判定", "cannot be decided"),
}


def _awarded(finding: "Finding", language: str) -> str:
    have, most = shown(finding.value or 0, apart_from=finding.threshold), shown(finding.threshold or 0)
    return f"得{have}分（满分{most}分）。" if language == "zh" else f"{have} of {most} points."


def _topic_rate(finding: "Finding", language: str) -> str:
    full_at, awarded = finding.inputs["full_at"], _awarded(finding, language)
    rate = shown(finding.inputs["rate"], apart_from=full_at, percent=True)
    full = shown(full_at, percent=True)
    if language == "zh":
        return f"相关内容认可度{rate}（达到{full}得满分，不足的按比例），{awarded}"
    return (
        f"recognition of the matching topics {rate} (all points from {full}, else in proportion): {awarded}"
    )


def _never_decreasing(finding: "Finding", language: str) -> str:
    falls = [(each["year"], figure_name(each["series"], language)) for each in finding.inputs["falls"]]
    awarded = _awarded(finding, language)
    if language == "zh":
        said = "、".join(f"{year}年{name}下降" for year, name in falls) or "逐年没有下降"
        return f"{said}，{awarded}"
    said = ", ".join(f"{name} fell in {year}" for year, name in falls) or "never fell"
    return f"{said}: {awarded}"


def _so_far(finding: "Finding", language: str) -> str:
    """Say the points, and while sub-points are open what they may still come to."""
    facts = finding.facts
    mark = facts.get("next") or finding.threshold
    known, full = shown(facts["known"], apart_from=mark), shown(facts["maximum"])
    open_, most = facts["open"], shown(facts["most"], apart_from=finding.threshold)
    unit = (
        ("个计分点", "sub-point" if open_ == 1 else "sub-points")
        if finding.formula == "scored"
        else ("个指标", "item" if open_ == 1 else "items")
    )
    if language == "zh":
        if not open_:
            return f"得{known}分（满分{full}分）"
        return f"已有{known}分（满分{full}分），另有{open_}{unit[0]}得分不全，最多可得{most}分"
    if not open_:
        return f"{known} of {full} points"
    return f"{known} of {full} points so far, {open_} {unit[1]} incomplete, at most {most}"


def _scored(finding: "Finding", language: str) -> str:
    need, share = shown(finding.threshold or 0), shown(finding.facts["share"], percent=True)
    so_far, verdict = _so_far(finding, language), VERDICTS[finding.outcome][language != "zh"]
    if language == "zh":
        return f"{so_far}，要求不低于满分的{share}即{need}分，{verdict}。"
    return f"{so_far}, required {share} or {need}: {verdict}."


def _total(finding: "Finding", language: str) -> str:
    facts, zh = finding.facts, language == "zh"
    need, so_far = shown(finding.threshold or 0), _so_far(finding, language)
    verdict, below = VERDICTS[finding.outcome][not zh], facts["below_share"]
    band = "不评等次" if zh else "no grade"
    if facts["band"]:
        band = f"等次为“{facts['band'].zh}”" if zh else f"grade '{facts['band'].en}'"
    elif below:
        share, ids = shown(facts["share"], percent=True), ("、" if zh else ", ").join(below)
        band = f"第{ids}项不到满分的{share}，不评等次" if zh else f"no grade, item {ids} under {share}"
    elif finding.outcome != "not_met":
        band = "等次未定" if zh else "the grade is not yet certain"
    if zh:
        return f"{so_far}，要求不低于{need}分，{verdict}；{band}。"
    return f"{so_far}, required {need}: {verdict}; {band}."


def claimed(finding: "Finding", language: str) -> str:
    """Say what a county gives itself for a sub-point that figures decide: shown, never counted."""
    points, open_ = finding.facts["claimed"], finding.outcome == "undetermined"
    if finding.value == points:
        return ""
    have = shown(points, apart_from=finding.value)
    if language == "zh":
        return f"县自评{have}分，{'但没有可核对的数据，不计入' if open_ else '以数据为准'}。"
    why = "without figures to check, and is not counted" if open_ else "but the figures decide"
    return f" The county gives itself {have} points, {why}."


#: Code of a finding's reason → how it is said.
SCORE_REASONS: Mapping[str, Callable[["Finding", str], str]] = {
    "awarded": _awarded,
    "topic_rate": _topic_rate,
    "never_decreasing": _never_decreasing,
    "scored": _scored,
    "total": _total,
}
