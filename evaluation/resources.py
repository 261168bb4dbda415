"""The resource indicators: values of school parts, judged for any number of counties at once.

A fast pass in floating point decides what is clear; whatever lies within a hair of a threshold is
judged again with exact fractions, so that no rounding ever decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.county import COMPULSORY
from evaluation.difference import grouped_coefficients, mean_of_roots, squared_coefficient
from evaluation.findings import Outcome
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.terms import Bound, StageBounds
from evaluation.units import Part

if TYPE_CHECKING:
    import numpy as np

#: Formula → what an amount per pupil is multiplied by.
FACTORS = {"per_pupil": 1, "per_hundred_pupils": 100}

#: Outcome codes in columns.
CODES = {1: Outcome.MET, 0: Outcome.NOT_MET, -1: Outcome.UNDETERMINED}

#: Relative distance from a threshold within which floating point is not trusted.
HAIR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An indicator's value in one school part."""

    #: Amount before dividing by pupils; None when unknown.
    amount: Fraction | None
    #: Per pupil or per hundred pupils, exact; None when unknown.
    value: Fraction | None
    missing: tuple[str, ...] = ()
    #: The exemption whose figure was added, and the value without it.
    exemption: str | None = None
    value_without: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceTable:
    """School parts of any number of counties in columns."""

    #: n: which county, 0 … counties − 1.
    county: "np.ndarray"
    #: n: which stage, an index into :data:`evaluation.county.COMPULSORY`.
    stage: "np.ndarray"
    #: n: pupils, nan where unknown.
    pupils: "np.ndarray"
    #: n × k: values in the order of the scheme's indicators, nan where unknown.
    values: "np.ndarray"
    #: (row, column) → the exact value.
    exact: Callable[[int, int], Fraction]
    counties: int
    #: n × k: how far floating point may be off; None where values are the nearest to the exact ones.
    slack: "np.ndarray | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a resource table was judged to be; codes as in :data:`CODES`."""

    #: n × k: each value against its threshold.
    indicators: "np.ndarray"
    #: n × k: 1 where a value is certainly below the school rule's floor.
    below_floor: "np.ndarray"
    #: n: each school part under the school rule.
    parts: "np.ndarray"
    #: (counties × stages) × k, row = county × stages + stage.
    means: "np.ndarray"
    coefficients: "np.ndarray"
    differences: "np.ndarray"
    #: (counties × stages) × k: each mean against the indicator's threshold.
    county_means: "np.ndarray"
    #: counties × stages: the mean of a stage's coefficients, and how it stands; nan and −1 where unknown.
    composites: "np.ndarray"
    composite_outcomes: "np.ndarray"


def indicator_value(part: Part, indicator: Indicator, scheme: Scheme, application_year: int | None) -> Value:
    """Return an indicator's value in *part*, exactly, with what an exemption in force may add."""
    names = [name.lstrip("-") for name in indicator.amount]
    missing: tuple[str, ...] = ()
    if part.missing:
        missing = tuple(place for name in (*names, "pupils") for place in part.missing.get(name, ()))
    given = ((signed, part.figures[name]) for signed, name in zip(indicator.amount, names, strict=True))
    known = [-figure if signed[0] == "-" else figure for signed, figure in given if figure is not None]
    amount: Fraction | None = None
    if len(known) == len(names):
        amount = sum(known[1:], known[0])
        if amount < 0:
            amount, missing = None, tuple(f"schools[{part.school}].{name}" for name in names)
    exemption, without = None, amount
    for each in scheme.exemptions if part.extra_sports_area else ():
        if indicator.id not in each.adds or amount is None:
            continue
        if each.valid_until is not None and application_year is None:
            amount, without, missing = None, None, (*missing, "eligibility.application_year")
        elif each.valid_until is None or (application_year or 0) <= each.valid_until:
            exemption, amount = each.id, amount + part.extra_sports_area
    return Value(
        amount=amount,
        value=_per_pupil(amount, part.pupils, indicator),
        missing=tuple(dict.fromkeys(missing)),
        exemption=exemption,
        value_without=_per_pupil(without, part.pupils, indicator) if exemption else None,
    )


def _per_pupil(amount: Fraction | None, pupils: int | None, indicator: Indicator) -> Fraction | None:
    if amount is None or not pupils:
        return None
    return Fraction(amount.numerator * FACTORS[indicator.formula], amount.denominator * pupils)


