"""A county file becomes a workbook and comes back without a difference."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from evaluation.reading import read_county
from survey_app.counties import yangcheng
from survey_app.counties.workbook import WorkbookError, read_workbook, workbook_bytes, write_workbook
from tests.survey_app.counties.county_files import COUNTY_FILES

GOLDEN = Path(__file__).parents[2] / "golden" / "county"
SMALL = json.loads((GOLDEN / "small.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((GOLDEN / "county.schema.json").read_text(encoding="utf-8"))


def literal(document):
    """Every digit counts: 96 and 96.0 differ here, as does an empty object from an absent one."""
    return json.dumps(document, sort_keys=True)


def there_and_back(document, path):
    write_workbook(document, path)
    return read_workbook(path)


@pytest.mark.parametrize("document", [SMALL, yangcheng.build()[0]], ids=["small", "yangcheng"])
def test_real_county_files_come_back_digit_for_digit(document, tmp_path):
    assert literal(there_and_back(document, tmp_path / "county.xlsx")) == literal(document)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=COUNTY_FILES)
def test_every_valid_county_file_comes_back_digit_for_digit(document, tmp_path, in_process):
    jsonschema.validate(document, SCHEMA)
    read_county(document)
    before = copy.deepcopy(document)
    assert literal(there_and_back(document, tmp_path / "county.xlsx")) == literal(before)
    assert document == before


EMPTY = {"format": "county/1", "county": {"code": "140522", "name": "阳城县"}, "year": 2021, "schools": []}
SCHOOL = SMALL["schools"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"figures": {}},
        {"figures": {"pay": {}, "monitoring": [], "education_spending": [{}, {"year": 2020}, {}]}},
        {"recognition": {"groups": {"parent": {}}, "topics": {}}},
        {"recognition": {"groups": {}}},
        {"totals": {"pupils": {}}, "stated": [], "attestations": {}, "vetoes": {}, "scores": {}},
        {"eligibility": {"composite_difference": []}},
        {"schools": [SCHOOL | {"music_rooms": [], "art_rooms": [0, 0.0], "class_sizes": {"primary": []}}]},
        {"schools": [SCHOOL | {"class_sizes": {}, "teachers": {}, "attestations": {}, "grade_pupils": {}}]},
        {
            "schools": [
                SCHOOL | {"teachers": {"primary": {}}, "pupils": {}, "nearby_pupils": {}, "vetoes": {}}
            ]
        },
    ],
    ids=lambda change: literal(change)[:60],
)
def test_present_and_empty_stays_apart_from_absent(change, tmp_path):
    document = EMPTY | change
    assert literal(there_and_back(document, tmp_path / "county.xlsx")) == literal(document)


@pytest.mark.parametrize("number", [96, 96.0, 0.30000000000000004, 1e-7, 5e-324, 10**15, 1e15, 0, 0.0])
def test_a_number_keeps_how_it_was_written(number, tmp_path):
    document = EMPTY | {"figures": {"pay": {"teacher_mean": number}}}
    assert literal(there_and_back(document, tmp_path / "county.xlsx")) == literal(document)


def test_a_text_longer_than_a_cell_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "county.xlsx"
    path.write_text("was here")
    document = EMPTY | {"schools": [SCHOOL | {"township": "长" * 32_768}]}
    with pytest.raises(WorkbookError) as refused:
        write_workbook(document, path)
    (fault,) = refused.value.faults
    assert (fault.where, fault.rule) == ("学校!G4", "text_too_long")
    assert path.read_text() == "was here"


def test_the_same_county_file_gives_the_same_rows_whatever_the_order_of_its_keys():
    turned = dict(reversed(SMALL.items()))
    assert len(workbook_bytes(turned)) == len(workbook_bytes(SMALL))
