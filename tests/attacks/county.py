"""A county of a thousand people who answer, and everything that could be seen of it from outside.

Every answer carries its person's number, written in the ratings of its first questions to the base of five:
that is the truth an attack is measured by, and no attack may use it. What an attacker is given is more than a
thief would find: who holds which card, the second at which each of them sent, in which language, how long
each took, the tickets of their phones, and which sealed answer came from whom (both were written in one
transaction, which PostgreSQL notes on the rows and a look at two backups shows).
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import sqlalchemy as sa
from flask import Flask

from survey_app import settings_of
from survey_app.db import Base, db
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond import inbox, service
from survey_app.respond.models import SealedAnswer
from survey_app.respond.ticket import Ticket
from survey_app.results import mixing
from survey_app.results.closing import close_wave
from survey_app.results.models import MixedCell, Pool, Response
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import Field, Unit, full_answers, open_field

BANDS = ("primary", "junior")
PLACES = ("urban", "town", "rural")

MARK = "我是第{}号"

#: Ratings that hold the number.
_DIGITS = 5


def county(schools: int = 40) -> tuple[Unit, ...]:
    """Schools of two stages in three kinds of places, and lists of persons, some of them very short."""
    return (
        *(
            Unit(
                group=group,
                psu=f"{group}{n}",
                stratum=f"{BANDS[n % 2]}·{PLACES[n % 3]}",
                cards=cards,
                grade_band=BANDS[n % 2],
                locality=PLACES[n % 3],
            )
            for group, some, cards in (("parent", schools, 16), ("student", schools // 2 - 2, 14))
            for n in range(some)
        ),
        Unit(group="teacher", cards=90, size=900),
        Unit(group="principal", cards=8, size=60),
        Unit(group="deputy", cards=45, size=236),
        Unit(group="cppcc_member", cards=7, size=180),
        Unit(group="public", cards=60, size=5000),
    )


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the attacker knows of someone."""

    number: int
    group: str
    #: The drawn unit, or where somebody stands who was not drawn.
    psu: str
    traits: dict[str, str]
    sent_at: datetime
    ticket: Ticket
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A mixed response as it lies in the database, and the step of the mixing it came with."""

    row: dict[str, Any]
    step: int
    #: Its place in the table as it lies there.
    position: int
    #: The truth; attacks do not look at it.
    number: int


@dataclass(kw_only=True)
class Story:
    """One wave from its first answer to its figures, with everything that was seen on the way."""

    app: Flask
    field: Field
    people: list[Person] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    #: Group and unit -> what its answers are kept as, stratum, pool.
    places: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    #: Kept as, stratum, pool -> details kept, answers, sums.
    cells: dict[tuple[str, str, str], MixedCell] = field(default_factory=dict)
    #: Everything that could be copied: name of the moment -> content.
    copies: dict[str, bytes] = field(default_factory=dict)

    def place_of(self, person: Person) -> tuple[str, str, str]:
        """The cell in which this person's answer must be."""
        drawn = self.places.get((person.group, person.psu))
        return drawn or self.places[person.group, "~outside"]


def answer_all(app: Flask, units: tuple[Unit, ...], rng: random.Random) -> Story:
    """Let nearly everybody answer, in a random order and second by second."""
    story = Story(app=app, field=open_field(app, units))
    cards = [(group, code.in_address) for group, codes in story.field.cards.items() for code in codes]
    few = {"principal", "cppcc_member"}
    cards = [card for card in cards if card[0] in few or rng.random() < 0.93]
    with app.app_context(), recorded() as sealed:
        forms = service.Forms()
        village, poster = _open_entries(story.field.wave_id)
        late = [_begin(forms, "public", poster, NOW, rng) for _ in range(3)]
        cards += [("public", village)] * 4 + [("public", poster)] * 14
        rng.shuffle(cards)
        moment = NOW + timedelta(hours=1)
        for group, code in cards:
            moment += timedelta(seconds=rng.randint(5, 40))
            ticket, traits = _begin(forms, group, code, moment, rng)
            _send(story, forms, ticket, traits, moment, sealed, rng)
        for ticket, traits in late:
            moment += timedelta(seconds=20)
            _send(story, forms, ticket, traits, moment, sealed, rng, surplus=True)
        db.session.commit()
    return story


@contextmanager
def recorded() -> Iterator[list[bytes]]:
    """Note every sealed answer in the order in which they came in."""
    sealed: list[bytes] = []

    def seal(public_key: bytes, payload: Any) -> bytes:
        sealed.append(original(public_key, payload))
        return sealed[-1]

    original = inbox.seal
    with mock.patch.object(inbox, "seal", seal):
        yield sealed


def _open_entries(wave_id: int) -> tuple[str, str]:
    wave = surveys.get_wave(db.session, wave_id)
    made = [
        open_entries.make_point(
            db.session, wave, kind=kind, group="public", place=place, cap=cap, cell_cap=14,
            code_key=KEY, by="test", now=NOW,
        )
        for kind, place, cap in (("class", "北留村", 14), ("poster", "县医院", None))
    ]  # fmt: skip
    return tuple(open_entries.code_of(point, KEY).in_address for point in made)


def _begin(
    forms: service.Forms, group: str, code: str, now: datetime, rng: random.Random
) -> tuple[Ticket, dict[str, str]]:
    landing = service.arrive(db.session, KEY, code, now=now)
    language = "en" if rng.random() < 0.03 else "zh_CN"
    ticket = service.begin(db.session, landing, forms, language=language, now=now)
    way = "drawn"
    if landing.point_id is not None:
        way = open_entries.standing(db.session, landing.point_id, now=now).point.kind
    return ticket, {"language": language, "mode": "web", "way": way, "group": group}


