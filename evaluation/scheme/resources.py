"""The resource section: indicators of school parts, the rule for a school, the rules for the county."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from evaluation.terms import Data, Natural, Share, StageBounds, Text, Unit

#: The figures of a school part that an indicator may add or, with a leading minus, subtract.
PART_FIGURES = (
    "above_qualification",
    "backbone",
    "pe_arts",
    "teaching_area",
    "indoor_sports_area",
    "sports_ground_area",
    "equipment_value",
    "multimedia_rooms",
)


class Indicator(Data):
    """One resource indicator: an amount per pupil, or per hundred pupils."""

    id: str
    label: Text
    #: For the head of a narrow column; the id stands there where it is not given.
    short: Text | None = None
    unit: Unit
    formula: Literal["per_hundred_pupils", "per_pupil"]
    amount: Annotated[list[str], Field(min_length=1)]
    bounds: StageBounds
    clause: str
    #: The document's own class of the indicator, e.g. ``A``.
    category: str | None = None
    #: Its number among the national indicators, where the document counts otherwise.
    national: str | None = None
    #: Who answers for it, in the document's words.
    departments: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _amounts_known(self) -> Self:
        unknown = [name for name in self.amount if name.lstrip("-") not in PART_FIGURES]
        if unknown:
            raise ValueError(f"unknown figure {unknown[0]!r}, known {', '.join(PART_FIGURES)}")
        if any(not bound.wants_more for bound in (self.bounds.primary, self.bounds.junior)):
            raise ValueError("a resource indicator is bounded from below (at_least or above)")
        return self


class SchoolRule(Data):
    """When a school passes: so many indicators reach their threshold, the others a share of it."""

    indicators_met: Natural
    #: What the others must at least reach, as a share of the threshold; None: nothing is asked of them.
    floor: Share | None = None
    label: Text
    clause: str


class DifferenceRule(Data):
    """How unequal schools may be, for each indicator and stage."""

    bounds: StageBounds
    label: Text
    clause: str

    @model_validator(mode="after")
    def _bounded_from_above(self) -> Self:
        bounds = (self.bounds.primary, self.bounds.junior)
        if any(bound.wants_more or bound.threshold <= 0 for bound in bounds):
            raise ValueError("a coefficient is bounded from above (at_most or below), by a number above 0")
        return self


class MeanRule(Data):
    """The county as a whole must reach every indicator's threshold, in each stage."""

    label: Text
    clause: str


class Resources(Data):
    """The resource section: indicators, the rule for a school, the rules for the county."""

    label: Text
    clause: str
    indicators: Annotated[list[Indicator], Field(min_length=1)]
    school_rule: SchoolRule
    difference: DifferenceRule
    #: None where the document asks nothing of the county's mean.
    county_mean: MeanRule | None = None
    #: The mean of a stage's coefficients (综合差异系数); None where the document names none.
    composite: DifferenceRule | None = None

    @field_validator("school_rule")
    @classmethod
    def _rule_can_be_kept(cls, rule: SchoolRule, info: ValidationInfo) -> SchoolRule:
        indicators = info.data.get("indicators")
        if indicators is not None and rule.indicators_met > len(indicators):
            raise ValueError(
                f"indicators_met is {rule.indicators_met}, there are {len(indicators)} indicators"
            )
        return rule
