"""Made-up schools are found, honest ones are left alone, whatever the order of the rows."""

import dataclasses

import numpy as np
import pytest

from sampling import ArgumentError, integrity
from sampling.integrity.simulated import KINDS, CountyModel, simulated_county
from sampling.integrity.wording import REASONS, TESTS
from tests.sampling.integrity.screening import evidence, read, screen

MADE_FOR = {
    "template": "near_duplicates",
    "duplicates": "copies_across",
    "ceiling": "ceiling",
    "straight": "straight_lining",
    "bursts": "bursts",
    "fast": "speed",
    "facts": "facts",
    "strangers": "verification",
}
MOODS = (0.5, 0.8, 1.1)


def flagged(screening, test=None):
    return {
        flag.evidence.place.school
        for flag in screening.flags
        if flag.evidence.place.school is not None and test in (None, flag.evidence.test)
    }


@pytest.mark.parametrize("kind", MADE_FOR)
def test_each_way_of_making_answers_up_is_found_by_the_test_made_for_it(kind):
    found = guilty = honest = wrong = 0
    for seed, mood in enumerate(MOODS):
        county = simulated_county(np.random.default_rng(seed), kind=kind, model=CountyModel(mood=mood))
        screening = screen(county)
        found += len(flagged(screening, MADE_FOR[kind]) & county.cheating)
        guilty += len(county.cheating)
        wrong += len(flagged(screening) - county.cheating)
        honest += len(county.registry) - len(county.cheating)
    assert guilty == 12
    assert found >= 11
    assert wrong <= 0.02 * honest


def test_schools_that_are_all_alike_are_found_together():
    for seed, mood in enumerate(MOODS):
        county = simulated_county(np.random.default_rng(seed), kind="uniform", model=CountyModel(mood=mood))
        flags = [flag.evidence.place for flag in screen(county).flags if flag.evidence.test == "uniformity"]
        assert integrity.Place() in flags


def test_honest_counties_are_left_alone():
    flags, schools = 0, 0
    for seed in range(8):
        model = CountyModel(mood=MOODS[seed % 3], schools=18 + 2 * seed)
        county = simulated_county(np.random.default_rng([seed, 7]), model=model)
        flags += len(screen(county).flags)
        schools += len(county.registry)
    assert flags <= 0.01 * schools


@pytest.mark.parametrize(
    ("kind", "test"),
    [("template", "near_duplicates"), ("duplicates", "copies_across"), ("strangers", "verification")],
)
def test_a_county_in_which_all_schools_cheat_does_not_hide_behind_itself(kind, test):
    county = simulated_county(np.random.default_rng(3), kind=kind, cheating=27)
    places = {flag.evidence.place for flag in screen(county).flags if flag.evidence.test == test}
    assert integrity.Place() in places


def test_the_popular_rule_would_flag_most_honest_answers():
    """Honest answers of a contented county agree on more than half of the items; most have a near match."""
    county = simulated_county(np.random.default_rng(1), model=CountyModel(mood=1.15))
    codes = read(county).ratings.codes
    rated = ~np.isnan(codes)
    alike = (codes[:, np.newaxis] == codes).sum(axis=2) / (rated[:, np.newaxis] & rated).sum(axis=2)
    np.fill_diagonal(alike, np.nan)
    assert 0.57 <= np.nanmean(alike) <= 0.88
    assert (np.nanmax(alike, axis=1) >= 0.85).mean() > 0.6
    assert not [each for each in screen(county).flags if each.evidence.test in list(TESTS)[:2]]


@pytest.mark.parametrize("kind", ["", "template", "duplicates", "uniform", "strangers"])
def test_the_order_of_rows_is_of_no_importance(kind):
    county = simulated_county(np.random.default_rng(5), kind=kind, model=CountyModel(schools=12))
    rng = np.random.default_rng(11)

    def shuffled(table):
        order = rng.permutation(len(next(iter(table.values()))))
        return {name: column[order] for name, column in table.items()}

    tables = ("answers", "verification", "arrivals")
    again = dataclasses.replace(county, **{name: shuffled(getattr(county, name)) for name in tables})
    assert evidence(county) == evidence(again)


def test_the_same_seed_gives_the_same_findings():
    county = simulated_county(np.random.default_rng(5), kind="template", model=CountyModel(schools=12))
    assert screen(county, seed=4) == screen(county, seed=4)
    assert [each.p for each in evidence(county, seed=4)] != [each.p for each in evidence(county, seed=5)]


