"""Sentences for contradictions, Chinese and English."""

from collections.abc import Mapping
from typing import Any

from evaluation.vocabulary import figure_name, stage_name
from evaluation.wording import COMPARISONS, named, shown

#: Facts that are a share, a stage, a figure's path, and an outcome.
SHARES = ("share", "wanted")
FIGURES = ("figure", "whole", "narrower")
OUTCOMES = {"met": ("达标", "met"), "not_met": ("未达标", "not met")}

#: Contradiction → its sentence in Chinese and in English.
SENTENCES: dict[str, tuple[str, str]] = {
    "class_sizes_sum": (
        "{name}{stage}各班人数合计{classes}人，在校生数为{pupils}人，请核对。",
        "{name}: {stage} classes add up to {classes} pupils, the school reports {pupils}.",
    ),
    "grades_sum": (
        "{name}各年级人数合计{grades}人，义务教育阶段在校生为{pupils}人，请核对。",
        "{name}: grades add up to {grades} pupils, the school reports {pupils}.",
    ),
    "part_exceeds_whole": (
        "{name}{figure}{part}大于{whole}{of}，请核对。",
        "{name} {figure} ({part}) exceed {whole} ({of}).",
    ),
    "teachers_without_pupils": (
        "{name}有{stage}教师{teachers}人，但没有{stage}学生，请核对。",
        "{name}: {teachers} {stage} teachers but no {stage} pupils.",
    ),
    "counted_but_merged": (
        "{name}计校数，却填写了并入学校{target}；按独立学校统计，未合并。",
        "{name} has a count of its own but names {target} to merge into; it was not merged.",
    ),
    "vocational_attached": (
        "{name}是职业学校却有小学或初中学生；职业学校不得附设普通小学班、初中班，其数据未计入资源配置。",
        "{name} is a vocational school with primary or junior pupils, which is not allowed; it is left out.",
    ),
    "recognised_after_applying": (
        "基本均衡认定年份{balance}晚于申报年份{application}，请核对。",
        "Recognised as basically balanced in {balance}, after applying in {application}.",
    ),
    "attestation_against_schools": (
        "{items}：县级佐证为达标，但{schools}的佐证为未达标，按未达标判定。",
        "{items}: the county attests it as met, {schools} as not met, which decides.",
    ),
    "veto_against_schools": (
        "{items}：县级核查为未发生，但{schools}发生过，按发生过判定。",
        "{items}: the county says it did not happen, but it did in {schools}, which decides.",
    ),
    "groups_sum": (
        "各类对象的{figure}合计{groups}份，总数为{total}份，请核对。",
        "The groups' {figure} add up to {groups}, the whole is {total}.",
    ),
    "sample_too_small": (
        "{figure}为{asked}份，少于常住人口{population}人的{rate}‰即{needed}份。",
        "{asked} {figure}, fewer than {needed}, which is {rate} ‰ of {population} residents.",
    ),
    "too_few_parents": (
        "有效问卷{valid}份中家长{parents}份，占{share}，低于{wanted}。",
        "Parents returned {parents} of {valid} valid questionnaires, {share}, below {wanted}.",
    ),
    "total_against_schools": (
        "公布的{stage}{figure}为{stated}，各校合计为{computed}，请核对。",
        "The published total of {stage} {figure} is {stated}, the schools add up to {computed}.",
    ),
    "stated_ratio": (
        "{indicator}：公布值{stated}，而{stage}{figure}{amount}÷在校生{pupils}得{computed}。",
        "{indicator}: published as {stated}, but {amount} {figure} over {pupils} pupils give {computed}.",
    ),
    "stated_value": (
        "{indicator}{stage}：公布值{stated}，按数据得{computed}，请核对。",
        "{indicator} {stage}: published as {stated}, the figures give {computed}.",
    ),
    "employees_not_teachers": (
        "公布的是教职工数（小学{primary}、初中{junior}），没有专任教师数；指标按专任教师计算，比例只能参考。",
        "Employees are published ({primary} primary, {junior} junior), not teachers as asked for.",
    ),
    "lower_bound": (
        "小学只公布{narrower}{amount}人，指标要求专科及以上，因此{amount}只是下限。",
        "Primary schools publish only {amount} {narrower}; college or above counts, so it is a lower bound.",
    ),
    "stated_against_finding": (
        "{indicator}{stage}：县自述{said}，按数据判定为{found}。",
        "{indicator} {stage}: the county says {said}, its figures say {found}.",
    ),
    "totals_part_exceeds_whole": (
        "公布的{stage}{figure}{part}大于{whole}{of}，请核对。",
        "The published {stage} {figure} ({part}) exceed {whole} ({of}).",
    ),
    "stated_against_own_value": (
        "{indicator}{stage}：县公布{stated}，自述{said}，而要求{comparison}{standard}，按公布值应为{found}。",
        (
            "{indicator} {stage}: published as {stated} and said to be {said}; "
            "required {comparison} {standard}: {found}."
        ),
    ),
    "stated_count": (
        "{section}：文件说“{text}”（{clause}），实际列出{listed}项。",
        "{section}: the document says '{text}' ({clause}) and lists {listed}.",
    ),
    "schedule_city": (
        "{city}：表头{stated}个，表中列出{named}个。",
        "{city}: the head says {stated}, {named} are named.",
    ),
    "schedule_year": (
        "{year}年：表头{stated}个，表中列出{named}个。",
        "{year}: the head says {stated}, {named} are named.",
    ),
    "schedule_total": (
        "各市表头合计{cities}个，各年份表头合计{years}个，表中列出{named}个。",
        "The heads of the cities add up to {cities}, those of the years to {years}; {named} are named.",
    ),
    "schedule_missing": (
        "{city}{county}没有列入任何年份。",
        "{county} ({city}) stands under no year.",
    ),
    "schedule_twice": (
        "{city}{county}列了不止一次：{years}年。",
        "{county} ({city}) stands more than once: {years}.",
    ),
    "schedule_unknown": (
        "{city}{county}不在该省的县（市、区）名单中。",
        "{county} ({city}) is not among the province's counties.",
    ),
    "schedule_claim": (
        "正文说“{text}”（{clause}），到{until}年表中只列出{named}个。",
        "The text says '{text}' ({clause}); until {until} the table names {named}.",
    ),
    "schedule_plan": (
        "{county}：表中为{scheduled}年，{document}（{clause}）为{planned}年。",
        "{county}: {scheduled} in the schedule, {planned} by {document} ({clause}).",
    ),
    "met_in_words": (
        "{count}项只自述达标，没有可核对的数据：{items}。{published}",
        "{count} items are said to be met without figures to check: {items}. {published}",
    ),
}

