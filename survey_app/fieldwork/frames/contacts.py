"""Names and telephone numbers of people who may have to be called: encrypted, and erased on a date."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from sqlalchemy.orm import Session

from survey_app import audit, clock
from survey_app.counties.workbook.faults import Fault
from survey_app.errors import ConflictError, JunhengError, RefusedInputError
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.frames.lists.counted import WHOLE_SCHOOL, Register, in_order, place_faults, unit_of
from survey_app.fieldwork.frames.lists.reading import ListRow, read_rows
from survey_app.fieldwork.frames.lists.shape import CONTACTS
from survey_app.fieldwork.models import Contact
from survey_app.lines import is_line
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import fault

#: Who erases contacts whose day has passed, in the audit trail.
ACTOR = "erase_contacts"

_LONGEST_NAME = 64

#: A mobile telephone, or a landline with its area code and perhaps an extension.
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{9,11}(转[0-9]{1,6})?", re.ASCII)


class UnreadableContactError(JunhengError):
    """A sealed contact that this key does not open."""

    code = "contact_unreadable"
    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom to call; neither part is ever printed by chance."""

    name: str = field(repr=False)
    phone: str = field(repr=False)


def seal(personal_key: bytes, *, name: str, phone: str) -> bytes:
    """Encrypt a name and a telephone number; the same person gives another text every time."""
    content = json.dumps([name, phone], ensure_ascii=False).encode()
    return SecretBox(personal_key).encrypt(content)


def open_sealed(personal_key: bytes, blob: bytes) -> Person:
    """Whose contact *blob* is.

    >>> key = bytes(32)
    >>> open_sealed(key, seal(key, name="王芳", phone="13800000000")).name
    '王芳'

    Raises:
        UnreadableContactError: it was sealed with another key, or altered.
    """
    try:
        name, phone = json.loads(SecretBox(personal_key).decrypt(bytes(blob)))
    except (CryptoError, ValueError) as error:
        raise UnreadableContactError from error
    return Person(name=name, phone=phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came of an upload: how many contacts are new, and how many took the place of an older one."""

    added: int
    renewed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Contacts of a wave by group, without any of their content."""

    group: str
    kept: int
    erased: int
    #: The latest day on which one of them is erased; None where none is left.
    erase_on: date | None


def usual_erasure(wave: Wave) -> date:
    """The day after which contacts of *wave* are erased unless another one is named."""
    closes = wave.closes_at.astimezone(clock.BEIJING).date()
    return closes + timedelta(days=_declared()["erase_after"])


def last_erasure(wave: Wave) -> date:
    """The latest day that can be named."""
    closes = wave.closes_at.astimezone(clock.BEIJING).date()
    return closes + timedelta(days=_declared()["erase_at_most_after"])


def import_contacts(
    session: Session,
    wave: Wave,
    content: bytes,
    name: str,
    *,
    erase_on: date,
    personal_key: bytes,
    by: str,
    now: datetime,
) -> Kept:
    """Keep the contacts in an uploaded file, encrypted, until *erase_on*.

    Only people who were drawn, or stand in reserve, may have one. A contact of the same place takes the old
    one's part; its telephone case goes on.

    Raises:
        ConflictError: the wave is not drawn, or its field is over.
        UnfitListError: the file cannot be read at all.
        RefusedInputError: with every fault; none of them shows a name or a number.
    """
    surveys.lock_wave(session, wave)
    if wave.state not in (WaveState.DRAWN, WaveState.OPEN):
        raise ConflictError("not_drawn" if wave.state is WaveState.DRAFT else "field_over")
    first, last = now.astimezone(clock.BEIJING).date(), last_erasure(wave)
    if not first <= erase_on <= last:
        wrong = fault("erase_on", "erase_on_range", erase_on, first=first, last=last)
        raise RefusedInputError([wrong], "contacts_refused")
    rows = _checked(session, wave, *read_rows(content, name, CONTACTS))
    known = {
        (one.group, one.unit, one.number): one
        for one in session.scalars(sa.select(Contact).where(Contact.wave_id == wave.id))
    }
    added = renewed = 0
    for (group, unit, number), values in rows.items():
        contact = known.get((group, unit, number))
        if contact is None:
            contact = Contact(wave_id=wave.id, group=group, unit=unit, number=number)
            session.add(contact)
            added += 1
        else:
            renewed += 1
        contact.sealed = seal(personal_key, name=values["person"].strip(), phone=_dialled(values["phone"]))
        contact.erase_on = erase_on
        contact.erased_at = None
    session.flush()
    audit.record(
        session,
        "contacts.stored",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "added": added, "renewed": renewed, "erase_on": erase_on.isoformat()},
    )
    return Kept(added=added, renewed=renewed)


def standing(session: Session, wave: Wave) -> list[Standing]:
    """How many contacts each group has, and until when."""
    counted = session.execute(
        sa.select(
            Contact.group,
            sa.func.count(Contact.sealed).label("kept"),
            (sa.func.count() - sa.func.count(Contact.sealed)).label("erased"),
            sa.func.max(sa.case((Contact.sealed.is_not(None), Contact.erase_on))).label("erase_on"),
        )
        .where(Contact.wave_id == wave.id)
        .group_by(Contact.group)
    )
    found = [Standing(**row) for row in counted.mappings()]
    return sorted(found, key=lambda one: list(GROUPS).index(one.group))


