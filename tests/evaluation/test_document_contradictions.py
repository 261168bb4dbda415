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
