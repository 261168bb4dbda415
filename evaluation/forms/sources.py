"""How each kind of source finds its answer."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from evaluation.county import COMPULSORY, Monitoring, School
from evaluation.difference import squared_coefficient
from evaluation.findings import Finding, Outcome, conclude
from evaluation.forms.answers import EMPTY, NOTHING, Answer, Ground, number, unknown
from evaluation.forms.form import (
    CountyFigure,
    CountyRatio,
    Difference,
    ItemAttested,
    ItemOutcome,
    ItemSchools,
    ItemSum,
    ItemValue,
    Limit,
    Mean,
    MonitoringResult,
    PartFact,
    PartValue,
    Reached,
    SchoolCount,
    SchoolShare,
    SchoolSum,
    Source,
    TallyFigure,
)
from evaluation.questions import held
from evaluation.resource_findings import UnitResult
from evaluation.school_formulas import STAGE_FIGURES
from evaluation.terms import Scope

#: Figures that schools have by stage; the others belong to the whole school.
_BY_STAGE: dict[str, Callable[[School, str], int | None]] = {
    **STAGE_FIGURES,
    "classes": lambda school, stage: None if (found := school.classes_in(stage)) is None else len(found),
    "teachers.employees": lambda school, stage: school.staff_in(stage, "employees"),
    "teachers.above_qualification": lambda school, stage: school.staff_in(stage, "above_qualification"),
    "teachers.backbone": lambda school, stage: school.staff_in(stage, "backbone"),
}

#: Reasons for which a finding is met without a figure: nobody is concerned.
_NOBODY = ("nobody", "none")


def county_figure(source: CountyFigure, ground: Ground) -> Answer:
    """One figure of the county file."""
    given = ground.verdict.county.figure(source.of)
    return unknown([source.of]) if given is None else number(Fraction(given))


def county_ratio(source: CountyRatio, ground: Ground) -> Answer:
    """One sum of the county's figures over another one."""
    county = ground.verdict.county
    values = {path: county.figure(path) for path in source.places()}
    if lacking := [path for path, value in values.items() if value is None]:
        return unknown(lacking)

    def add(names: list[str]) -> Fraction:
        signed = [(-1 if name[0] == "-" else 1, f"{source.of}.{name.lstrip('-')}") for name in names]
        return sum((sign * Fraction(values[path]) for sign, path in signed), Fraction(0))

    part, whole = add(source.numerator), add(source.denominator)
    names = [name.lstrip("-") for name in (*source.numerator, *source.denominator)]
    return number(part / whole, judged=ground.judging(names)) if whole else NOTHING


def school_count(source: SchoolCount, ground: Ground) -> Answer:
    """Counted schools in a scope."""
    schools = ground.verdict.county.schools
    return number(sum(school.counted and source.scope.covers(school) for school in schools))


def school_sum(source: SchoolSum, ground: Ground) -> Answer:
    """A figure added over schools; one that is missing leaves the sum unknown."""
    values = dict(_figures(source.figure, source.stages, source.scope, ground))
    if lacking := [place for place, value in values.items() if value is None]:
        return unknown(lacking)
    return number(sum((value for value in values.values() if value is not None), Fraction(0)))


def school_share(source: SchoolShare, ground: Ground) -> Answer:
    """One sum over schools over another one."""
    part = dict(_figures(source.part, source.stages, source.scope, ground))
    whole = dict(_figures(source.whole, source.stages, source.scope, ground))
    if lacking := [place for place, value in (*part.items(), *whole.items()) if value is None]:
        return unknown(lacking)
    total = sum((value for value in whole.values() if value is not None), Fraction(0))
    if not total:
        return NOTHING
    judged = ground.judging([source.part, source.whole], source.stages)
    share = sum((value for value in part.values() if value is not None), Fraction(0)) / total
    return number(share, judged=judged)


