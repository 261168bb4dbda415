"""Sections of items that must be met, each by one criterion or several."""

from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from evaluation.criteria import Criterion
from evaluation.terms import Data, Exact, Text


class Item(Data):
    """One item of the document: criteria that must all be met, or sub-points that add up to its points."""

    id: str
    label: Text
    clause: str
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    #: The document's own class of the item, e.g. ``A`` (must be met) or ``B`` (scored).
    category: str | None = None
    #: Its number, or numbers, among the national items, where the document counts otherwise.
    national: list[str] = Field(default_factory=list)
    #: Who answers for it, in the document's words.
    departments: list[str] = Field(default_factory=list)
    #: What the item is worth where it is scored; its criteria's points add up to it.
    points: Exact | None = None

    @model_validator(mode="after")
    def _points_add_up(self) -> Self:
        given = [criterion.points for criterion in self.criteria]
        if self.points is None and any(each is not None for each in given):
            raise ValueError("criteria have points, the item has none")
        if self.points is not None:
            total = sum((each or Fraction(0) for each in given), Fraction(0))
            if None in given or total != self.points:
                raise ValueError(f"the points of the criteria add up to {total}, not to {self.points}")
        return self

    def criterion_id(self, criterion: Criterion) -> str:
        """Return ``G14.share`` for the part ``share`` of ``G14``, ``G4`` for the only part of ``G4``."""
        return f"{self.id}.{criterion.id}" if criterion.id else self.id


class Section(Data):
    """Items that must all be met."""

    label: Text
    clause: str
    items: Annotated[list[Item], Field(min_length=1)]
