"""One factory per thing a test needs to exist."""

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from survey_app import settings_of
from survey_app.accounts.models import Appointment, User
from survey_app.canonical import canonical, digest
from survey_app.counties.models import CountyFile, Region, School
from survey_app.db import db
from survey_app.fieldwork import opening
from survey_app.fieldwork.codes import Code, derive
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import contacts, framing
from survey_app.fieldwork.models import Contact, Invitation
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave
from survey_app.surveys.rules import default_rules
from tests.conftest import KEY, NOW
from tests.thrift import drawing_once

#: Enough regions for every role: two counties of one city, another city, another province.
REGIONS = [
    ("000000", "全国", "nation", None),
    ("140000", "山西省", "province", "000000"),
    ("140500", "晋城市", "city", "140000"),
    ("140522", "阳城县", "county", "140500"),
    ("140524", "陵川县", "county", "140500"),
    ("140100", "太原市", "city", "140000"),
    ("140106", "迎泽区", "county", "140100"),
    ("430000", "湖南省", "province", "000000"),
    ("430600", "岳阳市", "city", "430000"),
    ("430603", "云溪区", "county", "430600"),
]


def make_regions() -> None:
    """Add the regions unless they are there."""
    known = set(db.session.scalars(sa.select(Region.code)))
    missing = [each for each in REGIONS if each[0] not in known]
    for code, name, level, parent in missing:
        db.session.add(Region(code=code, name=name, level=level, parent_code=parent))
        db.session.flush()


def make_user(
    role: str, region: str, *, school: str = "", login: str | None = None, active: bool = True
) -> User:
    """Add an account that holds *role* for *region*, or for one *school* of it."""
    make_regions()
    user = User(
        login=login or _login(role, region, school),
        name=f"{role} {region}",
        password_hash="not-a-hash",
        active=active,
        created_at=NOW,
        session_stamp="stamp",
    )
    user.appointments = [Appointment(role=role, region_code=region, school_code=school)]
    db.session.add(user)
    db.session.flush()
    return user


def _login(role: str, region: str, school: str) -> str:
    return "-".join(filter(None, (role, region, school)))


def sign_in(app: Flask, role: str, region: str, school: str = "") -> FlaskClient:
    """A client whose session belongs to somebody with *role* for *region*, or for one *school* of it."""
    with app.app_context():
        login = _login(role, region, school)
        known = db.session.query(User).filter_by(login=login).one_or_none()
        user = known or make_user(role, region, school=school)
        identity = f"{user.id}:{user.session_stamp}"
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client


@cache
def _small_text() -> str:
    return (Path(__file__).parent / "golden" / "county" / "small.json").read_text("utf-8")


def small_county() -> dict:
    """The small county file of the contracts, a new one each time: a test may change it."""
    return json.loads(_small_text())


def make_county_file(
    document: dict | None = None, *, code: str = "140522", now: datetime = NOW
) -> CountyFile:
    """Store *document* (the small county by default) as a county's file."""
    make_regions()
    document = dict(document or small_county())
    document["county"] = {**document["county"], "code": code}
    content = canonical(document)
    file = CountyFile(
        county_code=code,
        year=document["year"],
        version=1,
        content=content,
        digest=digest(content),
        provenance="{}",
        source="test.json",
        imported_at=now,
        imported_by="test",
    )
    file.schools = [
        School(
            position=position,
            code=each["code"],
            name=each["name"],
            kind=each["kind"],
            locality=each["locality"],
            ownership=each["ownership"],
            township=each.get("township"),
            boarding=each["boarding"],
            primary_pupils=each["pupils"].get("primary"),
            junior_pupils=each["pupils"].get("junior"),
        )
        for position, each in enumerate(document["schools"])
    ]
    db.session.add(file)
    db.session.flush()
    return file


#: Lists that are counted for the county as a whole.
COUNTY_LISTS = {"deputy": 236, "cppcc_member": 214, "public": 3350}


def make_wave(*, population: int = 200_000, county_file: CountyFile | None = None, **given: Any) -> Wave:
    """Plan a wave of the small county: with 200 000 residents 300 questionnaires, 150 of them parents'."""
    document = small_county()
    document = {**document, "county": {**document["county"], "resident_population": population}}
    return surveys.create_wave(
        db.session,
        **{
            "county_file": county_file or make_county_file(document),
            "title": "2026年社会认可度调查",
            "scheme_id": "shanxi-2022",
            "rules": default_rules(),
            "opens_at": NOW - timedelta(hours=1),
            "closes_at": NOW + timedelta(days=5),
            "contact": "县教育局 0356-4222222",
            "pressure_contact": "市教育局 0356-2222222",
            "group_sizes": COUNTY_LISTS,
            "by": "test",
            "now": NOW - timedelta(days=2),
        }
        | given,
    )


def draw_wave(wave: Wave, *, seed: str = "2026") -> Wave:
    """Build the frame of *wave* and draw its sample."""
    framing.build_frame(db.session, wave, by="test", now=NOW - timedelta(days=1))
    with drawing_once():
        drawing.draw_wave(db.session, wave, seed=seed, code_key=KEY, by="test", now=NOW - timedelta(days=1))
    return wave


def make_open_wave(app: Flask, **given: Any) -> Wave:
    """A wave whose cards can be used at NOW."""
    wave = draw_wave(make_wave(**given))
    return opening.open_wave(
        db.session, wave, keys=settings_of(app).keys, by="test", now=NOW - timedelta(hours=2)
    )


def code_of(invitation: Invitation) -> Code:
    """The code printed on the card of *invitation*."""
    return derive(
        KEY,
        wave_id=invitation.wave_id,
        batch_id=invitation.batch_id,
        serial=invitation.serial,
        generation=invitation.generation,
    )


def make_contacts(wave: Wave, group: str = "public", *, people: int = 1) -> list[Contact]:
    """Keep names and numbers of the first *people* invited of *group*, as an upload would."""
    made = drawing.draw_of(db.session, wave)
    assert made is not None
    invited = [each for each in drawing.recipients(db.session, made) if each.group == group]
    kept = [
        Contact(
            wave_id=wave.id,
            group=group,
            unit=person.unit,
            number=person.number,
            sealed=contacts.seal(KEY, name=f"王{nth}", phone=f"1380000000{nth}"),
            erase_on=(wave.closes_at + timedelta(days=30)).date(),
        )
        for nth, person in enumerate(invited[:people])
    ]
    db.session.add_all(kept)
    db.session.flush()
    return kept
