from hypothesis import given
from hypothesis import strategies as st

from survey_app.results.disclosure import withheld


def test_ten_may_be_shown_and_nine_not():
    assert withheld({"a": 10, "b": 10}) == frozenset()
    assert withheld({"a": 9, "b": 10, "c": 30}) == {"a", "b"}


def test_what_leaves_one_or_two_outside_is_withheld():
    assert withheld({"a": 100, "b": 2}) == {"a", "b"}


def test_a_group_without_answers_gives_nothing_away():
    assert withheld({"a": 100, "b": 40, "c": 0}) == frozenset()


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 60), max_size=7))
def test_no_difference_reveals_fewer_than_ten(counts):
    hidden = withheld(counts)
    n = sum(counts[part] for part in hidden)
    shown = [part for part in counts if part not in hidden and counts[part]]
    assert all(counts[part] >= 10 for part in shown)
    assert not hidden or not shown or (len(hidden) > 1 and n >= 10)
