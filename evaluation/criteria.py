"""The forms a demand can take: one model per formula, with exactly the keys that formula reads.

A criterion is data of a scheme. Its ``formula`` names the function of
:data:`evaluation.formulas.FORMULAS` that judges it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evaluation.county import CompulsoryStage, Kind
from evaluation.county_paths import check_numbers, check_rows, check_tally, check_truth
from evaluation.terms import (
    Bound,
    Data,
    Exact,
    Natural,
    Scope,
    Share,
    SomeStageBounds,
    StageBounds,
    Text,
    Unit,
)


class Judged(Data):
    """What every criterion has."""

    #: Completes the item's id: ``share`` under ``G14`` is ``G14.share``; empty for an item of one part.
    id: str = ""
    #: What this part asks; None where the item's own label says it.
    label: Text | None = None
    unit: Unit = "number"
    clause: str | None = None
    #: The attestation that states this criterion; where figures decide, it is shown, never judged.
    attestation: str | None = None
    #: What a sub-point of a scored item is worth.
    points: Exact | None = None


class Scored(Judged):
    """A sub-point of a scored item."""

    points: Exact


class Awarded(Scored):
    """Points that people award, from the county file's ``scores``."""

    formula: Literal["awarded"]


class TopicRate(Scored):
    """Points from the recognition of the survey's items that inform it: all at a rate, else in proportion."""

    formula: Literal["topic_rate"]
    #: From this rate on all points are given; below, points × rate ÷ this rate.
    full_at: Share


class NeverDecreasing(Scored):
    """Yearly figures that never fall, each with an equal share of the points."""

    formula: Literal["never_decreasing"]
    #: Where the rows stand, each with a year, e.g. ``figures.education_spending``.
    of: str
    series: Annotated[list[Literal["total", "per_pupil"]], Field(min_length=1)]
    #: How many years, the last one being the county file's own.
    years: Natural

    @model_validator(mode="after")
    def _rows_are_there(self) -> Self:
        check_rows(self.of, ["year", *self.series])
        return self


class Attested(Judged):
    """Decided by a judgement that rests on documents."""

    formula: Literal["attested"]
    attestation: str
    #: Whether schools are attested one by one (the county's own word then needs none of them against it).
    school_by_school: bool = False
    scope: Scope = Scope()


#: One or more figures, those with a leading minus subtracted.
Names = Annotated[list[str], Field(min_length=1)]


class Ratio(Judged):
    """One sum of county figures over another; a name with a leading minus is subtracted."""

    formula: Literal["ratio"]
    #: Where the figures stand, e.g. ``figures.rotation``.
    of: str
    numerator: Names
    denominator: Names
    bound: Bound
    #: A part cannot exceed its whole: beyond 1 the figures contradict each other and decide nothing.
    part_of_whole: bool = True
    #: When the whole is 0: nobody to serve (met), or nothing to conclude on.
    if_none: Literal["met", "undetermined"] = "undetermined"
    #: Whose schools the figures are of; said to readers, since the county gives the sums.
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _figures_are_there(self) -> Self:
        names = (*self.numerator, *self.denominator)
        check_numbers(f"{self.of}.{name.removeprefix('-')}" for name in names)
        return self


class AmountOf(Judged):
    """One county figure against a bound."""

    formula: Literal["amount"]
    of: str
    bound: Bound

    @model_validator(mode="after")
    def _figure_is_there(self) -> Self:
        check_numbers([self.of])
        return self


class Compare(Judged):
    """One county figure against another one."""

    formula: Literal["compare"]
    of: str
    left: str
    right: str
    comparison: Literal["at_least", "above", "at_most", "below"]
    #: Whose schools the figures are of; said to readers, since the county gives the numbers.
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _figures_are_there(self) -> Self:
        check_numbers([f"{self.of}.{self.left}", f"{self.of}.{self.right}"])
        return self


class SummedShare(Judged):
    """A figure summed over the schools in scope, over another one; per stage or for all together."""

    formula: Literal["summed_share"]
    part: Literal["nearby_pupils", "teachers.certified", "teachers.trained"]
    whole: Literal["pupils", "teachers.total"]
    #: For all stages together.
    bound: Bound | None = None
    #: For each stage apart.
    bounds: SomeStageBounds | None = None
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _together_or_apart(self) -> Self:
        if (self.bound is None) == (self.bounds is None):
            raise ValueError("either bound (all stages together) or bounds (each stage) is needed")
        return self


