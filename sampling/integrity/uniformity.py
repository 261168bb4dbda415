"""Schools that differ less than chance would have it.

Schools differ, and even were they all alike their means would differ by chance. Where answers are invented to
a target, every school's mean lies close to it. The statistic is the ratio of variances, between schools over
within, of the questionnaires' mean ratings; its lower tail is that of the stratum's questionnaires dealt out
anew.
"""

from __future__ import annotations

import numpy as np

from sampling.columns import Floats, Indices, count, total
from sampling.integrity.evidence import Evidence, untested
from sampling.integrity.permutation import lower_tail, permutations
from sampling.integrity.sheets import FEWEST, Place, Sheets

#: Fewer schools in a stratum than this could all be alike by chance.
FEWEST_SCHOOLS = 4


def uniformity(sheets: Sheets, *, rng: np.random.Generator, number: int = 499) -> list[Evidence]:
    """Return evidence of strata, and of a county of several strata, whose schools are all too much alike.

    Args:
        sheets: The questionnaires.
        rng: Where permutations come from.
        number: How many.
    """
    schools, scores = sheets.schools, sheets.scores
    known = ~np.isnan(scores)
    large = schools.sizes >= FEWEST
    groups = [rows[known[rows] & large[schools.school[rows]]] for rows in schools.rows_by_stratum]
    dealt = permutations(groups, number, rng, size=len(scores))
    found, parts = [], []
    for stratum, rows in enumerate(groups):
        place = Place(stratum=schools.places[int(np.argmax(schools.stratum == stratum))].stratum)
        part = _between(scores, schools.school[rows], rows, dealt)
        if part is not None:
            parts.append(part)
        found.append(_judged(place, [part] if part is not None else [], len(rows)))
    if len(groups) > 1:
        found.append(_judged(Place(), parts, sum(len(rows) for rows in groups)))
    return found


#: Sum of squares between schools, the same for each permutation, sum of squares in all, schools, rows.
_Part = tuple[float, Floats, float, int, int]


def _between(scores: Floats, school: Indices, rows: Indices, dealt: Indices) -> _Part | None:
    """Return the sums of squares of a stratum; None with one school or without any spread."""
    _, own = np.unique(school, return_inverse=True)
    schools = int(own.max()) + 1 if len(own) else 0
    if schools < 2:
        return None
    centred = scores[rows] - scores[rows].mean()
    size = count(own, schools)
    whole = float((centred**2).sum())
    if whole <= 1e-12 * len(rows):
        return None
    shuffled = scores[dealt[:, rows]] - scores[rows].mean()
    start = np.searchsorted(own, np.arange(schools))
    sums = np.add.reduceat(shuffled, start, axis=1)
    return (
        float((total(own, centred, schools) ** 2 / size).sum()),
        (sums**2 / size).sum(axis=1),
        whole,
        schools,
        len(rows),
    )


def _judged(place: Place, parts: list[_Part], n: int) -> Evidence:
    schools, strata = sum(part[3] for part in parts), len(parts)
    if schools - strata < FEWEST_SCHOOLS - 1:
        return untested("uniformity", place, n, "few_schools" if parts or not n else "no_spread")
    # Strata count alike whatever their spread.
    between = sum(part[0] / part[2] * part[4] for part in parts)
    dealt = np.sum([part[1] / part[2] * part[4] for part in parts], axis=0)
    within = sum((1 - part[0] / part[2]) * part[4] for part in parts)
    rows = sum(part[4] for part in parts)
    ratio = (between / (schools - strata)) / (within / (rows - schools)) if within > 0 else float("inf")
    return Evidence(
        test="uniformity",
        place=place,
        n=n,
        statistic=ratio,
        expected=1.0,
        p=lower_tail(between, dealt),
        effect=max(0.0, 1 - ratio),
        facts={"schools": schools},
    )
