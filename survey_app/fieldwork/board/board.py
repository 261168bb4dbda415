"""The board as a whole: counts, bars, pace, outcome rates and alerts of a wave, put together once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from sampling.dispositions import Dispositions, OutcomeRates, outcome_rates
from survey_app.fieldwork.board import alerts, counts
from survey_app.fieldwork.board.alerts import Alert
from survey_app.fieldwork.board.counts import Handful
from survey_app.fieldwork.board.pace import Pace, pace
from survey_app.fieldwork.draws.given_up import cards_revoked, given_up
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table: what is wanted, handed out and came in."""

    #: What it is of: a group, a school, a grade band, a locality, a mode.
    key: str
    wanted: int
    cards: int
    came: int
    #: Of those that came, read out on the telephone.
    by_phone: int = 0
    #: Begun and not sent.
    begun: int = 0
    #: The least that must come (the parents' share of all that came); 0 without one.
    floor: int = 0

    @property
    def share(self) -> Fraction | None:
        """Came among wanted."""
        return Fraction(self.came, self.wanted) if self.wanted else None

    @property
    def scale(self) -> int:
        """What the full length of the bar stands for."""
        return max(self.wanted, self.came, self.floor, 1)

    @property
    def bar(self) -> tuple[float, float, float | None]:
        """Where the bar ends, the mark of the wanted and that of the floor, in percent of its length."""
        return (
            100 * self.came / self.scale,
            100 * self.wanted / self.scale,
            100 * self.floor / self.scale if self.floor else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A drawn school with its batches."""

    code: str
    place: str
    line: Line
    batches: tuple[Handful, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything the page shows."""

    at: datetime
    total: Line
    groups: tuple[Line, ...]
    bands: tuple[Line, ...]
    localities: tuple[Line, ...]
    #: Questionnaires by the way people came and the mode of answering: (way, mode) -> n.
    ways: Mapping[tuple[str, str], int]
    schools: tuple[School, ...]
    #: Batches that belong to no school.
    others: tuple[Handful, ...]
    points: tuple[Handful, ...]
    #: Group -> pace; the empty name is all of them.
    paces: Mapping[str, Pace]
    #: None before a card is handed out.
    rates: OutcomeRates | None
    alerts: tuple[Alert, ...]


def board_of(
    session: Session,
    wave: Wave,
    *,
    parents_share: Fraction | None,
    by_telephone: Mapping[str, int],
    now: datetime,
) -> Board:
    """Count *wave* as it stands at *now*.

    Args:
        session: where to read.
        wave: drawn, and perhaps opened or closed.
        parents_share: what the scheme asks of the parents' share; None if nothing.
        by_telephone: how telephone cases without a questionnaire stand: field of `Dispositions` -> n.
        now: the present instant.
    """
    limits = alerts.thresholds()
    cells = counts.cells_of(session, wave)
    cards = counts.cards_by_batch(session, wave)
    batches = counts.batches_of(session, wave, cards)
    points = counts.points_of(session, wave)
    begun = counts.begun_by_cell(session, wave)
    drawn = [cell for cell in cells if cell["way"] == "drawn"]
    handed = Counter[int]()
    for by_cell in cards.values():
        handed.update(by_cell)
    lines = [_line(cell, handed, begun) for cell in drawn]
    groups = _by(drawn, lines, "group", GROUPS)
    beside = _beside(cells, with_posters=surveys.rules_of(wave).posters == "counted")
    floor = _floor(groups, parents_share, beside)
    groups = [replace(line, floor=floor) if line.key == alerts.PARENTS else line for line in groups]
    opened = wave.opened_at and max(wave.opened_at, wave.opens_at)
    paces = _paces(session, wave, groups, opened, now, limits.stretches) if opened else {}
    came = {line.key: line.came for line in groups}
    found: list[Alert | None] = []
    if opened and now < wave.closes_at and wave.closed_at is None:
        found += alerts.gathered(
            alerts.behind(line.key, paces[line.key], came=line.came, wanted=line.wanted) for line in groups
        )
        found.append(alerts.few_parents(came, paces, parents_share, beside=beside))
        found.append(alerts.untouched(batches, limits, opened=opened, now=now))
        found.append(alerts.guessing(counts.most_guesses(session, wave), limits))
    found += alerts.bursts(batches, limits)
    total = _sum("", lines)
    return Board(
        at=now,
        total=total,
        groups=tuple(groups),
        bands=tuple(_by(drawn, lines, "grade_band", GRADE_BANDS)),
        localities=tuple(_by(drawn, lines, "locality", LOCALITIES)),
        ways=_ways(cells),
        schools=tuple(_schools(batches)),
        others=tuple(one for one in batches if not one.school_code),
        points=tuple(points),
        paces=paces,
        rates=_rates(session, wave, total, by_telephone) if total.cards else None,
        alerts=tuple(sorted(filter(None, found), key=lambda one: one.urgency)),
    )


def _line(cell: Mapping[str, Any], handed: Mapping[int, int], begun: Mapping[int, int]) -> Line:
    return Line(
        key=cell["group"],
        wanted=cell["target"],
        cards=handed.get(cell["id"], 0),
        came=cell["spent"],
        by_phone=cell["by_phone"],
        begun=begun.get(cell["id"], 0),
    )


def _sum(key: str, lines: Iterable[Line]) -> Line:
    members = list(lines)
    return Line(
        key=key,
        wanted=sum(line.wanted for line in members),
        cards=sum(line.cards for line in members),
        came=sum(line.came for line in members),
        by_phone=sum(line.by_phone for line in members),
        begun=sum(line.begun for line in members),
    )


def _by(
    cells: Sequence[Mapping[str, Any]], lines: Sequence[Line], trait: str, order: Iterable[str]
) -> list[Line]:
    """The lines summed over each value of *trait*, those that have one, in the vocabulary's order."""
    held: dict[str, list[Line]] = {}
    for cell, line in zip(cells, lines, strict=True):
        held.setdefault(cell[trait], []).append(line)
    return [_sum(value, held[value]) for value in order if value in held]


def _beside(cells: Iterable[Mapping[str, Any]], *, with_posters: bool) -> Counter[str]:
    """What came by open entries and counts in the rate, by group; surplus does not."""
    ways = {"class", "poster"} if with_posters else {"class"}
    found = Counter[str]()
    for cell in cells:
        if cell["way"] in ways:
            found[cell["group"]] += cell["spent"]
    return found


def _floor(groups: Iterable[Line], share: Fraction | None, beside: Mapping[str, int]) -> int:
    """Drawn parents' questionnaires that are needed beside all others: share · all, rounded up."""
    if share is None or share >= 1:
        return 0
    others = sum(line.came for line in groups if line.key != alerts.PARENTS)
    others += sum(n for group, n in beside.items() if group != alerts.PARENTS)
    return max(0, -(-(share / (1 - share) * others) // 1) - beside.get(alerts.PARENTS, 0))


def _paces(
    session: Session, wave: Wave, groups: Sequence[Line], opened: datetime, now: datetime, stretches: int
) -> dict[str, Pace]:
    arrivals = counts.arrivals(session, wave)
    total = _sum("", groups)
    return {
        line.key: pace(
            [(bucket, n) for group, bucket, n in arrivals if line.key in {"", group}],
            came=line.came,
            wanted=line.wanted,
            most=line.cards,
            opened=opened,
            closes=wave.closes_at,
            now=now,
            stretches=stretches,
        )
        for line in (total, *groups)
    }


def _ways(cells: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    ways = Counter[tuple[str, str]]()
    for cell in cells:
        ways[cell["way"], "web"] += cell["spent"] + cell["surplus"] - cell["by_phone"]
        ways[cell["way"], "phone"] += cell["by_phone"]
    return ways


def _schools(batches: Sequence[Handful]) -> list[School]:
    held: dict[str, list[Handful]] = {}
    for batch in batches:
        if batch.school_code:
            held.setdefault(batch.school_code, []).append(batch)
    return [
        School(
            code=code,
            place=members[0].place,
            line=Line(
                key=code,
                wanted=0,
                cards=sum(one.cards or 0 for one in members),
                came=sum(one.spent for one in members),
            ),
            batches=tuple(members),
        )
        for code, members in held.items()
    ]


def _rates(session: Session, wave: Wave, total: Line, by_telephone: Mapping[str, int]) -> OutcomeRates:
    """The outcome rates of everybody who was drawn or put in for somebody, whatever became of their card."""
    cards = total.cards + cards_revoked(session, wave)
    called = {name: n for name, n in by_telephone.items() if name != "complete"}
    return outcome_rates(_dispositions(total, cards, Counter(called) + given_up(session, wave)))


def _dispositions(total: Line, cards: int, told: Mapping[str, int]) -> Dispositions:
    """How *cards* stand: sent in (I), begun and not sent (R), as *told* by calls and replacements, else UO.

    A card that nobody has used does not say whether it reached somebody who belongs to the group, hence
    eligibility unknown; where somebody was called or replaced, what is known of them counts instead.
    """
    silent = max(0, cards - total.came - sum(told.values()))
    begun = min(total.begun, silent)
    found = Counter(told)
    found.update(complete=total.came, refusal=begun, unknown_other=silent - begun)
    return Dispositions(**found)
