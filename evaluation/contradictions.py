"""What a contradiction is, and the sums that both kinds of them are found by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from evaluation.contradiction_wording import contradiction_sentence
from evaluation.county import COMPULSORY, OWN_STAGES, CountyFile, School
from evaluation.json_values import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two things a county file says that cannot both be true, or a claim without its grounds."""

    #: Which rule noticed it, e.g. ``class_sizes_sum``; see :mod:`evaluation.contradiction_wording`.
    id: str
    #: Path in the county file, schools by code: ``schools[S003].class_sizes.primary``.
    where: str
    facts: dict[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Return a sentence about it, in ``zh`` or ``en``."""
        return contradiction_sentence(self.id, self.facts, language)

    def document(self, language: str) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "id": self.id,
            "where": self.where,
            "message": self.message(language),
            "facts": plain(self.facts),
        }


def schools_with(county: CountyFile, stage: str) -> tuple[int, int]:
    """Return how many schools a published count of *stage* must have at least, and may have at most.

    Schools of one stage are certainly among them; those of several may be counted with either.
    """
    own = [stages for school in county.schools if school.counted and (stages := _compulsory(school))]
    certain = sum(stages == (stage,) for stages in own)
    return certain, sum(stage in stages for stages in own)


def _compulsory(school: School) -> tuple[str, ...]:
    return tuple(stage for stage in OWN_STAGES[school.kind] if stage in COMPULSORY)


def total_of(values: Iterable[int | None]) -> int | None:
    """Return the sum, None when one is unknown or there is nothing to add."""
    given = list(values)
    return None if not given or None in given else sum(value for value in given if value is not None)
