"""Many counties at once: the table says what the counties' own files say, whoever their neighbours are."""

import random

import numpy as np
import pytest

from benchmarks.synthetic import counties
from evaluation import (
    CountyFileError,
    Outcome,
    evaluate,
    evaluate_many,
    exemptions,
    list_schemes,
    load_scheme,
    read_county,
    row_of,
    school_formulas,
    school_parts,
    school_table,
)
from evaluation.exemption_columns import CONDITIONS
from evaluation.formulas import FORMULAS
from evaluation.school_columns import COLUMN_FORMULAS, WHOLES
from evaluation.terms import Bound
from evaluation.unit_columns import resource_table
from tests.evaluation.situations import changed, county, school, situation, small
from tests.evaluation.test_cases import FILES

SCHEME = load_scheme("shanxi-2022")

#: Formulas that read the county's own figures and no school.
OF_THE_COUNTY = {
    "ratio",
    "amount",
    "compare",
    "monitoring",
    "years_between",
    "composite_difference",
    "recognition_rate",
    "awarded",
    "topic_rate",
    "never_decreasing",
}

EXACT = ("code", "name", "year", "outcome", "sections", "reasons", "parts", "passing", "recognition")
SCORED = ("total", "band", "faults")


def disturbed(document, scheme, rng):
    """What counties say of their schools beside figures, now and then, and what they do not say."""
    keys = [
        criterion.attestation
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if criterion.formula == "attested"
    ]
    excuses = [
        criterion.excused_by
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if criterion.formula == "school_size" and criterion.excused_by
    ]
    vetoes = scheme.known_keys()["vetoes"]
    everywhere = rng.choice(keys)
    for row in document["schools"]:
        said = {key: {"met": rng.random() < 0.8} for key in keys if rng.random() < 0.02}
        said |= {everywhere: {"met": True}} | {key: {"met": rng.random() < 0.5} for key in excuses}
        row["attestations"] = said
        row["vetoes"] = {key: rng.random() < 0.1 for key in vetoes if rng.random() < 0.02}
        if rng.random() < 0.05:
            row["pupils"] = {stage: count * 4 for stage, count in row["pupils"].items()}
    for key in [everywhere, *rng.sample(keys, 2)]:
        document["attestations"].pop(key, None)
    for key in rng.sample(sorted(document["vetoes"]), rng.choice((0, 0, 1))):
        document["vetoes"][key] = rng.choice((True, None))
        if document["vetoes"][key] is None:
            del document["vetoes"][key]
    if rng.random() < 0.2:
        del document["eligibility"]["application_year"]
    return document


def scored(document, scheme, rng):
    """Points for the sub-points of a scheme that scores; one county in four lacks some."""
    worth = {
        item.criterion_id(criterion): criterion
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if criterion.points is not None and criterion.formula == "awarded"
    }
    gaps = rng.choice((0, 0, 0, 0.2))
    if worth:
        document["scores"] = {
            key: float(each.points) * rng.choice((1, 1, 1, 0.5))
            for key, each in worth.items()
            if rng.random() >= gaps
        }
    return document


def assert_same(row, verdict):
    """A row of the table is the row of the county's own verdict."""
    own = row_of(verdict)
    for name in (*EXACT, *SCORED):
        assert getattr(row, name) == getattr(own, name), (own.code, name)
    for name in ("difference", "means"):
        assert close(getattr(row, name), getattr(own, name)), (own.code, name)


def close(first, second):
    """Numbers by stage and indicator are the same but for the last digits of a double; None is None."""
    pairs = [(first[stage][id_], value) for stage, row in second.items() for id_, value in row.items()]
    return all(
        one is other is None or one == pytest.approx(other, rel=1e-12, abs=1e-12) for one, other in pairs
    )


