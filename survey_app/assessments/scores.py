"""The score sheet of a verdict, for schemes that score: items with their points, the total and its band."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.numerals import shown
from survey_app.assessments.figures import exact, limit
from survey_app.assessments.overview import Overview
from survey_app.assessments.overview_parts import Finding
from survey_app.assessments.words import _

NO_BAND, OPEN_BAND = _("不评等次"), _("等次未定")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An item, or all of them, in points."""

    id: str
    label: str
    #: With ``≥`` before it while points are unknown: what it was given for certain.
    points: str
    maximum: str
    #: What it must reach.
    needed: str
    #: met, not_met or undetermined.
    outcome: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """All scored items, their total and the band it falls into."""

    items: tuple[Scored, ...]
    total: Scored
    #: The band's name; None while it is open, or where there is none.
    band: str | None
    #: Whether there can be no band: an item, or the total, falls short.
    missed: bool

    @property
    def band_words(self) -> str:
        """The band, or why there is none."""
        return self.band or (NO_BAND if self.missed else OPEN_BAND)


def score_sheet(view: Overview) -> ScoreSheet | None:
    """Lay out the scores of a verdict; None where the scheme scores nothing."""
    sheet = view.document.get("sheet")
    if sheet is None:
        return None
    heads = {item.id: item.head for section in view.sections for item in section.items}
    items = tuple(_scored(heads[each["item"]], each) for each in sheet["items"])
    finding = next(head for head in heads.values() if head["formula"] == "total")
    mark = sheet["next"] if sheet["next"] is not None else finding["threshold"]
    total = _scored(finding, {**sheet, "needed": finding["threshold"], "outcome": finding["outcome"]}, mark)
    missed = "not_met" in [each.outcome for each in (*items, total)]
    return ScoreSheet(items=items, total=total, band=view.document["band"], missed=missed)


def _scored(finding: Finding, given: dict[str, Any], mark: Any = None) -> Scored:
    """One line; rounding never lifts its points to the *mark*, by default what it must reach."""
    points = shown(
        exact(given["at_least"]) or Fraction(0), apart_from=exact(given["needed"] if mark is None else mark)
    )
    return Scored(
        id=finding["id"],
        label=finding["label"],
        points=points if given["complete"] else f"≥ {points}",
        maximum=limit(given["max"]),
        needed=limit(given["needed"]),
        outcome=given["outcome"],
        finding=finding,
    )
