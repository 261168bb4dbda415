"""Moments add: the province is the sum of its counties, computed apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design import survey_design
from sampling.estimation import infer
from sampling.moments import moments

FIELDS = ("n", "psus", "df", "estimate", "se", "lower", "upper", "deff")


def table(seed, *, strata=6, schools=4, answers=9):
    random = np.random.default_rng(seed)
    rows = strata * schools * answers
    return {
        "y": random.integers(0, 2, rows).astype(float),
        "w": random.uniform(1, 5, rows),
        "h": np.arange(rows) // (schools * answers),
        "s": np.arange(rows) // answers,
        "N": np.full(rows, 3.0 * schools),
        "M": np.full(rows, 20.0 * answers),
        "g": random.integers(0, 2, rows),
    }


def sums(columns):
    rows = len(columns["y"])
    design = survey_design(columns, rows=rows, weight="w", stratum="h", psu="s", fpc="N", fpc2="M")
    return moments(design, y=columns["y"], x=np.ones(rows), domain=columns["g"], domains=2)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sets(st.integers(0, 5), min_size=1, max_size=5))
def test_the_moments_of_two_halves_add_up_to_those_of_the_whole(seed, one):
    whole = table(seed)
    inside = np.isin(whole["h"], list(one))
    halves = [{name: column[part] for name, column in whole.items()} for part in (inside, ~inside)]
    together, added = infer(sums(whole)), infer(sums(halves[0]) + sums(halves[1]))
    for field in FIELDS:
        assert getattr(added, field) == pytest.approx(getattr(together, field), rel=1e-9)


def test_the_two_stage_variance_of_a_hand_worked_example():
    """Two of four schools, two of four people in each: V = first stage + second stage.

    Totals estimated per school: 4 · (3, 7) = (12, 28). First stage 4² (1 − 2/4) · 128 / 2 = 512. Second stage
    (4/2) · Σ 4² (1 − 2/4) s² / 2 with s² = 2 in both schools: 2 · (8 + 8) = 32.
    """
    columns = {
        "y": np.array([2.0, 4.0, 6.0, 8.0]),
        "s": np.array([1, 1, 2, 2]),
        "N": np.full(4, 4.0),
        "M": np.full(4, 4.0),
    }
    design = survey_design(columns, rows=4, psu="s", fpc="N", fpc2="M")
    found = moments(design, y=columns["y"], x=np.ones(4), domain=np.zeros(4, dtype=np.intp), domains=1)
    assert infer(found, statistic="total", method="mean").estimate == pytest.approx([80.0])
    assert found.yy == pytest.approx([544.0])
