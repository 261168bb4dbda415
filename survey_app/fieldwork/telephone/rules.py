"""The rules of calling: who may be called at an instant, who comes first, and what an outcome leads to.

Pure: a case is a `Standing`, a value; instants are given. The services keep the same facts in rows.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as _field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from survey_app.clock import BEIJING
from survey_app.errors import ConflictError, JunhengError
from survey_app.formatting import instant
from survey_app.surveys.bilingual import Text

_FILE = Path(__file__).with_name("rules.toml")

#: Days over which the next permitted time is sought.
_HORIZON = 21


class UnfitTimeError(JunhengError):
    """A time to call again that is missing or cannot be kept; `code` names why."""

    code = "call_time_missing"
    status = 422


Then = Literal["finished", "again", "supervisor", "appointment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What can come of a call (接触结果)."""

    id: str
    label: Text
    #: AAPOR's code, and the count of `sampling.Dispositions` it belongs to.
    code: str
    disposition: str
    #: What it leads to.
    then: Then
    #: How long nobody calls after it.
    pause: timedelta
    #: Whether the next call is to be at another time of day or on another day.
    elsewhen: bool
    #: Whether the person was spoken to.
    reached: bool
    #: Whether an interviewer chooses it; otherwise it follows from what happened.
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time of day in which people may be called: from the first instant to before the second."""

    id: str
    label: Text
    weekday: tuple[time, time]
    weekend: tuple[time, time]

    def on(self, day: date) -> tuple[datetime, datetime]:
        """When it begins and ends on *day*."""
        first, last = self.weekend if day.weekday() >= 5 else self.weekday
        return datetime.combine(day, first, BEIJING), datetime.combine(day, last, BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRules:
    """Everything that governs calling."""

    #: Groups that may be called at all.
    groups: tuple[str, ...]
    #: Calls of our own accord, calls in all where the person asks for one, and calls a day.
    most: int
    on_request: int
    a_day: int
    slots: tuple[Slot, ...]
    #: How early a case comes up before an agreed time, and how far ahead one may lie.
    before: timedelta
    ahead: timedelta
    #: After how long a case in hand may be taken back.
    holding: timedelta
    back_check_share: Decimal
    back_check_fewest: int
    outcomes: Mapping[str, Outcome]
    precedence: tuple[str, ...]

    def slot_at(self, instant: datetime) -> Slot | None:
        """The time of day in which *instant* lies; None where nobody may be called."""
        day = instant.astimezone(BEIJING).date()
        return next((slot for slot in self.slots if slot.on(day)[0] <= instant < slot.on(day)[1]), None)

    def hours_on(self, instant: datetime) -> str:
        """The hours of that day in which people may be called, in figures."""
        day = instant.astimezone(BEIJING).date()
        return " · ".join(f"{begins:%H:%M}–{ends:%H:%M}" for begins, ends in (s.on(day) for s in self.slots))

    def final(self, outcomes: Iterable[str]) -> str | None:
        """The disposition of a case with these outcomes: the strongest of them; None without any."""
        found = {self.outcomes[each].disposition for each in outcomes}
        return next((each for each in self.precedence if each in found), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that was made."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands."""

    attempts: tuple[Attempt, ...] = ()
    #: Not to be called before this instant.
    not_before: datetime | None = None
    #: Agreed time, and a time that is our own guess.
    hard: datetime | None = None
    soft: datetime | None = None
    finished: bool = False
    referred: bool = False


