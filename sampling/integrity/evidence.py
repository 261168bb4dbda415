"""What each test found, and which of it is worth a person's look.

Many schools are tested, so some figures lie far out by chance. The probabilities of one test are therefore
judged together, over all places of a county, and so many are flagged that at most a declared share of the
test's flags is expected to be false (Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B
57:289–300). A flag must also matter: an effect below its least size is noted and not flagged.

A flag is a reason to look and to ask. It deletes nothing and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sampling.errors import ArgumentError
from sampling.integrity.sheets import Place
from sampling.integrity.wording import TESTS, sentence

#: Test → the least effect that is flagged: shares of answers and questionnaires, of a variance, or points of
#: the scale.
LEAST: Mapping[str, float] = MappingProxyType(
    {
        "near_duplicates": 0.25,
        "copies_across": 0.25,
        "uniformity": 0.5,
        "ceiling": 0.3,
        "straight_lining": 0.3,
        "speed": 0.3,
        "bursts": 0.3,
        "facts": 0.2,
        "verification": 0.4,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one test found in one place, before anything else is known."""

    #: A key of `LEAST`.
    test: str
    place: Place
    #: Questionnaires looked at.
    n: int
    #: What was found, and what the null model expects: shares, ratios or points, as the sentence says.
    statistic: float | None = None
    expected: float | None = None
    #: The probability of such a statistic or a more extreme one under the null model; None: not tested.
    p: float | None = None
    #: How far the statistic lies on the suspicious side of what is expected.
    effect: float | None = None
    #: Why there was no test: a key of `wording.REASONS`.
    reason: str = ""
    #: Further facts for the sentence.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence, judged together with all others of its test."""

    evidence: Evidence
    #: The share of false ones to expect if this and all stronger evidence of its test were flagged; None: not
    #: tested.
    q: float | None
    #: Whether somebody should look.
    flagged: bool

    @property
    def null(self) -> Mapping[str, str]:
        """The null model in words, by language."""
        return TESTS[self.evidence.test].null

    def sentence(self, lang: str) -> str:
        """Return what was found in plain words, in Chinese (`zh`) or English (`en`)."""
        return sentence(self.evidence, lang)

    def document(self, lang: str) -> dict[str, Any]:
        """Return the finding as JSON values."""
        evidence = self.evidence
        return {
            "test": evidence.test,
            "label": TESTS[evidence.test].label[lang],
            "stratum": evidence.place.stratum,
            "school": evidence.place.school,
            "n": evidence.n,
            "statistic": evidence.statistic,
            "expected": evidence.expected,
            "null": self.null[lang],
            "p": evidence.p,
            "q": self.q,
            "effect": evidence.effect,
            "flagged": self.flagged,
            "text": self.sentence(lang),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Everything that was looked at in a county, the strongest evidence first, untested places last."""

    findings: tuple[Finding, ...]
    #: The share of false flags to expect at most, for each test.
    fdr: float

    @property
    def flags(self) -> tuple[Finding, ...]:
        """What somebody should look at."""
        return tuple(finding for finding in self.findings if finding.flagged)

    @property
    def flagged_schools(self) -> frozenset[Place]:
        """The schools with a flag of their own."""
        return frozenset(flag.evidence.place for flag in self.flags if flag.evidence.place.school is not None)

    def of(self, test: str) -> tuple[Finding, ...]:
        """Return the findings of one test."""
        return tuple(finding for finding in self.findings if finding.evidence.test == test)


def control(
    evidence: Iterable[Evidence], *, fdr: float = 0.03, least: Mapping[str, float] | None = None
) -> Screening:
    """Judge all evidence of a county, test by test.

    >>> place = Place(stratum="rural", school="s1")
    >>> strong = Evidence(test="ceiling", place=place, n=12, statistic=1.0, expected=0.1, p=1e-6, effect=0.9)
    >>> weak = Evidence(test="speed", place=place, n=12, statistic=0.2, expected=0.1, p=0.1, effect=0.1)
    >>> [(each.evidence.test, each.q, each.flagged) for each in control([weak, strong]).findings]
    [('ceiling', 1e-06, True), ('speed', 0.1, False)]

    Args:
        evidence: Of all tests and forms.
        fdr: The share of false flags to expect at most, for each test.
        least: Least effects that differ from `LEAST`.

    Raises:
        ArgumentError: A share outside 0 and 1, or an unknown test.
    """
    if not 0 < fdr < 1:
        raise ArgumentError("fdr", value=fdr, rule="must lie between 0 and 1")
    if unknown := sorted(set(least or ()) - set(LEAST)):
        raise ArgumentError("least", value=unknown, rule=f"must be among {tuple(LEAST)}")
    wanted = {**LEAST, **(least or {})}
    ordered = sorted(evidence, key=_order)
    shares: dict[int, float] = {}
    for test in TESTS:
        own = {i: each.p for i, each in enumerate(ordered) if each.test == test and each.p is not None}
        shares.update(zip(own, _false_shares(list(own.values())), strict=True))
    return Screening(
        findings=tuple(
            Finding(
                evidence=each,
                q=shares.get(i),
                flagged=shares.get(i, 1.0) <= fdr and (each.effect or 0.0) >= wanted[each.test],
            )
            for i, each in enumerate(ordered)
        ),
        fdr=fdr,
    )


def _order(evidence: Evidence) -> tuple[Any, ...]:
    place = evidence.place
    return (
        evidence.p is None,
        evidence.p or 0.0,
        tuple(TESTS).index(evidence.test),
        str(place.stratum),
        str(place.school),
        str(evidence.facts.get("item", "")),
    )


def _false_shares(probabilities: list[float]) -> list[float]:
    if not probabilities:
        return []
    from statsmodels.stats.multitest import multipletests

    return [float(q) for q in multipletests(probabilities, method="fdr_bh")[1]]


def untested(test: str, place: Place, n: int, reason: str, **facts: Any) -> Evidence:
    """Return the note that a place could not be tested, and why."""
    return Evidence(test=test, place=place, n=n, reason=reason, facts=facts)
