"""Lighter standards: when one may be claimed, until when, and what it changes."""

from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.county import Locality
from evaluation.criteria import Standard
from evaluation.terms import Data, Exact, Text


class Condition(Data):
    """When an exemption may be claimed: every key given must hold of the school."""

    built_by: int | None = None
    localities: list[Locality] | None = None
    largest_class_below: int | None = None
    migrant_share_above: Exact | None = None
    dense_centre: bool | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(f"one of {', '.join(type(self).model_fields)} is needed")
        return self


class Exemption(Data):
    """A lighter standard for schools in a certain position, for a time."""

    id: str
    label: Text
    clause: str
    condition: Condition
    #: The last application year in which it may be claimed; None: without end.
    valid_until: int | None = None
    #: Within how many years after recognition the full standard must be reached; 0: no such duty.
    follow_up_years: int = 0
    standards: list[Standard] = Field(default_factory=list)
    #: A figure that an indicator may then add, e.g. ``{"R5": "extra_sports_area"}``.
    adds: dict[str, Literal["extra_sports_area"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.standards and not self.adds:
            raise ValueError("standards or adds is needed")
        return self
