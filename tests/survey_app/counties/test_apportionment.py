"""Whole numbers shared out so that a total holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.counties.apportionment import CannotShareError, apportion


@st.composite
def shares(draw):
    count = draw(st.integers(1, 12))
    weights = draw(st.lists(st.integers(1, 1000), min_size=count, max_size=count))
    low = draw(st.lists(st.integers(0, 30), min_size=count, max_size=count))
    high = [number + draw(st.integers(0, 60)) for number in low]
    total = draw(st.integers(sum(low), sum(high)))
    return total, weights, low, high


@settings(max_examples=80)
@given(shares())
def test_the_total_holds_and_no_part_breaks_its_bounds(case):
    total, weights, low, high = case
    parts = apportion(total, weights, lowest=low, highest=high)
    assert sum(parts) == total
    assert all(least <= part <= most for least, part, most in zip(low, parts, high, strict=True))


@settings(max_examples=40)
@given(st.integers(0, 5000), st.lists(st.integers(1, 300), min_size=1, max_size=20))
def test_without_bounds_every_part_is_within_one_of_its_share(total, weights):
    for part, weight in zip(apportion(total, weights), weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1


def test_a_total_outside_the_bounds_is_refused_with_the_bounds():
    with pytest.raises(CannotShareError) as refused:
        apportion(10, [1, 1], highest=[3, 4])
    assert (refused.value.total, refused.value.highest) == (10, 7)