def tabulate(
    parts: Sequence[Part], values: Sequence[Sequence[Value]], county: Sequence[int], *, counties: int
) -> ResourceTable:
    """Return parts and their values (one row per part, in the scheme's order) as columns.

    Args:
        parts: school parts of one or more counties.
        values: for every part its values, in the order of the scheme's indicators.
        county: for every part the number of its county, 0 … counties − 1.
        counties: how many counties there are.
    """
    import numpy as np

    def number(value: Fraction | int | None) -> float:
        return float("nan") if value is None else float(value)

    def exact(row: int, column: int) -> Fraction:
        value = values[row][column].value
        if value is None:
            raise LookupError((row, column))
        return value

    flat = [number(each.value) for row in values for each in row]
    return ResourceTable(
        county=np.array(county, dtype=np.int64),
        stage=np.array([COMPULSORY.index(part.stage) for part in parts], dtype=np.int64),
        pupils=np.array([number(part.pupils) for part in parts], dtype=float),
        values=np.array(flat, dtype=float).reshape(len(parts), -1 if parts else 0),
        exact=exact,
        counties=counties,
    )


def judge(table: ResourceTable, scheme: Scheme) -> Judgement:
    """Return how every value, school part and difference of the table stands under *scheme*."""
    import numpy as np

    indicators = scheme.resources.indicators
    rule = scheme.resources.school_rule
    shape = (len(table.stage), len(indicators))
    values = table.values.reshape(shape)
    slack = np.zeros(shape) if table.slack is None else table.slack
    reached, below_floor = np.full(shape, -1, dtype=np.int8), np.zeros(shape, dtype=np.int8)
    for column, indicator in enumerate(indicators):

        def exact(row: int, bound: Bound, column: int = column) -> bool:
            return bound.holds(table.exact(row, column))

        near = (values[:, column], table.stage, slack[:, column])
        bounds = [indicator.bounds.of(stage) for stage in COMPULSORY]
        reached[:, column] = _against(bounds, *near, exact)
        if rule.floor is not None:
            floors = [Bound(at_least=bound.threshold * rule.floor) for bound in bounds]
            below_floor[:, column] = _against(floors, *near, exact) == 0
    parts = _school_rule(reached, below_floor, rule.indicators_met, has_floor=rule.floor is not None)
    groups = table.county * len(COMPULSORY) + table.stage
    count = table.counties * len(COMPULSORY)
    means, coefficients = grouped_coefficients(values, table.pupils, groups, count)
    noise = np.zeros(means.shape)
    if table.slack is not None:
        noise = grouped_coefficients(slack, table.pupils, groups, count)[0]
    county = _CountyTable(table=table, groups=groups, means=means, coefficients=coefficients, noise=noise)
    composites = coefficients.mean(axis=1)
    return Judgement(
        indicators=reached,
        below_floor=below_floor,
        parts=parts,
        means=means,
        coefficients=coefficients,
        differences=county.differences(scheme),
        county_means=county.means_reached(scheme),
        composites=composites,
        composite_outcomes=county.composites_held(scheme, composites),
    )


def _against(
    bounds: Sequence[Bound],
    values: "np.ndarray",
    stage: "np.ndarray",
    slack: "np.ndarray",
    exact: Callable[[int, Bound], bool],
) -> "np.ndarray":
    """Return 1 where a value keeps its stage's bound, 0 where not, −1 where it is unknown.

    Args:
        bounds: one for each compulsory stage.
        values: n numbers, nan where unknown.
        stage: n places in *bounds*.
        slack: n, how far the numbers may be off, beside a hair.
        exact: whether the value of a row keeps a bound, exactly; asked where floating point cannot tell.
    """
    import numpy as np

    limits = np.array([float(bound.threshold) for bound in bounds])[stage]
    more = np.array([bound.wants_more for bound in bounds])[stage]
    held = np.where(more, values >= limits, values <= limits)
    codes = np.where(np.isnan(values), -1, held).astype(np.int8)
    for row in np.flatnonzero(np.abs(values - limits) <= HAIR * np.maximum(limits, 1e-300) + slack):
        codes[row] = exact(int(row), bounds[stage[row]])
    return codes


