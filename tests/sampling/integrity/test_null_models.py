"""Probabilities are what the null models say: exact where they can be, near enough where they are fitted."""

import itertools

import numpy as np
import pytest
from scipy import stats

from sampling import ArgumentError, ColumnError, integrity
from sampling.integrity import Evidence, Place, control
from sampling.integrity.excess import _masses, excess
from sampling.integrity.permutation import lower_tail, permutations, upper_tail

SCHOOL = Place(stratum="h", school="s")


def answers(schools, **columns):
    return {"school": list(schools), **{name: list(values) for name, values in columns.items()}}


def test_permutations_stay_in_their_group():
    groups = [np.array([0, 1, 2]), np.array([3, 4])]
    dealt = permutations(groups, 50, np.random.default_rng(1), size=6)
    assert all(
        set(row[:3]) == {0, 1, 2} and set(row[3:5]) == {3, 4} and row[5] == 5 for row in dealt.tolist()
    )
    assert len({tuple(row) for row in dealt.tolist()}) > 5


def test_the_upper_tail_is_uniform_under_its_null_model_and_fits_far_out():
    rng = np.random.default_rng(1)
    null = rng.gamma(3, size=(499, 2000))
    p = upper_tail(rng.gamma(3, size=2000), null)
    assert abs((p <= 0.05).mean() - 0.05) < 0.015
    assert abs((p <= 0.5).mean() - 0.5) < 0.035
    far = upper_tail(np.full(2000, 15.0), null)
    assert np.median(far) == pytest.approx(stats.gamma.sf(15, 3), rel=1)
    assert (upper_tail(np.array([2.0, 5.0]), np.full((99, 2), 2.0)) == 1).all()


def test_the_lower_tail_is_that_of_a_sum_of_squares():
    rng = np.random.default_rng(1)
    dealt = rng.chisquare(8, 4999)
    assert lower_tail(0.3, dealt) == pytest.approx(stats.chi2.cdf(0.3, 8), rel=0.3)
    assert lower_tail(6.0, dealt) == pytest.approx(stats.chi2.cdf(6.0, 8), abs=0.02)
    assert lower_tail(0.0, np.zeros(99)) == 1.0


def test_counts_are_beta_binomial():
    alpha, beta = np.array([0.4, 3.0, 60.0]), np.array([2.0, 3.0, 500.0])
    for size in (0, 1, 12, 200):
        expected = [
            stats.betabinom.pmf(np.arange(size + 1), size, a, b) for a, b in zip(alpha, beta, strict=True)
        ]
        assert _masses(size, alpha, beta) == pytest.approx(np.array(expected), rel=1e-8, abs=1e-14)


def test_with_many_schools_the_prediction_is_that_of_the_true_parameters():
    rng = np.random.default_rng(1)
    alpha, beta, size = 1.8, 7.2, 12
    hits = rng.binomial(size, rng.beta(alpha, beta, 3000))
    p, expected = excess(hits, np.full(3000, size))
    true = stats.betabinom.sf(np.arange(size + 1) - 1, size, alpha, beta)
    for count in range(9):
        if (hits == count).any():
            assert p[hits == count][0] == pytest.approx(true[count], rel=0.35)
    assert expected == pytest.approx(np.full(3000, 0.2), abs=0.03)


@pytest.mark.parametrize(("rate", "rho"), [(0.05, 0.0), (0.15, 0.05), (0.3, 0.1)])
def test_honest_counts_are_seldom_excessive(rate, rho):
    rng = np.random.default_rng(3)
    found = []
    for _ in range(40):
        own = np.full(27, rate) if not rho else rng.beta(rate * (1 / rho - 1), (1 - rate) * (1 / rho - 1), 27)
        sizes = rng.integers(8, 16, 27)
        found.append(excess(rng.binomial(sizes, own), sizes)[0])
    p = np.concatenate(found)
    assert (p <= 0.05).mean() < 0.075
    assert (p <= 0.001).mean() < 0.005


def test_cheats_do_not_set_the_standard_they_are_measured_by():
    honest = np.array([0, 1, 2, 1, 0, 1, 2, 0, 1, 1])
    alone = excess(np.append(honest, 12), np.full(11, 12))[0][-1]
    among = excess(np.concatenate([honest, [12, 12, 12, 12]]), np.full(14, 12))[0][-1]
    assert alone < 0.0005
    assert among < 0.005


