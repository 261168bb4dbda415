"""How far the judging of an application is: what the scheme asks, who judged it, what is still missing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.assessments.applications.models import LEVELS, Application
from survey_app.assessments.applications.places import current_level
from survey_app.assessments.judgement.asked import Asked, asked_by, visit_limit
from survey_app.assessments.judgement.corrections import runs_of, state_of
from survey_app.assessments.judgement.entering import usable_evidence
from survey_app.assessments.judgement.models import Judgement
from survey_app.assessments.judgement.service import (
    holding,
    holding_visits,
    judgements_of,
    open_corrections,
    value_of,
    visits_of,
)
from survey_app.assessments.judgement.visiting import Rate, rate_of
from survey_app.assessments.models import EvaluationRun
from survey_app.counties import service as counties
from survey_app.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing the scheme asks of people, with what each level said of it."""

    asked: Asked
    #: What the county's newest file says itself; None where it says nothing.
    own: Any
    #: Level -> its last judgement.
    said: dict[str, Judgement]
    #: The judgement that a run made now takes; None where it takes the file's own word.
    holds: Judgement | None
    #: Evidence in use, of all judgements that are a level's last one.
    evidence: list[Evidence]
    #: ``missing``: nobody says anything; ``waiting``: the level at which the application lies has not
    #: judged it; ``entered``: it has.
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The judging of an application in figures, as seen from the level where it lies (or ended)."""

    level: str
    asked: int
    #: Judged at that level; judged nowhere, and the county's file says nothing either.
    entered: int
    missing: int
    #: Things judged at any level for which evidence is in use.
    with_evidence: int
    #: Requests for correction that are not decided, and those of them whose day is over unanswered.
    open_corrections: int
    overdue: int
    #: The visits that a run made now takes.
    visits: Rate
    #: The application's newest run, and how many judgements and visits were entered since.
    run: EvaluationRun | None
    since: int


def summary_of(session: Session, application: Application, *, on: date) -> Summary:
    """Count an application's judgements, visits and requests for correction.

    Args:
        session: where to read.
        application: what is judged.
        on: the day it is in Beijing.
    """
    level = level_looked_from(application)
    lines = lines_of(session, application)
    asked_back = open_corrections(session, application)
    runs = runs_of(session, application)
    limit = visit_limit(application.scheme_id)
    return Summary(
        level=level,
        asked=len(lines),
        entered=sum(line.state == "entered" for line in lines),
        missing=sum(line.state == "missing" for line in lines),
        with_evidence=sum(bool(line.evidence) for line in lines),
        open_corrections=len(asked_back),
        overdue=sum(state_of(each, on=on) == "overdue" for each in asked_back),
        visits=rate_of(holding_visits(visits_of(session, application), level=level), limit),
        run=runs[0] if runs else None,
        since=entered_since(session, application, runs[0].made_at) if runs else 0,
    )


def lines_of(session: Session, application: Application, lang: str = "zh") -> list[Line]:
    """Everything the scheme asks of people, in the order of the document, with what was said of it."""
    level = level_looked_from(application)
    judgements = judgements_of(session, application)
    held = holding(judgements, level=level)
    last = {(judged.kind, judged.key, judged.level): judged for judged in judgements}
    file = counties.latest_county_file(session, application.county_code)
    document = counties.document_of(file) if file else {}
    return [
        _line(asked, document, last, held.get(place), level)
        for place, asked in asked_by(application.scheme_id, lang).items()
    ]


def level_looked_from(application: Application) -> str:
    """The level where an application lies; that of its last step once it is over."""
    there = current_level(application)
    if there is not None:
        return there
    return application.steps[-1].level if application.steps else LEVELS[0]


def entered_since(session: Session, application: Application, then: datetime) -> int:
    """How many judgements and visits were entered, or withdrawn, after *then*."""
    judged = [judged.made_at for judged in judgements_of(session, application)]
    visited = [visit.withdrawn_at or visit.made_at for visit in visits_of(session, application)]
    return sum(at > then for at in (*judged, *visited))


def _line(
    asked: Asked,
    document: dict[str, Any],
    last: dict[tuple[str, str, str], Judgement],
    held: Judgement | None,
    level: str,
) -> Line:
    said = {own: last[asked.kind, asked.key, own] for own in LEVELS if (asked.kind, asked.key, own) in last}
    own = _own_word(asked, document)
    holds = held if held is not None and value_of(held) is not None else None
    if level in said and value_of(said[level]) is not None:
        state = "entered"
    else:
        state = "missing" if holds is None and own is None else "waiting"
    return Line(
        asked=asked,
        own=own,
        said=said,
        holds=holds,
        evidence=usable_evidence(list(said.values())),
        state=state,
    )


def _own_word(asked: Asked, document: dict[str, Any]) -> Any:
    """What the county file says itself; an attestation may go by its key or by the criterion's id."""
    if asked.kind == "attestation":
        given = document.get("attestations") or {}
        return next((given[key]["met"] for key in (asked.key, *asked.ids) if key in given), None)
    place = {"veto": "vetoes", "points": "scores"}[asked.kind]
    return (document.get(place) or {}).get(asked.key)
