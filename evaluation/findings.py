"""Findings: what was asked, what was found, and how it was concluded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from evaluation.terms import Text
from evaluation.wording import sentence


class Outcome(StrEnum):
    """Every question has one of three answers."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


def conclude(outcomes: Iterable[Outcome]) -> Outcome:
    """Return met only if all are: one failure decides, a gap in the evidence is never a pass.

    >>> conclude([Outcome.MET, Outcome.UNDETERMINED]).value
    'undetermined'
    >>> conclude([Outcome.UNDETERMINED, Outcome.NOT_MET]).value
    'not_met'
    >>> conclude([]).value  # on nothing there is nothing to conclude
    'undetermined'
    """
    found = set(outcomes)
    if Outcome.NOT_MET in found:
        return Outcome.NOT_MET
    return Outcome.MET if found == {Outcome.MET} else Outcome.UNDETERMINED


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedExemption:
    """A lighter standard that was claimed, and what would have been found without it."""

    id: str
    label: Text
    clause: str
    outcome_without: Outcome
    threshold_without: Fraction | None
    value_without: Fraction | None
    #: Within how many years after recognition the full standard must be reached; 0: no such duty.
    follow_up_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer to one question about a county, one of its schools or one stage of it."""

    #: The criterion's id, e.g. ``R4``, ``G14.share``; an item of several criteria has a finding of its own.
    id: str
    #: The item it belongs to, e.g. ``G14``.
    item: str
    section: str
    label: Text
    outcome: Outcome
    school: str | None = None
    school_name: str | None = None
    stage: str | None = None
    #: Exact, as judged; None when unknown or when there is no number.
    value: Fraction | None = None
    threshold: Fraction | None = None
    comparison: str | None = None
    #: How far the value lies on the good side of the threshold; negative is what it falls short by.
    gap: Fraction | None = None
    unit: str = "number"
    #: Name → what the judgement used.
    inputs: Mapping[str, Any] = field(default_factory=dict)
    formula: str = ""
    clause: str = ""
    exemption: UsedExemption | None = None
    #: What the county says of it without figures: ``met`` or ``not_met``; shown, never judged.
    stated: str | None = None
    #: The places in the county file that would be needed to decide.
    missing: tuple[str, ...] = ()
    #: Which sentence gives the reason, with its facts; see :mod:`evaluation.wording`.
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Whether the item's outcome depends on it.
    judged: bool = True
    #: Whether it sums up other findings, which then give the reasons.
    summary: bool = False
    #: What was concluded before people set it otherwise; None where nobody did.
    computed: Outcome | None = None

    def reason(self, language: str = "zh") -> str:
        """Return one sentence that says why, in ``zh`` or ``en``."""
        return sentence(self, language)

    @property
    def follow_up_years(self) -> int:
        """Within how many years an exemption that was used obliges to reach the full standard."""
        return self.exemption.follow_up_years if self.exemption else 0
