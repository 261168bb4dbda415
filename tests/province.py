"""A simulated province: the 117 counties of Shanxi by their real names and codes, every figure invented.

Small by default, for tests: counties of six schools that share eight judged documents. ``full=True`` gives
each county a hundred schools of its own and judges each, which takes minutes: for benchmarks.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any

from benchmarks.synthetic import county as synthetic_county
from evaluation import load_schedule, load_scheme
from evaluation.loader import program_digest
from evaluation.schedule import Division
from survey_app.assessments.applications import sealing
from survey_app.assessments.applications.models import LEVELS, Application, ApplicationStep
from survey_app.assessments.judging import judge_text
from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.assessments.run_summary import summary_of
from survey_app.canonical import canonical, digest
from survey_app.counties.models import CountyFile
from survey_app.counties.service import ensure_region
from survey_app.db import db
from survey_app.supervision.ledger.models import Task, TaskBudget, TaskEvent
from survey_app.supervision.listing.models import Listing
from survey_app.supervision.schedule import service as schedule
from tests.conftest import NOW
from tests.factories import make_county_file

PROVINCE = "140000"
SCHEME = "shanxi-2022"

#: Its newest year, and the one before.
YEAR, BEFORE = 2026, 2025

#: Judged documents that small counties share; schools relative to the usual number, small and full.
VARIANTS = 8
SMALL, FULL = 0.09, 1.5

_SCHEDULE = load_schedule(SCHEME)

#: Its counties in the order of the document, with their cities.
DIVISIONS: tuple[Division, ...] = tuple(_SCHEDULE.divisions)

#: County code → the year the document names it for.
DUE = {
    each.code: year for each in DIVISIONS if (year := _SCHEDULE.year_of(each.city, each.county)) is not None
}

#: What schools have, by which counties are made uneven.
_AMOUNTS = ("teaching_area", "sports_ground_area", "equipment_value", "multimedia_rooms")

_DEPARTMENTS = ("教育局", "财政局", "住房和城乡建设局", "人力资源和社会保障局")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A county file that was judged once, for one county or several."""

    document: dict[str, Any]
    #: The result in canonical form.
    result: str
    verdict: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A county of the simulated province: how far it has come."""

    code: str
    name: str
    city: str
    due: int | None
    #: nothing, file, run or an application at a level it has signed last.
    state: str


def places() -> tuple[Place, ...]:
    """The counties with how far each has come: always the same ones."""
    return tuple(_place(position, each) for position, each in enumerate(DIVISIONS))


def make_province(
    *,
    full: bool = False,
    only: Sequence[str] | None = None,
    now: datetime = NOW,
    by: str = "test",
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Place, ...]:
    """Fill the database with the province and its schedule, or those counties that *only* names by code.

    Args:
        full: a hundred schools for each county, each judged by itself.
        only: codes; all by default.
        now: the present instant; runs were made, and tasks are due, around it.
        by: who did it all.
        say: told how far it is.

    The caller commits.
    """
    chosen = [each for each in places() if only is None or each.code in only]
    schedule.keep(db.session, PROVINCE, _SCHEDULE, by=by, now=now)
    judged = _all_judged([each.code for each in chosen], full=full)
    for number, place in enumerate(chosen, start=1):
        rng = Random(f"province/{place.code}")
        ensure_region(db.session, place.code)
        if place.state != "nothing":
            _add_county(place, judged, rng=rng, now=now, by=by)
        if number % 20 == 0:
            say(f"{number} of {len(chosen)} counties")
    db.session.flush()
    return tuple(chosen)


def _place(position: int, division: Division) -> Place:
    due = DUE.get(division.code)
    state = {0: "nothing", 1: "file"}.get(position % 29, "run")
    if state == "run" and due is not None:
        if due <= BEFORE:
            state = "recognition" if position % 2 else "evaluation"
        elif due <= YEAR + 1:
            state = ("review", "self_evaluation", "run")[position % 3]
    return Place(code=division.code, name=division.county, city=division.city, due=due, state=state)


def _all_judged(codes: Sequence[str], *, full: bool) -> Callable[[str, int], Judged]:
    """What gives a county's judged document by its code and year."""
    if not full:
        order = {each.code: position for position, each in enumerate(DIVISIONS)}
        return lambda code, year: judged_variant((order[code] + (year == BEFORE)) % VARIANTS, size=SMALL)
    with ProcessPoolExecutor() as pool:
        places_of = [position for position, each in enumerate(DIVISIONS) if each.code in codes]
        made = list(pool.map(partial(judged_variant, size=FULL), places_of, chunksize=4))
    own = {DIVISIONS[position].code: place for place, position in enumerate(places_of)}
    return lambda code, year: made[(own[code] + (year == BEFORE)) % len(made)]


@cache
def judged_variant(number: int, *, size: float) -> Judged:
    """Judge a synthetic county: one in three is uneven, one in eight lacks a figure, one displeases."""
    document = synthetic_county(number, size=size, gaps=0.0)
    rng = Random(f"uneven/{number}")
    spread = (0.0, 0.12, 0.45)[number % 3] * rng.uniform(0.6, 1.4)
    for school in document["schools"]:
        for key in _AMOUNTS:
            if school.get(key) is not None:
                wider = school[key] * max(1 + spread * rng.gauss(0.3, 1), 0.7)
                school[key] = round(wider) if isinstance(school[key], int) else round(wider, 2)
    if number % 8 == 4:
        del document["figures"]["pay"]["civil_servant_mean"]
    if number % 8 == 6:
        document["recognition"]["questionnaires"]["satisfied"] = 371
    document = {**document, "year": YEAR}
    judged = judge_text(canonical(document), SCHEME)
    result = canonical(judged.document("zh"))
    return Judged(
        document=document,
        result=result,
        verdict=judged.outcome,
        summary=summary_of(json.loads(result)),
    )


