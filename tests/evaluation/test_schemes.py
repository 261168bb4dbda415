"""The schemes against their documents: every item is there, with its clause, words and thresholds."""

import re
from collections.abc import Iterator
from fractions import Fraction

import pytest

from evaluation import Scheme, list_schemes, load_scheme
from evaluation.criteria import Ratio
from evaluation.loader import schemes_for
from evaluation.terms import Text

#: Every scheme under every reading.
LOADED = {
    scheme.id: scheme
    for id_ in list_schemes()
    for name in (id_, *load_scheme(id_).other_readings)
    for scheme in [load_scheme(name)]
}
every_scheme = pytest.mark.parametrize("scheme", LOADED.values(), ids=LOADED)

#: Items by section as the documents list them; indicators under ``resources``.
COUNTS = {
    "national-2017": {"resources": 7, "guarantee": 15, "quality": 9, "recognition": 1, "vetoes": 6},
    "shanxi-2022": {
        "eligibility": 5,
        "vetoes": 6,
        "resources": 7,
        "guarantee": 15,
        "quality": 9,
        "recognition": 1,
    },
    "haicheng-2023": {"resources": 7, "guarantee": 15, "quality": 9, "recognition": 1, "vetoes": 6},
    "haicheng-2023@annex": {"resources": 7, "guarantee": 15, "quality": 9, "recognition": 1, "vetoes": 6},
    "yangcheng-2021": {"resources": 7, "guarantee": 15, "quality": 9, "recognition": 1},
    "lingchuan-2021": {"resources": 6, "guarantee": 12, "quality": 8, "recognition": 1, "vetoes": 2},
}

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NUMBER_OF_A_DOCUMENT = re.compile(r"[\u4e00-\u9fff]+〔\d{4}〕\d+号")


def texts(scheme: Scheme) -> Iterator[Text]:
    """Yield all words of a scheme."""
    head, resources = scheme.head, scheme.resources
    yield from (head.title, head.issuer, resources.label, resources.school_rule.label)
    yield resources.difference.label
    for rule in (resources.county_mean, resources.composite):
        yield from [rule.label] if rule else []
    for indicator in resources.indicators:
        yield from (indicator.label, indicator.short or indicator.label)
    yield from (section.label for section in scheme.sections.values())
    for _, item in scheme.all_items():
        yield item.label
        yield from (criterion.label for criterion in item.criteria if criterion.label)
    yield from (exemption.label for exemption in scheme.exemptions)
    for listed in (head.readings, head.alternatives, head.stated_counts):
        yield from (each.text for each in listed)
    yield from (scheme.name, *(each.label for each in head.alternatives))
    if scheme.scoring:
        yield from (scheme.scoring.label, *(band.label for band in scheme.scoring.bands))


def clauses(scheme: Scheme) -> Iterator[str]:
    """Yield where everything stands in the documents."""
    resources, units = scheme.resources, scheme.units
    yield from (resources.clause, resources.school_rule.clause, resources.difference.clause)
    yield from (units.clause, units.split.clause, units.visiting.clause)
    yield from (rule.clause for rule in (resources.county_mean, resources.composite) if rule)
    yield from (indicator.clause for indicator in resources.indicators)
    yield from (section.clause for section in scheme.sections.values())
    yield from (item.clause for _, item in scheme.all_items())
    yield from (exemption.clause for exemption in scheme.exemptions)
    yield from (count.clause for count in scheme.head.stated_counts)
    yield from [scheme.sample.clause] if scheme.sample else []


@pytest.mark.parametrize("name", COUNTS)
def test_every_item_of_the_document_is_there(name):
    scheme = LOADED[name]
    counts = {section: len(scheme.sections[section].items) for section in scheme.sections}
    counts["resources"] = len(scheme.resources.indicators)
    assert counts == COUNTS[name]
    assert list(scheme.head.sections) == list(COUNTS[name])


