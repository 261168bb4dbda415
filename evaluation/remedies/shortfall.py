"""A shortfall: what one school lacks of one thing, and what all schools lack together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from evaluation.findings import Outcome
from evaluation.json_values import plain
from evaluation.remedies.wording import shortfall_sentence, total_sentence
from evaluation.terms import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What one school lacks of one thing; or, undetermined, what would have to be known to say so."""

    #: The indicator or criterion, e.g. ``R4``, ``G3.music``.
    id: str
    label: Text
    clause: str
    #: The school; of a merged unit the one that takes the others.
    school: str
    name: str
    stage: str | None
    #: What is lacking: a figure of the county file, e.g. ``teaching_area``.
    figure: str
    #: ``teachers``, ``rooms``, ``square_metre``, ``yuan``, ``pupils`` (too many or not funded), ``classes``.
    unit: str
    outcome: Outcome
    #: What is lacking to the threshold: whole for teachers, rooms, pupils and classes, exact for m² and 元.
    #: In a school of several stages it is what the whole school lacks so that this stage passes.
    to_threshold: Fraction | None = None
    #: What the school rule needs of it, in the cheapest selection; None where there is no such rule.
    to_rule: Fraction | None = None
    #: The share of the whole school's amount that counts for this stage.
    share: Fraction = Fraction(1)
    #: The threshold must be exceeded, not only reached.
    more_than: bool = False
    #: ``to_rule`` (``to_threshold`` where there is no rule) at the given price, in 元; None without a price.
    cost: Fraction | None = None
    #: The places in the county file that are missing.
    missing: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "zh") -> str:
        """Return the shortfall as one sentence, in ``zh`` or ``en``."""
        return shortfall_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the shortfall as JSON values."""
        return {
            "id": self.id,
            "label": self.label[language],
            "clause": self.clause,
            "school": self.school,
            "name": self.name,
            "stage": self.stage,
            "figure": self.figure,
            "unit": self.unit,
            "outcome": self.outcome.value,
            "to_threshold": plain(self.to_threshold),
            "to_rule": plain(self.to_rule),
            "share": plain(self.share),
            "more_than": self.more_than,
            "cost": plain(self.cost),
            "missing": list(self.missing),
            "facts": plain(dict(self.facts)),
            "sentence": self.sentence(language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What all schools together lack of one figure."""

    figure: str
    unit: str
    #: Of teachers; None for what whole schools share.
    stage: str | None
    schools: int
    to_threshold: Fraction
    #: Without the schools of which it cannot be said.
    to_rule: Fraction
    #: Schools whose need under the school rule cannot be said.
    undetermined: int
    cost: Fraction | None

    def sentence(self, language: str = "zh") -> str:
        """Return the total as one sentence, in ``zh`` or ``en``."""
        return total_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the total as JSON values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__} | {
            "sentence": self.sentence(language)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfalls:
    """Everything the schools of a county lack."""

    rows: tuple[Shortfall, ...]
    #: Of the resource figures; a school of several stages counts once.
    totals: tuple[Total, ...]

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return rows and totals as JSON values."""
        return {
            "rows": [row.document(language) for row in self.rows],
            "totals": [total.document(language) for total in self.totals],
        }
