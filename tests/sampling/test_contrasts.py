"""Differences agree with R's `svycontrast`; groups of one school vary together, waves drawn apart do not."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sampling import (
    ArgumentError,
    ColumnError,
    LonelyUnitError,
    calibrate,
    contrast,
    difference,
    estimate,
    independent_difference,
    post_stratify,
    rake,
)
from sampling.design import survey_design
from tests.sampling.reference import DESIGNS, SURVEY, TWO_STAGE_DESIGNS, WEIGHTING, api

CLOSE = {"rel": 1e-6, "abs": 1e-12}
TABLES = {name: api(name) for name in ("apisrs", "apistrat", "apiclus1")}
ALL = {"E": 1, "H": -1, "M": 0}


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("value", ["sw", "aw"])
def test_contrasts_and_covariances_of_domains(name, value):
    table, design = DESIGNS[name]
    expected, by_type = (
        SURVEY["results"][name][key] for key in (f"contrast_EminusH_{value}", f"by_stype_{value}")
    )
    found = contrast(TABLES[table], value=value, by="stype", coefficients=ALL, **design)
    assert (found.estimate, found.se) == pytest.approx((expected["est"], expected["se"]), **CLOSE)
    assert np.array(found.covariance) == pytest.approx(np.array(by_type["vcov"]), **CLOSE)
    assert [one.estimate for one in found.estimates] == pytest.approx(by_type["mean"], **CLOSE)
    two = difference(TABLES[table], value=value, by="stype", first="E", second="H", **design)
    assert (two.estimate, two.se) == pytest.approx((expected["est"], expected["se"]), **CLOSE)


FITS = {
    "clus1_raking": ("clus1", {"method": "raking", "margins": ["stype"]}),
    "strat_raking": ("strat", {"method": "raking", "margins": ["stype", "sch.wide"]}),
    "strat_logit": ("strat", {"method": "logit", "bounds": (0.6, 1.8), "margins": ["stype", "sch.wide"]}),
}
PLAIN = {"clus1": DESIGNS["clus1_fpc"], "strat": DESIGNS["strat_fpc"]}
CLUS2 = TWO_STAGE_DESIGNS["clus2"]


def two_stage(name):
    """Return the two-stage table and its calibration, as weighting.R fits it."""
    table = dict(WEIGHTING["data"]["clus2"])
    table["pw"] = survey_design(table, rows=126, **CLUS2).weight
    totals = WEIGHTING["totals"]
    return table, {
        "clus2_plain": lambda: None,
        "clus2_poststratified": lambda: post_stratify(table, by="stype", totals=totals["stype"], weight="pw"),
        "clus2_raking": lambda: rake(
            table, margins={key: totals[key] for key in ("stype", "sch.wide")}, weight="pw"
        ),
    }[name]()


def check(expected, found):
    assert np.array(found.covariance) == pytest.approx(np.array(expected["vcov"]), **CLOSE)
    assert [one.estimate for one in found.estimates] == pytest.approx(expected["mean"], **CLOSE)
    assert (found.estimate, found.se) == pytest.approx(
        (expected["difference"], expected["difference_se"]), **CLOSE
    )


@pytest.mark.parametrize("name", FITS)
def test_contrasts_after_calibration(name):
    design, options = FITS[name]
    table, columns = PLAIN[design]
    totals = WEIGHTING["totals"]
    calibration = calibrate(
        TABLES[table],
        totals={"api99": totals["api99"]},
        weight="pw",
        **options | {"margins": {key: totals[key] for key in options["margins"]}},
    )
    columns = {key: column for key, column in columns.items() if key != "weight"}
    check(
        WEIGHTING["weights"][name]["by_stype"],
        contrast(TABLES[table], value="aw", by="stype", coefficients=ALL, calibration=calibration, **columns),
    )


@pytest.mark.parametrize("name", ["clus2_plain", "clus2_poststratified", "clus2_raking"])
def test_contrasts_in_two_stages(name):
    table, calibration = two_stage(name)
    found = contrast(table, value="aw", by="stype", coefficients=ALL, calibration=calibration, **CLUS2)
    check(WEIGHTING["weights"][name]["by_stype"], found)


def waves(random, *, schools=12, answers=6):
    rows = schools * answers
    return {
        "y": random.integers(0, 2, 2 * rows),
        "x": random.normal(3, 1, 2 * rows),
        "w": random.uniform(1, 4, 2 * rows),
        "h": np.tile(np.arange(rows) // (rows // 2), 2),
        "s": np.tile(np.arange(rows) // answers, 2),
        "wave": np.repeat(["spring", "autumn"], rows),
    }


def test_two_waves_in_the_same_schools_vary_together():
    """Everybody asked twice: the difference of means is the mean of the differences."""
    table = TABLES["apiclus1"]
    paired = table | {"gain": np.array(table["api00"]) - np.array(table["api99"])}
    stacked = {
        "score": table["api99"] + table["api00"],
        "wave": [1] * len(table["dnum"]) + [2] * len(table["dnum"]),
        **{name: list(table[name]) * 2 for name in ("dnum", "pw", "fpc")},
    }
    design = DESIGNS["clus1_fpc"][1]
    (gain,) = estimate(paired, value="gain", **design)
    found = difference(stacked, value="score", by="wave", first=2, second=1, **design)
    assert (found.estimate, found.se, found.df) == pytest.approx((gain.estimate, gain.se, gain.df), rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx((gain.lower, gain.upper), rel=1e-9)
    assert found.covariance[0][1] > 0


def test_waves_drawn_apart_add_their_variances():
    table = waves(np.random.default_rng(2))
    table["apart"] = [f"{wave}/{stratum}" for wave, stratum in zip(table["wave"], table["h"], strict=True)]
    stacked = difference(
        table, value="y", by="wave", first="spring", second="autumn", weight="w", stratum="apart", psu="s"
    )
    alone = [
        estimate(
            {name: np.array(column)[table["wave"] == wave] for name, column in table.items()},
            value="y",
            method="mean",
            weight="w",
            stratum="h",
            psu="s",
        )[0]
        for wave in ("spring", "autumn")
    ]
    found = independent_difference(*alone)
    for field in ("estimate", "se", "df", "lower", "upper", "t", "p"):
        assert getattr(found, field) == pytest.approx(getattr(stacked, field), rel=1e-9), field
    assert found.se == pytest.approx(math.hypot(alone[0].se, alone[1].se))
    assert found.df == alone[0].df + alone[1].df == 20
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.estimate / found.se), 20))
    wider = independent_difference(*alone, level=0.99)
    assert wider.upper - wider.lower > found.upper - found.lower


SEEDS = st.integers(0, 10**6)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from(["mean", "total"]), st.booleans())
def test_a_difference_turned_round_changes_its_sign_only(seed, statistic, fit):
    table = waves(np.random.default_rng(seed))
    sizes = {"spring": 100, "autumn": 150}
    design = (
        {"calibration": post_stratify(table, by="wave", totals=sizes, weight="w")} if fit else {"weight": "w"}
    )
    options = {"value": "y", "by": "wave", "stratum": "h", "psu": "s", "statistic": statistic} | design
    one = difference(table, first="spring", second="autumn", **options)
    other = difference(table, first="autumn", second="spring", **options)
    assert (other.estimate, other.t) == (pytest.approx(-one.estimate), pytest.approx(-one.t))
    assert (other.lower, other.upper) == (pytest.approx(-one.upper), pytest.approx(-one.lower))
    assert (other.se, other.p, other.df) == (pytest.approx(one.se), pytest.approx(one.p), one.df)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.permutations(range(144)), st.floats(1e-3, 1e3))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(seed, order, scale):
    table = waves(np.random.default_rng(seed))
    shuffled = {name: column[list(order)] for name, column in table.items()}
    shuffled["w"] = shuffled["w"] * scale
    options = {"by": "wave", "first": "spring", "second": "autumn", "weight": "w", "stratum": "h", "psu": "s"}
    for value in ({"value": "y"}, {"value": "x", "denominator": "y"}):
        one, other = difference(table, **options, **value), difference(shuffled, **options, **value)
        assert (other.estimate, other.se, other.p) == pytest.approx((one.estimate, one.se, one.p), rel=1e-8)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_contrast_of_one_group_is_its_estimate(seed):
    table = waves(np.random.default_rng(seed))
    table["y"] = table["x"]
    design = {"weight": "w", "stratum": "h", "psu": "s"}
    found = contrast(table, value="y", by=["wave", "h"], coefficients={("spring", 1): 1}, **design)
    (alone,) = [
        one
        for one in estimate(table, value="y", by=["wave", "h"], **design)
        if one.by == {"wave": "spring", "h": 1}
    ]
    for field in ("estimate", "se", "df", "lower", "upper"):
        assert getattr(found, field) == pytest.approx(getattr(alone, field), rel=1e-9)


def test_a_group_without_answers_leaves_the_difference_unknown():
    table = {"y": [1, 0, 1, 1, None, None], "g": list("aabbcc")}
    found = difference(table, value="y", by="g", first="a", second="c")
    assert (found.estimate, found.se, found.lower, found.t, found.p) == (None,) * 5
    assert found.covariance[0][0] > 0
    same = difference({"y": [1, 1, 1, 1], "g": list("aabb")}, value="y", by="g", first="a", second="b")
    assert (same.estimate, same.se, same.t, same.p) == (0, 0, None, None)
    assert (same.lower, same.upper) == (0, 0)


def test_a_stratum_with_a_single_unit_needs_an_instruction():
    table = {"y": [1, 0, 0, 1, 1], "g": list("ababa"), "h": list("uuuuv")}
    options = {"value": "y", "by": "g", "first": "a", "second": "b", "stratum": "h"}
    with pytest.raises(LonelyUnitError):
        difference(table, **options)
    errors = {
        lonely: difference(table, lonely=lonely, **options).se
        for lonely in ("remove", "certainty", "adjust", "average")
    }
    assert errors["remove"] == errors["certainty"] < errors["adjust"]
    assert errors["average"] == pytest.approx(errors["remove"] * math.sqrt(2))


@pytest.mark.parametrize(
    ("options", "kind", "name"),
    [
        ({"first": "spring", "second": "spring"}, ArgumentError, "second"),
        ({"first": "spring", "second": "winter"}, ArgumentError, "coefficients"),
        ({"level": 2}, ArgumentError, "level"),
        ({"statistic": "median"}, ArgumentError, "statistic"),
        ({"lonely": "ignore"}, ArgumentError, "lonely"),
        ({"by": "season"}, ColumnError, "season"),
        ({"weight": "v"}, ColumnError, "v"),
        ({"denominator": "z"}, ColumnError, "z"),
    ],
)
def test_bad_input_is_refused_by_name(options, kind, name):
    table = waves(np.random.default_rng(1))
    with pytest.raises(kind) as refusal:
        difference(table, **{"value": "y", "by": "wave", "first": "spring", "second": "autumn"} | options)
    assert getattr(refusal.value, "name", None) == name or getattr(refusal.value, "column", None) == name


def test_no_groups_are_refused():
    with pytest.raises(ArgumentError, match="groups"):
        contrast({"y": [1], "g": [1]}, value="y", by="g", coefficients={})
