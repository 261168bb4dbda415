"""The table that is judged at once: where floating point cannot tell, exact values decide."""

from fractions import Fraction

import numpy as np
import pytest

from evaluation import load_scheme
from evaluation.resources import ResourceTable, judge

SCHEME = load_scheme("shanxi-2022")
HAIR = Fraction(1, 10**30)
THRESHOLDS = [indicator.bounds.primary.threshold for indicator in SCHEME.resources.indicators]


def table(*rows: list[Fraction]) -> ResourceTable:
    """Return primary schools of 100 pupils with these exact values."""
    return ResourceTable(
        county=np.zeros(len(rows), dtype=np.int64),
        stage=np.zeros(len(rows), dtype=np.int64),
        pupils=np.full(len(rows), 100.0),
        values=np.array([[float(value) for value in row] for row in rows]),
        exact=lambda row, column: rows[row][column],
        counties=1,
    )


def test_a_hair_below_the_threshold_is_not_met_though_the_floats_are_equal():
    below = [threshold - HAIR for threshold in THRESHOLDS]
    judged = judge(table(THRESHOLDS, below), SCHEME)
    assert judged.indicators.tolist() == [[1] * 7, [0] * 7]
    assert judged.parts.tolist() == [1, 0]


def test_a_hair_below_the_floor_fails_the_school():
    floor = THRESHOLDS[3] * Fraction(85, 100)
    at, under = list(THRESHOLDS), list(THRESHOLDS)
    at[3], under[3] = floor, floor - HAIR
    assert judge(table(at, under), SCHEME).parts.tolist() == [1, 0]


@pytest.mark.parametrize(("more", "expected"), [(Fraction(0), 1), (HAIR, 0)])
def test_a_coefficient_at_its_limit_is_judged_exactly(more, expected):
    """Two equal schools with values 1 and 3 differ by exactly 0.5."""
    judged = judge(table([Fraction(1)] * 7, [3 + more] * 7), SCHEME)
    assert judged.differences[0].tolist() == [expected] * 7
    assert judged.coefficients[0].tolist() == [0.5] * 7


def test_an_empty_table_decides_nothing():
    judged = judge(
        ResourceTable(
            county=np.zeros(0, dtype=np.int64),
            stage=np.zeros(0, dtype=np.int64),
            pupils=np.zeros(0),
            values=np.zeros((0, 7)),
            exact=lambda row, column: Fraction(0),
            counties=1,
        ),
        SCHEME,
    )
    assert judged.parts.tolist() == []
    assert (judged.differences == -1).all()
