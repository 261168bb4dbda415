from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from survey_app import audit
from survey_app.clock import BEIJING
from survey_app.counties import service as counties
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.surveys import service
from survey_app.surveys.models import QuestionnaireVersion, WaveState
from survey_app.surveys.questionnaire_loader import load_form
from survey_app.surveys.rules import default_rules
from tests.conftest import NOW
from tests.factories import make_county_file, make_wave, small_county


@pytest.fixture(autouse=True)
def in_app(app):
    with app.app_context():
        yield


def test_a_wave_keeps_its_plan_rules_and_sources():
    wave = make_wave()
    plan = service.plan_of(wave)
    assert wave.state is WaveState.DRAFT
    assert plan["sample_size"] == 300
    assert list(plan["quotas"]) == [
        "parent",
        "student",
        "teacher",
        "principal",
        "deputy",
        "cppcc_member",
        "public",
    ]
    assert plan["quotas"]["parent"] == 150
    assert plan["group_sizes"]["principal"] == plan["quotas"]["principal"] == 13
    assert {"zh", "en"} == set(plan["notes"][0]["text"])
    assert service.rules_of(wave) == default_rules()
    assert len(wave.scheme_digest) == 64


def test_planning_a_wave_stands_in_the_audit_trail():
    wave = make_wave()
    entry = db.session.scalars(sa.select(audit.AuditEntry)).one()
    assert (entry.action, entry.region_code, entry.actor) == ("wave.planned", wave.county_code, "test")


def test_every_fault_of_the_input_is_refused_at_once_and_nothing_stored():
    with pytest.raises(RefusedInputError) as refused:
        make_wave(
            title=" ",
            contact="",
            pressure_contact="x" * 201,
            closes_at=NOW - timedelta(hours=1),
            group_sizes={"deputy": 5},
        )
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [
        ("title", "title_empty"),
        ("contact", "contact_empty"),
        ("pressure_contact", "contact_empty"),
        ("closes_at", "window_empty"),
        ("group_size", "list_size_missing"),
        ("group_size", "list_size_missing"),
    ]
    assert all("{" not in fault.message for fault in refused.value.faults)
    assert service.waves_of(db.session, [""]) == []


def test_what_no_card_could_show_and_no_calendar_has_is_refused():
    with pytest.raises(RefusedInputError) as refused:
        make_wave(title="第一轮\n调查", contact="\0", opens_at=datetime(1, 1, 1, tzinfo=BEIJING))
    assert [(fault.where, fault.rule) for fault in refused.value.faults] == [
        ("title", "not_a_line"),
        ("contact", "not_a_line"),
        ("closes_at", "window_years"),
    ]
    assert all("{" not in fault.message for fault in refused.value.faults)


def test_schools_without_figures_are_named():
    document = small_county()
    schools = [{**document["schools"][0], "pupils": {}}, *document["schools"][1:]]
    with pytest.raises(RefusedInputError) as refused:
        make_wave(county_file=make_county_file({**document, "schools": schools}))
    assert [fault.value for fault in refused.value.faults] == [document["schools"][0]["name"]]


def test_a_county_without_schools_has_no_parents_to_ask():
    with pytest.raises(RefusedInputError) as refused:
        make_wave(county_file=make_county_file({**small_county(), "schools": []}))
    assert [fault.rule for fault in refused.value.faults] == ["no_parents"]


def test_a_county_without_population_cannot_be_planned():
    document = small_county()
    county = {key: value for key, value in document["county"].items() if key != "resident_population"}
    with pytest.raises(ConflictError, match="population_missing"):
        make_wave(county_file=make_county_file({**document, "county": county}))


def test_waves_are_found_by_region_only():
    wave = make_wave()
    assert service.waves_of(db.session, ["1405"]) == [wave]
    assert service.waves_of(db.session, [""]) == [wave]
    assert service.waves_of(db.session, ["43", "140524"]) == []
    assert service.waves_of(db.session, []) == []
    assert [region.code for region in counties.counties_with_files(db.session, ["14"])] == ["140522"]
    assert counties.counties_with_files(db.session, ["43"]) == []
    with pytest.raises(NotFoundError):
        service.get_wave(db.session, wave.id + 1)


def test_questionnaires_are_frozen_once_and_shared_by_waves():
    first = make_wave()
    digests = service.freeze_forms(db.session, first, NOW)
    assert digests == {form: load_form(form).digest for form in ("public", "staff", "student")}
    first.opened_at = NOW
    with pytest.raises(ConflictError, match="forms_frozen"):
        service.freeze_forms(db.session, first, NOW)
    other = make_wave(county_file=first.county_file)
    service.freeze_forms(db.session, other, NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(QuestionnaireVersion)) == 3
    version, form = service.form_of(db.session, other, "principal")
    assert form == load_form("staff")
    assert service.form_of(db.session, first, "teacher")[0] == version


def test_a_wave_that_is_not_opened_has_no_frozen_form():
    with pytest.raises(ConflictError, match="not_opened"):
        service.form_of(db.session, make_wave(), "parent")