@pytest.mark.parametrize("scheme_id", list_schemes())
@pytest.mark.parametrize(
    "options",
    [
        {"gaps": 0.0},
        {"gaps": 0.03, "size": 0.15},
        {"gaps": 0.0, "planted": 0.4, "size": 0.2},
        {"gaps": 0.01, "planted": 0.2, "size": 0.1, "seed": 2},
    ],
    ids=["whole", "gaps", "planted", "both"],
)
def test_the_table_says_what_the_counties_own_files_say(scheme_id, options):
    scheme = load_scheme(scheme_id)
    rng = random.Random(scheme_id)
    documents = list(counties(6 if options.get("size", 1) == 1 else 12, **options))
    documents += [
        disturbed(document, scheme, rng) for document in counties(16, size=0.15, seed=3, gaps=0.002)
    ]
    files = [read_county(scored(document, scheme, rng)) for document in documents]
    rows = evaluate_many(files, scheme).rows
    assert len(rows) == len(files)
    for row, file in zip(rows, files, strict=True):
        assert_same(row, evaluate(file, scheme))


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_the_examples_in_one_table(scheme_id):
    scheme = load_scheme(scheme_id)
    empty = county() | {"schools": []}
    files = [read_county(each) for each in (small(), county(), empty)]
    for row, file in zip(evaluate_many(files, scheme).rows, files, strict=True):
        assert_same(row, evaluate(file, scheme))


@pytest.mark.parametrize("scheme_id", sorted({file.get("scheme", "shanxi-2022") for file in FILES.values()}))
def test_every_rule_case_in_one_table(scheme_id):
    """The hand-worked situations, each as one county of the same table."""
    scheme = load_scheme(scheme_id)
    situations = [
        read_county(situation(case, scheme_id))
        for file in FILES.values()
        if file.get("scheme", "shanxi-2022") == scheme_id
        for case in file["cases"]
    ]
    for row, file in zip(evaluate_many(situations, scheme).rows, situations, strict=True):
        assert_same(row, evaluate(file, scheme))


STAFF = ["P1.teachers.primary", "P2.teachers.primary", "J1.teachers.junior", "J2.teachers.junior"]

#: Situations in which a missing or impossible figure matters although others seem to decide.
ODD = [
    {"J1.nearby_pupils.junior": 100, "J2.pupils.junior": "absent"},
    {"P1.nearby_pupils.primary": 241},
    {f"{place}.{name}": 0 for place in STAFF for name in ("total", "trained", "certified")},
    {"P1.built_year": 2016, "P1.music_rooms": [73], "P1.class_sizes": "absent"},
    {"P1.built_year": "absent", "P1.music_rooms": [73]},
    {"P1.training_funds": 300000},
    {"P1.training_funds": 0, "P1.public_funds": 0},
    {"P1.indoor_sports_area": 1780.01},
    {"eligibility.application_year": "absent", "P1.dense_centre": True, "P1.extra_sports_area": 0.01},
    {"P1.migrant_share": 0.5, "P1.pupils.primary": 2300},
    {"P1.migrant_share": 0.51, "P1.pupils.primary": 2300},
    {
        "P1.kind": "nine_year",
        "P1.locality": "rural",
        "P1.pupils.primary": 30,
        "P1.teachers.primary.pe_arts": 0,
        "P1.teachers.primary.pe_arts_visiting": 1,
    },
    {
        "P1.kind": "nine_year",
        "P1.locality": "rural",
        "P1.pupils.junior": 30,
        "P1.class_sizes": {"primary": [24] * 10, "junior": [15] * 2},
        "P1.music_rooms": [60],
    },
]


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_odd_situations_in_one_table(scheme_id):
    scheme = load_scheme(scheme_id)
    turned = [each.model_copy(update={"standards": each.standards[::-1]}) for each in scheme.exemptions]
    for each in (scheme, scheme.model_copy(update={"exemptions": turned})):
        files = [read_county(changed(county(), changes)) for changes in ODD]
        for row, file in zip(evaluate_many(files, each).rows, files, strict=True):
            assert_same(row, evaluate(file, each))


def test_nothing_in_nothing_out():
    assert evaluate_many([], SCHEME).rows == ()


def planted(*rows):
    """A county of these schools, whatever else it has."""
    return county() | {"schools": [*county()["schools"], *rows]}


MERGED = [
    school("M", "primary") | {"pupils": {"primary": 100}, "teaching_area": 300.1, "indoor_sports_area": 0},
    school("N", "primary", "teaching_point")
    | {"pupils": {"primary": 60}, "counted": False, "merge_into": "M", "indoor_sports_area": 0},
    school("O", "primary", "teaching_point")
    | {"pupils": {"primary": 40}, "counted": False, "merge_into": "N", "indoor_sports_area": 0},
]


#: Added as floats these miss 900 by a hair.
FIRST, SECOND, LAST = 300.2, 300.4, 299.4

#: Split as floats, the primary part of this area misses 4.5 m² per pupil by a hair.
SPLIT_PUPILS, AREA = (50, 54), 492.3


