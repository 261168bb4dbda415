"""Whose answer is it? An attacker with the database, backups of it and every sheet of cards tries to tell.

A thousand people answer, each with a number of their own hidden in the comment: that is the truth the
attack is measured by, and no attack may use it. What the attacker is given is more than a thief would find:
who holds which card, when and how long each of them answered, in which language, and in the backups which
sealed answer came from which card (both were written in one transaction, which PostgreSQL notes on the rows).
"""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from survey_app import settings_of
from survey_app.db import Base, db
from survey_app.fieldwork import entries
from survey_app.respond import service
from survey_app.respond.models import SealedAnswer
from survey_app.respond.ticket import Landing
from survey_app.results import mixing
from survey_app.results.models import Pool, Response
from survey_app.results.pooling import MINIMUM
from survey_app.surveys.groups import form_for_group
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import Unit, full_answers, open_field
from tests.survey_app.results.filled import close

BANDS = ("primary", "junior")
PLACES = ("urban", "town", "rural")

#: Schools of two stages in three kinds of places, and lists of persons; a group of nine among them.
COUNTY = (
    *(
        Unit(
            group=group,
            psu=f"{group}{n}",
            stratum=f"{BANDS[n % 2]}·{PLACES[n % 3]}",
            cards=cards,
            grade_band=BANDS[n % 2],
            locality=PLACES[n % 3],
        )
        for group, schools, cards in (("parent", 36, 16), ("student", 18, 14))
        for n in range(schools)
    ),
    Unit(group="teacher", cards=90, size=900),
    Unit(group="principal", cards=9, size=60),
    Unit(group="deputy", cards=45, size=236),
    Unit(group="public", cards=60, size=5000),
)

MARK = "我是第{}号"


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the attacker knows of someone: the card and what could be seen from outside."""

    number: int
    sealed: bytes
    group: str
    psu: str
    traits: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A mixed response as it lies in the database, and the step of the mixing it came with."""

    row: Response
    step: int
    #: The truth; attacks do not look at it.
    number: int


