"""What became of the invitations, and the outcome rates that follow.

Definitions: The American Association for Public Opinion Research (2016), Standard Definitions: Final
Dispositions of Case Codes and Outcome Rates for Surveys, 9th edition, pages 61 to 64. Every rate is an exact
fraction of the counts; it is None where its denominator is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.population import check_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispositions:
    """How many invitations ended in each way.

    >>> Dispositions(complete=4, refusal=1, unknown_other=2).total
    7

    Raises:
        ArgumentError: A count is negative or not whole.
    """

    #: I: complete questionnaires.
    complete: int = 0
    #: P: partial questionnaires.
    partial: int = 0
    #: R: refusals and break-offs.
    refusal: int = 0
    #: NC: eligible, not contacted.
    non_contact: int = 0
    #: O: eligible, no questionnaire for another reason.
    other: int = 0
    #: UH: unknown whether there is somebody eligible.
    unknown_household: int = 0
    #: UO: eligibility unknown for another reason.
    unknown_other: int = 0
    #: NE: not eligible.
    not_eligible: int = 0

    def __post_init__(self):
        for field in fields(self):
            check_count(field.name, getattr(self, field.name), at_least=0)

    @property
    def answered(self) -> int:
        """I + P."""
        return self.complete + self.partial

    @property
    def eligible(self) -> int:
        """(I + P) + (R + NC + O): known to be eligible."""
        return self.answered + self.refusal + self.non_contact + self.other

    @property
    def unknown(self) -> int:
        """UH + UO."""
        return self.unknown_household + self.unknown_other

    @property
    def contacted(self) -> int:
        """(I + P) + R + O."""
        return self.answered + self.refusal + self.other

    @property
    def total(self) -> int:
        """All of them."""
        return self.eligible + self.unknown + self.not_eligible


#: What a rate is divided by, from the counts and e.
WHOLES: dict[str, Callable[[Dispositions, Fraction], int | Fraction]] = {
    "all": lambda counts, _: counts.eligible + counts.unknown,
    "likely": lambda counts, e: counts.eligible + e * counts.unknown,
    "eligible": lambda counts, _: counts.eligible,
    "contacted": lambda counts, _: counts.contacted,
    "asked": lambda counts, _: counts.answered + counts.refusal,
}

#: Rate → the count on top and the whole below, of `WHOLES`. RR: response. COOP: cooperation. REF: refusal.
#: CON: contact.
RATES: dict[str, tuple[str, str]] = {
    "RR1": ("complete", "all"),
    "RR2": ("answered", "all"),
    "RR3": ("complete", "likely"),
    "RR4": ("answered", "likely"),
    "RR5": ("complete", "eligible"),
    "RR6": ("answered", "eligible"),
    "COOP1": ("complete", "contacted"),
    "COOP2": ("answered", "contacted"),
    "COOP3": ("complete", "asked"),
    "COOP4": ("answered", "asked"),
    "REF1": ("refusal", "all"),
    "REF2": ("refusal", "likely"),
    "REF3": ("refusal", "eligible"),
    "CON1": ("contacted", "all"),
    "CON2": ("contacted", "likely"),
    "CON3": ("contacted", "eligible"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRates:
    """The outcome rates of a survey, with what they were made from."""

    #: The counts.
    dispositions: Dispositions
    #: e: the share of eligible ones among those of unknown eligibility.
    eligible_share: Fraction
    #: Whether e was estimated from the cases whose eligibility is known.
    estimated: bool
    #: Name of the rate, as in `RATES` → the rate; None where nothing is there to divide by.
    rates: Mapping[str, Fraction | None]


def outcome_rates(dispositions: Dispositions, *, eligible_share: Fraction | None = None) -> OutcomeRates:
    """Return all response, cooperation, refusal and contact rates.

    With E = (I + P) + (R + NC + O), U = UH + UO and e the share of eligible ones among U:

    - RR1 = I / (E + U), RR3 = I / (E + eU), RR5 = I / E; RR2, RR4, RR6 alike with I + P.
    - COOP1 = I / ((I + P) + R + O), COOP3 = I / ((I + P) + R); COOP2, COOP4 alike with I + P.
    - REF1 = R / (E + U), REF2 = R / (E + eU), REF3 = R / E.
    - CON1 = ((I + P) + R + O) / (E + U), CON2 = … / (E + eU), CON3 = … / E.

    >>> counts = Dispositions(complete=430, refusal=20, non_contact=60, unknown_other=30)
    >>> found = outcome_rates(counts)
    >>> found.rates["RR1"], found.rates["RR5"]
    (Fraction(43, 54), Fraction(43, 51))

    Args:
        dispositions: The counts.
        eligible_share: e, exact, from 0 to 1. By default it is estimated by proportional allocation,
            E / (E + NE): as many of the unknown ones are eligible as of the known ones; 1 if none are known.

    Raises:
        ArgumentError: An e that is no Fraction from 0 to 1, or no invitations at all.
    """
    if not dispositions.total:
        raise ArgumentError("dispositions", value=dispositions, rule="must count an invitation")
    share = eligible_share
    if share is None:
        known = dispositions.eligible + dispositions.not_eligible
        share = Fraction(dispositions.eligible, known) if known else Fraction(1)
    elif not isinstance(share, Fraction) or not 0 <= share <= 1:
        raise ArgumentError("eligible_share", value=share, rule="must be a Fraction from 0 to 1")
    rates: dict[str, Fraction | None] = {}
    for name, (part, whole) in RATES.items():
        below = WHOLES[whole](dispositions, share)
        rates[name] = Fraction(getattr(dispositions, part)) / below if below else None
    return OutcomeRates(
        dispositions=dispositions, eligible_share=share, estimated=eligible_share is None, rates=rates
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """How many questionnaires were handed out, came back and are valid.

    >>> Returns(issued=540, returned=486, valid=459).valid_return_rate
    Fraction(17, 20)

    Raises:
        ArgumentError: A count is negative or not whole, or more came back than went out, or more are valid
            than came back.
    """

    #: Questionnaires handed out (发放).
    issued: int
    #: Questionnaires that came back (回收).
    returned: int
    #: Valid ones among them (有效).
    valid: int

    def __post_init__(self):
        for field in fields(self):
            check_count(field.name, getattr(self, field.name), at_least=0)
        for part, whole in (("returned", "issued"), ("valid", "returned")):
            if getattr(self, part) > getattr(self, whole):
                rule = f"must be at most {whole}, {getattr(self, whole)}"
                raise ArgumentError(part, value=getattr(self, part), rule=rule)

    @property
    def return_rate(self) -> Fraction | None:
        """Returned among issued (回收率)."""
        return _share(self.returned, self.issued)

    @property
    def valid_share(self) -> Fraction | None:
        """Valid among returned (有效率)."""
        return _share(self.valid, self.returned)

    @property
    def valid_return_rate(self) -> Fraction | None:
        """Valid among issued (有效回收率)."""
        return _share(self.valid, self.issued)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
