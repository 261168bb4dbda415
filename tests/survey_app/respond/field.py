"""A wave in the field, made of rows: cards of several groups, clustered and not, ready to be answered."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from nacl.public import PrivateKey

from survey_app.config import write_private
from survey_app.counties.models import CountyFile
from survey_app.db import db
from survey_app.fieldwork import codes
from survey_app.fieldwork.models import Batch, DrawnUnit, Invitation
from survey_app.surveys.authoring.publishing import version_for
from survey_app.surveys.models import QuotaCell, Wave, WaveForm
from survey_app.surveys.questionnaire import Questionnaire
from survey_app.surveys.questionnaire_loader import load_form
from survey_app.surveys.rules import default_rules
from tests.conftest import KEY, NOW
from tests.factories import make_county_file
from tests.page import Page


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A place of the sample: a drawn school for parents and pupils, or a list of persons."""

    group: str
    cards: int
    psu: str = ""
    stratum: str = "全部"
    size: int = 300
    stratum_psus: int = 10
    probability: str = "1/2"
    grade_band: str = ""
    locality: str = ""


#: Two parents' schools, one of pupils, and a list of teachers.
SMALL = (
    Unit(group="parent", psu="S1", cards=2, grade_band="primary", locality="town"),
    Unit(group="parent", psu="S2", cards=1, grade_band="primary", locality="rural"),
    Unit(group="student", psu="S1", cards=2, grade_band="primary", locality="town"),
    Unit(group="teacher", cards=1),
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a test needs of the wave after the session is gone."""

    wave_id: int
    private_key: bytes
    #: By group, in the order of the sheets.
    cards: dict[str, list[codes.Code]]

    def card(self, group: str = "parent", number: int = 0) -> codes.Code:
        """One card of a group."""
        return self.cards[group][number]


def open_field(app, units=SMALL, *, keys: bool = True) -> Field:
    """Make and commit a wave in the field; its private key lies where the application looks for it."""
    from survey_app import settings_of

    with app.app_context():
        file = db.session.scalar(sa.select(CountyFile)) or make_county_file()
        private = PrivateKey.generate()
        wave = Wave(
            county_code=file.county_code,
            county_file_id=file.id,
            title="2026年阳城县义务教育社会认可度调查",
            scheme_id="shanxi-2022",
            scheme_digest="0" * 64,
            rules=default_rules().content,
            plan="{}",
            opens_at=NOW - timedelta(days=1),
            closes_at=NOW + timedelta(days=4),
            contact="阳城县政府教育督导室 0356-0000001",
            pressure_contact="晋城市政府教育督导室 0356-0000002",
            created_at=NOW - timedelta(days=2),
            created_by="test",
            drawn_at=NOW - timedelta(days=2),
            opened_at=NOW - timedelta(days=1),
            opened_by="test",
            public_key=bytes(private.public_key),
        )
        db.session.add(wave)
        db.session.flush()
        for form in ("public", "staff", "student"):
            _freeze(wave, load_form(form))
        cards: dict[str, list[codes.Code]] = {}
        for position, unit in enumerate(units):
            cards.setdefault(unit.group, []).extend(_invite(wave, unit, position))
        db.session.commit()
        if keys:
            write_private(settings_of(app).keys / f"wave-{wave.id}.key", bytes(private))
        return Field(wave_id=wave.id, private_key=bytes(private), cards=cards)


def _freeze(wave: Wave, questionnaire: Questionnaire) -> None:
    version = version_for(db.session, questionnaire, NOW)
    db.session.add(WaveForm(wave_id=wave.id, form=questionnaire.form, version_id=version.id))


def _invite(wave: Wave, unit: Unit, position: int) -> list[codes.Code]:
    cell = _cell(wave, unit)
    cell.target += unit.cards
    batch = Batch(wave_id=wave.id, group=unit.group, place=unit.psu or "阳城县", position=position)
    db.session.add(batch)
    drawn = DrawnUnit(
        wave_id=wave.id,
        group=unit.group,
        stratum=unit.stratum,
        psu=unit.psu,
        position=position,
        school_code=unit.psu or None,
        stratum_psus=unit.stratum_psus if unit.psu else unit.size,
        size=unit.size,
        places=unit.cards,
        probability=unit.probability if unit.psu else f"{unit.cards}/{unit.size}",
    )
    db.session.add(drawn)
    db.session.flush()
    made = []
    for serial in range(1, unit.cards + 1):
        code = codes.derive(KEY, wave_id=wave.id, batch_id=batch.id, serial=serial, generation=1)
        db.session.add(
            Invitation(
                wave_id=wave.id,
                batch_id=batch.id,
                serial=serial,
                quota_cell_id=cell.id,
                stratum=unit.stratum,
                psu=unit.psu,
                token_hash=codes.token_hash(KEY, code.token),
                typed_hash=codes.typed_hash(KEY, code.typed),
            )
        )
        made.append(code)
    return made


def _cell(wave: Wave, unit: Unit) -> QuotaCell:
    found = (
        db.session.query(QuotaCell)
        .filter_by(wave_id=wave.id, group=unit.group, grade_band=unit.grade_band, locality=unit.locality)
        .one_or_none()
    )
    if found is None:
        found = QuotaCell(
            wave_id=wave.id,
            group=unit.group,
            grade_band=unit.grade_band,
            locality=unit.locality,
            target=0,
            spent=0,
            reserved=0,
            surplus=0,
        )
        db.session.add(found)
        db.session.flush()
    return found


def full_answers(
    form: str, group: str, *, level: str = "4", given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """An answer to everything that is asked, every scale item at *level*, reversed ones turned."""
    answers: dict[str, str] = {}
    for item in load_form(form).items_for(group):
        if not item.is_asked(answers):
            continue
        if item.kind == "scale":
            answers[item.id] = str(6 - int(level)) if item.reversed and level != "dk" else level
        elif item.kind == "single":
            answers[item.id] = item.options[0].code
        if given and item.id in given:
            answers[item.id] = given[item.id]
    return answers


class Phone:
    """Someone with a card, answering page by page without JavaScript."""

    def __init__(self, client):
        self.client = client
        self.page: Page | None = None

    def scan(self, code: codes.Code) -> "Phone":
        """Open the card's address and read the landing page."""
        response = self.client.get(f"/c/{code.in_address}")
        assert response.status_code == 303, response.get_data(as_text=True)
        assert code.in_address not in response.location
        self.page = self._read(self.client.get(response.location))
        return self

    def begin(self) -> "Phone":
        """Press 开始填写."""
        self.page = self._read(self.client.post("/begin", data=self.page.form("/begin")["fields"]))
        return self

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's form."""
        fields = self.page.form("/answer")["fields"]
        return {name: fields[name] for name in ("ticket", "carried")}

    def asked(self) -> list[str]:
        """Items that stand on the page for someone without JavaScript."""
        shown = re.sub(r"<template>.*?</template>", "", self.page.html, flags=re.S)
        return list(dict.fromkeys(re.findall(r'name="a\.([a-z0-9_.]+)"', shown)))

    def press(self, answers: Mapping[str, str] | None = None, go: str = "next", **extra):
        """Send the page with those of *answers* that are asked on it."""
        data: dict = {f"a.{item}": (answers or {})[item] for item in self.asked() if item in (answers or {})}
        response = self.client.post("/answer", data={**self.hidden(), **data, **extra, "go": go})
        if response.status_code != 303:
            self.page = self._read(response)
        return response

    def answer_all(self, answers: Mapping[str, str]):
        """Go through all pages; give the last reply."""
        for _ in range(20):
            response = self.press(answers)
            if response.status_code != 200:
                return response
        raise AssertionError("the questionnaire never ends")

    @staticmethod
    def _read(response) -> Page:
        return Page(response.status_code, response.get_data(as_text=True)).check()


def stored(response) -> dict:
    """A stored response's answers."""
    return json.loads(response.answers)
