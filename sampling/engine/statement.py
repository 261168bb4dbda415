"""The one formulation of the scan, as a SQLAlchemy Core statement over a table of answers and one of strata.

What makes it the same for every engine: names that differ in each part, numbers that are doubles for all,
units counted in the design table, 0.0 in every else branch, and the county in every GROUP BY.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sampling.moment_table import Roles

if TYPE_CHECKING:
    import sqlalchemy as sa

#: Moments that the statement gives for each item; the others follow from them.
GIVEN = ("n", "psus", "strata", "measured", "uncertain", "w", "ww", "y", "wyy", "yy", "yx", "xx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How the statement reads an item."""

    column: str
    #: Whether it is a truth value in the database.
    boolean: bool = False
    #: Whether it may hold NaN, which is missing too.
    nan: bool = False
    #: Whether its values are all 0 or 1.
    binary: bool = False
    #: What values are measured from.
    shift: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the statement must know beside the roles."""

    #: The table of answers and the design table.
    tables: tuple[str, str] = ("answers", "design")
    #: Columns of the design table; empty where units are counted in the answers.
    design: tuple[str, ...] = ()
    #: Whether some weights are zero: such rows are no answers.
    zeros: bool = False
    #: Whether only the counties from $first to $last are scanned.
    parted: bool = False

    def states_population(self, roles: Roles) -> bool:
        """Whether the design table holds the population that *roles* names."""
        return roles.fpc is not None and roles.fpc in self.design


def statement(roles: Roles, measures: Sequence[Measure], setting: Setting) -> sa.Select[Any]:
    """Return the scan: one row for each county and domain, twelve moments for each item.

    The columns are `county` (with that role), `by0`, `by1` …, `excess` (above 0 where a stratum has more
    primary units than the design table says) and `n0`, `psus0`, `strata0` … for the first item and so on. A
    second stage of selection is no part of it.
    """
    import sqlalchemy as sa

    keys = [*(["county"] if roles.county else []), "stratum", *(f"by{i}" for i in range(len(roles.by)))]
    stratum, row = _strata(roles, measures, setting, keys), _rows(roles, measures, setting, keys)
    design = _design(roles, setting)
    joined = stratum.join(row, sa.and_(*(stratum.c[f"s_{key}"] == row.c[f"r_{key}"] for key in keys)))
    matches = [stratum.c.s_stratum == design.c.d_stratum]
    if "d_county" in design.c:
        matches.append(stratum.c.s_county == design.c.d_county)
    groups = [stratum.c[f"s_{key}"] for key in keys if key != "stratum"]
    f, terms = design.c.d_weight, []
    for i, measure in enumerate(measures):
        n, x, y = stratum.c[f"s_psus{i}"], stratum.c[f"s_x{i}"], stratum.c[f"s_y{i}"]
        present = sa.case((n > 0, number(1)), else_=number(0))
        centre, k = design.c.d_centre, design.c.d_k * f * f
        wyy = y if measure.binary else row.c[f"r_wyy{i}"]
        each = (
            row.c[f"r_n{i}"], n, present, present * design.c.d_measured, present * design.c.d_open,
            f * x, f * f * row.c[f"r_ww{i}"], f * y, f * wyy,
            k * (stratum.c[f"s_yy{i}"] - centre * y * y),
            k * (stratum.c[f"s_yx{i}"] - centre * y * x),
            k * (stratum.c[f"s_xx{i}"] - centre * x * x),
        )  # fmt: skip
        terms += [sa.func.sum(term).label(f"{name}{i}") for name, term in zip(GIVEN, each, strict=True)]
    excess = sa.func.max(stratum.c.s_units - design.c.d_units).label("excess")
    names = [group.label(group.name.removeprefix("s_")) for group in groups]
    return (
        sa.select(*names, excess, *terms)
        .select_from(joined.join(design, sa.and_(*matches)))
        .group_by(*groups)
    )


def number(value: float) -> Any:
    """A number that every engine takes for a double, not for a decimal or an integer."""
    import sqlalchemy as sa

    return sa.cast(sa.literal_column(repr(float(value))), sa.Double)


def _answers(roles: Roles, measures: Sequence[Measure], setting: Setting, alias: str) -> Any:
    """The answers with neutral names, numbers as doubles, and no rows outside every domain."""
    import sqlalchemy as sa

    names = dict.fromkeys((*roles.columns, *(each.column for each in measures)))
    table = sa.table(setting.tables[0], *(sa.column(name) for name in names))
    weight = number(1) if roles.weight is None else sa.cast(table.c[roles.weight], sa.Double)
    columns = [weight.label("w")]
    columns.append(
        (sa.literal_column("'all'") if roles.stratum is None else table.c[roles.stratum]).label("stratum")
    )
    columns += [
        table.c[name].label(role) for role, name in (("county", roles.county), ("psu", roles.psu)) if name
    ]
    columns += [table.c[name].label(f"by{i}") for i, name in enumerate(roles.by)]
    if roles.fpc is not None and not setting.states_population(roles):
        columns.append(sa.cast(table.c[roles.fpc], sa.Double).label("fpc"))
    columns += [value_of(table, each, weight, setting).label(f"v{i}") for i, each in enumerate(measures)]
    query = sa.select(*columns).select_from(table).where(*(table.c[name].is_not(None) for name in roles.by))
    if setting.parted:
        bounds = (sa.literal_column("$first"), sa.literal_column("$last"))
        query = query.where(table.c[str(roles.county)].between(*bounds))
    return query.subquery(alias)


def value_of(table: Any, measure: Measure, weight: Any, setting: Setting) -> Any:
    """An item of *table* as a double, measured from its shift, null where it is missing or weighs nothing."""
    import sqlalchemy as sa

    column = table.c[measure.column]
    if measure.boolean:
        value = sa.case((column.is_(None), sa.null()), (column == sa.true(), number(1)), else_=number(0))
    else:
        value = sa.cast(column, sa.Double)
    if measure.nan:
        value = sa.func.nullif(value, sa.cast(sa.literal_column("'NaN'"), sa.Double))
    if setting.zeros:
        value = sa.case((weight > number(0), value))
    return value - number(measure.shift) if measure.shift else value


def _strata(roles: Roles, measures: Sequence[Measure], setting: Setting, keys: Sequence[str]) -> Any:
    """Per stratum and domain: units, and sums of the units' totals, their squares and products."""
    import sqlalchemy as sa

    answers = _answers(roles, measures, setting, "a")
    total: Callable[[Any], Any] = sa.func.sum if roles.psu is not None else lambda term: term
    terms = []
    for i in range(len(measures)):
        value = answers.c[f"v{i}"]
        terms.append(total(sa.case((value.is_(None), number(0)), else_=answers.c.w)).label(f"p_x{i}"))
        terms.append(total(answers.c.w * value).label(f"p_y{i}"))
    unit = sa.select(*(answers.c[key].label(f"p_{key}") for key in keys), *terms)
    if roles.psu is not None:
        unit = unit.group_by(*(answers.c[key] for key in keys), answers.c.psu)
    units = unit.cte("units")
    terms = [sa.func.count().label("s_units")]
    for i in range(len(measures)):
        x, y = units.c[f"p_x{i}"], units.c[f"p_y{i}"]
        sums = {
            "x": sa.func.sum(x),
            "y": _sum(y),
            "xx": sa.func.sum(x * x),
            "yx": _sum(y * x),
            "yy": _sum(y * y),
        }
        terms.append(sa.func.count(y).label(f"s_psus{i}"))
        terms += [term.label(f"s_{name}{i}") for name, term in sums.items()]
    named = [units.c[f"p_{key}"] for key in keys]
    labels = [column.label(f"s_{key}") for key, column in zip(keys, named, strict=True)]
    return sa.select(*labels, *terms).group_by(*named).cte("strata")


