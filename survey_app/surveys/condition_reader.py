"""Conditions of items and sections from their tables, strictly."""

from __future__ import annotations

from collections.abc import Mapping

from survey_app.surveys.questionnaire import KINDS, Condition, Item
from survey_app.surveys.strict_table import StrictTable

#: What a condition can ask for.
OPERATORS = ("in", "not_in", "at_least", "at_most")


def read_conditions(
    table: StrictTable, groups: tuple[str, ...], before: Mapping[str, Item]
) -> tuple[Condition, ...]:
    """The conditions under ``when``: one table or a list of them, over answers that come *before*."""
    if not table.has("when"):
        return ()
    value = table.values["when"]
    rows = value if isinstance(value, list) else [value]
    if not rows:
        table.fault("when", "empty")
    found = []
    for number, row in enumerate(rows):
        at = ("when", number) if isinstance(value, list) else ("when",)
        found.append(_condition(table.member(row, *at, place="when"), groups, before))
    return tuple(found)


def _condition(table: StrictTable, groups: tuple[str, ...], before: Mapping[str, Item]) -> Condition:
    condition = Condition(
        item=table.string("item"),
        codes=table.strings("in", required=False),
        not_codes=table.strings("not_in", required=False),
        at_least=table.decimal("at_least"),
        at_most=table.decimal("at_most"),
    )
    table.finish()
    if not any(table.has(operator) for operator in OPERATORS):
        table.fault("in", "condition_says_nothing", known=OPERATORS)
    if not condition.item:
        return condition
    operand = before.get(condition.item)
    if operand is None:
        table.fault("item", "condition_not_earlier", value=condition.item, known=tuple(before))
        return condition
    noted = len(table.reading.faults)
    _check_codes(table, condition, operand)
    _check_bounds(table, condition, operand)
    if len(table.reading.faults) == noted and not _can_hold(condition, operand):
        table.fault("item", "condition_never_holds", value=condition.item)
    for group in groups:
        if group not in operand.groups:
            table.fault("item", "condition_out_of_group", value=group)
    return condition


def _check_codes(table: StrictTable, condition: Condition, operand: Item) -> None:
    if not (condition.codes or condition.not_codes) or not operand.kind:
        return
    if not KINDS[operand.kind].has_options:
        table.fault("item", "condition_without_options", value=condition.item)
        return
    codes = tuple(option.code for option in operand.options)
    for key, named in (("in", condition.codes), ("not_in", condition.not_codes)):
        for code in named:
            if code not in codes:
                table.fault(key, "condition_unknown_option", value=code, known=codes)


def _check_bounds(table: StrictTable, condition: Condition, operand: Item) -> None:
    low, high = condition.at_least, condition.at_most
    if low is None and high is None:
        return
    if operand.kind and not KINDS[operand.kind].is_number:
        table.fault("item", "condition_without_number", value=condition.item)
    elif low is not None and high is not None and low > high:
        table.fault("at_least", "empty_range", value=low, known=(str(high),))


def _can_hold(condition: Condition, operand: Item) -> bool:
    """Whether some answer to *operand* meets the condition."""
    if operand.options:
        return any(condition.holds({condition.item: option.code}) for option in operand.options)
    low, high = condition.at_least, condition.at_most
    too_high = low is not None and operand.high is not None and low > operand.high
    too_low = high is not None and operand.low is not None and high < operand.low
    return not (too_high or too_low)
