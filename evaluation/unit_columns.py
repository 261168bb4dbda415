"""School parts in columns: what :mod:`evaluation.units` does, for all schools of all counties at once.

Sums are made in floating point, nan where a figure is unknown. What a value is exactly, the parts of
its unit say, made from the schools themselves.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from evaluation.county import COMPULSORY, STAGES
from evaluation.resources import FACTORS, HAIR, ResourceTable, Value, indicator_value
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.school_table import KINDS, SchoolTable
from evaluation.units import SHARED_FIGURES, STAFF_FIGURES, school_parts

if TYPE_CHECKING:
    import numpy as np

#: How many units are remembered with their exact values while one table is judged.
REMEMBERED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Units:
    """The schools that count, each with those merged into it (m units)."""

    #: m: the row of the school that stands for the unit.
    root: "np.ndarray"
    #: Rows of all schools in units, and the unit each belongs to.
    members: "np.ndarray"
    unit: "np.ndarray"

    def add(self, *columns: "np.ndarray") -> "np.ndarray":
        """Return the sum of columns over the members of each unit; nan where one is unknown."""
        import numpy as np

        weights = np.sum(columns, axis=0)[self.members]
        return np.bincount(self.unit, weights=weights, minlength=len(self.root))


def resource_table(table: SchoolTable, scheme: Scheme) -> ResourceTable:
    """Return the values of all school parts of *table*, in the order of counties, schools and stages."""
    import numpy as np

    units = _units(table, scheme)
    pupils: dict[str, np.ndarray] = {stage: units.add(table.pupils[stage]) for stage in STAGES}
    shares = _shares(table, scheme, units, pupils)
    unit, stage = np.nonzero(np.stack([pupils[each] != 0 for each in COMPULSORY], axis=1))
    chosen = (unit, stage)
    figures = _figures(table, scheme, units, shares)
    extra = _extra(table, units, shares)[chosen]
    count = np.stack([pupils[each] for each in COMPULSORY], axis=1)[chosen]
    county = table.county[units.root][unit]
    exact = _exact(table, scheme, units, unit, stage)
    indicators = scheme.resources.indicators
    values, slack = np.empty((2, len(unit), len(indicators)))
    for column, indicator in enumerate(indicators):
        amount, gross = (each[chosen] for each in _amount(figures, indicator))
        at_zero = (gross > 0) & (np.abs(amount) <= HAIR * gross)
        amount = np.where((amount < 0) & ~at_zero, np.nan, amount)
        amount, gross = _with_exemptions(table, scheme, indicator, county, amount, gross, extra)
        per_pupil = FACTORS[indicator.formula] / count
        values[:, column], slack[:, column] = amount * per_pupil, HAIR * gross * per_pupil
        for row in np.flatnonzero(at_zero):
            value = exact(int(row), column).value
            values[row, column] = np.nan if value is None else float(value)
    return ResourceTable(
        county=county,
        stage=stage,
        pupils=count,
        values=values,
        exact=lambda row, column: _known(exact(row, column)),
        counties=len(table.counties),
        slack=slack,
    )


def _known(value: Value) -> Fraction:
    if value.value is None:
        raise LookupError(value.missing)
    return value.value


def _units(table: SchoolTable, scheme: Scheme) -> _Units:
    """Return the units that resources are judged of: without excluded kinds and the smallest schools."""
    import numpy as np

    rules = scheme.units
    covered = ~table.is_one_of("kind", rules.excluded_kinds)
    root = np.flatnonzero(covered & (table.flags["counted"] == 1))
    place = np.full(len(table), -1)
    place[root] = np.arange(len(root))
    members = np.flatnonzero(covered)
    units = _Units(root=root, members=members, unit=place[table.root[members]])
    size = units.add(*(table.pupils[stage] for stage in rules.size_stages))
    smallest = np.array([rules.excluded_below.get(kind, 0) for kind in KINDS])[table.words["kind"][root]]
    kept = ~(size < smallest)
    place[root] = np.where(kept, np.cumsum(kept) - 1, -1)
    unit = place[table.root[members]]
    return _Units(root=root[kept], members=members[unit >= 0], unit=unit[unit >= 0])


def _shares(
    table: SchoolTable, scheme: Scheme, units: _Units, pupils: "dict[str, np.ndarray]"
) -> "np.ndarray":
    """Return m × compulsory stages: the share of each stage in what its unit uses together."""
    import numpy as np

    rule = scheme.units.split
    kind = table.words["kind"][units.root]
    present = np.stack([pupils[stage] != 0 for stage in STAGES], axis=1)
    weights = np.tile([float(rule.weights.get(stage, np.nan)) for stage in STAGES], (len(kind), 1))
    for name, own in rule.kinds.items():
        foreign = np.array([stage not in own for stage in STAGES])
        rows = (kind == KINDS.index(name)) & ~(present & foreign).any(axis=1)
        weights[rows] = [float(own.get(stage, np.nan)) for stage in STAGES]
    counts = np.stack([pupils[stage] for stage in STAGES], axis=1)
    weighted = np.where(present, weights * counts, 0.0)
    whole = weighted.sum(axis=1)
    compulsory = [STAGES.index(stage) for stage in COMPULSORY]
    with np.errstate(divide="ignore", invalid="ignore"):
        return weighted[:, compulsory] / whole[:, None]


def _figures(
    table: SchoolTable, scheme: Scheme, units: _Units, shares: "np.ndarray"
) -> "dict[str, np.ndarray]":
    """Return figure → m × compulsory stages: each part's own amount, nan where it is unknown."""
    import numpy as np

    figures = {}
    for name in STAFF_FIGURES:
        by_stage = []
        for stage in COMPULSORY:
            given = table.numbers[f"teachers.{stage}.{name}"]
            none = np.isnan(given) & (table.pupils[stage] == 0)
            by_stage.append(units.add(np.where(none, 0.0, given)))
        figures[name] = np.stack(by_stage, axis=1)
    figures["pe_arts"] = figures["pe_arts"] + _visiting(table, scheme, units)
    for name in SHARED_FIGURES:
        figures[name] = units.add(table.numbers[name])[:, None] * shares
    return figures


