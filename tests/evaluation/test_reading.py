"""County files: what is accepted, what is refused, and that every fault is named."""

import copy
import json
from decimal import Decimal
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from evaluation import CountyFile, CountyFileError, read_county
from tests.evaluation.situations import GOLDEN, changed, county, small

SCHEMA = json.loads((GOLDEN / "county.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(CountyFileError) as refused:
        read_county(document)
    return [(fault.where, fault.rule) for fault in refused.value.faults]


@pytest.mark.parametrize("document", [small(), county()], ids=["small", "county"])
def test_what_is_read_is_given_back(document):
    assert read_county(document).to_document() == document
    assert read_county(json.dumps(document)).to_document() == document
    assert read_county(json.dumps(document).encode()).to_document() == document


def test_numbers_are_exact():
    text = json.dumps(small()).replace('"teaching_area": 1424.7', '"teaching_area": 1424.70')
    assert read_county(text).schools[0].teaching_area == Decimal("1424.7")


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    return SCHEMA["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def compare_keys(model: type[BaseModel], node: dict[str, Any], where: str) -> None:
    node = resolve(node)
    assert set(model.model_fields) == set(node["properties"]), where
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required == set(node.get("required", [])), where
    for name, field in model.model_fields.items():
        inner = models_in(field.annotation)
        below = resolve(node["properties"][name])
        if below.get("type") == "array":
            below = resolve(below["items"])
        elif isinstance(below.get("additionalProperties"), dict):
            below = resolve(below["additionalProperties"])
        assert bool(inner) == ("properties" in below and name != "grade_pupils"), f"{where}.{name}"
        if inner:
            compare_keys(inner[0], below, f"{where}.{name}")


def test_the_models_have_the_keys_of_the_schema():
    compare_keys(CountyFile, SCHEMA, "county")


CORPUS = [
    ("S001.pupils.primary", -1),
    ("S001.pupils.primary", 1.5),
    ("S001.pupils.primary", 265.0),
    ("S001.pupils.primary", True),
    ("S001.pupils.primary", "265"),
    ("S001.pupils.primary", None),
    ("S001.pupils", {}),
    ("S001.pupils", []),
    ("S001.pupils.nursery", 3),
    ("S001.kind", "academy"),
    ("S001.kind", None),
    ("S001.locality", "suburb"),
    ("S001.boarding", 0),
    ("S001.boarding", "false"),
    ("S001.migrant_share", 1.01),
    ("S001.migrant_share", 1),
    ("S001.migrant_share", False),
    ("S001.teaching_area", "1424.7"),
    ("S001.teaching_area", -0.1),
    ("S001.teaching_area", 10),
    ("S001.music_rooms", [96, "90"]),
    ("S001.music_rooms", {}),
    ("S001.music_rooms", []),
    ("S001.organiser", 11),
    ("S001.organiser", 10),
    ("S001.built_year", 1999.5),
    ("S001.grade_pupils", {"10": 3}),
    ("S001.grade_pupils", {"1": 3}),
    ("S001.class_sizes.senior", [30]),
    ("S001.attestations", {"charters": {"met": True, "note": "章程"}}),
    ("S001.attestations", {"charters": {"note": "章程"}}),
    ("S001.attestations", {"charters": True}),
    ("S001.vetoes", {"key_schools": 1}),
    ("S001.colour", "red"),
    ("S001.name", 5),
    ("county.code", "1405"),
    ("county.code", "14052a"),
    ("county.resident_population", 0),
    ("county.mayor", "?"),
    ("year", "2025"),
    ("year", "absent"),
    ("format", "county/2"),
    ("schools", {}),
    ("schools", "absent"),
    ("figures.pay.bonus", 3),
    ("figures.monitoring.0.level", 5),
    ("figures.monitoring.0.subject", "absent"),
    ("figures.monitoring.0.source", "city"),
    ("eligibility.incident", "no"),
    ("eligibility.composite_difference.0.year", "absent"),
    ("attestations.layout", {"met": None}),
    ("scores", {"27.2": -1}),
    ("scores", {"27.2": 1.5}),
    ("recognition.topics", {"30.8": 1.2}),
    ("recognition.groups.pupil", {}),
    ("totals", {"pupils": {"primary": 3, "county": 4}}),
    ("stated", [{"stage": "county"}]),
    ("stated", [{"indicator": "R3", "stage": "county", "value": -0.4}]),
    ("stated", [{"indicator": "R3", "stage": "senior"}]),
    ("notes", []),
]


@pytest.mark.parametrize(("path", "value"), CORPUS, ids=[f"{path}={value}" for path, value in CORPUS])
def test_the_models_refuse_what_the_schema_refuses(path, value):
    document = changed(small(), {path: value})
    if VALIDATOR.is_valid(document):
        assert read_county(document).to_document() == document
    else:
        head = path.partition(".")[0]
        named = path.replace("S001", "schools[0]") if head == "S001" else path
        assert any(where.startswith(named.partition(".")[0]) for where, _ in faults(document))


def test_every_fault_is_named_with_its_path():
    document = changed(
        small(),
        {
            "S004.pupils.primary": -1,
            "S003.foo": 1,
            "S007.code": "S001",
            "S012.counted": False,
            "year": "absent",
            "figures.pay.teacher_mean": float("nan"),
            "S001.teaching_area": None,
            "S002.pupils.junior": 3,
        },
    )
    assert set(faults(document)) == {
        ("schools[3].pupils.primary", "minimum"),
        ("schools[2].foo", "unknown_key"),
        ("schools[6].code", "duplicate_school"),
        ("schools[11].merge_into", "merge_missing"),
        ("year", "required"),
        ("figures.pay.teacher_mean", "not_a_number"),
        ("schools[0].teaching_area", "null"),
        ("schools[1].pupils.junior", "stage_of_kind"),
    }


def test_an_unknown_key_names_the_known_ones():
    with pytest.raises(CountyFileError) as refused:
        read_county(changed(small(), {"figures.pay.bonus": 1}))
    (fault,) = refused.value.faults
    assert fault.facts["known"] == ("teacher_mean", "civil_servant_mean")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"S013.merge_into": "S099"}, "merge_unknown"),
        ({"S013.merge_into": "S013"}, "merge_itself"),
        ({"S013.merge_into": "S014"}, "merge_excluded"),
        ({"S013.merge_into": "S012", "S012.counted": False, "S012.merge_into": "S013"}, "merge_cycle"),
    ],
)
def test_uncounted_schools_end_at_a_counted_one(changes, rule):
    assert rule in {found for _, found in faults(changed(small(), changes))}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{", "malformed"),
        ("", "malformed"),
        ("[" * 100_000, "malformed"),
        (b"\xff\xfe{}", "encoding"),
        ("[" * 600 + "]" * 600, "type"),
        ('{"county": {"name": "\\ud800"}}', "encoding"),
        ('{"\\ud800": 1}', "encoding"),
        ("[]", "type"),
        ("null", "null"),
        ('{"format": "county/1", "format": "county/1"}', "duplicate_key"),
        ('{"year": NaN}', "not_a_number"),
        ('{"year": 1e999}', "too_large"),
        ('{"year": -1e999999999}', "too_large"),
        ('{"year": ' + "9" * 5000 + "}", "malformed"),
        ('{"county": {"gdp_per_head": 0.1234567890123456789}}', "too_many_digits"),
    ],
)
def test_text_that_is_no_county_file(text, rule):
    assert rule in {found for _, found in faults(text)}


def test_a_key_given_twice_is_named_with_its_path():
    doubled = '{"code": "1", "code": "1", "pupils": {"primary": 3, "junior": 1, "primary": 4}}'
    text = '{"format": "county/1", "schools": [{}, ' + doubled + '], "year": 2024, "year": 2025}'
    found = {where for where, rule in faults(text) if rule == "duplicate_key"}
    assert found == {"year", "schools[1].code", "schools[1].pupils.primary"}


def test_a_file_with_a_byte_order_mark_is_read():
    assert read_county(b"\xef\xbb\xbf" + json.dumps(small()).encode()).year == 2025


def test_reading_leaves_the_document_as_it_was():
    document = small()
    before = copy.deepcopy(document)
    read_county(document)
    assert document == before
