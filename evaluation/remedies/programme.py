"""The search for the cheapest changes: a mixed-integer programme whose answers are checked exactly.

Every holding has whole steps bought, taken in or given away; a binary for each indicator of each school
part says whether it is at its threshold (1) or may stay at the floor (0). That a difference coefficient
keeps its limit, √Σ wᵢ(xᵢ − X̄)² ≤ c·X̄, is a convex cone: each school's wᵢ(xᵢ − X̄)²/X̄ is bounded from below
by tangents, and their sum is at most c²·X̄. Whatever the programme proposes is checked with fractions;
where the proposal breaks a limit, tangents are added there and the programme is solved again. Every county
that keeps the limit keeps them, so no plan is ever cut off.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from evaluation.county import COMPULSORY
from evaluation.remedies.holdings import NATURAL_UNITS, WHOLE_UNITS, Demand, Standing
from evaluation.remedies.keeping import Column, Family, Row, broken, tangents

#: A holding is bought at most so many times what the best of its stage has.
ROOM = 2

#: Costs are handed to the solver in 10 000 元, near the size of its other numbers.
TEN_THOUSAND = 10_000.0

#: What a number of the solver may lie beside a whole one and still be that one.
HAIR = 1e-3

#: A cost too small to matter, in 10 000 元: a tenth of a 分.
NOTHING = 1e-7

#: How close to the best possible an answer must come, relatively. Each time the solver's time is up, the next
#: one is asked for from then on; what was proved by then is kept as the bound.
GAPS = (0.0, 1e-4, 1e-3, 1e-2)

#: How often in one search the solver's time may be up at the last of them before the search is given up.
PATIENCE = 3

#: Solver status → what it means; any other is a limit that was reached.
STATES: dict[int, Literal["found", "infeasible"]] = {0: "found", 2: "infeasible"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the solver said to one programme."""

    #: ``limited``: its time was up; then there may be an answer or none.
    state: Literal["found", "infeasible", "limited"]
    bought: tuple[int, ...] = ()
    #: Net steps moved in (negative: given away).
    moved: tuple[int, ...] = ()
    #: What the objective is at least, whatever the plan: 10 000 元, or teachers.
    bound: float = 0.0

    @property
    def changes(self) -> tuple[int, ...]:
        """Net steps of every holding."""
        return tuple(bought + moved for bought, moved in zip(self.bought, self.moved, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a search with tangents ended."""

    #: ``unfinished``: a limit was reached before an exact plan was found.
    state: Literal["found", "infeasible", "unfinished"]
    answer: Answer | None
    rounds: int
    #: What the objective is at least, proved: 元, or teachers moved; 0 where nothing better is.
    bound: float
    #: Whether every row used is certain, so that ``infeasible`` and the bound are proofs.
    proof: bool


@dataclass(slots=True, kw_only=True)
class Programme:
    """A county's standing as a programme. Tangents once found serve every later search."""

    ground: Standing
    #: Figure → 元 per step; what is not named cannot be bought.
    unit_costs: Mapping[str, Fraction]
    #: Figure → 元 per teacher moved.
    moving_costs: Mapping[str, Fraction]
    #: Seconds for one call of the solver, and calls for one search.
    seconds: float
    rounds: int
    tangents: list[Row] = field(default_factory=list)
    #: Place in :data:`GAPS`.
    gap: int = 0
    layout: "_Layout" = field(init=False)

    def __post_init__(self) -> None:
        self.layout = _Layout(self.ground, self.unit_costs, self.moving_costs)

    def search(self, *, like: Answer | None = None, without: Collection[Family] = ()) -> Search:
        """Return the cheapest exact plan; or, where one is known, one of its cost with fewest moves.

        Args:
            like: the known one; then teachers moved are counted, not 元. Its m² and 元 are kept, its
                teachers and rooms may be bought elsewhere for as much.
            without: demands that need not be kept.
        """
        if like is not None:
            self.tangents = [row for row in self.tangents if row.certain]
        seen: dict[tuple[Family, tuple[int, ...]], int] = {}
        growing = [
            place
            for place, holding in enumerate(self.ground.holdings)
            if holding.figure in self.unit_costs and like is None
        ]
        bound, proof, count, late = 0.0, True, 0, 0
        for count in range(1, self.rounds + 1):
            answer = self._solve(like, without)
            proof = all(row.certain for row in self.tangents if row.family not in without)
            if proof:
                bound = max(bound, answer.bound * (TEN_THOUSAND if like is None else 1.0))
            if answer.state == "infeasible":
                return Search(state="infeasible", answer=None, rounds=count, bound=bound, proof=proof)
            if answer.state == "limited":
                late += self.gap == len(GAPS) - 1
                self.gap = min(self.gap + 1, len(GAPS) - 1)
            if not answer.bought:
                if late < PATIENCE and answer.state == "limited":
                    continue
                break
            faults = [family for family in broken(self.ground, answer.changes) if family not in without]
            if not faults:
                return Search(state="found", answer=answer, rounds=count, bound=bound, proof=proof)
            if late == PATIENCE or any(family[0] == "school_rule" for family in faults):
                break
            for family in faults:
                times = seen.get((family, answer.changes), 0)
                seen[family, answer.changes] = times + 1
                known = any(row.family == family for row in self.tangents)
                self.tangents += tangents(
                    self.ground, family, answer.changes, times=times, known=known, growing=growing
                )
        return Search(state="unfinished", answer=None, rounds=count, bound=bound, proof=proof)

    def _solve(self, like: Answer | None, without: Collection[Family]) -> Answer:
        """Solve the programme once; where rounding broke the school rule, again with its choice held."""
        layout = self.layout
        rows = [*layout.rows(without), *layout.tangent_rows(self.tangents, without)]
        objective, held = layout.costs(), {}
        if like is not None:
            objective, held = layout.moves(), layout.held(like)
            rows.append(layout.as_much(like))
        answer, chosen = layout.solve(objective, rows, held, seconds=self.seconds, gap=GAPS[self.gap])
        rules = {("school_rule", stage) for stage in COMPULSORY}.difference(without)
        if answer.bought and rules.intersection(broken(self.ground, answer.changes)):
            answer, _ = layout.solve(
                objective, rows, {**held, **chosen}, seconds=self.seconds, gap=GAPS[self.gap]
            )
        return answer


#: A row of the matrix: column → weight, and the limits of the sum.
_MatrixRow = tuple[dict[int, float], float, float]


class _Layout:
    """Which column stands for what: per holding bought, taken and given steps; per demand its choice."""

    def __init__(
        self, ground: Standing, unit_costs: Mapping[str, Fraction], moving_costs: Mapping[str, Fraction]
    ):
        self.ground, self.unit_costs, self.moving_costs = ground, unit_costs, moving_costs
        count = len(ground.holdings)
        self.bought, self.taken, self.given = (
            range(count),
            range(count, 2 * count),
            range(2 * count, 3 * count),
        )
        demands = len(ground.demands)
        self.chosen = range(3 * count, 3 * count + demands)
        self.spread = range(self.chosen.stop, self.chosen.stop + demands)
        self.total = range(self.spread.stop, self.spread.stop + demands)
        #: What one unit of a holding's bought column stands for, and whether it comes only whole.
        self.size = [1.0] * count
        self.whole = [NATURAL_UNITS[holding.figure] in WHOLE_UNITS for holding in ground.holdings]
        self.most = [0] * count
        for demand in ground.demands:
            if demand.figure in unit_costs:
                self.most[demand.holding] = max(self.most[demand.holding], self._most(demand))
                if not self.whole[demand.holding]:
                    usual = float(demand.base / demand.share + demand.threshold_at)
                    self.size[demand.holding] = max(1.0, 10.0 ** math.floor(math.log10(usual) - 1))

    def _most(self, demand: Demand) -> int:
        """Return the most steps ever worth buying: nobody need be brought beyond the best of the stage."""
        group = self.ground.of_group(demand.stage, demand.indicator.id)
        best = max(each.base / each.pupils for each in group)
        best = max(best, (demand.base + demand.share * demand.threshold_at) / demand.pupils)
        return max(0, math.ceil((ROOM * best * demand.pupils - demand.base) / demand.share)) + 2

    def change(self, place: int, weight: float = 1.0) -> dict[int, float]:
        """Return the columns whose sum is the net change of a holding, times *weight*."""
        bought = weight * self.size[place]
        if not self.ground.holdings[place].movable:
            return {self.bought[place]: bought}
        return {self.bought[place]: bought, self.taken[place]: weight, self.given[place]: -weight}

    def rows(self, without: Collection[Family]) -> list[_MatrixRow]:
        """Return the rows of the school rule and of the balance of moves."""
        rows: list[_MatrixRow] = []
        for number, demand in enumerate(self.ground.demands):
            if ("school_rule", demand.stage) not in without:
                step = float(demand.to_threshold - demand.to_floor)
                scale = max(1.0, step)
                row = self.change(demand.holding, 1 / scale) | {self.chosen[number]: -step / scale}
                rows.append((row, demand.to_floor / scale, math.inf))
        needed = self.ground.scheme.resources.school_rule.indicators_met
        rows += [(dict.fromkeys(own, 1.0), float(needed), math.inf) for own in self._choices(without)]
        pools: dict[tuple[str, str | None], dict[int, float]] = {}
        for place, holding in enumerate(self.ground.holdings):
            if holding.movable:
                pool = pools.setdefault((holding.figure, holding.stage), {})
                pool |= {self.taken[place]: 1.0, self.given[place]: -1.0}
        return [*rows, *((pool, 0.0, 0.0) for pool in pools.values())]

    def _choices(self, without: Collection[Family]) -> Collection[list[int]]:
        """Return for every part that must keep the school rule the columns of its choices."""
        choices: dict[int, list[int]] = {}
        for number, demand in enumerate(self.ground.demands):
            if ("school_rule", demand.stage) not in without:
                choices.setdefault(demand.part, []).append(self.chosen[number])
        return choices.values()

    def tangent_rows(self, tangents: Sequence[Row], without: Collection[Family]) -> list[_MatrixRow]:
        """Return tangents as rows of the matrix."""
        return [
            (self._columns(row.weights), row.low, row.high) for row in tangents if row.family not in without
        ]

    def _columns(self, weights: Mapping[Column, float]) -> dict[int, float]:
        """Return a row's weights by the columns of the matrix."""
        columns: dict[int, float] = {}
        for (kind, place), weight in weights.items():
            if kind == "change":
                columns |= self.change(place, weight)
            else:
                columns[self.spread[place] if kind == "spread" else self.total[place]] = weight
        return columns

    def costs(self) -> dict[int, float]:
        """Return what every column costs, in 10 000 元."""
        costs = {}
        for place, holding in enumerate(self.ground.holdings):
            price, fare = (
                float(each.get(holding.figure, 0)) for each in (self.unit_costs, self.moving_costs)
            )
            costs[self.bought[place]] = price * self.size[place] / TEN_THOUSAND
            costs[self.given[place]] = fare / TEN_THOUSAND
        return costs

    def moves(self) -> dict[int, float]:
        """Return the columns that count teachers moved."""
        return dict.fromkeys(self.given, 1.0)

    def held(self, like: Answer) -> dict[int, float]:
        """Return the columns of m² and 元 as a known answer has them."""
        columns = zip(self.bought, like.bought, self.size, self.whole, strict=True)
        return {column: steps / size for column, steps, size, whole in columns if not whole}

    def as_much(self, like: Answer) -> _MatrixRow:
        """Return the row that everything whole costs no more than in a known answer."""
        fine = {column for column, whole in zip(self.bought, self.whole, strict=True) if not whole}
        costs = {column: cost for column, cost in self.costs().items() if column not in fine}
        steps = {
            **dict(zip(self.bought, like.bought, strict=True)),
            **{column: max(0, -moved) for column, moved in zip(self.given, like.moved, strict=True)},
        }
        return costs, -math.inf, sum(cost * steps[column] for column, cost in costs.items()) + NOTHING

    def solve(
        self,
        objective: Mapping[int, float],
        rows: Sequence[_MatrixRow],
        held: Mapping[int, float],
        *,
        seconds: float,
        gap: float,
    ) -> tuple[Answer, dict[int, int]]:
        """Return the solver's answer and its choice of indicators, with the columns in *held* kept."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        width = self.total.stop
        low, high = np.zeros(width), np.ones(width)
        high[self.spread.start :] = np.inf
        whole = np.ones(width)
        whole[self.spread.start :] = 0
        pools: Counter[tuple[str, str | None]] = Counter()
        for holding in self.ground.holdings:
            pools[holding.figure, holding.stage] += holding.leaving if holding.movable else 0
        for place, holding in enumerate(self.ground.holdings):
            coming = math.inf if holding.coming is None else holding.coming
            pool = pools[holding.figure, holding.stage]
            high[self.bought[place]] = self.most[place] / self.size[place]
            whole[self.bought[place]] = self.whole[place]
            high[self.taken[place]] = min(coming, pool) if holding.movable else 0
            high[self.given[place]] = max(holding.leaving, 0) if holding.movable else 0
        for column, choice in held.items():
            low[column] = high[column] = choice
        costs = np.zeros(width)
        costs[list(objective)] = list(objective.values())
        result = milp(
            costs,
            integrality=whole,
            bounds=Bounds(low, high),
            constraints=LinearConstraint(_matrix(rows, width), *np.array([row[1:] for row in rows]).T),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        return self._answer(result)

    def _answer(self, result: Any) -> tuple[Answer, dict[int, int]]:
        bound = float(getattr(result, "mip_dual_bound", None) or 0.0)
        bound = max(bound, 0.0) if math.isfinite(bound) else 0.0
        state = STATES.get(result.status, "limited")
        if result.x is None:
            return Answer(state=state, bound=bound), {}
        columns: list[float] = result.x.tolist()
        bought = tuple(
            round(columns[column]) if whole else max(0, math.ceil(columns[column] * size - HAIR))
            for column, whole, size in zip(self.bought, self.whole, self.size, strict=True)
        )
        moved = tuple(
            round(columns[taken]) - round(columns[given])
            for taken, given in zip(self.taken, self.given, strict=True)
        )
        answer = Answer(state=state, bought=bought, moved=moved, bound=bound)
        return answer, {column: round(columns[column]) for column in self.chosen}


def _matrix(rows: Sequence[_MatrixRow], width: int) -> Any:
    """Return the rows' weights as a sparse matrix."""
    from scipy.sparse import csr_array

    columns = [column for row, _, _ in rows for column in row]
    weights = [weight for row, _, _ in rows for weight in row.values()]
    numbers = [number for number, (row, _, _) in enumerate(rows) for _ in row]
    return csr_array((weights, (numbers, columns)), shape=(len(rows), width))
