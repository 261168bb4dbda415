"""What a statistical unit is, and how a school of several stages is split into several."""

from collections.abc import Set
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field, field_validator

from evaluation.county import OWN_STAGES, STAGES, Kind, Locality, Stage
from evaluation.terms import Data, Positive


class Split(Data):
    """How a school of several stages shares what its stages use together: by weighted pupils."""

    #: Weight of one pupil of each stage.
    weights: dict[Stage, Positive]
    #: Kinds for which the document states weights of their own.
    kinds: dict[Kind, dict[Stage, Positive]] = Field(default_factory=dict)
    clause: str

    @field_validator("weights")
    @classmethod
    def _every_stage_has_a_weight(cls, weights: dict[Stage, Fraction]) -> dict[Stage, Fraction]:
        missing = [stage for stage in STAGES if stage not in weights]
        if missing:
            raise ValueError(f"no weight for {missing[0]!r}")
        return weights

    @field_validator("kinds")
    @classmethod
    def _every_stage_of_a_kind_has_a_weight(cls, kinds: dict[Kind, Any]) -> dict[Kind, Any]:
        for kind, weights in kinds.items():
            missing = [stage for stage in OWN_STAGES[kind] if stage not in weights]
            if missing:
                raise ValueError(f"{kind}: no weight for {missing[0]!r}")
        return kinds

    def weights_of(self, kind: str, stages: Set[str]) -> dict[str, Fraction]:
        """Return the weights for a school of *kind* with pupils in *stages*."""
        own = self.kinds.get(kind, {})
        return dict(own) if stages <= set(own) else dict(self.weights)


class Visiting(Data):
    """Where visiting teachers of physical education and arts may be added."""

    pupils_from: int
    pupils_below: int
    localities: list[Locality]
    kinds: list[Kind]
    clause: str


class Units(Data):
    """What a statistical unit is."""

    excluded_kinds: list[Kind]
    #: Kinds that drop out below so many pupils.
    excluded_below: dict[Kind, int]
    #: The stages whose pupils make a school's size.
    size_stages: Annotated[list[Stage], Field(min_length=1)]
    split: Split
    visiting: Visiting
    clause: str