def test_facts_have_the_probability_of_all_saying_the_same():
    columns = answers(
        "a" * 12 + "b" * 12 + "c" * 12 + "d" * 4 + "e" * 6,
        item=[5] * 46,
        fact=["yes"] * 12 + ["yes"] * 12 + ["yes"] * 11 + ["no"] + ["yes"] * 4 + ["yes"] * 5 + [None],
    )
    sheets = integrity.read_sheets(columns, items=["item"], school="school", beside=["fact"])
    half, none = {"yes": 0.5, "no": 0.5}, {"no": 1.0}
    registry = {"a": half, "b": none, "c": half, "d": half}
    found = integrity.contradicted_facts(sheets, item="fact", registry=registry)
    assert found[0].p == pytest.approx(2 * 0.5**12)
    assert found[1].p == pytest.approx(0.05**12)
    assert (found[1].statistic, found[1].expected, found[1].effect) == (1.0, 0.0, 1.0)
    assert (found[2].p, found[2].effect) == (1.0, 0.0)
    assert [each.reason for each in found] == ["", "", "", "few", "unregistered"]


@pytest.mark.parametrize("shares", [{"yes": 0.4}, {"yes": 1.2, "no": -0.2}, {}])
def test_registered_shares_must_be_shares(shares):
    columns = answers("a" * 6, item=[5] * 6, fact=["yes"] * 6)
    sheets = integrity.read_sheets(columns, items=["item"], school="school", beside=["fact"])
    with pytest.raises(ArgumentError) as refused:
        integrity.contradicted_facts(sheets, item="fact", registry={"a": shares})
    assert refused.value.name == "registry['a']"


def test_a_school_is_compared_with_its_verification_by_exchanging_answers():
    first, again = [5, 5, 4, 5, 5], [3, 4, 2, 3]
    sheets = integrity.read_sheets(answers("a" * 5, item=first), items=["item"], school="school")
    fresh = integrity.read_sheets(answers("a" * 4, item=again), items=["item"], school="school")
    gap = np.mean(first) - np.mean(again)
    both = first + again
    gaps = [
        np.mean([both[i] for i in chosen]) - np.mean([both[i] for i in set(range(9)) - set(chosen)])
        for chosen in itertools.combinations(range(9), 5)
    ]
    exact = np.mean(np.array(gaps) >= gap - 1e-12)
    (found,) = integrity.verification(sheets, fresh, rng=np.random.default_rng(1), number=4999)
    assert found.p == pytest.approx(exact, rel=0.5)
    assert found.effect == pytest.approx(gap)
    assert (found.n, found.facts["again"]) == (5, 4)


def test_a_verification_must_ask_the_same():
    sheets = integrity.read_sheets(answers("aa", one=[5, 4]), items=["one"], school="school")
    other = integrity.read_sheets(
        answers("aa", one=[5, 4], two=[1, 2]), items=["one", "two"], school="school"
    )
    with pytest.raises(ArgumentError):
        integrity.verification(sheets, other, rng=np.random.default_rng(1))


def test_uniformity_is_a_ratio_of_variances():
    rng = np.random.default_rng(1)
    ratings = rng.integers(1, 6, 60)
    schools = np.repeat(list("abcdef"), 10)
    sheets = integrity.read_sheets(answers(schools, item=ratings), items=["item"], school="school")
    (found,) = integrity.uniformity(sheets, rng=rng, number=1999)
    groups = [ratings[schools == school] for school in "abcdef"]
    ratio = stats.f_oneway(*groups).statistic
    assert found.statistic == pytest.approx(ratio)
    assert found.p == pytest.approx(stats.f.cdf(ratio, 5, 54), abs=0.05)


def test_straight_lines_contradict_themselves_only_off_the_middle():
    columns = answers(
        np.repeat(list("abcde"), 5),
        good=[5] * 5 + [3] * 5 + [5] * 5 + [4] * 5 + [None] * 5,
        bad=[5] * 5 + [3] * 5 + [1] * 5 + [None] * 5 + [5] * 5,
    )
    sheets = integrity.read_sheets(columns, items=["good", "bad"], reversed_items=["bad"], school="school")
    found = {each.place.school: each for each in integrity.straight_lining(sheets)}
    assert {school: each.n for school, each in found.items()} == {"a": 5, "b": 5, "c": 5, "d": 0, "e": 0}
    assert [found[school].reason for school in "ad"] == ["few_schools", "few"]


def test_the_ceiling_is_about_items_that_praise():
    columns = answers(
        np.repeat(list("abcd"), 5),
        good=[5] * 20,
        other=[5, 5, None, 4, 5] * 4,
        bad=[1, 5, 3, 1, 1] * 4,
    )
    names = {"items": ["good", "other", "bad"], "reversed_items": ["bad"]}
    found = integrity.ceiling(integrity.read_sheets(columns, **names, school="school"))
    assert [each.facts["hits"] for each in found] == [4, 4, 4, 4]


