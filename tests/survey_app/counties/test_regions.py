"""The region tree by GB/T 2260 code."""

import pytest

from survey_app.counties import regions
from survey_app.security import covers


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("140522", ["全国", "山西省", "晋城市", "阳城县"]),
        ("140500", ["全国", "山西省", "晋城市"]),
        ("110101", ["全国", "北京市", "东城区"]),
        ("429004", ["全国", "湖北省", "仙桃市"]),
        ("441900", ["全国", "广东省", "东莞市"]),
        ("500229", ["全国", "重庆市", "城口县"]),
    ],
)
def test_the_way_from_the_nation_down(code, expected):
    assert expected == [area.name for area in regions.path_to(code)]


def test_levels_and_parents_of_yangcheng():
    county = regions.region("140522")
    assert (county.level, county.parent_code) == ("county", "140500")
    assert regions.region("140500").level == "city"
    assert regions.region("140000").level == "province"


def test_every_region_has_a_six_digit_code_and_a_known_parent_that_contains_it():
    tree = regions.tree()
    assert len(tree) > 3000
    assert sum(area.level == "province" for area in tree.values()) == 34
    for code, area in tree.items():
        assert len(code) == 6
        assert code.isdigit()
        if area.parent_code is not None:
            assert covers(area.parent_code, code)


def test_shanxi_has_117_counties():
    assert (
        sum(area.level == "county" and covers("140000", code) for code, area in regions.tree().items()) == 117
    )


def test_a_directly_administered_county_is_in_no_city():
    assert regions.region("429004").parent_code == "420000"
    assert not covers("420100", "429004")


def test_a_code_outside_the_standard_is_placed_by_its_digits_under_its_own_name():
    trial = regions.county("140999", "试验县")
    assert [area.name for area in regions.path_of(trial)] == ["全国", "山西省", "忻州市", "试验县"]
    assert covers("140900", "140999")
    assert not covers("140998", "140999101")


def test_a_new_code_of_a_province_without_that_city_hangs_on_the_province():
    assert regions.county("149801", "新设县").parent_code == "140000"


def test_a_listed_county_keeps_its_official_name():
    assert regions.county("140522", "别的名字").name == "阳城县"


@pytest.mark.parametrize("code", ["990101", "14052", "1405220", "14052a", "１４０５２２", ""])
def test_a_code_of_no_province_is_refused_with_the_code(code):
    with pytest.raises(regions.UnknownRegionError) as refused:
        regions.county(code, "某县")
    assert code == refused.value.region_code


@pytest.mark.parametrize(
    ("code", "level"), [("140500", "city"), ("140000", "province"), ("000000", "nation")]
)
def test_a_county_file_of_a_city_or_province_is_refused(code, level):
    with pytest.raises(regions.NotACountyError) as refused:
        regions.county(code, "某")
    assert level == refused.value.level


def test_an_unknown_code_has_no_region():
    with pytest.raises(regions.UnknownRegionError):
        regions.region("140999")