def blank_rows(session: Session, wave: Wave) -> list[dict[str, Any]]:
    """The rows of the sheet to fill in: who was drawn, then who stands in reserve, without any name.

    Raises:
        ConflictError: the wave is not drawn.
    """
    register = framing.register_of(wave)
    return [
        {"group": group, "number": number} | _school_values(register, unit)
        for group, unit, number in _callable(session, wave)
    ]


def erase(session: Session, wave: Wave, *, by: str, now: datetime) -> int:
    """Erase every contact of *wave* now; gives how many."""
    n = _emptied(session, wave, sa.true(), now=now)
    _note_erased(session, wave, n, by=by, now=now)
    return n


def erase_due(session: Session, now: datetime) -> int:
    """Erase every contact whose day has passed; gives how many. To be called once a day or more often."""
    waves = session.scalars(sa.select(Wave).where(Wave.id.in_(due(session, now))).order_by(Wave.id)).all()
    erased = [(wave, _emptied(session, wave, _is_due(now), now=now)) for wave in waves]
    # The trail comes last: whoever erases by hand has rows of a wave and waits for the trail.
    for wave, n in erased:
        _note_erased(session, wave, n, by=ACTOR, now=now)
    return sum(n for _wave, n in erased)


def due(session: Session, now: datetime) -> list[int]:
    """The waves that have contacts whose day has passed."""
    return list(session.scalars(sa.select(Contact.wave_id).where(_is_due(now)).distinct()))


def person_faults(row: ListRow) -> Iterator[Fault]:
    """What is wrong with a name and a telephone number; neither is shown."""
    person, phone = row.values.get("person"), row.values.get("phone")
    if person is not None and (not 0 < len(person.strip()) <= _LONGEST_NAME or not is_line(person.strip())):
        yield row.fault("person", "person_form", longest=_LONGEST_NAME)
    if phone is not None and not _PHONE.fullmatch(_dialled(phone)):
        yield row.fault("phone", "phone_form")


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    today = now.astimezone(clock.BEIJING).date()
    return sa.and_(Contact.sealed.is_not(None), Contact.erase_on < today)


def _emptied(session: Session, wave: Wave, which: sa.ColumnElement[bool], *, now: datetime) -> int:
    erased = session.execute(
        sa.update(Contact)
        .where(Contact.wave_id == wave.id, Contact.sealed.is_not(None), which)
        .values(sealed=None, erased_at=now)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire_all()
    return len(erased)


def _note_erased(session: Session, wave: Wave, n: int, *, by: str, now: datetime) -> None:
    if n:
        details = {"wave": wave.id, "contacts": n}
        audit.record(session, "contacts.erased", by=by, now=now, region=wave.county_code, details=details)


def _checked(
    session: Session, wave: Wave, rows: Sequence[ListRow], faults: list[Fault]
) -> dict[tuple[str, str, int], Mapping[str, Any]]:
    """The rows by place, every one of somebody who may be called; *faults* are those of single cells.

    Raises:
        RefusedInputError: with every fault.
    """
    register, allowed = framing.register_of(wave), set(_callable(session, wave))
    names = framing.UnitNames(wave)
    found: dict[tuple[str, str, int], ListRow] = {}
    for row in rows:
        wrong = list(place_faults(row, register))
        if not wrong and not row.broken:
            place = (row.values["group"], unit_of(row, wave.county_code), row.values["number"])
            if place not in allowed:
                label = GROUPS[place[0]].label.zh
                wrong.append(row.fault("number", "not_invited", place=f"{label}，{names(place[1]).zh}"))
            known = found.setdefault(place, row)
            if known is not row:
                wrong.append(row.fault("number", "duplicate", family="workbook", first=known.cell("number")))
        faults += [*wrong, *person_faults(row)]
    if faults:
        raise RefusedInputError(sorted(faults, key=in_order), "contacts_refused")
    return {place: row.values for place, row in found.items()}


def _callable(session: Session, wave: Wave) -> list[tuple[str, str, int]]:
    """Group, list and number of everybody who was invited and not given up, then of those in reserve."""
    draw = drawing.draw_of(session, wave)
    if draw is None:
        raise ConflictError("not_drawn")
    invited = [
        (one.group, one.unit, one.number) for one in drawing.recipients(session, draw) if not one.given_up
    ]
    reserve = [
        (made.plan.group, one.unit, one.number)
        for made in drawing.sample_of(draw).draws
        for one in made.reserve
    ]
    return list(dict.fromkeys([*invited, *reserve]))


def _school_values(register: Register, unit: str) -> dict[str, str]:
    code, slash, part = unit.rpartition("/")
    if not slash:
        return {}
    values = {"school": code, "name": register.schools[code]["name"]}
    return values if part == WHOLE_SCHOOL else values | {"band": part}


def _dialled(phone: str) -> str:
    """A telephone number without blanks, hyphens and brackets."""
    return "".join(each for each in phone if each not in " -—()（）\u3000")


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "contacts.toml").read_text(encoding="utf-8"))
