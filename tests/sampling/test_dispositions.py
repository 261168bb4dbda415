"""Outcome rates agree with AAPOR's definitions, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import ArgumentError, Dispositions, Returns, outcome_rates
from sampling.dispositions import RATES
from tests.sampling.reference import EXAMPLES

AAPOR = {
    "I": "complete",
    "P": "partial",
    "R": "refusal",
    "NC": "non_contact",
    "O": "other",
    "UH": "unknown_household",
    "UO": "unknown_other",
    "NE": "not_eligible",
}
EXAMPLE = EXAMPLES["aapor_outcomerate"]
COUNTS = Dispositions(**{AAPOR[code]: n for code, n in EXAMPLE["counts"].items()})
ANY = st.builds(Dispositions, **{name: st.integers(0, 50) for name in AAPOR.values()}).filter(
    lambda counts: counts.total
)


def test_the_published_example_with_e_given_and_estimated():
    for given_share in (Fraction(9, 10), None):
        found = outcome_rates(COUNTS, eligible_share=given_share)
        assert found.eligible_share == Fraction(9, 10)
        assert found.estimated is (given_share is None)
        assert set(found.rates) == set(EXAMPLE["rates"])
        for name, rate in found.rates.items():
            assert isinstance(rate, Fraction)
            assert float(rate) == pytest.approx(EXAMPLE["rates"][name], abs=1e-12), name
            assert round(float(rate), 3) == EXAMPLE["published_3dp"][name]


@given(ANY, st.fractions(0, 1))
def test_rates_lie_between_none_and_all_and_keep_their_order(counts, share):
    rates = outcome_rates(counts, eligible_share=share).rates
    assert all(rate is None or 0 <= rate <= 1 for rate in rates.values())
    for low, middle, high in [
        ("RR1", "RR3", "RR5"),
        ("RR2", "RR4", "RR6"),
        ("REF1", "REF2", "REF3"),
        ("CON1", "CON2", "CON3"),
    ]:
        known = [rates[name] for name in (low, middle, high) if rates[name] is not None]
        assert known == sorted(known)


@given(ANY)
def test_response_is_contact_times_cooperation(counts):
    rates = outcome_rates(counts).rates
    if rates["CON3"]:
        assert rates["CON3"] * rates["COOP2"] == rates["RR6"]
        assert rates["CON1"] * rates["COOP1"] == rates["RR1"]


def test_what_cannot_be_divided_is_unknown_not_zero():
    rates = outcome_rates(Dispositions(not_eligible=3)).rates
    assert set(rates.values()) == {None}
    only_unknown = outcome_rates(Dispositions(unknown_other=5))
    assert (only_unknown.eligible_share, only_unknown.rates["RR3"]) == (1, 0)
    assert only_unknown.rates["COOP1"] is None


@pytest.mark.parametrize("share", [0.9, 1, Fraction(3, 2), Fraction(-1, 2)])
def test_an_inexact_or_impossible_share_is_refused(share):
    with pytest.raises(ArgumentError, match="eligible_share"):
        outcome_rates(COUNTS, eligible_share=share)


def test_impossible_counts_are_refused_by_name():
    for name in AAPOR.values():
        for broken in (-1, 2.0, True):
            with pytest.raises(ArgumentError) as refusal:
                Dispositions(**{name: broken})
            assert (refusal.value.name, refusal.value.value) == (name, broken)
    with pytest.raises(ArgumentError, match="invitation"):
        outcome_rates(Dispositions())


def test_returns_are_shares_of_what_went_out():
    returns = Returns(issued=540, returned=500, valid=459)
    assert (returns.return_rate, returns.valid_share) == (Fraction(25, 27), Fraction(459, 500))
    assert returns.valid_return_rate == returns.return_rate * returns.valid_share
    assert Returns(issued=0, returned=0, valid=0).valid_return_rate is None
    with pytest.raises(ArgumentError, match="returned"):
        Returns(issued=5, returned=6, valid=0)
    with pytest.raises(ArgumentError, match="valid"):
        Returns(issued=5, returned=4, valid=5)


def test_every_rate_has_a_formula_of_its_own():
    counts = Dispositions(
        complete=101,
        partial=53,
        refusal=31,
        non_contact=17,
        other=11,
        unknown_household=7,
        unknown_other=5,
        not_eligible=3,
    )
    rates = outcome_rates(counts, eligible_share=Fraction(1, 3)).rates
    assert len(set(rates.values())) == len(RATES) == 16
