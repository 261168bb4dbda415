"""The cheapest plan: who moves where and what is bought, so that the resource section passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from evaluation.county import COMPULSORY, CountyFile
from evaluation.findings import Outcome
from evaluation.json_values import plain
from evaluation.remedies.changes import Change, changed_county, planned_changes
from evaluation.remedies.comparison import Comparison, compare
from evaluation.remedies.holdings import Standing, standing
from evaluation.remedies.obstacles import Obstacle, joint_obstacle, obstacles
from evaluation.remedies.programme import HAIR, Programme, Search
from evaluation.remedies.wording import plan_sentence
from evaluation.scheme import Scheme
from evaluation.verdict import Verdict, evaluate

#: How close to its proved lower bound a cost must come to be the least, in 元.
CENT = Fraction(1, 100)

Status = Literal["met", "found", "impossible", "undetermined", "unfinished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What it takes for the resource section to pass, with the proof that it then does."""

    #: ``met``: nothing is needed. ``found``: the changes suffice. ``impossible``: no plan can be, and
    #: ``impossible_because`` says why. ``undetermined``: figures are missing. ``unfinished``: a limit of
    #: time or rounds was reached first.
    status: Status
    changes: tuple[Change, ...] = ()
    #: In 元.
    cost: Fraction = Fraction(0)
    #: No plan costs less than this, in 元; proved, to the cent.
    least_cost: Fraction = Fraction(0)
    #: Whether the cost is proved to be the least, to the cent.
    proven: bool = False
    #: Whether no plan of that cost and with the same m² and 元 moves fewer teachers; proved.
    fewest_moves: bool = False
    #: How often the programme was solved.
    iterations: int = 0
    #: Why moving teachers alone does not suffice; empty where it does or where that was not proved.
    moving_fails_because: tuple[Obstacle, ...] = ()
    impossible_because: tuple[Obstacle, ...] = ()
    #: The places in the county file without which nothing can be planned.
    missing: tuple[str, ...] = ()
    #: The verdict on the county as it is, and after the changes as the evaluation judges it anew.
    before: Verdict
    after: Verdict | None = None
    #: The county after the changes.
    county: CountyFile | None = None

    @property
    def comparison(self) -> Comparison | None:
        """The county before and after the changes; None where there is no plan."""
        return None if self.after is None else compare(self.before, self.after)

    def sentence(self, language: str = "zh") -> str:
        """Return what came of it as one sentence, in ``zh`` or ``en``."""
        return plan_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the plan as JSON values."""
        comparison = self.comparison
        return {
            "status": self.status,
            "sentence": self.sentence(language),
            "changes": [change.document(language) for change in self.changes],
            "cost": plain(self.cost),
            "least_cost": plain(self.least_cost),
            "proven": self.proven,
            "fewest_moves": self.fewest_moves,
            "iterations": self.iterations,
            "moving_fails_because": [each.document(language) for each in self.moving_fails_because],
            "impossible_because": [each.document(language) for each in self.impossible_because],
            "missing": list(self.missing),
            "comparison": None if comparison is None else comparison.document(language),
        }


def plan_remedies(
    county: CountyFile,
    scheme: Scheme,
    *,
    unit_costs: Mapping[str, Fraction] | None = None,
    moving_costs: Mapping[str, Fraction] | None = None,
    ownership: Sequence[str] = ("public",),
    seconds: float = 10,
    rounds: int = 400,
) -> Plan:
    """Return the cheapest changes with which the resource section of *scheme* passes.

    Teachers are moved between schools within their stage; everything that has a price may be bought, in
    whole teachers, rooms, m² and 元. For that cost as few teachers are moved as can be.

    Assumed, since a county file does not say it:

    - A teacher moved or appointed counts in one of the three staff figures. A move is an exchange: a
      teacher who counts in the figure goes, one who does not comes back, so the number of teachers stays
      and, where the file gives it, no figure rises above it by moving. Whoever is appointed is one more.
    - Visiting teachers are not moved. Private schools take no part in the exchange unless *ownership*
      names them.
    - What is bought for a school of several stages serves them by the scheme's split.

    Args:
        county: the county file.
        scheme: the scheme to pass.
        unit_costs: figure of the county file → 元 for one more of it (teacher, room, m², 元); what is not
            named cannot be bought.
        moving_costs: staff figure → 元 for one teacher moved; 0 where not named.
        ownership: between schools of which ownership teachers are moved.
        seconds: the longest the solver may take for one programme.
        rounds: how often a programme may be solved with more tangents.

    Raises:
        CountyFileError: the file uses attestations, vetoes, scores or topics the scheme does not know.
    """
    before = evaluate(county, scheme)
    if before.sections["resources"] is Outcome.MET:
        return Plan(status="met", before=before, proven=True, fewest_moves=True)
    ground = standing(county, scheme, ownership=ownership)
    missing = _missing(ground)
    if missing:
        return Plan(status="undetermined", before=before, missing=missing)
    unit_costs, moving_costs = unit_costs or {}, moving_costs or {}
    hopeless = obstacles(ground, bought=unit_costs)
    if hopeless:
        fails = obstacles(ground) if unit_costs else ()
        return _impossible(before, hopeless, moving_fails_because=fails)
    programme = Programme(
        ground=ground, unit_costs=unit_costs, moving_costs=moving_costs, seconds=seconds, rounds=rounds
    )
    cheapest = programme.search()
    if cheapest.answer is None:
        return _no_plan(programme, cheapest, before)
    return _planned(programme, cheapest, before)


def _impossible(before: Verdict, because: Sequence[Obstacle], **details: Any) -> Plan:
    return Plan(status="impossible", before=before, impossible_because=tuple(because), **details)


def _no_plan(programme: Programme, search: Search, before: Verdict) -> Plan:
    """Return that there is no plan, with the demands that cannot hold together; or that none was found."""
    joint = joint_obstacle(programme) if search.state == "infeasible" and search.proof else None
    if joint is None:
        return Plan(status="unfinished", before=before, iterations=search.rounds)
    fails = _why_not_moving(programme) if programme.unit_costs else ()
    return _impossible(before, [joint], moving_fails_because=fails, iterations=search.rounds)


def _why_not_moving(programme: Programme) -> tuple[Obstacle, ...]:
    """Return why moving teachers alone does not suffice; empty where it would, or nothing is proved."""
    found = obstacles(programme.ground)
    if found:
        return tuple(found)
    joint = joint_obstacle(
        Programme(
            ground=programme.ground,
            unit_costs={},
            moving_costs={},
            seconds=programme.seconds,
            rounds=programme.rounds,
        )
    )
    return () if joint is None else (joint,)


def _planned(programme: Programme, cheapest: Search, before: Verdict) -> Plan:
    """Return the plan of a search that found one, with the county after it judged anew."""
    first = cheapest.answer
    second = programme.search(like=first)
    answer = second.answer or first
    county, count = before.county, cheapest.rounds + second.rounds
    changes = planned_changes(programme, answer, county)
    changed = changed_county(county, changes)
    after = evaluate(changed, before.scheme)
    if after.sections["resources"] is not Outcome.MET:
        return Plan(status="unfinished", before=before, iterations=count)
    cost = sum((change.cost for change in changes), Fraction(0))
    least = Fraction(cheapest.bound)
    bought = any(change.kind == "buy" for change in changes)
    moved = sum(change.amount for change in changes if change.kind == "move")
    return Plan(
        status="found",
        changes=changes,
        cost=cost,
        least_cost=min(cost, least),
        proven=cost - least <= CENT,
        fewest_moves=moved < second.bound + 1 - HAIR,
        iterations=count,
        moving_fails_because=_why_not_moving(programme) if bought else (),
        before=before,
        after=after,
        county=changed,
    )


def _missing(ground: Standing) -> tuple[str, ...]:
    """Return what must be known before anything can be planned."""
    places = [place for named in ground.unknown.values() for place in named]
    there = {part.stage for part in ground.parts}
    places += [f"schools.{stage}" for stage in COMPULSORY if stage not in there]
    return tuple(dict.fromkeys(places))
