"""The steps behind their pages, on both databases: order, what a change undoes, what was seen."""

from datetime import timedelta

import pytest

from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.surveys import service, settling
from survey_app.surveys.details import Details, details_as_written
from survey_app.surveys.groups import FORMS
from survey_app.surveys.models import STEPS
from survey_app.surveys.rule_choices import CHOICES, choice_words, consequence
from survey_app.surveys.rules import RuleSet, default_rules
from survey_app.surveys.wave_plans import PlanInput
from tests.conftest import NOW
from tests.factories import COUNTY_LISTS, make_county_file, make_wave, small_county

DETAILS = Details(
    title="2026年社会认可度调查",
    opens_at=NOW + timedelta(days=1),
    closes_at=NOW + timedelta(days=6),
    contact="县教育局 0356-4222222",
    pressure_contact="市教育局 0356-2222222",
)
DEED = {"by": "clerk", "now": NOW}


@pytest.fixture(autouse=True)
def in_app(either_app):
    with either_app.app_context():
        yield


def begin():
    return settling.begin_wave(db.session, DETAILS, county_file=make_county_file(), **DEED)


def settle_rules(wave, rules=None, **given):
    return settling.settle_rules(
        db.session,
        wave,
        rules or default_rules(),
        **{
            "scheme_id": wave.scheme_id,
            "versions": dict.fromkeys(FORMS),
            "seen": settling.rules_as_written(db.session, wave),
            "agreed": False,
            **DEED,
            **given,
        },
    )


def settle_plan(wave, plan=None, **given):
    plan = plan or PlanInput(group_sizes=COUNTY_LISTS)
    return settling.settle_plan(
        db.session,
        wave,
        plan,
        **{"seen": settling.plan_as_written(wave), "agreed": False, **DEED, **given},
    )


def test_a_wave_stands_at_the_first_step_that_is_not_settled():
    wave = begin()
    assert wave.steps == dict(zip(STEPS, ("done", "next", "waiting", "waiting", "waiting"), strict=True))
    settle_rules(wave)
    assert wave.steps["plan"] == "next"
    settle_plan(wave)
    assert wave.steps["frame"] == "next"
    assert set(make_wave(county_file=wave.county_file).steps.values()) == {"done", "next", "waiting"}


def test_a_plan_waits_for_its_rules():
    with pytest.raises(ConflictError, match="rules_not_settled"):
        settle_plan(begin())


def test_nothing_can_be_read_from_a_plan_that_has_to_be_settled_again():
    wave = begin()
    settle_rules(wave)
    with pytest.raises(ConflictError, match="not_planned"):
        service.plan_of(wave)
    settle_plan(wave)
    assert next(iter(service.plan_of(wave)["quotas"])) == "parent"
    settle_rules(wave, scheme_id="hunan-2023", agreed=True)
    with pytest.raises(ConflictError, match="not_planned"):
        service.plan_of(wave)
    assert settling.last_plan_of(wave)["group_sizes"]["deputy"] == COUNTY_LISTS["deputy"]


def test_another_plan_undoes_the_frame_where_that_is_agreed_to():
    wave = begin()
    settle_rules(wave)
    settle_plan(wave)
    wave.framed_at = NOW
    other = PlanInput(group_sizes={**COUNTY_LISTS, "public": 4000})
    with pytest.raises(settling.AgreementNeededError) as needed:
        settle_plan(wave, other)
    assert needed.value.lost == ("frame",)
    assert wave.framed_at == NOW
    settle_plan(wave, other, agreed=True)
    assert wave.framed_at is None


def test_what_somebody_else_changed_is_named_with_both_values():
    wave = begin()
    seen = settling.rules_as_written(db.session, wave)
    settle_rules(wave, RuleSet(**{**rules_by_name(), "satisfaction": "overall"}))
    with pytest.raises(settling.ChangedMeanwhileError) as changed:
        settle_rules(wave, seen=seen)
    assert changed.value.changes == [("satisfaction", "mean", "overall")]


def rules_by_name():
    rules = default_rules()
    return {
        name: getattr(rules, name)
        for name in (
            "validity",
            "dont_know_below",
            "satisfaction",
            "satisfied_from",
            "dont_know",
            "weighting",
            "source",
        )
    }


def test_details_of_another_county_cannot_be_taken():
    wave = begin()
    other = make_county_file(code="140524")
    with pytest.raises(NotFoundError):
        settling.change_details(
            db.session,
            wave,
            DETAILS,
            county_file=other,
            seen=details_as_written(wave),
            agreed=True,
            **DEED,
        )


@pytest.mark.parametrize("scheme", ["nope", ""])
def test_a_scheme_that_is_none_is_refused(scheme):
    with pytest.raises(NotFoundError):
        settle_rules(begin(), scheme_id=scheme)


def test_a_questionnaire_that_is_not_offered_is_refused():
    with pytest.raises(NotFoundError):
        settle_rules(begin(), versions={"public": 99})


def test_schools_without_figures_cannot_be_begun_with():
    document = small_county()
    file = make_county_file({**document, "schools": [{**document["schools"][0], "pupils": {}}]})
    with pytest.raises(RefusedInputError):
        settling.begin_wave(db.session, DETAILS, county_file=file, **DEED)


def test_every_rule_that_can_be_chosen_says_what_follows():
    for concern, names in CHOICES.items():
        for name in names:
            for text in (choice_words(concern, name), consequence(concern, name)):
                assert text.zh
                assert text.en
                assert "{" not in text.zh + text.en
