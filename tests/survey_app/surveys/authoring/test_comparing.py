import pytest

from survey_app.surveys.authoring.comparing import CHANGES, compare
from survey_app.surveys.questionnaire_loader import load_form, parse_questionnaire

from ..forms import EVERY_KIND, KINDS_TEXT, SMALL, SMALL_TEXT

#: What is changed in the form with every kind -> (what, item, key) of each difference that is named.
CHANGED = {
    "reworded": ("不公平。", "一点也不公平。", [("reworded", "fair", "text")]),
    "English only": ("It is unfair.", "It is not fair.", [("reworded", "fair", "text")]),
    "option renamed": ('zh = "走路"', 'zh = "步行"', [("options", "far", "options")]),
    "scale renamed": ('zh = "很不同意"', 'zh = "完全不同意"', [("options", "scale agree", "options")]),
    "row reworded": ('zh = "计算机室"', 'zh = "电脑室"', [("options", "rooms", "rows")]),
    "range": ("max = 180", "max = 120", [("options", "minutes", "max")]),
    "turned": ('reversed = true\ntext = { zh = "不', 'text = { zh = "不', [("settings", "fair", "reversed")]),
    "condition": ("at_least = 30", "at_least = 45", [("settings", "far", "when")]),
    "layout": ('layout = "one_page"\n', "", [("settings", "", "layout")]),
    "section": ('zh = "最后"', 'zh = "结尾"', [("reworded", "section end", "title")]),
    "renamed": (
        'id = "far"',
        'id = "distance"',
        [("added", "distance", ""), ("removed", "far", "")],
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_named(name):
    old, new, expected = CHANGED[name]
    assert old in KINDS_TEXT
    changes = compare(EVERY_KIND, parse_questionnaire(KINDS_TEXT.replace(old, new, 1)))
    assert [(change.what, change.item, change.key) for change in changes] == expected
    assert all(change.what in CHANGES and change.before != change.after for change in changes)


def test_before_and_after_can_be_read():
    (change,) = compare(EVERY_KIND, parse_questionnaire(KINDS_TEXT.replace('zh = "走路"', 'zh = "步行"')))
    assert change.before.zh == "bus · 坐车\nfoot · 走路"
    assert change.after.zh == "bus · 坐车\nfoot · 步行"
    assert change.before.en == change.after.en == "bus · By bus\nfoot · On foot"


def test_an_item_that_was_moved_is_named_once():
    head, q1, q2_and_on = SMALL_TEXT.partition('[[sections.items]]\nid = "q1"')
    q1_body, separator, rest = q2_and_on.partition('[[sections.items]]\nid = "q2"')
    q2_body, second, tail = rest.partition('[[sections]]\nid = "second"')
    moved = parse_questionnaire(head + separator + q2_body + q1 + q1_body + second + tail)
    assert [(change.what, change.item) for change in compare(SMALL, moved)] in (
        [("moved", "q1")],
        [("moved", "q2")],
    )


def test_an_item_in_another_section_is_named():
    moved = parse_questionnaire(
        SMALL_TEXT.replace(
            '[[sections]]\nid = "second"\ntitle = { zh = "第二页", en = "Second page" }\n\n', ""
        )
    )
    found = {(change.what, change.item, change.key) for change in compare(SMALL, moved)}
    assert ("settings", "q3", "section") in found
    assert ("reworded", "section second", "title") in found


def test_the_same_questionnaire_has_no_changes_and_another_form_has_many():
    assert compare(EVERY_KIND, EVERY_KIND) == ()
    assert len(compare(load_form("public"), load_form("staff"))) > 20
