"""Which judgement holds at a level, and how a county file takes it up."""

import json
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from survey_app import evidence
from survey_app.assessments import runs
from survey_app.assessments.applications.models import LEVELS
from survey_app.assessments.judgement import service, visiting
from survey_app.assessments.judgement.models import FieldVisit, Judgement
from survey_app.assessments.judgement.service import holding, holding_visits, value_of, with_judgements
from survey_app.assessments.judging import judge_text
from survey_app.canonical import canonical
from survey_app.db import db
from tests.conftest import NOW
from tests.factories import small_county
from tests.survey_app.assessments.judgement.applied import apply, enter, pdf, run, sign

ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(LEVELS),
        st.sampled_from([("attestation", "layout"), ("veto", "key_schools"), ("points", "27.2")]),
        st.sampled_from(["true", "false", "null"]),
    ),
    max_size=12,
)


def judgements(entries) -> list[Judgement]:
    return [Judgement(level=level, kind=kind, key=key, value=value) for level, (kind, key), value in entries]


@given(ENTRIES, st.sampled_from(LEVELS))
def test_the_last_word_of_the_nearest_level_holds(entries, level):
    made = judgements(entries)
    held = holding(made, level=level)
    reached = LEVELS[: LEVELS.index(level) + 1]
    for place in {place for _, place, _ in entries}:
        spoke = [each for each in made if (each.kind, each.key) == place and each.level in reached]
        if not spoke:
            assert place not in held
            continue
        nearest = max(LEVELS.index(each.level) for each in spoke)
        assert held[place] is [each for each in spoke if LEVELS.index(each.level) == nearest][-1]


@given(ENTRIES, ENTRIES)
def test_higher_levels_and_earlier_words_never_change_what_holds(entries, later):
    own = [entry for entry in entries if entry[0] == "self_evaluation"]
    held = holding(judgements([*entries, *own]), level="self_evaluation")
    among = holding(
        judgements([*(entry for entry in later if entry[0] != "self_evaluation"), *own]),
        level="self_evaluation",
    )
    assert {place: each.value for place, each in held.items()} == {
        place: each.value for place, each in among.items()
    }