def _school_rule(
    reached: "np.ndarray", below_floor: "np.ndarray", needed: int, *, has_floor: bool
) -> "np.ndarray":
    """Judge school parts soundly: whatever the unknown values may be, the outcome holds.

    Not met: too many are certainly below, or one is below the floor. Met: enough reach their threshold,
    and under a floor nothing is unknown that might lie beneath it.
    """
    import numpy as np

    width = reached.shape[1]
    below = (reached == 0).sum(axis=1)
    unknown = (reached == -1).sum(axis=1)
    met = (reached == 1).sum(axis=1)
    failed = (below > width - needed) | (below_floor == 1).any(axis=1)
    passed = (met >= needed) & ((unknown == 0) if has_floor else True)
    return np.where(failed, 0, np.where(passed, 1, -1)).astype(np.int8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CountyTable:
    """Means and coefficients of every county and stage, (counties × stages) × k, and how they stand."""

    table: ResourceTable
    #: n: county × stages + stage.
    groups: "np.ndarray"
    means: "np.ndarray"
    coefficients: "np.ndarray"
    #: How far a mean may be off.
    noise: "np.ndarray"

    @property
    def stage(self) -> "np.ndarray":
        """The stage of every row."""
        import numpy as np

        return np.tile(np.arange(len(COMPULSORY)), self.table.counties)

    def differences(self, scheme: Scheme) -> "np.ndarray":
        """Judge the coefficients, close ones by their exact squares."""

        def holds(row: int, column: int, bound: Bound) -> bool:
            return bound.compare_squares(squared_coefficient(*self._exact_group(row, column)))

        return self._each(
            self.coefficients,
            [scheme.resources.difference.bounds] * self.coefficients.shape[1],
            self._coefficient_slack(),
            holds,
        )

    def means_reached(self, scheme: Scheme) -> "np.ndarray":
        """Judge the means against the indicators' thresholds, close ones exactly."""
        import numpy as np

        if scheme.resources.county_mean is None:
            return np.full(self.means.shape, -1, dtype=np.int8)

        def holds(row: int, column: int, bound: Bound) -> bool:
            amounts, pupils = self._exact_group(row, column)
            return bound.holds(sum(amounts, Fraction(0)) / sum(pupils))

        bounds = [indicator.bounds for indicator in scheme.resources.indicators]
        return self._each(self.means, bounds, self.noise, holds)

    def composites_held(self, scheme: Scheme, composites: "np.ndarray") -> "np.ndarray":
        """Judge the mean of each row's coefficients, close ones to fifty digits."""
        import numpy as np

        rule = scheme.resources.composite
        if rule is None:
            return np.full(composites.shape, -1, dtype=np.int8)

        def holds(row: int, _: int, bound: Bound) -> bool:
            width = self.coefficients.shape[1]
            squares = [squared_coefficient(*self._exact_group(row, each)) for each in range(width)]
            return bound.holds(mean_of_roots(squares))

        slack = self._coefficient_slack().mean(axis=1, keepdims=True)
        return self._each(composites[:, None], [rule.bounds], slack, holds)[:, 0]

    def _coefficient_slack(self) -> "np.ndarray":
        import numpy as np

        with np.errstate(divide="ignore", invalid="ignore"):
            return HAIR + 2 * self.noise / self.means

    def _each(
        self,
        numbers: "np.ndarray",
        bounds: Sequence[StageBounds],
        slack: "np.ndarray",
        holds: Callable[[int, int, Bound], bool],
    ) -> "np.ndarray":
        """Judge a table column by column."""
        import numpy as np

        codes = np.empty(numbers.shape, dtype=np.int8)
        for column, by_stage in enumerate(bounds):
            codes[:, column] = _against(
                [by_stage.of(stage) for stage in COMPULSORY],
                numbers[:, column],
                self.stage,
                slack[:, column],
                lambda row, bound, column=column: holds(row, column, bound),
            )
        return codes

    def _exact_group(self, group: int, column: int) -> tuple[list[Fraction], list[int]]:
        """Return the exact amounts of an indicator, in its own unit times pupils, and a row's pupils."""
        import numpy as np

        members = np.flatnonzero(self.groups == group)
        pupils = [int(self.table.pupils[each]) for each in members]
        amounts = [
            self.table.exact(int(each), column) * count for each, count in zip(members, pupils, strict=True)
        ]
        return amounts, pupils
