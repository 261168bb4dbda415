"""Sentences in Chinese and English for why no plan can be."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.numerals import shown
from evaluation.remedies.wording import UNITS, lacking, named_thing
from evaluation.vocabulary import stage_name

if TYPE_CHECKING:
    from evaluation.remedies.obstacles import Obstacle


def obstacle_sentence(obstacle: "Obstacle", language: str) -> str:
    """Return why no plan can be."""
    return OBSTACLES[obstacle.kind](obstacle, language)


def _too_few(obstacle: "Obstacle", language: str) -> str:
    thing = named_thing(obstacle.figure or "", language)
    stage, schools = stage_name(obstacle.stage, language), obstacle.facts["schools"]
    if language == "zh":
        return f"{schools}所学校至少需要{obstacle.needed}名{stage}{thing}，现在只有{obstacle.available}名。"
    who = "1 school needs" if schools == 1 else f"{schools} schools together need"
    return f"{who} at least {obstacle.needed} {stage} {thing}; there are {obstacle.available}."


def _school_fixed(obstacle: "Obstacle", language: str) -> str:
    facts, zh = obstacle.facts, language == "zh"
    where = f"{obstacle.name}·{stage_name(obstacle.stage, language)}"
    ids = ("、" if zh else ", ").join(_indicator(id_, obstacle, language) for id_ in obstacle.indicators)
    if facts["low"]:
        floor = "0" if facts["floor"] is None else shown(facts["floor"], percent=True)
        if zh:
            return f"{where}的{ids}低于要求的{floor}，调动教师改变不了，也没有可用的补充办法。"
        return f"{where}: {ids} under {floor} of the threshold; this can be neither moved nor bought."
    if zh:
        rule = f"最多只能有{facts['spared']}项未达到" if facts["spared"] else "而每一项都须达到"
        return f"{where}的{ids}未达到要求，{rule}，这些又调动不来、补充不了。"
    rule = f"at most {facts['spared']} may be" if facts["spared"] else "none may be"
    return f"{where}: {ids} short, {rule}; this can be neither moved nor bought."


def _school_full(obstacle: "Obstacle", language: str) -> str:
    thing, stage = named_thing(obstacle.figure or "", language), stage_name(obstacle.stage, language)
    if language == "zh":
        return (
            f"{obstacle.name}至少需要{obstacle.needed}名{stage}{thing}，而全校{stage}教师总数只容得下"
            f"{obstacle.available}名，互换教师做不到。"
        )
    return (
        f"{obstacle.name} needs at least {obstacle.needed} {stage} {thing}; with as many teachers as it has, "
        f"exchanging them gives it {obstacle.available} at most."
    )


def _difference_fixed(obstacle: "Obstacle", language: str) -> str:
    stage, id_ = stage_name(obstacle.stage, language), _indicator(obstacle.indicators[0], obstacle, language)
    if language == "zh":
        return f"{stage} {id_}的校际差异系数超过限度，调动教师改变不了，也没有可用的补充办法。"
    return f"The {stage} difference coefficient of {id_} is too large; nothing can be moved or bought for it."


def _mean_fixed(obstacle: "Obstacle", language: str) -> str:
    unit = obstacle.facts["unit"]
    needed, have = lacking(obstacle.needed or 0, unit, language), shown(obstacle.available or Fraction(0))
    stage, id_ = stage_name(obstacle.stage, language), _indicator(obstacle.indicators[0], obstacle, language)
    thing = named_thing(obstacle.figure or "", language)
    if language == "zh":
        return (
            f"全县{stage}的 {id_} 均值要达到要求，至少需要{thing}{needed}，现在只有{have}{UNITS[unit][0]}。"
        )
    return f"For the county's {stage} mean of {id_}, {needed} ({thing}) are needed and there are {have}."


def _composite_fixed(obstacle: "Obstacle", language: str) -> str:
    stage = stage_name(obstacle.stage, language)
    if language == "zh":
        return f"{stage}综合差异系数超过限度，没有可以调动或补充的内容。"
    return f"The composite {stage} coefficient exceeds its limit; nothing can be moved or bought for it."


def _together(obstacle: "Obstacle", language: str) -> str:
    named_families = [_family(family, obstacle, language) for family in obstacle.families]
    if len(named_families) == 1:
        (only,) = named_families
        return (
            f"做不到：{only}。（由求解器证明）"
            if language == "zh"
            else f"Not possible: {only} (proved by the solver)."
        )
    if language == "zh":
        return f"以下要求不能同时做到，去掉任何一项才可能：{'；'.join(named_families)}。（由求解器证明）"
    return (
        "These demands cannot all be kept, though without any one of them they could: "
        f"{'; '.join(named_families)} (proved by the solver)."
    )


def _family(family: Sequence[str], obstacle: "Obstacle", language: str) -> str:
    words = FAMILIES[family[0]][language != "zh"]
    id_ = _indicator(family[2], obstacle, language) if len(family) > 2 else ""
    return words.format(stage=stage_name(family[1], language), id=id_)


def _indicator(id_: str, obstacle: "Obstacle", language: str) -> str:
    """Return an indicator's number with its name."""
    name = obstacle.names.get(id_)
    return id_ if name is None else f"{id_} {name[language]}"


#: Kind of a demand → how it is named.
FAMILIES = {
    "school_rule": ("每所{stage}学校达到学校标准", "every {stage} school passes the school rule"),
    "difference": ("{stage} {id}的校际差异系数不超过限度", "the {stage} difference coefficient of {id}"),
    "county_mean": ("{stage} {id}的全县均值达到要求", "the county's {stage} mean of {id}"),
    "composite": ("{stage}综合差异系数不超过限度", "the composite {stage} difference coefficient"),
}

#: Kind of an obstacle → how it is said.
OBSTACLES: Mapping[str, Callable[["Obstacle", str], str]] = {
    "too_few": _too_few,
    "school_fixed": _school_fixed,
    "school_full": _school_full,
    "difference_fixed": _difference_fixed,
    "mean_fixed": _mean_fixed,
    "composite_fixed": _composite_fixed,
    "together": _together,
}