@pytest.mark.parametrize(("last", "reached"), [(LAST, 1), (LAST - 0.01, 0)])
def test_a_sum_that_floats_miss_by_a_hair_is_judged_exactly(last, reached):
    """Merged along a chain: 4.5 m² for each of 200 pupils, to the last digit, or one hundredth less."""
    areas = [FIRST, SECOND, last]
    assert FIRST + SECOND + LAST < 900
    rows = [row | {"teaching_area": area} for row, area in zip(MERGED, areas, strict=True)]
    assert r4_of("M", planted(*rows)) == [reached]


def test_what_is_left_of_large_areas_is_judged_exactly():
    """900 m² are left of 90 000 000 900, where a float is off by a hundred-thousandth."""
    large = MERGED[0] | {"teaching_area": 90000000263.7, "indoor_sports_area": 90000000002.1}
    small_ = MERGED[1] | {"teaching_area": 638.4, "pupils": {"primary": 100}}
    assert 90000000263.7 + 638.4 - 90000000002.1 < 900
    assert r4_of("M", planted(large, small_)) == [1]


@pytest.mark.parametrize(("less", "reached"), [(0, 1), (0.01, 0)])
def test_a_share_that_floats_miss_by_a_hair_is_judged_exactly(less, reached):
    """Split 1 : 1.1, the primary part has 4.5 m² per pupil to the last digit, or a hair less."""
    whole = SPLIT_PUPILS[0] + 1.1 * SPLIT_PUPILS[1]
    assert AREA * (SPLIT_PUPILS[0] / whole) / SPLIT_PUPILS[0] < 4.5
    primary, junior = SPLIT_PUPILS
    row = school("W", "primary", "nine_year") | {
        "pupils": {"primary": primary, "junior": junior},
        "teaching_area": AREA - less,
        "indoor_sports_area": 0,
    }
    assert r4_of("W", planted(row))[0] == reached


def r4_of(code, document):
    """How R4 stands in the parts of a school: as the table finds it, which is as its own verdict says."""
    from evaluation.resources import CODES, judge

    file = read_county(document)
    parts = [part.school for part in school_parts(file, SCHEME.units)]
    column = [indicator.id for indicator in SCHEME.resources.indicators].index("R4")
    table = resource_table(school_table([file]), SCHEME)
    codes = judge(table, SCHEME).indicators[[each == code for each in parts], column]
    own = [unit.outcomes["R4"] for unit in evaluate(file, SCHEME).units if unit.part.school == code]
    assert [CODES[int(each)] for each in codes] == own
    return codes.tolist()


def test_an_area_left_over_after_subtracting_is_exact_even_where_nothing_is_left():
    """A hall as large as all rooms leaves 0 m², which is known and too little; a larger one contradicts."""
    row = MERGED[0] | {"teaching_area": 0.3, "indoor_sports_area": 0.1}
    more = MERGED[1] | {"teaching_area": 0, "indoor_sports_area": 0.2}
    assert 0.3 - (0.1 + 0.2) < 0
    assert r4_of("M", planted(row, more)) == [0]
    assert r4_of("M", planted(row, more | {"indoor_sports_area": 0.21})) == [-1]


@pytest.mark.parametrize(("funds", "outcome"), [(10000, Outcome.MET), (9999.99, Outcome.NOT_MET)])
def test_a_share_of_funds_at_its_threshold(funds, outcome):
    file = read_county(changed(county(), {"P1.training_funds": funds}))
    (row,) = evaluate_many([file], SCHEME).rows
    assert row.sections["quality"] is outcome


@pytest.mark.parametrize(("backbone", "kept"), [(3, True), (4, False)])
def test_a_coefficient_at_its_limit_is_judged_exactly(backbone, kept):
    """Two equal primary schools with 1 and 3 backbone teachers differ by exactly 0.5."""
    at = {"P1.teachers.primary.backbone": 1, "P2.teachers.primary.backbone": backbone}
    (row,) = evaluate_many([read_county(changed(county(), at))], SCHEME).rows
    assert (row.difference["primary"]["R2"] == 0.5) is kept
    assert ("R2.difference" not in row.reasons) is kept


FEW = [read_county(document) for document in counties(12, size=0.3, gaps=0.01, planted=0.1, seed=5)]


