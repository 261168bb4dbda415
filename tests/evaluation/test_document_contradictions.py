"""Documents that count their own items wrongly are found; what no count shows is a documented reading."""

import pytest

from evaluation import document_contradictions, list_schemes, load_scheme
from evaluation.document_contradictions import listed_items


def test_haicheng_speaks_of_ten_items_of_quality_and_lists_nine():
    """海城市推进义务教育优质均衡发展实施方案 三（三）: “以上10项指标均要达到要求”."""
    (found,) = document_contradictions(load_scheme("haicheng-2023"))
    assert (found.id, found.facts["stated"], found.facts["listed"]) == ("stated_count", 10, 9)
    assert "10项" in found.message("zh")
    assert "lists 9" in found.message("en")
    assert found.document("zh")["facts"]["stated"] == 10


@pytest.mark.parametrize("scheme", [each for each in list_schemes() if each != "haicheng-2023"])
def test_every_other_document_lists_what_it_says(scheme):
    assert document_contradictions(load_scheme(scheme)) == []


def test_the_indicators_are_the_items_of_the_resources():
    scheme = load_scheme("shanxi-2022")
    counts = [listed_items(scheme, section) for section in ("resources", "guarantee", "quality")]
    assert counts == [7, 15, 9]
    assert [count.stated for count in scheme.head.stated_counts] == counts


@pytest.mark.parametrize(
    ("scheme", "reading", "said"),
    [
        # 湖南省县域义务教育优质均衡发展督导评估实施细则
        ("hunan-2023", "four_point_two", "42人"),
        ("hunan-2023", "bands", "85至86、90至91"),
        ("hunan-2023", "nearby_junior", "漏了城区"),
        # 海城市推进义务教育优质均衡发展实施方案: body against annex 2
        ("haicheng-2023", "quality_count", "10项"),
        ("haicheng-2023", "differences", "三项统一"),
        ("haicheng-2023", "differences", "十二年一贯制"),
        ("haicheng-2023", "differences", "章程"),
        ("haicheng-2023", "in_principle", "原则上"),
        # 陵政办发〔2021〕62号 against 晋政教督办〔2022〕1号
        ("lingchuan-2021", "backbone", "应交流教师数"),
        ("lingchuan-2021", "migrants", "公办学校"),
        ("lingchuan-2021", "townships", "县城和乡镇"),
        ("lingchuan-2021", "per_pupil_funds", "生均公用经费预算总额"),
        ("lingchuan-2021", "commitments", "没有提到的不判定"),
        # 阳城县义务教育优质均衡创建工作规划
        ("yangcheng-2021", "difference", "没有报告差异系数"),
    ],
)
def test_what_no_count_shows_is_a_reading_of_the_scheme(scheme, reading, said):
    texts = {each.id: each.text.zh for each in load_scheme(scheme).head.readings}
    assert said in texts[reading]
