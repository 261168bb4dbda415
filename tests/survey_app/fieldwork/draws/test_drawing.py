import hashlib
import json
from collections import Counter
from fractions import Fraction

import pytest
import sqlalchemy as sa

import sampling
from survey_app import audit
from survey_app.db import db
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork import codes
from survey_app.fieldwork.draws import allotting, drawing
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import Batch, DrawnUnit, Invitation, StoredDraw, StoredFrame
from survey_app.surveys import service as surveys
from survey_app.surveys.models import WaveState
from tests.conftest import KEY, NOW
from tests.factories import code_of, draw_wave, make_wave


@pytest.fixture(autouse=True)
def in_app(app):
    with app.app_context():
        yield


def rows(model, **where):
    return db.session.scalars(sa.select(model).filter_by(**where).order_by(model.id)).all()


def actions():
    return db.session.scalars(sa.select(audit.AuditEntry.action).order_by(audit.AuditEntry.number)).all()


def test_the_frame_holds_every_list_under_its_digest():
    wave = make_wave()
    stored = framing.build_frame(db.session, wave, by="test", now=NOW)
    frame = framing.read_frame(stored)
    assert stored.digest == frame.digest == hashlib.sha256(stored.content.encode()).hexdigest()
    assert frame.digest == framing.preview(wave).digest
    people = {group: sum(unit.size for unit in frame.of(group)) for group in frame.groups}
    assert people == surveys.plan_of(wave)["group_sizes"]
    assert [(unit.id, unit.size) for unit in frame.of("deputy")] == [("140522", 236)]
    assert {unit.size for unit in frame.of("principal")} == {1}
    assert actions()[-1] == "frame.built"


def test_building_the_same_frame_again_finds_it():
    wave = make_wave()
    first = framing.build_frame(db.session, wave, by="test", now=NOW)
    assert framing.build_frame(db.session, wave, by="test", now=NOW) is first
    assert len(rows(StoredFrame)) == 1


def test_more_people_than_residents_are_refused():
    wave = make_wave(population=100, group_sizes={"deputy": 5, "cppcc_member": 5, "public": 5})
    parents = surveys.plan_of(wave)["group_sizes"]["parent"]
    with pytest.raises(RefusedInputError) as refused:
        framing.build_frame(db.session, wave, by="test", now=NOW)
    assert {fault.rule for fault in refused.value.faults} == {"more_than_residents"}
    assert refused.value.faults[0].value == str(parents)
    assert rows(StoredFrame) == []


def test_a_draw_invites_as_many_as_planned_in_every_group():
    wave = draw_wave(make_wave())
    invited = Counter(invitation.quota_cell.group for invitation in rows(Invitation))
    assert invited == surveys.plan_of(wave)["quotas"]
    assert wave.state is WaveState.DRAWN
    cells = Counter()
    for cell in wave.quota_cells:
        cells[cell.group] += cell.target
        assert cell.target == len(rows(Invitation, quota_cell_id=cell.id))
        assert cell.cap is None
    assert cells == invited
    assert actions()[-1] == "wave.drawn"


def test_clustered_groups_give_ten_or_more_invitations_to_each_drawn_unit():
    draw_wave(make_wave())
    for group in framing.CLUSTERED:
        units = {unit.psu: unit for unit in rows(DrawnUnit, group=group)}
        found = Counter(one.psu for one in rows(Invitation) if one.quota_cell.group == group)
        assert found == {psu: unit.places for psu, unit in units.items()}
        assert min(found.values()) >= 10
        for unit in units.values():
            assert 0 < Fraction(unit.probability) <= 1
            assert unit.places <= unit.size
            assert unit.stratum_psus >= sum(other.stratum == unit.stratum for other in units.values())


def test_a_school_gets_enough_invitations_to_keep_ten_answers_when_some_do_not_answer():
    draw_wave(make_wave())
    parents = rows(DrawnUnit, group="parent")
    assert min(unit.places for unit in parents) >= allotting.places_per_school() > 10
    assert len(parents) >= 2


