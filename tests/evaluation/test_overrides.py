"""Findings that people set otherwise: what follows from them, and what stays as it was computed."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.findings import Outcome, conclude
from evaluation.overrides import is_overridable, place_of, with_overrides
from tests.evaluation.situations import county, hunan_county, judged, small

VERDICT = judged(small())
PLACES = [place_of(each) for each in VERDICT.findings if is_overridable(each, VERDICT.scheme)]


def computed(place):
    return next(each for each in VERDICT.findings if place_of(each) == place)


chosen = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(list(Outcome)), min_size=1, max_size=4)


def test_without_overrides_the_verdict_is_the_same():
    assert with_overrides(VERDICT, {}) is VERDICT


def test_setting_every_finding_to_what_was_computed_changes_no_outcome():
    same = with_overrides(VERDICT, {place: computed(place).outcome for place in PLACES})
    assert (same.outcome, same.sections, same.items) == (VERDICT.outcome, VERDICT.sections, VERDICT.items)
    assert same.reasons == VERDICT.reasons
    assert [each.outcome for each in same.findings] == [each.outcome for each in VERDICT.findings]


@settings(max_examples=40, deadline=None)
@given(chosen)
def test_the_verdict_is_concluded_anew_from_its_sections_and_nothing_computed_is_lost(overrides):
    anew = with_overrides(VERDICT, overrides)
    assert anew.outcome is conclude(anew.sections.values())
    assert (anew.outcome is Outcome.MET) == (not anew.reasons)
    assert [place_of(each) for each in anew.findings] == [place_of(each) for each in VERDICT.findings]
    for before, after in zip(VERDICT.findings, anew.findings, strict=True):
        place = place_of(before)
        if place in overrides:
            assert (after.outcome, after.computed) == (overrides[place], before.outcome)
            assert (after.value, after.gap) == (before.value, before.gap)
        else:
            assert after.computed is None


@settings(max_examples=40, deadline=None)
@given(chosen)
def test_meeting_more_never_turns_the_verdict_for_the_worse(overrides):
    better = with_overrides(VERDICT, dict.fromkeys(overrides, Outcome.MET))
    if VERDICT.outcome is Outcome.MET:
        assert better.outcome is Outcome.MET
    if better.outcome is Outcome.NOT_MET:
        assert VERDICT.outcome is Outcome.NOT_MET


def test_a_failing_section_fails_the_county_and_is_named():
    place = next(each for each in PLACES if computed(each).section == "recognition")
    failed = with_overrides(VERDICT, {place: Outcome.NOT_MET})
    assert failed.sections["recognition"] is Outcome.NOT_MET
    assert failed.outcome is Outcome.NOT_MET
    assert place in [place_of(each) for each in failed.deciding]
    assert place[0] in failed.reasons


def test_a_schools_rule_is_judged_anew_from_its_indicators():
    verdict = judged(county())
    unit = next(each for each in verdict.units if each.outcome is Outcome.MET)
    part = (unit.part.school, unit.part.stage)
    open_ = {place_of(each) for each in verdict.findings if is_overridable(each, verdict.scheme)}
    places = [(id_, *part) for id_ in unit.outcomes if (id_, *part) in open_]
    failed = with_overrides(verdict, dict.fromkeys(places, Outcome.NOT_MET))
    (rule,) = [each for each in failed.findings if place_of(each) == ("R.school", *part)]
    assert (rule.outcome, rule.value, rule.computed) == (Outcome.NOT_MET, Fraction(0), None)
    assert failed.sections["resources"] is Outcome.NOT_MET
    kept = with_overrides(
        verdict, {**dict.fromkeys(places, Outcome.NOT_MET), ("R.school", *part): Outcome.MET}
    )
    (rule,) = [each for each in kept.findings if place_of(each) == ("R.school", *part)]
    assert rule.outcome is Outcome.MET


def test_what_follows_from_others_and_what_is_not_there_cannot_be_set():
    closed = next(each for each in VERDICT.findings if not is_overridable(each, VERDICT.scheme))
    for place in (place_of(closed), ("R99", None, None)):
        with pytest.raises(LookupError):
            with_overrides(VERDICT, {place: Outcome.MET})


def test_points_are_changed_where_they_are_given_not_by_overrides():
    verdict = judged(hunan_county(), "hunan-2023")
    scored = {item.id for _, item in verdict.scheme.all_items() if item.points is not None}
    of_points = [each for each in verdict.findings if each.item in scored]
    assert of_points
    assert not [each for each in of_points if is_overridable(each, verdict.scheme)]
    place = next(place_of(each) for each in verdict.findings if is_overridable(each, verdict.scheme))
    failed = with_overrides(verdict, {place: Outcome.NOT_MET})
    assert failed.outcome is Outcome.NOT_MET
    assert failed.sections["scoring"] is verdict.sections["scoring"]
    assert failed.scores == verdict.scores
