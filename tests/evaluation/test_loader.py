"""Schemes: complete, strict, and inherited as the documents are."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from evaluation import SchemeError, UnknownSchemeError, list_schemes, load_scheme
from evaluation.criteria import Criterion
from evaluation.formulas import FORMULAS
from evaluation.loader import SCHEMES

SHANXI = load_scheme("shanxi-2022")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for scheme in ("national-2017", "shanxi-2022", "haicheng-2023"):
        shutil.copytree(SCHEMES / scheme, tmp_path / scheme)
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str, first: str = "shanxi-2022") -> str:
    """Change a file of a scheme, or of the national one it extends; return which it was."""
    for scheme in (first, "national-2017"):
        path = folder / scheme / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if old in text:
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
            return scheme
    raise AssertionError(old)


@pytest.mark.parametrize("scheme", list_schemes())
def test_every_scheme_loads_and_names_itself(scheme):
    assert load_scheme(scheme).id == scheme


def test_every_formula_named_exists_and_every_formula_can_be_named():
    models = get_args(get_args(Criterion)[0])
    assert {get_args(model.model_fields["formula"].annotation)[0] for model in models} == set(FORMULAS)


def test_shanxi_is_complete():
    """5 conditions + 7 indicators + 15 guarantees + 9 of quality + 1 of recognition + 6 vetoes."""
    counted = {section: len(SHANXI.sections[section].items) for section in SHANXI.sections}
    assert counted == {"eligibility": 5, "guarantee": 15, "quality": 9, "recognition": 1, "vetoes": 6}
    assert [indicator.id for indicator in SHANXI.resources.indicators] == [f"R{n}" for n in range(1, 8)]
    ids = [item.id for _, item in SHANXI.all_items()]
    assert [id_ for id_ in ids if id_[0] == "G"] == [f"G{n}" for n in range(1, 16)]
    assert [id_ for id_ in ids if id_[0] == "Q"] == [f"Q{n}" for n in range(1, 10)]


def test_every_item_has_words_in_both_languages_and_a_clause():
    texts = [item.label for _, item in SHANXI.all_items()]
    texts += [indicator.label for indicator in SHANXI.resources.indicators]
    texts += [each.label for _, item in SHANXI.all_items() for each in item.criteria if each.label]
    texts += [exemption.label for exemption in SHANXI.exemptions] + [SHANXI.title]
    texts += [reading.text for reading in SHANXI.head.readings]
    assert all(text.zh and text.en for text in texts)
    assert all(item.clause for _, item in SHANXI.all_items())


#: The document's thresholds, primary and junior (附件2 一, 二（一）).
THRESHOLDS = {
    "R1": ("4.2", "5.3"),
    "R2": ("1", "1"),
    "R3": ("0.9", "0.9"),
    "R4": ("4.5", "5.8"),
    "R5": ("7.5", "10.2"),
    "R6": ("2000", "2500"),
    "R7": ("2.3", "2.4"),
}


@pytest.mark.parametrize("indicator", SHANXI.resources.indicators, ids=lambda each: each.id)
def test_the_indicators_have_the_documents_thresholds(indicator):
    bounds = [indicator.bounds.primary, indicator.bounds.junior]
    assert [bound.comparison for bound in bounds] == ["at_least", "at_least"]
    assert [bound.threshold for bound in bounds] == [Fraction(each) for each in THRESHOLDS[indicator.id]]


def test_the_school_rule_and_the_coefficients_are_the_documents():
    rule, difference = SHANXI.resources.school_rule, SHANXI.resources.difference
    assert (rule.indicators_met, rule.floor) == (6, Fraction(85, 100))
    composite = SHANXI.sections["eligibility"].items[1].criteria[1]
    for bounds, numbers in ((difference.bounds, ("0.50", "0.45")), (composite.bounds, ("0.60", "0.50"))):
        found = [bounds.primary, bounds.junior]
        assert [bound.comparison for bound in found] == ["at_most", "at_most"]
        assert [bound.threshold for bound in found] == [Fraction(each) for each in numbers]


def test_sample_rule():
    rule = SHANXI.sample
    assert rule is not None
    assert (rule.rate, rule.parents_share, rule.cap, rule.floors) == (
        Fraction(15, 10000),
        Fraction(1, 2),
        None,
        [],
    )
    assert rule.groups == ["parent", "student", "teacher", "principal", "deputy", "cppcc_member", "public"]


@pytest.mark.parametrize(
    "scheme", ["nowhere-2020", "", "../shanxi-2022", "shanxi-2022/", "nowhere-2020@body", "@", "@body"]
)
def test_an_unknown_scheme_names_the_known_ones(scheme):
    with pytest.raises(UnknownSchemeError) as error:
        load_scheme(scheme)
    assert "shanxi-2022" in error.value.known


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "known"),
    [
        ("scheme.toml", "issued ", "isued ", "isued", "issued"),
        ("units.toml", "pupils_from ", "pupils_min ", "pupils_min", "pupils_from"),
        ("resources.toml", "floor ", "flor ", "flor", "floor"),
        ("guarantee.toml", "classes_per_room", "classes", "classes", "classes_per_room"),
        ("quality.toml", "if_none ", "if_nobody ", "if_nobody", "if_none"),
        ("exemptions.toml", "valid_until ", "until ", "until", "valid_until"),
    ],
)
def test_an_unknown_key_names_file_key_and_known_keys(folder, name, old, new, key, known):
    scheme = edit(folder, name, old, new)
    with pytest.raises(SchemeError) as error:
        load_scheme("shanxi-2022", folder=folder)
    assert error.value.file == f"{scheme}/{name}"
    assert error.value.key.endswith(key) or error.value.key.endswith(known)
    assert known in error.value.known


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scheme.toml", "rate          = 0.0015", 'rate = "0.0015"'),
        ("resources.toml", "indicators_met = 6", "indicators_met = 6.0"),
        ("resources.toml", "{ at_least = 4.2 }", "{ at_least = true }"),
        ("resources.toml", "{ at_least = 4.2 }", "{ at_least = 4.2, below = 5 }"),
        ("resources.toml", "{ at_least = 4.2 }", "{ at_most = 4.2 }"),
        ("resources.toml", '["backbone"]', '["backbones"]'),
        ("guarantee.toml", 'formula     = "attested"', 'formula     = "believed"'),
        ("exemptions.toml", 'criterion = "G4"', 'criterion = "G44"'),
        ("quality.toml", 'id     = "Q2"', 'id     = "Q1"'),
        ("scheme.toml", 'id       = "shanxi-2022"', 'id       = "shanxi-2023"'),
        ("scheme.toml", "issued   = 2022-07-01", "issued   = "),
    ],
)
def test_a_wrong_value_names_its_file(folder, name, old, new):
    scheme = edit(folder, name, old, new)
    with pytest.raises(SchemeError) as error:
        load_scheme("shanxi-2022", folder=folder)
    assert error.value.file.startswith(scheme)


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "named"),
    [
        ("vetoes.toml", "vetoes.key_schools", "key_schools", "items.2.criteria.0.did_not_happen", "vetoes"),
        ("guarantee.toml", "figures.rotation", "figures.turns", "items.10.criteria.0.ratio", "rotation"),
        ("guarantee.toml", '["rotated"]', '["turned"]', "items.10.criteria.0.ratio", "rotated_backbone"),
        ("guarantee.toml", '["rotated"]', "[]", "items.10.criteria.0.ratio.numerator", "at least 1"),
        ("guarantee.toml", '"teacher_mean"', '"teachers"', "items.7.criteria.0.compare", "teacher_mean"),
        ("guarantee.toml", "room = 12", "room = 0", "items.2.criteria.0.rooms.classes_per_room", "1"),
        ("recognition.toml", '"questionnaires"', '"topics"', "items.0.criteria.0.recognition_rate", "tally"),
        ("eligibility.toml", "basic_balance_year", "year", "items.0.criteria.0.years_between", "incident"),
        ("quality.toml", "figures.labour.bases", "figures.labour", "items.6.criteria.2.amount", "no number"),
        ("quality.toml", '["national"]', "[]", "items.8.criteria.0.monitoring.sources", "at least 1"),
        ("quality.toml", 'formula     = "monitoring"\n', "", "items.8.criteria.0.formula", "monitoring"),
        ("quality.toml", '"monitoring"', '"watching"', "items.8.criteria.0.formula", "watching"),
        ("resources.toml", "floor          = 0.85", "floor = 85", "school_rule.floor", "at most 1"),
        ("resources.toml", "indicators_met = 6", "indicators_met = 8", "school_rule", "7 indicators"),
        ("resources.toml", "{ at_most = 0.50 }", "{ at_least = 0.50 }", "difference", "from above"),
        ("resources.toml", "{ at_least = 4.2 }", "{ at_least = inf }", "indicators.0.bounds", "finite"),
        ("resources.toml", '["backbone"]', "[]", "indicators.1.amount", "at least 1"),
        ("units.toml", "kindergarten = 1, ", "", "split.weights", "kindergarten"),
        ("units.toml", "nine_year          = { primary = 1, ", "nine_year = { ", "split.kinds", "primary"),
        (
            "units.toml",
            "junior = 1.1, senior = 1.32 }",
            "junior = 0, senior = 1 }",
            "split.weights",
            "above 0",
        ),
        ("scheme.toml", 'section = "quality"', 'section = "qualities"', "stated_counts", "quality"),
        ("scheme.toml", '"quality", "rec', '"quality", "quality", "rec', "sections", "twice"),
        ("scheme.toml", 'id = "subjects"', 'id = "labour"', "readings", "twice"),
        ("scheme.toml", "0.0015", "1.5", "sample.rate", "at most 1"),
        ("scheme.toml", '"principal"', '"principle"', "sample", "principal"),
        ("scheme.toml", '["parent", "student"', '["student", "parent"', "sample", "parent"),
        ("exemptions.toml", 'criterion = "G4"', 'criterion = "G5"', "size_built_2010", "lighten"),
        ("exemptions.toml", "{ at_most = 3000 }", "{ at_least = 3000 }", "size_built_2010", "other way"),
        (
            "exemptions.toml",
            '"rooms_small_classes"',
            '"rooms_built_2016"',
            "rooms_built_2016",
            "two exemptions",
        ),
        ("exemptions.toml", "{ built_by = 2010 }", "{}", "exemptions.2.condition", "built_by"),
        ("exemptions.toml", 'R5 = "extra', 'G5 = "extra', "dense_centre", "no indicator"),
        ("guarantee.toml", 'id               = "art"', 'id = "music"', "G3.music", "two items"),
        ("guarantee.toml", 'id          = "tilt"\n', 'id = "share"\n', "G14.share", "two items"),
    ],
)
def test_what_could_not_be_judged_is_refused_on_loading(folder, name, old, new, key, named):
    scheme = edit(folder, name, old, new)
    with pytest.raises(SchemeError) as error:
        load_scheme("shanxi-2022", folder=folder)
    assert error.value.file == f"{scheme}/{name}"
    assert error.value.key.startswith(key)
    assert named in str(error.value)


def test_only_one_part_of_an_item_may_go_by_the_items_own_id(folder):
    for part in ("share", "backbone"):
        edit(folder, "guarantee.toml", f'id          = "{part}"\n', "")
    with pytest.raises(SchemeError, match="two items") as error:
        load_scheme("national-2017", folder=folder)
    assert (error.value.file, error.value.key) == ("national-2017/guarantee.toml", "G11")


def test_a_rule_too_may_stand_under_one_reading_alone(folder):
    edit(folder, "resources.toml", "[composite]", '[composite]\nunder = ["body"]', "haicheng-2023")
    assert load_scheme("haicheng-2023", folder=folder).resources.composite is not None
    assert load_scheme("haicheng-2023@annex", folder=folder).resources.composite is None


def test_a_missing_or_surplus_file_is_named(folder):
    (folder / "shanxi-2022" / "notes.toml").write_text("", encoding="utf-8")
    with pytest.raises(SchemeError, match=r"notes\.toml"):
        load_scheme("shanxi-2022", folder=folder)
    (folder / "shanxi-2022" / "notes.toml").unlink()
    (folder / "shanxi-2022" / "eligibility.toml").unlink()
    load_scheme.cache_clear()
    with pytest.raises(SchemeError, match=r"eligibility\.toml"):
        load_scheme("shanxi-2022", folder=folder)


def test_the_digest_changes_with_the_content_and_not_with_line_ends(folder):
    path = folder / "shanxi-2022" / "units.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_scheme("shanxi-2022", folder=folder).digest == SHANXI.digest
    load_scheme.cache_clear()
    edit(folder, "units.toml", "pupils_below = 100", "pupils_below = 101")
    assert load_scheme("shanxi-2022", folder=folder).digest != SHANXI.digest


VARIANT = """
id = "variant"
document = "试〔2024〕1号"
issued = 2024-01-01
extends = "shanxi-2022"
sections = ["resources", "guarantee", "quality", "recognition"]
title = { zh = "变体", en = "Variant" }
issuer = { zh = "县", en = "County" }
"""

RULE = """
[school_rule]
indicators_met = 7
clause = "一"
label = { zh = "七项全部达标", en = "All seven" }
"""

ITEM = """
without = ["G15"]
[[items]]
id = "G1"
label = { zh = "布局", en = "Layout" }
clause = "一"
[[items.criteria]]
formula = "attested"
attestation = "layout_plan"
"""


def variant(folder: Path, *, rule: str = RULE) -> None:
    (folder / "variant").mkdir()
    (folder / "variant" / "scheme.toml").write_text(VARIANT, encoding="utf-8")
    (folder / "variant" / "resources.toml").write_text(rule, encoding="utf-8")
    (folder / "variant" / "guarantee.toml").write_text(ITEM, encoding="utf-8")


def test_a_variant_inherits_split_exclusions_sample_and_items_but_no_floor_eligibility_or_exemption(folder):
    variant(folder)
    scheme = load_scheme("variant", folder=folder)
    assert scheme.units == SHANXI.units
    assert scheme.sample == SHANXI.sample
    assert scheme.resources.indicators == SHANXI.resources.indicators
    assert (scheme.resources.school_rule.indicators_met, scheme.resources.school_rule.floor) == (7, None)
    assert scheme.exemptions == []
    assert "eligibility" not in scheme.sections
    guarantee = {item.id: item for item in scheme.sections["guarantee"].items}
    assert list(guarantee) == [f"G{n}" for n in range(1, 15)]
    assert guarantee["G1"].criteria[0].attestation == "layout_plan"
    assert guarantee["G2"] == SHANXI.sections["guarantee"].items[1]


def test_a_variant_must_state_its_own_school_rule(folder):
    variant(folder, rule="")
    with pytest.raises(SchemeError) as error:
        load_scheme("variant", folder=folder)
    assert error.value.key == "school_rule"


def test_a_variants_digest_depends_on_what_it_extends(folder):
    variant(folder)
    first = load_scheme("variant", folder=folder).digest
    load_scheme.cache_clear()
    edit(folder, "quality.toml", "{ at_least = 3 }", "{ at_least = 4 }")
    assert load_scheme("variant", folder=folder).digest != first


def test_schemes_that_extend_each_other_are_refused(folder):
    variant(folder)
    edit(folder, "scheme.toml", 'extends  = "national-2017"', 'extends = "variant"')
    with pytest.raises(SchemeError, match="circle"):
        load_scheme("variant", folder=folder)


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ("items = 3", "items"),
        ("items = [3]", "items.0"),
        ('[items]\nid = "G1"', "items"),
        ("[[items]]\nid = 3", "items.15.id"),
        ("without = 3", "without"),
        ('without = "G15"', "without"),
        ('items = [{ id = "G1", under = "body" }]', "under"),
        ('items = [{ id = "G1", under = [] }]', "under"),
        ('under = ["body"]', "under"),
    ],
)
def test_a_malformed_variant_is_refused_like_any_other(folder, item, key):
    """What a variant says wrongly is never passed over for what it inherits."""
    variant(folder)
    (folder / "variant" / "guarantee.toml").write_text(item, encoding="utf-8")
    with pytest.raises(SchemeError) as error:
        load_scheme("variant", folder=folder)
    assert (error.value.file, error.value.key) == ("variant/guarantee.toml", key)


def test_another_reading_is_asked_for_by_its_name():
    body, annex = load_scheme("haicheng-2023"), load_scheme("haicheng-2023@annex")
    assert (body.id, body.reading) == ("haicheng-2023", "body")
    assert (annex.id, annex.reading) == ("haicheng-2023@annex", "annex")
    assert load_scheme("haicheng-2023@body").id == "haicheng-2023"
    assert body.other_readings == annex.other_readings == ["haicheng-2023@annex"]
    assert annex.name.zh == "海城市推进义务教育优质均衡发展实施方案（按责任清单）"
    assert SHANXI.name == SHANXI.title
    assert [scheme.declared[0].zh[-4:] for scheme in (body, annex)] == ["按正文。", "任清单。"]


@pytest.mark.parametrize(
    ("scheme", "known"),
    [
        ("haicheng-2023@list", "haicheng-2023@annex"),
        ("haicheng-2023@annex@body", "haicheng-2023@body"),
        ("shanxi-2022@body", "shanxi-2022"),
    ],
)
def test_an_unknown_reading_names_the_known_ones(scheme, known):
    with pytest.raises(UnknownSchemeError) as error:
        load_scheme(scheme)
    assert known in error.value.known


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "known"),
    [
        ("scheme.toml", 'reading     = "body"', 'reading = "text"', "reading", "annex"),
        ("guarantee.toml", 'under       = ["body"]', 'under = ["bodi"]', "under", "body"),
        ("guarantee.toml", "excused_by", "excuse", "excuse", "excused_by"),
        ("guarantee.toml", "departments", "department", "department", "departments"),
        ("resources.toml", "departments", "department", "department", "departments"),
        ("resources.toml", "[composite]", "[composit]", "composit", "composite"),
        ("scheme.toml", "target_year", "target", "target", "target_year"),
        ("scheme.toml", "stated = 10", "count = 10", "count", "stated"),
        ("vetoes.toml", "school_by_school", "by_school", "by_school", "school_by_school"),
    ],
)
@pytest.mark.parametrize("scheme", ["haicheng-2023", "haicheng-2023@annex"])
def test_a_fault_under_one_reading_loads_neither(folder, name, old, new, key, known, scheme):
    assert edit(folder, name, old, new, "haicheng-2023") == "haicheng-2023"
    with pytest.raises(SchemeError) as error:
        load_scheme(scheme, folder=folder)
    assert error.value.file == f"haicheng-2023/{name}"
    assert error.value.key.endswith(key) or error.value.key.endswith(known)
    assert known in error.value.known


def test_an_item_may_stand_once_under_each_reading_and_not_twice(folder):
    edit(folder, "guarantee.toml", 'under       = ["annex"]', 'under = ["body"]', "haicheng-2023")
    with pytest.raises(SchemeError, match="two items") as error:
        load_scheme("haicheng-2023", folder=folder)
    assert error.value.key == "G1"


def test_what_cannot_be_left_out_is_named(folder):
    variant(folder)
    path = folder / "variant" / "guarantee.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("G15", "G51"), encoding="utf-8")
    with pytest.raises(SchemeError) as error:
        load_scheme("variant", folder=folder)
    assert (error.value.file, error.value.key) == ("variant/guarantee.toml", "without")
    assert "G15" in error.value.known


def test_a_variant_changes_an_item_and_a_rule_key_by_key(folder):
    variant(folder)
    (folder / "variant" / "guarantee.toml").write_text(
        'items = [{ id = "G4", clause = "二", departments = ["教育局"] }]', encoding="utf-8"
    )
    (folder / "variant" / "units.toml").write_text("[visiting]\npupils_below = 120\n", encoding="utf-8")
    path = folder / "variant" / "resources.toml"
    path.write_text('[difference]\nclause = "三"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    scheme = load_scheme("variant", folder=folder)
    base, (own,) = SHANXI.sections["guarantee"].items[3], scheme.sections["guarantee"].items[3:4]
    assert (own.id, own.clause, own.departments) == ("G4", "二", ["教育局"])
    assert own.criteria == base.criteria
    assert scheme.resources.difference.bounds == SHANXI.resources.difference.bounds
    assert scheme.resources.difference.clause == "三"
    assert (scheme.units.visiting.pupils_from, scheme.units.visiting.pupils_below) == (50, 120)
    assert scheme.units.split == SHANXI.units.split


def test_a_county_file_may_say_more_than_a_variant_asks():
    known = load_scheme("lingchuan-2021").known_keys()
    assert "falsification" in known["vetoes"]
    assert "tilted_to_rural" in known["attestations"]
    assert "size_exception" in load_scheme("haicheng-2023@annex").known_keys()["attestations"]
    assert "size_exception" not in known["attestations"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply to be read"),
        ("b = 1\nc = " + "9" * 5000, "a number that cannot be read (at line 2, column 5)"),
        ("b = 1\nc = ]", "line 2, column 5"),
    ],
    ids=["nested", "huge", "wrong"],
)
def test_a_file_that_no_parser_gets_through_is_refused_by_its_name(folder, text, said):
    variant(folder)
    (folder / "variant" / "units.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemeError) as error:
        load_scheme("variant", folder=folder)
    assert error.value.file == "variant/units.toml"
    assert said in str(error.value)
