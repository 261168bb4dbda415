"""Where each county stands: its newest verdict and what leads to it, its tasks, its planned year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What the recognition survey says."""

    #: Official rate; None where it may not be shown or nobody was asked.
    rate: Fraction | None
    #: What the scheme asks for.
    limit: Fraction
    #: The 95 % interval of the survey's estimate; None without a survey that was fed in.
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A difference coefficient with its limit."""

    #: Indicator, e.g. R4.
    key: str
    #: primary or junior.
    stage: str
    value: Fraction
    limit: Fraction

    @property
    def ratio(self) -> Fraction:
        """The value as a multiple of its limit: above 1 it is missed."""
        return self.value / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The newest run of an earlier year under the same scheme."""

    run_id: int
    year: int
    verdict: str
    rate: Fraction | None
    worst: Coefficient | None
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One county as supervision sees it. Without a run everything that a run says is None or empty."""

    code: str
    name: str
    #: The region above it; its own province where no city is in between.
    city_code: str
    city: str
    #: The year its province's schedule plans; None where it names none.
    due: int | None = None
    run_id: int | None = None
    run_number: int | None = None
    run_year: int | None = None
    run_made_at: datetime | None = None
    scheme_id: str | None = None
    #: self_evaluation, review, evaluation or recognition.
    level: str | None = None
    #: met, not_met or undetermined.
    verdict: str | None = None
    #: Section → outcome, in the order of the document.
    sections: Mapping[str, str] = field(default_factory=dict)
    recognition: Recognition | None = None
    #: The coefficient that uses most of its limit.
    worst: Coefficient | None = None
    #: All of them, primary before junior.
    coefficients: tuple[Coefficient, ...] = ()
    #: Items of the document (with each stage's coefficient as one) that are not met, or not decidable.
    missed: int = 0
    undetermined: int = 0
    #: Schools that pass the rule for a school, do not, or lack figures, and all that are judged.
    schools_failing: int = 0
    schools_unknown: int = 0
    schools: int = 0
    before: Before | None = None
    tasks_open: int = 0
    tasks_overdue: int = 0
    #: Whether it is under listed supervision now.
    listed: bool = False
    #: The day on which the nation signed a run that met everything.
    recognised_on: date | None = None

    @property
    def recognised(self) -> bool:
        """Whether it is recognised."""
        return self.recognised_on is not None
