"""Laws that hold for every county."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import Outcome, load_scheme, read_county, school_parts
from evaluation.difference import difference_coefficient
from evaluation.units import SHARED_FIGURES
from tests.evaluation.situations import changed, county, judged, school, small

SCHEME = load_scheme("shanxi-2022")
FEW = settings(max_examples=20, deadline=None)
RANK = {Outcome.NOT_MET: 0, Outcome.UNDETERMINED: 1, Outcome.MET: 2}

#: Figures of which more is better, in the ground of the cases.
GOOD = [
    "P1.teachers.primary.above_qualification",
    "P1.teachers.primary.backbone",
    "P1.teachers.primary.pe_arts",
    "P1.teaching_area",
    "P1.sports_ground_area",
    "P1.equipment_value",
    "P1.multimedia_rooms",
    "P1.funded_pupils",
    "P1.training_funds",
    "figures.special_education.funds",
    "figures.pay.teacher_mean",
    "figures.rotation.rotated",
    "figures.senior_places.allotted",
    "figures.migrant_children.in_public",
    "figures.disabled_children.enrolled",
    "figures.labour.practice_hours",
    "recognition.questionnaires.satisfied",
]
KNOWN = [
    *GOOD,
    "P1.class_sizes",
    "P1.music_rooms",
    "P1.built_year",
    "P1.pupils.primary",
    "figures.monitoring",
]
KNOWN += [
    "eligibility.application_year",
    "attestations.layout",
    "vetoes.falsification",
    "P1.indoor_sports_area",
]


def outcomes(verdict):
    return {(f.id, f.school, f.stage): f.outcome for f in verdict.findings}


@FEW
@given(st.permutations(range(14)))
def test_the_order_of_schools_never_matters(order):
    document = small()
    shuffled = document | {"schools": [document["schools"][place] for place in order]}
    first, second = judged(document), judged(shuffled)
    assert outcomes(first) == outcomes(second)
    assert first.reasons == second.reasons
    for stage, row in first.difference.items():
        assert second.difference[stage] == pytest.approx(row, rel=1e-12)


@FEW
@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 10**6)), min_size=1, max_size=6),
    st.integers(1, 10**6),
)
def test_the_coefficient_ignores_order_and_unit(schools, scale):
    amounts = [Fraction(amount) for _, amount in schools]
    pupils = [count for count, _ in schools]
    if not sum(amounts):
        return
    coefficient = difference_coefficient(amounts, pupils)
    assert difference_coefficient(amounts[::-1], pupils[::-1]) == coefficient
    assert difference_coefficient([amount / scale for amount in amounts], pupils) == coefficient


@FEW
@given(
    st.integers(0, 900),
    st.integers(1, 900),
    st.integers(1, 900),
    st.decimals(0, 99999, places=2, allow_nan=False),
)
def test_splitting_conserves_amounts(primary, junior, senior, area):
    row = school("W", "primary", "twelve_year") | {
        "pupils": {"primary": primary, "junior": junior, "senior": senior},
        "teaching_area": float(area),
    }
    file = read_county(county() | {"schools": [row]})
    parts = school_parts(file, SCHEME.units)
    weights = SCHEME.units.split.weights
    whole = primary * weights["primary"] + junior * weights["junior"] + senior * weights["senior"]
    rest = senior * weights["senior"] / whole
    assert sum(part.share for part in parts) + rest == 1
    for figure in SHARED_FIGURES:
        amount = Fraction(getattr(file.schools[0], figure))
        assert sum(part.figures[figure] for part in parts) + amount * rest == amount


@FEW
@given(st.sampled_from(GOOD), st.integers(1, 60), st.integers(1, 40))
def test_more_of_a_good_thing_never_turns_met_into_not_met(path, percent, more):
    """Differences between schools aside: there, one school's plenty is the others' gap."""
    value = read_county(county())
    head, _, rest = path.partition(".")
    base = value.schools[0] if head == "P1" else value
    for step in (rest if head == "P1" else path).split("."):
        base = getattr(base, step)
    less = int(int(base) * (100 - percent) / 100)
    before = outcomes(judged(changed(county(), {path: less})))
    after = outcomes(judged(changed(county(), {path: less + more})))
    for key, outcome in before.items():
        if "difference" not in key[0] and key[0] not in ("E4", "G11.backbone", "G11"):
            assert not (outcome is Outcome.MET and after[key] is Outcome.NOT_MET), key


@FEW
@given(
    st.sampled_from(KNOWN),
    st.dictionaries(st.sampled_from(GOOD), st.integers(0, 300), max_size=3),
)
def test_a_missing_figure_never_turns_not_met_into_met(path, changes):
    document = changed(county(), {key: value for key, value in changes.items() if key != path})
    before, after = judged(document), judged(changed(document, {path: "absent"}))
    missing = outcomes(after)
    for key, outcome in outcomes(before).items():
        if outcome is Outcome.NOT_MET:
            assert missing.get(key) is not Outcome.MET, key
    assert RANK[after.outcome] <= max(RANK[before.outcome], 1)