def _figures(
    figure: str, stages: Sequence[str], scope: Scope, ground: Ground
) -> Iterator[tuple[str, Fraction | None]]:
    """Yield place and value of a figure in every school, and stage, that has it or should have it."""
    for school in ground.verdict.county.schools:
        if not scope.covers(school):
            continue
        if figure not in _BY_STAGE:
            given = getattr(school, figure)
            yield f"schools[{school.code}].{figure}", None if given is None else Fraction(given)
            continue
        for stage in stages or COMPULSORY:
            value = _BY_STAGE[figure](school, stage)
            if school.pupils_in(stage) == 0 and not value:
                continue
            head, _, tail = figure.replace("classes", "class_sizes").partition(".")
            place = ".".join(part for part in (head, stage, tail) if part)
            yield f"schools[{school.code}].{place}", None if value is None else Fraction(value)


def item_value(source: ItemValue, ground: Ground) -> Answer:
    """The value of the county's finding on the row's item."""
    wanted = set(source.inputs)
    for finding in ground.findings:
        if finding.school is None and wanted <= set(finding.inputs):
            if finding.value is not None:
                return number(finding.value, judged=finding)
            return NOTHING if finding.why in _NOBODY else unknown(finding.missing)
    return EMPTY


def item_schools(source: ItemSchools, ground: Ground) -> Answer:
    """Schools that the row's item concerns, or that meet it."""
    found = ground.of_schools(source.inputs, source.stages)
    if not found:
        nobody = any(finding.why in _NOBODY for finding in ground.findings)
        return (number(0) if source.take == "all" else NOTHING) if nobody else EMPTY
    outcomes: dict[str, list[Outcome]] = {}
    for finding in found:
        outcomes.setdefault(finding.school or "", []).append(finding.outcome)
    if source.take == "all":
        return number(len(outcomes))
    concluded = [conclude(each) for each in outcomes.values()]
    if Outcome.UNDETERMINED in concluded:
        return unknown(_lacking(found))
    outcome = conclude(concluded)
    return Answer(value=Fraction(concluded.count(Outcome.MET)), outcome=outcome)


def item_sum(source: ItemSum, ground: Ground) -> Answer:
    """An input added over the findings on schools."""
    found = ground.of_schools((), source.stages)
    if not found:
        return NOTHING if any(finding.why in _NOBODY for finding in ground.findings) else EMPTY
    values: list[Any] = [finding.inputs.get(source.input) for finding in found]
    if isinstance(next((value for value in values if value is not None), None), list):
        values = [None if value is None else len(value) for value in values]
    if None in values:
        return unknown(_lacking(found))
    return number(sum((Fraction(value) for value in values), Fraction(0)))


def item_outcome(_: ItemOutcome, ground: Ground) -> Answer:
    """How the row's item stands: as the scheme's items for it, taken together."""
    outcomes = [ground.verdict.items[item.id] for item in ground.items if item.id in ground.verdict.items]
    if not outcomes:
        return EMPTY
    return _words(conclude(outcomes), _lacking(ground.findings), ground)


def item_attested(source: ItemAttested, ground: Ground) -> Answer:
    """How the parts of the row's item that rest on documents stand."""
    ids = {
        item.criterion_id(criterion)
        for item in ground.items
        for criterion in item.criteria
        if criterion.formula == "attested" and source.key in (None, criterion.attestation)
    }
    found = [finding for finding in ground.findings if finding.id in ids]
    if not found:
        return EMPTY
    return _words(conclude(finding.outcome for finding in found), _lacking(found), ground)


def _lacking(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for finding in findings for place in finding.missing))


def _words(outcome: Outcome, missing: tuple[str, ...], ground: Ground) -> Answer:
    undetermined = outcome is Outcome.UNDETERMINED
    return Answer(
        value=ground.form.head.words.outcome[outcome.value],
        state="unknown" if undetermined else "words",
        outcome=outcome,
        missing=missing if undetermined else (),
    )


def reached(source: Reached, ground: Ground) -> Answer:
    """School parts that reach the row's indicator, or pass the rule for a school."""
    indicator = ground.indicator
    if ground.row.indicator and indicator is None:
        return EMPTY
    units = ground.index.units.get(source.stage, [])
    outcomes = [unit.outcomes[indicator.id] if indicator else unit.outcome for unit in units]
    if source.take == "all":
        return number(len(outcomes))
    if not outcomes:
        return NOTHING
    if Outcome.UNDETERMINED in outcomes:
        return unknown(_missing_in(units, indicator.id if indicator else None, ground))
    met = outcomes.count(Outcome.MET)
    return number(met if source.take == "met" else Fraction(met, len(outcomes)))


