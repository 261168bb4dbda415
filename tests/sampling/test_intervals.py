"""Intervals for independent answers agree with Newcombe's published table."""

import numpy as np
import pytest
from scipy import stats

from sampling.intervals import METHODS, Basis, beta_interval, t_quantile, wilson_interval
from tests.sampling.reference import EXAMPLES, SURVEY

NEWCOMBE = EXAMPLES["newcombe_1998_table1"]["rows"]


@pytest.mark.parametrize("row", NEWCOMBE, ids=lambda row: f"{row['method']} {row['x']}/{row['n']}")
def test_newcombe_1998(row):
    p, n = np.array([row["x"] / row["n"]]), np.array([float(row["n"])])
    if row["method"] == "wilson":
        low, high = wilson_interval(p, n, quantile=t_quantile(np.array([np.inf]), 0.95))
    else:
        low, high = beta_interval(p, n, level=0.95)
    assert [low[0], high[0]] == pytest.approx(row["exact"], abs=1e-9)
    assert [round(low[0], 4), round(high[0], 4)] == pytest.approx(row["published"], abs=1e-9)


@pytest.mark.parametrize("value", ["sw", "aw", "nlo"])
@pytest.mark.parametrize("method", ["logit", "wilson", "mean"])
def test_with_infinite_degrees_of_freedom_r_agrees(method, value):
    for result in SURVEY["results"].values():
        expected = result[value]["svyciprop_dfInf"][method]
        if result[value]["se"]:
            found = METHODS[method](basis([result[value]["mean"]], [result[value]["se"]], df=np.inf))
            assert np.ravel(found) == pytest.approx([expected["lo"], expected["hi"]], rel=1e-6)


@pytest.mark.parametrize("value", ["sw", "aw"])
def test_intervals_of_domains_with_other_degrees_of_freedom(value):
    """R's tables of domains take the normal distribution, or the whole design's degrees of freedom."""
    for result in SURVEY["results"].values():
        expected = result[f"by_stype_{value}"]
        normal = METHODS["mean"](basis(expected["mean"], expected["se"], df=np.inf))
        assert np.stack(normal) == pytest.approx(np.array([expected["ci_l"], expected["ci_u"]]), rel=1e-6)
        student = METHODS["mean"](basis(expected["mean"], expected["se"], df=result["degf"]))
        assert np.stack(student, axis=1) == pytest.approx(np.array(expected["ci_t_degf"]), rel=1e-6)


def basis(estimates, errors, *, df):
    p, se = np.array(estimates, dtype=float), np.array(errors)
    return Basis(estimate=p, se=se, n=np.full(len(p), 200.0), df=np.full(len(p), float(df)), level=0.95)


def test_quantiles_are_students_and_unknown_without_degrees_of_freedom():
    df = np.array([0.0, 1.0, 4.0, 39.0, np.inf])
    assert t_quantile(df, 0.9)[1:] == pytest.approx(stats.t.ppf(0.95, df[1:]), rel=1e-9)
    assert np.isnan(t_quantile(df, 0.9)[0])