#: How another count bears on a published ratio, and what is added when it is the one published.
INSTEAD = (
    ("仅计{figure}{amount}得{computed}{same}。", "，与公布值相符"),
    (" Counting only {amount} {figure} gives {computed}{same}.", ", which is what was published"),
)


#: Ratios that were published for items otherwise said in words.
PUBLISHED = (
    "其中只公布了比例、没有公布计数的：{ratios}。",
    "Only a ratio without its counts is published for {ratios}.",
)


def contradiction_sentence(id_: str, facts: Mapping[str, Any], language: str) -> str:
    """Return a contradiction in words."""
    text = SENTENCES[id_][language != "zh"].format(**_words(facts, language)).strip()
    template, same = INSTEAD[language != "zh"]
    for other in facts.get("others", ()):
        words = _words({**other, "computed": round(other["computed"], 3)}, language)
        words["computed"] = f"{float(other['computed']):.3f}"
        text += template.format(**words, same=same if other == facts.get("instead") else "")
    return text


def _words(facts: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return every fact as it is to be read."""
    return {name: _word(name, value, language) for name, value in facts.items()}


def _word(name: str, value: Any, language: str) -> str:
    if name == "stage":
        return stage_name(value, language)
    if name in FIGURES:
        return figure_name(value, language)
    if name == "comparison":
        return COMPARISONS[value][language != "zh"]
    if name in ("said", "found"):
        return OUTCOMES[value][language != "zh"]
    if name == "published":
        return _published(value, language)
    if name == "items":
        words = (figure_name(item, language) if item == "recognition" else item for item in value)
        return ("、" if language == "zh" else ", ").join(words)
    if isinstance(value, list | tuple):
        return named(value, language) if all(isinstance(each, str) for each in value) else ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and language in value:
        return value[language]
    if value is None or isinstance(value, dict):
        return "未知" if language == "zh" else "unknown"
    return shown(value, percent=name in SHARES)


def _published(ratios: Mapping[str, Any], language: str) -> str:
    """Return the published ratios by item; nothing where there are none."""
    said = [f"{item} {shown(value, percent=True)}" for item, value in ratios.items()]
    return PUBLISHED[language != "zh"].format(ratios=_word("items", said, language)) if said else ""
