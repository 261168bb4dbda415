"""What is known of each county of a schedule, gathered in a fixed number of statements."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from evaluation import Schedule
from survey_app.assessments.applications.models import Application
from survey_app.assessments.applications.places import current_level, since
from survey_app.clock import day_of
from survey_app.supervision.listing.service import standing_since
from survey_app.supervision.moments import held
from survey_app.supervision.province.standings import Standing, standings
from survey_app.supervision.schedule.documents import codes_of
from survey_app.supervision.schedule.pace import CountyFacts, OtherYear, Pace, RunFacts
from survey_app.supervision.schedule.service import recognised


def facts_of(
    session: Session,
    schedule: Schedule,
    codes: Collection[str] | None = None,
    *,
    today: date,
    before: datetime | None = None,
) -> list[CountyFacts]:
    """Give the facts of the counties of *schedule*, in its divisions' order; those it invents come last.

    Args:
        session: where runs, applications, recognitions and listings are read.
        schedule: the one that holds.
        codes: only these counties; None for all of them, names without a code included.
        today: the present day.
        before: the instant just before which everything is looked at; None for now.
    """
    wanted = [each for each in schedule.divisions if codes is None or each.code in codes]
    asked = [each.code for each in wanted]
    days, listed = recognised(session, asked, before=before), standing_since(session, asked, before=before)
    stands = {each.code: each for each in standings(session, asked, today=today, before=before)}
    levels = _levels(session, asked, before=before)
    found = []
    for each in wanted:
        years = _years(schedule, each.city, each.county)
        level, moment = levels.get(each.code, (None, None))
        known = days.get(each.code)
        found.append(
            CountyFacts(
                code=each.code,
                name=each.county,
                city=each.city,
                due=min(years, default=None),
                others=_others(schedule, each.city, each.county, years),
                recognised_on=known.on if known else None,
                recognised_by=known.document if known else "",
                level=level,
                since=moment,
                run=_run(stands[each.code]),
                listed_since=day_of(listed[each.code]) if each.code in listed else None,
            )
        )
    if codes is None:
        places = set(codes_of(schedule))
        strange = {(each.city, each.county): None for each in schedule.counties}
        for city, county in (place for place in strange if place not in places):
            years = _years(schedule, city, county)
            others = _others(schedule, city, county, years)
            found.append(CountyFacts(code=None, name=county, city=city, due=min(years), others=others))
    return found


def county_facts(
    session: Session, code: str, name: str, schedule: Schedule | None, *, today: date
) -> CountyFacts:
    """Give the facts of one county, also of one that no schedule knows."""
    if schedule is not None:
        found = facts_of(session, schedule, {code}, today=today)
        if found:
            return found[0]
    (standing,) = standings(session, [code], today=today)
    known = recognised(session, [code]).get(code)
    level, moment = _levels(session, [code]).get(code, (None, None))
    listed = standing_since(session, [code]).get(code)
    return CountyFacts(
        code=code,
        name=name,
        city=standing.city,
        recognised_on=known.on if known else None,
        recognised_by=known.document if known else "",
        level=level,
        since=moment,
        run=_run(standing),
        listed_since=day_of(listed) if listed else None,
    )


def frozen(pace: Pace) -> dict[str, object]:
    """Give what is known of a county as values of JSON, to be kept with a decision about it."""
    county, run = pace.county, pace.county.run
    return {
        "due": county.due,
        "others": [{"year": each.year, "document": each.document} for each in county.others],
        "state": pace.state,
        "recognised_on": _day(county.recognised_on),
        "recognised_by": county.recognised_by,
        "level": county.level,
        "level_since": _day(county.since),
        "run": None
        if run is None
        else {
            "number": run.number,
            "year": run.year,
            "scheme": run.scheme_id,
            "level": run.level,
            "verdict": run.verdict,
            "surveyed": run.surveyed,
            "sections": dict(run.sections),
        },
        "reasons": [
            {"key": each.key, "facts": {key: _plain(fact) for key, fact in each.facts.items()}}
            for each in pace.reasons
        ],
    }


def _run(standing: Standing) -> RunFacts | None:
    """The county's newest evaluation; a survey whose rate may not be shown is one that is missing."""
    if standing.run_id is None:
        return None
    recognition = standing.recognition
    return RunFacts(
        number=standing.run_number or 0,
        year=standing.run_year or 0,
        scheme_id=standing.scheme_id or "",
        level=standing.level or "",
        verdict=standing.verdict or "undetermined",
        surveyed=None if recognition is None else recognition.rate is not None,
        sections=standing.sections,
    )


def _levels(
    session: Session, codes: Collection[str], *, before: datetime | None = None
) -> dict[str, tuple[str, date]]:
    """Where the newest application of each county lies that is under way, and since when."""
    found: dict[str, tuple[str, date]] = {}
    for application in session.scalars(
        sa.select(Application)
        .where(
            Application.county_code.in_(list(codes)),
            *held(Application.opened_at, Application.withdrawn_at, before=before),
        )
        .order_by(Application.year, Application.number)
        .options(selectinload(Application.steps))
    ):
        level = current_level(application, before=before)
        if level is not None:
            found[application.county_code] = (level, day_of(since(application, before=before)))
    return found


def _years(schedule: Schedule, city: str, county: str) -> list[int]:
    return sorted(each.year for each in schedule.counties if (each.city, each.county) == (city, county))


def _others(schedule: Schedule, city: str, county: str, years: list[int]) -> tuple[OtherYear, ...]:
    """Years that the schedule gives a second time, and those of other documents that differ."""
    again = [OtherYear(year=year, document=schedule.head.document) for year in years[1:]]
    plans = [
        OtherYear(year=plan.year, document=plan.document)
        for plan in schedule.head.plans
        if (plan.city, plan.county) == (city, county) and plan.year not in years[:1]
    ]
    return (*again, *plans)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(fact: object) -> object:
    return fact.isoformat() if isinstance(fact, date) else fact
