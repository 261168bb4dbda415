"""How far a stage's difference coefficients are from their limit, and what a single school does to them.

With amounts X and pupils P the squared coefficient is ΣP · Σ(X²/P) / (ΣX)² − 1: a quadratic in each amount,
whose roots give the smallest change exactly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from evaluation.difference import mean_of_roots, squared_coefficient
from evaluation.findings import Finding, Outcome
from evaluation.scheme.resources import Indicator
from evaluation.sensitivity.asked import one_change
from evaluation.sensitivity.changes import Change
from evaluation.sensitivity.crossing import Line, around_roots, crossing, fewest
from evaluation.sensitivity.resources import PUPILS, Moving
from evaluation.terms import Bound
from evaluation.units import STAFF_FIGURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one school part adds to the differences of its stage."""

    school: str
    name: str
    #: Its share of the weighted sum of squares, from 0 to 1.
    share: Fraction
    #: Whether it has more than the county's mean.
    above: bool


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The parts of one stage with their exact amounts of one indicator."""

    indicator: Indicator
    parts: Sequence[Moving]
    amounts: Sequence[Fraction]
    pupils: Sequence[int]

    @cached_property
    def squared(self) -> Fraction:
        """The square of the difference coefficient."""
        return squared_coefficient(self.amounts, self.pupils)

    @cached_property
    def total(self) -> Fraction:
        """The amounts together."""
        return sum(self.amounts, Fraction(0))

    @cached_property
    def squares(self) -> Fraction:
        """Σ(X²/P)."""
        pairs = zip(self.amounts, self.pupils, strict=True)
        return sum((amount**2 / count for amount, count in pairs), Fraction(0))

    def slope(self, moving: Moving, figure: str) -> Fraction:
        """Return by how much a part's amount moves when one of its school's figures moves by one."""
        names = self.indicator.amount
        sign = sum(-1 if name[0] == "-" else 1 for name in names if name.lstrip("-") == figure)
        return Fraction(sign) * (1 if figure in STAFF_FIGURES else moving.part.share or 1)


def stage_of(indicator: Indicator, parts: Sequence[Moving]) -> Stage | None:
    """Return the stage's amounts; None where one is unknown, or there is nothing to compare."""
    amounts = [moving.found[indicator.id].inputs["amount"] for moving in parts]
    pupils = [moving.part.pupils or 0 for moving in parts]
    if None in amounts or 0 in pupils or not sum(amounts):
        return None
    return Stage(
        indicator=indicator, parts=parts, amounts=[Fraction(each) for each in amounts], pupils=pupils
    )


def largest_contribution(stage: Stage) -> Contribution | None:
    """Return the school part that adds most to the differences; None where there are none."""
    mean = stage.total / sum(stage.pupils)
    squares = [
        count * (amount / count - mean) ** 2
        for amount, count in zip(stage.amounts, stage.pupils, strict=True)
    ]
    total = sum(squares, Fraction(0))
    if not total:
        return None
    place = max(range(len(squares)), key=lambda each: squares[each])
    part = stage.parts[place].part
    return Contribution(
        school=part.school,
        name=part.name,
        share=squares[place] / total,
        above=stage.amounts[place] > mean * stage.pupils[place],
    )


def difference_changes(stage: Stage, bound: Bound, finding: Finding) -> Iterator[Change]:
    """Yield, for each figure of the indicator, the smallest change in one school that turns the finding."""
    for figure in dict.fromkeys(stage.parts[0].figures(stage.indicator)):
        changes = [
            change
            for place in range(len(stage.parts))
            if figure != PUPILS and (change := _change(stage, place, figure, bound, finding)) is not None
        ]
        if changes:
            yield min(changes, key=lambda change: abs(change.by))


def _change(stage: Stage, place: int, figure: str, bound: Bound, finding: Finding) -> Change | None:
    moving = stage.parts[place]
    where = moving.place(figure)
    if where is None:
        return None
    slope, total, squares = stage.slope(moving, figure), stage.total, stage.squares
    pupils, everyone = stage.pupils[place], sum(stage.pupils)
    amount, limit = stage.amounts[place], 1 + bound.threshold**2

    def turned(t: int) -> bool:
        after, sum_after = amount + slope * t, total + slope * t
        if t < -where[1] or after < 0 or sum_after <= 0:
            return False
        squared = everyone * (squares + (after**2 - amount**2) / pupils) / sum_after**2 - 1
        return bound.compare_squares(squared) is (finding.outcome is not Outcome.MET)

    ratio = Fraction(everyone, pupils)
    candidates = around_roots(
        slope**2 * (ratio - limit),
        2 * slope * (ratio * amount - limit * total),
        everyone * squares - limit * total**2,
    )
    steps = fewest(candidates, turned)
    return None if steps is None else one_change(*where, Fraction(steps))


def mean_changes(stage: Stage, bound: Bound, finding: Finding, factor: int) -> Iterator[Change]:
    """Yield, for each figure, the smallest change that turns the county's mean; any school can make it."""
    everyone = Fraction(sum(stage.pupils))
    for figure in dict.fromkeys(stage.parts[0].figures(stage.indicator)):
        changes = []
        for moving, amount in zip(stage.parts, stage.amounts, strict=True):
            where = moving.place(figure)
            if figure == PUPILS or where is None:
                continue
            slope = stage.slope(moving, figure)
            line = Line(
                above=factor * stage.total,
                above_step=factor * slope,
                below=everyone,
                low=-int(where[1]) if slope > 0 else None,
                high=None if slope > 0 else int(-amount / slope),
            )
            steps = crossing([line], bound, met=finding.outcome is not Outcome.MET)
            if steps is not None:
                changes.append(one_change(*where, Fraction(steps)))
        if changes:
            yield min(changes, key=lambda change: abs(change.by))


def composite_changes(stages: Mapping[str, Stage], bound: Bound, finding: Finding) -> Iterator[Change]:
    """Yield the smallest change of each figure that turns the mean of a stage's coefficients.

    Only figures of a single indicator are moved: what one of two gains the other may lose.
    """
    squares = {key: stage.squared for key, stage in stages.items()}
    used = [
        name for stage in stages.values() for name in dict.fromkeys(stage.parts[0].figures(stage.indicator))
    ]
    for key, stage in stages.items():
        others = [square for other, square in squares.items() if other != key]
        left = bound.threshold * len(stages) - (mean_of_roots(others) * len(others) if others else 0)
        if left <= 0:
            continue
        limit = Bound.model_validate({bound.comparison: left})
        for change in difference_changes(stage, limit, finding):
            if used.count(change.figure.rpartition(".")[2]) == 1:
                yield change
