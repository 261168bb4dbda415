"""Schools with too many of something: all at the top, one column throughout, too fast, all at once.

Each is a count out of the school's questionnaires, judged against the counts of the other schools of the
county, which need not be alike (`sampling.integrity.excess`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from sampling.columns import Indices, Levels, Table, amounts, levels, refuse, row_count
from sampling.errors import ArgumentError
from sampling.integrity.evidence import Evidence, untested
from sampling.integrity.excess import excess
from sampling.integrity.sheets import FEWEST, Place, Sheets, schools_of

#: Fewer schools than this cannot show what is usual.
FEWEST_SCHOOLS = 4


def ceiling(sheets: Sheets) -> list[Evidence]:
    """Return evidence of schools in which too many rate everything best that is not reversed.

    Reversed items are left out: those who are told to tick the best turn them or do not.
    """
    ratings = sheets.ratings
    plain = ratings.values if ratings.turned.all() else ratings.codes[:, ~ratings.turned]
    rated = ~np.isnan(plain)
    top = ((plain == ratings.scale[1]) | ~rated).all(axis=1)
    return _by_school("ceiling", sheets, hits=top, counted=rated.sum(axis=1) > 0)


def straight_lining(sheets: Sheets) -> list[Evidence]:
    """Return evidence of schools in which too many tick one column throughout, against themselves.

    The same code on items that praise and on items that complain says both; the middle code says neither
    and is no contradiction. Without reversed items nothing can be said.
    """
    ratings = sheets.ratings
    rated, turned = ratings.rated, ratings.turned
    middle = sum(ratings.scale) / 2
    highest = np.where(rated, ratings.codes, -np.inf).max(axis=1)
    lowest = np.where(rated, ratings.codes, np.inf).min(axis=1)
    praise, complaint = (rated[:, each].sum(axis=1) > 0 for each in (~turned, turned))
    both = praise & complaint
    return _by_school(
        "straight_lining", sheets, hits=both & (highest == lowest) & (highest != middle), counted=both
    )


def speed(sheets: Sheets, *, duration: str, fast: Collection[Any]) -> list[Evidence]:
    """Return evidence of schools in which too many take too little time.

    Args:
        sheets: The questionnaires, read with the column *duration* beside.
        duration: The column of the duration bands; a missing band is not counted.
        fast: The bands that are too fast.

    Raises:
        ArgumentError: The column was not read.
    """
    bands = beside(sheets, duration)
    quick = [place for place, label in enumerate(bands.labels) if label in fast]
    return _by_school("speed", sheets, hits=np.isin(bands.index, quick), counted=bands.index >= 0)


def bursts(arrivals: Table, *, batch: str, bucket: str, n: str, stratum: str | None = None) -> list[Evidence]:
    """Return evidence of batches of codes of which too many came in within the same ten minutes.

    Whole classes may answer when their teacher asks them to; a batch is compared with the others in how many
    of its questionnaires share its fullest bucket with one.

    Args:
        arrivals: Name → one entry for each batch and bucket with questionnaires.
        batch: The column of the batches.
        bucket: The column of the buckets: any labels.
        n: The column of the number of questionnaires.
        stratum: The column of the strata, in which batches nest.

    Raises:
        ColumnError: A column is unknown, an entry missing, or a number not whole; a bucket occurs twice.
    """
    rows = row_count(arrivals, [batch, bucket, n, *([stratum] if stratum else [])])
    number = amounts(arrivals, n)
    refuse(n, number != np.round(number), number, "not_whole")
    strata = levels(arrivals, stratum) if stratum else Levels(index=np.zeros(rows, np.intp), labels=(None,))
    batches = schools_of(strata, levels(arrivals, batch), np.arange(rows))
    buckets = levels(arrivals, bucket)
    cell = batches.school * len(buckets.labels) + buckets.index
    twice = np.ones(rows, dtype=bool)
    twice[np.unique(cell, return_index=True)[1]] = False
    refuse(bucket, twice, buckets.entries(), "repeated")
    size, fullest = np.zeros((2, len(batches.places)), dtype=np.intp)
    np.add.at(size, batches.school, number.astype(np.intp))
    np.maximum.at(fullest, batches.school, number.astype(np.intp))
    # One questionnaire of the fullest bucket stands for it; the others may share it or not.
    return _excessive("bursts", batches.places, fullest, size, first=1)


def beside(sheets: Sheets, column: str) -> Levels:
    """Return a column that was read beside the items.

    Raises:
        ArgumentError: It was not.
    """
    if column not in sheets.beside:
        raise ArgumentError("column", value=column, rule=f"must be among {tuple(sheets.beside)}")
    return sheets.beside[column]


def _by_school(test: str, sheets: Sheets, *, hits: np.ndarray, counted: np.ndarray) -> list[Evidence]:
    schools = sheets.schools
    number = len(schools.places)
    return _excessive(
        test,
        schools.places,
        np.bincount(schools.school[hits & counted], minlength=number),
        np.bincount(schools.school[counted], minlength=number),
    )


def _excessive(
    test: str, places: Sequence[Place], hits: Indices, sizes: Indices, *, first: int = 0
) -> list[Evidence]:
    """Return evidence for each place from its *hits* out of *sizes*.

    The *first* of the questionnaires are hits by definition and leave the count.
    """
    free, of = np.maximum(hits - first, 0), np.maximum(sizes - first, 0)
    tested = sizes >= FEWEST
    enough = tested.sum() >= FEWEST_SCHOOLS
    p, expected = np.ones((2, len(places)))
    if enough:
        p[tested], expected[tested] = excess(free[tested], of[tested])
    return [
        Evidence(
            test=test,
            place=place,
            n=int(sizes[i]),
            statistic=float(free[i] / of[i]),
            expected=float(expected[i]),
            p=float(p[i]),
            effect=float(free[i] / of[i] - expected[i]),
            facts={"hits": int(hits[i])},
        )
        if enough and tested[i]
        else untested(test, place, int(sizes[i]), "few" if enough or not tested[i] else "few_schools")
        for i, place in enumerate(places)
    ]
