"""The smallest change that turns a finding on the county's own figures, formula by formula."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from evaluation.county import COMPULSORY, School
from evaluation.criteria import (
    AmountOf,
    Compare,
    CompositeDifferences,
    MonitoringResults,
    Ratio,
    RecognitionRate,
    SummedShare,
    YearsBetween,
)
from evaluation.school_formulas import STAGE_FIGURES, stage_path
from evaluation.sensitivity.asked import Asked, clipped, one_change, spread_change
from evaluation.sensitivity.changes import THOUSANDTH, Change
from evaluation.sensitivity.crossing import Line, crossing
from evaluation.terms import Bound

#: Figures that are as they are: nobody is shown how many more deaths would change a verdict.
FIXED = ("deaths",)


def ratio(asked: Asked) -> Iterator[Change]:
    """One figure more or less in the sums above and below the line."""
    criterion: Ratio = asked.criterion
    signs = {"above": _signs(criterion.numerator), "below": _signs(criterion.denominator)}
    sums = {
        place: sum((sign * asked.figure(name) for name, sign in given.items()), Fraction(0))
        for place, given in signs.items()
    }
    for name in {**signs["above"], **signs["below"]}:
        if name in FIXED:
            continue
        now = asked.figure(name)
        above, below = (Fraction(signs[place].get(name, 0)) for place in ("above", "below"))
        line = Line(
            above=sums["above"],
            above_step=above,
            below=sums["below"],
            below_step=below,
            low=-int(now),
        )
        if criterion.part_of_whole:
            line = clipped(line, sums["below"] - sums["above"], below - above)
        yield from asked.moved(f"{criterion.of}.{name}", now, [line])


def _signs(names: Iterable[str]) -> dict[str, int]:
    """Return how often each figure is added, negative where it is subtracted."""
    signs: dict[str, int] = {}
    for name in names:
        signs[name.lstrip("-")] = signs.get(name.lstrip("-"), 0) + (-1 if name[0] == "-" else 1)
    return signs


def amount(asked: Asked) -> Iterator[Change]:
    """The figure itself."""
    criterion: AmountOf = asked.criterion
    now = asked.figure(criterion.of)
    yield from asked.moved(criterion.of, now, [Line(above=now, above_step=Fraction(1), low=-int(now))])


def compare(asked: Asked) -> Iterator[Change]:
    """Either of the two figures."""
    criterion: Compare = asked.criterion
    for name, step in ((criterion.left, 1), (criterion.right, -1)):
        now = asked.figure(name)
        line = Line(above=asked.figure(criterion.left), above_step=Fraction(step), low=-int(now))
        yield from asked.moved(f"{criterion.of}.{name}", now, [line])


def years_between(asked: Asked) -> Iterator[Change]:
    """Applying later or earlier; the year of recognition lies behind."""
    criterion: YearsBetween = asked.criterion
    now = asked.figure(criterion.end)
    line = Line(above=now - asked.figure(criterion.start), above_step=Fraction(1))
    yield from asked.moved(criterion.end, now, [line])


def summed_share(asked: Asked) -> Iterator[Change]:
    """The part or the whole, in as many schools as it takes; no part may exceed its whole."""
    criterion: SummedShare = asked.criterion
    stages = COMPULSORY if asked.finding.stage is None else (asked.finding.stage,)
    rows = [
        (school, stage, part, whole)
        for school in asked.covered()
        for stage in stages
        if (part := STAGE_FIGURES[criterion.part](school, stage)) is not None
        and (whole := STAGE_FIGURES[criterion.whole](school, stage)) is not None
    ]
    part, whole = (Fraction(sum(row[place] for row in rows)) for place in (2, 3))
    spare = [(school, stage, of - have) for school, stage, have, of in rows]
    more = Line(above=part, above_step=Fraction(1), below=whole, low=-int(part), high=int(whole - part))
    steps = crossing([more], asked.bound, met=not asked.met)
    if steps is not None:
        rooms = spare if steps > 0 else [(school, stage, have) for school, stage, have, _ in rows]
        yield from _spread(criterion.part, part, steps, rooms, asked)
    all_ = Line(above=part, below=whole, below_step=Fraction(1), low=-int(whole - part))
    steps = crossing([all_], asked.bound, met=not asked.met)
    if steps is not None:
        rooms = spare if steps < 0 else [(school, stage, steps) for school, stage, _, _ in rows]
        yield from _spread(criterion.whole, whole, steps, rooms, asked)


def _spread(
    figure: str, now: Fraction, steps: int, rooms: Iterable[tuple[School, str, int]], asked: Asked
) -> Iterator[Change]:
    stage = asked.finding.stage
    name = figure if stage is None else stage_path(figure, stage)
    places = [(f"schools[{school.code}].{stage_path(figure, each)}", room) for school, each, room in rooms]
    change = spread_change(name, now, Fraction(steps), places)
    if change is not None:
        yield change


def recognition_rate(asked: Asked) -> Iterator[Change]:
    """Answers that would have to be others, or answers that do not count."""
    criterion: RecognitionRate = asked.criterion
    valid, satisfied = asked.figure("valid"), asked.figure("satisfied")
    path = f"recognition.{criterion.tally}"
    answers = Line(
        above=satisfied, above_step=Fraction(1), below=valid, low=-int(satisfied), high=int(valid - satisfied)
    )
    yield from asked.moved(f"{path}.satisfied", satisfied, [answers])
    counted = Line(above=satisfied, below=valid, below_step=Fraction(1), low=-int(valid - satisfied))
    yield from asked.moved(f"{path}.valid", valid, [counted])


def composite_difference(asked: Asked) -> Iterator[Change]:
    """The coefficients of the years that decide: the largest one, or all that are too large."""
    criterion: CompositeDifferences = asked.criterion
    stage, application = asked.finding.stage, asked.county.application_year or 0
    given = asked.county.figure("eligibility.composite_difference") or []
    rows = [
        (f"eligibility.composite_difference[{place}].{stage}", Fraction(value))
        for place, row in enumerate(given)
        if application - criterion.years <= row.year < application
        and (value := getattr(row, str(stage))) is not None
    ]
    yield from _coefficients(asked, rows)


def monitoring(asked: Asked) -> Iterator[Change]:
    """The difference or the level of one subject, or of all that are too unequal, or too low."""
    criterion: MonitoringResults = asked.criterion
    results = asked.county.figure("figures.monitoring") or []
    differences = [
        (f"figures.monitoring[{place}].difference", Fraction(each.difference))
        for place, each in enumerate(results)
    ]
    levels = [
        (f"figures.monitoring[{place}].level", Fraction(each.level)) for place, each in enumerate(results)
    ]
    found = [
        *_each(differences, criterion.difference, THOUSANDTH, met=not asked.met),
        *_each(levels, criterion.level, Fraction(1), met=not asked.met),
    ]
    if not asked.met:
        found += _together(differences, criterion.difference, THOUSANDTH)
        found += _together(levels, criterion.level, Fraction(1))
    turning = [change for change in found if asked.turned(change)]
    for figure in dict.fromkeys(change.figure for change in turning):
        yield min((each for each in turning if each.figure == figure), key=lambda each: abs(each.by))


def _coefficients(asked: Asked, rows: list[tuple[str, Fraction]]) -> Iterator[Change]:
    """Yield how the rows would have to be changed: one of them too large, or none of them any more."""
    if asked.met:
        found = list(_each(rows, asked.bound, THOUSANDTH, met=False))
        if found:
            yield min(found, key=lambda each: abs(each.by))
    else:
        yield from filter(asked.turned, _together(rows, asked.bound, THOUSANDTH))


def _each(
    rows: Iterable[tuple[str, Fraction]], bound: Bound, step: Fraction, *, met: bool
) -> Iterator[Change]:
    """Yield for every row the smallest change that brings it to the other side of *bound*."""
    for path, now in rows:
        if bound.holds(now) is met:
            continue
        line = Line(above=now, above_step=step, low=-int(now / step))
        steps = crossing([line], bound, met=met)
        if steps is not None:
            yield one_change(path, now, steps * step)


def _together(rows: list[tuple[str, Fraction]], bound: Bound, step: Fraction) -> Iterator[Change]:
    """Yield the change of all rows that miss *bound* so that each just keeps it."""
    changes = list(_each(rows, bound, step, met=True))
    if changes:
        by = sum((change.by for change in changes), Fraction(0))
        rooms = [(change.edits[0].path, abs(change.by)) for change in changes]
        now = sum((value for _, value in rows), Fraction(0))
        change = spread_change(changes[0].figure, now, by, rooms)
        if change is not None:
            yield change


#: Formula → the smallest changes of its inputs.
COUNTY_FORMULAS: dict[str, Callable[[Asked], Iterator[Change]]] = {
    "ratio": ratio,
    "amount": amount,
    "compare": compare,
    "years_between": years_between,
    "summed_share": summed_share,
    "recognition_rate": recognition_rate,
    "composite_difference": composite_difference,
    "monitoring": monitoring,
}
