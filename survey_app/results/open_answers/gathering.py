"""Taking the texts out of the mixed answers, once, when a wave's figures are computed."""

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.counties.models import School
from survey_app.results.disclosure import may_show, withheld
from survey_app.results.judging import questionnaires_of
from survey_app.results.models import OpenAnswer, Response
from survey_app.results.open_answers.marks import marked
from survey_app.surveys.models import Wave
from survey_app.surveys.questionnaire import TEXT_LIMITS

_ID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One text as it was sent in."""

    item: str
    group: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The texts of a wave, read and not stored yet."""

    #: Rows of `OpenAnswer`, in the order of their keys.
    rows: list[dict[str, Any]]
    #: How many there are of each question, as the wave's figures tell it.
    told: list[dict[str, Any]]


def gather_texts(session: Session, wave: Wave) -> Gathered:
    """Read the texts of *wave* out of its answers; `store_texts` stores them apart.

    A text names its group where at least ten of the group wrote something there and the other groups' numbers
    do not give a smaller one away; its key is random and new, and orders the texts for good.
    """
    found = list(_written(session, wave))
    schools = session.scalars(
        sa.select(School.name).where(School.county_file_id == wave.county_file_id)
    ).all()
    by_item: dict[str, Counter[str]] = {}
    for each in found:
        by_item.setdefault(each.item, Counter())[each.group] += 1
    hidden = {item: _nameless(counts) for item, counts in by_item.items()}
    rows = []
    for each in found:
        clean = marked(each.text, schools=schools)
        rows.append(
            {
                "id": secrets.token_bytes(_ID_BYTES),
                "wave_id": wave.id,
                "item": each.item,
                "group": "" if each.group in hidden[each.item] else each.group,
                "text": clean.text,
                "marks": " ".join(clean.marks),
                "withdraw_reason": "",
            }
        )
    rows.sort(key=lambda row: row["id"])
    labels = _labels(session, wave)
    told = [
        {"id": item, "text": labels[item], "n": n if may_show(n) else None}
        for item, n in ((item, counts.total()) for item, counts in sorted(by_item.items()))
    ]
    return Gathered(rows=rows, told=told)


def store_texts(session: Session, gathered: Gathered) -> None:
    """Store what `gather_texts` read."""
    if gathered.rows:
        session.execute(sa.insert(OpenAnswer), gathered.rows)


def _nameless(counts: Counter[str]) -> frozenset[str]:
    """The groups that a question's texts do not name."""
    hidden = withheld(counts)
    return hidden if len(counts) > 1 or may_show(counts.total()) else frozenset(counts)


def _written(session: Session, wave: Wave) -> Iterator[Written]:
    """Every text that was written in *wave*, whose place had not been given away."""
    rows = session.execute(
        sa.select(Response.group, Response.questionnaire_version_id, Response.answers)
        .where(Response.wave_id == wave.id, Response.surplus.is_(False))
        .order_by(Response.id)
    ).all()
    names = _text_items(session, {row.questionnaire_version_id for row in rows})
    for row in rows:
        own = names[row.questionnaire_version_id]
        answers = json.loads(row.answers) if own else {}
        for item, name in own.items():
            if text := answers.get(item, "").strip():
                yield Written(item=name, group=row.group, text=text)


def _text_items(session: Session, versions: Iterable[int]) -> dict[int, dict[str, str]]:
    """By version the items answered in one's own words, and what they are called here."""
    return {
        version: {
            item.id: f"{questionnaire.form}.{item.id}"
            for item in questionnaire.items
            if item.kind in TEXT_LIMITS
        }
        for version, questionnaire in questionnaires_of(session, versions).items()
    }


def _labels(session: Session, wave: Wave) -> dict[str, dict[str, str]]:
    versions = set(
        session.scalars(
            sa.select(Response.questionnaire_version_id).where(Response.wave_id == wave.id).distinct()
        )
    )
    return {
        f"{questionnaire.form}.{item.id}": {"zh": item.text.zh, "en": item.text.en}
        for questionnaire in questionnaires_of(session, versions).values()
        for item in questionnaire.items
        if item.kind in TEXT_LIMITS
    }
