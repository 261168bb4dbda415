"""The smallest change turns its finding, one unit less does not: for every formula, by judging again."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import Outcome, evaluate, load_scheme, read_county
from evaluation.formulas import FORMULAS as ALL_FORMULAS
from evaluation.sensitivity import Change, Edit, changed_county, sensitivity
from evaluation.sensitivity.changes import THOUSANDTH
from evaluation.sensitivity.verdict import FORMULAS, TENTH, WITHOUT_FIGURES
from tests.evaluation.situations import GROUNDS, changed, school

SCHEME = load_scheme("shanxi-2022")
FEW = settings(max_examples=12, deadline=None)
OTHER = {Outcome.MET: Outcome.NOT_MET, Outcome.NOT_MET: Outcome.MET}


def unit_of(change):
    """The step in which the change's figure is moved."""
    if change.figure.startswith("scores."):
        return TENTH
    stated = ("difference", "composite_difference")
    return THOUSANDTH if any(word in change.figure for word in stated) else 1


def one_less(change):
    """The change with one unit less of it; None where one unit is all there is."""
    unit = unit_of(change)
    if abs(change.by) == unit:
        return None
    last = change.edits[-1]
    if last.append or last.remove:
        less = replace(last, append=last.append[:-1], remove=last.remove[:-1])
    else:
        less = replace(last, by=last.by - unit if last.by > 0 else last.by + unit)
    return replace(change, edits=(*change.edits[:-1], less))


def outcome_after(verdict, finding, change):
    again = evaluate(changed_county(verdict.county, change), verdict.scheme)
    return again.of(finding.id, school=finding.school, stage=finding.stage).outcome


def holds_for(verdict, distance, change):
    finding = distance.finding
    assert outcome_after(verdict, finding, change) is OTHER[finding.outcome], (finding.id, change)
    less = one_less(change)
    if less is not None:
        assert outcome_after(verdict, finding, less) is not OTHER[finding.outcome], (finding.id, change)


def hamlet(scheme: str = "shanxi-2022") -> dict:
    """The ground of the cases with a school of every kind of trouble beside it."""
    document = GROUNDS[scheme]()
    nine = school("N1", "primary", "nine_year") | {
        "pupils": {"primary": 300, "junior": 200},
        "class_sizes": {"primary": [43, 43, 43, 43, 43, 43, 42], "junior": [40, 40, 40, 40, 40]},
        "nearby_pupils": {"primary": 299, "junior": 192},
        "built_year": 2009,
        "music_rooms": [80],
        "art_rooms": [95],
        "indoor_sports_area": 250.5,
        "teaching_area": 2900.25,
        "sports_ground_area": 5200,
        "equipment_value": 1250000,
        "multimedia_rooms": 12,
    }
    nine["teachers"] = {
        "primary": {**nine["teachers"]["primary"], "above_qualification": 12, "trained": 19},
        "junior": {**nine["teachers"]["primary"], "above_qualification": 15, "certified": 18},
    }
    point = school("T1", "primary", "teaching_point") | {
        "locality": "rural",
        "pupils": {"primary": 99},
        "class_sizes": {"primary": [29, 29, 29, 12]},
        "music_rooms": [53],
        "art_rooms": [54.5],
        "funded_pupils": 99,
    }
    point["teachers"]["primary"] |= {"pe_arts": 0, "pe_arts_visiting": 1}
    large = school("L1", "junior") | {
        "pupils": {"junior": 2001},
        "class_sizes": {"junior": [50] * 39 + [51]},
        "music_rooms": [96, 96, 96, 90],
        "art_rooms": [90] * 4,
        "built_year": 2010,
        "training_funds": 9999,
    }
    dense = school("D1", "primary") | {
        "dense_centre": True,
        "extra_sports_area": 150,
        "sports_ground_area": 1600,
    }
    annex = school("A1", "primary") | {
        "counted": False,
        "merge_into": "P1",
        "pupils": {"primary": 60},
        "class_sizes": {"primary": [30, 30]},
    }
    document["schools"] += [nine, point, large, dense, annex]
    return document


#: Figures to be moved about, and what they may become.
MOVED = {
    "P1.teachers.primary.above_qualification": st.integers(0, 30),
    "P1.teachers.primary.pe_arts": st.integers(0, 6),
    "P1.pupils.primary": st.integers(50, 700),
    "P2.teaching_area": st.integers(100, 4000),
    "J1.multimedia_rooms": st.integers(0, 14),
    "N1.sports_ground_area": st.integers(0, 9000),
    "N1.pupils.junior": st.integers(1, 600),
    "N1.equipment_value": st.integers(0, 3_000_000),
    "T1.pupils.primary": st.integers(50, 120),
    "T1.funded_pupils": st.integers(0, 120),
    "L1.built_year": st.integers(2005, 2020),
    "L1.pupils.junior": st.integers(1800, 2600),
    "P1.music_rooms": st.lists(st.integers(50, 120), max_size=3),
    "J1.class_sizes.junior": st.lists(st.integers(20, 54), min_size=1, max_size=30),
    "P1.training_funds": st.integers(0, 30000),
    "P2.teachers.primary.trained": st.integers(0, 20),
    "J2.nearby_pupils.junior": st.integers(150, 240),
    "figures.rotation.rotated": st.integers(1, 30),
    "figures.rotation.rotated_backbone": st.integers(0, 3),
    "figures.retention.graduates": st.integers(150, 210),
    "figures.retention.transferred_in": st.integers(0, 9),
    "figures.migrant_children.in_purchased_private": st.integers(0, 20),
    "figures.pay.teacher_mean": st.integers(80000, 100000),
    "figures.special_education.pupils": st.integers(1, 130),
    "figures.labour.practice_hours": st.integers(0, 70),
    "figures.monitoring.0.difference": st.decimals(0, 1, places=3).map(float),
    "figures.monitoring.1.level": st.integers(1, 4),
    "eligibility.basic_balance_year": st.integers(2015, 2025),
    "eligibility.composite_difference.1.primary": st.decimals(0, 1, places=3).map(float),
    "recognition.questionnaires.satisfied": st.integers(0, 200),
    "recognition.visits.satisfied": st.integers(0, 20),
}