@pytest.mark.parametrize(("n", "minimum"), [(45, 12), (24, 12), (23, 10), (20, 10)])
def test_a_small_group_takes_two_schools_of_ten_before_one_of_twelve(n, minimum):
    units = [sampling.FrameUnit(group="student", id=f"s{at}", size=90) for at in range(4)]
    plan = {"quotas": {"student": n}, "invitations": {"student": n}}
    (made,) = allotting.group_plans(plan, sampling.Frame(units))
    assert made.minimum == minimum


def test_positions_number_the_drawn_units_of_a_stratum():
    draw_wave(make_wave())
    found = {}
    for unit in rows(DrawnUnit, group="parent"):
        found.setdefault(unit.stratum, []).append(unit.position)
    assert all(positions == list(range(len(positions))) for positions in found.values())


@pytest.mark.parametrize("group", ["teacher", "principal", "deputy", "cppcc_member", "public"])
def test_groups_drawn_as_persons_keep_their_stratum_and_no_school(group):
    wave = draw_wave(make_wave())
    people = [one for one in rows(Invitation) if one.quota_cell.group == group]
    assert {(one.psu, one.stratum) for one in people} == {("", "all")}
    assert {one.batch.school_code for one in people} == {None}
    (unit,) = rows(DrawnUnit, group=group)
    assert (unit.psu, unit.school_code, unit.places) == ("", None, len(people))
    assert unit.size == unit.stratum_psus == surveys.plan_of(wave)["group_sizes"][group]
    assert Fraction(unit.probability) == Fraction(unit.places, unit.size)


def test_the_stored_certificate_replays_from_the_stored_frame():
    wave = draw_wave(make_wave())
    draw = drawing.draw_of(db.session, wave)
    assert draw is not None
    document = json.loads(json.dumps(drawing.certificate_of(draw)))
    frame = framing.read_frame(db.session.get_one(StoredFrame, draw.frame_id))
    sample = sampling.replay(sampling.Certificate.from_dict(document), frame)
    assert draw.digest == hashlib.sha256(draw.certificate.encode()).hexdigest() == document["digest"]
    assert sum(len(one.places) for one in sample.draws) == len(rows(Invitation))


def test_another_seed_draws_another_sample():
    first = draw_wave(make_wave(), seed="one")
    second = draw_wave(make_wave(county_file=first.county_file), seed="two")
    digests = [drawing.draw_of(db.session, wave).digest for wave in (first, second)]
    assert digests[0] != digests[1]


def test_every_recipient_has_exactly_one_card():
    wave = draw_wave(make_wave())
    draw = drawing.draw_of(db.session, wave)
    found = drawing.recipients(db.session, draw)
    cards = {(one.batch, one.serial) for one in found}
    invited = {(one.batch.position, one.serial) for one in rows(Invitation)}
    assert cards == invited
    assert len(found) == len(invited)
    batches = {batch.position: batch for batch in rows(Batch)}
    for one in found:
        assert batches[one.batch].group == one.group
        assert batches[one.batch].school_code in (None, one.school_code)
    people = Counter((one.group, one.school_code, one.band, one.number) for one in found)
    assert set(people.values()) == {1}


def test_codes_are_stored_as_keyed_hashes_only():
    draw_wave(make_wave())
    for invitation in rows(Invitation)[::17]:
        code = code_of(invitation)
        assert invitation.token_hash == codes.token_hash(KEY, code.token)
        assert invitation.typed_hash == codes.typed_hash(KEY, code.typed)


def test_a_school_of_two_stages_says_which_in_its_batch():
    draw_wave(make_wave(population=1_008_281))
    places = {batch.place for batch in rows(Batch, group="parent")}
    assert "第8学校（小学）" in places or "第8学校（初中）" in places
    assert "第5学校" in places


def test_drawing_twice_or_without_a_frame_is_refused():
    wave = make_wave()
    given = {"seed": "s", "code_key": KEY, "by": "test", "now": NOW}
    with pytest.raises(ConflictError, match="no_frame"):
        drawing.draw_wave(db.session, wave, **given)
    draw_wave(wave)
    with pytest.raises(ConflictError, match="already_drawn"):
        drawing.draw_wave(db.session, wave, **given)
    with pytest.raises(ConflictError, match="already_drawn"):
        framing.build_frame(db.session, wave, by="test", now=NOW)


