"""What a document is, where and when it applies, how it is read, and the sample it demands."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from evaluation.county import Groups
from evaluation.terms import Data, Natural, Share, Text


class Reading(Data):
    """Where the document leaves a choice: what this scheme reads into it."""

    id: str
    text: Text


class Alternative(Data):
    """One of several ways to read a document that contradicts itself; the head's ``reading`` chooses."""

    id: str
    #: In a few words, for lists.
    label: Text
    text: Text


class StatedCount(Data):
    """How many items a section has by the document's own words."""

    section: str
    stated: int
    text: Text
    clause: str


class Floor(Data):
    """The smallest sample allowed, for counties below a population (or any)."""

    at_least: int
    below_population: int | None = None


class SampleRule(Data):
    """How many questionnaires the recognition survey needs and who answers them."""

    #: Questionnaires per resident.
    rate: Share
    parents_share: Share
    #: Respondent groups in the order that settles ties; ``parent`` first.
    groups: list[str]
    floors: list[Floor] = Field(default_factory=list)
    cap: Natural | None = None
    clause: str

    @model_validator(mode="after")
    def _groups_known(self) -> Self:
        known = tuple(Groups.model_fields)
        unknown = [group for group in self.groups if group not in known]
        if unknown:
            raise ValueError(f"unknown group {unknown[0]!r}, known {', '.join(known)}")
        if self.groups[:1] != ["parent"] or len(set(self.groups)) < len(self.groups):
            raise ValueError("groups start with parent and stand once each")
        return self


class Head(Data):
    """What the document is."""

    id: str
    title: Text
    document: str
    issuer: Text
    #: None where the document bears no date; a reading then says so.
    issued: date | None = None
    #: The years its plan spans, and the year in which the county means to be recognised.
    from_year: int | None = None
    until_year: int | None = None
    target_year: int | None = None
    #: Where it applies: the first digits of the codes of its counties (GB/T 2260); None: everywhere.
    region: Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$")] | None = None
    #: The scheme that this one varies.
    extends: str | None = None
    #: Sections in the order of the document.
    sections: Annotated[list[str], Field(min_length=1)]
    readings: list[Reading] = Field(default_factory=list)
    #: The readings among which ``reading`` chooses; tables of any file may say ``under = ["id", …]``.
    alternatives: list[Alternative] = Field(default_factory=list)
    reading: str | None = None
    stated_counts: list[StatedCount] = Field(default_factory=list)
    sample: SampleRule | None = None

    @field_validator("sections", "readings", "alternatives")
    @classmethod
    def _each_once(cls, given: list[Any]) -> list[Any]:
        ids = [getattr(each, "id", each) for each in given]
        doubled = [id_ for place, id_ in enumerate(ids) if id_ in ids[:place]]
        if doubled:
            raise ValueError(f"{doubled[0]!r} stands twice")
        return given

    @field_validator("stated_counts")
    @classmethod
    def _counts_of_sections(cls, given: list[StatedCount], info: ValidationInfo) -> list[StatedCount]:
        known = info.data.get("sections", [])
        unknown = [each.section for each in given if each.section not in known]
        if known and unknown:
            raise ValueError(f"no section {unknown[0]!r}, known {', '.join(known)}")
        return given