def test_every_formula_is_moved_or_has_no_figure_to_move():
    assert set(FORMULAS) | set(WITHOUT_FIGURES) >= set(ALL_FORMULAS)
    assert not set(FORMULAS) & set(WITHOUT_FIGURES)


def test_every_change_of_a_county_with_every_kind_of_school():
    verdict = evaluate(read_county(hamlet()), SCHEME)
    found = [(distance, change) for distance in sensitivity(verdict).distances for change in distance.changes]
    assert {distance.finding.formula for distance, _ in found} >= set(FORMULAS) | {"school_rule"}
    for distance, change in found:
        holds_for(verdict, distance, change)


#: What makes the scored items, and then the total, miss what they must reach.
LOW = {"8.1": 1, "8.3": 2, "27.2": 0.5, "27.4": 0.25, "32.1": 1, "32.2": 0.6}


@pytest.mark.parametrize(
    ("scheme", "changes"),
    [
        *((scheme, {}) for scheme in GROUNDS if scheme != "shanxi-2022"),
        ("hunan-2023", {"scores": LOW}),
        ("hunan-2023", {"figures.pupils_per_post.primary": 19.5, "P1.teaching_area": 50}),
    ],
)
def test_one_change_of_every_figure_under_every_scheme(scheme, changes):
    document = hamlet(scheme)
    for key, points in changes.pop("scores", {}).items():
        document["scores"][key] = points
    verdict = evaluate(read_county(changed(document, changes)), load_scheme(scheme))
    found = sensitivity(verdict)
    assert found.document("zh")["findings"]
    kinds = {}
    for distance in found.distances:
        for change in distance.changes:
            kinds.setdefault((distance.finding.formula, change.figure, distance.finding.outcome), []).append(
                (distance, change)
            )
    for pairs in kinds.values():
        holds_for(verdict, *pairs[-1])
    assert len(kinds) > 40


def test_points_are_moved_in_tenths_over_as_many_sub_points_as_it_takes():
    document = hamlet("hunan-2023")
    document["scores"] |= LOW
    found = sensitivity(evaluate(read_county(document), load_scheme("hunan-2023")))
    item = found.of("32")
    # 1 + 0.6 + 5 + 3 + 3 of 16 that 20 points ask: 3.4 are missing, and 32.2 alone has room for them.
    assert [(change.by, [edit.path for edit in change.edits]) for change in item.changes] == [
        (Fraction("3.4"), ["scores[32.2]"])
    ]
    assert found.scores.needed is not None
    assert found.document("en")["scores"]["total"] == pytest.approx(float(found.scores.total))


@FEW
@given(st.data())
def test_the_smallest_change_turns_and_one_less_does_not(data):
    paths = data.draw(st.lists(st.sampled_from(sorted(MOVED)), unique=True, max_size=12))
    changes = {path: data.draw(MOVED[path], label=path) for path in paths}
    verdict = evaluate(read_county(changed(hamlet(), changes)), SCHEME)
    found = [(distance, change) for distance in sensitivity(verdict).distances for change in distance.changes]
    for distance, change in data.draw(
        st.lists(st.sampled_from(found), min_size=10, max_size=10, unique_by=id).map(
            lambda pairs: [(pair[0], pair[1]) for pair in pairs]
        )
    ):
        holds_for(verdict, distance, change)


def moved(path, by):
    return Change(
        figure=path, by=Fraction(by), relative=None, edits=(Edit(path=path, by=Fraction(by)),), school=None
    )


@pytest.mark.parametrize(
    ("school", "stage", "path", "reach"),
    [
        ("T1", "primary", "pupils.primary", range(-48, 30)),
        ("T1", "primary", "teachers.primary.pe_arts", range(8)),
        ("N1", "junior", "pupils.junior", range(-120, 100, 3)),
        ("N1", "primary", "indoor_sports_area", range(-250, 600, 10)),
    ],
)
def test_nothing_smaller_turns_a_school_part(school, stage, path, reach):
    """Tried one by one, also across the limits of the rules for small schools."""
    verdict = evaluate(read_county(hamlet()), SCHEME)
    place = f"schools[{school}].{path}"
    own = [each for each in verdict.county.schools if each.code == school]
    alone = evaluate(verdict.county.model_copy(update={"schools": own}), SCHEME)
    after = {by: evaluate(changed_county(alone.county, moved(place, by)), SCHEME) for by in reach}
    for distance in sensitivity(alone).distances:
        finding = distance.finding
        if (finding.school, finding.stage, finding.section) != (school, stage, "resources"):
            continue
        told = next((change.by for change in distance.changes if change.edits[0].path == place), None)
        turning = [
            by
            for by, each in after.items()
            if each.units
            and each.of(finding.id, school=school, stage=stage).outcome is OTHER[finding.outcome]
        ]
        assert told is not None or not turning, (finding.id, turning)
        assert all(abs(by) >= abs(told) for by in turning), (finding.id, told, turning)


def test_a_change_leaves_the_county_it_was_made_from():
    before = read_county(hamlet())
    for distance in sensitivity(evaluate(before, SCHEME)).distances:
        for change in distance.changes:
            changed_county(before, change)
    assert before == read_county(hamlet())
