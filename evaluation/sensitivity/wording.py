"""Sentences about what is near: the gap, the smallest change, the school that contributes most."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.sensitivity.changes import Change
from evaluation.terms import Text
from evaluation.vocabulary import figure_name, stage_name, unit_name
from evaluation.wording import shown

if TYPE_CHECKING:
    from evaluation.sensitivity.recognition import KeyReading, RateReading
    from evaluation.sensitivity.verdict import Distance

#: How many changes a sentence names.
NAMED = 2

#: What the readings of a county file's own tallies are called.
LABELS = {
    "parents": Text(zh="只看家长", en="Parents alone"),
    "weighted": Text(zh="按抽样设计加权的估计", en="Estimate weighted by the sample design"),
    "official": Text(zh="满意问卷数÷有效问卷数", en="Satisfied ÷ valid questionnaires"),
    "equal_groups": Text(
        zh="各类对象满意率的平均（同等权重）", en="Mean of the groups' rates (equal weights)"
    ),
}

OUTCOMES = {
    "met": ("达标", "met"),
    "not_met": ("未达标", "not met"),
    "undetermined": ("无法判定", "undetermined"),
}

#: How the answers of a reading are counted.
COUNTERS = {"questionnaires": ("份", "答卷", "answers"), "ratings": ("个", "评分", "ratings")}

#: What a key's value says of a tally.
KEYS: dict[tuple[str, str | bool], tuple[str, str]] = {
    ("if_missing", "undetermined"): ("没有数据时视为无法判定", "where missing, it leaves the question open"),
    ("if_missing", "skip"): ("没有数据时不影响结论", "where missing, it does not matter"),
    ("judged", True): ("也要达标", "it must be met too"),
    ("judged", False): ("只列示，不判定", "it is only shown"),
}

#: What a figure is counted in, by the last of its path's steps that is known here.
COUNTED: dict[str, tuple[str, str]] = {
    "pupils": ("人", ""),
    "nearby_pupils": ("人", ""),
    "funded_pupils": ("人", ""),
    "class_sizes": ("人", ""),
    "teachers": ("人", ""),
    "teaching_area": ("平方米", " m²"),
    "indoor_sports_area": ("平方米", " m²"),
    "sports_ground_area": ("平方米", " m²"),
    "area": ("平方米", " m²"),
    "equipment_value": ("元", " yuan"),
    "public_funds": ("元", " yuan"),
    "training_funds": ("元", " yuan"),
    "funds": ("元", " yuan"),
    "teacher_mean": ("元", " yuan"),
    "civil_servant_mean": ("元", " yuan"),
    "multimedia_rooms": ("间", ""),
    "music_rooms": ("间", ""),
    "art_rooms": ("间", ""),
    "classes": ("个", ""),
    "practice_hours": ("课时", " hours"),
    "comprehensive_hours": ("课时", " hours"),
    "bases": ("处", ""),
    "places": ("个", ""),
    "allotted": ("个", ""),
    "basic_indicators_missed": ("项", ""),
    "questionnaires": ("份", ""),
    "groups": ("份", ""),
    "visits": ("人", ""),
    "rotation": ("人", ""),
    "migrant_children": ("人", ""),
    "retention": ("人", ""),
    "disabled_children": ("人", ""),
    "special_education": ("人", ""),
    "labour": ("人", ""),
    "scores": ("分", " points"),
    "level": ("级", " levels"),
    "application_year": ("年", " years"),
}

#: More and less, and for a year later and earlier.
WAYS = {True: (("多", "more"), ("少", "fewer")), False: (("推迟", "later"), ("提前", "earlier"))}


def change_sentence(change: Change, language: str, *, met: bool, school: str = "") -> str:
    """Return what turns a finding that is met, or is not; *school* is the name of another school it is in.

    >>> change = Change(figure="teachers.primary.backbone", by=Fraction(-2), relative=None, edits=())
    >>> change_sentence(change, "zh", met=True)
    '小学县级以上骨干教师数再少2人即不达标'
    """
    zh = language == "zh"
    more, less = WAYS["application_year" not in change.figure]
    way = (more if change.by > 0 else less)[not zh]
    amount = shown(abs(change.by)) if change.by.denominator == 1 else f"{float(abs(change.by)):.4g}"
    unit = next((COUNTED[step] for step in reversed(change.figure.split(".")) if step in COUNTED), ("", ""))
    name = figure_name(change.figure, language)
    if school:
        name = f"{school}{name}" if zh else f"{school}, {name}"
    if zh:
        return f"{name}再{way}{amount}{unit[0]}即{'不达标' if met else '达标'}"
    return f"{name}: {amount}{unit[1]} {way} would {'miss' if met else 'meet'} it"


def near_sentence(distance: "Distance", names: Mapping[str, str], language: str) -> str:
    """Return how near a finding is to turning: its gap, what turns it, what weighs most.

    Args:
        distance: the finding with what turns it.
        names: the schools' names by code.
        language: ``zh`` or ``en``.
    """
    zh, finding = language == "zh", distance.finding
    met = finding.outcome == "met"
    parts = [_rule_words(distance, language) if distance.away is not None else _gap_words(distance, language)]
    said = [
        change_sentence(
            change,
            language,
            met=met,
            school="" if change.school in (None, finding.school) else names[change.school],
        )
        for change in distance.changes[:NAMED]
    ]
    parts += ["，或".join(said) if zh else "; or ".join(said)] if said else []
    most = distance.contribution
    if most is not None:
        share = shown(most.share, percent=True)
        side = ("高于" if most.above else "低于", "above" if most.above else "below")[not zh]
        parts.append(
            f"差异的{share}来自{most.name}（{side}县均值）"
            if zh
            else f"{share} of the differences come from {most.name} ({side} the mean)"
        )
    where = [part for part in (finding.school_name, stage_name(finding.stage, language)) if part]
    place = "·".join(where) if zh else ", ".join(where)
    text = "；".join(parts) + "。" if zh else "; ".join(parts) + "."
    return f"{place}{'，' if zh else ': '}{text}" if place else text


def _gap_words(distance: "Distance", language: str) -> str:
    finding, zh = distance.finding, language == "zh"
    percent = finding.unit == "percent"
    gap = abs(finding.gap or Fraction(0))
    digits = (
        f"{float(gap):.3f}"
        if finding.formula == "difference_coefficient"
        else shown(gap, apart_from=Fraction(0), percent=percent)
    )
    amount = digits.replace("%", "个百分点" if zh else " points")
    amount += "" if percent else unit_name(finding.unit, language)
    if finding.outcome == "met":
        return f"余量{amount}" if zh else f"{amount} to spare"
    return f"相差{amount}" if zh else f"{amount} short"


def _rule_words(distance: "Distance", language: str) -> str:
    zh, away, nearest = language == "zh", distance.away, distance.nearest
    relative = shown(distance.relative_gap, apart_from=Fraction(0), percent=True)
    unknown = distance.finding.facts["unknown"]
    if distance.finding.outcome == "met":
        if zh:
            return f"再有{away}项下降即不达标，最近的是{nearest}（余量为标准的{relative}）"
        return f"misses when {away} fall(s); {nearest} is nearest ({relative} of its threshold)"
    if zh:
        lacking = f"，另有{'、'.join(unknown)}缺少数据" if unknown else ""
        return f"还差{away}项{lacking}，最近的是{nearest}（相差标准的{relative}）"
    lacking = f", beside {', '.join(unknown)} without figures" if unknown else ""
    return f"{away} indicator(s) away{lacking}; {nearest} is nearest ({relative} of its threshold)"


def rate_sentence(reading: "RateReading", language: str) -> str:
    """Return what another reading of the survey concludes, and how many answers stand before the other one.

    A reading that is no proportion says that it is not compared.
    """
    zh = language == "zh"
    label = reading.alternative.label[language]
    if reading.rate is None:
        return f"{label}：没有数据。" if zh else f"{label}: no figures."
    if reading.outcome is None:
        value = shown(reading.rate)
        return (
            f"{label}：{value}，不是比例，不能与标准比较。" if zh else f"{label}: {value}, not a proportion."
        )
    rate, outcome = shown(reading.rate, percent=True), OUTCOMES[reading.outcome][not zh]
    text = f"{label}：{rate}，{outcome}" if zh else f"{label}: {rate}, {outcome}"
    said, met = flips_words(reading, language), reading.outcome == "met"
    if not said:
        return f"{text}。" if zh else f"{text}."
    turned = ("未达标" if met else "达标") if zh else ("not met" if met else "met")
    return f"{text}；{said}，即{turned}。" if zh else f"{text}; {said}: {turned}."


def flips_words(reading: "RateReading", language: str) -> str:
    """Return how many answers would have to be different, or invalid; nothing where counts do not tell."""
    flips, zh = reading.flips, language == "zh"
    if flips is None:
        return ""
    met, said = reading.outcome == "met", []
    counter, thing, noun = COUNTERS[reading.alternative.counted]
    if flips.turned is not None:
        was, would = ("满意", "不满意") if met else ("不满意", "满意")
        said.append(
            f"{flips.turned}{counter}{was}的{thing}改为{would}"
            if zh
            else f"{flips.turned} {noun} {'not satisfied' if met else 'satisfied'} instead"
        )
    if flips.removed is not None:
        which = ("满意" if met else "不满意") if zh else ("satisfied" if met else "other")
        said.append(
            f"{flips.removed}{counter}{which}的{thing}改判无效"
            if zh
            else f"{flips.removed} {which} {noun} invalid instead"
        )
    return ("，或" if zh else " or ").join(said)


def key_sentence(reading: "KeyReading", language: str) -> str:
    """Return the verdict under one value of a scheme's key."""
    zh = language == "zh"
    says = KEYS[reading.key, reading.value][not zh]
    own = ("（本细则）" if zh else " (as the scheme has it)") if reading.declared else ""
    outcome, verdict = OUTCOMES[reading.outcome][not zh], OUTCOMES[reading.verdict][not zh]
    if zh:
        return f"{reading.label.zh}：{says}{own}，则社会认可度{outcome}，结论{verdict}。"
    return f"{reading.label.en}: {says}{own}; then recognition is {outcome}, the verdict {verdict}."
