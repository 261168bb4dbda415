import copy
import json
from decimal import Decimal

import pytest
import sqlalchemy as sa

from survey_app.audit import AuditEntry
from survey_app.canonical import digest
from survey_app.counties import service, yangcheng
from survey_app.counties.models import CountyFile, Region, School
from survey_app.counties.regions import UnknownRegionError
from survey_app.db import db
from survey_app.errors import NotFoundError, RefusedInputError
from tests.conftest import NOW
from tests.factories import small_county


@pytest.fixture
def session(either_app):
    with either_app.app_context():
        yield db.session


@pytest.fixture
def county():
    document = copy.deepcopy(small_county())
    document["county"] = {**document["county"], "code": "140522", "name": "阳城县"}
    return document


def store(session, document, **changed):
    given = {"source": "county.json", "by": "zhang", "now": NOW} | changed
    return service.import_county_file(session, document, **given)


def test_a_region_comes_with_everything_above_it(session):
    assert service.ensure_region(session, "140522").name == "阳城县"
    found = session.execute(sa.select(Region.code, Region.level, Region.parent_code)).all()
    assert sorted(found) == [
        ("000000", "nation", None),
        ("140000", "province", "000000"),
        ("140500", "city", "140000"),
        ("140522", "county", "140500"),
    ]
    service.ensure_region(session, "140524")
    assert session.scalar(sa.select(sa.func.count()).select_from(Region)) == 5


def test_a_county_that_the_standard_does_not_list_needs_a_name_once(session):
    with pytest.raises(UnknownRegionError):
        service.ensure_region(session, "140599")
    assert service.ensure_region(session, "140599", "试验县").parent_code == "140500"
    assert service.ensure_region(session, "140599").name == "试验县"


def test_a_file_is_stored_with_its_digits_its_schools_and_its_origin(session):
    text = (
        '{"format": "county/1", "county": {"code": "140522", "name": "阳城县"}, "year": 2025, "schools": []}'
    )
    document = json.loads(text)
    document["schools"] = small_county()["schools"]
    document["schools"][0] = {**document["schools"][0], "teaching_area": 4210.50}
    file = store(session, json.dumps(document).replace("4210.5", "4210.50"))
    session.expire_all()
    assert service.document_of(file)["schools"][0]["teaching_area"] == Decimal("4210.50")
    assert "4210.50" in file.content
    assert file.digest == digest(file.content)
    assert [each.code for each in file.schools] == [each["code"] for each in document["schools"]]
    assert (file.source, file.imported_by, file.imported_at, file.version) == ("county.json", "zhang", NOW, 1)
    (entry,) = session.scalars(sa.select(AuditEntry))
    assert (entry.action, entry.region_code) == ("county_file.imported", "140522")


def test_a_correction_supersedes_and_edits_nothing(session, county):
    first = store(session, county)
    kept = (first.content, len(first.schools))
    county["schools"][0]["name"] = "改名小学"
    second = store(session, county)
    assert (second.version, second.id != first.id) == (2, True)
    assert (first.content, len(first.schools)) == kept
    assert service.latest_county_file(session, "140522") is second
    county["year"] += 1
    third = store(session, county)
    assert third.version == 1
    assert service.latest_county_file(session, "140522") is third
    assert service.files_of(session, ["1405"]) == [third, second, first]
    assert service.latest_files_of(session, ["14"]) == [third]
    pupils = sum((each.primary_pupils or 0) + (each.junior_pupils or 0) for each in third.schools)
    assert service.latest_with_counts(session, ["14"]) == [(third, len(third.schools), pupils)]
    assert service.latest_with_counts(session, []) == []


def test_the_same_content_twice_is_one_version(session, county):
    first = store(session, county)
    assert store(session, copy.deepcopy(county), source="again.json") is first
    assert store(session, json.dumps(county)) is first
    assert session.scalar(sa.select(sa.func.count()).select_from(CountyFile)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 1


def test_only_files_within_the_scopes_are_given(session, county):
    file = store(session, county)
    assert service.files_of(session, ["140522"]) == [file]
    assert service.files_of(session, [""]) == [file]
    for scopes in ([], ["140524"], ["43"], ["%"], ["_40522"]):
        assert service.files_of(session, scopes) == []


def test_the_demo_county_is_stored_with_the_origin_of_its_figures(session):
    document, provenance = yangcheng.build()
    file = store(session, document, provenance=provenance)
    known = service.provenance_of(file)
    assert known["small_groups"] == dict(provenance.small_groups)
    assert known["published"][0]["path"] == "county.resident_population"
    assert len(file.schools) == 66


def test_a_simulated_county_brought_back_from_its_workbook_stays_simulated(session):
    document, provenance = yangcheng.build()
    store(session, document, provenance=provenance)
    changed = copy.deepcopy(document)
    changed["schools"][0]["name"] = "改名小学"
    assert service.provenance_of(store(session, changed))["simulated"]
    for school in changed["schools"]:
        school["code"] = f"R-{school['code']}"
    assert service.provenance_of(store(session, changed)) == {}


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        (lambda county: county.pop("year"), "year", "required"),
        (lambda county: county.update(year=1789), "year", "minimum"),
        (lambda county: county.update(year=10**9), "year", "maximum"),
        (lambda county: county["county"].update(code="990101"), "county.code", "unknown_region"),
        (lambda county: county["county"].update(code="140500"), "county.code", "not_a_county"),
        (lambda county: county["county"].update(name=" "), "county.name", "required"),
        (lambda county: county["county"].update(name="长" * 65), "county.name", "text_too_long"),
        (lambda county: county["schools"][0].update(name="长" * 65), "schools[0].name", "text_too_long"),
        (lambda county: county["schools"][0].update(name="a\x00b"), "schools[0].name", "bad_character"),
        (lambda county: county["schools"][0].update(name="\ud800"), "schools[0].name", "encoding"),
        (
            lambda county: county["schools"][0].update(campus_of="x\ny"),
            "schools[0].campus_of",
            "bad_character",
        ),
        (
            lambda county: county["schools"][0]["pupils"].update(primary=10**12),
            "schools[0].pupils.primary",
            "too_large",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place(session, county, change, where, rule):
    change(county)
    with pytest.raises(RefusedInputError) as refused:
        store(session, county)
    assert (where, rule) in [(fault.where, fault.rule) for fault in refused.value.faults]
    assert all(fault.message and "{" not in fault.message for fault in refused.value.faults)
    assert session.scalars(sa.select(CountyFile)).all() == []
    assert session.scalars(sa.select(School)).all() == []
    assert session.scalars(sa.select(AuditEntry)).all() == []


def test_every_fault_is_named_at_once(session, county):
    county["schools"][0]["kind"] = "castle"
    county["schools"][1]["pupils"] = {"primary": -1}
    county["surprise"] = 1
    with pytest.raises(RefusedInputError) as refused:
        store(session, county)
    assert {fault.where for fault in refused.value.faults} >= {
        "schools[0].kind",
        "schools[1].pupils.primary",
        "surprise",
    }


def test_a_file_that_is_not_there_is_not_found(session):
    with pytest.raises(NotFoundError):
        service.county_file(session, 1)
    assert service.latest_county_file(session, "140522") is None


def test_a_county_page_knows_listed_counties_without_storing_them(session):
    assert service.county_region(session, "140522").name == "阳城县"
    assert service.county_region(session, "140500") is None
    assert service.county_region(session, "140599") is None
    session.flush()
    assert session.scalars(sa.select(Region)).all() == []
