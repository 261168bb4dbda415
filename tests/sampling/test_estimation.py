"""Estimates agree with R's `survey` to 1e-6, in every design, domain and interval both know."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import ArgumentError, ColumnError, LonelyUnitError, estimate
from tests.sampling.reference import DESIGNS, GOLDEN, SURVEY, TWO_STAGE, TWO_STAGE_DESIGNS, api

CLOSE = {"rel": 1e-6, "abs": 1e-9}
TABLES = {name: api(name) for name in ("apisrs", "apistrat", "apiclus1")}
EVERY_DESIGN = pytest.mark.parametrize("name", DESIGNS)
EVERY_TWO_STAGE = pytest.mark.parametrize("name", TWO_STAGE_DESIGNS)


def estimates(name, value, **options):
    table, design = DESIGNS[name]
    return estimate(TABLES[table], value=value, **design, **options)


def test_weights_from_population_counts_are_those_of_the_table():
    (by_fpc,) = estimate(TABLES["apistrat"], value="api00", stratum="stype", fpc="fpc")
    (by_weight,) = estimates("strat_fpc", "api00")
    assert by_fpc.estimate == pytest.approx(by_weight.estimate, rel=1e-6)
    assert by_fpc.se == pytest.approx(by_weight.se, rel=1e-5)


@EVERY_DESIGN
@pytest.mark.parametrize("value", ["sw", "aw", "hi", "api00"])
def test_means_totals_and_design_effects(name, value):
    expected = SURVEY["results"][name][value]
    (mean,) = estimates(name, value, method="mean")
    (total,) = estimates(name, value, statistic="total")
    (finite,) = estimates(name, value, deff="finite")
    assert (mean.estimate, mean.se) == pytest.approx((expected["mean"], expected["se"]), **CLOSE)
    assert (total.estimate, total.se) == pytest.approx((expected["total"], expected["total_se"]), **CLOSE)
    if expected["deff"] is None:
        assert (mean.deff, finite.deff) == (None, None)
    else:
        assert mean.deff == pytest.approx(expected["deff_replace"], **CLOSE)
        assert finite.deff == pytest.approx(expected["deff"], **CLOSE)
    assert [mean.lower, mean.upper] == pytest.approx(np.ravel(expected["ci_t_degf"]), **CLOSE)
    assert (mean.df, mean.n) == (SURVEY["results"][name]["degf"], SURVEY["results"][name]["n"])
    if expected["cv"] is not None:
        assert mean.se / mean.estimate == pytest.approx(expected["cv"], **CLOSE)


@EVERY_DESIGN
def test_the_sum_of_weights(name):
    (people,) = estimates(name, "alln", statistic="total")
    assert people.estimate == pytest.approx(SURVEY["results"][name]["sumw"], **CLOSE)


@EVERY_DESIGN
@pytest.mark.parametrize("value", ["sw", "aw", "hi", "nlo"])
@pytest.mark.parametrize("method", ["logit", "beta", "mean", "wilson"])
def test_intervals_of_proportions(name, value, method):
    expected = SURVEY["results"][name][value]["svyciprop"][method]
    (rate,) = estimates(name, value, method=method)
    if rate.estimate in (0.0, 1.0) and method != "mean":
        assert expected.get("lo") is None or abs(expected["lo"] - rate.estimate) < 1e-9
        assert rate.method == "exact"
        assert rate.estimate in (rate.lower, rate.upper)
    else:
        assert (rate.lower, rate.upper) == pytest.approx((expected["lo"], expected["hi"]), **CLOSE)
        assert rate.method == method


@EVERY_DESIGN
@pytest.mark.parametrize(("value", "p"), [("none", 0.0), ("alln", 1.0)])
def test_at_none_and_all_the_interval_is_exact_where_r_has_none(name, value, p):
    (rate,) = estimates(name, value)
    assert (rate.estimate, rate.se, rate.deff, rate.method) == (p, 0.0, None, "exact")
    assert 0.0 < (rate.upper if p == 0.0 else 1 - rate.lower) < 0.15
    assert (rate.lower if p == 0.0 else 1 - rate.upper) == 0.0


def test_the_exact_interval_of_a_simple_random_sample_is_clopper_and_pearsons():
    (rate,) = estimate({"yes": [0] * 20}, value="yes")
    assert rate.upper == pytest.approx(0.16843347098308534, rel=1e-9)


def test_everybody_asked_leaves_no_uncertainty():
    table = {"yes": [1] * 8, "school": list("aabbccdd"), "schools": [4] * 8}
    (rate,) = estimate(table, value="yes", psu="school", fpc="schools")
    assert (rate.lower, rate.upper, rate.se) == (1.0, 1.0, 0.0)


@pytest.mark.parametrize("method", ["logit", "beta", "wilson", "mean"])
def test_schools_that_all_agree_leave_an_interval_of_width_zero(method):
    (rate,) = estimate(
        {"yes": [1, 0] * 4, "school": list("aabbccdd")}, value="yes", psu="school", method=method
    )
    assert (rate.se, rate.lower, rate.upper) == (0.0, pytest.approx(0.5), pytest.approx(0.5))


@EVERY_DESIGN
@pytest.mark.parametrize("value", ["sw", "aw"])
def test_domains(name, value):
    expected = SURVEY["results"][name][f"by_stype_{value}"]
    found = estimates(name, value, by=["stype"], deff="finite")
    assert [one.by["stype"] for one in found] == expected["level"]
    assert [one.estimate for one in found] == pytest.approx(expected["mean"], **CLOSE)
    assert [one.se for one in found] == pytest.approx(expected["se"], **CLOSE)
    assert [one.deff for one in found] == pytest.approx(expected["deff"], **CLOSE)


@EVERY_DESIGN
@pytest.mark.parametrize("value", ["sw", "aw"])
def test_intervals_of_domains_use_the_domains_own_degrees_of_freedom(name, value):
    expected = SURVEY["results"][name][f"by_stype_svyciprop_logit_{value}"]
    found = estimates(name, value, by=["stype"])
    assert [one.lower for one in found] == pytest.approx(expected["lo"], **CLOSE)
    assert [one.upper for one in found] == pytest.approx(expected["hi"], **CLOSE)


@EVERY_DESIGN
@pytest.mark.parametrize("value", ["sw", "aw"])
def test_a_domain_alone_is_a_subset_in_r(name, value):
    expected = SURVEY["results"][name][f"subset_E_{value}"]
    (mean,) = [one for one in estimates(name, value, by=["stype"], method="mean") if one.by["stype"] == "E"]
    (total,) = [
        one for one in estimates(name, value, by=["stype"], statistic="total") if one.by["stype"] == "E"
    ]
    assert mean.df == expected["degf"]
    assert (mean.deff, mean.se) == pytest.approx((expected["deff_replace"], expected["se"]), **CLOSE)
    assert [mean.lower, mean.upper] == pytest.approx(np.ravel(expected["ci_t_degf"]), **CLOSE)
    assert (total.estimate, total.se) == pytest.approx((expected["total"], expected["total_se"]), **CLOSE)
    for method in ("logit", "beta", "wilson"):
        found = estimates(name, value, by=["stype"], method=method)
        (rate,) = [one for one in found if one.by["stype"] == "E"]
        interval = expected["svyciprop"][method]
        assert (rate.lower, rate.upper) == pytest.approx((interval["lo"], interval["hi"]), **CLOSE)


@EVERY_DESIGN
def test_ratios(name):
    expected = SURVEY["results"][name]["ratio_apistu_enroll"]
    (ratio,) = estimates(name, "api.stu", denominator="enroll")
    assert (ratio.estimate, ratio.se) == pytest.approx((expected["est"], expected["se"]), **CLOSE)
    assert ratio.value == "api.stu/enroll"


@EVERY_TWO_STAGE
@pytest.mark.parametrize("value", ["aw", "sw", "api00"])
def test_two_stages_and_stratified_clusters_with_finite_populations(name, value):
    reference = TWO_STAGE[name]
    check_two_stage(
        reference["results"][value], estimate_all(reference["data"], value, TWO_STAGE_DESIGNS[name])
    )


@EVERY_TWO_STAGE
@pytest.mark.parametrize("level", ["E", "H", "M"])
def test_domains_of_two_stages_and_stratified_clusters(name, level):
    reference = TWO_STAGE[name]
    found = estimate_all(reference["data"], "aw", TWO_STAGE_DESIGNS[name], by=["stype"])
    place = ["E", "H", "M"].index(level)
    check_two_stage(reference["results"][level], found, place=place)


def estimate_all(table, value, design, **options):
    return {
        "mean": estimate(table, value=value, method="mean", **design, **options),
        "finite": estimate(table, value=value, deff="finite", **design, **options),
        "total": estimate(table, value=value, statistic="total", **design, **options),
        **{
            method: estimate(table, value=value, method=method, **design, **options)
            for method in ("logit", "beta")
            if value != "api00"
        },
    }


def check_two_stage(expected, found, *, place=0):
    one = {kind: rows[place] for kind, rows in found.items()}
    assert (one["mean"].estimate, one["mean"].se) == pytest.approx(
        (expected["mean"], expected["se"]), **CLOSE
    )
    assert one["mean"].deff == pytest.approx(expected["deff_replace"], **CLOSE)
    assert one["finite"].deff == pytest.approx(expected["deff"], **CLOSE)
    assert (one["mean"].df, one["mean"].n) == (expected["df"], expected["n"])
    assert one["total"].estimate == pytest.approx(expected["total"], **CLOSE)
    assert one["total"].se == pytest.approx(expected["total_se"], **CLOSE)
    assert one["total"].deff == pytest.approx(expected["total_deff_replace"], **CLOSE)
    for method, interval in expected.get("ci", {}).items():
        assert [one[method].lower, one[method].upper] == pytest.approx(interval, **CLOSE)


@EVERY_TWO_STAGE
def test_ratios_leave_out_rows_that_miss_either_number(name):
    reference = TWO_STAGE[name]
    expected = reference["results"]["ratio"]
    (ratio,) = estimate(reference["data"], value="api.stu", denominator="enroll", **TWO_STAGE_DESIGNS[name])
    assert (ratio.estimate, ratio.se) == pytest.approx((expected["estimate"], expected["se"]), **CLOSE)


LONELY = TWO_STAGE["lonely"]
ALONE = {"stratum": "stype", "weight": "pw"}


@pytest.mark.parametrize("option", ["remove", "adjust", "average"])
def test_a_stratum_with_a_single_unit(option):
    expected = LONELY[option]
    (mean,) = estimate(LONELY["data"], value="aw", lonely=option, **ALONE)
    (total,) = estimate(LONELY["data"], value="aw", lonely=option, statistic="total", **ALONE)
    assert (mean.estimate, mean.se) == pytest.approx((expected["mean"], expected["se"]), **CLOSE)
    assert total.se == pytest.approx(expected["total_se"], **CLOSE)
    assert mean.df == expected["df"]


@pytest.mark.parametrize("option", ["remove", "adjust", "average"])
def test_a_domain_with_a_single_unit_in_a_stratum(option):
    expected = LONELY[option]
    table = LONELY["data"] | {"kept": [kind != "H" for kind in LONELY["data"]["stype"]]}
    found = estimate(table, value="aw", by=["kept"], lonely=option, **ALONE)
    assert found[1].estimate == pytest.approx(expected["subset_mean"], **CLOSE)
    assert found[1].se == pytest.approx(expected["subset_se"], **CLOSE)
    assert found[1].df == expected["subset_df"]


@pytest.mark.parametrize("option", ["remove", "certainty"])
def test_r_4_5_agrees_about_single_units(option):
    expected = SURVEY["lonely_psu"]
    table = {name: expected[name] for name in ("stype", "aw", "pw")}
    (mean,) = estimate(table, value="aw", lonely=option, method="mean", **ALONE)
    assert (mean.estimate, mean.se, mean.df) == pytest.approx(
        tuple(expected[option][name] for name in ("mean", "se", "degf")), **CLOSE
    )


def test_a_single_unit_drawn_for_certain_counts_its_second_stage_in_full():
    """One of four schools, two of its four people: 4² (1 − 2/4) s² / 2 with s² = 2, in full or a quarter."""
    table = {"y": [2.0, 4.0], "s": [1, 1], "N": [4, 4], "M": [4, 4], "w": [2.0, 2.0]}
    design = {"weight": "w", "psu": "s", "fpc": "N", "fpc2": "M", "statistic": "total"}
    (certain,) = estimate(table, value="y", lonely="certainty", **design)
    (removed,) = estimate(table, value="y", lonely="remove", **design)
    assert certain.se == pytest.approx(np.sqrt(4**2 * (1 - 2 / 4) * 2 / 2))
    assert removed.se == pytest.approx(certain.se / 2)


@pytest.mark.parametrize("option", ["remove", "adjust"])
def test_a_primary_unit_with_a_single_second_stage_unit(option):
    expected = TWO_STAGE["clus2_lonely"][option]
    data = TWO_STAGE["clus2"]["data"]
    table = data | {"fpc2": [size + 1 for size in data["fpc2"]]}
    (mean,) = estimate(table, value="aw", lonely=option, **TWO_STAGE_DESIGNS["clus2"])
    (total,) = estimate(table, value="aw", lonely=option, statistic="total", **TWO_STAGE_DESIGNS["clus2"])
    assert (mean.estimate, mean.se) == pytest.approx((expected["mean"], expected["se"]), **CLOSE)
    assert total.se == pytest.approx(expected["total_se"], **CLOSE)


def test_an_infinite_population_of_one_stratum_is_like_none_for_it():
    random = np.random.default_rng(5)
    table = {
        "y": random.normal(3, 1, 20),
        "w": np.ones(20),
        "h": np.arange(20) // 10,
        "N": np.where(np.arange(20) < 10, np.inf, 15),
    }
    (both,) = estimate(table, value="y", weight="w", stratum="h", fpc="N")
    spread = [np.var(table["y"][:10], ddof=1), np.var(table["y"][10:], ddof=1) * (1 - 10 / 15)]
    assert both.se == pytest.approx(np.sqrt(sum(spread) * 10) / 20)


def test_a_single_unit_is_refused_by_name_unless_it_is_said_what_to_do():
    with pytest.raises(LonelyUnitError) as refusal:
        estimate(LONELY["data"], value="aw", **ALONE)
    assert (refusal.value.stratum, refusal.value.stage, refusal.value.row) == ("M", 1, 31)
    data = TWO_STAGE["clus2"]["data"]
    table = data | {"fpc2": [size + 1 for size in data["fpc2"]]}
    with pytest.raises(LonelyUnitError) as refusal:
        estimate(table, value="aw", lonely="average", **TWO_STAGE_DESIGNS["clus2"])
    assert (refusal.value.stratum, refusal.value.stage, refusal.value.column) == (15, 2, "snum")


def test_inverse_probabilities_give_horvitz_thompson_totals_and_hajek_means():
    expected = json.loads((GOLDEN / "sampling.json").read_text(encoding="utf-8"))
    table = {"y": [10, 20, 30], "w": [1 / 0.2, 1 / 0.5, 1 / 0.6]}
    (total,) = estimate(table, value="y", weight="w", statistic="total")
    (mean,) = estimate(table, value="y", weight="w")
    assert total.estimate == pytest.approx(np.ravel(expected["ht"])[0], rel=1e-9)
    assert mean.estimate == pytest.approx(np.ravel(expected["hajek"])[0], rel=1e-9)


def test_a_missing_answer_leaves_its_domain_and_its_school_stays_in_the_design():
    school = [number // 4 for number in range(40)]
    answer = [number % 3 != 0 for number in range(40)]
    gaps = [None if place >= 36 else value for place, value in enumerate(answer)]
    inside = [place < 36 for place in range(40)]
    (missing,) = estimate({"y": gaps, "s": school}, value="y", psu="s")
    domain = estimate({"y": answer, "s": school, "d": inside}, value="y", psu="s", by=["d"])[1]
    dropped = estimate({"y": answer[:36], "s": school[:36]}, value="y", psu="s")[0]
    assert missing.se == domain.se
    assert missing.estimate == dropped.estimate
    assert missing.se != dropped.se
    assert (missing.n, missing.psus, missing.df) == (36, 9, 8)


def test_a_domain_without_answers_is_reported_as_unknown():
    table = {"y": [1, 0, None, None], "g": ["a", "a", "b", "b"]}
    (_, unknown) = estimate(table, value="y", by=["g"])
    assert (unknown.n, unknown.psus, unknown.df) == (0, 0, 0)
    assert {unknown.estimate, unknown.se, unknown.lower, unknown.upper, unknown.deff} == {None}


def test_a_domain_in_a_single_unit_has_no_interval():
    table = {"y": [1, 0, 1, 1, 0, 1], "g": ["a", "a", "b", "b", "b", "b"], "s": [1, 1, 2, 2, 3, 3]}
    single, _ = estimate(table, value="y", by=["g"], psu="s")
    assert (single.estimate, single.df) == (0.5, 0)
    assert (single.lower, single.upper) == (None, None)


def test_values_domains_and_several_columns_are_answered_in_order():
    table = {"y": [1, 0, 1, 1], "z": [4.0, 5.0, 2.0, 1.0], "g": ["b", "b", "a", "a"], "h": [1, None, 1, 1]}
    found = estimate(table, value=["y", "z"], by=["g", "h"])
    assert [(one.value, one.by, one.n) for one in found] == [
        ("y", {"g": "a", "h": 1}, 2),
        ("y", {"g": "b", "h": 1}, 1),
        ("z", {"g": "a", "h": 1}, 2),
        ("z", {"g": "b", "h": 1}, 1),
    ]
    assert [one.method for one in found] == ["exact", "exact", "mean", "mean"]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(40)), st.floats(1e-3, 1e3))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(order, scale):
    random = np.random.default_rng(7)
    table = {
        "y": random.integers(0, 2, 40),
        "w": random.uniform(1, 9, 40),
        "h": np.arange(40) // 20,
        "s": np.arange(40) // 4,
        "g": random.integers(0, 3, 40),
    }
    design = {"weight": "w", "stratum": "h", "psu": "s", "by": ["g"]}
    shuffled = {name: column[list(order)] for name, column in table.items()}
    shuffled["w"] = shuffled["w"] * scale
    for one, other in zip(
        estimate(table, value="y", **design), estimate(shuffled, value="y", **design), strict=True
    ):
        assert (one.by, one.n, one.df) == (other.by, other.n, other.df)
        for field in ("estimate", "se", "lower", "upper", "deff"):
            assert getattr(one, field) == pytest.approx(getattr(other, field), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_totals_of_the_parts_add_up_to_the_whole(group):
    random = np.random.default_rng(3)
    table = {"y": random.normal(5, 2, 30), "w": random.uniform(1, 9, 30), "g": group}
    parts = estimate(table, value="y", weight="w", statistic="total", by=["g"])
    (whole,) = estimate(table, value="y", weight="w", statistic="total")
    assert sum(part.estimate for part in parts) == pytest.approx(whole.estimate)
    assert sum(part.n for part in parts) == whole.n


def test_large_numbers_keep_their_standard_error():
    values = np.array([1.0, 2.0, 3.0, 4.0, 7.0])
    (small,) = estimate({"y": values}, value="y")
    (large,) = estimate({"y": values + 1e9}, value="y")
    assert large.se == pytest.approx(small.se, rel=1e-6)
    assert large.estimate == pytest.approx(1e9 + 3.4, rel=1e-12)


TABLE = {
    "y": [1, 0, 1, 1],
    "w": [1.0, 2.0, 1.0, 1.0],
    "h": ["a", "a", "b", "b"],
    "s": [1, 2, 3, 4],
    "N": [5, 5, 9, 9],
    "M": [3, 3, 3, 3],
}


@pytest.mark.parametrize(
    ("change", "design", "column", "rule", "row"),
    [
        ({}, {"value": "satisfied"}, "satisfied", "unknown", None),
        ({}, {"weight": "weight"}, "weight", "unknown", None),
        ({"y": []}, {}, "y", "empty", None),
        ({"w": [1.0, 2.0]}, {"weight": "w"}, "w", "length", None),
        ({"y": [1, "gut", 0, 1]}, {}, "y", "not_a_number", 2),
        ({"y": [1, 0, float("inf"), 1]}, {}, "y", "infinite", 3),
        ({"w": [1.0, -2.0, 1.0, 1.0]}, {"weight": "w"}, "w", "negative", 2),
        ({"w": [1.0, 2.0, None, 1.0]}, {"weight": "w"}, "w", "missing", 3),
        ({"w": [0.0] * 4}, {"weight": "w"}, "w", "all_zero", None),
        ({"h": ["a", None, "b", "b"]}, {"stratum": "h"}, "h", "missing", 2),
        ({"s": [1, 2, float("nan"), 4]}, {"psu": "s"}, "s", "missing", 3),
        ({"N": [5, 6, 9, 9]}, {"stratum": "h", "fpc": "N"}, "N", "varies", 1),
        ({"N": [5, 5, 1, 1]}, {"stratum": "h", "fpc": "N"}, "N", "below_sample", 3),
        ({"M": [0, 3, 3, 3]}, {"psu": "s", "fpc": "N", "fpc2": "M", "stratum": "h"}, "M", "below_sample", 1),
        ({}, {"fpc2": "M"}, "M", "needed", None),
        ({}, {"psu": "h", "ssu": "s", "fpc": "M"}, "s", "needed", None),
        ({"y": [1, 0, 4, 1]}, {"method": "logit"}, "y", "not_binary", 3),
        ({"N": [float("inf")] * 4}, {"fpc": "N"}, "N", "needed", None),
        ({"w": [1.0, 2.0, 1.0, float("inf")]}, {"weight": "w"}, "w", "infinite", 4),
        ({}, {"by": ["group"]}, "group", "unknown", None),
    ],
)
def test_bad_input_is_refused_naming_column_rule_and_row(change, design, column, rule, row):
    with pytest.raises(ColumnError) as refusal:
        estimate(TABLE | change, **{"value": "y"} | design)
    assert (refusal.value.column, refusal.value.rule, refusal.value.row) == (column, rule, row)


@pytest.mark.parametrize(
    "option",
    [
        {"method": "wald"},
        {"lonely": "ignore"},
        {"level": 95},
        {"statistic": "median"},
        {"deff": "kish"},
        {"statistic": "total", "method": "logit"},
    ],
)
def test_an_unknown_option_is_refused_by_name(option):
    with pytest.raises(ArgumentError) as refusal:
        estimate(TABLE, value="y", **option)
    assert refusal.value.name in option
