"""What every file of a scheme is made of: exact numbers, words in both languages, bounds and scopes."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from evaluation.county import COMPULSORY, CompulsoryStage, Kind, Locality, Ownership, School


def _fraction(value: Any) -> Any:
    """Return the exact number TOML gave; anything else is left for the type to refuse."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("a finite number is needed")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Fraction(value)
    return value


def _share(value: Fraction) -> Fraction:
    if not 0 < value <= 1:
        raise ValueError("a share is above 0 and at most 1")
    return value


def _positive(value: Fraction) -> Fraction:
    if value <= 0:
        raise ValueError("a number above 0 is needed")
    return value


#: An exact number of a scheme: an integer or a decimal as written.
Exact = Annotated[Fraction, BeforeValidator(_fraction)]
Share = Annotated[Exact, AfterValidator(_share)]
Positive = Annotated[Exact, AfterValidator(_positive)]

#: A whole number from 1 on.
Natural = Annotated[int, Field(ge=1)]

Unit = Literal[
    "percent", "per_hundred", "square_metre", "yuan", "pupils", "rooms", "years", "points", "number"
]


class Data(BaseModel):
    """A table of a scheme's file: frozen, strict, without unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", arbitrary_types_allowed=True)


class Text(Data):
    """Words in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Bound(Data):
    """A threshold: exactly one of the four comparisons."""

    at_least: Exact | None = None
    above: Exact | None = None
    at_most: Exact | None = None
    below: Exact | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._given()) != 1:
            raise ValueError("exactly one of at_least, above, at_most, below is needed")
        return self

    def _given(self) -> list[str]:
        return [name for name in ("at_least", "above", "at_most", "below") if getattr(self, name) is not None]

    @property
    def comparison(self) -> str:
        """Which comparison it is: ``at_least``, ``above``, ``at_most`` or ``below``."""
        for name in COMPARISONS:
            if getattr(self, name) is not None:
                return name
        raise LookupError(self)

    @property
    def threshold(self) -> Fraction:
        """The number compared with."""
        return getattr(self, self.comparison)

    @property
    def wants_more(self) -> bool:
        """Whether a larger value is the better one."""
        return self.comparison in ("at_least", "above")

    def holds(self, value: Fraction) -> bool:
        """Return whether *value*, unrounded, keeps the bound."""
        return COMPARISONS[self.comparison](value, self.threshold)

    def compare_squares(self, squared: Fraction) -> bool:
        """Return whether the square root of *squared* keeps the bound, exactly."""
        return COMPARISONS[self.comparison](squared, self.threshold**2)

    def gap(self, value: Fraction) -> Fraction:
        """Return how far *value* lies on the good side; negative is what it falls short by."""
        return value - self.threshold if self.wants_more else self.threshold - value


COMPARISONS = {
    "at_least": lambda value, threshold: value >= threshold,
    "above": lambda value, threshold: value > threshold,
    "at_most": lambda value, threshold: value <= threshold,
    "below": lambda value, threshold: value < threshold,
}


class StageBounds(Data):
    """A bound for primary and one for junior schools."""

    primary: Bound
    junior: Bound

    @property
    def stages(self) -> tuple[CompulsoryStage, ...]:
        """The stages that are spoken of."""
        return COMPULSORY

    def of(self, stage: str) -> Bound:
        """Return the bound of *stage*."""
        return self.primary if stage == "primary" else self.junior


class SomeStageBounds(Data):
    """A bound for primary schools, for junior schools, or for both; a stage left out is not spoken of."""

    primary: Bound | None = None
    junior: Bound | None = None

    @model_validator(mode="after")
    def _speaks_of_a_stage(self) -> Self:
        if not self.stages:
            raise ValueError("a bound for primary or junior is needed")
        return self

    @property
    def stages(self) -> tuple[CompulsoryStage, ...]:
        """The stages that are spoken of."""
        return tuple(stage for stage in COMPULSORY if getattr(self, stage) is not None)

    def of(self, stage: str) -> Bound:
        """Return the bound of *stage*, one of :attr:`stages`."""
        return getattr(self, stage)


class Scope(Data):
    """Which schools a criterion speaks of; a key left out excludes nobody."""

    kinds: list[Kind] | None = None
    without_kinds: list[Kind] | None = None
    localities: list[Locality] | None = None
    ownership: list[Ownership] | None = None
    boarding: bool | None = None

    def covers(self, school: School) -> bool:
        """Return whether *school* is spoken of."""
        return (
            (self.kinds is None or school.kind in self.kinds)
            and (self.without_kinds is None or school.kind not in self.without_kinds)
            and (self.localities is None or school.locality in self.localities)
            and (self.ownership is None or school.ownership in self.ownership)
            and (self.boarding is None or school.boarding == self.boarding)
        )
