"""The design table: how many primary units each stratum has, in the sample and in the population."""

from __future__ import annotations

from typing import Any

import numpy as np

from sampling.columns import Table, amounts, levels, numbers, refuse, row_count


def design_counts(strata: Table, fpc: str | None) -> tuple[dict[Any, float], dict[Any, float]]:
    """Return stratum → primary units in the sample, and → in the population where it is known.

    Args:
        strata: The design table, with columns `stratum` and `psus`.
        fpc: The column that holds the population, if it is one of these.

    Raises:
        ColumnError: A stratum is there twice, a number is missing, or the population is below the sample.
    """
    row_count(strata, ["stratum", "psus"])
    labels = levels(strata, "stratum").entries().tolist()
    sampled = amounts(strata, "psus")
    first = {label: row for row, label in reversed(list(enumerate(labels)))}
    again = np.array([first[label] != row for row, label in enumerate(labels)])
    refuse("stratum", again, np.array(labels, dtype=object), "repeated")
    population: dict[Any, float] = {}
    if fpc is not None and fpc in strata:
        stated = numbers(strata, fpc, infinite=True)
        refuse(fpc, stated < sampled, stated, "below_sample")
        population = {label: n for label, n in zip(labels, stated.tolist(), strict=True) if not np.isnan(n)}
    return dict(zip(labels, sampled.tolist(), strict=True)), population