def test_a_burst_is_the_fullest_bucket():
    arrivals = {
        "batch": ["a", "a", "b", "b", "b", "c", "d", "e"],
        "bucket": [1, 2, 1, 5, 9, 3, 3, 4],
        "n": [4, 2, 2, 2, 2, 6, 6, 1],
    }
    found = {
        each.place.school: each for each in integrity.bursts(arrivals, batch="batch", bucket="bucket", n="n")
    }
    assert [found[batch].facts.get("hits") for batch in "abcd"] == [4, 2, 6, 6]
    assert found["a"].statistic == pytest.approx(3 / 5)
    assert (found["e"].n, found["e"].reason) == (1, "few")


def test_each_test_has_false_flags_of_its_own_under_control():
    evidence = [
        Evidence(test="ceiling", place=Place(school=str(n)), n=12, p=p, effect=0.5)
        for n, p in enumerate([0.001, 0.012, 0.014, 0.2])
    ] + [Evidence(test="speed", place=SCHOOL, n=12, p=0.02, effect=0.9)]
    found = control(evidence, fdr=0.02)
    assert [each.q for each in found.of("ceiling")] == pytest.approx([0.004, 0.056 / 3, 0.056 / 3, 0.2])
    assert [each.flagged for each in found.of("ceiling")] == [True, True, True, False]
    assert [each.flagged for each in found.of("speed")] == [True]
    assert len(found.flagged_schools) == 4


def test_an_effect_that_does_not_matter_is_no_flag():
    small = Evidence(test="ceiling", place=SCHOOL, n=900, p=1e-9, effect=0.1)
    assert not control([small]).flags
    assert control([small], least={"ceiling": 0.05}).flags


def test_what_was_not_tested_comes_last_and_is_no_flag():
    none = Evidence(test="ceiling", place=SCHOOL, n=2, reason="few")
    tested = Evidence(test="verification", place=SCHOOL, n=12, p=0.9, effect=0.0)
    found = control([none, tested])
    assert [each.q for each in found.findings] == [0.9, None]
    assert not found.flags
    assert control([]).findings == ()


@pytest.mark.parametrize(
    ("options", "name"), [({"fdr": 0}, "fdr"), ({"fdr": 1.5}, "fdr"), ({"least": {"x": 1}}, "least")]
)
def test_control_wants_a_share(options, name):
    with pytest.raises(ArgumentError) as refused:
        control([], **options)
    assert refused.value.name == name


@pytest.mark.parametrize(
    ("change", "column", "rule", "row"),
    [
        ({"item": [5, 4, 6, 1]}, "item", "off_scale", 3),
        ({"item": [5, 4.5, 3, 1]}, "item", "not_whole", 2),
        ({"item": [5, 4, "x", 1]}, "item", "not_a_number", 3),
        ({"school": ["a", None, "b", "b"]}, "school", "missing", 2),
        ({"item": [5, 4, 3]}, "school", "length", None),
        ({"other": [5, 4, 3, 2], "items": ["gone"]}, "gone", "unknown", None),
        ({"item": [], "school": []}, "item", "empty", None),
    ],
)
def test_bad_columns_are_named(change, column, rule, row):
    table = {"item": [5, 4, 3, 1], "school": ["a", "a", "b", "b"], **change}
    items = table.pop("items", ["item"])
    with pytest.raises(ColumnError) as refused:
        integrity.read_sheets(table, items=items, school="school")
    assert (refused.value.column, refused.value.rule, refused.value.row) == (column, rule, row)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"items": []}, "items"),
        ({"items": ["item", "item"]}, "items"),
        ({"items": ["item"], "reversed_items": ["other"]}, "reversed_items"),
        ({"items": ["item"], "scale": (5, 1)}, "scale"),
    ],
)
def test_bad_options_are_named(options, name):
    with pytest.raises(ArgumentError) as refused:
        integrity.read_sheets({"item": [5, 4], "school": ["a", "b"]}, school="school", **options)
    assert refused.value.name == name


def test_columns_that_were_not_read_cannot_be_looked_at():
    sheets = integrity.read_sheets({"item": [5], "school": ["a"]}, items=["item"], school="school")
    with pytest.raises(ArgumentError):
        integrity.speed(sheets, duration="duration", fast={"under_2"})


@pytest.mark.parametrize(
    ("change", "column", "rule", "row"),
    [
        ({"n": [3, -1, 2]}, "n", "negative", 2),
        ({"n": [3, 1.5, 2]}, "n", "not_whole", 2),
        ({"n": [3, None, 2]}, "n", "missing", 2),
        ({"bucket": [1, 1, 1]}, "bucket", "repeated", 2),
        ({"batch": ["a", "a", None]}, "batch", "missing", 3),
    ],
)
def test_bad_arrivals_are_named(change, column, rule, row):
    table = {"batch": ["a", "a", "b"], "bucket": [1, 2, 1], "n": [3, 1, 2], **change}
    with pytest.raises(ColumnError) as refused:
        integrity.bursts(table, batch="batch", bucket="bucket", n="n")
    assert (refused.value.column, refused.value.rule, refused.value.row) == (column, rule, row)
