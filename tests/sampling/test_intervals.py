"""Intervals for independent answers agree with Newcombe's published table."""

import numpy as np
import pytest
from scipy import stats

from sampling.intervals import beta_interval, logit_interval, t_quantile, wilson_interval
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


@pytest.mark.parametrize("method", ["logit", "wilson"])
def test_with_infinite_degrees_of_freedom_r_agrees(method):
    for result in SURVEY["results"].values():
        expected = result["aw"]["svyciprop_dfInf"][method]
        p, se = np.array([result["aw"]["mean"]]), np.array([result["aw"]["se"]])
        quantile = t_quantile(np.array([np.inf]), 0.95)
        if method == "logit":
            low, high = logit_interval(p, se, quantile=quantile)
        else:
            low, high = wilson_interval(p, p * (1 - p) / se**2, quantile=quantile)
        assert [low[0], high[0]] == pytest.approx([expected["lo"], expected["hi"]], rel=1e-6)


def test_quantiles_are_students_and_unknown_without_degrees_of_freedom():
    df = np.array([0.0, 1.0, 4.0, 39.0, np.inf])
    assert t_quantile(df, 0.9)[1:] == pytest.approx(stats.t.ppf(0.95, df[1:]), rel=1e-9)
    assert np.isnan(t_quantile(df, 0.9)[0])