def _send(
    story: Story,
    forms: service.Forms,
    ticket: Ticket,
    traits: dict[str, str],
    begun: datetime,
    sealed: list[bytes],
    rng: random.Random,
    *,
    surplus: bool = False,
) -> None:
    number = len(story.people)
    minutes, duration = rng.choice(((1, "under_2"), (4, "2_to_10"), (5, "2_to_10"), (30, "over_10")))
    if surplus:
        minutes, duration = 0, "over_10"
    answers = full_answers(form_for_group(ticket.group), ticket.group)
    answers |= numbered(answers, number)
    answers["comment"] = MARK.format(number)
    sent_at = begun + timedelta(minutes=minutes)
    done = service.submit(db.session, ticket, answers, forms, now=sent_at)
    assert done.outcome == "stored", done
    band, locality, psu = _stand(ticket, traits["way"], surplus=surplus)
    traits = {**traits, "duration_band": duration, "grade_band": band, "locality": locality}
    traits.pop("group")
    story.people.append(
        Person(
            number=number, group=ticket.group, psu=psu, traits=traits, sent_at=sent_at,
            ticket=ticket, sealed=sealed[-1],
        )
    )  # fmt: skip


def _stand(ticket: Ticket, way: str, *, surplus: bool) -> tuple[str, str, str]:
    if surplus or way == "poster":
        return "", "", "~surplus" if surplus else "~poster"
    row = db.session.execute(
        sa.text(
            "SELECT quota_cell.grade_band, quota_cell.locality, coalesce(invitation.psu, '') FROM entry"
            " JOIN quota_cell ON quota_cell.id = entry.quota_cell_id"
            " LEFT JOIN invitation ON invitation.id = entry.invitation_id WHERE entry.id = :id"
        ),
        {"id": ticket.entry_id},
    ).one()
    return tuple(row)


def numbered(answers: dict[str, str], number: int) -> dict[str, str]:
    """The first ratings, as they hold *number*."""
    rated = [item for item in answers if answers[item] in {"2", "4"}][:_DIGITS]
    return {item: str(1 + number // 5**place % 5) for place, item in enumerate(rated)}


def number_in(answers: dict[str, str], group: str) -> int:
    """The number that the first ratings hold."""
    blank = full_answers(form_for_group(group), group)
    rated = [item for item in blank if blank[item] in {"2", "4"}][:_DIGITS]
    return sum((int(answers[item]) - 1) * 5**place for place, item in enumerate(rated))


def close(story: Story) -> None:
    """Close the wave."""
    with story.app.app_context():
        wave = surveys.get_wave(db.session, story.field.wave_id)
        close_wave(db.session, wave, by="test", now=NOW + timedelta(hours=9))
        db.session.commit()


def mix_and_watch(story: Story, *, batch: int = 100, copy: Callable[[], bytes] | None = None) -> Story:
    """Mix in small batches; a backup is looked at after every step."""
    first: dict[bytes, int] = {}
    with story.app.app_context():
        steps = mixing.mix_wave(
            db.session,
            story.field.wave_id,
            keys=settings_of(story.app).keys,
            now=NOW + timedelta(hours=10),
            batch=batch,
        )
        for step, _ in enumerate(steps):
            db.session.commit()
            for number in db.session.scalars(sa.select(Response.id)):
                first.setdefault(number, step)
            db.session.rollback()
            if step == 2 and copy is not None:
                story.copies["mid-mixing"] = copy()
        pools = db.session.scalars(sa.select(Pool)).all()
        story.places = {
            (pool.group, pool.psu): (pool.kept_as or pool.group, pool.stratum, pool.pool) for pool in pools
        }
        cells = db.session.scalars(sa.select(MixedCell)).all()
        db.session.expunge_all()
        story.cells = {(cell.group, cell.stratum, cell.pool): cell for cell in cells}
        member = {kept_as: group for (group, _), (kept_as, *_) in story.places.items()}
        for position, row in enumerate(_as_they_lie()):
            number = number_in(json.loads(row["answers"]), member[row["group"]])
            story.seen.append(Seen(row=row, step=first[row["id"]], position=position, number=number))
        db.session.rollback()
    return story


def _as_they_lie() -> list[dict[str, Any]]:
    """The responses in the order in which the table holds them."""
    order = "ORDER BY ctid" if db.engine.dialect.name == "postgresql" else ""
    rows = db.session.execute(sa.text(f"SELECT * FROM response {order}")).mappings()
    return [{**row, "id": bytes(row["id"])} for row in rows]


def sealed_order(story: Story) -> dict[bytes, int]:
    """Where each sealed answer lies in the inbox."""
    with story.app.app_context():
        order = "ORDER BY ctid" if db.engine.dialect.name == "postgresql" else ""
        rows = db.session.scalars(sa.text(f"SELECT sealed FROM sealed_answer {order}"))
        found = {bytes(blob): position for position, blob in enumerate(rows)}
        db.session.rollback()
    return found


def every_value(app: Flask) -> bytes:
    """All columns of all tables."""
    with app.app_context():
        content = b""
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)):
                content += b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in row)
        db.session.rollback()
    return content


def sizes(app: Flask) -> set[int]:
    """Lengths of the sealed answers."""
    with app.app_context():
        found = set(db.session.scalars(sa.select(sa.func.length(SealedAnswer.sealed))))
        db.session.rollback()
    return found
