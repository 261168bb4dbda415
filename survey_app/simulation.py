"""Simulated respondents for the demo: they answer through the same services as real ones.

Nothing about real people is known or claimed. Every school has a climate of its own, every group
its mood, every person a leaning; some do not know. All of it comes from one seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.fieldwork import entries
from survey_app.fieldwork.models import Batch, Entry, Invitation
from survey_app.respond import service as responding
from survey_app.respond import ticket as tickets
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire import DONT_KNOW, TEXT_LIMITS, Item, Questionnaire

#: How content each group is on the whole; invented.
_MOOD = {
    "parent": 0.98,
    "student": 0.95,
    "teacher": 0.75,
    "principal": 0.9,
    "deputy": 0.8,
    "cppcc_member": 0.75,
    "public": 0.6,
}

#: Ratings from bad to good, and where a leaning tips from one to the next.
_STEPS = (-1.6, -0.9, -0.2, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How simulated people behave."""

    seed: int = 2021
    #: Share of the invited who answer.
    answering: float = 0.93
    #: Spread of climates between schools, and of leanings between people and items.
    between: float = 0.28
    within: float = 0.45
    by_item: float = 0.75
    #: Chance that a person does not know about an item.
    dont_know: float = 0.06


def answer_wave(
    session: Session, wave: Wave, *, now: datetime, behaviour: Behaviour | None = None
) -> Iterator[None]:
    """Let the invited people of *wave* answer; yields after each, for the caller to commit."""
    behaviour = behaviour or Behaviour()
    climates: dict[str, float] = {}
    forms: dict[str, tuple[int, Questionnaire]] = {}
    kept = responding.Forms()
    invited = session.scalars(
        sa.select(Invitation)
        .join(Batch)
        .outerjoin(Entry, Entry.invitation_id == Invitation.id)
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None), Entry.id.is_(None))
        .order_by(Batch.position, Invitation.serial)
    ).all()
    for invitation in invited:
        group = invitation.quota_cell.group
        card = f"{behaviour.seed}/{invitation.batch.position}/{invitation.serial}"
        person = Random(card)  # noqa: S311  a simulation
        if person.random() > behaviour.answering:
            continue
        unit = invitation.psu or group
        school = Random(f"{behaviour.seed}/{unit}")  # noqa: S311
        climate = climates.setdefault(unit, school.gauss(0, behaviour.between))
        if group not in forms:
            forms[group] = surveys.form_of(session, wave, group)
        version, form = forms[group]
        leaning = _MOOD[group] + climate + person.gauss(0, behaviour.within)
        answers = _answers(form, group, leaning, person, behaviour)
        entry = entries.begin(session, invitation, now=now)
        ticket = tickets.issue(
            entry_id=entry.id,
            wave_id=wave.id,
            group=group,
            version_id=version,
            county=wave.county.name,
            language="zh_CN",
            now=now - timedelta(minutes=person.randint(2, 8)),
        )
        responding.submit(session, ticket, answers, kept, now=now)
        yield


def _answers(
    form: Questionnaire, group: str, leaning: float, person: Random, behaviour: Behaviour
) -> dict[str, str]:
    answers: dict[str, str] = {}
    for item in form.items_for(group):
        if item.is_asked(answers) and (item.required or item.kind not in TEXT_LIMITS):
            answers |= {part.id: _answer(part, leaning, person, behaviour) for part in item.parts}
    return answers


def _answer(item: Item, leaning: float, person: Random, behaviour: Behaviour) -> str:
    if item.kind in TEXT_LIMITS:
        return "—"
    if item.kind == "number":
        return _number(item, person)
    if item.kind != "scale":
        return person.choice([option.code for option in item.options])
    if person.random() < behaviour.dont_know:
        return DONT_KNOW
    felt = leaning + person.gauss(0, behaviour.by_item)
    rating = 1 + sum(felt > step for step in _STEPS)
    return next(option.code for option in item.options if item.rating(option.code) == rating)


def _number(item: Item, person: Random) -> str:
    """A whole number that the item takes, no more than a hundred above its lower bound."""
    low = ceil(item.low) if item.low is not None else 0
    high = floor(item.high) if item.high is not None else low + 100
    return str(person.randint(low, max(low, min(high, low + 100))))
