"""What two runs differ in, kind by kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.assessments.differences import changed_inputs, differences
from survey_app.assessments.models import EvaluationRun
from survey_app.canonical import canonical


def finding(id_="R1", school="S001", stage="primary", outcome="met", value=4.2):
    """A finding, as a result document holds it."""
    return {
        "id": id_,
        "school": school,
        "stage": stage,
        "outcome": outcome,
        "value": value,
        "label": "每百名学生拥有高于规定学历教师数",
        "unit": "per_hundred",
        "formula": "per_hundred_pupils",
    }


def judged(key="layout", value=True, level="review", **given):
    """A judgement, as a run keeps it."""
    origin = {"kind": "attestation", "key": key, "value": value, "level": level, "note": "", "evidence": []}
    return {**origin, "by": "city", "at": "2026-11-22T10:00:00+00:00", **given}


def override(outcome="met", finding_="R1", **given):
    """An override, as a run keeps it."""
    kept = {"finding": finding_, "school": "S001", "stage": "primary", "outcome": outcome}
    return {**kept, "computed_outcome": "not_met", "reason": "现场核查", "level": "review", **given}


def run(*, findings=None, sections=None, county=None, judgements=(), overrides=(), **given):
    """A run that was never stored."""
    result = {
        "findings": [finding()] if findings is None else findings,
        "sections": {"resources": "met"} if sections is None else sections,
    }
    own = {
        "verdict": "met",
        "computed_verdict": "met",
        "scheme_id": "shanxi-2022",
        "scheme_digest": "a" * 64,
        "wave_id": None,
    }
    return EvaluationRun(
        result=canonical(result),
        input=canonical({"schools": []} if county is None else county),
        judgements=canonical(list(judgements)),
        overrides=canonical(list(overrides)),
        **{**own, **given},
    )


def told(changed):
    """The kinds of differences that were found."""
    kinds = ("verdict", "computed_verdict", "scheme", "wave", "sections", "findings", "inputs")
    return {each for each in (*kinds, "judgements", "overrides") if getattr(changed, each)}


@pytest.mark.parametrize(
    ("kind", "after", "pair"),
    [
        ("verdict", {"verdict": "not_met"}, ("met", "not_met")),
        ("computed_verdict", {"computed_verdict": "undetermined"}, ("met", "undetermined")),
        (
            "scheme",
            {"scheme_digest": "b" * 64},
            (f"shanxi-2022 {'a' * 12}", f"shanxi-2022 {'b' * 12}"),
        ),
        ("scheme", {"scheme_id": "hunan-2023"}, (f"shanxi-2022 {'a' * 12}", f"hunan-2023 {'a' * 12}")),
        ("wave", {"wave_id": 7}, (None, 7)),
        ("sections", {"sections": {"resources": "not_met"}}, {"resources": ("met", "not_met")}),
        ("sections", {"sections": {}}, {"resources": ("met", None)}),
        (
            "sections",
            {"sections": {"resources": "met", "quality": "met"}},
            {"quality": (None, "met")},
        ),
    ],
)
def test_what_a_run_concludes_is_shown_before_and_after(kind, after, pair):
    changed = differences(run(), run(**after))
    assert told(changed) == {kind}
    assert getattr(changed, kind) == pair
    assert not changed.none


def test_two_runs_that_say_the_same_of_the_same_differ_in_nothing():
    given = {"judgements": [judged()], "overrides": [override()], "county": {"year": 2026}}
    changed = differences(run(**given), run(**given))
    assert changed.none
    assert told(changed) == set()
    assert changed.outcomes == 0


def test_findings_that_turned_come_before_those_whose_value_moved():
    before = [
        finding("R1"),
        finding("R2", value=3),
        finding("R3", outcome="undetermined", value=None),
        finding("R4"),
        finding("R5"),
    ]
    after = [
        finding("R1", value=4.3),
        finding("R2", value=3),
        finding("R3", outcome="met", value=None),
        finding("R5", outcome="not_met", value=4.1),
        finding("R6"),
    ]
    changed = differences(run(findings=before), run(findings=after))
    assert [(each.id, each.change) for each in changed.findings] == [
        ("R4", "gone"),
        ("R6", "appeared"),
        ("R3", "outcome"),
        ("R5", "outcome"),
        ("R1", "value"),
    ]
    assert changed.outcomes == 4
    gone, appeared, *_turned, moved = changed.findings
    assert (gone.after, appeared.before) == (None, None)
    assert (moved.before["value"], moved.after["value"]) == (4.2, 4.3)
    assert (moved.label, moved.unit) == (finding()["label"], "per_hundred")


def test_the_same_finding_of_another_school_or_stage_is_another_one():
    changed = differences(
        run(findings=[finding(), finding(stage="junior")]), run(findings=[finding(), finding("R1", "S002")])
    )
    assert {(each.school, each.stage, each.change) for each in changed.findings} == {
        ("S001", "junior", "gone"),
        ("S002", "primary", "appeared"),
    }


def test_figures_go_by_the_names_of_schools_whatever_their_order():
    first, second = {"code": "S001", "pupils": {"primary": 300}}, {"code": "S002", "pupils": {"primary": 90}}
    before = {"year": 2025, "schools": [first, second], "splits": [{"id": "a", "shares": [1, 2]}]}
    after = {
        "year": 2026,
        "schools": [second, {**first, "pupils": {"primary": 301, "junior": 4}}],
        "splits": [{"id": "a", "shares": [1, 3]}],
    }
    assert {each.path: (each.before, each.after) for each in changed_inputs(before, after)} == {
        "year": (2025, 2026),
        "schools[S001].pupils.primary": (300, 301),
        "schools[S001].pupils.junior": (None, 4),
        "splits[a].shares[1]": (2, 3),
    }
    gone = changed_inputs(before, {**before, "schools": [first]})
    assert {each.path: (each.before, each.after) for each in gone} == {
        "schools[S002].code": ("S002", None),
        "schools[S002].pupils.primary": (90, None),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.text("pqr", min_size=1, max_size=2), JSON, max_size=4)


@given(DOCUMENTS, DOCUMENTS)
def test_what_changes_there_changes_back(was, now):
    there, back = changed_inputs(was, now), changed_inputs(now, was)
    assert [(each.path, each.before, each.after) for each in there] == [
        (each.path, each.after, each.before) for each in back
    ]
    assert changed_inputs(was, was) == ()


@pytest.mark.parametrize(
    ("before", "after", "sides"),
    [
        ([], [judged()], (None, True)),
        ([judged()], [], (True, None)),
        ([judged()], [judged(value=False)], (True, False)),
        ([judged(level="self_evaluation")], [judged()], (True, True)),
        ([judged()], [judged(note="有规划文件")], (True, True)),
        ([judged()], [judged(evidence=[{"id": 1, "digest": "d", "title": "规划"}])], (True, True)),
    ],
)
def test_judgements_differ_in_value_level_grounds_and_evidence(before, after, sides):
    changed = differences(run(judgements=before), run(judgements=after))
    assert told(changed) == {"judgements"}
    (deed,) = changed.judgements
    assert deed.place == ("attestation", "layout")
    assert tuple(each and each["value"] for each in (deed.before, deed.after)) == sides


def test_who_entered_the_same_again_and_when_is_no_difference():
    again = judged(by="another", at="2026-11-23T10:00:00+00:00")
    assert differences(run(judgements=[judged()]), run(judgements=[again])).none


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [override()]),
        ([override()], []),
        ([override()], [override("undetermined")]),
        ([override()], [override(reason="原件为证")]),
        ([override()], [override(level="evaluation")]),
    ],
)
def test_overrides_differ_in_outcome_reason_and_level(before, after):
    changed = differences(run(overrides=before), run(overrides=after))
    assert told(changed) == {"overrides"}
    (deed,) = changed.overrides
    assert deed.place == ("R1", "S001", "primary")
    assert [deed.before, deed.after] == [next(iter(each), None) for each in (before, after)]