def _rows(roles: Roles, measures: Sequence[Measure], setting: Setting, keys: Sequence[str]) -> Any:
    """Per stratum and domain: answers, and sums over single answers."""
    import sqlalchemy as sa

    answers = _answers(roles, measures, setting, "b")
    terms, w = [], answers.c.w
    for i, measure in enumerate(measures):
        value = answers.c[f"v{i}"]
        terms.append(sa.func.count(value).label(f"r_n{i}"))
        terms.append(sa.func.sum(sa.case((value.is_(None), number(0)), else_=w * w)).label(f"r_ww{i}"))
        if not measure.binary:
            terms.append(_sum(w * value * value).label(f"r_wyy{i}"))
    named = [answers.c[key] for key in keys]
    labels = [column.label(f"r_{key}") for key, column in zip(keys, named, strict=True)]
    return sa.select(*labels, *terms).group_by(*named).cte("row_sums")


def _sum(term: Any) -> Any:
    import sqlalchemy as sa

    return sa.func.coalesce(sa.func.sum(term), number(0))


def counted_strata(roles: Roles, setting: Setting, alias: str) -> Any:
    """Per stratum, from the answers: rows, primary units, least and most stated number in the population."""
    import sqlalchemy as sa

    answers = _answers(replace(roles, by=()), (), replace(setting, zeros=False), alias)
    keys = [answers.c[key] for key in ("county", "stratum") if key in answers.c]
    units = sa.func.count() if roles.psu is None else sa.func.count(answers.c.psu.distinct())
    terms = [] if setting.design else [units.label("psus")]
    if "fpc" in answers.c:
        terms += [sa.func.min(answers.c.fpc).label("least"), sa.func.max(answers.c.fpc).label("most")]
    return sa.select(*keys, sa.func.count().label("rows"), *terms).group_by(*keys)


