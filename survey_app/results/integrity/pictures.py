"""What chance alone would have brought about, as bars, and where a flagged place lies among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.integrity import Evidence, Sheets
from sampling.integrity.excess import excess
from sampling.integrity.facts import MISTAKEN
from sampling.integrity.permutation import permutations

#: Most bars of a picture of figures that are no counts.
_BARS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """The distribution of a figure under the null model, and the figure that was found."""

    #: questionnaires, pairs, ratio or points.
    unit: str
    #: Value (the middle of a bar) and its share; shares add up to one.
    bars: tuple[tuple[float, float], ...]
    observed: float

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        bars = [[round(at, 6), round(share, 6)] for at, share in self.bars]
        return {"unit": self.unit, "bars": bars, "observed": round(self.observed, 6)}


def counted(evidence: Evidence, alike: Sequence[Evidence]) -> Null:
    """What the other places let expect of a count (all at the top, too fast, all at once).

    Args:
        evidence: the place.
        alike: the evidence of every tested place of the same test, this one among them.
    """
    first = int(evidence.test == "bursts")
    hits = np.array([each.facts["hits"] - first for each in alike], dtype=np.intp)
    sizes = np.array([each.n - first for each in alike], dtype=np.intp)
    at = list(alike).index(evidence)
    tails = []
    for count in range(int(sizes[at]) + 1):
        hits[at] = count
        tails.append(float(excess(np.maximum(hits, 0), sizes)[0][at]))
    shares = -np.diff([*tails, 0.0])
    bars = tuple((float(n + first), max(0.0, float(share))) for n, share in enumerate(shares))
    return Null(unit="questionnaires", bars=bars, observed=float(evidence.facts["hits"]))


def dealt_pairs(evidence: Evidence, _alike: Sequence[Evidence]) -> Null:
    """Pairs of twins in what dealing out anew gave."""
    whole = sum(times for _, times in evidence.facts["dealt"])
    bars = tuple((float(n), times / whole) for n, times in evidence.facts["dealt"])
    return Null(unit="pairs", bars=bars, observed=float(evidence.facts["pairs"]))


def dealt_hits(evidence: Evidence, alike: Sequence[Evidence]) -> Null:
    """Questionnaires with a twin elsewhere, had the stratum's been dealt out: hypergeometric."""
    from scipy import stats

    own = [each for each in alike if each.place.stratum == evidence.place.stratum]
    whole, hits = sum(each.n for each in own), sum(each.facts["hits"] for each in own)
    counts = np.arange(evidence.n + 1)
    shares = stats.hypergeom.pmf(counts, whole, hits, evidence.n)
    bars = tuple((float(n), float(share)) for n, share in zip(counts, shares, strict=True))
    return Null(unit="questionnaires", bars=bars, observed=float(evidence.facts["hits"]))


def stated(evidence: Evidence, _alike: Sequence[Evidence]) -> Null:
    """How many would state the fact by the registered share."""
    from scipy import stats

    registered = evidence.expected or 0.0
    chance = registered * (1 - MISTAKEN) + (1 - registered) * MISTAKEN
    counts = np.arange(evidence.n + 1)
    shares = stats.binom.pmf(counts, evidence.n, chance)
    bars = tuple((float(n), float(share)) for n, share in zip(counts, shares, strict=True))
    return Null(
        unit="questionnaires", bars=bars, observed=float(round(evidence.n * (evidence.statistic or 0)))
    )


def variance_ratio(evidence: Evidence, sheets: Sheets, *, rng: np.random.Generator, number: int) -> Null:
    """The ratio of variances, between schools over within, in what dealing out anew gives."""
    schools, scores = sheets.schools, sheets.scores
    own = np.array([place.stratum == evidence.place.stratum for place in schools.places])
    rows = np.flatnonzero(own[schools.school] & ~np.isnan(scores))
    dealt = permutations([rows], number, rng, size=len(scores))
    ratios = [_ratio(scores[each[rows]], schools.school[rows]) for each in dealt]
    return _binned("ratio", ratios, float(evidence.statistic or 0.0))


def _ratio(scores: np.ndarray, school: np.ndarray) -> float:
    _, own = np.unique(school, return_inverse=True)
    size = np.bincount(own)
    means = np.bincount(own, scores) / size
    between = float((size * (means - scores.mean()) ** 2).sum()) / max(len(size) - 1, 1)
    within = float(((scores - means[own]) ** 2).sum()) / max(len(scores) - len(size), 1)
    return between / within if within else 0.0


def differences(
    evidence: Evidence, sheets: Sheets, again: Sheets, *, rng: np.random.Generator, number: int
) -> Null:
    """How far the two samples of a place differ when their questionnaires are exchanged at random."""
    first, second = (_scores_of(each, evidence) for each in (sheets, again))
    scores, n = np.concatenate([first, second]), len(first)
    dealt = permutations([np.arange(len(scores))], number, rng, size=len(scores))
    gaps = [float(scores[each[:n]].mean() - scores[each[n:]].mean()) for each in dealt]
    return _binned("points", gaps, float((evidence.statistic or 0) - (evidence.expected or 0)))


def _scores_of(sheets: Sheets, evidence: Evidence) -> np.ndarray:
    schools = sheets.schools
    own = np.array([place.school == evidence.place.school for place in schools.places])
    scores = sheets.scores[own[schools.school]]
    return scores[~np.isnan(scores)]


def _binned(unit: str, values: Sequence[float], observed: float) -> Null:
    shares, edges = np.histogram(values, bins=_BARS)
    middles = (edges[:-1] + edges[1:]) / 2
    bars = tuple((float(at), float(n) / len(values)) for at, n in zip(middles, shares, strict=True))
    return Null(unit=unit, bars=bars, observed=observed)


#: Test -> what draws its null distribution from the evidence alone.
DRAWN: Mapping[str, Any] = {
    "near_duplicates": dealt_pairs,
    "copies_across": dealt_hits,
    "ceiling": counted,
    "straight_lining": counted,
    "speed": counted,
    "bursts": counted,
    "facts": stated,
}