def _missing_in(units: Sequence[UnitResult], id_: str | None, ground: Ground) -> list[str]:
    """Return the places in the county file that leave *id_*, or any indicator, of these parts unknown."""
    found = []
    for each in ground.index.indicators.values():
        names = [name.lstrip("-") for name in (*each.amount, "pupils")] if id_ in (None, each.id) else []
        found += [place for unit in units for name in names for place in unit.part.missing.get(name, ())]
    return found


def mean(source: Mean, ground: Ground) -> Answer:
    """The county's value of an indicator: the sum of amounts over the sum of pupils, exactly."""
    amounts, pupils, answer = _amounts(source.stage, ground)
    if answer is not None or ground.indicator is None:
        return answer or EMPTY
    judged = ground.index.on_county.get((f"{ground.indicator.id}.mean", source.stage))
    return number(sum(amounts, Fraction(0)) / sum(pupils), judged=judged)


def difference(source: Difference, ground: Ground) -> Answer:
    """The difference coefficient, from the exact square of it."""
    amounts, pupils, answer = _amounts(source.stage, ground)
    if answer is not None or ground.indicator is None:
        return answer or EMPTY
    if not sum(amounts):
        return NOTHING
    judged = ground.index.on_county.get((f"{ground.indicator.id}.difference", source.stage))
    return number(exact_root(squared_coefficient(amounts, pupils)), judged=judged)


def _amounts(stage: str, ground: Ground) -> tuple[list[Fraction], list[int], Answer | None]:
    """Return value × pupils and pupils of a stage's parts, or the answer where they cannot be given."""
    units = ground.index.units.get(stage, [])
    if ground.indicator is None:
        return [], [], EMPTY
    if not units:
        return [], [], NOTHING
    id_ = ground.indicator.id
    pairs = [(unit.values[id_], unit.part.pupils) for unit in units]
    known = [(value * pupils, pupils) for value, pupils in pairs if value is not None and pupils]
    if len(known) < len(pairs):
        return [], [], unknown(_missing_in(units, id_, ground))
    return [amount for amount, _ in known], [pupils for _, pupils in known], None


