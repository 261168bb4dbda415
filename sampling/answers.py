"""Answers under a design, read once: what contrasts, distributions and tests have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from sampling.calibration import Calibration, weighted
from sampling.columns import Floats, Indices, Levels, Table, crossed, levels, row_count
from sampling.design import Design, survey_design
from sampling.linearisation import covariance


class DesignColumns(TypedDict, total=False):
    """The columns that describe a design, as `estimate` takes them."""

    weight: str | None
    stratum: str | None
    psu: str | None
    ssu: str | None
    fpc: str | None
    fpc2: str | None
    #: Weights fitted to known totals; instead of *weight*.
    calibration: Calibration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A table's rows under its design."""

    #: The columns, with fitted weights among them.
    columns: Table
    #: How many rows there are.
    rows: int
    design: Design
    calibration: Calibration | None
    lonely: str

    def covariance(self, values: Floats, *, inside: np.ndarray) -> Floats:
        """Return how the weighted totals of *values* (rows × values) vary together.

        Args:
            values: Rows × values, not weighted.
            inside: Rows with an answer.
        """
        if self.calibration is None:
            return covariance(
                self.design, values * self.design.weight[:, np.newaxis], lonely=self.lonely, rows=inside
            )
        left = self.calibration.residuals(values)
        return covariance(self.design, left * self.design.weight[:, np.newaxis], lonely=self.lonely)

    def degrees(self, inside: np.ndarray) -> int:
        """Return primary units less strata, both of those with an answer among the rows *inside*."""
        answering = inside & (self.design.weight > 0)
        units: Indices = np.unique(self.design.first.unit[answering])
        return len(units) - len(np.unique(self.design.first.parent[units]))

    def domains(self, by: Sequence[str]) -> Levels:
        """Return the domains that the columns *by* form; all rows are one without any."""
        if not by:
            return Levels(index=np.zeros(self.rows, dtype=np.intp), labels=((),))
        return crossed([levels(self.columns, name, missing=True) for name in by])


def sampled(columns: Table, names: Sequence[str], *, lonely: str, **design: Unpack[DesignColumns]) -> Sampled:
    """Return the rows under their design.

    Args:
        columns: Name → one entry for each row.
        names: Columns that will be looked at.
        lonely: One of `sampling.moments.LONELY`.
        design: The columns of the design.

    Raises:
        ColumnError: A column is unknown or breaks its rule.
        ArgumentError: Both a weight and a calibration.
    """
    calibration = design.get("calibration")
    columns, weight = weighted(columns, design.get("weight"), calibration)
    used = [name for name in (weight, *design.values()) if isinstance(name, str)]
    rows = row_count(columns, [*names, *used])
    read = survey_design(
        columns,
        rows=rows,
        weight=weight,
        stratum=design.get("stratum"),
        psu=design.get("psu"),
        ssu=design.get("ssu"),
        fpc=design.get("fpc"),
        fpc2=design.get("fpc2"),
    )
    return Sampled(columns=columns, rows=rows, design=read, calibration=calibration, lonely=lonely)
