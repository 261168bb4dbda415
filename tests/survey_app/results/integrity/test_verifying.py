"""Verification samples: who is asked again follows from the findings, and cheating by all shows."""

import json

import numpy as np
import pytest
import sqlalchemy as sa

import sampling
from survey_app import settings_of
from survey_app.audit import AuditEntry
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.fieldwork import opening
from survey_app.fieldwork.draws import drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import DrawnUnit, Invitation, StoredFrame
from survey_app.respond import service
from survey_app.results.closing import close_wave
from survey_app.results.integrity import verifying
from survey_app.results.integrity.screening import screen_wave
from survey_app.results.mixing import mix_wave
from survey_app.results.releasing import release_wave
from survey_app.surveys.models import Wave
from tests import factories
from tests.conftest import KEY, NOW
from tests.page import get, post
from tests.survey_app.api.place import call, token_for
from tests.survey_app.respond.field import Field
from tests.survey_app.results.filled import send
from tests.survey_app.results.integrity.planted import best, person


def answered(app, wave, told=(), *, seed: int = 3) -> None:
    """Send an answer with every card of parents; those of the units *told* tick the best."""
    rng, forms = np.random.default_rng(seed), service.Forms()
    field = Field(wave_id=wave.id, private_key=b"", cards={})
    query = sa.select(Invitation).where(Invitation.wave_id == wave.id).order_by(Invitation.id)
    for invitation in db.session.scalars(query).all():
        if invitation.quota_cell.group == "parent":
            make = best if invitation.psu in told else lambda rng, group: person(rng, group, mood=3.4)
            send(field, factories.code_of(invitation), make(rng, "parent"), forms=forms)
    db.session.commit()


def finish(app, wave) -> dict:
    """Close, mix and screen; give the findings."""
    close_wave(db.session, wave, by="test", now=NOW)
    db.session.commit()
    for _step in mix_wave(db.session, wave.id, keys=settings_of(app).keys, now=NOW):
        db.session.commit()
    found = json.loads(screen_wave(db.session, wave.id, now=NOW).content)
    db.session.commit()
    return found


def county() -> dict:
    """The small county with twenty schools of one kind, so that places can be compared."""
    document = factories.small_county()
    school = next(each for each in document["schools"] if each["kind"] == "primary")
    document["schools"] = [
        {**school, "code": f"S{number:03}", "name": f"第{number}小学"} for number in range(1, 21)
    ]
    return document


@pytest.fixture
def world(app):
    """A wave in which the parents of one school were told what to answer, mixed and screened."""
    with app.app_context():
        document = county()
        document["county"] = {**document["county"], "resident_population": 200_000}
        wave = factories.make_open_wave(app, county_file=factories.make_county_file(document))
        db.session.commit()
        psus = list(
            db.session.scalars(
                sa.select(DrawnUnit.psu)
                .where(DrawnUnit.wave_id == wave.id, DrawnUnit.group == "parent")
                .order_by(DrawnUnit.psu)
            )
        )
        answered(app, wave, told=psus[:1])
        found = finish(app, wave)
        yield app, wave, psus, found


def make(wave):
    """Draw the verification sample."""
    return verifying.make_sample(
        db.session,
        wave,
        opens_at=NOW,
        closes_at=NOW.replace(day=27),
        code_key=KEY,
        by="city",
        now=NOW,
    )


def test_flagged_places_and_as_many_others_are_asked_with_fresh_codes(world):
    _, wave, psus, found = world
    assert {each["pool"][2] for each in found["findings"] if each["flagged"] and each["pool"]} == {psus[0]}
    chosen = verifying.choose_places(db.session, wave)
    assert {key[2] for key in chosen.flagged} == {psus[0]}
    assert len(chosen.controls) == 1
    assert not chosen.controls.keys() & chosen.flagged.keys()
    made = make(wave)
    assert made.verifies_wave_id == wave.id
    assert {form.version_id for form in made.forms} == {form.version_id for form in wave.forms}
    old, new = (
        set(db.session.scalars(sa.select(Invitation.token_hash).where(Invitation.wave_id == each.id)))
        for each in (wave, made)
    )
    assert len(new) == 40
    assert not old & new


def test_who_is_asked_is_drawn_and_can_be_replayed(world):
    _, wave, _, _ = world
    made = make(wave)
    draw = drawing.draw_of(db.session, made)
    frame = framing.read_frame(db.session.get_one(StoredFrame, draw.frame_id))
    certificate = sampling.Certificate.from_dict(drawing.certificate_of(draw))
    assert sampling.replay(certificate, frame) == certificate.sample
    people = drawing.recipients(db.session, draw)
    assert len({(one.unit, one.number) for one in people}) == len(people) == 40
    with pytest.raises(ConflictError, match="sample_under_way"):
        make(wave)