def _design(roles: Roles, setting: Setting) -> Any:
    """Per stratum: its units, what its squares are multiplied by and measured from, and its weight."""
    import sqlalchemy as sa

    counted = counted_strata(roles, setting, "c").subquery("counted")
    if not setting.design:
        source: Any = counted
        keys = [counted.c[key].label(f"d_{key}") for key in ("county", "stratum") if key in counted.c]
        units, population = counted.c.psus, counted.c.most if roles.fpc else None
    else:
        table = sa.table(setting.tables[1], *(sa.column(name) for name in setting.design))
        source, keys, units = table, [table.c.stratum.label("d_stratum")], table.c.psus
        population = table.c[str(roles.fpc)] if setting.states_population(roles) else None
        if roles.fpc is not None and population is None:
            source = table.join(counted, table.c.stratum == counted.c.stratum)
            population = counted.c.most
    n = sa.cast(units, sa.Double)
    whole = sa.null() if population is None else sa.cast(population, sa.Double)
    left = number(1)
    if population is not None:
        left = sa.case((whole.is_(None), number(1)), else_=number(1) - n / whole)
    inner = sa.select(*keys, n.label("d_n"), left.label("d_left"), sa.cast(whole, sa.Double).label("d_whole"))
    return _multipliers(roles, inner.select_from(source).subquery("counts"))


def _multipliers(roles: Roles, counts: Any) -> Any:
    """The formulas of `moments.multipliers`, per stratum."""
    import sqlalchemy as sa

    n, left = counts.c.d_n, counts.c.d_left
    if roles.lonely == "certainty":
        left = sa.case((n == number(1), number(0)), else_=left)
    alone = sa.and_(n == number(1), left > number(0))
    one = left if roles.lonely == "adjust" else number(0)
    weighted = roles.weight is not None or roles.fpc is None
    return sa.select(
        *(column for column in counts.c if column.name in ("d_county", "d_stratum")),
        n.label("d_units"),
        sa.case((n > number(1), left * n / (n - number(1))), (alone, one), else_=number(0)).label("d_k"),
        sa.case((sa.or_(alone, n == number(0)), number(0)), else_=number(1) / n).label("d_centre"),
        sa.case((left > number(0), number(1)), else_=number(0)).label("d_open"),
        (sa.case((alone, number(0)), else_=number(1)) if roles.lonely == "average" else number(1)).label(
            "d_measured"
        ),
        (number(1) if weighted else counts.c.d_whole / n).label("d_weight"),
    ).cte("factors")
