"""Versions of a schedule, the years of counties, and who is recognised, on both databases."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from evaluation import load_schedule
from evaluation.schedule import Planned
from survey_app.db import db
from survey_app.errors import ConflictError
from survey_app.supervision.schedule import service
from survey_app.supervision.schedule.documents import content_of, divisions_of, schedule_of
from survey_app.supervision.schedule.facts import facts_of
from survey_app.supervision.schedule.models import RecordedRecognition
from tests import province
from tests.conftest import NOW
from tests.factories import make_regions

SHANXI = load_schedule("shanxi-2022")


def changed(*counties):
    return SHANXI.model_copy(update={"counties": [*SHANXI.counties, *counties]})


def test_what_is_kept_reads_back_as_it_was():
    assert schedule_of(content_of(SHANXI)) == SHANXI
    with pytest.raises(ValueError, match="else"):
        schedule_of('{"format":"else"}')


def test_the_standards_divisions_of_shanxi_are_those_of_its_schedule():
    assert {each.code for each in divisions_of("140000")} == {each.code for each in SHANXI.divisions}
    assert all(each.city == "湖北省" for each in divisions_of("420000") if each.code == "429004")


def test_the_newest_version_holds_and_each_province_has_its_own(either_app):
    with either_app.app_context():
        make_regions()
        first = service.keep(db.session, "140000", SHANXI, by="a", now=NOW)
        assert service.keep(db.session, "140000", SHANXI, by="b", now=NOW) is first
        added = Planned(city="晋城市", county="泽州县", year=2028)
        second = service.keep(db.session, "140000", changed(added), by="a", now=NOW)
        db.session.commit()
        assert (first.version, second.version) == (1, 2)
        assert service.newest(db.session, "140000") is second
        assert service.newest(db.session, "430000") is None
        assert [each.version for each in service.versions(db.session, "140000")] == [2, 1]
        assert service.years(db.session, ["140525", "140524", "140522", "430603"]) == {
            "140525": 2028,
            "140524": 2029,
            "140522": 2025,
        }


def test_a_county_under_two_years_is_due_in_the_first_and_shows_both(app):
    with app.app_context():
        twice = changed(
            Planned(city="晋城市", county="阳城县", year=2024),
            Planned(city="晋城市", county="新县", year=2030),
        )
        service.keep(db.session, "140000", twice, by="a", now=NOW)
        assert service.years(db.session, ["140522"]) == {"140522": 2024}
        facts = {each.name: each for each in facts_of(db.session, twice, today=NOW.date())}
        assert (facts["阳城县"].due, [each.year for each in facts["阳城县"].others]) == (2024, [2025, 2025])
        assert (facts["新县"].code, facts["新县"].due) == (None, 2030)
        assert [(each.year, each.document) for each in facts["陵川县"].others] == [
            (2028, "陵政办发〔2021〕62号")
        ]


def test_facts_of_all_counties_take_as_many_statements_as_those_of_one(app):
    with app.app_context():
        province.make_province(only=["140522", "140105", "140524"])
        db.session.commit()
        facts_of(db.session, SHANXI, {"140522"}, today=NOW.date())
        counted: list[int] = []
        for codes in ({"140522"}, {"140522", "140105", "140524"}, None):
            db.session.expire_all()
            said: list[str] = []

            def note(_connection, _cursor, statement, *_rest, said=said):
                said.append(statement)

            sa.event.listen(db.engine, "before_cursor_execute", note)
            facts_of(db.session, SHANXI, codes, today=NOW.date())
            sa.event.remove(db.engine, "before_cursor_execute", note)
            counted.append(len(said))
        assert len(set(counted)) == 1, counted
        assert counted[0] <= 15


def test_who_is_recognised_by_record(either_app):
    with either_app.app_context():
        make_regions()
        given = {"document": "教督函〔2026〕1号", "by": "p", "now": NOW}
        with pytest.raises(ConflictError):
            service.record_recognition(db.session, "140522", on=date(2026, 11, 23), **given)
        service.record_recognition(db.session, "140522", on=date(2025, 12, 30), **given)
        with pytest.raises(ConflictError):
            service.record_recognition(db.session, "140522", on=date(2025, 12, 30), **given)
        db.session.commit()
        known = service.recognised(db.session, ["140522", "140524"])
        assert known == {"140522": service.Recognised(on=date(2025, 12, 30), document="教督函〔2026〕1号")}
        row = {"recognised_on": date(2026, 1, 1), "document": "x", "recorded_at": NOW, "recorded_by": "x"}
        db.session.add(RecordedRecognition(county_code="140522", withdraw_reason="", **row))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.flush()
        db.session.rollback()
        service.withdraw_recognition(
            db.session, "140522", reason="错", by="p", now=datetime(2026, 11, 23, tzinfo=UTC)
        )
        assert service.recognised(db.session, ["140522"]) == {}


def test_who_is_recognised_by_a_signature_of_the_nation(app):
    signed = [each.code for each in province.places() if each.state == "recognition"][:6]
    with app.app_context():
        province.make_province(only=signed)
        db.session.commit()
        found = service.recognised(db.session, signed)
        facts = {each.code: each for each in facts_of(db.session, SHANXI, set(signed), today=NOW.date())}
        for code in signed:
            met = facts[code].run.verdict == "met"
            assert (code in found) == met
            assert facts[code].recognised_on == (found[code].on if met else None)
            assert facts[code].level == (None if met else "recognition")
        assert found
