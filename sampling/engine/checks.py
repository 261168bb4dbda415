"""What a scan by SQL refuses before it begins, and what it must know of every column."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from sampling.columns import Floats
from sampling.engine.statement import Measure, Setting, counted_strata, number, value_of
from sampling.engine.stores import Rows, Store
from sampling.errors import ColumnError, LonelyUnitError
from sampling.moment_table import Roles
from sampling.strata_counts import design_counts


def check_names(roles: Roles, setting: Setting, kinds: Mapping[str, str]) -> None:
    """Refuse a column that is not there.

    Raises:
        ColumnError: Naming it, with the columns that are.
    """
    for name in roles.columns:
        if name not in kinds and not (name == roles.fpc and name in setting.design):
            raise ColumnError(name, rule="unknown", value=sorted(kinds))
    if setting.design and (missing := [name for name in ("stratum", "psus") if name not in setting.design]):
        raise ColumnError(missing[0], rule="unknown", value=sorted(setting.design))


def column_facts(store: Store, roles: Roles, kinds: Mapping[str, str]) -> dict[str, Any]:
    """Look at every column once: is anything missing, negative, infinite or no number?

    Raises:
        ColumnError: Naming column, row and rule.
    """
    import sqlalchemy as sa

    table = sa.table(store.tables[0], *(sa.column(name) for name in roles.columns))
    plain = [name for name in (roles.county, roles.stratum, roles.psu) if name is not None]
    amounts = [name for name in (roles.weight, roles.fpc) if name is not None and name in kinds]
    for name in (*roles.items, *amounts):
        _check_numbers(store, table, name, kinds[name])
    terms = [sa.func.count().label("rows")]
    terms += [sa.func.count(table.c[name]).label(f"plain{i}") for i, name in enumerate(plain)]
    for i, name in enumerate(amounts):
        column = table.c[name]
        terms += [sa.func.count(column).label(f"there{i}"), sa.func.min(column).label(f"low{i}")]
        terms.append(sa.func.max(column).label(f"high{i}"))
    for i, name in enumerate(roles.items):
        if kinds[name] != "boolean":
            terms += [
                sa.func.min(table.c[name]).label(f"least{i}"),
                sa.func.max(table.c[name]).label(f"most{i}"),
            ]
    facts: dict[str, Any] = {
        name: column[0] for name, column in store.run(sa.select(*terms).select_from(table)).items()
    }
    if not facts["rows"]:
        raise ColumnError(roles.items[0], rule="empty", value=0)
    for i, name in enumerate(plain):
        if facts[f"plain{i}"] < facts["rows"]:
            _refuse_first(store, table, name, table.c[name].is_(None), "missing")
    for i, name in enumerate(amounts):
        low, high, column = facts[f"low{i}"], facts[f"high{i}"], table.c[name]
        if facts[f"there{i}"] < facts["rows"] or not high <= np.inf:
            nan = sa.cast(sa.literal_column("'NaN'"), sa.Double)
            broken = (
                column.is_(None) if store.dialect == "sqlite" else sa.or_(column.is_(None), column == nan)
            )
            _refuse_first(store, table, name, broken, "missing")
        if low < 0:
            _refuse_first(store, table, name, column < 0, "negative")
        if name == roles.weight and np.isinf(float(high)):
            _refuse_first(store, table, name, column > number(sys.float_info.max), "infinite")
        if name == roles.weight and high == 0:
            raise ColumnError(name, rule="all_zero", value=0.0)
    facts["least"] = facts["low0"] if roles.weight else 1
    return facts


def _check_numbers(store: Store, table: Any, name: str, kind: str) -> None:
    """Refuse text where numbers are wanted."""
    import sqlalchemy as sa

    if kind == "text":
        _refuse_first(store, table, name, table.c[name].is_not(None), "not_a_number")
        raise ColumnError(name, rule="not_a_number")
    if kind == "any":
        strange = sa.func.typeof(table.c[name]).not_in(["integer", "real", "null"])
        if store.run(sa.select(sa.func.count().label("n")).select_from(table).where(strange))["n"][0]:
            _refuse_first(store, table, name, strange, "not_a_number")


def _refuse_first(store: Store, table: Any, name: str, broken: Any, rule: str) -> None:
    """Refuse the first row for which *broken* holds, if there is one.

    Raises:
        ColumnError: Naming the row, counted as the store gives its rows, and the value.
    """
    if first := _first(store, table, name, broken):
        raise ColumnError(name, rule=rule, row=first[0], value=first[1])


def _first(store: Store, table: Any, name: str, condition: Any) -> tuple[int, Any] | None:
    """Return the number of the first row for which *condition* holds, and its value; None without one."""
    import sqlalchemy as sa

    order = None if store.row_order is None else sa.literal_column(store.row_order)
    number = sa.func.row_number().over(order_by=order)
    wrong = sa.case((condition, 1), else_=0)
    numbered = sa.select(number.label("r"), table.c[name].label("v"), wrong.label("b")).subquery("numbered")
    query = sa.select(numbered.c.r, numbered.c.v).where(numbered.c.b == 1).order_by(numbered.c.r).limit(1)
    found = store.run(query)
    if not len(found["r"]):
        return None
    value = found["v"][0]
    return int(found["r"][0]), None if value is np.ma.masked else getattr(value, "item", lambda: value)()


def measure_of(
    store: Store, name: str, kind: str, facts: Mapping[str, Any], place: int, *, proportions: bool
) -> Measure:
    """Find out whether an item is 0/1, whether it holds NaN, and what to measure it from.

    Raises:
        ColumnError: An infinite value, or one that is not 0 or 1 where *proportions* are wanted.
    """
    import sqlalchemy as sa

    if kind == "boolean":
        return Measure(column=name, boolean=True, binary=True)
    low, high = facts[f"least{place}"], facts[f"most{place}"]
    if low is None or low is np.ma.masked or (kind == "integer" and low >= 0 and high <= 1):
        return Measure(column=name, binary=True)
    table = sa.table(store.tables[0], sa.column(name))
    nan = bool(np.isnan(float(high)))
    value = value_of(table, Measure(column=name, nan=nan), None, Setting())
    other = sa.func.sum(
        sa.case((value.in_([number(0), number(1)]), number(0)), (value.is_(None), number(0)), else_=number(1))
    )
    terms = [
        other.label("other"),
        sa.func.avg(value).label("mean"),
        sa.func.max(sa.func.abs(value)).label("size"),
    ]
    found = store.run(sa.select(*terms).select_from(table))
    if found["size"][0] is not None and np.isinf(float(found["size"][0])):
        _refuse_first(store, table, name, sa.func.abs(value) > number(sys.float_info.max), "infinite")
    binary = not found["other"][0]
    if proportions and not binary:
        no_proportion = sa.and_(value != number(0), value != number(1))
        _refuse_first(store, table, name, no_proportion, "not_binary")
    shift = 0.0 if binary else float(f"{float(found['mean'][0]):.6g}")
    return Measure(column=name, nan=nan, binary=binary, shift=shift)


def _stratum_counts(
    store: Store, roles: Roles, setting: Setting, found: Rows
) -> tuple[Floats, Floats, Floats]:
    """Return each stratum's primary units: in the sample, and least and most of those in the population.

    NaN stands for a stratum that the design table lacks, infinity for a population that is not known.

    Raises:
        ColumnError: The design table has a stratum twice, or no number for it.
    """
    import sqlalchemy as sa

    labels = found["stratum"]
    unknown = np.full(len(labels), np.inf)
    least, most = (
        np.asarray(found[name], dtype=np.float64) if name in found else unknown for name in ("least", "most")
    )
    if not setting.design:
        return np.asarray(found["psus"], dtype=np.float64), least, most
    columns = (sa.column(name) for name in setting.design)
    stated = store.run(sa.select(*columns).select_from(sa.table(setting.tables[1])))
    sampled, population = design_counts(stated, roles.fpc)
    if setting.states_population(roles):
        least = most = np.array([population.get(label, np.inf) for label in labels])
    return np.array([sampled.get(label, np.nan) for label in labels]), least, most


def check_strata(store: Store, roles: Roles, setting: Setting) -> dict[Any, int]:
    """Check every stratum: in one county, known to the design, its population no smaller than the sample.

    Returns:
        County → answers.

    Raises:
        ColumnError: Naming column, row and rule.
        LonelyUnitError: A stratum of one unit, and no instruction for it.
    """
    found = store.run(counted_strata(roles, setting, "c"))
    labels = list(found["stratum"])
    sampled, least, most = _stratum_counts(store, roles, setting, found)
    fpc, stratum = roles.fpc or "", roles.stratum or ""
    counties = list(found["county"]) if roles.county else [None] * len(labels)
    of = dict(zip(labels, counties, strict=True))
    alone = (sampled == 1) & (most > 1) & (roles.lonely == "fail")
    unweighted = np.isinf(most) & (roles.fpc is not None and roles.weight is None)
    for broken, column, rule, values in (
        (
            [of[label] != county for label, county in zip(labels, counties, strict=True)],
            roles.county,
            "varies",
            counties,
        ),
        (np.isnan(sampled), stratum, "not_designed", labels),
        (least != most, fpc, "varies", most),
        (most < sampled, fpc, "below_sample", most),
        (unweighted, fpc, "needed", ["weight"] * len(labels)),
        (alone, roles.psu or fpc or "psu", "lonely", labels),
    ):
        if np.any(broken):
            first = int(np.argmax(broken))
            _refuse_stratum(store, roles, labels[first], column or "", rule, values[first])
    rows: dict[Any, int] = {}
    for county, n in zip(counties, found["rows"], strict=True):
        rows[county] = rows.get(county, 0) + int(n)
    return rows


def _refuse_stratum(store: Store, roles: Roles, label: Any, column: str, rule: str, value: Any) -> None:
    """Refuse a stratum, naming its first row."""
    import sqlalchemy as sa

    row = 1
    if roles.stratum is not None:
        table = sa.table(store.tables[0], sa.column(roles.stratum))
        first = _first(store, table, roles.stratum, table.c[roles.stratum] == sa.literal(label))
        row = first[0] if first else 1
    if rule == "lonely":
        raise LonelyUnitError(column, row=row, stratum=label if roles.stratum else None, stage=1)
    raise ColumnError(column, rule=rule, row=row, value=getattr(value, "item", lambda: value)())
