"""Covariances are the moments' variances, for any combination of totals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design import survey_design
from sampling.linearisation import covariance, linearised, residual_moments
from sampling.moments import LONELY, moments

TWO_STAGES = {"weight": "w", "stratum": "h", "psu": "s", "fpc": "N", "fpc2": "M"}


def table(seed):
    random = np.random.default_rng(seed)
    rows = 72
    return {
        "y": random.normal(2, 1, rows),
        "x": random.uniform(1, 3, rows),
        "w": random.uniform(1, 5, rows),
        "h": np.arange(rows) // 20,
        "s": np.minimum(np.arange(rows) // 4, 15),
        "N": np.full(rows, 12.0),
        "M": np.full(rows, 40.0),
        "g": random.integers(0, 3, rows),
    }


def read(columns, **change):
    return survey_design(columns, rows=len(columns["y"]), **TWO_STAGES | change)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([each for each in LONELY if each not in ("fail", "average")]))
def test_the_covariance_of_two_totals_is_what_the_moments_say(seed, lonely):
    columns = table(seed)
    design = read(columns)
    found = covariance(
        design, np.stack([columns["y"], columns["x"]], axis=1) * columns["w"][:, np.newaxis], lonely=lonely
    )
    sums = moments(
        design,
        y=columns["y"],
        x=columns["x"],
        domain=np.zeros(72, dtype=np.intp),
        domains=1,
        lonely=lonely,
    )
    expected = [[sums.yy[0], sums.yx[0]], [sums.yx[0], sums.xx[0]]]
    assert found == pytest.approx(np.array(expected))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(-3, 3), st.floats(-3, 3))
def test_covariances_of_combinations_are_combinations_of_covariances(seed, a, b):
    columns = table(seed)
    design = read(columns)
    values = np.stack([columns["y"], columns["x"]], axis=1) * columns["w"][:, np.newaxis]
    mixed = values @ np.array([[a, 1.0], [b, -1.0]])
    turn = np.array([[a, 1.0], [b, -1.0]])
    expected = turn.T @ covariance(design, values, lonely="adjust") @ turn
    assert covariance(design, mixed, lonely="adjust") == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("lonely", ["remove", "certainty", "adjust", "average"])
def test_linearised_means_vary_as_their_estimates_do(lonely):
    columns = table(11)
    columns["h"] = np.where(np.arange(72) == 71, 9, columns["h"])
    columns["s"] = np.where(np.arange(72) == 71, 99, columns["s"])
    design = read(columns, fpc=None, fpc2=None)
    terms = linearised(design, y=columns["y"], x=columns["x"], domain=columns["g"], domains=3)
    for domain in range(3):
        inside = columns["g"] == domain
        found = covariance(design, terms * columns["w"][:, np.newaxis], lonely=lonely, rows=inside)
        sums = moments(
            design, y=columns["y"], x=columns["x"], domain=np.where(inside, 0, -1), domains=1, lonely=lonely
        )
        point = sums.y / sums.x
        variance = (sums.yy - 2 * point * sums.yx + point**2 * sums.xx) / sums.x**2
        assert found[domain, domain] == pytest.approx((variance * sums.strata / sums.measured)[0])
    assert terms.sum(axis=0) != pytest.approx(0, abs=1e-9)
    assert columns["w"] @ terms == pytest.approx(np.zeros(3), abs=1e-9)


def test_residuals_that_leave_everything_leave_the_moments_as_they_are():
    columns = table(5)
    design = read(columns)
    options = {"y": columns["y"], "x": columns["x"], "domain": columns["g"], "domains": 3, "lonely": "adjust"}
    plain = moments(design, **options)
    found = residual_moments(design, residuals=lambda values: values, **options)
    for field in ("n", "psus", "strata", "w", "y", "x", "wyy", "yy", "yx", "xx"):
        assert getattr(found, field) == pytest.approx(getattr(plain, field)), field
