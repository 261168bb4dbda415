"""Facts on which everybody agrees and which are wrong.

People who know their school may disagree about it, and some err. Questionnaires that all state the same fact,
one that the registry contradicts, were filled in by somebody who does not know the school.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sampling.errors import ArgumentError
from sampling.integrity.counts import beside
from sampling.integrity.evidence import Evidence, untested
from sampling.integrity.sheets import FEWEST, Sheets

#: How often an honest statement of fact, or the registry, is taken to be wrong.
MISTAKEN = 0.05


def contradicted_facts(
    sheets: Sheets, *, item: str, registry: Mapping[Any, Mapping[Any, float]], mistaken: float = MISTAKEN
) -> list[Evidence]:
    """Return evidence of schools in which all state the same fact, against the registry.

    The null model draws each statement from the registered shares, mixed with mistakes; the probability is
    that of all being the same and at least as unlikely as what was stated.

    Args:
        sheets: The questionnaires, read with the column *item* beside.
        item: The column of the statements; missing ones are not counted.
        registry: School → statement → its registered share among the school's people. A statement that is
            not named has share 0; a school that is not named is not tested.
        mistaken: How often a statement is taken to be wrong.

    Raises:
        ArgumentError: The column was not read, shares that are none or do not add up to 1, or *mistaken*
            outside 0 and 1.
    """
    if not 0 < mistaken < 1:
        raise ArgumentError("mistaken", value=mistaken, rule="must lie between 0 and 1")
    stated = beside(sheets, item)
    found = []
    for school, place in enumerate(sheets.schools.places):
        own = stated.index[(sheets.schools.school == school) & (stated.index >= 0)]
        shares = registry.get(place.school)
        if shares is None or len(own) < FEWEST:
            reason = "unregistered" if shares is None else "few"
            found.append(untested("facts", place, len(own), reason, item=item))
            continue
        chances = _chances(place.school, shares, stated.labels, mistaken)
        label = stated.labels[own[0]]
        same = bool((own == own[0]).all())
        p = 1.0
        if same:
            every = np.array(list(chances.values())) ** len(own)
            p = float(min(1.0, every[every <= chances[label] ** len(own) * (1 + 1e-9)].sum()))
        share, registered = float((own == own[0]).mean()), float(shares.get(label, 0.0))
        found.append(
            Evidence(
                test="facts",
                place=place,
                n=len(own),
                statistic=share,
                expected=registered,
                p=p,
                effect=share - registered if same else 0.0,
                facts={"item": item, "stated": label, "same": same},
            )
        )
    return found


def _chances(school: Any, shares: Mapping[Any, float], labels: tuple, mistaken: float) -> dict[Any, float]:
    """Return how often each statement is expected: the registered share, and mistakes for all others."""
    given = np.array(list(shares.values()), dtype=np.float64)
    if not len(given) or not (given >= 0).all() or abs(given.sum() - 1) > 1e-6:
        raise ArgumentError(f"registry[{school!r}]", value=dict(shares), rule="must be shares that sum to 1")
    known = dict.fromkeys([*shares, *labels])
    others = max(len(known) - 1, 1)
    return {
        label: shares.get(label, 0.0) * (1 - mistaken) + (1 - shares.get(label, 0.0)) * mistaken / others
        for label in known
    }
