"""A county's verdict as one row of a table, and the table of many counties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from evaluation.county import COMPULSORY, CountyFile
from evaluation.errors import Fault
from evaluation.findings import Outcome
from evaluation.scheme import Scheme
from evaluation.terms import Text
from evaluation.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyRow:
    """What a scheme says of one county, without the findings that led there."""

    code: str
    name: str
    year: int
    #: None where the county was refused; its ``faults`` say why.
    outcome: Outcome | None
    #: Section id → its outcome, in the order of the document.
    sections: Mapping[str, Outcome] = field(default_factory=dict)
    #: Ids of the findings that decide, as in :attr:`evaluation.verdict.Verdict.reasons`.
    reasons: tuple[str, ...] = ()
    #: Stage → school parts, and those of them that meet the rule for a school.
    parts: Mapping[str, int] = field(default_factory=dict)
    passing: Mapping[str, int] = field(default_factory=dict)
    #: Stage → indicator → difference coefficient, or None.
    difference: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    #: Stage → indicator → the county's value, or None.
    means: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    #: Satisfied over valid questionnaires; None when unknown.
    recognition: Fraction | None = None
    #: Of a scheme that scores, where they are known; None elsewhere.
    total: Fraction | None = None
    band: Text | None = None
    #: How many contradictions its file has; None where nobody looked.
    contradictions: int | None = None
    faults: tuple[Fault, ...] = ()

    def values(self, scheme: Scheme, *, lang: str = "zh") -> dict[str, Any]:
        """Return the row flat, every row of a scheme with the same keys, in the same order.

        ``code name year verdict``, ``section.ID``, ``reasons`` (ids joined by ``;``), ``recognition`` (0–1),
        ``parts.STAGE`` and ``passing.STAGE`` (the share of them that pass), ``difference.STAGE.ID`` and
        ``mean.STAGE.ID`` in the indicator's unit, ``total band`` where the scheme scores, ``contradictions``,
        ``faults`` (how many).
        """
        indicators = scheme.resources.indicators
        places = [(stage, each.id) for stage in COMPULSORY for each in indicators]
        flat: dict[str, Any] = {
            "code": self.code,
            "name": self.name,
            "year": self.year,
            "verdict": None if self.outcome is None else self.outcome.value,
        }
        for section in scheme.section_ids:
            outcome = self.sections.get(section)
            flat[f"section.{section}"] = None if outcome is None else outcome.value
        flat["reasons"] = ";".join(self.reasons)
        flat["recognition"] = _float(self.recognition)
        for stage in COMPULSORY:
            count = self.parts.get(stage)
            flat[f"parts.{stage}"] = count
            flat[f"passing.{stage}"] = self.passing[stage] / count if count else None
        for name, table in (("difference", self.difference), ("mean", self.means)):
            flat |= {f"{name}.{stage}.{id_}": table.get(stage, {}).get(id_) for stage, id_ in places}
        if scheme.scoring is not None:
            flat["total"] = _float(self.total)
            flat["band"] = self.band[lang] if self.band else None
        return flat | {"contradictions": self.contradictions, "faults": len(self.faults)}

    def document(self, *, lang: str = "zh") -> dict[str, Any]:
        """Return the row as JSON values, named as in a verdict's own document."""
        return {
            "county": {"code": self.code, "name": self.name, "year": self.year},
            "verdict": None if self.outcome is None else self.outcome.value,
            "reasons": list(self.reasons),
            "sections": {section: outcome.value for section, outcome in self.sections.items()},
            "recognition": _float(self.recognition),
            "parts": dict(self.parts),
            "passing": dict(self.passing),
            "difference": self.difference,
            "means": self.means,
            "total": _float(self.total),
            "band": self.band[lang] if self.band else None,
            "contradictions": self.contradictions,
        }


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyRows:
    """What a scheme says of many counties, in the order they were given."""

    scheme: Scheme
    rows: tuple[CountyRow, ...]

    def frame(self, *, lang: str = "zh") -> "pd.DataFrame":
        """Return a data frame with one row per county; its columns are those of :meth:`CountyRow.values`."""
        import pandas as pd

        return pd.DataFrame([row.values(self.scheme, lang=lang) for row in self.rows])


def recognition_of(county: CountyFile) -> Fraction | None:
    """Return satisfied over valid questionnaires; None when unknown or impossible."""
    tally = county.figure("recognition.questionnaires")
    if tally is None or not tally.valid or tally.satisfied is None or tally.satisfied > tally.valid:
        return None
    return Fraction(tally.satisfied, tally.valid)


def row_of(verdict: Verdict) -> CountyRow:
    """Return a verdict as one row."""
    county, scores = verdict.county, verdict.scores
    stages = [unit.part.stage for unit in verdict.units]
    met = [unit.part.stage for unit in verdict.units if unit.outcome is Outcome.MET]
    return CountyRow(
        code=county.county.code,
        name=county.county.name,
        year=county.year,
        outcome=verdict.outcome,
        sections=verdict.sections,
        reasons=verdict.reasons,
        parts={stage: stages.count(stage) for stage in COMPULSORY},
        passing={stage: met.count(stage) for stage in COMPULSORY},
        difference=verdict.difference,
        means=verdict.means,
        recognition=recognition_of(county),
        total=scores.total if scores else None,
        band=scores.band.label if scores and scores.band else None,
        contradictions=len(verdict.consistency),
    )


def refused_row(county: CountyFile, faults: Sequence[Fault]) -> CountyRow:
    """Return the row of a county that a scheme cannot judge."""
    return CountyRow(
        code=county.county.code,
        name=county.county.name,
        year=county.year,
        outcome=None,
        faults=tuple(faults),
    )
