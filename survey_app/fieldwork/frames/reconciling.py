"""How handed-in lists agree with the registered totals of the schools, list by list."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sampling import Frame, FrameUnit
from survey_app.surveys.groups import GROUPS

Verdict = Literal["same", "small", "confirm", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One list beside what the register says of it."""

    group: str
    #: The list, as the frame calls it.
    unit: str
    #: People by the register, and on the list.
    registered: int
    listed: int

    @property
    def people(self) -> int:
        """People on the list above those registered; below, if negative."""
        return self.listed - self.registered

    @property
    def verdict(self) -> Verdict:
        """Whether the difference is taken, has to be confirmed, or is too large.

        >>> [Difference(group="parent", unit="S/primary", registered=400, listed=n).verdict
        ...  for n in (400, 402, 430, 700)]
        ['same', 'small', 'confirm', 'refused']
        """
        if not self.people:
            return "same"
        for verdict, limit in _limits().items():
            if abs(self.people) <= max(limit.people, limit.share * self.registered):
                return verdict
        return "refused"

    @property
    def share(self) -> Fraction | None:
        """The difference as a share of the registered people; None where nobody is registered."""
        return Fraction(self.people, self.registered) if self.registered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a difference may reach: a share of those registered or a number of people, whichever is more."""

    share: Fraction
    people: int


def limits() -> Mapping[str, Limit]:
    """The declared limits: ``small`` and ``confirm``."""
    return dict(_limits())


def reconcile(listed: Frame, registered: Frame) -> tuple[Difference, ...]:
    """Every list of either frame beside the other, in the order of groups and lists."""
    ours, theirs = _sizes(listed.units), _sizes(registered.units)
    order = list(GROUPS)
    keys = sorted(ours.keys() | theirs.keys(), key=lambda key: (order.index(key[0]), key[1]))
    return tuple(
        Difference(
            group=group, unit=unit, registered=theirs.get((group, unit), 0), listed=ours.get((group, unit), 0)
        )
        for group, unit in keys
    )


def record(differences: Iterable[Difference]) -> dict[str, Any]:
    """The reconciliation as a frame keeps it: how many lists agree, and every difference."""
    found = list(differences)
    return {
        "lists": len(found),
        "same": sum(one.verdict == "same" for one in found),
        "differences": [
            [one.group, one.unit, one.registered, one.listed] for one in found if one.verdict != "same"
        ],
        "confirmed": None,
    }


def differences_of(kept: Mapping[str, Any]) -> list[Difference]:
    """The differences of a kept reconciliation."""
    return [
        Difference(group=group, unit=unit, registered=registered, listed=listed)
        for group, unit, registered, listed in kept.get("differences", [])
    ]


def _sizes(units: Iterable[FrameUnit]) -> dict[tuple[str, str], int]:
    return {(unit.group, unit.id): unit.size for unit in units}


@cache
def _limits() -> dict[Verdict, Limit]:
    declared = tomllib.loads((Path(__file__).parent / "reconciling.toml").read_text(encoding="utf-8"))
    return {
        "small": Limit(share=Fraction(declared["small"]["share"]), people=declared["small"]["people"]),
        "confirm": Limit(
            share=Fraction(declared["confirmed"]["share"]), people=declared["confirmed"]["people"]
        ),
    }