def exact_root(square: Fraction) -> Fraction:
    """Return the square root: itself where it is a fraction, else to fifty digits.

    An irrational root lies on no boundary between two printed numbers, so fifty digits decide it.

    >>> exact_root(Fraction("0.4995") ** 2)
    Fraction(999, 2000)
    >>> round(float(exact_root(Fraction(2))), 6)
    1.414214
    """
    top, bottom = math.isqrt(square.numerator), math.isqrt(square.denominator)
    if top**2 == square.numerator and bottom**2 == square.denominator:
        return Fraction(top, bottom)
    with localcontext(prec=60):
        return Fraction((Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def limit(source: Limit, ground: Ground) -> Answer:
    """What is asked of an indicator, or of the coefficients."""
    if ground.row.indicator is None:
        return number(ground.verdict.scheme.resources.difference.bounds.of(source.stage).threshold)
    if ground.indicator is None:
        return EMPTY
    return number(ground.indicator.bounds.of(source.stage).threshold)


def monitoring(source: MonitoringResult, ground: Ground) -> Answer:
    """The worst of a subject's latest results; national ones count before provincial ones."""
    results: list[Monitoring] = ground.verdict.county.figure("figures.monitoring") or []
    found = [each for each in results if each.subject == source.subject]
    found = [each for each in found if each.source == "national"] or found
    latest = max((each.year for each in found if each.year is not None), default=None)
    found = [each for each in found if each.year == latest]
    if not found:
        return unknown(["figures.monitoring"])
    worst = Fraction(min(each.level for each in found))
    if source.take == "difference":
        worst = max(Fraction(each.difference) for each in found)
    for criterion in (criterion for item in ground.items for criterion in item.criteria):
        if criterion.formula == "monitoring":
            bound = criterion.level if source.take == "level" else criterion.difference
            outcome = held(holds=bound.holds(worst))
            return Answer(
                value=worst, outcome=outcome, threshold=bound.threshold, comparison=bound.comparison
            )
    return number(worst)


def tally_figure(source: TallyFigure, ground: Ground) -> Answer:
    """A count of the recognition survey, or its rate."""
    county = ground.verdict.county
    values = {path: county.figure(path) for path in source.places()}
    if lacking := [path for path, value in values.items() if value is None]:
        return unknown(lacking)
    if source.take != "rate":
        return number(next(iter(values.values())))
    valid, satisfied = values.values()
    if not valid:
        return NOTHING
    name = source.of.removeprefix("recognition.")
    ids = {
        item.criterion_id(criterion)
        for item in ground.items
        for criterion in item.criteria
        if criterion.formula == "recognition_rate" and criterion.tally == name
    }
    judged = next((finding for finding in ground.findings if finding.id in ids), None)
    return number(Fraction(satisfied, valid), judged=judged)


def part_value(source: PartValue, ground: Ground) -> Answer:
    """An indicator's value in a school part."""
    indicator, unit = ground.index.indicators.get(source.indicator), ground.unit
    if indicator is None or unit is None:
        return EMPTY
    value = unit.values[indicator.id]
    if value is None:
        names = [name.lstrip("-") for name in (*indicator.amount, "pupils")]
        return unknown(place for name in names for place in unit.part.missing.get(name, ()))
    bound = indicator.bounds.of(unit.part.stage)
    return Answer(
        value=value,
        outcome=unit.outcomes[indicator.id],
        threshold=bound.threshold,
        comparison=bound.comparison,
    )


def part_fact(source: PartFact, ground: Ground) -> Answer:
    """What a school part is, and how it stands."""
    return EMPTY if ground.unit is None else _PART_FACTS[source.take](ground.unit, ground)


def _part_pupils(unit: UnitResult, _: Ground) -> Answer:
    if unit.part.pupils is None:
        return unknown(unit.part.missing.get("pupils", ()))
    return number(unit.part.pupils)


def _part_organiser(unit: UnitResult, ground: Ground) -> Answer:
    code = ground.index.schools[unit.part.school].organiser
    return unknown([f"schools[{unit.part.school}].organiser"]) if code is None else _said(str(code))


def _part_reached(unit: UnitResult, ground: Ground) -> Answer:
    outcomes = list(unit.outcomes.values())
    if Outcome.UNDETERMINED in outcomes:
        return unknown(_missing_in([unit], None, ground))
    return number(outcomes.count(Outcome.MET))


def _part_outcome(unit: UnitResult, ground: Ground) -> Answer:
    return _words(unit.outcome, tuple(_missing_in([unit], None, ground)), ground)


def _said(text: str) -> Answer:
    return Answer(value=text, state="words")


_PART_FACTS: dict[str, Callable[[UnitResult, Ground], Answer]] = {
    "number": lambda _, ground: number(ground.position),
    "code": lambda unit, _: _said(unit.part.school),
    "name": lambda unit, _: _said(unit.part.name),
    "stage": lambda unit, ground: _said(ground.form.head.words.stage[unit.part.stage]),
    "kind": lambda unit, ground: _said(
        ground.form.head.words.kind[ground.index.schools[unit.part.school].kind]
    ),
    "locality": lambda unit, ground: _said(
        ground.form.head.words.locality[ground.index.schools[unit.part.school].locality]
    ),
    "ownership": lambda unit, ground: _said(
        ground.form.head.words.ownership[ground.index.schools[unit.part.school].ownership]
    ),
    "organiser": _part_organiser,
    "pupils": _part_pupils,
    "reached": _part_reached,
    "outcome": _part_outcome,
}

#: Kind of source → the function that answers it.
SOURCES: dict[type[Source], Callable[[Any, Ground], Answer]] = {
    CountyFigure: county_figure,
    CountyRatio: county_ratio,
    SchoolCount: school_count,
    SchoolSum: school_sum,
    SchoolShare: school_share,
    ItemValue: item_value,
    ItemSchools: item_schools,
    ItemSum: item_sum,
    ItemOutcome: item_outcome,
    ItemAttested: item_attested,
    Reached: reached,
    Mean: mean,
    Difference: difference,
    Limit: limit,
    MonitoringResult: monitoring,
    TallyFigure: tally_figure,
    PartFact: part_fact,
    PartValue: part_value,
}
