"""Questionnaires that are too much alike: inside a school, and between schools.

Contented people answer alike: honest questionnaires agree on more than half of their items, and nearly all
have a match somewhere that agrees on 85 %. So agreement alone says nothing. Two questionnaires are *twins*
here if a copy with a few changes explains them so much better than two people of like mind that, among all
those that one of them is compared with, chance would bring such a likeness three times in ten at most.
The likeness is the logarithm of that ratio of probabilities,

    Σ ln((1 − ε) / p)  over items answered alike,  + Σ ln(ε / (1 − p))  over the others,

with p the share of those with a like mean, in other schools, who ticked the same: what everybody ticks adds
nothing. Those who tick one column throughout have twins by nature, and a test of their own.

References:
    Wollack (1997), A nominal response model approach for detecting answer copying, Applied Psychological
    Measurement 21:307–320, conditions on the level in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sampling.columns import Floats, Indices, count
from sampling.integrity.evidence import Evidence, untested
from sampling.integrity.permutation import permutations, upper_tail
from sampling.integrity.sheets import FEWEST, Place, Schools, Sheets
from sampling.ratings import row_means

#: ε: the share of items that are changed in a copy.
_CHANGED = 0.08

#: How many twins by chance a questionnaire has at most.
_BY_CHANCE = 0.3

#: Classes of the mean code, each with about the same number of questionnaires.
_CLASSES = 8

#: How many questionnaires the shares of the whole county count for in those of a class.
_BORROWED = 4

#: Rows compared with all others at a time, and pairs gathered at a time.
_BLOCK, _GATHERED = 512, 4_000_000


def likeness(sheets: Sheets, *, rng: np.random.Generator, number: int = 499) -> list[Evidence]:
    """Return evidence of near duplicates inside each school, and of copies between schools.

    Pairs of twins inside a school, and questionnaires with a twin in another school, are compared with what
    they would be if the stratum's questionnaires were dealt out to its schools at random. A county in which
    all schools copy has no other rate to compare with; it is held against chance alone.

    Questionnaires with less than half of the items rated say too little and are left out, and so are those
    with one code throughout.

    Args:
        sheets: The questionnaires.
        rng: Where permutations come from.
        number: How many.
    """
    codes, rated = sheets.ratings.codes, sheets.ratings.rated
    telling = 2 * rated.sum(axis=1) >= rated.shape[1]
    with np.errstate(invalid="ignore"):
        telling &= np.fmax.reduce(codes, axis=1) > np.fmin.reduce(codes, axis=1)
    schools = sheets.schools.where(telling)
    if not telling.any():
        return [*_evidence("near_duplicates", schools), *_evidence("copies_across", schools)]
    pairs = _Pairs(codes=codes[telling], schools=schools)
    dealt = permutations(schools.rows_by_stratum, number, rng, size=len(schools.school))
    twin, p, pairs_found, pairs_dealt = _inside(pairs, dealt)
    inside = _evidence("near_duplicates", schools, twin, p)
    found = [_with_pairs(each, pairs_found[i], pairs_dealt[:, i]) for i, each in enumerate(inside)]
    found.append(_whole("near_duplicates", schools, twin))
    twin, p = _across(pairs)
    return [*found, *_evidence("copies_across", schools, twin, p), _whole("copies_across", schools, twin)]


def _with_pairs(evidence: Evidence, found: float, dealt: Floats) -> Evidence:
    """Return the evidence with its pairs of twins, and how often dealing out anew gave how many."""
    if evidence.p is None:
        return evidence
    values, times = np.unique(dealt.astype(np.intp), return_counts=True)
    pairs = tuple((int(value), int(n)) for value, n in zip(values, times, strict=True))
    return replace(evidence, facts={**evidence.facts, "pairs": int(found), "dealt": pairs})


def _evidence(
    test: str, schools: Schools, twin: np.ndarray | None = None, p: Floats | None = None
) -> list[Evidence]:
    """Return evidence for each school: which of its rows have a twin, and how probable so many are.

    The effect is measured from the median school of the county.
    """
    sizes = schools.sizes
    peers = count(schools.stratum[sizes > 0], len(sizes))[schools.stratum]
    if twin is None or p is None:
        return [untested(test, place, int(n), "few") for place, n in zip(schools.places, sizes, strict=True)]
    hits = count(schools.school[twin], len(sizes))
    share = hits / np.maximum(sizes, 1)
    large = sizes >= FEWEST
    usual = float(np.median(share[large])) if large.any() else 0.0
    return [
        Evidence(
            test=test,
            place=place,
            n=int(sizes[i]),
            statistic=float(share[i]),
            expected=usual,
            p=float(p[i]),
            effect=float(share[i]) - usual,
            facts={"hits": int(hits[i]), "against": "median"},
        )
        if large[i] and peers[i] > 1
        else untested(test, place, int(sizes[i]), "alone" if large[i] else "few")
        for i, place in enumerate(schools.places)
    ]


def _whole(test: str, schools: Schools, twin: np.ndarray) -> Evidence:
    """Return the evidence on the county: twins against what chance brings about at most."""
    from scipy import stats

    n, hits = len(twin), int(twin.sum())
    if len(schools.places) < 2 or n < FEWEST:
        return untested(test, Place(), n, "few")
    # Twins come in pairs at least: half of them are independent of each other at most.
    p = float(stats.binom.sf((hits + 1) // 2 - 1, max(n // 2, 1), _BY_CHANCE))
    share = hits / n
    return Evidence(
        test=test,
        place=Place(),
        n=n,
        statistic=share,
        expected=_BY_CHANCE,
        p=p,
        effect=share - _BY_CHANCE,
        facts={"hits": hits, "against": "chance"},
    )


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Any two questionnaires of a county, compared."""

    codes: Floats
    schools: Schools

    @cached_property
    def height(self) -> Indices:
        """Row → class of its mean code."""
        means = row_means(self.codes)
        cuts = np.unique(np.quantile(means, np.linspace(0, 1, _CLASSES + 1)[1:-1]))
        return np.searchsorted(cuts, means, side="right")

    @cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What the likeness of two rows is made of.

        Rows × items: rated, and what a different answer adds. Rows × (items and codes): ticked, and what the
        same answer adds beyond a different one.
        """
        rated = ~np.isnan(self.codes)
        different, ticked, same = np.zeros(self.codes.shape), [], []
        for place, item in enumerate(self.codes.T):
            codes = np.unique(item[rated[:, place]])
            ticks = (item[:, np.newaxis] == codes).astype(np.float64)
            own = np.clip((self._shares(ticks) * ticks).sum(axis=1), 1e-6, 1 - 1e-6)
            different[:, place] = np.where(rated[:, place], np.log(_CHANGED) - np.log1p(-own), 0.0)
            more = np.log(1 - _CHANGED) - np.log(own) - different[:, place]
            ticked.append(ticks)
            same.append(ticks * more[:, np.newaxis])
        return (
            rated.astype(np.float32),
            different.astype(np.float32),
            np.hstack(ticked).astype(np.float32),
            np.hstack(same).astype(np.float32),
        )

    def _shares(self, ticks: Floats) -> Floats:
        """Return rows × codes: the shares of those of like mind in other schools who ticked each code.

        A school of copies shall not make its own answers look usual.
        """
        high, number = self.height, len(self.schools.places)
        here = np.zeros((int(high.max()) + 1, number, ticks.shape[1]))
        np.add.at(here, (high, self.schools.school), ticks)
        others = here.sum(axis=1)[high] - here[high, self.schools.school]
        whole = (ticks.sum(axis=0) + 0.5) / (ticks.sum() + 0.5 * ticks.shape[1])
        return (others + _BORROWED * whole) / (others.sum(axis=1, keepdims=True) + _BORROWED)

    def likeness(self, rows: Indices, others: Indices) -> np.ndarray:
        """Return *rows* × *others*: the mean of both directions of copying."""
        rated, different, ticked, same = self._parts
        forth = different[rows] @ rated[others].T + same[rows] @ ticked[others].T
        back = rated[rows] @ different[others].T + ticked[rows] @ same[others].T
        return (forth + back) / 2


def _bound(compared: Floats) -> Floats:
    """Return the likeness from which two are twins: e^−x is the most that chance gives it, each time."""
    return np.log(np.maximum(compared, 1) / _BY_CHANCE)


def _inside(pairs: _Pairs, dealt: Indices) -> tuple[np.ndarray, Floats, Floats, Floats]:
    """Return which rows have a twin in their school, and how probable each school's pairs of twins are.

    Beside it the pairs that were found, and those of every permutation.
    """
    schools = pairs.schools
    sizes = schools.sizes
    twin = np.zeros(len(schools.school), dtype=bool)
    found, shuffled = np.zeros(len(sizes)), np.zeros((len(dealt), len(sizes)))
    bound = _bound(sizes.astype(np.float64) - 1)
    for rows in schools.rows_by_stratum:
        school = schools.school[rows]
        one, two = np.triu_indices(len(rows), 1)
        same = school[one] == school[two]
        one, two = one[same], two[same]
        if not len(one):
            continue
        compared = pairs.likeness(rows, rows)
        present, start = np.unique(school[one], return_index=True)
        least = bound[school[one]]
        twins = compared[one, two] >= least
        twin[rows[one[twins]]] = twin[rows[two[twins]]] = True
        found[present] = np.add.reduceat(twins, start)
        local = np.searchsorted(rows, dealt[:, rows])
        step = max(1, _GATHERED // len(one))
        for first in range(0, len(dealt), step):
            part = local[first : first + step]
            again = compared[part[:, one], part[:, two]] >= least
            shuffled[first : first + step, present] = np.add.reduceat(again, start, axis=1)
    return twin, upper_tail(found, shuffled), found, shuffled


def _across(pairs: _Pairs) -> tuple[np.ndarray, Floats]:
    """Return which rows have a twin in another school, and how probable each school's number of them is.

    Dealing fixed rows out to schools makes the number hypergeometric: the permutation test is exact.
    """
    from scipy import stats

    schools = pairs.schools
    every = np.arange(len(schools.school))
    bound = _bound(len(every) - schools.sizes.astype(np.float64))[schools.school]
    twin = np.zeros(len(every), dtype=bool)
    for start in range(0, len(every), _BLOCK):
        rows = every[start : start + _BLOCK]
        apart = schools.school[rows][:, np.newaxis] != schools.school
        twin[rows] = ((pairs.likeness(rows, every) >= bound[rows][:, np.newaxis]) & apart).any(axis=1)
    hits, sizes = count(schools.school[twin], len(schools.places)), schools.sizes
    of_stratum = [
        np.bincount(schools.stratum, weights=each, minlength=len(sizes))[schools.stratum]
        for each in (sizes, hits)
    ]
    return twin, stats.hypergeom.sf(hits - 1, *of_stratum, sizes)