def test_other_names_of_schools_in_the_same_order_change_nothing():
    county = simulated_county(np.random.default_rng(5), kind="template", model=CountyModel(schools=12))
    named = {**county.answers, "school": np.char.add("学校", county.answers["school"])}
    one, two = (
        integrity.likeness(read(county, answers), rng=np.random.default_rng(1))
        for answers in (county.answers, named)
    )
    assert [each.p for each in one] == [each.p for each in two]


def test_tiny_schools_are_not_tested_and_say_so():
    county = simulated_county(np.random.default_rng(2), model=CountyModel(answers=(1, 4), verified=2))
    found = [each for each in evidence(county) if each.place.school is not None]
    assert {each.p for each in found} == {None}
    assert {each.reason for each in found} <= {"few", "few_schools"}
    assert not integrity.control(found).flags


def test_schools_of_fewer_than_ten_are_tested_with_care():
    model = CountyModel(answers=(5, 9))
    honest = [screen(simulated_county(np.random.default_rng(seed), model=model)) for seed in range(3)]
    assert sum(len(flagged(each)) for each in honest) <= 1
    caught = simulated_county(np.random.default_rng(4), kind="straight", model=model)
    assert caught.cheating <= flagged(screen(caught))


def test_answers_that_are_all_the_same_break_nothing():
    county = simulated_county(np.random.default_rng(2), model=CountyModel(schools=8))
    same = {name: np.full_like(column, 5.0) for name, column in county.answers.items() if "item" in name}
    county = dataclasses.replace(county, answers={**county.answers, **same})
    found = screen(county)
    assert not [flag for flag in found.flags if flag.evidence.test != "verification"]
    assert {each.evidence.reason for each in found.of("uniformity")} <= {"no_spread", "few_schools"}


def test_missing_answers_break_nothing():
    county = simulated_county(np.random.default_rng(2), kind="template", model=CountyModel(schools=10))
    whole = screen(county)
    columns = {name: column.copy() for name, column in county.answers.items()}
    for name in county.items:
        columns[name][::17] = np.nan
    columns[county.items[3]][:] = np.nan
    gaps = screen(dataclasses.replace(county, answers=columns))
    assert flagged(gaps, "near_duplicates") == flagged(whole, "near_duplicates") == county.cheating
    for name in county.items:
        columns[name][:] = np.nan
    nothing = screen(dataclasses.replace(county, answers=columns))
    assert not [flag for flag in nothing.flags if flag.evidence.test in ("near_duplicates", "ceiling")]


def test_every_finding_speaks_both_languages():
    county = simulated_county(np.random.default_rng(2), kind="template")
    tiny = simulated_county(np.random.default_rng(2), model=CountyModel(answers=(1, 7), schools=9))
    seen = set()
    for finding in (*screen(county).findings, *screen(tiny).findings):
        zh, en = finding.sentence("zh"), finding.sentence("en")
        assert "{" not in zh + en
        assert "None" not in zh + en
        assert "nan" not in zh + en
        assert zh.endswith("。")
        assert en.endswith(".")
        document = finding.document("zh")
        assert document["text"] == zh
        assert document["null"] == TESTS[finding.evidence.test].null["zh"]
        seen.add(finding.evidence.test)
    assert seen == set(TESTS) == set(integrity.LEAST)
    assert all(set(words) == {"zh", "en"} for words in REASONS.values())


def test_the_honest_county_is_what_its_model_says():
    shares, between = [], []
    for seed in range(6):
        county = simulated_county(np.random.default_rng(seed))
        sheets = read(county)
        school, scores = sheets.schools.school, sheets.scores
        shares.append((scores >= 4).mean())
        size = np.bincount(school)
        means = np.bincount(school, weights=scores) / size
        over = (size * (means - scores.mean()) ** 2).sum() / (len(size) - 1)
        within = ((scores - means[school]) ** 2).sum() / (len(scores) - len(size))
        between.append((over - within) / (over + (size.mean() - 1) * within))
    assert 0.85 < np.mean(shares) < 0.97
    assert 0.05 < np.mean(between) < 0.15


@pytest.mark.parametrize("options", [{"kind": "bribes"}, {"kind": "template", "cheating": 28}])
def test_counties_that_cannot_be_made(options):
    with pytest.raises(ArgumentError) as refused:
        simulated_county(np.random.default_rng(1), **options)
    assert refused.value.name in options


def test_each_kind_names_the_schools_it_touches():
    for kind in KINDS:
        county = simulated_county(np.random.default_rng(1), kind=kind, cheating=3)
        assert len(county.cheating) == (27 if kind == "uniform" else 3)
        assert county.cheating <= set(county.registry)
