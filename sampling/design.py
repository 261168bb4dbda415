"""The design of a sample: who stands for how many, and which units were drawn from how many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sampling.columns import (
    Floats,
    Indices,
    Levels,
    Table,
    amounts,
    count,
    crossing,
    levels,
    refuse,
    row_count,
)
from sampling.errors import ColumnError


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of selection: units inside parents.

    At the first stage the units are primary sampling units and the parents strata; at the second stage
    the units are second-stage units and the parents the primary units.
    """

    #: Row → its unit, numbered over all parents.
    unit: Indices
    #: Unit → its parent.
    parent: Indices
    #: Parent → units in the sample.
    sampled: Floats
    #: Parent → units in the population; infinite where unknown.
    population: Floats
    #: Parent → its label.
    labels: tuple[Any, ...]
    #: The column that names the units.
    column: str

    @property
    def open(self) -> Floats:
        """Parent → the share of its units that was not drawn, 1 − n/N."""
        return 1 - self.sampled / self.population


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A sample design, row by row; see `survey_design`."""

    #: Row → its weight.
    weight: Floats
    #: Strata and primary sampling units.
    first: Stage
    #: Primary and second-stage units; None where primary units were taken whole or drawn with replacement.
    second: Stage | None


def self_representing(design: Design) -> Design:
    """Return the design with units that are alone in their parent taken as drawn for certain: one of one."""

    def certain(stage: Stage) -> Stage:
        return replace(stage, population=np.where(stage.sampled == 1, 1.0, stage.population))

    second = None if design.second is None else certain(design.second)
    return replace(design, first=certain(design.first), second=second)


def survey_design(
    table: Table,
    *,
    rows: int,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    ssu: str | None = None,
    fpc: str | None = None,
    fpc2: str | None = None,
) -> Design:
    """Return the design that the named columns describe.

    Args:
        table: The columns.
        rows: Their length.
        weight: Weights; by default N/n at each stage from *fpc* and *fpc2*, else 1.
        stratum: Strata; by default one.
        psu: Primary sampling units, nested in strata; by default each row is one.
        ssu: Second-stage units, nested in primary units; by default each row is one.
        fpc: The stratum's number of primary units in the population, on each of its rows; infinite for a
            stratum drawn with replacement, or nearly so.
        fpc2: The primary unit's number of second-stage units in the population, on each of its rows.

    Raises:
        ColumnError: A column is unknown, missing where needed, or breaks its rule.
    """
    names = [name for name in (weight, stratum, psu, ssu, fpc, fpc2) if name is not None]
    if names:
        row_count(table, names)
    one = Levels(index=np.zeros(rows, dtype=np.intp), labels=(None,))
    strata = one if stratum is None else levels(table, stratum)
    first = _stage(table, strata, psu, fpc, "psu")
    second = None
    if fpc2 is not None:
        if fpc is None:
            raise ColumnError(fpc2, rule="needed", value="fpc")
        primary = Levels(index=first.unit, labels=tuple(range(len(first.parent))))
        second = _stage(table, primary, ssu, fpc2, "ssu")
        if psu is not None:
            named = levels(table, psu)
            at = np.zeros(len(first.parent), dtype=np.intp)
            at[first.unit] = named.index
            second = replace(second, labels=tuple(named.labels[i] for i in at))
    elif ssu is not None and fpc is not None:
        raise ColumnError(ssu, rule="needed", value="fpc2")
    return Design(weight=_weights(table, weight, fpc, strata, first, second), first=first, second=second)


def _stage(table: Table, parents: Levels, unit: str | None, population: str | None, role: str) -> Stage:
    if unit is None:
        index, parent = np.arange(len(parents.index)), parents.index
    else:
        named = levels(table, unit)
        pairs, index = crossing([parents, named])
        parent = pairs // len(named.labels)
    sampled = count(parent, len(parents.labels))
    whole = np.full(len(parents.labels), np.inf)
    if population is not None:
        stated = amounts(table, population, infinite=True)
        whole[parents.index] = stated
        refuse(population, stated != whole[parents.index], stated, "varies")
        refuse(population, stated < sampled[parents.index], stated, "below_sample")
    return Stage(
        unit=index,
        parent=parent,
        sampled=sampled,
        population=whole,
        labels=parents.labels,
        column=unit or population or role,
    )


def _weights(
    table: Table, weight: str | None, fpc: str | None, strata: Levels, first: Stage, second: Stage | None
) -> Floats:
    if weight is not None:
        given = amounts(table, weight)
        if not given.any():
            raise ColumnError(weight, rule="all_zero", value=0.0)
        return given
    if fpc is None:
        return np.ones(len(strata.index))
    stages = [first.population] if second is None else [first.population, second.population]
    if np.isinf(np.concatenate(stages)).any():
        raise ColumnError(fpc, rule="needed", value="weight")
    weights = (first.population / first.sampled)[strata.index]
    if second is not None:
        weights = weights * (second.population / second.sampled)[first.unit]
    return weights
