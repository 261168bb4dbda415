"""Sentences in Chinese and English for findings and contradictions, with numbers rounded to be read."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.numerals import named, shown
from evaluation.score_wording import SCORE_REASONS, claimed
from evaluation.vocabulary import figure_names, stage_name, unit_name

if TYPE_CHECKING:
    from evaluation.findings import Finding

COMPARISONS = {
    "at_least": ("不低于", "at least"),
    "above": ("高于", "above"),
    "at_most": ("不超过", "at most"),
    "below": ("低于", "below"),
}

#: What would be found without an exemption.
WITHOUT = {
    "met": ("也达标", "met too"),
    "not_met": ("未达标", "not met"),
    "undetermined": ("无法判定", "undetermined"),
}

STATED = {
    "met": ("县自述达标，但没有可核对的数据。", " The county states it is met, without figures to check."),
    "not_met": ("县自述未达标。", " The county states it is not met."),
}


def sentence(finding: "Finding", language: str) -> str:
    """Return why a finding came out as it did."""
    where = _where(finding, language)
    label = finding.label[language]
    reason = REASONS[finding.why](finding, language)
    text = f"{where}{label}：{reason}" if language == "zh" else f"{where}{label}: {reason}"
    return text + _exemption(finding, language) + _stated(finding, language)


def _where(finding: "Finding", language: str) -> str:
    parts = [part for part in (finding.school_name, stage_name(finding.stage, language)) if part]
    if not parts:
        return ""
    return f"{'·'.join(parts)}，" if language == "zh" else f"{', '.join(parts)}: "


def _exemption(finding: "Finding", language: str) -> str:
    used, expired = finding.exemption, finding.facts.get("expired")
    zh = language == "zh"
    if used is not None:
        follow = ""
        if used.follow_up_years:
            follow = (
                f"，认定后{used.follow_up_years}年内须达到规定标准"
                if zh
                else f"; the full standard is due within {used.follow_up_years} years after recognition"
            )
        without = WITHOUT[used.outcome_without][not zh]
        if zh:
            return f"按“{used.label.zh}”（{used.clause}）评估；不适用时{without}{follow}。"
        return f" Judged as '{used.label.en}' ({used.clause}); without it the outcome is {without}{follow}."
    if expired is not None:
        if zh:
            return f"“{expired.zh}”的放宽规定已过期，不再适用。"
        return f" The exemption '{expired.en}' has expired."
    return ""


def _stated(finding: "Finding", language: str) -> str:
    if "claimed" in finding.facts:
        return claimed(finding, language)
    if finding.stated is None or finding.outcome != "undetermined":
        return ""
    return STATED[finding.stated][language != "zh"]


def _number(finding: "Finding", language: str) -> str:
    """Say value, threshold and gap."""
    percent = finding.unit == "percent"
    value, threshold = finding.value, finding.threshold
    if value is None or threshold is None:
        return _missing(finding, language)
    unit = "" if percent else unit_name(finding.unit, language)
    have = shown(value, apart_from=threshold, percent=percent) + unit
    want = shown(threshold, percent=percent) + unit
    zh, en = COMPARISONS[finding.comparison or "at_least"]
    if finding.outcome == "met":
        return (
            f"{have}，要求{zh}{want}，达标。" if language == "zh" else f"{have}, required {en} {want}: met."
        )
    gap = (
        shown(abs(value - threshold), percent=percent).replace(
            "%", "个百分点" if language == "zh" else " points"
        )
        + unit
    )
    more = finding.comparison in ("at_least", "above")
    if value == threshold:
        return (
            f"{have}，要求{zh}{want}，未达标。"
            if language == "zh"
            else f"{have}, required {en} {want}: not met."
        )
    if language == "zh":
        return f"{have}，要求{zh}{want}，{'差' if more else '超出'}{gap}，未达标。"
    return f"{have}, required {en} {want}: not met, {'short' if more else 'over'} by {gap}."


def _places(finding: "Finding", language: str) -> str:
    """Name the places a finding lacks; a figure that many schools lack is named once, with their number."""
    return named(figure_names(finding.missing, language, school=finding.school), language)


def _missing(finding: "Finding", language: str) -> str:
    places = _places(finding, language)
    return f"缺少{places}，无法判定。" if language == "zh" else f"cannot be decided without {places}."


def _cannot_reach(finding: "Finding", language: str) -> str:
    want = shown(finding.threshold or 0, percent=True)
    if language == "zh":
        return f"已有数据表明达不到{want}，缺少的数据也无法弥补，未达标。"
    return f"the figures given already rule out {want}, whatever the missing ones are: not met."


def _impossible(finding: "Finding", language: str) -> str:
    places = _places(finding, language)
    if language == "zh":
        return f"{places}自相矛盾（部分大于整体），无法判定，请核对。"
    return f"{places} contradict each other (a part exceeds its whole); cannot be decided, please check."


def _nothing(finding: "Finding", language: str) -> str:
    places = _places(finding, language)
    return (
        f"{places}为0，无法判定。"
        if language == "zh"
        else f"{places} are 0; there is nothing to conclude on."
    )


def _nobody(_: "Finding", language: str) -> str:
    return "没有适用的学校，视为达标。" if language == "zh" else "no school is concerned: met."


def _none(_: "Finding", language: str) -> str:
    return "没有适用的学生，视为达标。" if language == "zh" else "no pupil is concerned: met."


def _attested(finding: "Finding", language: str) -> str:
    note = finding.facts.get("note")
    if language == "zh":
        return f"佐证材料认定达标{f'（{note}）' if note else ''}。"
    return f"attested as met{f' ({note})' if note else ''}."


def _refused(finding: "Finding", language: str) -> str:
    schools, note = finding.facts["schools"], finding.facts.get("note")
    if language == "zh":
        who = f"{named(schools, language)}未达标" if schools else "佐证材料认定未达标"
        return f"{who}{f'（{note}）' if note else ''}。"
    who = f"not met in {named(schools, language)}" if schools else "attested as not met"
    return f"{who}{f' ({note})' if note else ''}."


def _happened(finding: "Finding", language: str) -> str:
    schools = finding.facts["schools"]
    if language == "zh":
        return f"发生过{f'（{named(schools, language)}）' if schools else ''}。"
    return f"it happened{f' ({named(schools, language)})' if schools else ''}."


def _did_not_happen(_: "Finding", language: str) -> str:
    return "未发生。" if language == "zh" else "it did not happen."


def _counts(noun_zh: str, noun_en: str) -> Callable[["Finding", str], str]:
    """Return how a summary over schools or parts is said."""

    def say(finding: "Finding", language: str) -> str:
        facts = finding.facts
        failing = named(facts["failing"], language, counter="所")
        if language == "zh":
            text = f"{facts['all']}{noun_zh}中{facts['met']}{noun_zh}达标"
            text += f"、{facts['not_met']}{noun_zh}未达标" if facts["not_met"] else ""
            text += f"（{failing}）" if failing else ""
            return text + (f"、{facts['undetermined']}{noun_zh}无法判定。" if facts["undetermined"] else "。")
        text = f"of {facts['all']} {noun_en} {facts['met']} met"
        text += f", {facts['not_met']} not met" if facts["not_met"] else ""
        text += f" ({failing})" if failing else ""
        return text + (f", {facts['undetermined']} undetermined." if facts["undetermined"] else ".")

    return say


def _rooms(finding: "Finding", language: str) -> str:
    facts, short = finding.facts, shown(-(finding.gap or 0))
    classes, rooms, area = facts["classes"], facts["rooms"], shown(facts["area"])
    needed, large, met = finding.threshold, finding.value, finding.outcome == "met"
    if language == "zh":
        verdict = "达标" if met else f"差{short}间，未达标"
        return f"{classes}个班需{needed}间，现有{rooms}间，其中不小于{area}平方米的{large}间，{verdict}。"
    verdict = "met" if met else f"not met, short by {short}"
    return f"{classes} classes need {needed}; of {rooms} rooms {large} have {area} m² or more: {verdict}."


def _school_rule(finding: "Finding", language: str) -> str:
    facts, zh = finding.facts, language == "zh"
    parts = [
        f"{facts['all']}项中{facts['met']}项达标"
        if zh
        else f"{facts['met']} of {facts['all']} indicators met"
    ]
    if facts["below"]:
        ids = "、".join(facts["below"]) if zh else ", ".join(facts["below"])
        parts.append(f"{ids}未达标" if zh else f"{ids} below")
    if facts["deep"] and facts["floor"] is not None:
        ids, floor = (
            "、".join(facts["deep"]) if zh else ", ".join(facts["deep"]),
            shown(facts["floor"], percent=True),
        )
        parts.append(f"其中{ids}低于要求的{floor}" if zh else f"{ids} under {floor} of the threshold")
    if facts["unknown"]:
        ids = "、".join(facts["unknown"]) if zh else ", ".join(facts["unknown"])
        parts.append(f"{ids}缺少数据" if zh else f"{ids} unknown")
    verdict = {
        "met": ("该校达标", "the school passes"),
        "not_met": ("该校未达标", "the school does not pass"),
        "undetermined": ("无法判定", "cannot be decided"),
    }[finding.outcome.value][not zh]
    return f"{'，'.join(parts)}，{verdict}。" if zh else f"{', '.join(parts)}: {verdict}."


def _difference(finding: "Finding", language: str) -> str:
    value, threshold = finding.value or Fraction(0), finding.threshold or Fraction(0)
    text, want, schools = _three(value, threshold), shown(threshold), finding.inputs["schools"]
    met = finding.outcome == "met"
    if language == "zh":
        verdict = "达标" if met else "未达标"
        return f"{schools}所学校的校际差异系数为{text}，要求不高于{want}，{verdict}。"
    verdict = "met" if met else "not met"
    return f"difference coefficient {text} over {schools} schools, required at most {want}: {verdict}."


def _three(value: Fraction, threshold: Fraction) -> str:
    """Return a coefficient with three decimals, more where it would hide a difference."""
    text = f"{float(value):.3f}"
    return shown(value, apart_from=threshold) if Fraction(text) == threshold and value != threshold else text


def _worst(finding: "Finding", language: str) -> str:
    value, threshold = finding.value or Fraction(0), finding.threshold or Fraction(0)
    text, want, which = _three(value, threshold), shown(threshold), finding.facts["indicator"]
    met = finding.outcome == "met"
    if language == "zh":
        return f"差异系数最大的是{which}，为{text}，要求不高于{want}，{'达标' if met else '未达标'}。"
    verdict = "met" if met else "not met"
    return f"the largest coefficient is {which} with {text}, required at most {want}: {verdict}."


def _in_principle(finding: "Finding", language: str) -> str:
    """Say that a bound which holds in principle is passed, with or without a document for it."""
    note, met, unit = finding.facts.get("note"), finding.outcome == "met", unit_name(finding.unit, language)
    have, want = shown(finding.value or 0) + unit, shown(finding.threshold or 0) + unit
    if language == "zh":
        text = f"{have}，原则上不超过{want}，"
        excuse = f"例外有佐证材料{f'（{note}）' if note else ''}，达标。"
        return text + (excuse if met else "没有说明例外的佐证材料，无法判定。")
    text = f"{have}, in principle at most {want}; "
    excuse = f"the exception is attested{f' ({note})' if note else ''}: met."
    return text + (excuse if met else "without an attestation of the exception it cannot be decided.")


def _monitored(finding: "Finding", language: str) -> str:
    worst = shown(finding.value or 0, apart_from=finding.threshold)
    if language == "zh":
        return f"已监测的各科目均达标，校际差异率最大为{worst}。"
    return f"every subject monitored passes; the largest difference is {worst}."


def _monitoring_failed(finding: "Finding", language: str) -> str:
    subjects, level = named(finding.facts["subjects"], language), shown(finding.facts["level"])
    limit = shown(finding.threshold or 0)
    if language == "zh":
        return f"{subjects}未达到{level}级以上或校际差异率不低于{limit}，未达标。"
    return f"{subjects} miss level {level} or reach a difference of {limit}: not met."


#: Code of a finding's reason → how it is said.
REASONS: Mapping[str, Callable[["Finding", str], str]] = {
    "number": _number,
    "missing": _missing,
    "cannot_reach": _cannot_reach,
    "impossible": _impossible,
    "nothing": _nothing,
    "nobody": _nobody,
    "none": _none,
    "attested": _attested,
    "refused": _refused,
    "happened": _happened,
    "did_not_happen": _did_not_happen,
    "schools": _counts("所学校", "schools"),
    "parts": _counts("项", "parts"),
    "rooms": _rooms,
    **SCORE_REASONS,
    "school_rule": _school_rule,
    "difference": _difference,
    "worst": _worst,
    "in_principle": _in_principle,
    "monitored": _monitored,
    "monitoring_failed": _monitoring_failed,
}
