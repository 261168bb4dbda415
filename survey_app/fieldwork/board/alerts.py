"""What needs somebody's attention while a wave is in the field; every threshold stands in alerts.toml."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey_app.fieldwork.board.counts import Handful
from survey_app.fieldwork.board.pace import Pace

#: So many groups that fall short are named each by itself.
_ONE_BY_ONE = 2

#: The group that must give the declared share of the questionnaires.
PARENTS = "parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When the board calls for attention."""

    #: Latest stretches of 24 hours that make the pace.
    stretches: int
    #: A burst: so many of a batch's questionnaires within ten minutes, and this share of its cards.
    burst_least: int
    burst_share: Fraction
    #: Groups whose people do not answer together in a room.
    burst_groups: frozenset[str]
    #: A school is untouched when none of its cards was used so long after the opening.
    untouched: timedelta
    #: So many codes that nobody has, within ten minutes, are guessing.
    guesses_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to look at. *code* has a sentence in `messages`; *facts* fill it."""

    #: "now": the aim is missed or will be; "watch": it may be.
    urgency: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@cache
def thresholds() -> Thresholds:
    """The thresholds of alerts.toml."""
    read = tomllib.loads(Path(__file__).with_name("alerts.toml").read_text(encoding="utf-8"))
    return Thresholds(
        stretches=read["pace"]["stretches"],
        burst_least=read["burst"]["least"],
        burst_share=Fraction(read["burst"]["share"]),
        burst_groups=frozenset(read["burst"]["groups"]),
        untouched=timedelta(hours=read["untouched"]["hours"]),
        guesses_least=read["guesses"]["least"],
    )


def behind(group: str, found: Pace, *, came: int, wanted: int) -> Alert | None:
    """Whether *group* will fall short: surely, if even the upper end of its forecast does."""
    if came >= wanted or found.forecast is None:
        return None
    ahead = found.forecast
    facts = {"group": group, "came": came, "wanted": wanted, "lower": ahead.lower, "upper": ahead.upper}
    if ahead.upper < wanted:
        return Alert(urgency="now", code="board_behind", facts=facts)
    if ahead.expected < wanted:
        return Alert(urgency="watch", code="board_may_fall_behind", facts=facts)
    return None


def gathered(found: Iterable[Alert | None]) -> list[Alert]:
    """The groups that fall short, each by itself; as one line where they are many."""
    short = [one for one in found if one is not None]
    if len(short) <= _ONE_BY_ONE:
        return short
    facts = {
        "groups": tuple(one.facts["group"] for one in short),
        "came": sum(one.facts["came"] for one in short),
        "wanted": sum(one.facts["wanted"] for one in short),
    }
    return [Alert(urgency=min(one.urgency for one in short), code="board_many_behind", facts=facts)]


def few_parents(
    came: Mapping[str, int],
    paces: Mapping[str, Pace],
    share: Fraction | None,
    *,
    beside: Mapping[str, int] = MappingProxyType({}),
) -> Alert | None:
    """Whether the parents' share of the questionnaires is below what is declared, or will be at the close.

    *beside* what drawn people sent stands what came by open entries and counts too; nobody forecasts it.
    """
    if share is None:
        return None
    total = sum(came.values()) + sum(beside.values())
    parents = came.get(PARENTS, 0) + beside.get(PARENTS, 0)
    if total and parents < share * total:
        facts = {"parents": parents, "total": total, "share": share}
        return Alert(urgency="now", code="board_few_parents", facts=facts)
    ahead = {
        group: found.forecast.expected if (found := paces.get(group)) and found.forecast else n
        for group, n in came.items()
    }
    coming = sum(ahead.values()) + sum(beside.values())
    parents = ahead.get(PARENTS, 0) + beside.get(PARENTS, 0)
    if coming and parents < share * coming:
        facts = {"parents": parents, "total": coming, "share": share}
        return Alert(urgency="watch", code="board_parents_will_be_few", facts=facts)
    return None


def bursts(handfuls: Iterable[Handful], limits: Thresholds) -> list[Alert]:
    """Batches of which too many questionnaires came within ten minutes."""
    return [
        Alert(
            urgency="watch",
            code="board_burst",
            facts={"place": one.place, "group": one.group, "n": one.most_at_once, "cards": one.cards},
        )
        for one in handfuls
        if one.way == "drawn"
        and one.group in limits.burst_groups
        and one.most_at_once >= limits.burst_least
        and one.most_at_once >= limits.burst_share * (one.cards or one.most_at_once)
    ]


def untouched(
    handfuls: Sequence[Handful], limits: Thresholds, *, opened: datetime, now: datetime
) -> Alert | None:
    """Schools none of whose cards was used although the wave has been open for a while."""
    if now - opened < limits.untouched:
        return None
    came: dict[str, int] = {}
    for one in handfuls:
        if one.school_code and one.way == "drawn" and one.cards:
            came[one.school_code] = came.get(one.school_code, 0) + one.spent
    idle = {code for code, n in came.items() if not n}
    if not idle:
        return None
    places = dict.fromkeys(one.place for one in handfuls if one.school_code in idle)
    facts = {"n": len(idle), "places": tuple(places), "hours": int(limits.untouched / timedelta(hours=1))}
    return Alert(urgency="now", code="board_untouched", facts=facts)


def guessing(most: tuple[datetime, int] | None, limits: Thresholds) -> Alert | None:
    """Whether somebody tries codes that nobody has."""
    if most is None or most[1] < limits.guesses_least:
        return None
    return Alert(urgency="watch", code="board_guessing", facts={"at": most[0], "n": most[1]})
