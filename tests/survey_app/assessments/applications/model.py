"""An application on its way, as a few lines know it: what is made, proposed, asked for and signed."""

from dataclasses import dataclass, field
from datetime import date, datetime

from survey_app.assessments.applications.models import LEVELS


@dataclass
class Made:
    """A run, as the model knows it."""

    id: int
    level: str
    at: datetime
    by: str
    file: int
    #: What people judged that it took up.
    knows: dict
    supersedes: int | None


@dataclass
class Proposed:
    """An override, as the model knows it."""

    id: int
    level: str
    by: str
    place: tuple
    decided_at: datetime | None = None
    decided_by: str = ""
    accepted: bool = False


@dataclass
class Request:
    """A request for correction, as the model knows it."""

    level: str
    run: Made
    due_on: date
    answered: bool = False
    decided: bool | None = None

    def state(self, on: date) -> str:
        if self.decided is not None:
            return {True: "accepted", False: "refused"}[self.decided] if self.answered else "withdrawn"
        return "answered" if self.answered else "overdue" if self.due_on < on else "waiting"


@dataclass
class Known:
    """An application, as the model knows it."""

    id: int
    opened_at: datetime
    withdrawn: bool = False
    #: Level, action, run, who, when.
    steps: list[tuple[str, str, int, str, datetime]] = field(default_factory=list)
    runs: list[Made] = field(default_factory=list)
    overrides: list[Proposed] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    said: dict[tuple[str, str], dict[str, bool | None]] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)

    @property
    def there(self) -> str | None:
        at = sum(1 if step[1] == "signed" else -1 for step in self.steps)
        return None if self.withdrawn or at == len(LEVELS) else LEVELS[at]

    @property
    def since(self) -> datetime:
        return self.steps[-1][4] if self.steps else self.opened_at

    def newest(self, level: str) -> Made | None:
        return next((each for each in reversed(self.runs) if each.level == level), None)

    def holding(self, level: str) -> dict:
        """What people judged, as a run at *level* takes it up."""
        nearest = LEVELS[: LEVELS.index(level) + 1][::-1]
        found: dict = {}
        for place, said in self.said.items():
            own = next((each for each in nearest if each in said), None)
            if own is not None and said[own] is not None:
                found[place] = (said[own], own)
        own = next((each for each in nearest if self.visits.get(each)), None)
        return found | ({"visits": (self.visits[own], own)} if own else {})

    def held_overrides(self, level: str) -> list[Proposed]:
        accepted = [each for each in self.overrides if each.level == level and each.accepted]
        return list({each.place: each for each in accepted}.values())

    def successor(self, run: Made) -> Made:
        after = {each.supersedes: each for each in self.runs}
        while run.id in after:
            run = after[run.id]
        return run

    def hindrance(self, level: str, run: Made | None, run_id: int) -> str | None:
        """Why a level cannot sign, as the model sees it."""
        if run is None or run.at < self.since:
            return "sign_without_run"
        if any(each.level == level and each.decided is None for each in self.requests):
            return "sign_open_corrections"
        if any(each.level == level and each.decided_at is None for each in self.overrides):
            return "sign_undecided_overrides"
        if any(each.decided_at > run.at for each in self.held_overrides(level)):
            return "sign_overrides_not_in"
        if run.knows != self.holding(level):
            return "sign_judgements_not_in"
        return None if run.id == run_id else "sign_newer_run"
