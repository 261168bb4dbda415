"""Fitted weights, and standard errors after the fit, agree with R's `survey` and among themselves."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, CalibrationError, ColumnError, calibrate, estimate, post_stratify, rake
from sampling.design import survey_design
from tests.sampling.reference import GOLDEN, SURVEY, TWO_STAGE_DESIGNS, WEIGHTING, api

CLOSE = {"rel": 1e-6, "abs": 1e-12}
TYPES, WIDE = WEIGHTING["totals"]["stype"], WEIGHTING["totals"]["sch.wide"]
SCORES = {"api99": WEIGHTING["totals"]["api99"]}
BOTH = {"stype": TYPES, "sch.wide": WIDE}
TABLES = {"clus1": api("apiclus1"), "strat": api("apistrat"), "clus2": dict(WEIGHTING["data"]["clus2"])}
TABLES["clus2"]["pw"] = survey_design(TABLES["clus2"], rows=126, **TWO_STAGE_DESIGNS["clus2"]).weight
DESIGNS = {
    "clus1": {"psu": "dnum", "fpc": "fpc"},
    "strat": {"stratum": "stype", "fpc": "fpc"},
    "clus2": TWO_STAGE_DESIGNS["clus2"],
}


def fitted(fit, table, **options):
    return fit(TABLES[table], weight="pw", **options)


#: The cases of survey.json: the design, and the weights.
PUBLISHED = {
    "clus1_rake_stype_schwide": ("clus1", fitted(rake, "clus1", margins=BOTH, tolerance=1e-4)),
    "clus1_rake_tight": ("clus1", fitted(rake, "clus1", margins=BOTH, tolerance=1e-12)),
    "clus1_poststrat_stype": ("clus1", fitted(post_stratify, "clus1", by="stype", totals=TYPES)),
    "strat_poststrat_schwide": ("strat", fitted(post_stratify, "strat", by="sch.wide", totals=WIDE)),
    "clus1_cal_linear_stype": ("clus1", fitted(calibrate, "clus1", margins={"stype": TYPES})),
    "clus1_cal_raking_stype_schwide": (
        "clus1",
        fitted(calibrate, "clus1", margins=BOTH, method="raking"),
    ),
}
ONE = {"margins": {"stype": TYPES}, "totals": SCORES}
ALL = {"margins": BOTH, "totals": SCORES}
#: The cases of weighting.json.
FURTHER = {
    "clus1_linear": ("clus1", fitted(calibrate, "clus1", **ONE)),
    "clus1_linear_bounds": ("clus1", fitted(calibrate, "clus1", bounds=(0.7, 1.6), **ONE)),
    "clus1_raking": ("clus1", fitted(calibrate, "clus1", method="raking", **ONE)),
    "clus1_logit": ("clus1", fitted(calibrate, "clus1", method="logit", bounds=(0.5, 2), **ONE)),
    "strat_poststratified": PUBLISHED["strat_poststrat_schwide"],
    "strat_linear": ("strat", fitted(calibrate, "strat", **ALL)),
    "strat_raking": ("strat", fitted(calibrate, "strat", method="raking", **ALL)),
    "strat_logit": ("strat", fitted(calibrate, "strat", method="logit", bounds=(0.6, 1.8), **ALL)),
    "strat_margins_raking": ("strat", fitted(rake, "strat", margins=BOTH)),
    "clus2_poststratified": ("clus2", fitted(post_stratify, "clus2", by="stype", totals=TYPES)),
    "clus2_raking": ("clus2", fitted(rake, "clus2", margins=BOTH)),
    "clus2_plain": ("clus2", None),
}


def found(case, value, **options):
    table, calibration = case
    return estimate(
        TABLES[table], value=value, calibration=calibration, method="mean", **DESIGNS[table], **options
    )


def numbers(rows):
    return [number for one in rows for number in (one.estimate, one.se)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_and_standard_errors_of_survey_json(name):
    expected, case = SURVEY["weighting"][name], PUBLISHED[name]
    assert case[1].weights == pytest.approx(np.array(expected["weights"]), **CLOSE)
    assert case[1].design_effect == pytest.approx(expected["kish"], **CLOSE)
    assert numbers(found(case, ["aw", "api00"])) == pytest.approx(
        [expected[key] for key in ("aw", "aw_se", "api00", "api00_se")], **CLOSE
    )
    assert numbers(found(case, "enroll", statistic="total")) == pytest.approx(
        [expected["enroll_total"], expected["enroll_total_se"]], **CLOSE
    )
    by_type = found(case, "aw", by=["stype"])
    assert [one.estimate for one in by_type] == pytest.approx(expected["aw_by_stype"], **CLOSE)
    assert [one.se for one in by_type] == pytest.approx(expected["aw_by_stype_se"], **CLOSE)


def test_every_case_of_survey_json_is_compared():
    assert set(PUBLISHED) == set(SURVEY["weighting"])
    assert set(FURTHER) == set(WEIGHTING["weights"])


@pytest.mark.parametrize("name", FURTHER)
def test_unequal_weights_bounds_and_two_stages(name):
    expected, case = WEIGHTING["weights"][name], FURTHER[name]
    if case[1] is not None:
        assert case[1].weights == pytest.approx(np.array(expected["weights"]), **CLOSE)
    assert numbers(found(case, ["aw", "api00"])) == pytest.approx(
        [expected[key] for key in ("aw", "aw_se", "api00", "api00_se")], **CLOSE
    )
    assert numbers(found(case, "api00", statistic="total")) == pytest.approx(
        [expected["api00_total"], expected["api00_total_se"]], **CLOSE
    )
    mean, total = found(case, "aw", by=["stype"])[0], found(case, "aw", by=["stype"], statistic="total")[0]
    assert numbers([mean, total]) == pytest.approx(
        [expected[key] for key in ("aw_E", "aw_E_se", "aw_E_total", "aw_E_total_se")], **CLOSE
    )
    assert mean.df == expected["df_E"]
    if "ratio" in expected:
        assert numbers(found(case, "api.stu", denominator="enroll")) == pytest.approx(
            [expected["ratio"], expected["ratio_se"]], **CLOSE
        )


def test_multipliers_agree_with_r_sampling():
    expected = json.loads((GOLDEN / "sampling.json").read_text(encoding="utf-8"))["calib_linear_clus1"]
    calibration = FURTHER["clus1_linear"][1]
    assert calibration.g == pytest.approx(np.array(expected["g"]), **CLOSE)
    wanted = {target.level or target.margin: target.achieved for target in calibration.targets}
    size, high, middle, scores = np.ravel(expected["check"])
    assert wanted == {
        "E": pytest.approx(size - high - middle, **CLOSE),
        "H": pytest.approx(high, **CLOSE),
        "M": pytest.approx(middle, **CLOSE),
        "api99": pytest.approx(scores, **CLOSE),
    }


@pytest.mark.parametrize("option", ["remove", "certainty", "adjust", "average"])
def test_a_stratum_with_a_single_unit_after_post_stratification(option):
    lonely = WEIGHTING["lonely"]
    table = lonely["data"] | {"kept": [kind != "H" for kind in lonely["data"]["stype"]]}
    calibration = post_stratify(table, by="sw", totals=dict(enumerate(lonely["wide"])), weight="pw")
    design = {"stratum": "stype", "lonely": option, "method": "mean", "value": "aw"}
    (plain,) = estimate(table, weight="pw", **design)
    (mean,) = estimate(table, calibration=calibration, **design)
    subset = estimate(table, calibration=calibration, by=["kept"], **design)[1]
    expected = lonely[option]
    assert (plain.estimate, plain.se) == pytest.approx((expected["mean"], expected["se"]), **CLOSE)
    assert (mean.estimate, mean.se) == pytest.approx(
        (expected["calibrated"], expected["calibrated_se"]), **CLOSE
    )
    assert (subset.estimate, subset.se, subset.df) == pytest.approx(
        (
            expected["calibrated_subset"],
            expected["calibrated_subset_se"],
            expected["calibrated_subset_df"],
        ),
        **CLOSE,
    )


def test_the_result_keeps_its_working():
    calibration = PUBLISHED["clus1_rake_tight"][1]
    assert (calibration.method, calibration.tolerance) == ("raking", 1e-12)
    assert 5 < calibration.iterations < 20
    assert calibration.weights == pytest.approx(calibration.base * calibration.g)
    first = calibration.targets[0]
    assert (first.margin, first.level, first.wanted) == ("stype", "E", 4421)
    assert first.before == pytest.approx(144 * 33.846996307373)
    assert first.achieved == pytest.approx(4421, rel=1e-12)
    bounded = FURTHER["clus1_linear_bounds"][1]
    assert bounded.bounds == (0.7, 1.6)
    assert (bounded.g.min(), bounded.g.max()) == (0.7, 1.6)


def random_table(seed, *, rows=60):
    random = np.random.default_rng(seed)
    table = {
        "y": random.integers(0, 2, rows),
        "a": np.concatenate([np.arange(3), random.integers(0, 3, rows - 3)]),
        "b": np.concatenate([np.arange(2), random.integers(0, 2, rows - 2)]),
        "x": random.uniform(1, 9, rows),
        "w": random.uniform(1, 5, rows),
        "s": np.arange(rows) // 5,
    }
    truth = table["w"] * random.uniform(0.7, 1.4, rows)

    def sizes(*names):
        keys = list(zip(*(table[name].tolist() for name in names), strict=True))
        keys = [key[0] for key in keys] if len(names) == 1 else keys
        return {key: float(truth[[k == key for k in keys]].sum()) for key in sorted(set(keys))}

    return table, sizes, float(truth @ table["x"]), float(truth.sum())


SEEDS = st.integers(0, 10**6)
FITS = {
    "linear": {"method": "linear", "bounds": (0, 30)},
    "raking": {"method": "raking"},
    "logit": {"method": "logit", "bounds": (0.1, 12)},
}


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from(sorted(FITS)))
def test_calibration_meets_every_total_and_keeps_to_its_bounds(seed, kind):
    table, sizes, total, _ = random_table(seed)
    calibration = calibrate(
        table,
        margins={"a": sizes("a"), ("a", "b"): sizes("a", "b")},
        totals={"x": total},
        weight="w",
        **FITS[kind],
    )
    assert all(target.achieved == pytest.approx(target.wanted, rel=1e-9) for target in calibration.targets)
    low, high = calibration.bounds
    assert ((calibration.g >= low) & (calibration.g <= high)).all()
    for level, size in sizes("b").items():
        assert calibration.weights[table["b"] == level].sum() == pytest.approx(size)
    assert calibration.weights @ table["x"] == pytest.approx(total)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_post_stratification_is_raking_with_one_margin_and_linear_calibration_on_indicators(seed):
    table, sizes, _, _ = random_table(seed)
    margin = {("a", "b"): sizes("a", "b")}
    fits = [
        post_stratify(table, by=["a", "b"], totals=sizes("a", "b"), weight="w"),
        rake(table, margins=margin, weight="w"),
        *(calibrate(table, margins=margin, weight="w", **options) for options in FITS.values()),
    ]
    rates = [numbers(estimate(table, value="y", psu="s", calibration=fit, by=["b"])) for fit in fits]
    for fit, rate in zip(fits[1:], rates[1:], strict=True):
        assert fit.weights == pytest.approx(fits[0].weights)
        assert rate == pytest.approx(rates[0], rel=1e-7)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_raking_in_turn_is_calibration_by_ratios(seed):
    table, sizes, _, _ = random_table(seed)
    margins = {"a": sizes("a"), "b": sizes("b")}
    one = rake(table, margins=margins, weight="w", tolerance=1e-12)
    other = calibrate(table, margins=margins, weight="w", method="raking")
    assert one.weights == pytest.approx(other.weights)
    assert numbers(estimate(table, value="y", psu="s", calibration=one)) == pytest.approx(
        numbers(estimate(table, value="y", psu="s", calibration=other)), rel=1e-7
    )


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.permutations(range(60)), st.floats(1e-3, 1e3))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(seed, order, scale):
    table, sizes, total, size = random_table(seed)
    shuffled = {name: column[list(order)] for name, column in table.items()}
    shuffled["w"] = shuffled["w"] * scale
    for options in (
        {"method": "raking", "totals": {"x": total}, "size": size},
        {"margins": {"a": sizes("a")}},
    ):
        one, other = calibrate(table, weight="w", **options), calibrate(shuffled, weight="w", **options)
        assert other.weights == pytest.approx(one.weights[list(order)])
        assert numbers(estimate(shuffled, value="y", psu="s", calibration=other, by=["b"])) == pytest.approx(
            numbers(estimate(table, value="y", psu="s", calibration=one, by=["b"])), rel=1e-7
        )


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_what_is_known_has_no_variance(seed):
    table, sizes, total, _ = random_table(seed)
    table["first"] = (table["a"] == 0).astype(int)
    calibration = calibrate(
        table, margins={"a": sizes("a")}, totals={"x": total}, weight="w", method="raking"
    )
    (share,) = estimate(table, value="first", psu="s", calibration=calibration, method="mean")
    (sum_of_x,) = estimate(table, value="x", psu="s", calibration=calibration, statistic="total")
    assert share.estimate == pytest.approx(sizes("a")[0] / sum(sizes("a").values()))
    assert share.se == pytest.approx(0, abs=1e-8)
    assert (sum_of_x.estimate, sum_of_x.se) == pytest.approx((total, 0), rel=1e-8, abs=1e-6 * total)


TABLE = {
    "a": ["u", "u", "v", "v"],
    "b": ["p", "q", "p", "q"],
    "x": [1.0, 2.0, 3.0, 4.0],
    "w": [1.0, 1.0, 1.0, 0.0],
}
U = {"u": 5, "v": 5}


@pytest.mark.parametrize(
    ("fit", "options", "margin", "level", "rule"),
    [
        (post_stratify, {"by": "a", "totals": {"u": 5, "v": 5, "z": 1}}, "a", "z", "no_respondents"),
        (post_stratify, {"by": "a", "totals": {"u": 5}}, "a", "v", "no_total"),
        (post_stratify, {"by": "a", "totals": {"u": 5, "v": 0}}, "a", "v", "zero_total"),
        (post_stratify, {"by": "a", "totals": {"u": 5, "v": -1}}, "a", "v", "not_a_size"),
        (post_stratify, {"by": "a", "totals": {"u": 5, "v": "many"}}, "a", "v", "not_a_size"),
        (
            post_stratify,
            {"by": ["a", "b"], "weight": "w", "totals": dict.fromkeys(product("uv", "pq"), 1)},
            "a × b",
            ("v", "q"),
            "no_respondents",
        ),
        (rake, {"margins": {"a": U, "b": {"p": 5, "q": 6}}}, "b", None, "sums_differ"),
        (rake, {"margins": {"a": {"u": 1, "v": 9}, "c": U}, "iterations": 50}, "a", "u", "not_converged"),
        (calibrate, {"margins": {"a": U}, "size": 11}, "a", None, "sums_differ"),
        (calibrate, {"margins": {"a": U}, "totals": {"x": 500}, "bounds": (0.5, 4)}, "x", None, "bounds"),
        (calibrate, {"totals": {"x": 500}, "size": 10, "method": "raking"}, "x", None, "not_converged"),
        (calibrate, {"margins": {"a": U}, "totals": {"x": 45}}, "weights", 1, "negative_weight"),
        (calibrate, {"totals": {"zero": 3}}, "zero", None, "no_respondents"),
    ],
)  # fmt: skip
def test_totals_that_cannot_be_met_are_refused_naming_the_one_that_fails(fit, options, margin, level, rule):
    with pytest.raises(CalibrationError) as refusal:
        fit(TABLE | {"zero": [0.0] * 4, "c": ["u", "v", "v", "v"]}, **options)
    assert (refusal.value.margin, refusal.value.level, refusal.value.rule) == (margin, level, rule)


def test_totals_that_contradict_each_other_are_refused():
    table = TABLE | {"double": [2.0, 4.0, 6.0, 8.0]}
    with pytest.raises(CalibrationError) as refusal:
        calibrate(table, totals={"x": 30, "double": 61}, size=10, method="raking")
    assert refusal.value.rule == "contradiction"
    calibration = calibrate(table, totals={"x": 30, "double": 60}, size=10, method="raking")
    assert calibration.weights.sum() == pytest.approx(10)


@pytest.mark.parametrize(
    ("fit", "options", "column", "rule", "row"),
    [
        (post_stratify, {"by": "c", "totals": U}, "c", "unknown", None),
        (post_stratify, {"by": "gap", "totals": U}, "gap", "missing", 2),
        (post_stratify, {"by": "a", "totals": U, "weight": "minus"}, "minus", "negative", 1),
        (post_stratify, {"by": "a", "totals": U, "weight": "none"}, "none", "all_zero", None),
        (rake, {"margins": {"a": U}, "weight": "hole"}, "hole", "missing", 3),
        (calibrate, {"totals": {"hole": 4}}, "hole", "missing", 3),
        (calibrate, {"totals": {"b": 4}}, "b", "not_a_number", 1),
    ],
)
def test_columns_that_cannot_be_used_are_refused(fit, options, column, rule, row):
    table = TABLE | {
        "gap": ["u", None, "v", "v"],
        "minus": [-1, 1, 1, 1],
        "none": [0] * 4,
        "hole": [1, 1, None, 1],
    }
    with pytest.raises(ColumnError) as refusal:
        fit(table, **options)
    assert (refusal.value.column, refusal.value.rule, refusal.value.row) == (column, rule, row)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"method": "ratio"}, "method"),
        ({"method": "logit"}, "bounds"),
        ({"method": "logit", "bounds": (0.5, np.inf)}, "bounds"),
        ({"bounds": (1.1, 2)}, "bounds"),
        ({"bounds": (-1, 2)}, "bounds"),
        ({"tolerance": 0}, "tolerance"),
        ({"iterations": 0}, "iterations"),
        ({"margins": {}}, "margins"),
        ({"size": 0}, "size"),
        ({"totals": {"x": np.nan}}, "totals x"),
        ({"totals": {"x": "many"}}, "totals x"),
        ({"totals": {"x": None}}, "totals x"),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(options, name):
    with pytest.raises(ArgumentError) as refusal:
        calibrate(TABLE, **{"margins": {"a": U}} | options)
    assert refusal.value.name == name


def test_nothing_to_fit_to_is_refused():
    with pytest.raises(ArgumentError, match="margins"):
        rake(TABLE, margins={})
    with pytest.raises(ArgumentError, match="by"):
        post_stratify(TABLE, by=[], totals={})


def test_totals_of_very_different_size_are_no_contradiction():
    table = {"y": [0.0, 0.0, 1.0, 1.0], "x": [1e-6, 3e-6, 2e-6, 4e-6]}
    calibration = calibrate(table, totals={"y": 1e9, "x": 2.4e3}, size=1.2e9 + 5, method="raking")
    assert all(target.misfit < 1e-9 for target in calibration.targets)
    assert (calibration.weights > 0).all()


def test_data_frames_are_tables():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({name: TABLE[name] for name in ("a", "x")})
    calibration = post_stratify(frame, by="a", totals=U)
    (mean,) = estimate(frame, value="x", calibration=calibration)
    assert (mean.estimate, calibrate(frame, size=10).weights.sum()) == pytest.approx((2.5, 10))


def test_an_empty_table_and_a_second_weight_are_refused():
    for table in ({}, {"a": []}):
        with pytest.raises(ColumnError):
            calibrate(table, size=4)
    calibration = calibrate(TABLE, size=10)
    with pytest.raises(ArgumentError, match="weight"):
        estimate(TABLE, value="x", weight="w", calibration=calibration)
    with pytest.raises(ColumnError, match="calibrated weight"):
        estimate({"x": [1.0, 2.0]}, value="x", calibration=calibration)
