"""The answers beside those of a verification sample: people of the same schools, asked anew with fresh codes.

Whoever filled in the first questionnaires did not fill in these. Within a school both are samples of the same
people, so the difference of their mean ratings is compared with what it would be if the school's
questionnaires of both kinds were dealt out anew. This sees cheating that the whole county takes part in.
"""

from __future__ import annotations

import numpy as np

from sampling.columns import Floats, Indices
from sampling.errors import ArgumentError
from sampling.integrity.evidence import Evidence, untested
from sampling.integrity.permutation import permutations, upper_tail
from sampling.integrity.sheets import Place, Sheets

#: Fewer questionnaires of a school than this, of either kind, are not compared alone.
FEWEST = 4


def verification(
    sheets: Sheets, again: Sheets, *, rng: np.random.Generator, number: int = 999
) -> list[Evidence]:
    """Return evidence of schools, and of a county, whose answers are better than those of a verification.

    Args:
        sheets: The questionnaires.
        again: Those of the verification sample, with the same items; schools by the same names.
        rng: Where permutations come from.
        number: How many.

    Raises:
        ArgumentError: The two have different items.
    """
    one, two = sheets.ratings, again.ratings
    if not np.array_equal(one.turned, two.turned) or one.scale != two.scale:
        raise ArgumentError("again", value=len(two.turned), rule="must have the same items and scale")
    places, school, first, scores = _together(sheets, again)
    groups = [np.flatnonzero(school == each) for each in range(len(places))]
    dealt = permutations(groups, number, rng, size=len(scores))
    sizes = np.stack([np.bincount(school[kind], minlength=len(places)) for kind in (first, ~first)])
    compared, tested = sizes.min(axis=0) > 0, sizes.min(axis=0) >= FEWEST
    means = [_means(scores[np.newaxis], school, kind, len(places))[0] for kind in (first, ~first)]
    gaps = _means(scores[dealt], school, first, len(places)) - _means(
        scores[dealt], school, ~first, len(places)
    )
    p = np.ones(len(places))
    if tested.any():
        p[tested] = upper_tail((means[0] - means[1])[tested], gaps[:, tested])
    found = [
        _found(place, sizes[:, i], means[0][i], means[1][i], float(p[i]))
        if tested[i]
        else untested("verification", place, int(sizes[0, i]), "few", again=int(sizes[1, i]))
        for i, place in enumerate(places)
    ]
    if compared.sum() > 1:
        weight = np.where(compared, sizes.prod(axis=0) / np.maximum(sizes.sum(axis=0), 1), 0.0)
        weight /= weight.sum()
        whole = [float((each * weight).sum()) for each in means]
        p_whole = upper_tail(np.array([whole[0] - whole[1]]), (gaps * weight).sum(axis=1, keepdims=True))[0]
        found.append(_found(Place(), sizes[:, compared].sum(axis=1), *whole, float(p_whole)))
    return found


def _found(place: Place, sizes: Indices, first: float, again: float, p: float) -> Evidence:
    return Evidence(
        test="verification",
        place=place,
        n=int(sizes[0]),
        statistic=float(first),
        expected=float(again),
        p=p,
        effect=float(first - again),
        facts={"again": int(sizes[1])},
    )


def _together(sheets: Sheets, again: Sheets) -> tuple[tuple[Place, ...], Indices, np.ndarray, Floats]:
    """Return the schools of both; row by row the school, whether it is of the first kind, the score."""
    scores = np.concatenate([sheets.scores, again.scores])
    places = tuple(sorted({*sheets.schools.places, *again.schools.places}, key=repr))
    index = {place: number for number, place in enumerate(places)}
    school = np.array(
        [index[each.places[own]] for each in (sheets.schools, again.schools) for own in each.school],
        dtype=np.intp,
    )
    first = np.arange(len(scores)) < len(sheets.scores)
    known = ~np.isnan(scores)
    return places, school[known], first[known], scores[known]


def _means(scores: Floats, school: Indices, kind: np.ndarray, schools: int) -> Floats:
    """Return permutations × schools: the mean score of the rows of one kind; 0 without any."""
    order = np.flatnonzero(kind)[np.argsort(school[kind], kind="stable")]
    means = np.zeros((len(scores), schools))
    if not len(order):
        return means
    present, start = np.unique(school[order], return_index=True)
    sums = np.add.reduceat(scores[:, order], start, axis=1)
    means[:, present] = sums / np.diff(np.append(start, len(order)))
    return means
