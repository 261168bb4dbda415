from datetime import timedelta

import pytest

from survey_app.respond.ticket import (
    Carried,
    Landing,
    Ticket,
    TicketError,
    Typing,
    duration_band,
    issue,
    open_pair,
)
from tests.conftest import KEY, NOW

OTHER_KEY = bytes(32)


def made(**given) -> Ticket:
    facts = {
        "entry_id": 7,
        "wave_id": 1,
        "group": "parent",
        "version_id": 2,
        "county": "阳城县",
        "language": "en",
    }
    return issue(**{**facts, **given}, now=NOW)


def test_a_ticket_comes_back_as_it_was_and_says_nothing_to_others():
    ticket = made()
    text = ticket.seal(KEY)
    assert Ticket.open(KEY, text) == ticket
    assert "parent" not in text
    assert text != ticket.seal(KEY)


@pytest.mark.parametrize("text", [None, "", "x", "阳城", "A" * 300, "=", "a b"])
def test_what_is_no_ticket_is_refused(text):
    with pytest.raises(TicketError):
        Ticket.open(KEY, text)


def test_a_ticket_of_another_kind_or_installation_is_refused():
    landing = Landing(invitation_id=1, wave_id=1, group="parent").seal(KEY)
    for text, key in [(landing, KEY), (Typing().seal(KEY), KEY), (made().seal(OTHER_KEY), KEY)]:
        with pytest.raises(TicketError):
            Ticket.open(key, text)


def test_answers_are_carried_only_with_their_own_ticket():
    mine, other = made(), made()
    carried = Carried(nonce=mine.nonce).at(2, {"comment": "好\ud800"}, ())
    assert open_pair(KEY, mine.seal(KEY), carried.seal(KEY))[1].answers == {"comment": "好\ud800"}
    with pytest.raises(TicketError):
        open_pair(KEY, other.seal(KEY), carried.seal(KEY))


def test_two_begins_of_one_entry_share_the_draft_and_nothing_else():
    first, second = made(), made()
    assert first.draft_key(KEY) == second.draft_key(KEY) != made(entry_id=8).draft_key(KEY)
    assert first.nonce_hash != second.nonce_hash


@pytest.mark.parametrize(
    ("minutes", "band"), [(0, "under_2"), (1, "under_2"), (2, "2_to_10"), (10, "2_to_10"), (11, "over_10")]
)
def test_only_a_band_of_the_time_is_kept(minutes, band):
    assert duration_band(made(), NOW + timedelta(minutes=minutes)) == band


def test_an_unknown_language_becomes_the_first():
    assert made(language="xx").language == "zh_CN"