class SchoolShare(Judged):
    """A figure of each school over another one of it."""

    formula: Literal["school_share"]
    part: Literal["training_funds"]
    #: The school's own budget, or its pupils times the county's public funds per pupil.
    whole: Literal["public_funds", "per_pupil_funds"]
    bound: Bound
    scope: Scope = Scope()


class Rooms(Judged):
    """Special rooms in each school: one of a given size for every so many classes."""

    formula: Literal["rooms"]
    rooms: Literal["music_rooms", "art_rooms"]
    classes_per_room: Natural
    area: Bound
    scope: Scope = Scope()


class SchoolSize(Judged):
    """Pupils of the compulsory stages in each school."""

    formula: Literal["school_size"]
    bound: Bound
    #: Kinds with a bound of their own.
    kinds: dict[Kind, Bound] = Field(default_factory=dict)
    #: The attestation that excuses a school beyond a bound that holds "in principle" (原则上); None: nothing.
    excused_by: str | None = None
    scope: Scope = Scope()


class ClassSize(Judged):
    """The largest class of each school and stage."""

    formula: Literal["class_size"]
    bounds: SomeStageBounds
    scope: Scope = Scope()


class SmallSchoolsFunded(Judged):
    """Small schools are funded as if they had more pupils."""

    formula: Literal["small_schools_funded"]
    #: A school is small when it has fewer pupils.
    pupils_below: Natural
    bound: Bound
    #: A school is spoken of when any of these covers it.
    scopes: Annotated[list[Scope], Field(min_length=1)]


class MonitoringResults(Judged):
    """Quality monitoring: every subject reaches a level, with small differences between schools."""

    formula: Literal["monitoring"]
    level: Bound
    difference: Bound
    #: Whose monitoring counts; one of them passing is enough.
    sources: Annotated[list[Literal["national", "provincial"]], Field(min_length=1)]
    #: Subjects that must have been monitored; empty: whichever were, at least one.
    required: list[str] = Field(default_factory=list)
    #: Only results of so many years, the last one being the county file's own; None: whenever they are from.
    within_years: Natural | None = None


class YearsBetween(Judged):
    """Years from one fact of the application to another."""

    formula: Literal["years_between"]
    start: str
    end: str
    bound: Bound

    @model_validator(mode="after")
    def _years_are_there(self) -> Self:
        check_numbers([self.start, self.end])
        return self


class CompositeDifferences(Judged):
    """The certified composite coefficients of the years before the application."""

    formula: Literal["composite_difference"]
    years: Natural
    bounds: StageBounds


class Coefficients(Judged):
    """The difference coefficients of the resource indicators, as an entry condition."""

    formula: Literal["coefficients"]


class DidNotHappen(Judged):
    """A fact of the county that must not be (true = it happened)."""

    formula: Literal["did_not_happen"]
    #: Where it stands, e.g. ``eligibility.incident`` or ``vetoes.exam_admission``.
    fact: str
    #: Whether it rules out the school where it happened, school by school, and not the county as such.
    school_by_school: bool = False
    scope: Scope = Scope()

    @model_validator(mode="after")
    def _fact_is_there(self) -> Self:
        check_truth(self.fact)
        return self


class RecognitionRate(Judged):
    """Satisfied over valid, of one tally of the recognition survey."""

    formula: Literal["recognition_rate"]
    #: Where the tally stands under ``recognition``, e.g. ``questionnaires`` or ``groups.parent``.
    tally: str
    bound: Bound
    #: Whether the verdict depends on it, or it is only shown.
    judged: bool = True
    #: What a tally that is not given means.
    if_missing: Literal["undetermined", "skip"] = "undetermined"

    @model_validator(mode="after")
    def _tally_is_there(self) -> Self:
        check_tally(f"recognition.{self.tally}")
        return self


Criterion = Annotated[
    Attested
    | Ratio
    | AmountOf
    | Compare
    | SummedShare
    | SchoolShare
    | Rooms
    | SchoolSize
    | ClassSize
    | SmallSchoolsFunded
    | MonitoringResults
    | YearsBetween
    | CompositeDifferences
    | Coefficients
    | DidNotHappen
    | RecognitionRate
    | Awarded
    | TopicRate
    | NeverDecreasing,
    Field(discriminator="formula"),
]


class Standard(Data):
    """What holds instead, under an exemption: the stricter one where several apply."""

    criterion: str
    bound: Bound
    stages: list[CompulsoryStage] | None = None
    kinds: list[Kind] | None = None