@every_scheme
def test_ids_are_unique(scheme):
    ids = [indicator.id for indicator in scheme.resources.indicators]
    ids += [item.id for _, item in scheme.all_items()]
    assert len(ids) == len(set(ids))


@every_scheme
def test_everything_has_words_in_both_languages(scheme):
    for text in texts(scheme):
        assert CHINESE.search(text.zh), text
        assert text.en.strip(), text
        assert not CHINESE.search(NUMBER_OF_A_DOCUMENT.sub("", text.en)), text


@every_scheme
def test_everything_has_a_clause(scheme):
    assert all(clause.strip() for clause in clauses(scheme))


@every_scheme
def test_the_head_names_document_issuer_and_date_or_says_that_there_is_none(scheme):
    head = scheme.head
    assert head.document.strip()
    assert head.issued is not None or {"date", "issued"} & {each.id for each in head.readings}


@every_scheme
def test_a_scheme_that_extends_another_cites_its_own_document(scheme):
    """What is inherited keeps the other document's clause only where this one is silent: units and sample."""
    if scheme.head.extends is None:
        return
    base = load_scheme(scheme.head.extends)
    own = {indicator.clause for indicator in scheme.resources.indicators}
    own |= {item.clause for _, item in scheme.all_items()} | {scheme.resources.difference.clause}
    assert not own & set(clauses(base))


@every_scheme
def test_what_the_document_leaves_open_is_declared(scheme):
    """Formulas no document gives are readings, printed beside the findings."""
    said = " ".join(text.zh for text in scheme.declared)
    for _, item in scheme.all_items():
        for criterion in item.criteria:
            if isinstance(criterion, Ratio) and criterion.of == "figures.retention":
                assert "巩固率" in said
            if criterion.formula == "recognition_rate" and criterion.tally == "visits":
                assert "走访" in said
            if criterion.formula == "monitoring" and not criterion.required:
                assert "科目" in said
            if criterion.formula == "school_size" and criterion.excused_by:
                assert criterion.excused_by in said
    if "kindergarten" in scheme.units.split.weights:
        assert "幼儿班" in said or "拆分" in said
    if any(exemption.valid_until for exemption in scheme.exemptions):
        assert "近三年" in said


@every_scheme
def test_exemptions_are_the_documents_own(scheme):
    """Each has a condition and an end; only one document has any."""
    assert bool(scheme.exemptions) is (scheme.head.id == "shanxi-2022")
    for exemption in scheme.exemptions:
        assert exemption.condition.model_dump(exclude_none=True)
        assert exemption.valid_until == 2025
        duty = 0 if exemption.adds else 3
        assert exemption.follow_up_years == duty


def rule(name: str) -> tuple[int, int, Fraction | None]:
    """Return how many of how many indicators a school must reach, and the floor of the others."""
    resources = LOADED[name].resources
    return resources.school_rule.indicators_met, len(resources.indicators), resources.school_rule.floor


def test_school_rules():
    """6 of 7 with a floor nationally and in Shanxi, everything without one in the counties' own plans."""
    assert rule("national-2017") == rule("shanxi-2022") == (6, 7, Fraction(85, 100))
    assert rule("haicheng-2023") == rule("haicheng-2023@annex") == rule("yangcheng-2021") == (7, 7, None)
    assert rule("lingchuan-2021") == (6, 6, None)


@every_scheme
def test_thresholds_of_indicators_and_coefficients_are_the_national_ones(scheme):
    """No document among these changes them; those that count otherwise name the national indicator."""
    national = {each.id: each.bounds for each in LOADED["national-2017"].resources.indicators}
    for indicator in scheme.resources.indicators:
        assert indicator.bounds == national[indicator.national or indicator.id]
    assert scheme.resources.difference.bounds == LOADED["national-2017"].resources.difference.bounds