def _visiting(table: SchoolTable, scheme: Scheme, units: _Units) -> "np.ndarray":
    """Return m × compulsory stages: the visiting teachers of PE and arts that count."""
    import numpy as np

    rule = scheme.units.visiting
    places = table.is_one_of("locality", rule.localities) | table.is_one_of("kind", rule.kinds)
    size = units.add(*(table.pupils[stage] for stage in scheme.units.size_stages))
    small = (size >= rule.pupils_from) & (size < rule.pupils_below)
    columns = []
    for stage in COMPULSORY:
        claimed = units.add(np.nan_to_num(table.numbers[f"teachers.{stage}.pe_arts_visiting"]))
        counted = np.where(small, claimed, np.where(np.isnan(size) & (claimed > 0), np.nan, 0.0))
        columns.append(np.where(places[units.root], counted, 0.0))
    return np.stack(columns, axis=1)


def _extra(table: SchoolTable, units: _Units, shares: "np.ndarray") -> "np.ndarray":
    """Return m × compulsory stages: the extra sports area that dense centres let schools claim."""
    import numpy as np

    claimed = np.where(
        table.flags["dense_centre"] == 1, np.nan_to_num(table.numbers["extra_sports_area"]), 0.0
    )
    return units.add(claimed)[:, None] * np.nan_to_num(shares)


def _amount(figures: "dict[str, np.ndarray]", indicator: Indicator) -> "tuple[np.ndarray, np.ndarray]":
    """Return an indicator's amount and the sum of what it is made of, without regard to signs."""
    import numpy as np

    signs = np.array([-1 if name.startswith("-") else 1 for name in indicator.amount])
    terms = np.stack([figures[name.lstrip("-")] for name in indicator.amount])
    return (signs[:, None, None] * terms).sum(axis=0), terms.sum(axis=0)


def _with_exemptions(
    table: SchoolTable,
    scheme: Scheme,
    indicator: Indicator,
    county: "np.ndarray",
    amount: "np.ndarray",
    gross: "np.ndarray",
    extra: "np.ndarray",
) -> "tuple[np.ndarray, np.ndarray]":
    """Return amounts and gross amounts with what an exemption in force adds; unknown without a year."""
    import numpy as np

    years = np.array([np.nan if (year := each.application_year) is None else year for each in table.counties])
    for exemption in scheme.exemptions:
        if indicator.id not in exemption.adds:
            continue
        added = extra
        if exemption.valid_until is not None:
            year = years[county]
            in_force = np.where(year <= exemption.valid_until, extra, 0.0)
            added = np.where(np.isnan(year) & (extra > 0), np.nan, in_force)
        amount, gross = amount + added, gross + added
    return amount, gross


def _exact(table: SchoolTable, scheme: Scheme, units: _Units, unit: "np.ndarray", stage: "np.ndarray"):
    """Return the function (row, column) → exact value, made from the schools of the row's unit."""
    import numpy as np

    order = np.argsort(units.unit, kind="stable")
    starts = np.searchsorted(units.unit[order], np.arange(len(units.root) + 1))

    @lru_cache(maxsize=REMEMBERED)
    def parts(place: int) -> dict:
        rows = units.members[order[starts[place] : starts[place + 1]]]
        file = table.counties[table.county[units.root[place]]]
        schools = [table.school(int(row)) for row in rows]
        found = school_parts(file.model_copy(update={"schools": schools}), scheme.units)
        return {part.stage: part for part in found}

    def exact(row: int, column: int) -> Value:
        part = parts(int(unit[row]))[COMPULSORY[stage[row]]]
        year = table.counties[table.county[units.root[unit[row]]]].application_year
        return indicator_value(part, scheme.resources.indicators[column], scheme, year)

    return exact
