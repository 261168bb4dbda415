"""What came by posters and class codes, beside what was drawn."""

import json
from fractions import Fraction

import pytest
import sqlalchemy as sa

from survey_app.db import db
from survey_app.fieldwork.open_entries import points as open_entries
from survey_app.respond import service as respond
from survey_app.results import counting
from survey_app.results.models import MixedCell, Response
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import form_for_group
from survey_app.surveys.rules import RuleSet, default_rules
from tests.conftest import KEY, NOW
from tests.survey_app.respond.field import Unit, full_answers, open_field
from tests.survey_app.results.filled import send
from tests.survey_app.results.test_outcome import finished

UNITS = (
    Unit(group="parent", psu="A", cards=12, size=200),
    Unit(group="parent", psu="B", cards=12, size=200),
    Unit(group="public", cards=20, size=5000),
)


def declare(app, field, **rules) -> None:
    """Let the wave's rules say something else."""
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        wave.rules = RuleSet.from_content(json.dumps(json.loads(default_rules().content) | rules)).content
        db.session.commit()


def came(app, field, kind: str, levels: str, *, group="public", psu="", stratum="") -> None:
    """Let somebody come by an open entry for each of *levels*."""
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        point = open_entries.make_point(
            db.session, wave, kind=kind, group="public", place="北留村", cap=50, cell_cap=50,
            code_key=KEY, by="test", now=NOW,
        )  # fmt: skip
        point.quota_cell.group = group
        if psu:
            point.psu, point.stratum = psu, stratum
        forms = respond.Forms()
        code = open_entries.code_of(point, KEY).in_address
        for level in levels:
            landing = respond.arrive(db.session, KEY, code, now=NOW)
            ticket = respond.begin(db.session, landing, forms, language="zh_CN", now=NOW)
            answers = full_answers(form_for_group(group), group, level=level)
            assert respond.submit(db.session, ticket, answers, forms, now=NOW).outcome == "stored"
        db.session.commit()


@pytest.fixture
def field(app):
    """Everybody with a card answers: 44 satisfied."""
    field = open_field(app, UNITS)
    with app.app_context():
        forms = respond.Forms()
        for group, cards in field.cards.items():
            for code in cards:
                send(field, code, full_answers(form_for_group(group), group, level="5"), forms=forms)
        db.session.commit()
    return field


def test_posters_stand_apart_and_count_in_nothing(app, field):
    came(app, field, "poster", "1" * 16)
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == 1
    assert outcome["official"]["valid"] == outcome["weighted"]["n"] == 44
    assert outcome["parents"]["share"] == Fraction(24, 44)
    assert outcome["responses"] == 60
    assert outcome["posters"] == {
        "n": 16, "counted": False, "withheld": False, "valid": 16, "satisfied": 0, "rate": Fraction(0),
    }  # fmt: skip
    assert "海报" not in outcome["rules"]["words"]["zh"]
    with app.app_context():
        kept = db.session.scalars(sa.select(Response).where(Response.stratum == "~poster")).all()
        assert {row.way for row in kept} == {"poster"}


def test_posters_count_in_the_rate_where_the_rules_declare_it_and_never_in_the_interval(app, field):
    declare(app, field, posters="counted")
    came(app, field, "poster", "1" * 16)
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == Fraction(44, 60)
    assert outcome["weighted"]["n"] == 44
    assert outcome["weighted"]["estimate"] == 1
    assert outcome["parents"]["share"] == Fraction(24, 60)
    assert outcome["posters"]["counted"] is True
    everybody, parents = outcome["form_vi"]
    assert (everybody["distributed"], everybody["returned"], everybody["valid"]) == (60, 60, 60)
    assert (parents["distributed"], parents["returned"], parents["valid"]) == (24, 24, 24)
    assert "海报" in outcome["rules"]["words"]["zh"]


def test_parents_are_too_few_where_posters_that_count_outnumber_them(app, field):
    declare(app, field, posters="counted")
    came(app, field, "poster", "5" * 16)
    with app.app_context():
        wave = surveys.get_wave(db.session, field.wave_id)
        counts, wanted = counting.counts_by_group(db.session, wave), counting.demands(wave.scheme_id)
        posters = counting.posters_counted(db.session, wave)
        warned = counting.warnings_before_close(counts, wanted, posters=posters)
        assert not counting.warnings_before_close(counts, wanted).few_parents
    assert (warned.few_parents, warned.parents_share, warned.spent) == (True, Fraction(24, 60), 44)


def test_a_few_by_posters_leave_their_number(app, field):
    came(app, field, "poster", "1" * 9)
    outcome = finished(app, field)
    assert (outcome["posters"]["n"], outcome["posters"]["withheld"]) == (9, True)
    assert outcome["posters"]["valid"] is None
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 44
        cell = db.session.scalars(sa.select(MixedCell).where(MixedCell.stratum == "~poster")).one()
        assert json.loads(cell.sums)["valid"] == 0


def test_a_few_by_declared_posters_count_in_a_sum_of_at_least_ten(app, field):
    declare(app, field, posters="counted")
    came(app, field, "poster", "1" * 9)
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == Fraction(44, 53)
    assert outcome["summed"] == 29
    assert outcome["parents"]["share"] == Fraction(24, 53)


def test_a_villages_answers_stand_with_the_residents(app, field):
    came(app, field, "class", "1" * 5)
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == Fraction(44, 49)
    assert outcome["weighted"]["n"] == 49
    (row,) = [row for row in outcome["groups"] if row["group"] == "public"]
    assert (row["distributed"], row["valid"], row["spent"]) == (25, 25, 25)
    assert outcome["form_vi"][0]["distributed"] == outcome["official"]["valid"] == 49
    with app.app_context():
        ways = set(db.session.scalars(sa.select(Response.way).where(Response.group == "public")))
    assert ways == {""}


def test_a_classes_answers_stand_in_their_school(app, field):
    came(app, field, "class", "1" * 12, group="parent", psu="B", stratum="全部")
    outcome = finished(app, field)
    assert outcome["weighted"]["n"] == 56
    with app.app_context():
        rows = db.session.execute(
            sa.select(Response.pool, Response.way, sa.func.count())
            .where(Response.group == "parent")
            .group_by(Response.pool, Response.way)
        ).all()
    assert {tuple(row) for row in rows} == {("A", "drawn", 12), ("B", "drawn", 12), ("B", "class", 12)}


def test_more_answers_than_people_on_a_list_are_counted_all_the_same(app):
    field = open_field(app, (*UNITS, Unit(group="parent", psu="C", cards=12, size=14)))
    with app.app_context():
        for group, cards in field.cards.items():
            for code in cards:
                send(field, code, full_answers(form_for_group(group), group, level="5"))
        db.session.commit()
    came(app, field, "class", "1" * 12, group="parent", psu="C", stratum="全部")
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == Fraction(56, 68)
    assert outcome["weighted"]["n"] == 68


def test_a_class_outside_the_draw_counts_and_enters_no_interval(app, field):
    came(app, field, "class", "1" * 12, group="parent", psu="elsewhere", stratum="全部")
    outcome = finished(app, field)
    assert outcome["official"]["rate"] == Fraction(44, 56)
    assert outcome["weighted"]["n"] == 44


def test_rules_that_say_nothing_of_posters_keep_their_digest():
    said = json.loads(default_rules().content)
    assert "posters" not in said
    same = RuleSet.from_content(json.dumps(said | {"posters": "apart"}))
    assert same.digest == default_rules().digest
    assert RuleSet.from_content(json.dumps(said | {"posters": "counted"})).digest != same.digest
