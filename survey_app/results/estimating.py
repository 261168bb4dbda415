"""The weighted estimates that stand beside the official figures, with their design-based intervals.

Inside a group the design decides. Parents and pupils were drawn in two stages: the units are the pools of
schools, an answer weighs the people its pool's invitations stand for divided by the pool's answers, and both
stages are finite (pools out of the stratum's schools, pooled as the drawn ones are; answers out of the pool's
people). Other groups are simple random samples of persons: every answer weighs the list's length divided by
the group's answers, and the list is finite.

Answers by posters and other answers outside the draw had no known chance of selection and enter no interval.

Between groups the plan decides. The groups are seven lists, not a partition of the residents: most residents
are on the list of "other residents" alone, and 45 of them would decide everything if lists were weighted by
their length. The regulation fixes what each group counts for instead (parents half, the others about equal),
so each group's answers are scaled to its share of the planned questionnaires. Every group's strata are strata
of the whole. What remains is a stratified two-stage sample, estimated as such.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import sampling
from survey_app.results.disclosure import may_show
from survey_app.results.judging import Judged

#: Level of the intervals.
LEVEL = 0.95

#: Below so many degrees of freedom an interval rests on too few schools to be more than a hint.
FEW = 8

#: A stratum with a single unit is measured from the mean of all: cautious, and never refused.
LONELY = "adjust"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDesign:
    """What the design says of one pool of drawn schools, or of a group of persons (`pool` is empty)."""

    group: str
    stratum: str
    pool: str
    #: People that its invitations stand for, and people in its units, at least as many as answers.
    people: Fraction
    size: int
    #: Answers that came in.
    answers: int
    #: Units of the population in its stratum, pooled as the drawn ones are.
    stratum_pools: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A weighted estimate with its interval; None where the design cannot tell."""

    estimate: float | None
    se: float | None
    lower: float | None
    upper: float | None
    deff: float | None
    n: int
    psus: int
    df: int
    method: str
    level: float

    @property
    def few_units(self) -> bool:
        """Whether it rests on so few sampling units that it is a hint and decides nothing."""
        return self.df < FEW

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {**asdict(self), "few_units": self.few_units}

    def beside(self, n: int) -> dict[str, Any]:
        """As it is stored beside a count of *n*; its own is left out where it would tell of a few."""
        told = self.document()
        return told if self.n == n or may_show(n - self.n) else {**told, "n": None, "psus": None, "df": None}


class Estimates:
    """Estimates from one set of judged responses: those that stand in the draw and are kept one by one."""

    def __init__(
        self,
        judged: Sequence[Judged],
        design: Mapping[tuple[str, str, str], PoolDesign],
        shares: Mapping[str, int],
    ):
        self._judged = [each for each in judged if each.in_design]
        self._columns = design_columns(self._judged, design, shares)

    def overall(self) -> Interval | None:
        """The share of satisfied among valid questionnaires, groups in their planned shares."""
        self._columns["satisfied"] = [int(each.satisfied) if each.valid else None for each in self._judged]
        return next(iter(self._estimate("satisfied").values()), None)

    def by_group(self) -> dict[str, Interval]:
        """The same inside each group."""
        self._columns["satisfied"] = [int(each.satisfied) if each.valid else None for each in self._judged]
        return self._estimate("satisfied", by="group")

    def by_level(self, level: Callable[[Judged], str]) -> dict[str, Interval]:
        """The same by what *level* says of a response; empty where nothing is known of it."""
        self._columns["satisfied"] = [int(each.satisfied) if each.valid else None for each in self._judged]
        self._columns["level"] = [level(each) for each in self._judged]
        return self._estimate("satisfied", by="level")

    def share(self, holds: Sequence[bool | None]) -> Interval | None:
        """The share of those of whom something holds; None leaves a response out."""
        self._columns["holds"] = [None if each is None else int(each) for each in holds]
        return next(iter(self._estimate("holds").values()), None)

    @property
    def judged(self) -> Sequence[Judged]:
        """The responses they rest on."""
        return self._judged

    @property
    def columns(self) -> Mapping[str, list[Any]]:
        """The design of these responses, as `design_columns` gives it."""
        return self._columns

    def marks(self, kind: str, names: Sequence[str]) -> dict[str, Interval]:
        """Positive among all ratings of valid questionnaires; *kind* is ``topics`` or ``indicators``."""
        found = {}
        for name in names:
            marks = [getattr(each, kind).get(name) if each.valid else None for each in self._judged]
            self._columns["positive"] = [mark.positive if mark else None for mark in marks]
            self._columns["rated"] = [mark.rated if mark else None for mark in marks]
            for each in self._estimate("positive", denominator="rated").values():
                found[name] = each
        return found

    def _estimate(
        self, value: str, *, denominator: str | None = None, by: str | None = None
    ) -> dict[str, Interval]:
        if all(each is None for each in self._columns[value]):
            return {}
        estimates = sampling.estimate(
            self._columns,
            value=value,
            denominator=denominator,
            weight="weight",
            stratum="stratum",
            psu="psu",
            fpc="stratum_pools",
            fpc2="size",
            by=[by] if by else [],
            level=LEVEL,
            lonely=LONELY,
        )
        return {str(each.by.get(by, "")): interval_of(each) for each in estimates if each.n}


def design_columns(
    judged: Sequence[Judged], design: Mapping[tuple[str, str, str], PoolDesign], shares: Mapping[str, int]
) -> dict[str, list[Any]]:
    """The design of every response as columns: group, stratum, unit, populations at both stages, weight."""
    own = [design[each.group, each.stratum, each.pool] for each in judged]
    weights = [each.people / each.answers for each in own]
    totals: dict[str, Fraction] = {}
    for each, weight in zip(judged, weights, strict=True):
        if each.valid:
            totals[each.group] = totals.get(each.group, Fraction(0)) + weight
    return {
        "group": [each.group for each in judged],
        "stratum": [f"{each.group}/{each.stratum}" for each in judged],
        "psu": [each.pool or f"#{number}" for number, each in enumerate(judged)],
        "stratum_pools": [each.stratum_pools for each in own],
        "size": [each.size if each.pool else 1 for each in own],
        "weight": [
            float(weight * shares.get(each.group, 1) / totals.get(each.group, weight))
            for each, weight in zip(judged, weights, strict=True)
        ],
    }


def interval_of(found: sampling.Estimate, *, most: float = 1.0) -> Interval:
    """The estimate as it is stored; a share's interval ends at 0 and 1, or at what is the *most* possible."""
    return Interval(
        estimate=found.estimate,
        se=found.se,
        lower=None if found.lower is None else max(0.0, found.lower),
        upper=None if found.upper is None else min(most, found.upper),
        deff=found.deff,
        n=found.n,
        psus=found.psus,
        df=found.df,
        method=found.method,
        level=found.level,
    )
