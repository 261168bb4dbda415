"""A schedule is read strictly, and everything it says twice is compared."""

import shutil

import pytest

from evaluation import SchemeError, UnknownScheduleError, list_schedules, load_schedule
from evaluation.loader import SCHEDULES
from evaluation.schedule import schedule_contradictions

SHANXI = load_schedule("shanxi-2022")


def found(schedule):
    return {(each.id, each.where): each for each in schedule_contradictions(schedule)}


def test_shanxis_schedule_of_2022_contradicts_its_own_heads():
    """晋政教督办〔2022〕1号: 117 by its heads, 115 named; 晋城 5/6, 运城 12/13, 2023 0/1, 2028 16/17."""
    facts = {key: each.facts for key, each in found(SHANXI).items()}
    assert facts["schedule_total", "counties"] == {"cities": 117, "years": 117, "named": 115}
    assert facts["schedule_city", "cities[晋城市]"] == {"city": "晋城市", "stated": 6, "named": 5}
    assert facts["schedule_city", "cities[运城市]"] == {"city": "运城市", "stated": 13, "named": 12}
    assert facts["schedule_year", "years[2023]"] == {"year": "2023", "stated": 1, "named": 0}
    assert facts["schedule_year", "years[2028]"] == {"year": "2028", "stated": 17, "named": 16}
    assert {where for id_, where in facts if id_ == "schedule_missing"} == {
        "counties[泽州县]",
        "counties[平陆县]",
    }
    # The text speaks of 23 counties until 2025; 4 + 18 are named.
    assert (
        facts["schedule_claim", "claims[0]"]["stated"],
        facts["schedule_claim", "claims[0]"]["named"],
    ) == (
        23,
        22,
    )
    assert len(facts) == 9


def test_lingchuan_plans_2028_and_is_scheduled_for_2029():
    """陵政办发〔2021〕62号 二 against 晋政教督办〔2022〕1号; 阳城县's own year agrees."""
    plans = {key[1]: each for key, each in found(SHANXI).items() if key[0] == "schedule_plan"}
    assert list(plans) == ["plans[陵川县]"]
    facts = plans["plans[陵川县]"].facts
    assert (facts["scheduled"], facts["planned"]) == ("2029", "2028")
    assert "陵政办发〔2021〕62号" in plans["plans[陵川县]"].message("zh")


def test_every_contradiction_is_said_in_both_languages():
    for each in schedule_contradictions(SHANXI):
        for language in ("zh", "en"):
            sentence = each.message(language)
            assert sentence
            assert "{" not in sentence
            assert "unknown" not in sentence
            assert "未知" not in sentence


def test_the_schedule_names_every_county_it_is_asked_for():
    assert SHANXI.year_of("晋城市", "阳城县") == 2025
    assert SHANXI.year_of("晋城市", "泽州县") is None
    assert len(SHANXI.in_year(2025)) == 18
    assert len({each.code for each in SHANXI.divisions}) == 117
    document = SHANXI.document("en")
    assert all(each["code"] for each in document["counties"])
    assert document["years"][0] == {"year": 2023, "stated": 1, "named": 0}


@pytest.fixture
def copy(tmp_path):
    """A copy of Shanxi's schedule in which a text of one file is replaced."""

    def make(file: str = "", old: str = "", new: str = "", *, without: str = ""):
        folder = tmp_path / "copy"
        shutil.copytree(SCHEDULES, folder)
        if file:
            path = folder / "shanxi-2022" / file
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        if without:
            (folder / "shanxi-2022" / without).unlink()
        return folder

    return make


def test_a_schedule_without_contradictions_has_none(copy):
    folder = copy(
        "counties.csv", "晋城市,阳城县,2025", "晋城市,阳城县,2025\n晋城市,泽州县,2028\n运城市,平陆县,2023"
    )
    schedule = load_schedule("shanxi-2022", folder=folder)
    assert [each.id for each in schedule_contradictions(schedule)] == ["schedule_plan"]
    assert schedule.digest != SHANXI.digest


def test_a_county_named_twice_and_one_that_does_not_exist(copy):
    folder = copy(
        "counties.csv", "晋城市,阳城县,2025", "晋城市,阳城县,2025\n晋城市,阳城县,2028\n晋城市,新县,2027"
    )
    twice = found(load_schedule("shanxi-2022", folder=folder))
    assert (
        twice["schedule_twice", "counties[阳城县]"].message("zh")
        == "晋城市阳城县列了不止一次：2025、2028年。"
    )
    assert ("schedule_unknown", "counties[新县]") in twice


def test_heads_that_give_no_number_contradict_nothing(copy):
    head = """name     = "晋城市"
counties = 6"""
    open_ = found(load_schedule("shanxi-2022", folder=copy("schedule.toml", head, 'name     = "晋城市"')))
    assert ("schedule_city", "cities[晋城市]") not in open_
    assert ("schedule_total", "counties") not in open_
    assert ("schedule_city", "cities[运城市]") in open_


def test_without_a_list_of_the_province_nothing_is_said_to_be_missing(copy):
    schedule = load_schedule("shanxi-2022", folder=copy(without="divisions.csv"))
    assert not [each for each in schedule_contradictions(schedule) if each.id == "schedule_missing"]


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("schedule.toml", "counties = 10", "count = 10", "cities.0.count"),
        ("schedule.toml", "year     = 2024", "year     = 2023", ""),
        ("schedule.toml", 'id       = "shanxi-2022"', 'id       = "shanxi"', "id"),
        ("counties.csv", "city,county,year", "city,name,year", "1"),
        ("counties.csv", "太原市,迎泽区,2025", "太原市,迎泽区", "2"),
        ("counties.csv", "太原市,迎泽区,2025", "太原市,迎泽区,soon", "2.year"),
        ("counties.csv", "太原市,迎泽区,2025", "太原市,迎泽区,2040", "2.year"),
        ("counties.csv", "太原市,迎泽区,2025", "太远市,迎泽区,2025", "2.city"),
        ("divisions.csv", "140105", "14010", "2.code"),
        ("divisions.csv", "太原市,140105", "太远市,140105", "2.city"),
    ],
)
def test_a_malformed_schedule_names_file_and_place(copy, file, old, new, key):
    with pytest.raises(SchemeError) as refused:
        load_schedule("shanxi-2022", folder=copy(file, old, new))
    assert refused.value.file == f"shanxi-2022/{file}"
    assert refused.value.key == key


def test_a_missing_file_is_named(copy):
    with pytest.raises(SchemeError) as refused:
        load_schedule("shanxi-2022", folder=copy(without="counties.csv"))
    assert refused.value.file == "shanxi-2022/counties.csv"


def test_an_unknown_schedule_names_the_known_ones():
    with pytest.raises(UnknownScheduleError) as refused:
        load_schedule("shanxi-2023")
    assert refused.value.known == ("shanxi-2022",)
    assert list_schedules() == ["shanxi-2022"]
