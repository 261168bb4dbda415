"""Documents that a ledger can start from: who answers for what, in which phases, which yearly tasks.

They are data (``plans/*.toml``), one file each, read strictly: an unknown key is an error.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_FOLDER = files("survey_app.supervision.ledger") / "plans"

#: 万元 in yuan.
WAN = 10_000


def _whole_yuan(wan: Decimal) -> Decimal:
    if wan < 0 or (wan * WAN) % 1:
        raise ValueError("an amount in 万元 of whole yuan is needed")
    return wan


def _month(text: Any) -> Any:
    return date.fromisoformat(f"{text}-01") if isinstance(text, str) else text


Wan = Annotated[
    Decimal,
    BeforeValidator(lambda given: Decimal(given) if isinstance(given, int) else given),
    AfterValidator(_whole_yuan),
]
Month = Annotated[date, BeforeValidator(_month)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Responsibilities(_Data):
    """A responsibility list (责任清单): item → departments, the one that answers first."""

    format: Literal["responsibilities/1"]
    title: str
    document: str
    departments: Mapping[str, Annotated[list[str], Field(min_length=1)]]

    def of(self, finding: str, section: str = "") -> list[str]:
        """Give the departments of a finding's item, or of its section; none where the list is silent.

        >>> read_plan("haicheng-2023").of("G15.migrant"), read_plan("haicheng-2023").of("V3", "vetoes")[:1]
        (['教育局', '各镇街'], ['教育局'])
        """
        return self.departments.get(finding.partition(".")[0]) or self.departments.get(section) or []


class Phase(_Data):
    """A phase, from its first month to its last."""

    name: str
    first: Month
    last: Month


class Phases(_Data):
    """The phases of a plan, in order."""

    format: Literal["phases/1"]
    title: str
    document: str
    phases: Annotated[list[Phase], Field(min_length=1)]

    def of(self, day: date) -> str:
        """Give the name of the phase that *day* lies in; empty outside all of them.

        >>> plan = read_plan("lingchuan-2021")
        >>> plan.of(date(2025, 12, 31)), plan.of(date(2028, 1, 1))
        ('全力推进', '')
        """
        month = day.replace(day=1)
        return next((each.name for each in self.phases if each.first <= month <= each.last), "")


class PlannedTask(_Data):
    """A task of one year with its money, if the plan names any."""

    year: int
    title: str
    item: str = ""
    wan: Wan | None = None


class YearlyTasks(_Data):
    """The yearly tasks of a county's plan."""

    format: Literal["tasks/1"]
    title: str
    document: str
    department: str
    #: Year → what the plan itself adds up, in 万元.
    stated_totals: Mapping[str, Wan] = Field(default_factory=dict)
    tasks: Annotated[list[PlannedTask], Field(min_length=1)]

    def totals(self) -> dict[int, Decimal]:
        """Give the sum of each year in 万元.

        >>> read_plan("yangcheng-2021").totals()[2023]
        Decimal('1260')
        """
        sums: dict[int, Decimal] = {}
        for task in self.tasks:
            sums[task.year] = sums.get(task.year, Decimal(0)) + (task.wan or 0)
        return sums

    def contradictions(self) -> list[tuple[int, Decimal, Decimal]]:
        """Give year, stated total and sum wherever the two differ."""
        sums = self.totals()
        return [
            (int(year), stated, sums.get(int(year), Decimal(0)))
            for year, stated in self.stated_totals.items()
            if stated != sums.get(int(year), Decimal(0))
        ]


Plan = Responsibilities | Phases | YearlyTasks
_FORMATS: dict[str, type[Plan]] = {
    "responsibilities/1": Responsibilities,
    "phases/1": Phases,
    "tasks/1": YearlyTasks,
}


def list_plans(kind: type[Plan]) -> dict[str, Any]:
    """Give the plans of one kind by their ids."""
    names = sorted(
        each.name.removesuffix(".toml") for each in _FOLDER.iterdir() if each.name.endswith(".toml")
    )
    return {name: plan for name in names if isinstance(plan := read_plan(name), kind)}


@cache
def read_plan(plan_id: str) -> Any:
    """Give a plan by its id.

    Raises:
        KeyError: there is none, or its format is unknown.
    """
    path = _FOLDER / f"{plan_id}.toml"
    if not plan_id.replace("-", "").isalnum() or not path.is_file():
        raise KeyError(plan_id)
    table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return _FORMATS[table["format"]].model_validate(table)