@pytest.mark.parametrize("seed", ["", "  ", "two\nlines", "x" * 129, "tab\there"])
def test_a_seed_that_is_not_one_line_is_refused_and_nothing_drawn(seed):
    wave = make_wave()
    framing.build_frame(db.session, wave, by="test", now=NOW)
    with pytest.raises(RefusedInputError) as refused:
        drawing.draw_wave(db.session, wave, seed=seed, code_key=KEY, by="test", now=NOW)
    assert refused.value.faults[0].rule == "seed_unfit"
    assert rows(StoredDraw) == []
    assert wave.state is WaveState.DRAFT


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("all", "全县", "Whole county"),
        ("primary", "小学", "Primary school"),
        ("junior·rural", "初中 · 乡村", "Junior middle school · Countryside"),
    ],
)
def test_strata_have_names_people_read(name, zh, en):
    label = framing.stratum_label(name)
    assert (label.zh, label.en) == (zh, en)


def commit(wave, seed="保密 2026"):
    return drawing.commit_seed(db.session, wave, seed=seed, by="test", now=NOW)


def test_a_committed_seed_is_published_as_its_digest_alone_and_carried_by_the_certificate():
    wave = make_wave()
    digest = hashlib.sha256("保密 2026".encode()).hexdigest()
    assert commit(wave).digest == digest
    entry = db.session.scalars(sa.select(audit.AuditEntry).order_by(audit.AuditEntry.number.desc())).first()
    assert entry.action == "seed.committed"
    assert json.loads(entry.details) == {"wave": wave.id, "commitment": digest}
    draw_wave(wave, seed=" 保密 2026 ")
    made = drawing.draw_of(db.session, wave)
    certificate = sampling.Certificate.from_dict(drawing.certificate_of(made))
    stored = db.session.get_one(StoredFrame, made.frame_id)
    assert certificate.sample.commitment == digest
    assert sampling.replay(certificate, framing.read_frame(stored), commitment=digest) == certificate.sample
    assert len(drawing.recipients(db.session, made)) == len(rows(Invitation))


def test_another_seed_than_the_committed_one_draws_nothing():
    wave = make_wave()
    commit(wave)
    with pytest.raises(RefusedInputError) as refused:
        draw_wave(wave, seed="2027")
    assert refused.value.faults[0].rule == "seed_not_committed"
    assert rows(Invitation) == []


def test_a_commitment_comes_once_and_before_the_frame():
    wave = make_wave()
    commit(wave)
    with pytest.raises(ConflictError) as refused:
        commit(wave, "2027")
    assert refused.value.code == "already_committed"
    late = make_wave(county_file=wave.county_file)
    framing.build_frame(db.session, late, by="test", now=NOW)
    with pytest.raises(ConflictError) as refused:
        commit(late)
    assert refused.value.code == "frame_known"
    draw_wave(late)
    with pytest.raises(ConflictError) as refused:
        commit(late)
    assert refused.value.code == "already_drawn"


@pytest.mark.parametrize("seed", ["", " ", "a\nb", "x" * 129])
def test_a_seed_that_could_not_be_drawn_with_cannot_be_committed_to(seed):
    with pytest.raises(RefusedInputError) as refused:
        commit(make_wave(), seed)
    assert refused.value.faults[0].rule == "seed_unfit"


def test_a_reserve_is_drawn_at_once_and_certified():
    wave = draw_wave(make_wave())
    certificate = json.loads(drawing.draw_of(db.session, wave).certificate)
    assert certificate["version"] == "junheng draw 2"
    for group in certificate["groups"]:
        n, reserve = group["plan"]["n"], group["plan"]["reserve"]
        assert len(group["reserve"]) == reserve
        assert reserve == -(-n // 5) or group["plan"]["group"] == "principal"