#: How cases come up, first to last.
RANKS = ("hard", "soft", "fresh", "again")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a case stands in the queue; the smallest comes first."""

    rank: int
    #: Calls made before at this time of day.
    tried: int
    since: datetime
    #: What `rank` is called.
    why: str = _field(compare=False)


def may_call(rules: CallRules, standing: Standing, now: datetime) -> Place | None:
    """Where the case stands in the queue at *now*; None if it must not be called now."""
    slot = rules.slot_at(now)
    if standing.finished or standing.referred or slot is None:
        return None
    if standing.hard is not None:
        if len(standing.attempts) >= rules.on_request or standing.hard - rules.before > now:
            return None
        return Place(rank=0, tried=0, since=standing.hard, why="hard")
    waits = standing.not_before is not None and standing.not_before > now
    if len(standing.attempts) >= rules.most or waits or _calls_on(standing, now) >= rules.a_day:
        return None
    tried = sum(rules.slot_at(each.at) == slot for each in standing.attempts)
    if standing.soft is not None:
        return Place(rank=1, tried=0, since=standing.soft, why="soft") if standing.soft <= now else None
    if not standing.attempts:
        return Place(rank=2, tried=0, since=standing.not_before or _EVER, why="fresh")
    return Place(rank=3, tried=tried, since=standing.not_before or _EVER, why="again")


def after(
    rules: CallRules,
    standing: Standing,
    outcome: str,
    *,
    now: datetime,
    again_at: datetime | None = None,
    agreed: bool = False,
    closes: datetime | None = None,
) -> Standing:
    """Where the case stands after a call with *outcome* at *now*.

    Args:
        rules: the rules of calling.
        standing: where it stood before.
        outcome: id of the outcome.
        now: when the call was made.
        again_at: when to call again, where a time was named.
        agreed: the person agreed to that time (hard), else it is our guess (soft).
        closes: nobody calls after this instant.

    Raises:
        ConflictError: the case is finished.
        UnfitTimeError: the outcome needs a time and has none, or the time cannot be kept.
    """
    if standing.finished:
        raise ConflictError("case_finished")
    result = rules.outcomes[outcome]
    made = (*standing.attempts, Attempt(at=now, outcome=outcome))
    left = rules.most - len(made)
    on_request = rules.on_request - len(made)
    moved = replace(standing, attempts=made, hard=None, soft=None, not_before=None, referred=False)
    if result.then == "finished":
        return replace(moved, finished=True)
    if result.then == "supervisor":
        return replace(moved, referred=True)
    if result.then == "appointment" or again_at is not None:
        check_time(rules, again_at, now=now, closes=closes)
        if (on_request if agreed else left) <= 0:
            return replace(moved, finished=True)
        return replace(moved, hard=again_at if agreed else None, soft=None if agreed else again_at)
    if left <= 0:
        return replace(moved, finished=True)
    return replace(moved, not_before=next_time(rules, moved, now=now))


def check_time(rules: CallRules, at: datetime | None, *, now: datetime, closes: datetime | None) -> None:
    """Refuse a time to call again that is missing or cannot be kept.

    Raises:
        UnfitTimeError: no time, in the past, too far ahead, after the close, or outside the hours.
    """
    if at is None:
        raise UnfitTimeError
    last = min(now + rules.ahead, closes or now + rules.ahead)
    if not now < at <= last:
        raise UnfitTimeError("call_time_out", at=instant(at), now=instant(now), last=instant(last))
    if rules.slot_at(at) is None:
        raise UnfitTimeError("call_time_hours", at=instant(at), hours=rules.hours_on(at))


def next_time(rules: CallRules, standing: Standing, *, now: datetime) -> datetime:
    """The first instant after the last call's pause at which the rules let somebody call again."""
    last = standing.attempts[-1]
    result = rules.outcomes[last.outcome]
    earliest = max(now, last.at) + result.pause
    tried = rules.slot_at(last.at)
    first_day = earliest.astimezone(BEIJING).date()
    for ahead in range(_HORIZON):
        day = first_day + timedelta(days=ahead)
        same_day = day == last.at.astimezone(BEIJING).date()
        if sum(each.at.astimezone(BEIJING).date() == day for each in standing.attempts) >= rules.a_day:
            continue
        for slot in rules.slots:
            begins, ends = slot.on(day)
            if earliest < ends and not (result.elsewhen and same_day and slot == tried):
                return max(begins, earliest)
    raise ConflictError("no_calling_hours")


def in_order(places: Mapping[int, Place]) -> list[int]:
    """The cases by their place in the queue, the one to be called first first."""
    return sorted(places, key=lambda case: (places[case], case))


def counted(rules: CallRules, outcomes_of: Mapping[int, Iterable[str]]) -> Counter[str]:
    """How many cases ended, so far, with each disposition."""
    return Counter(filter(None, (rules.final(each) for each in outcomes_of.values())))


@cache
def call_rules() -> CallRules:
    """The rules of this installation."""
    document = tomllib.loads(_FILE.read_text("utf-8"), parse_float=Decimal)
    attempts, appointments, checks = document["attempts"], document["appointments"], document["back_checks"]
    return CallRules(
        groups=tuple(document["people"]["groups"]),
        most=attempts["most"],
        on_request=attempts["on_request"],
        a_day=attempts["a_day"],
        slots=tuple(_slot(row) for row in document["hours"]),
        before=timedelta(minutes=appointments["minutes_before"]),
        ahead=timedelta(days=appointments["days_ahead"]),
        holding=timedelta(minutes=document["holding"]["minutes"]),
        back_check_share=checks["share"],
        back_check_fewest=checks["fewest"],
        outcomes=MappingProxyType({row["id"]: _outcome(row) for row in document["outcome"]}),
        precedence=tuple(document["precedence"]),
    )


#: Before every instant that matters.
_EVER = datetime(2000, 1, 1, tzinfo=BEIJING)


def _calls_on(standing: Standing, now: datetime) -> int:
    day = now.astimezone(BEIJING).date()
    return sum(each.at.astimezone(BEIJING).date() == day for each in standing.attempts)


def _slot(row: Mapping[str, Any]) -> Slot:
    weekday, weekend = (
        (time.fromisoformat(row[name][0]), time.fromisoformat(row[name][1]))
        for name in ("weekday", "weekend")
    )
    return Slot(id=row["slot"], label=Text(zh=row["zh"], en=row["en"]), weekday=weekday, weekend=weekend)


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        id=row["id"],
        label=Text(zh=row["zh"], en=row["en"]),
        code=row["code"],
        disposition=row["disposition"],
        then=row["then"],
        pause=timedelta(minutes=row.get("pause", 0)),
        elsewhen=row.get("elsewhen", False),
        reached=row.get("reached", False),
        chosen=row.get("chosen_by", "interviewer") == "interviewer",
    )
