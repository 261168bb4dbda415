"""A wave in whose schools people answer as people do, but for the schools that are named."""

import json
import secrets
from collections.abc import Collection

import numpy as np

from survey_app import settings_of
from survey_app.db import db
from survey_app.fieldwork import entries
from survey_app.respond import service
from survey_app.results.integrity.screening import screen_wave
from survey_app.results.mixing import mix_wave
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from survey_app.surveys.questionnaire_loader import load_form
from tests.conftest import NOW
from tests.survey_app.respond.field import Field, Unit, open_field
from tests.survey_app.results.filled import close, send

#: Fourteen schools of parents in two strata, and a list of teachers.
SCHOOLS = (
    *(
        Unit(
            group="parent",
            psu=f"P{n:02}",
            stratum="town" if n % 2 else "rural",
            cards=12,
            size=120,
            grade_band="primary",
            locality="town" if n % 2 else "rural",
        )
        for n in range(14)
    ),
    Unit(group="teacher", cards=14, size=300),
)


def person(rng: np.random.Generator, group: str, *, mood: float) -> dict[str, str]:
    """Answers of somebody with a mind of their own; reversed items turned as people do."""
    leaning, answers = mood + rng.normal(0, 0.6), {}
    for item in load_form(form_for_group(group)).items_for(group):
        if not item.is_asked(answers):
            continue
        for part in item.parts:
            if part.kind == "scale":
                level = int(np.clip(round(leaning + rng.normal(0, 0.8)), 1, 5))
                answers[part.id] = str(6 - level if part.reversed else level)
            elif part.kind == "single":
                answers[part.id] = part.options[int(rng.integers(2))].code
    return answers


def best(rng: np.random.Generator, group: str) -> dict[str, str]:
    """Somebody who was told to tick the best everywhere."""
    answers = person(rng, group, mood=4)
    for item in load_form(form_for_group(group)).items_for(group):
        for part in item.parts:
            if part.kind == "scale" and part.id in answers:
                answers[part.id] = "1" if part.reversed else "5"
    return answers


def planted(app, *, at_the_top: Collection[str] = ("P03",), seed: int = 5) -> Field:
    """A closed and mixed wave in which the schools *at_the_top* were told what to answer."""
    field = open_field(app, SCHOOLS)
    rng = np.random.default_rng(seed)
    forms = service.Forms()
    with app.app_context():
        for group, cards in field.cards.items():
            for code in cards:
                unit = entries.find_invitation(db.session, settings_of(app).code_key, code.in_address).psu
                told = group == "parent" and unit in at_the_top
                answers = best(rng, group) if told else person(rng, group, mood=3.9)
                send(field, code, answers, forms=forms)
        db.session.commit()
    close(app, field)
    with app.app_context():
        for _step in mix_wave(db.session, field.wave_id, keys=settings_of(app).keys, now=NOW):
            db.session.commit()
    return field


def screened(app, field: Field) -> dict:
    """The frozen findings of a mixed wave."""
    with app.app_context():
        made = screen_wave(db.session, field.wave_id, now=NOW)
        db.session.commit()
        assert surveys.get_wave(db.session, field.wave_id).mixed_at is not None
        return json.loads(made.content)


def fresh_ids() -> bytes:
    """An id as the mixing draws it."""
    return secrets.token_bytes(16)