def test_the_school_that_was_told_what_to_answer_is_found_out(world):
    app, wave, psus, _ = world
    made = make(wave)
    opening.open_wave(db.session, made, keys=settings_of(app).keys, by="city", now=NOW)
    db.session.commit()
    answered(app, made)
    found = finish(app, made)
    compared = {
        each["pool"][2]: each for each in found["findings"] if each["test"] == "verification" and each["pool"]
    }
    assert len(compared) == 2
    assert [psu for psu, each in compared.items() if each["flagged"]] == [psus[0]]
    flag = compared[psus[0]]
    assert flag["statistic"] > flag["expected"] + 1
    assert "asked anew with fresh codes" in flag["text"]["en"]
    assert flag["picture"]["unit"] == "points"


def test_a_sample_is_not_verified_again(world):
    _, wave, _, _ = world
    with pytest.raises(ConflictError, match="verifies_already"):
        verifying.choose_places(db.session, make(wave))


def test_the_sample_is_in_the_hands_of_those_who_review_flags(world):
    app, wave, _, _ = world
    number = make(wave).id
    db.session.commit()
    for path in (f"/fieldwork/{number}/materials", f"/results/{number}/extend"):
        for role, region, status in (("county", "140522", 404), ("city", "140500", 200)):
            # A context of its own: who is signed in is kept in it.
            with app.app_context():
                assert factories.sign_in(app, role, region).get(path).status_code == status


#: Where waves are listed.
LISTS = ("/surveys/", "/fieldwork/", "/results/", "/entries/", "/telephone/", "/school/")


def test_the_county_sees_nothing_of_a_sample_before_it_was_told(world):
    app, wave, _, _ = world
    number = make(wave).id
    title = db.session.get_one(Wave, number).title
    db.session.commit()
    pages = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.arguments == {"wave_id"} and "GET" in (rule.methods or ())
    ]
    assert len(pages) > 20

    def ask(client, path):
        # A context of its own: who is signed in is kept in it.
        with app.app_context():
            return client.get(path)

    def seen(role, region):
        """Whether lists name the sample, and its pages that do not answer as those of no wave."""
        with app.app_context():
            client = factories.sign_in(app, role, region)
            secret = token_for(app, role, region)
        with app.app_context():
            rows = json.loads(call(app, "/waves", secret).data)["items"]
        listed = {path: title in ask(client, path).get_data(as_text=True) for path in LISTS}
        listed["api"] = number in [row["id"] for row in rows]
        found = set()
        for page in pages:
            places = [page.replace("<int:wave_id>", str(each)) for each in (number, 99999)]
            there, missing = (ask(client, place) for place in places)
            assert there.status_code < 500, page
            if there.status_code != missing.status_code:
                found.add(page)
        return {path for path in listed if listed[path]}, found

    assert seen("county", "140522") == (set(), set())
    listed, found = seen("city", "140500")
    assert listed == {"/surveys/", "/fieldwork/", "/results/", "api"}
    assert {"/surveys/<int:wave_id>", "/fieldwork/<int:wave_id>/draw"} <= found
    board = f"/results/{wave.id}/integrity/"
    with pytest.raises(ConflictError, match="verifies_nothing"):
        verifying.tell(db.session, wave, by="city", now=NOW)
    db.session.rollback()
    with app.app_context():
        city = factories.sign_in(app, "city", "140500")
        shown = get(city, board)
        assert "县里和学校还看不到这份样本" in shown.text
        assert "混合以后，才能再抽一份" in shown.text
        assert f"{board}sample" not in shown.html
        post(city, f"/results/{number}/integrity/tell", to=board)
        post(city, f"/results/{number}/integrity/tell", status=409)
        assert "告知县里" in get(city, board).text
    listed, found = seen("county", "140522")
    assert listed >= {"/surveys/", "/fieldwork/", "/results/", "api"}
    assert "/surveys/<int:wave_id>" in found
    assert db.session.query(AuditEntry).filter_by(action="wave.verification_told").count() == 1


def test_the_sample_is_never_released(world):
    _, wave, _, _ = world
    with pytest.raises(ConflictError, match="wave_verifies"):
        release_wave(db.session, make(wave), by="city", now=NOW)
