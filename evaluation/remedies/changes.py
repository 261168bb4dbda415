"""The changes of a plan: who moves where, what is bought, and the county file after them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from evaluation.county import CountyFile, School
from evaluation.json_values import plain
from evaluation.reading import read_county
from evaluation.remedies.holdings import NATURAL_UNITS, Holding
from evaluation.remedies.programme import Answer, Programme
from evaluation.remedies.wording import change_sentence

#: What a county states of itself as it is; no longer true of the county after a change.
STATED = ("totals", "stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step of a plan: teachers moved from one school to another, or an amount bought."""

    kind: Literal["move", "buy"]
    figure: str
    unit: str
    #: Of teachers; None for what the whole school shares.
    stage: str | None
    amount: int
    #: Where to; and for teachers moved where from.
    school: str
    name: str
    from_school: str | None = None
    from_name: str | None = None
    #: In 元.
    cost: Fraction = Fraction(0)

    def sentence(self, language: str = "zh") -> str:
        """Return the change as one sentence, in ``zh`` or ``en``."""
        return change_sentence(self, language)

    def document(self, language: str = "zh") -> dict[str, Any]:
        """Return the change as JSON values."""
        return {name: plain(getattr(self, name)) for name in self.__slots__} | {
            "sentence": self.sentence(language)
        }


def answer_cost(programme: Programme, answer: Answer) -> Fraction:
    """Return what an answer of the programme costs, in 元, exactly."""
    total = Fraction(0)
    for holding, bought, moved in zip(programme.ground.holdings, answer.bought, answer.moved, strict=True):
        total += bought * programme.unit_costs.get(holding.figure, Fraction(0))
        total += max(0, -moved) * programme.moving_costs.get(holding.figure, Fraction(0))
    return total


def planned_changes(programme: Programme, answer: Answer | None, county: CountyFile) -> tuple[Change, ...]:
    """Return an answer of the programme as changes: moves from school to school, then what is bought."""
    if answer is None:
        return ()
    holdings = programme.ground.holdings
    pools: dict[tuple[str, str | None], list[tuple[Holding, int]]] = {}
    for holding, moved in zip(holdings, answer.moved, strict=True):
        if moved:
            pools.setdefault((holding.figure, holding.stage), []).append((holding, moved))
    moves = [change for pool in pools.values() for change in _moves(pool, programme, county)]
    return (*moves, *_purchases(programme, answer))


def _moves(pool: Sequence[tuple[Holding, int]], programme: Programme, county: CountyFile) -> Iterator[Change]:
    """Pair schools that give with schools that take, the largest numbers first."""
    members = {(part.school, str(part.stage)): part.members for part in programme.ground.parts}
    schools = {school.code: school for school in county.schools}
    giving: list[tuple[School, int]] = []
    for holding, moved in sorted(pool, key=lambda each: each[1]):
        left = -moved
        for code in members[holding.school, holding.stage or ""] if moved < 0 else ():
            own = min(left, schools[code].staff_in(holding.stage or "", holding.figure) or 0)
            giving += [(schools[code], own)] if own else []
            left -= own
    taking = [(holding, moved) for holding, moved in sorted(pool, key=lambda each: -each[1]) if moved > 0]
    for holding, wanted in taking:
        left = wanted
        while left:
            school, there = giving.pop(0)
            amount = min(left, there)
            left -= amount
            if there > amount:
                giving.insert(0, (school, there - amount))
            yield Change(
                kind="move",
                figure=holding.figure,
                unit=NATURAL_UNITS[holding.figure],
                stage=holding.stage,
                amount=amount,
                school=holding.school,
                name=holding.name,
                from_school=school.code,
                from_name=school.name,
                cost=amount * programme.moving_costs.get(holding.figure, Fraction(0)),
            )


def _purchases(programme: Programme, answer: Answer) -> Iterator[Change]:
    """Yield what is bought, school by school."""
    for holding, amount in zip(programme.ground.holdings, answer.bought, strict=True):
        if amount:
            yield Change(
                kind="buy",
                figure=holding.figure,
                unit=NATURAL_UNITS[holding.figure],
                stage=holding.stage,
                amount=amount,
                school=holding.school,
                name=holding.name,
                cost=amount * programme.unit_costs[holding.figure],
            )


def changed_county(county: CountyFile, changes: Sequence[Change]) -> CountyFile:
    """Return the county file after *changes*, without what it states of itself as it was.

    Teachers who are appointed also raise the number of teachers, where the file gives it.
    """
    document = county.to_document()
    for key in STATED:
        document.pop(key, None)
    rows = {row["code"]: row for row in document["schools"]}
    for change in changes:
        if change.stage is None:
            have = rows[change.school].get(change.figure) or 0
            rows[change.school][change.figure] = Decimal(str(have)) + change.amount
            continue
        _add_teachers(rows[change.school], change.stage, change.figure, change.amount)
        if change.from_school is not None:
            _add_teachers(rows[change.from_school], change.stage, change.figure, -change.amount)
        elif _staff(rows[change.school], change.stage).get("total") is not None:
            _add_teachers(rows[change.school], change.stage, "total", change.amount)
    return read_county(document)


def _staff(row: dict[str, Any], stage: str) -> dict[str, Any]:
    return row.setdefault("teachers", {}).setdefault(stage, {})


def _add_teachers(row: dict[str, Any], stage: str, figure: str, amount: int) -> None:
    staff = _staff(row, stage)
    staff[figure] = (staff.get(figure) or 0) + amount
