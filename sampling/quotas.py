"""How the sample is shared among the respondent groups: one majority, the others about equal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.population import check_count


def allocate_proportionally(total: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share *total* in proportion to *sizes*; the parts always add up to *total*.

    What is left after rounding down goes to the largest remainders (Hamilton's method); equal
    remainders are served in the given order.

    >>> allocate_proportionally(100, {"城区": 333, "镇区": 333, "乡村": 334})
    {'城区': 33, '镇区': 33, '乡村': 34}

    Raises:
        ArgumentError: A negative or broken number, or nobody to share among.
    """
    check_count("total", total, at_least=0)
    for name, size in sizes.items():
        check_count(name, size, at_least=0)
    whole = sum(sizes.values())
    if total == 0:
        return dict.fromkeys(sizes, 0)
    if whole == 0:
        raise ArgumentError("sizes", value=dict(sizes), rule="must hold somebody to share among")
    shares = {name: divmod(total * size, whole) for name, size in sizes.items()}
    allocation = {name: share for name, (share, _) in shares.items()}
    by_remainder = sorted(sizes, key=lambda name: shares[name][1], reverse=True)
    for name in by_remainder[: total - sum(allocation.values())]:
        allocation[name] += 1
    return allocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Redistribution:
    """One round of passing on what groups cannot take because they are too small."""

    #: Group → places it could not fill.
    freed: Mapping[str, int]
    #: Group → places it received.
    received: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a reader of the plan should be told: which, about whom, and the number.

    Codes: `capped` (the group has only *value* people, so it is asked in full) · `freed` (*value* places
    of the group went to others) · `received` (the group took over *value* places) · `to_majority` (all
    small groups are full; *value* places went to the majority) · `shortfall` (*value* places could not be
    given to anybody) · `majority_below_share` (the majority holds only *value* of the sample).
    """

    #: Which fact.
    code: str
    #: The group it is about; None for the whole plan.
    group: str | None = None
    #: The number that belongs to it.
    value: int | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The number of people to ask in each group, and how it came about."""

    #: What was to be shared.
    total: int
    #: The group that must hold at least `majority_share`.
    majority: str
    #: Its least share of the sample.
    majority_share: Fraction
    #: Group → places before anybody's size was looked at, in the given order.
    initial: Mapping[str, int]
    #: Group → places, in the given order.
    n: Mapping[str, int]
    #: Group → its size, for the groups that were cut to it.
    capped: Mapping[str, int]
    #: What was passed on, round by round.
    moved: tuple[Redistribution, ...]
    #: Places that nobody could take: the groups are too small for the sample.
    shortfall: int

    @property
    def asked(self) -> int:
        """How many people are asked in all: the total less the shortfall."""
        return sum(self.n.values())

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader of the plan should be told, as values."""
        notes = [Note(code="capped", group=group, value=size) for group, size in self.capped.items()]
        for group, n in self.n.items():
            change = n - self.initial[group]
            if change < 0 and group != self.majority:
                notes.append(Note(code="freed", group=group, value=-change))
            elif change > 0:
                code = "to_majority" if group == self.majority else "received"
                notes.append(Note(code=code, group=group, value=change))
        if self.shortfall:
            notes.append(Note(code="shortfall", value=self.shortfall))
        if self.asked and self.n[self.majority] < self.majority_share * self.asked:
            share = Fraction(self.n[self.majority], self.asked)
            notes.append(Note(code="majority_below_share", group=self.majority, value=share))
        return tuple(notes)


def quotas(
    total: int,
    *,
    groups: Sequence[str],
    majority: str = "parent",
    majority_share: Fraction = Fraction(1, 2),
    sizes: Mapping[str, int] | None = None,
) -> Quotas:
    """Share *total* places: *majority* gets its share, rounded up, the others equal parts of the rest.

    Odd places go to the groups named first. A group with fewer people than its places is asked in full;
    what this frees is shared among the other small groups in the same way, so that they still differ by one
    at most, again and again until nobody holds more than it can; it goes to the majority when all small
    groups are full.

    >>> six = ["student", "teacher", "principal", "deputy", "cppcc_member", "public"]
    >>> plan = quotas(540, groups=["parent", *six], sizes={"principal": 12})
    >>> list(plan.n.values())
    [270, 52, 52, 12, 52, 51, 51]
    >>> plan.notes[0]
    Note(code='capped', group='principal', value=12)

    Args:
        total: Places to share.
        groups: Every group, the majority among them, in the order that settles ties.
        majority: The group with the guaranteed share.
        majority_share: Its share, between 0 and 1.
        sizes: How many people a group has; a group that is not named is large enough.

    Raises:
        ArgumentError: A negative total, a group named twice or unknown, a share outside 0 to 1.
    """
    limits = dict(sizes or {})
    _check(total, groups, majority, majority_share, limits)
    others = [group for group in groups if group != majority]
    first = math.ceil(total * majority_share) if others else total
    equal = allocate_proportionally(total - first, dict.fromkeys(others, 1))
    initial = {group: first if group == majority else equal[group] for group in groups}
    n = dict(initial)
    moved, left = _redistribute(n, others, limits)
    if left:
        n[majority] += left
        moved.append(Redistribution(freed={}, received={majority: left}))
    shortfall = max(0, n[majority] - limits.get(majority, n[majority]))
    n[majority] -= shortfall
    asked_in_full = [group for group in groups if group in limits and n[group] == limits[group]]
    return Quotas(
        total=total,
        majority=majority,
        majority_share=majority_share,
        initial=initial,
        n=n,
        capped={g: limits[g] for g in asked_in_full if _was_cut(g, moved, majority, shortfall)},
        moved=tuple(moved),
        shortfall=shortfall,
    )


def _redistribute(
    n: dict[str, int], others: Sequence[str], limits: Mapping[str, int]
) -> tuple[list[Redistribution], int]:
    """Cut the small groups in *n* to their sizes and pass on the rest; return what nobody could take."""
    moved: list[Redistribution] = []
    open_groups = list(others)
    while freed := {g: n[g] - limits[g] for g in open_groups if n[g] > limits.get(g, n[g])}:
        open_groups = [g for g in open_groups if g not in freed]
        to_share = sum(freed.values()) + sum(n[g] for g in open_groups)
        shares = allocate_proportionally(to_share, dict.fromkeys(open_groups, 1)) if open_groups else {}
        received = {g: shares[g] - n[g] for g in open_groups if shares[g] > n[g]}
        n.update({g: limits[g] for g in freed} | shares)
        moved.append(Redistribution(freed=freed, received=received))
        if not open_groups:
            return moved, to_share
    return moved, 0


def _was_cut(group: str, moved: Sequence[Redistribution], majority: str, shortfall: int) -> bool:
    return shortfall > 0 if group == majority else any(group in one.freed for one in moved)


def _check(
    total: int, groups: Sequence[str], majority: str, majority_share: Fraction, sizes: Mapping[str, int]
) -> None:
    check_count("total", total, at_least=0)
    if len(set(groups)) != len(groups):
        raise ArgumentError("groups", value=list(groups), rule="must name each group once")
    if majority not in groups:
        raise ArgumentError("majority", value=majority, rule=f"must be one of {list(groups)}")
    if not isinstance(majority_share, Fraction) or not 0 <= majority_share <= 1:
        raise ArgumentError("majority_share", value=majority_share, rule="must be a Fraction from 0 to 1")
    for group, size in sizes.items():
        if group not in groups:
            raise ArgumentError("sizes", value=group, rule=f"must name groups among {list(groups)}")
        check_count(group, size, at_least=0)
