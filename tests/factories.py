"""One factory per thing a test needs to exist."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import Appointment, User
from survey_app.counties.models import CountyFile, Region, School
from survey_app.canonical import canonical, digest
from survey_app.db import db
from tests.conftest import NOW

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
    for code, name, level, parent in REGIONS:
        if db.session.get(Region, code) is None:
            db.session.add(Region(code=code, name=name, level=level, parent_code=parent))
            db.session.flush()


def make_user(role: str, region: str, *, login: str | None = None, active: bool = True) -> User:
    """Add an account that holds *role* for *region*."""
    make_regions()
    user = User(
        login=login or f"{role}-{region}",
        name=f"{role} {region}",
        password_hash="not-a-hash",
        active=active,
        created_at=NOW,
        session_stamp="stamp",
    )
    user.appointments = [Appointment(role=role, region_code=region)]
    db.session.add(user)
    db.session.flush()
    return user


def sign_in(app: Flask, role: str, region: str) -> FlaskClient:
    """A client whose session belongs to somebody with *role* for *region*."""
    with app.app_context():
        login = f"{role}-{region}"
        user = db.session.query(User).filter_by(login=login).one_or_none() or make_user(role, region)
        identity = f"{user.id}:{user.session_stamp}"
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client


@cache
def small_county() -> dict:
    """The small county file of the contracts."""
    path = Path(__file__).parent / "golden" / "county" / "small.json"
    return json.loads(path.read_text("utf-8"))


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
