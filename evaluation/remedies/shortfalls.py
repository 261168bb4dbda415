"""What each school lacks, in whole teachers and rooms, m² and 元, to pass by itself."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from evaluation.county import CountyFile
from evaluation.findings import Outcome
from evaluation.remedies.holdings import NATURAL_UNITS, Demand, Standing, remedied_figure, standing
from evaluation.remedies.school_shortfalls import school_shortfall
from evaluation.remedies.selection import ZERO, amount_needed, cheapest_selection
from evaluation.remedies.shortfall import Shortfall, Shortfalls, Total
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.units import STAFF_FIGURES, Part
from evaluation.verdict import Verdict, evaluate


def shortfalls(
    county: CountyFile,
    scheme: Scheme,
    *,
    unit_costs: Mapping[str, Fraction] | None = None,
    verdict: Verdict | None = None,
) -> Shortfalls:
    """Return what each school of *county* lacks to pass by itself under *scheme*.

    The school rule lets some indicators stay at the floor. Which ones is chosen so that what remains
    costs least at *unit_costs*; an amount without a price counts as the share of the school's whole need it
    makes up and is spared first. In a school of several stages one amount serves all stages at once.

    Args:
        county: the county file.
        scheme: the scheme to pass.
        unit_costs: figure of the county file → 元 for one more of it.
        verdict: the scheme's verdict on this county, where it is known already.

    Raises:
        CountyFileError: the file uses attestations, vetoes, scores or topics the scheme does not know.
    """
    unit_costs = unit_costs or {}
    ground = standing(county, scheme)
    verdict = verdict or evaluate(county, scheme)
    rows = _resource_rows(ground, unit_costs)
    others = [row for finding in verdict.findings if (row := school_shortfall(finding, county, scheme))]
    return Shortfalls(rows=(*rows, *others), totals=tuple(_totals(rows)))


def _resource_rows(ground: Standing, unit_costs: Mapping[str, Fraction]) -> list[Shortfall]:
    """Return the shortfalls of the resource indicators, in the order of parts and indicators."""
    chosen: dict[tuple[int, str], Fraction] = {}
    for school in dict.fromkeys(part.school for part in ground.parts):
        chosen |= cheapest_selection(ground, school, unit_costs)
    demands = {(demand.part, demand.indicator.id): demand for demand in ground.demands}
    rows = []
    for number, part in enumerate(ground.parts):
        unknown = ground.unknown_of(number)
        for indicator in ground.scheme.resources.indicators:
            demand = demands.get((number, indicator.id))
            if demand is None:
                missing = ground.unknown[number, indicator.id]
                figure = remedied_figure(indicator, ground.scheme)
                rows.append(_row(part, indicator, figure, outcome=Outcome.UNDETERMINED, missing=missing))
            elif demand.to_threshold > 0:
                to_rule = chosen.get((number, indicator.id))
                rows.append(_short(part, demand, to_rule, unit_costs, () if to_rule is not None else unknown))
    return rows


def _short(
    part: Part,
    demand: Demand,
    to_rule: Fraction | None,
    unit_costs: Mapping[str, Fraction],
    missing: tuple[str, ...],
) -> Shortfall:
    """Return what one indicator of a part lacks."""
    bound, price = demand.indicator.bounds.of(part.stage), unit_costs.get(demand.figure)
    return _row(
        part,
        demand.indicator,
        demand.figure,
        outcome=Outcome.NOT_MET,
        to_threshold=amount_needed(demand),
        to_rule=to_rule,
        share=demand.share,
        more_than=bound.comparison == "above",
        cost=None if price is None or to_rule is None else price * to_rule,
        missing=missing,
        facts={"threshold": bound.threshold},
    )


def _row(part: Part, indicator: Indicator, figure: str, **details: Any) -> Shortfall:
    return Shortfall(
        id=indicator.id,
        label=indicator.label,
        clause=indicator.clause,
        school=part.school,
        name=part.name,
        stage=part.stage,
        figure=figure,
        unit=NATURAL_UNITS[figure],
        **details,
    )


def _totals(rows: Sequence[Shortfall]) -> Iterator[Total]:
    """Yield what all schools together lack: an amount that several stages share counts once."""
    groups: dict[tuple[str, str | None], dict[str, list[Shortfall]]] = {}
    for row in rows:
        if row.outcome is Outcome.NOT_MET:
            stage = row.stage if row.figure in STAFF_FIGURES else None
            groups.setdefault((row.figure, stage), {}).setdefault(row.school, []).append(row)
    order = list(NATURAL_UNITS)
    for (figure, stage), schools in sorted(
        groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1] != "primary")
    ):
        own = list(schools.values())
        yield Total(
            figure=figure,
            unit=NATURAL_UNITS[figure],
            stage=stage,
            schools=len(own),
            to_threshold=_sum_of_largest("to_threshold", own) or ZERO,
            to_rule=_sum_of_largest("to_rule", own) or ZERO,
            undetermined=sum(any(row.to_rule is None for row in each) for each in own),
            cost=_sum_of_largest("cost", own),
        )


def _sum_of_largest(name: str, schools: Sequence[Sequence[Shortfall]]) -> Fraction | None:
    """Return the sum over schools of the largest known value among each one's rows; None if none is known."""
    known = [[getattr(row, name) for row in rows if getattr(row, name) is not None] for rows in schools]
    return sum((max(each) for each in known if each), ZERO) if any(known) else None