def _add_county(
    place: Place, judged: Callable[[str, int], Judged], *, rng: Random, now: datetime, by: str
) -> None:
    runs: list[EvaluationRun] = []
    made_at = now - timedelta(days=rng.randint(330, 400))
    for year in (BEFORE, YEAR):
        file = _file(place, judged(place.code, year), year, now=made_at)
        levels = _levels(place, year)
        for level in levels:
            run = _run(place, judged(place.code, year), file, level=level, number=len(runs) + 1)
            run.made_at, run.made_by = made_at, by
            runs.append(run)
            db.session.add(run)
            db.session.flush()
            summary = _summary(judged(place.code, year), rng)
            db.session.add(RunSummary(run_id=run.id, made_at=made_at, content=canonical(summary)))
            made_at += timedelta(days=rng.randint(10, 30))
        made_at = now - timedelta(days=rng.randint(150, 170))
    if place.state in LEVELS:
        _apply(place, [each for each in runs if each.county_file.year == YEAR], by=by)
    if runs:
        _add_tasks(place, runs[-1], rng=rng, now=now, by=by)
        _add_listing(place, rng=rng, now=now, by=by)


def _levels(place: Place, year: int) -> tuple[str, ...]:
    """The levels at which a county was judged in a year."""
    if place.state == "file":
        return ()
    if place.state == "run" or year == BEFORE:
        return LEVELS[:1]
    return LEVELS[: LEVELS.index(place.state) + 1]


def _file(place: Place, judged: Judged, year: int, *, now: datetime) -> CountyFile:
    county = {**judged.document["county"], "code": place.code, "name": place.name}
    return make_county_file({**judged.document, "county": county, "year": year}, code=place.code, now=now)


def _run(place: Place, judged: Judged, file: CountyFile, *, level: str, number: int) -> EvaluationRun:
    then = judged.document["county"]
    was = canonical({"code": then["code"], "name": then["name"], "year": YEAR})
    now = canonical({"code": place.code, "name": place.name, "year": file.year})
    result = judged.result.replace(f'"county":{was}', f'"county":{now}')
    return EvaluationRun(
        county_code=place.code,
        number=number,
        level=level,
        county_file=file,
        scheme_id=SCHEME,
        scheme_digest=load_scheme(SCHEME).digest,
        program_digest=program_digest(),
        input=file.content,
        input_digest=file.digest,
        result=result,
        result_digest=digest(result),
        computed_verdict=judged.verdict,
        verdict=judged.verdict,
    )


def _summary(judged: Judged, rng: Random) -> dict[str, Any]:
    """The summary with the interval that a survey would have given; one county in five had none."""
    said = judged.summary["recognition"]
    if rng.random() < 0.2 or not said or said["value"] is None:
        return judged.summary
    rate, half = float(said["value"]), rng.uniform(0.02, 0.045)
    around = {"low": round(rate - half, 4), "high": round(min(rate + half, 0.999), 4)}
    return {**judged.summary, "recognition": {**said, **around}}


def _apply(place: Place, runs: Sequence[EvaluationRun], *, by: str) -> None:
    """Let the county apply, and each of its levels sign; what is not met is not signed by the last."""
    application = Application(
        county_code=place.code,
        year=YEAR,
        number=1,
        scheme_id=SCHEME,
        opened_at=runs[0].made_at,
        opened_by=by,
    )
    db.session.add(application)
    db.session.flush()
    before = sealing.ORIGIN
    for number, run in enumerate(runs, start=1):
        run.application_id = application.id
        if run.level == LEVELS[-1] and run.verdict != "met":
            break
        step = ApplicationStep(
            application_id=application.id,
            number=number,
            level=run.level,
            action="signed",
            run_id=run.id,
            reason="",
            made_at=run.made_at + timedelta(days=3),
            made_by=by,
            made_by_name=by,
        )
        before = step.seal = sealing.seal_of(sealing.step_facts(step, run), before)
        db.session.flush()
        db.session.add(step)
    db.session.flush()


def _add_tasks(place: Place, run: EvaluationRun, *, rng: Random, now: datetime, by: str) -> None:
    for number in range(1, rng.randint(1, 9)):
        made_at = now - timedelta(days=rng.randint(60, 140))
        deadline: date = now.date() + timedelta(days=rng.randint(-40, 300))
        task = Task(
            county_code=place.code,
            number=number,
            origin="manual",
            run_id=run.id,
            scheme_id=SCHEME,
            finding="",
            title=f"模拟任务{number}",
            measure="",
            department=rng.choice(_DEPARTMENTS),
            deadline=deadline,
            made_at=made_at,
            made_by=by,
            budgets=[
                TaskBudget(year=year, yuan=rng.randint(5, 400) * 10_000)
                for year in (YEAR, YEAR + 1)
                if rng.random() < 0.6
            ],
        )
        kinds = ("begun", "progress", "handed_in", "accepted")[: rng.randint(0, 4)]
        task.events = [
            TaskEvent(
                kind=kind,
                percent=40 if kind == "progress" else None,
                text="",
                made_at=made_at + timedelta(days=10 * place),
                made_by=by,
            )
            for place, kind in enumerate(kinds, start=1)
        ]
        db.session.add(task)


def _add_listing(place: Place, *, rng: Random, now: datetime, by: str) -> None:
    if rng.random() < 0.06:
        listed_at = now - timedelta(days=rng.randint(20, 200))
        reason = "连续两个季度没有进展"
        db.session.add(
            Listing(county_code=place.code, reason=reason, listed_at=listed_at, listed_by=by, lift_reason="")
        )
