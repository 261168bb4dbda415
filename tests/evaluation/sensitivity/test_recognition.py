"""How many answers would flip a rate, and what other rules and keys would conclude."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import Outcome
from evaluation.sensitivity import AlternativeRate, Counts, flips, key_readings, rate_readings, sensitivity
from evaluation.terms import Bound, Text
from tests.evaluation.situations import changed, county, judged

BOUND = Bound(at_least=Fraction(17, 20))


def rate_of(id_, *counts, **options):
    return AlternativeRate(id=id_, label=Text(zh=id_, en=id_), counts=counts, **options)


@pytest.mark.parametrize(
    ("valid", "satisfied", "turned", "removed"),
    [
        # 459 of 540 are exactly 85 %: one answer less and it is missed.
        (540, 459, 1, 1),
        (540, 470, 12, 74),
        (540, 458, 1, 2),
        # 450 of 530 are 84.9 %, of 529 they are 85.07 %.
        (540, 450, 9, 11),
        (20, 17, 1, 1),
        # However many satisfied ones are taken out, nobody is left who is not satisfied.
        (20, 20, 4, None),
        (20, 0, 17, None),
    ],
)
def test_by_hand(valid, satisfied, turned, removed):
    found = flips([Counts(valid=valid, satisfied=satisfied)], BOUND)
    assert (found.turned, found.removed) == (turned, removed)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_fewest_answers_turn_a_rate_and_one_less_does_not(counts):
    valid, satisfied = counts
    met = BOUND.holds(Fraction(satisfied, valid))
    found = flips([Counts(valid=valid, satisfied=satisfied)], BOUND)

    def turned(t):
        return BOUND.holds(Fraction(satisfied + (-t if met else t), valid)) is not met

    def removed(t):
        return BOUND.holds(Fraction(satisfied - (t if met else 0), valid - t)) is not met

    assert turned(found.turned)
    assert found.turned == 1 or not turned(found.turned - 1)
    room = (satisfied if met else valid - satisfied) - (satisfied in (valid, 0))
    if found.removed is None:
        assert not any(removed(t) for t in range(1, room + 1) if t < valid)
    else:
        assert removed(found.removed)
        assert found.removed == 1 or not removed(found.removed - 1)


def test_where_groups_weigh_the_same_the_answers_of_the_smallest_weigh_most():
    # (9/10 + 85/100) / 2 = 87.5 %: one principal fewer leaves 82.5 %.
    assert flips([Counts(valid=100, satisfied=85), Counts(valid=10, satisfied=9)], BOUND).turned == 1
    # (0/1 + 100/100) / 2 = 50 %: the one principal gives all that is missing.
    assert flips([Counts(valid=100, satisfied=100), Counts(valid=1, satisfied=0)], BOUND).turned == 1
    # (2/10 + 50/100) / 2 = 35 %: all 8, to 75 %, then 20 of the others.
    assert flips([Counts(valid=100, satisfied=50), Counts(valid=10, satisfied=2)], BOUND).turned == 28


def test_other_readings_conclude_beside_the_verdict():
    verdict = judged(county())
    official, overall, index, weighted, silent = rate_readings(
        verdict,
        [
            rate_of("official", Counts(valid=200, satisfied=170), declared=True),
            rate_of("overall", Counts(valid=200, satisfied=169)),
            rate_of("index", value=Fraction(356, 5), proportion=False),
            rate_of("weighted", value=Fraction(9, 10)),
            rate_of("unflagged", Counts(valid=0, satisfied=0)),
        ],
    )
    assert (official.outcome, official.verdict, official.flips.turned) == ("met", "met", 1)
    assert (overall.outcome, overall.verdict, overall.flips.turned) == ("not_met", "not_met", 1)
    assert (index.outcome, index.verdict, index.flips) == (None, None, None)
    assert (weighted.outcome, weighted.flips) == ("met", None)
    assert (silent.outcome, silent.verdict) == ("undetermined", "undetermined")
    assert verdict.outcome is Outcome.MET


def test_a_missed_visit_still_decides_under_every_reading():
    verdict = judged(changed(county(), {"recognition.visits.satisfied": 16}))
    (reading,) = rate_readings(verdict, [rate_of("official", Counts(valid=200, satisfied=200))])
    assert (reading.outcome, reading.verdict) == ("met", "not_met")


def test_a_county_file_gives_the_official_rate_and_equal_groups_where_all_are_known():
    groups = {
        name: {"valid": 20, "satisfied": 20}
        for name in ("student", "teacher", "principal", "deputy", "cppcc_member")
    }
    document = changed(
        county(),
        {
            "recognition.questionnaires": {"valid": 206, "satisfied": 190},
            "recognition.groups": groups
            | {"parent": {"valid": 100, "satisfied": 90}, "public": {"valid": 6, "satisfied": 0}},
        },
    )
    official, equal = sensitivity(judged(document)).rates
    # 190 of 206 are 92.2 %; the mean of 90 %, 0 % and five times 100 % is 84.3 %: one of the 6 is missing.
    assert (official.outcome, official.flips.turned) == ("met", 15)
    assert (equal.rate, equal.outcome, equal.flips.turned) == (Fraction(59, 70), "not_met", 1)
    assert official.document("zh")["text"] == (
        "满意问卷数÷有效问卷数：92.23%，达标；15份满意的答卷改为不满意，或100份满意的答卷改判无效，即未达标。"
    )
    assert "1 answers satisfied instead: met." in equal.document("en")["text"]
    assert len(sensitivity(judged(county())).rates) == 1


def test_what_is_no_proportion_says_so():
    (index,) = rate_readings(judged(county()), [rate_of("index", value=Fraction(356, 5), proportion=False)])
    assert index.document("zh")["text"] == "index：71.2，不是比例，不能与标准比较。"


def readings(changes):
    found = key_readings(judged(changed(county(), changes)))
    return {(each.criterion, each.key, each.value): (each.declared, each.verdict.value) for each in found}


def test_whether_missing_visits_and_the_parents_own_rate_matter():
    found = readings({"recognition.visits": "absent", "recognition.groups.parent.satisfied": 84})
    assert found == {
        ("recognition.visits", "if_missing", "undetermined"): (False, "undetermined"),
        ("recognition.visits", "if_missing", "skip"): (True, "met"),
        ("recognition.parents", "judged", True): (False, "not_met"),
        ("recognition.parents", "judged", False): (True, "met"),
    }


def test_visits_that_are_there_may_be_judged_or_not():
    found = readings({"recognition.visits.satisfied": 16})
    assert found["recognition.visits", "judged", True] == (True, "not_met")
    assert found["recognition.visits", "judged", False] == (False, "met")


def test_keys_are_said_in_words():
    found = key_readings(judged(changed(county(), {"recognition.visits": "absent"})))
    assert [each.document("zh")["text"] for each in found[:2]] == [
        "实地走访满意度：没有数据时视为无法判定，则社会认可度无法判定，结论无法判定。",
        "实地走访满意度：没有数据时不影响结论（本细则），则社会认可度达标，结论达标。",
    ]
    assert "it must be met too" in found[2].document("en")["text"]
