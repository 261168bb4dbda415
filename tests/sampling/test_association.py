"""Shares of levels and tests of association agree with R's `svymean` and `svychisq`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sampling import (
    ArgumentError,
    ColumnError,
    association,
    distribution,
    estimate,
    post_stratify,
    rake,
)
from sampling.association import TESTS
from sampling.design import survey_design
from tests.sampling.reference import DESIGNS, SURVEY, TWO_STAGE_DESIGNS, WEIGHTING, api

CLOSE = {"rel": 1e-6, "abs": 1e-12}
TABLES = {name: api(name) for name in ("apisrs", "apistrat", "apiclus1")}
TOTALS = {name: WEIGHTING["totals"][name] for name in ("stype", "sch.wide")}


def check(expected, found):
    assert found.statistic == pytest.approx(expected["stat"], **CLOSE)
    assert found.p == pytest.approx(expected["p"], **CLOSE)
    assert [df for df in (found.df, found.df_below) if df is not None] == pytest.approx(
        list(np.ravel(expected["par"])), **CLOSE
    )


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("test", TESTS)
def test_every_test_in_every_design(name, test):
    table, design = DESIGNS[name]
    found = association(TABLES[table], row="stype", column="aw", test=test, **design)
    expected = SURVEY["results"][name]
    check(expected["chisq_sw_aw"][test], found)
    assert np.array(found.table) == pytest.approx(np.array(expected["table_stype_aw"]), **CLOSE)
    assert (found.n, found.row_levels, found.column_levels) == (expected["n"], ("E", "H", "M"), (0, 1))
    assert (found.deff is None) == (test in ("Wald", "adjWald"))


def case(name):
    """Return the table and design of one case of weighting.json."""
    if name == "strat_poststratified":
        table = TABLES["apistrat"]
        fit = post_stratify(table, by="sch.wide", totals=TOTALS["sch.wide"], weight="pw")
        return table, {"stratum": "stype", "fpc": "fpc", "calibration": fit}
    table, design = dict(WEIGHTING["data"]["clus2"]), TWO_STAGE_DESIGNS["clus2"]
    if name == "clus2_raking":
        table["pw"] = survey_design(table, rows=126, **design).weight
        design = design | {"calibration": rake(table, margins=TOTALS, weight="pw", tolerance=1e-12)}
    return table, design


@pytest.mark.parametrize("name", WEIGHTING["association"])
@pytest.mark.parametrize("test", TESTS)
def test_two_stages_and_fitted_weights(name, test):
    table, design = case(name)
    found = association(table, row="stype", column="aw", test=test, **design)
    check(WEIGHTING["association"][name][test], found)


@pytest.mark.parametrize("name", [*DESIGNS, *WEIGHTING["association"]])
def test_shares_of_levels_and_their_covariance(name):
    if name in DESIGNS:
        (table, design), expected = DESIGNS[name], SURVEY["results"][name]["stype_dist"]
        table = TABLES[table]
    else:
        (table, design), expected = case(name), WEIGHTING["association"][name]["shares"]
    (found,) = distribution(table, value="stype", **design)
    assert [one.estimate for one in found.shares] == pytest.approx(expected["mean"], **CLOSE)
    assert np.array(found.covariance) == pytest.approx(np.array(expected["vcov"]), rel=1e-6, abs=1e-14)
    errors = np.sqrt(np.diag(np.array(expected["vcov"])))
    assert [one.se for one in found.shares] == pytest.approx(errors, rel=1e-6, abs=1e-7)


SEEDS = st.integers(0, 10**6)
RATINGS = ["good", "fair", "poor"]


def answers(seed, *, rows=90):
    random = np.random.default_rng(seed)
    return {
        "rating": np.concatenate([RATINGS, random.choice(RATINGS, rows - 3)]),
        "place": np.concatenate([["t", "u", "t"], random.choice(["t", "u"], rows - 3)]),
        "w": random.uniform(1, 5, rows),
        "s": random.permutation(np.arange(rows) // 5),
    }


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_shares_add_up_and_their_covariances_cancel(seed):
    table = answers(seed)
    for one in distribution(table, value="rating", by=["place"], weight="w", psu="s"):
        assert sum(share.estimate for share in one.shares) == pytest.approx(1)
        assert np.array(one.covariance).sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
        assert np.sqrt(np.diag(one.covariance)) == pytest.approx([share.se for share in one.shares])
        assert {share.n for share in one.shares} == {int((table["place"] == one.by["place"]).sum())}


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.permutations(range(90)), st.floats(1e-3, 1e3), st.sampled_from(sorted(TESTS)))
def test_order_scale_and_which_column_comes_first_do_not_matter(seed, order, scale, test):
    table = answers(seed)
    shuffled = {name: column[list(order)] for name, column in table.items()}
    shuffled["w"] = shuffled["w"] * scale
    one = association(table, row="rating", column="place", test=test, weight="w", psu="s")
    other = association(shuffled, row="place", column="rating", test=test, weight="w", psu="s")
    assert (other.statistic, other.p, other.df) == pytest.approx((one.statistic, one.p, one.df), rel=1e-7)


def test_independent_rows_of_equal_weight_give_pearsons_test():
    random = np.random.default_rng(4)
    table = {"a": random.integers(0, 3, 3000), "b": random.integers(0, 2, 3000)}
    found = association(table, row="a", column="b", test="Chisq")
    pearson = stats.chi2_contingency(np.array(found.table), correction=False)
    assert (found.statistic, found.df) == (pytest.approx(pearson.statistic), pearson.dof)
    assert found.deff == pytest.approx(1, abs=0.01)
    assert found.p == pytest.approx(pearson.pvalue, rel=0.02)


def test_a_two_by_two_wald_test_is_the_square_of_the_contrast_of_its_cell():
    table = answers(3) | {"good": (answers(3)["rating"] == "good").astype(int)}
    found = association(table, row="good", column="place", test="Wald", weight="w", psu="s")
    (joint,) = estimate(
        table | {"cell": table["good"] * (table["place"] == "u")}, value="cell", weight="w", psu="s"
    )
    assert (found.df, found.df_below) == (1, joint.df)
    above = np.array(found.table)
    gap = above[1, 1] / above.sum() - above[1].sum() * above[:, 1].sum() / above.sum() ** 2
    residual = {
        "e": (table["good"] - above[1].sum() / above.sum())
        * ((table["place"] == "u") - above[:, 1].sum() / above.sum())
    }
    (spread,) = estimate(table | residual, value="e", statistic="total", weight="w", psu="s")
    assert spread.estimate == pytest.approx(gap * above.sum())
    assert found.statistic == pytest.approx((spread.estimate / spread.se) ** 2, rel=1e-6)


def test_rows_that_miss_either_column_count_nowhere_but_stay_in_the_design():
    table = answers(8)
    gaps = table | {"rating": np.where(np.arange(90) < 70, table["rating"], None)}
    found = association(gaps, row="rating", column="place", weight="w", psu="s")
    assert found.n == 70
    assert np.array(found.table).sum() == pytest.approx(table["w"][:70].sum())
    (shares,) = distribution(gaps, value="rating", weight="w", psu="s")
    assert {one.n for one in shares.shares} == {70}


@pytest.mark.parametrize("test", TESTS)
def test_a_missing_answer_counts_as_one_without_weight(test):
    table = answers(8)
    kept = np.arange(90) % 4 != 0
    design = {"row": "rating", "column": "place", "weight": "w", "psu": "s", "test": test}
    missing = association(table | {"rating": np.where(kept, table["rating"], None)}, **design)
    weightless = association(table | {"w": table["w"] * kept}, **design)
    assert (missing.n, missing.df) == (weightless.n, pytest.approx(weightless.df))
    assert (missing.statistic, missing.p) == pytest.approx((weightless.statistic, weightless.p))


def test_a_cell_without_answers_leaves_the_tests_computable():
    table = answers(5)
    table["place"] = np.where(table["rating"] == "poor", "t", table["place"])
    for test in ("F", "Chisq"):
        found = association(table, row="rating", column="place", test=test, weight="w", psu="s")
        assert found.table[2][1] == 0
        assert 0 <= found.p <= 1


def test_too_few_primary_units_leave_the_test_unknown():
    table = {
        "a": [0, 1, 0, 1, 0, 1],
        "b": [0, 0, 1, 1, 1, 0],
        "s": [1] * 3 + [2] * 3,
        "c": [0, 1, 2, 0, 1, 2],
    }
    found = association(table, row="a", column="c", test="adjWald", psu="s")
    assert (found.statistic, found.p, found.df_below) == (None, None, 0)
    assert association(table, row="a", column="c", test="Wald", psu="s").p is None


@pytest.mark.parametrize(
    ("options", "kind", "name"),
    [
        ({"test": "lincom"}, ArgumentError, "test"),
        ({"row": "one"}, ColumnError, "one"),
        ({"row": "none"}, ColumnError, "none"),
        ({"row": "half", "column": "split"}, ColumnError, "split"),
        ({"row": "colour"}, ColumnError, "colour"),
        ({"weight": "place"}, ColumnError, "place"),
    ],
)
def test_bad_input_is_refused_by_name(options, kind, name):
    table = answers(1) | {
        "one": ["x"] * 90,
        "none": [None] * 90,
        "split": ["x", "y", "x"] + [None] * 87,
        "half": ["t", None, "u"] + ["t"] * 87,
    }
    with pytest.raises(kind) as refusal:
        association(table, **{"row": "rating", "column": "place"} | options)
    assert getattr(refusal.value, "name", None) == name or getattr(refusal.value, "column", None) == name
    with pytest.raises(ColumnError):
        distribution(table, value="none")