def test_the_order_of_counties_never_matters():
    order = list(range(len(FEW)))
    random.Random(1).shuffle(order)
    rows = evaluate_many(FEW, SCHEME).rows
    assert evaluate_many([FEW[place] for place in order], SCHEME).rows == tuple(
        rows[place] for place in order
    )


def test_a_county_never_depends_on_its_neighbours():
    together = evaluate_many(FEW, SCHEME).rows
    assert together == tuple(row for file in FEW for row in evaluate_many([file], SCHEME).rows)


def test_the_order_of_schools_never_matters():
    rng = random.Random(2)
    mixed = [file.model_copy(update={"schools": rng.sample(file.schools, len(file.schools))}) for file in FEW]
    rows, others = (evaluate_many(files, SCHEME).rows for files in (FEW, mixed))
    for before, after in zip(rows, others, strict=True):
        assert [getattr(before, name) for name in EXACT] == [getattr(after, name) for name in EXACT]
        assert close(before.difference, after.difference)


def test_the_unit_of_money_never_matters():
    """Equipment in 万元, and a standard in 万元, change nothing; values on the standard stay on it."""
    indicators = [
        each.model_copy(update={"bounds": each.bounds.model_copy(update=_in_wan(each.bounds))})
        if each.id == "R6"
        else each
        for each in SCHEME.resources.indicators
    ]
    scheme = SCHEME.model_copy(
        update={"resources": SCHEME.resources.model_copy(update={"indicators": indicators})}
    )
    for before, after in zip(
        evaluate_many(FEW, SCHEME).rows, evaluate_many(map(_money_in_wan, FEW), scheme).rows, strict=True
    ):
        assert [getattr(before, name) for name in EXACT] == [getattr(after, name) for name in EXACT]


def _in_wan(bounds):
    return {
        stage: Bound(at_least=getattr(bounds, stage).threshold / 10000) for stage in ("primary", "junior")
    }


def _money_in_wan(file):
    schools = [
        each
        if each.equipment_value is None
        else each.model_copy(update={"equipment_value": each.equipment_value / 10000})
        for each in file.schools
    ]
    return file.model_copy(update={"schools": schools})


def test_a_county_with_unknown_keys_is_refused_alone():
    bad = read_county(changed(county(), {"vetoes.nope": True, "P2.attestations.chater": {"met": True}}))
    rows = evaluate_many([FEW[0], bad, FEW[1]], SCHEME).rows
    with pytest.raises(CountyFileError) as refused:
        evaluate(bad, SCHEME)
    assert rows[1].outcome is None
    assert {each.where for each in rows[1].faults} == {each.where for each in refused.value.faults}
    assert rows[0] == evaluate_many([FEW[0]], SCHEME).rows[0]
    assert rows[2] == evaluate_many([FEW[1]], SCHEME).rows[0]


def test_a_school_comes_back_from_the_table_as_it_went_in():
    file = FEW[0]
    table = school_table([file])
    for row, school_ in enumerate(file.schools):
        back = table.school(row)
        assert back.pupils == school_.pupils
        assert back.teaching_area == school_.teaching_area
        assert back.music_rooms == school_.music_rooms
        assert (back.kind, back.counted, back.built_year) == (
            school_.kind,
            school_.counted,
            school_.built_year,
        )
        for stage in ("primary", "junior"):
            assert back.classes_in(stage) == school_.classes_in(stage)
            assert back.staff_in(stage, "backbone") == school_.staff_in(stage, "backbone")


def test_every_formula_is_either_of_schools_or_of_the_county():
    """A new formula that asks schools needs a column of its own, or it would be asked of no school."""
    assert set(FORMULAS) == set(COLUMN_FORMULAS) | OF_THE_COUNTY
    assert not set(COLUMN_FORMULAS) & OF_THE_COUNTY
    assert set(CONDITIONS) == set(exemptions.CONDITIONS)
    assert set(WHOLES) == set(school_formulas.WHOLES)


def test_the_frame_has_one_row_per_county_and_names_its_columns():
    frame = evaluate_many(FEW, SCHEME).frame()
    assert len(frame) == len(FEW)
    assert frame.columns.is_unique
    assert frame["code"].tolist() == [file.county.code for file in FEW]
    assert set(frame["verdict"]) <= {each.value for each in Outcome}
    assert np.all((frame["passing.primary"] >= 0) & (frame["passing.primary"] <= 1))
    assert {"section.resources", "reasons", "difference.junior.R7", "mean.primary.R1"} <= set(frame)