def answer_all(app, rng) -> tuple[object, list[Person]]:
    """Let most people answer in a random order; give what can be known of each."""
    field = open_field(app, COUNTY)
    cards = [(group, code) for group, codes in field.cards.items() for code in codes]
    rng.shuffle(cards)
    people = []
    put: list[bytes] = []

    def note(_connection, statement, _several, values, _options):
        if getattr(statement, "is_insert", False) and statement.table.name == SealedAnswer.__tablename__:
            put.append(values["id"])

    with app.app_context():
        sa.event.listen(db.engine, "before_execute", note)
        forms = service.Forms()
        for number, (group, code) in enumerate(cards[: len(cards) * 9 // 10]):
            invitation = entries.find_invitation(db.session, KEY, code.in_address)
            language = "en" if rng.random() < 0.03 else "zh_CN"
            minutes, duration = rng.choice(((1, "under_2"), (4, "2_to_10"), (5, "2_to_10"), (30, "over_10")))
            landing = Landing(invitation_id=invitation.id, wave_id=field.wave_id, group=group)
            ticket = service.begin(db.session, landing, forms, language=language, now=NOW)
            answers = full_answers(form_for_group(group), group, level=rng.choice("12345"))
            text = next(item.id for item in forms.get(db.session, ticket.version_id).items_for(group)
                        if item.kind == "text")  # fmt: skip
            answers[text] = MARK.format(number)
            done = service.submit(db.session, ticket, answers, forms, now=NOW + timedelta(minutes=minutes))
            assert done.outcome == "stored", done
            cell = invitation.quota_cell
            traits = {"grade_band": cell.grade_band, "locality": cell.locality, "mode": "web",
                      "language": language, "duration_band": duration}  # fmt: skip
            people.append(
                Person(number=number, sealed=put[-1], group=group, psu=invitation.psu, traits=traits)
            )
        db.session.commit()
        sa.event.remove(db.engine, "before_execute", note)
    close(app, field)
    return field, people


def mix_and_watch(app, field) -> list[Seen]:
    """Mix in small batches; a backup is made after every step."""
    seen: dict[bytes, int] = {}
    with app.app_context():
        steps = mixing.mix_wave(
            db.session, field.wave_id, keys=settings_of(app).keys, now=NOW + timedelta(hours=1), batch=100
        )
        for step, _ in enumerate(steps):
            db.session.commit()
            for number in db.session.scalars(sa.select(Response.id)):
                seen.setdefault(number, step)
        rows = db.session.scalars(sa.select(Response)).all()
        found = [
            Seen(row=row, step=seen[row.id], number=int("".join(filter(str.isdigit, said(row)))))
            for row in rows
        ]
        db.session.expunge_all()
        return found


def said(row: Response) -> str:
    return next(text for text in json.loads(row.answers).values() if text.startswith(MARK[:3]))


def pools(app) -> dict[tuple[str, str], tuple[str, str | None]]:
    with app.app_context():
        return {
            (pool.group, pool.psu): (pool.stratum, pool.pool or None)
            for pool in db.session.scalars(sa.select(Pool))
        }


def candidates(app, people: list[Person], seen: list[Seen]) -> list[tuple[Seen, list[Person]]]:
    """For each response everybody it can be from, given its columns and the step it came with."""
    where = pools(app)
    steps = {one.number: one.step for one in seen}
    found = []
    for one in seen:
        kept = {name: value for name in people[0].traits if (value := getattr(one.row, name))}
        found.append(
            (
                one,
                [
                    each
                    for each in people
                    if each.group == one.row.group
                    and where[each.group, each.psu] == (one.row.stratum, one.row.pool)
                    and all(each.traits[name] == value for name, value in kept.items())
                    and steps[each.number] == one.step
                ],
            )
        )
    return found


def hits_by_order(app, people: list[Person], seen: list[Seen]) -> tuple[int, int]:
    """Lay the answers of a cell beside its people, these as they came in or as the inbox lay; hits, cells."""
    where = pools(app)
    cells: dict[tuple, tuple[list[Person], list[Seen]]] = defaultdict(lambda: ([], []))
    for person in people:
        cells[person.group, *where[person.group, person.psu]][0].append(person)
    for one in seen:
        cells[one.row.group, one.row.stratum, one.row.pool][1].append(one)
    hits = Counter()
    for persons, responses in cells.values():
        responses.sort(key=lambda each: each.row.id)
        for order in ("number", "sealed"):
            persons.sort(key=lambda each: getattr(each, order))
            hits[order] += sum(p.number == r.number for p, r in zip(persons, responses, strict=True))
    return max(hits.values()), len(cells)


def notes_join_nothing(app):
    """PostgreSQL notes on every row which transaction wrote it."""
    with app.app_context():
        notes = {
            table: set(db.session.scalars(sa.text(f"SELECT xmin::text FROM {table}")))
            for table in ("entry", "invitation", "burst", "quota_cell", "response")
        }
        cells = db.session.execute(
            sa.text('SELECT count(DISTINCT xmin::text) FROM response GROUP BY "group", stratum, pool')
        )
        assert set(cells.scalars()) == {1}
    responses = notes.pop("response")
    assert all(not responses & others for others in notes.values())


@pytest.fixture
def answered(either_app):
    rng = random.Random(20261122)
    field, people = answer_all(either_app, rng)
    return either_app, field, people


def everything_stored(app) -> bytes:
    """All columns of all tables, and on SQLite the files as they lie on the disk."""
    with app.app_context():
        content = b""
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(sa.select(table)):
                content += b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in row)
        db.session.rollback()
        if settings_of(app).is_sqlite:
            file = settings_of(app).database_file
            content += b"".join(each.read_bytes() for each in sorted(file.parent.glob(file.name + "*")))
    return content


def test_nothing_is_readable_before_the_mixing_and_nobody_told_from_ten_after(answered):
    app, field, people = answered
    assert len(people) > 900
    content = everything_stored(app)
    assert MARK[:3].encode() not in content
    assert json.dumps(MARK[:3])[1:-1].encode() not in content
    seen = mix_and_watch(app, field)
    assert Counter(one.number for one in seen) == Counter(person.number for person in people)
    in_group = Counter(person.group for person in people)
    for one, persons in candidates(app, people, seen):
        assert one.number in {person.number for person in persons}
        assert len(persons) >= min(MINIMUM, in_group[one.row.group]), (one.row.group, one.row.pool, one.step)
    hits, cells = hits_by_order(app, people, seen)
    assert hits <= cells + 5 * cells**0.5
    if not settings_of(app).is_sqlite:
        notes_join_nothing(app)


def test_a_copy_that_keeps_the_order_is_seen_through(answered, monkeypatch):
    """The control: the same attack on a mixing that does not mix."""
    app, field, people = answered
    numbers = iter(range(1, 10**6))
    monkeypatch.setattr(mixing.random.SystemRandom, "shuffle", lambda *_: None)
    monkeypatch.setattr(mixing.secrets, "token_bytes", lambda size: next(numbers).to_bytes(size, "big"))
    seen = mix_and_watch(app, field)
    hits, _cells = hits_by_order(app, people, seen)
    assert hits > 0.9 * len(people)
