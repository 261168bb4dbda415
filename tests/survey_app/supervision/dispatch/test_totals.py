"""What counties add up to, also where no schedule says when they are due, and what is told by city."""

from survey_app.supervision.dispatch.totals import by_city, totals_of

QUIET = {
    "name": "甲县",
    "city": "东市",
    "pace": None,
    "run": None,
    "recognised_on": None,
    "listed": False,
    "tasks": {"open": 0, "overdue": 0},
    "work": {"made": 0, "accepted": 0},
    "doings": [],
    "next": [],
}
PACE = {"state": "behind", "reasons": [], "level": None}


def test_counties_without_a_schedule_are_counted_by_verdict_alone():
    run = {"run": {"verdict": "met"}, "tasks": {"open": 3, "overdue": 2}}
    found = totals_of([QUIET, QUIET | run, QUIET | {"pace": PACE | {"reasons": [{}], "level": "city"}}])
    assert (found["reported"], found["met"], found["none"]) == (3, 1, 2)
    assert (found["behind"], found["due"], found["at_risk"], found["applied"]) == (1, 0, 1, 1)
    assert (found["overdue"], found["overdue_in"]) == (2, 1)


def test_a_county_is_told_of_where_there_is_anything_to_tell():
    telling = (
        {"doings": [{}]},
        {"next": [{}]},
        {"work": {"made": 1, "accepted": 0}},
        {"pace": PACE | {"reasons": [{}]}},
    )
    told = [QUIET | each | {"name": f"县{number}"} for number, each in enumerate(telling)]
    told[2] |= {"city": "西市"}
    found = by_city([QUIET, QUIET | {"pace": PACE}, *told])
    assert {city: [each["name"] for each in members] for city, members in found.items()} == {
        "东市": ["县0", "县1", "县3"],
        "西市": ["县2"],
    }