@given(
    st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(1, 50), st.booleans()), max_size=10),
    st.sampled_from(LEVELS),
)
def test_visits_of_one_level_count_and_withdrawn_ones_never(entries, level):
    visits = [
        FieldVisit(level=own, interviewed=n, satisfied=n // 2, withdrawn_at=NOW if out else None)
        for own, n, out in entries
    ]
    taken = holding_visits(visits, level=level)
    assert len({visit.level for visit in taken}) <= 1
    assert all(visit.withdrawn_at is None for visit in taken)
    for visit in visits:
        if visit.withdrawn_at is None and LEVELS.index(visit.level) <= LEVELS.index(level):
            assert taken
            assert LEVELS.index(visit.level) <= LEVELS.index(taken[0].level)
            assert (visit in taken) == (visit.level == taken[0].level)


def test_a_county_file_takes_up_what_holds_with_its_origin(either_app):
    with either_app.app_context():
        application = apply()
        enter(either_app, application, "attestation", "layout", True, note="规划文件", handed=[pdf()])
        enter(either_app, application, "veto", "key_schools", True)
        enter(either_app, application, "attestation", "posts", False)
        document = {**small_county(), "attestations": {"posts": {"met": True}, "charters": {"met": True}}}
        before = deepcopy(document)
        merged, origins = with_judgements(db.session, application, level="self_evaluation", document=document)
        assert document == before
        assert merged["attestations"] == {
            "layout": {"met": True, "note": "规划文件"},
            "posts": {"met": False, "note": "依据"},
            "charters": {"met": True},
        }
        assert merged["vetoes"]["key_schools"] is True
        assert [(each["kind"], each["key"], each["value"]) for each in origins] == [
            ("attestation", "layout", True),
            ("attestation", "posts", False),
            ("veto", "key_schools", True),
        ]
        kept = db.session.query(evidence.Evidence).one()
        assert origins[0] == {
            "kind": "attestation",
            "key": "layout",
            "value": True,
            "level": "self_evaluation",
            "note": "规划文件",
            "by": "county",
            "at": NOW.isoformat(),
            "evidence": [{"id": kept.id, "digest": kept.digest, "title": "布局规划"}],
        }
        assert judge_text(canonical(merged), "shanxi-2022")
        assert canonical(origins)


def test_a_review_stands_before_the_countys_word_and_taking_back_before_both(either_app):
    with either_app.app_context():
        application = apply()
        enter(either_app, application, "attestation", "layout", True)
        sign(application, "self_evaluation", run(application, file_of(application), "self_evaluation"))
        own = {"level": "review", "by": "city"}
        document = {**small_county(), "attestations": {"layout": {"met": True}}}

        def at(level):
            merged, origins = with_judgements(db.session, application, level=level, document=document)
            return merged["attestations"]["layout"]["met"], [each["level"] for each in origins]

        assert at("review") == (True, ["self_evaluation"])
        enter(either_app, application, "attestation", "layout", False, **own)
        assert at("review") == (False, ["review"])
        assert at("recognition") == (False, ["review"])
        assert at("self_evaluation") == (True, ["self_evaluation"])
        enter(either_app, application, "attestation", "layout", None, **own)
        assert at("review") == (True, [])


def test_points_keep_their_digits_and_reach_the_score_sheet(app):
    with app.app_context():
        application = apply(scheme="hunan-2023")
        assert enter(app, application, "points", "27.2", "2.50").value == "2.5"
        assert enter(app, application, "points", "32.1", "3").value == "3"
        merged, origins = with_judgements(
            db.session, application, level="self_evaluation", document=small_county()
        )
        assert merged["scores"] == {"27.2": Decimal("2.5"), "32.1": 3}
        assert '"27.2":2.5' in canonical(merged)
        assert [each["value"] for each in origins] == [Decimal("2.5"), 3]
        findings = judge_text(canonical(merged), "hunan-2023").document()["findings"]
        assert next(each["value"] for each in findings if each["id"] == "27.2") == 2.5


def test_visits_take_the_files_place_together_with_the_parents_among_them(app):
    with app.app_context():
        application = apply()
        document = {
            **small_county(),
            "recognition": {
                "questionnaires": {"valid": 300, "satisfied": 290},
                "visits": {"valid": 9, "satisfied": 1},
                "visited_parents": {"valid": 8, "satisfied": 1},
            },
        }
        for group, interviewed, satisfied in (("teacher", 20, 18), ("public", 20, 15)):
            visiting.add_visit(
                db.session,
                application,
                level="self_evaluation",
                visited_on=NOW.date(),
                place="凤城镇",
                school_code=None,
                group=group,
                interviewed=interviewed,
                satisfied=satisfied,
                by="county",
                now=NOW + timedelta(minutes=satisfied),
            )
        merged, origins = with_judgements(db.session, application, level="self_evaluation", document=document)
        assert merged["recognition"] == {
            "questionnaires": {"valid": 300, "satisfied": 290},
            "visits": {"valid": 40, "satisfied": 33},
            "visited_parents": {"valid": 0, "satisfied": 0},
        }
        assert origins[-1]["kind"] == service.VISITS
        assert origins[-1]["value"] == {"interviewed": 40, "satisfied": 33, "visits": 2}
        assert origins[-1]["at"] == (NOW + timedelta(minutes=18)).isoformat()
        findings = judge_text(canonical(merged), "shanxi-2022").document()["findings"]
        found = next(each for each in findings if each["id"] == "recognition.visits")
        assert (found["value"], found["outcome"]) == (0.825, "not_met")


def test_what_was_withdrawn_is_no_origin_any_more(app):
    with app.app_context():
        application = apply()
        judged = enter(app, application, "attestation", "layout", True, handed=[pdf(), pdf("会议纪要.pdf")])
        evidence.withdraw(db.session, judged.evidence[0], reason="传错了", by="county", now=NOW)
        _, origins = with_judgements(db.session, application, level="self_evaluation", document={})
        assert [each["title"] for each in origins[0]["evidence"]] == ["会议纪要"]


def test_a_rate_is_judged_unrounded():
    limit = Fraction(85, 100)
    rate = visiting.Rate(interviewed=20_000, satisfied=16_999, limit=limit)
    assert rate.outcome == "not_met"
    assert visiting.Rate(interviewed=20, satisfied=17, limit=limit).outcome == "met"
    assert visiting.Rate(interviewed=0, satisfied=0, limit=limit).outcome is None


def test_a_value_is_what_was_written():
    written = {"true": True, "false": False, "null": None, "2.5": Decimal("2.5"), "3": 3}
    assert {text: value_of(Judgement(value=text)) for text in written} == written


def file_of(application):
    from survey_app.counties import service as counties

    return counties.latest_county_file(db.session, application.county_code)


def test_a_run_keeps_what_people_judged_and_later_words_leave_it_alone(either_app):
    with either_app.app_context():
        application = apply()
        enter(either_app, application, "attestation", "layout", False, note="缺规划", handed=[pdf()])
        made = run(application, file_of(application), "self_evaluation")
        document, origins = json.loads(made.input), json.loads(made.judgements)
        assert document["attestations"]["layout"] == {"met": False, "note": "缺规划"}
        assert [(each["key"], each["by"]) for each in origins] == [("layout", "county")]
        assert origins[0]["evidence"][0]["digest"] == db.session.query(evidence.Evidence).one().digest
        found = [each for each in json.loads(made.result)["findings"] if each["id"] == "G1"]
        assert found[0]["outcome"] == "not_met"
        kept = (made.input, made.judgements, made.result)
        enter(either_app, application, "attestation", "layout", True)
        again = run(application, file_of(application), "self_evaluation")
        assert (made.input, made.judgements, made.result) == kept
        assert again.number == made.number + 1
        assert json.loads(again.judgements)[0]["value"] is True
        assert runs.verify(made).holds
