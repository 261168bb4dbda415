from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.fieldwork import codes
from survey_app.fieldwork.open_entries import rotating
from tests.conftest import KEY, NOW

POINTS = st.integers(1, 2**25 - 1)
TURNS = st.sampled_from([30, 60, 120, 300])
SECONDS = st.integers(0, 10**7)


def made(point=7, generation=1, every=60, now=NOW, key=KEY):
    return rotating.code_at(key, point_id=point, generation=generation, every=every, now=now)


def holds(claim, generation=1, every=60, now=NOW, key=KEY):
    return claim.holds(key, generation=generation, every=every, now=now)


@given(POINTS, TURNS, SECONDS)
def test_what_the_screen_shows_is_read_back_and_holds(point, every, seconds):
    now = NOW + timedelta(seconds=seconds)
    shown = made(point, every=every, now=now)
    assert codes.read_typed(shown.typed) == shown.typed, "the check character is right"
    for claim in (rotating.read_address(shown.in_address), rotating.read_typed(shown.typed)):
        assert claim.point_id == point
        assert holds(claim, every=every, now=now)
        assert holds(claim, every=every, now=shown.ends + rotating.GRACE - timedelta(seconds=1))
        assert not holds(claim, every=every, now=shown.ends + rotating.GRACE)


@given(POINTS, TURNS)
def test_nothing_else_holds(point, every):
    shown = made(point, every=every)
    for claim in (rotating.read_address(shown.in_address), rotating.read_typed(shown.typed)):
        assert not holds(claim, generation=2, every=every)
        assert not holds(claim, every=every, key=b"2" * 32)
        assert not holds(claim, every=every, now=NOW - timedelta(seconds=every))
        assert claim.held(KEY, generation=1, every=every, now=NOW + timedelta(minutes=59))
        assert not claim.held(KEY, generation=1, every=every, now=NOW + timedelta(minutes=70))


def test_a_code_passed_from_one_open_entry_to_another_does_not_hold():
    address = made(7).in_address
    claim = rotating.read_address(address)
    other = rotating.Claim(point_id=8, step=claim.step, proof=claim.proof)
    assert not holds(other)


@pytest.mark.parametrize("text", ["", "A" * 26, "A" * 28, "é" * 27, "!" * 27, "A" * 22])
def test_what_is_no_code_of_a_screen_is_none(text):
    assert rotating.read_address(text) is None
