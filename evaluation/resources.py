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
from evaluation.scheme import Indicator, Scheme
from evaluation.units import Part

if TYPE_CHECKING:
    import numpy as np

#: Formula → what an amount per pupil is multiplied by.
FACTORS = {"per_pupil": 1, "per_hundred_pupils": 100}

#: Outcome codes in the tables' columns.
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
    missing = tuple(place for name in (*names, "pupils") for place in part.missing.get(name, ()))
    amounts = [part.figures[name] for name in names]
    amount: Fraction | None = None
    if None not in amounts:
        signs = [-1 if name.startswith("-") else 1 for name in indicator.amount]
        amount = Fraction(sum(sign * (each or 0) for sign, each in zip(signs, amounts, strict=True)))
        if amount < 0:
            amount, missing = None, tuple(f"schools[{part.school}].{name}" for name in names)
    exemption, without = None, amount
    for each in scheme.exemptions:
        if indicator.id not in each.adds or not part.extra_sports_area or amount is None:
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
    return amount * FACTORS[indicator.formula] / pupils


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
    reached, below_floor = np.full(shape, -1, dtype=np.int8), np.zeros(shape, dtype=np.int8)
    for column, indicator in enumerate(indicators):
        values = table.values[:, column] if len(table.stage) else np.empty(0)
        bounds = [indicator.bounds.of(stage) for stage in COMPULSORY]
        strict = [bound.comparison == "above" for bound in bounds]
        thresholds = [bound.threshold for bound in bounds]
        reached[:, column] = _compare(table, column, values, thresholds, strict)
        if rule.floor is not None:
            floors = [threshold * rule.floor for threshold in thresholds]
            below_floor[:, column] = _compare(table, column, values, floors, [False, False]) == 0
    parts = _school_rule(reached, below_floor, rule.indicators_met, has_floor=rule.floor is not None)
    groups = table.county * len(COMPULSORY) + table.stage
    count = table.counties * len(COMPULSORY)
    means, coefficients = grouped_coefficients(table.values.reshape(shape), table.pupils, groups, count)
    differences = _differences(table, scheme, groups, coefficients)
    composites = coefficients.mean(axis=1)
    return Judgement(
        indicators=reached,
        below_floor=below_floor,
        parts=parts,
        means=means,
        coefficients=coefficients,
        differences=differences,
        county_means=_county_means(table, scheme, groups, means),
        composites=composites,
        composite_outcomes=_composites(table, scheme, groups, composites),
    )


def _compare(
    table: ResourceTable,
    column: int,
    values: "np.ndarray",
    thresholds: Sequence[Fraction],
    strict: Sequence[bool],
) -> "np.ndarray":
    """Return 1 where a value reaches its stage's threshold, 0 where not, −1 where it is unknown."""
    import numpy as np

    limits = np.array([float(each) for each in thresholds])[table.stage]
    codes = np.where(np.isnan(values), -1, (values >= limits).astype(np.int8)).astype(np.int8)
    close = np.abs(values - limits) <= HAIR * np.maximum(np.abs(limits), 1e-300)
    for row in np.flatnonzero(close):
        stage = int(table.stage[row])
        value = table.exact(int(row), column)
        codes[row] = value > thresholds[stage] if strict[stage] else value >= thresholds[stage]
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


def _differences(
    table: ResourceTable, scheme: Scheme, groups: "np.ndarray", coefficients: "np.ndarray"
) -> "np.ndarray":
    """Judge the coefficients of every county and stage, close ones exactly."""
    import numpy as np

    bounds = [scheme.resources.difference.bounds.of(stage) for stage in COMPULSORY]
    codes = np.full(coefficients.shape, -1, dtype=np.int8)
    for row, column in zip(*np.nonzero(~np.isnan(coefficients)), strict=True):
        bound = bounds[int(row) % len(COMPULSORY)]
        coefficient = Fraction(float(coefficients[row, column]))
        if abs(coefficient - bound.threshold) > HAIR:
            codes[row, column] = bound.holds(coefficient)
        else:
            amounts, pupils = _exact_group(table, groups, int(row), int(column))
            codes[row, column] = bound.compare_squares(squared_coefficient(amounts, pupils))
    return codes


def _exact_group(
    table: ResourceTable, groups: "np.ndarray", group: int, column: int
) -> tuple[list[Fraction], list[int]]:
    """Return the exact amounts of an indicator, in its own unit times pupils, and the pupils of a group."""
    import numpy as np

    members = np.flatnonzero(groups == group)
    pupils = [int(table.pupils[each]) for each in members]
    amounts = [table.exact(int(each), column) * count for each, count in zip(members, pupils, strict=True)]
    return amounts, pupils


def _county_means(
    table: ResourceTable, scheme: Scheme, groups: "np.ndarray", means: "np.ndarray"
) -> "np.ndarray":
    """Judge the means of every county and stage against the indicators' thresholds, close ones exactly."""
    import numpy as np

    codes = np.full(means.shape, -1, dtype=np.int8)
    if scheme.resources.county_mean is None:
        return codes
    for row, column in zip(*np.nonzero(~np.isnan(means)), strict=True):
        bound = scheme.resources.indicators[column].bounds.of(COMPULSORY[int(row) % len(COMPULSORY)])
        mean = Fraction(float(means[row, column]))
        if abs(mean - bound.threshold) <= HAIR * bound.threshold:
            amounts, pupils = _exact_group(table, groups, int(row), int(column))
            mean = sum(amounts, Fraction(0)) / sum(pupils)
        codes[row, column] = bound.holds(mean)
    return codes


def _composites(
    table: ResourceTable, scheme: Scheme, groups: "np.ndarray", composites: "np.ndarray"
) -> "np.ndarray":
    """Judge the mean of the coefficients of every county and stage, close ones to fifty digits."""
    import numpy as np

    codes = np.full(composites.shape, -1, dtype=np.int8)
    rule = scheme.resources.composite
    if rule is None:
        return codes
    for row in np.flatnonzero(~np.isnan(composites)):
        bound = rule.bounds.of(COMPULSORY[int(row) % len(COMPULSORY)])
        composite = Fraction(float(composites[row]))
        if abs(composite - bound.threshold) <= HAIR:
            squares = [
                squared_coefficient(*_exact_group(table, groups, int(row), column))
                for column in range(len(scheme.resources.indicators))
            ]
            composite = mean_of_roots(squares)
        codes[row] = bound.holds(composite)
    return codes
