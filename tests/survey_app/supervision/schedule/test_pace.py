"""The pace: due until the year is over, behind from then on, at risk for reasons that can be said."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.supervision.schedule.pace import (
    RECOGNISED,
    STATES,
    CountyFacts,
    Limits,
    OtherYear,
    RunFacts,
    at_risk,
    cumulative,
    limits,
    pace_of,
    tally,
)

TODAY = date(2026, 11, 23)
LIMITS = Limits(slow_step_days=92, years_ahead=1)
LINGCHUAN = OtherYear(year=2028, document="陵政办发〔2021〕62号")


def county(**given):
    return CountyFacts(**({"code": "140522", "name": "阳城县", "city": "晋城市", "due": 2029} | given))


def run(verdict="met", *, surveyed=True):
    return RunFacts(
        number=2, year=2025, scheme_id="shanxi-2022", level="review", verdict=verdict, surveyed=surveyed
    )


def stand(*, today=TODAY, **given):
    return pace_of(county(**given), today=today, limits=LIMITS)


@pytest.mark.parametrize(
    ("due", "recognised", "state"),
    [
        (2025, None, "behind"),
        (2026, None, "due"),
        (2027, None, "next"),
        (2028, None, "later"),
        (None, None, "unnamed"),
        (2025, date(2025, 12, 31), "in_time"),
        (2025, date(2026, 1, 1), "late"),
        (2030, date(2026, 1, 1), "in_time"),
        (None, date(2026, 1, 1), "recognised"),
    ],
)
def test_a_county_stands_by_its_year(due, recognised, state):
    assert stand(due=due, recognised_on=recognised).state == state


def test_a_year_is_over_on_its_last_day_and_not_before():
    assert stand(due=2026, today=date(2026, 12, 31)).state == "due"
    assert stand(due=2026, today=date(2027, 1, 1)).state == "behind"


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"due": 2027, "run": run()}, []),
        ({"due": 2027}, ["no_run"]),
        ({"due": 2027, "run": run("not_met")}, ["not_met"]),
        ({"due": 2027, "run": run("undetermined", surveyed=False)}, ["undetermined", "no_survey"]),
        ({"due": 2027, "run": run(surveyed=None)}, []),
        ({"due": 2026, "run": run()}, ["no_application"]),
        ({"due": 2026, "run": run(), "level": "review", "since": TODAY}, []),
        ({"due": 2024, "run": run()}, ["behind", "no_application"]),
        ({"due": 2024, "recognised_on": date(2026, 1, 1), "run": run("not_met")}, []),
        ({"due": 2030}, []),
        ({"due": 2030, "listed_since": TODAY}, ["listed"]),
        ({"due": None}, []),
    ],
)
def test_reasons_are_those_that_can_be_acted_on(facts, reasons):
    stands = stand(**facts)
    assert [each.key for each in stands.reasons] == reasons
    assert stands.at_risk == bool(reasons)


def test_a_step_is_slow_after_its_days_and_not_on_the_last_one():
    for days, slow in ((92, False), (93, True)):
        stands = stand(due=2030, level="review", since=TODAY - timedelta(days=days), run=run())
        assert [each.key for each in stands.reasons] == (["slow_step"] if slow else [])
    assert stands.reasons[0].facts == {"level": "review", "days": 93}


def test_the_county_own_earlier_year_counts_for_its_risk_and_not_for_its_state():
    """陵川县: 2029 in the schedule, 2028 by its own plan."""
    early = stand(due=2029, others=(LINGCHUAN,), today=date(2027, 3, 1))
    assert early.state == "later"
    assert [each.key for each in early.reasons] == ["other_year", "no_run"]
    assert stand(due=2029, others=(LINGCHUAN,)).reasons == ()
    assert stand(due=2029, others=(LINGCHUAN,), today=date(2027, 3, 1), run=run()).reasons == ()


def test_a_tally_counts_each_county_once():
    paces = [
        stand(due=2025, recognised_on=date(2025, 6, 1)),
        stand(due=2025, recognised_on=date(2026, 6, 1)),
        stand(due=2025, level="evaluation", since=TODAY),
        stand(due=2026, level="recognition", since=TODAY, run=run()),
        stand(due=2032),
    ]
    counted = tally("全省", paces, stated=6, today=TODAY)
    assert (counted.stated, counted.named, counted.due_by_now) == (6, 5, 4)
    assert (counted.recognised, counted.late, counted.behind, counted.at_risk) == (2, 1, 1, 1)
    assert counted.levels == {"evaluation": 1, "recognition": 1}


def test_what_adds_up_year_after_year():
    paces = [stand(due=2024), stand(due=2025, recognised_on=date(2026, 6, 1)), stand(due=2027)]
    found = cumulative(paces, [(2024, 1), (2025, 2), (2027, None)], today=TODAY)
    assert [(each.year, each.stated, each.scheduled, each.recognised) for each in found] == [
        (2024, 1, 1, 0),
        (2025, 3, 2, 0),
        (2026, 3, 2, 1),
        (2027, None, 3, None),
    ]


FACTS = st.builds(
    county,
    due=st.none() | st.integers(2023, 2032),
    recognised_on=st.none() | st.dates(date(2022, 1, 1), TODAY),
    level=st.sampled_from([None, "review", "recognition"]),
    since=st.dates(date(2025, 1, 1), TODAY),
    run=st.none() | st.builds(run, st.sampled_from(["met", "not_met", "undetermined"])),
    others=st.just(()) | st.just((LINGCHUAN,)),
)


@given(st.lists(FACTS, max_size=20), st.dates(date(2023, 1, 1), date(2033, 1, 1)))
def test_every_county_is_in_exactly_one_state_and_sums_agree(counties, today):
    paces = [pace_of(each, today=today, limits=LIMITS) for each in counties]
    assert {each.state for each in paces} <= set(STATES)
    whole = tally("", paces, stated=None, today=today)
    parts = [tally("", [each], stated=None, today=today) for each in paces]
    for key in ("named", "recognised", "late", "behind", "at_risk", "due_by_now"):
        assert getattr(whole, key) == sum(getattr(each, key) for each in parts)
    years = cumulative(paces, [], today=today)
    assert all(one.scheduled <= other.scheduled for one, other in pairwise(years))
    if years:
        assert years[-1].scheduled == whole.named
    assert not [each for each in at_risk(paces) if each.state in RECOGNISED]


def test_the_limits_are_those_of_the_file():
    assert limits() == LIMITS
