"""A wave in the field, served to phones."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from survey_app import clock, create_app, migrating
from survey_app.db import db
from survey_app.fieldwork import codes
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond.models import SealedAnswer
from survey_app.surveys.models import Wave
from tests.conftest import KEY, NOW, dispose, make_settings
from tests.survey_app.respond.field import Field, Unit, open_field

UNITS = (
    Unit(group="parent", psu="S1", cards=30, grade_band="primary", locality="town"),
    Unit(group="student", psu="S1", cards=10, grade_band="primary", locality="town"),
)


@dataclass(kw_only=True)
class Served:
    """A running application with a wave in the field."""

    app: object
    url: str
    field: Field
    codes: dict[str, codes.Code]
    points: dict[str, int]
    now: datetime
    unused: dict[str, Iterator[codes.Code]]

    def card(self, group: str = "parent") -> str:
        """The address of a card that nobody used."""
        return f"{self.url}/c/{next(self.unused[group]).in_address}"

    def open_code(self, name: str) -> str:
        """The address of a code that many use."""
        return f"{self.url}/c/{self.codes[name].in_address}"

    def stored(self) -> int:
        """How many answers lie in the inbox."""
        with self.app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(SealedAnswer))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("answering")
    app = create_app(make_settings(home))
    with app.app_context():
        migrating.upgrade(db.engine)
    field = open_field(app, UNITS)
    made, points = {}, {}
    with app.app_context():
        wave = db.session.get_one(Wave, field.wave_id)
        for name, cap, turn in (("village", 2, None), ("shared", 9, None), ("screen", 9, 60)):
            point = open_entries.make_point(
                db.session, wave, kind="class", group="public", place=f"上庄村 {name}", cap=cap, cell_cap=40,
                rotates_every=turn, code_key=KEY, by="test", now=NOW,
            )  # fmt: skip
            made[name], points[name] = open_entries.code_of(point, KEY), point.id
        db.session.commit()
    unused = {group: iter(cards) for group, cards in field.cards.items()}
    served = Served(app=app, url="", field=field, codes=made, points=points, now=NOW, unused=unused)
    real, clock.now = clock.now, lambda: served.now
    server = make_server("127.0.0.1", 0, app, threaded=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    clock.now = real
    server.shutdown()
    thread.join()
    dispose(app)


@pytest.fixture(autouse=True)
def _each_test_for_itself(walker):
    walker.problems.clear()