@every_scheme
def test_units_and_sample_are_the_national_ones(scheme):
    national = LOADED["national-2017"]
    without = {"clause": True, "split": {"clause"}, "visiting": {"clause"}}
    assert scheme.units.model_dump(exclude=without) == national.units.model_dump(exclude=without)
    assert scheme.sample is not None
    assert national.sample is not None
    assert scheme.sample.model_dump(exclude={"clause"}) == national.sample.model_dump(exclude={"clause"})


def test_only_haicheng_sets_a_composite_coefficient():
    named = {scheme.id for scheme in LOADED.values() if scheme.resources.composite}
    assert named == {"haicheng-2023", "haicheng-2023@annex"}
    composite = LOADED["haicheng-2023"].resources.composite
    assert composite is not None
    bounds = [composite.bounds.primary, composite.bounds.junior]
    assert [(bound.comparison, bound.threshold) for bound in bounds] == [
        ("at_most", Fraction(1, 2)),
        ("at_most", Fraction(45, 100)),
    ]


def test_haichengs_readings_differ_where_body_and_list_do_and_nowhere_else():
    body, annex = (
        {item.id: item for _, item in LOADED[name].all_items()}
        for name in ("haicheng-2023", "haicheng-2023@annex")
    )
    assert {id_ for id_ in body if body[id_] != annex[id_]} == {
        *("G1", "G2", "G4", "G13", "Q2", "Q3"),
        *(f"V{number}" for number in range(1, 7)),
    }
    assert LOADED["haicheng-2023"].resources == LOADED["haicheng-2023@annex"].resources
    assert LOADED["haicheng-2023"].digest != LOADED["haicheng-2023@annex"].digest


def test_haicheng_says_ten_where_it_lists_nine():
    scheme = LOADED["haicheng-2023"]
    (count,) = scheme.head.stated_counts
    assert (count.section, count.stated, len(scheme.sections["quality"].items)) == ("quality", 10, 9)


@pytest.mark.parametrize(
    ("name", "item", "departments"),
    [
        ("haicheng-2023", "G2", ["教育局", "财政局", "住建局", "人社局", "编办"]),
        ("haicheng-2023@annex", "Q2", ["教育局", "各镇街", "残联"]),
        ("haicheng-2023", "recognition", ["领导小组各成员单位"]),
        ("lingchuan-2021", "G2", ["县教育局", "县委编办", "县发改局", "县财政局", "县人社局"]),
    ],
)
def test_departments_are_the_documents(name, item, departments):
    items = {each.id: each for _, each in LOADED[name].all_items()}
    assert items[item].departments == departments


@pytest.mark.parametrize("name", ["haicheng-2023", "haicheng-2023@annex"])
def test_every_entry_of_haichengs_list_names_who_answers_for_it(name):
    scheme = LOADED[name]
    assert all(indicator.departments for indicator in scheme.resources.indicators)
    assert all(item.departments for _, item in scheme.all_items())


def test_lingchuan_names_only_what_it_promises():
    scheme = LOADED["lingchuan-2021"]
    ids = {indicator.id for indicator in scheme.resources.indicators}
    ids |= {item.id for _, item in scheme.all_items()}
    assert not ids & {"R1", "G6", "G7", "G12", "Q9", "V1", "V4", "V5", "V6"}
    assert (scheme.head.from_year, scheme.head.until_year, scheme.head.target_year) == (2021, 2028, 2028)


@pytest.mark.parametrize(
    ("county", "first"),
    [
        ("140522", ["shanxi-2022", "national-2017", "yangcheng-2021"]),
        ("430603", ["hunan-2023", "national-2017"]),
        ("210381", ["national-2017", "haicheng-2023"]),
        ("", ["national-2017"]),
    ],
)
def test_a_county_is_offered_its_provinces_rules_then_the_nations_then_its_own_plan(county, first):
    offered = schemes_for(county)
    assert offered[: len(first)] == first
    assert sorted(offered) == list_schemes()
