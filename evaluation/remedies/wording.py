"""Sentences in Chinese and English for shortfalls, plans, their changes and mergers."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.numerals import named, shown
from evaluation.vocabulary import figure_names, stage_name

if TYPE_CHECKING:
    from evaluation.remedies.changes import Change
    from evaluation.remedies.merging import Transfer
    from evaluation.remedies.plan import Plan
    from evaluation.remedies.shortfall import Shortfall, Total

#: Natural unit → how it follows a number.
UNITS = {
    "teachers": ("名", ""),
    "rooms": ("间", ""),
    "square_metre": ("平方米", " m²"),
    "yuan": ("元", " yuan"),
    "pupils": ("人", " pupils"),
    "classes": ("个班", " classes"),
}

#: What is moved or bought, without its stage; a fit for "2 名…" and "2 …".
THINGS = {
    "above_qualification": ("高于规定学历教师", "teachers above the required qualification"),
    "backbone": ("县级以上骨干教师", "backbone teachers"),
    "pe_arts": ("体育艺术专任教师", "physical education and arts teachers"),
    "teaching_area": ("教学及辅助用房", "of teaching area"),
    "sports_ground_area": ("体育运动场地", "of sports grounds"),
    "equipment_value": ("教学仪器设备", "of equipment"),
    "multimedia_rooms": ("网络多媒体教室", "multimedia classrooms"),
}


def lacking(amount: Fraction | int, unit: str, language: str) -> str:
    """Return a missing amount with its unit: two decimals at most, rounded up, never less than is missing.

    >>> lacking(Fraction(100001, 10000), "square_metre", "zh"), lacking(Fraction(3), "teachers", "zh")
    ('10.01平方米', '3名')
    """
    up = Fraction(math.ceil(Fraction(amount) * 100), 100)
    text = f"{Decimal(up.numerator) / Decimal(up.denominator):,f}"
    return text + UNITS[unit][language != "zh"]


def shortfall_sentence(shortfall: "Shortfall", language: str) -> str:
    """Return what a school lacks, or what would have to be known."""
    zh = language == "zh"
    where = "·".join(part for part in (shortfall.name, stage_name(shortfall.stage, language)) if part)
    head = f"{where}，{shortfall.label[language]}：" if zh else f"{where}: {shortfall.label[language]}: "
    if shortfall.to_threshold is None:
        return head + _unknown(shortfall, language)
    say = SHORTFALLS.get(shortfall.figure, _resource)
    return head + say(shortfall, language)


def _unknown(shortfall: "Shortfall", language: str) -> str:
    places = named(figure_names(shortfall.missing, language, school=shortfall.school), language)
    if language == "zh":
        return f"缺少{places}，不能算出差多少。"
    return f"what is lacking cannot be said without {places}."


def _resource(shortfall: "Shortfall", language: str) -> str:
    zh = language == "zh"
    amount = lacking(shortfall.to_threshold or 0, shortfall.unit, language)
    threshold = shown(shortfall.facts["threshold"])
    whole = shortfall.share != 1
    if zh:
        text = f"{'全校' if whole else ''}{'须多出' if shortfall.more_than else '还差'}{amount}"
        text += f"才{'超过' if shortfall.more_than else '达到'}{threshold}"
        text += f"（其中{shown(shortfall.share, percent=True)}计入本学段）" if whole else ""
    else:
        text = (
            f"{'the whole school lacks' if whole else 'lacks'} {'more than ' if shortfall.more_than else ''}"
        )
        text += f"{amount} to {'exceed' if shortfall.more_than else 'reach'} {threshold}"
        text += f" ({shown(shortfall.share, percent=True)} of it counts for this stage)" if whole else ""
    return text + _to_rule(shortfall, language)


def _to_rule(shortfall: "Shortfall", language: str) -> str:
    """Say what the school rule needs of it."""
    zh, rule = language == "zh", shortfall.to_rule
    if rule is None:
        return f"；{_unknown(shortfall, language)}" if zh else f"; {_unknown(shortfall, language)}"
    if rule == 0:
        return "；学校达标可以不补这一项。" if zh else "; the school can pass without it."
    cost = "" if shortfall.cost is None else lacking(shortfall.cost, "yuan", language)
    amount = lacking(rule, shortfall.unit, language)
    if zh:
        return f"；学校达标至少补{amount}{f'，约需{cost}' if cost else ''}。"
    return f"; to pass, the school needs {amount}{f', {cost}' if cost else ''}."


def _rooms(shortfall: "Shortfall", language: str) -> str:
    amount, facts = shortfall.to_threshold, shortfall.facts
    if language == "zh":
        return f"{facts['classes']}个班，还差不小于{shown(facts['area'])}平方米的专用教室{amount}间。"
    return f"{facts['classes']} classes; rooms of {shown(facts['area'])} m² or more lacking: {amount}."


def _size(shortfall: "Shortfall", language: str) -> str:
    amount, limit = shortfall.to_threshold, shown(shortfall.facts["threshold"])
    return f"超出{limit}人的规模{amount}人。" if language == "zh" else f"{amount} pupils beyond {limit}."


def _classes(shortfall: "Shortfall", language: str) -> str:
    facts, amount = shortfall.facts, shortfall.to_threshold
    more = facts["needed"] - facts["classes"]
    if language == "zh":
        classes = f"至少增设{more}个班" if more else "现有班数够用，须重新编班"
        return f"{facts['too_large']}个班超过{shown(facts['threshold'])}人，共多出{amount}人；{classes}。"
    classes = (
        f"at least {more} more classes" if more else "the classes there are suffice if pupils are regrouped"
    )
    limit = shown(facts["threshold"])
    return f"{facts['too_large']} classes exceed {limit} pupils, by {amount} in all; {classes}."


def _funded(shortfall: "Shortfall", language: str) -> str:
    amount, money = shortfall.to_threshold, shortfall.facts.get("yuan")
    cost = "" if money is None else lacking(money, "yuan", language)
    if language == "zh":
        return f"公用经费还须多核定{amount}人{f'，每年{cost}' if cost else ''}。"
    return f"public funds are due for {amount} more pupils{f', {cost} a year' if cost else ''}."


def _share_of_funds(shortfall: "Shortfall", language: str) -> str:
    amount = lacking(shortfall.to_threshold or 0, "yuan", language)
    share = shown(shortfall.facts["threshold"], percent=True)
    return f"还差{amount}才达到{share}。" if language == "zh" else f"lacks {amount} to reach {share}."


#: Figure → how a shortfall of it is said; any other is a resource indicator's.
SHORTFALLS: Mapping[str, Callable[["Shortfall", str], str]] = {
    "music_rooms": _rooms,
    "art_rooms": _rooms,
    "pupils": _size,
    "class_sizes": _classes,
    "funded_pupils": _funded,
    "training_funds": _share_of_funds,
}


def total_sentence(total: "Total", language: str) -> str:
    """Return what all schools together lack of one figure."""
    zh = language == "zh"
    name = (
        stage_name(total.stage, language)
        + ("" if zh or not total.stage else " ")
        + named_thing(total.figure, language)
    )
    threshold, rule = (lacking(each, total.unit, language) for each in (total.to_threshold, total.to_rule))
    cost = "" if total.cost is None else lacking(total.cost, "yuan", language)
    unknown = total.undetermined
    if zh:
        text = f"{name}：{total.schools}所学校共差{threshold}，其中学校达标至少补{rule}"
        text += f"，约需{cost}" if cost else ""
        return text + (f"；另有{unknown}所学校因缺数据算不出。" if unknown else "。")
    who = "1 school lacks" if total.schools == 1 else f"{total.schools} schools lack"
    text = f"{name}: {who} {threshold}; at least {rule} to pass"
    text += f", {cost}" if cost else ""
    return text + (f"; {unknown} schools cannot be counted for want of data." if unknown else ".")


def named_thing(figure: str, language: str) -> str:
    """Return what is moved or bought by itself, e.g. ``sports grounds``."""
    return THINGS[figure][language != "zh"].removeprefix("of ")


def change_sentence(change: "Change", language: str) -> str:
    """Return one step of a plan."""
    zh = language == "zh"
    amount = f"{change.amount:,}{UNITS[change.unit][not zh]}"
    thing = THINGS[change.figure][not zh]
    thing = thing.replace("teachers", "teacher").replace("rooms", "room") if change.amount == 1 else thing
    stage = stage_name(change.stage, language)
    cost = "" if not change.cost else lacking(change.cost, "yuan", language)
    if change.kind == "move":
        if zh:
            text = f"从{change.from_name}调{amount}{stage}{thing}到{change.name}"
        else:
            text = f"move {amount} {stage} {thing} from {change.from_name} to {change.name}"
    elif zh:
        text = f"{change.name}增加{amount}{stage}{thing}"
    else:
        text = f"{change.name}: add {amount} {stage + ' ' if stage else ''}{thing}"
    return (
        f"{text}，{cost}。" if zh and cost else f"{text}。" if zh else f"{text}{', ' + cost if cost else ''}."
    )


def plan_sentence(plan: "Plan", language: str) -> str:
    """Return what came of the search for a plan."""
    return PLANS[plan.status](plan, language)


def _met(_: "Plan", language: str) -> str:
    return (
        "资源配置已经达标，不需要补缺。"
        if language == "zh"
        else "The resource section is met; nothing is needed."
    )


def _found(plan: "Plan", language: str) -> str:
    zh = language == "zh"
    moved = sum(change.amount for change in plan.changes if change.kind == "move")
    bought = sum(change.kind == "buy" for change in plan.changes)
    cost = lacking(plan.cost, "yuan", language)
    if zh:
        text = f"交流教师{moved}名，" if moved else ""
        text += f"补充{bought}处，共需{cost}，资源配置即达标。" if bought else f"共需{cost}，资源配置即达标。"
        text += "已证明没有更省的方案。" if plan.proven else _not_proven(plan, language)
        return text if plan.fewest_moves else f"{text}未证明交流的教师最少。"
    text = f"Teachers to move: {moved}; things to add: {bought}; {cost} in all: the resource section passes. "
    text += "It is proved that no plan costs less." if plan.proven else _not_proven(plan, language)
    return text if plan.fewest_moves else f"{text} That fewest teachers move is not proved."


def _not_proven(plan: "Plan", language: str) -> str:
    least = shown(plan.least_cost)
    if language == "zh":
        return f"尚未证明没有更省的方案；已证明的是，任何方案都不低于{least}元。"
    return f"That no plan costs less is not proved; proved is that none costs less than {least} yuan."


def _impossible(_: "Plan", language: str) -> str:
    return (
        "在所给条件下没有任何方案能使资源配置达标。"
        if language == "zh"
        else "Under these terms no plan makes the resource section pass."
    )


def _undetermined(plan: "Plan", language: str) -> str:
    places = named(figure_names(plan.missing, language), language)
    return f"缺少{places}，无法制定方案。" if language == "zh" else f"No plan can be made without {places}."


def _unfinished(plan: "Plan", language: str) -> str:
    if language == "zh":
        return f"求解{plan.iterations}次后达到限度，没有找到方案，也没有证明不存在方案。"
    return (
        f"A limit was reached after {plan.iterations} rounds; no plan was found, and it is not proved that "
        "there is none."
    )


#: Status of a plan → how it is said.
PLANS: Mapping[str, Callable[["Plan", str], str]] = {
    "met": _met,
    "found": _found,
    "impossible": _impossible,
    "undetermined": _undetermined,
    "unfinished": _unfinished,
}


def transfer_sentence(transfer: "Transfer", language: str) -> str:
    """Return what went from one school to another."""
    zh = language == "zh"
    pupils = [
        f"{stage_name(stage, language)}{count}人" if zh else f"{count} {stage_name(stage, language)} pupils"
        for stage, count in transfer.pupils.items()
    ]
    staff = [figures["total"] for figures in transfer.teachers.values() if figures.get("total") is not None]
    teachers = sum(count or 0 for count in staff)
    things = [
        lacking(Fraction(transfer.moved[name] or 0), unit, language)
        + (THINGS[name][0] if zh else f" {THINGS[name][1]}")
        for name, unit in (("equipment_value", "yuan"), ("multimedia_rooms", "rooms"))
        if transfer.moved.get(name)
    ]
    if zh:
        parts = [*pupils, *([f"教师{teachers}名"] if staff else []), *things]
        return f"{transfer.name}并入{transfer.to_name}：{'、'.join(parts) or '没有学生'}。"
    parts = [*pupils, *([f"{teachers} teachers"] if staff else []), *things]
    return f"{transfer.name} into {transfer.to_name}: {', '.join(parts) or 'no pupils'}."
