import pytest

from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.surveys import authoring, service
from survey_app.surveys.questionnaire_loader import load_form
from tests.conftest import NOW
from tests.factories import make_wave

from .published import publish_directly


@pytest.fixture(autouse=True)
def _in_the_application(app):
    with app.app_context():
        yield


def test_a_county_can_use_the_built_in_forms_and_what_it_and_the_regions_above_published():
    wave = make_wave()
    publish_directly("140000", "省卷")
    publish_directly("140522", "县卷一")
    publish_directly("140522", "县卷二", number=2)
    publish_directly("140524", "邻县卷")
    offered = authoring.available(db.session, wave.county_code)
    found = [(choice.region, choice.number) for choice in offered["student"]]
    assert found == [("", 0), ("140522", 2), ("140522", 1), ("140000", 1)]
    assert [choice.version_id for choice in offered["staff"]] == [None]
    assert offered["staff"][0].digest == load_form("staff").digest
    assert "县卷二" in offered["student"][1].title.zh


def test_an_opened_wave_uses_what_was_chosen_and_the_built_in_rest():
    wave = make_wave()
    version = publish_directly("140500", "市卷")
    authoring.choose(db.session, wave, {"student": version, "staff": None})
    assert authoring.chosen(db.session, wave)["student"].version_id == version
    service.freeze_forms(db.session, wave, NOW)
    assert service.form_of(db.session, wave, "student")[0] == version
    assert service.form_of(db.session, wave, "teacher")[1] == load_form("staff")
    after = authoring.chosen(db.session, wave)
    assert (after["student"].number, after["staff"].number, after["staff"].digest) == (
        1,
        0,
        load_form("staff").digest,
    )
    wave.opened_at = NOW
    with pytest.raises(ConflictError, match="forms_frozen"):
        authoring.choose(db.session, wave, {"student": None})


def test_all_three_forms_can_be_chosen_and_a_choice_taken_back():
    wave = make_wave()
    versions = {
        form: publish_directly("140500", "市卷", form=form) for form in ("public", "staff", "student")
    }
    authoring.choose(db.session, wave, versions)
    authoring.choose(db.session, wave, {"public": None})
    digests = service.freeze_forms(db.session, wave, NOW)
    assert digests["public"] == load_form("public").digest
    assert digests["staff"] != load_form("staff").digest


@pytest.mark.parametrize("form", ["staff", "nonsense"])
def test_a_version_of_another_region_or_form_is_not_found(form):
    wave = make_wave()
    foreign = publish_directly("430000", "外省卷")
    with pytest.raises(NotFoundError):
        authoring.choose(db.session, wave, {"student": foreign})
    with pytest.raises(NotFoundError):
        authoring.choose(db.session, wave, {form: publish_directly("140000", "省卷")})
