"""What the search for a smallest change starts from: a finding, the criterion behind it, its schools."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from evaluation.county import CountyFile, School
from evaluation.findings import Finding, Outcome
from evaluation.formulas import FORMULAS
from evaluation.questions import Question
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.sensitivity.changes import Change, Edit, changed_county
from evaluation.sensitivity.crossing import Line, crossing
from evaluation.terms import Bound

#: A figure's place and how much it can be moved by at most.
Room = tuple[str, Fraction | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A finding that is met or not, with a number, and what it was asked of."""

    county: CountyFile
    scheme: Scheme
    item: Item
    criterion: Any
    finding: Finding

    @property
    def met(self) -> bool:
        """Whether the finding is met; a change would make it not met, and the other way round."""
        return self.finding.outcome is Outcome.MET

    @property
    def bound(self) -> Bound:
        """The bound that decided."""
        return Bound.model_validate({self.finding.comparison: self.finding.threshold})

    @property
    def school(self) -> School:
        """The school the finding is about."""
        return next(school for school in self.county.schools if school.code == self.finding.school)

    def figure(self, name: str) -> Fraction:
        """Return what the judgement used under *name*, exactly."""
        return Fraction(self.finding.inputs[name])

    def covered(self) -> list[School]:
        """Return the schools in the criterion's scope."""
        return [school for school in self.county.schools if self.criterion.scope.covers(school)]

    def turned(self, change: Change) -> bool:
        """Return whether the county, judged again after *change*, has the other answer."""
        county = changed_county(self.county, change)
        if self.finding.school is not None:
            own = [school for school in county.schools if school.code == self.finding.school]
            county = county.model_copy(update={"schools": own})
        question = Question(
            county=county,
            scheme=self.scheme,
            section=self.finding.section,
            item=self.item,
            criterion=self.criterion,
        )
        wanted = Outcome.NOT_MET if self.met else Outcome.MET
        place = (self.finding.school, self.finding.stage)
        found = FORMULAS[self.criterion.formula](question)
        return any((each.school, each.stage) == place and each.outcome is wanted for each in found)

    def moved(
        self, path: str, now: Fraction, pieces: Sequence[Line], *, step: Fraction = Fraction(1)
    ) -> Iterator[Change]:
        """Yield the smallest change of the one figure at *path*, if any turns the finding."""
        steps = crossing(pieces, self.bound, met=not self.met)
        if steps is not None:
            yield one_change(path, now, steps * step)


def one_change(path: str, now: Fraction, by: Fraction) -> Change:
    """Return the change of one figure, which is *now* so large, by *by*."""
    school, figure = split_path(path)
    return Change(
        figure=figure,
        by=by,
        relative=abs(by / now) if now else None,
        edits=(Edit(path=path, by=by),),
        school=school,
    )


def spread_change(figure: str, now: Fraction, by: Fraction, rooms: Iterable[Room]) -> Change | None:
    """Return a change of several places that makes *by* together, the first ones moved as far as they go.

    Args:
        figure: what the places are one figure of.
        now: how much they are together.
        by: what they are to change by, together.
        rooms: each place, and how much it can be moved by, without sign.
    """
    left, edits = abs(by), []
    for path, room in rooms:
        part = min(left, Fraction(room))
        if part > 0:
            edits.append(Edit(path=path, by=part if by > 0 else -part))
            left -= part
    if left or not edits:
        return None
    schools = {split_path(edit.path)[0] for edit in edits}
    return Change(
        figure=figure,
        by=by,
        relative=abs(by / now) if now else None,
        edits=tuple(edits),
        school=schools.pop() if len(schools) == 1 else None,
    )


def split_path(path: str) -> tuple[str | None, str]:
    """Return the school a place belongs to, if any, and the figure without places in lists.

    >>> split_path("schools[S1].class_sizes.primary[3]")
    ('S1', 'class_sizes.primary')
    """
    school = None
    if path.startswith("schools["):
        school, _, path = path.removeprefix("schools[").partition("].")
    return school, ".".join(step.partition("[")[0] for step in path.split("."))


def smallest(changes: Iterable[Change | None]) -> list[Change]:
    """Return *changes*, relatively smallest first; what changes a figure from 0 comes last."""
    given = [change for change in changes if change is not None]
    return sorted(given, key=lambda each: (each.relative is None, each.relative or 0, each.figure))


def clipped(line: Line, constant: Fraction, slope: Fraction) -> Line:
    """Return *line* as far as constant + slope·t is not negative."""
    if not slope:
        return line
    end = -constant / slope
    if slope > 0:
        low = -(-end.numerator // end.denominator)
        return replace(line, low=low if line.low is None else max(line.low, low))
    high = end.numerator // end.denominator
    return replace(line, high=high if line.high is None else min(line.high, high))
