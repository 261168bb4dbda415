"""Controlled rounding: whole numbers for a two-way table that still add up.

Of a table of exact numbers, every cell, row, column and the total becomes one of the two whole numbers beside
it, and the parts add up to the whole (Cox and Ernst 1982, INFOR 20:423; Cox 1987, Journal of the American
Statistical Association 82:520). Where limits make that impossible, the result departs as little as it can:
the total least of all, then rows, then columns, then cells; among equals the sum of squared departures is
smallest. The search is a minimum-cost flow in whole numbers, without any float.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import ArgumentError
from sampling.population import check_count

#: A place in the table: ("cell", row, column), ("row", row, 0), ("column", 0, column) or ("total", 0, 0).
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedTable:
    """A table of whole numbers beside its exact one."""

    #: The exact cells, row by row.
    exact: tuple[tuple[Fraction, ...], ...]
    #: The whole cells.
    n: tuple[tuple[int, ...], ...]
    #: What the rows were to add up to.
    exact_rows: tuple[Fraction, ...]
    #: What the columns were to add up to.
    exact_columns: tuple[Fraction, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """The sums of the rows."""
        return tuple(map(sum, self.n))

    @property
    def columns(self) -> tuple[int, ...]:
        """The sums of the columns."""
        return tuple(map(sum, zip(*self.n, strict=True)))

    @property
    def total(self) -> int:
        """The sum of all cells."""
        return sum(self.rows)


def round_table(
    table: Sequence[Sequence[Fraction | int]],
    *,
    at_most: Sequence[Sequence[int | None]] | None = None,
    rows: Sequence[Fraction | int] | None = None,
    columns: Sequence[Fraction | int] | None = None,
) -> RoundedTable:
    """Round *table* so that every cell, row, column and the total is adjacent to its exact value.

    >>> half = Fraction(1, 2)
    >>> made = round_table([[3 * half, 3 * half], [half, half]])
    >>> made.n, made.rows, made.columns
    (((1, 2), (1, 0)), (3, 1), (2, 2))

    Args:
        table: Exact numbers from 0, row by row; so not floats.
        at_most: The most each cell can hold; None for a cell, or in all, for no limit.
        rows: What the rows should add up to, where the table's own sums are not it.
        columns: Likewise the columns; their sum is that of the rows.

    Raises:
        ArgumentError: No table, a number of another kind, or margins of different sums.
    """
    exact = _checked(table)
    limits = _limits(exact, at_most)
    row_sums = _margin("rows", rows, [sum(row, Fraction(0)) for row in exact])
    column_sums = _margin(
        "columns", columns, [sum(column, Fraction(0)) for column in zip(*exact, strict=True)]
    )
    if sum(row_sums) != sum(column_sums):
        raise ArgumentError(
            "columns", value=sum(column_sums), rule=f"must add up as the rows, {sum(row_sums)}"
        )
    wanted: dict[Place, Fraction] = {("total", 0, 0): sum(row_sums, Fraction(0))}
    wanted |= {("row", i, 0): value for i, value in enumerate(row_sums)}
    wanted |= {("column", 0, j): value for j, value in enumerate(column_sums)}
    wanted |= {("cell", i, j): value for i, row in enumerate(exact) for j, value in enumerate(row)}
    n = _settle(wanted, limits, len(row_sums), len(column_sums))
    return RoundedTable(exact=exact, n=n, exact_rows=tuple(row_sums), exact_columns=tuple(column_sums))


def _settle(
    wanted: dict[Place, Fraction], limits: list[list[float]], rows: int, columns: int
) -> tuple[tuple[int, ...], ...]:
    """Begin with cells rounded down; move units around cycles while that makes the table better.

    A unit runs source → row → column → sink → source.
    """
    source, sink = rows + columns, rows + columns + 1
    ends: dict[Place, tuple[int, int]] = {("total", 0, 0): (sink, source)}
    ends |= {("row", i, 0): (source, i) for i in range(rows)}
    ends |= {("column", 0, j): (rows + j, sink) for j in range(columns)}
    ends |= {("cell", i, j): (i, rows + j) for i in range(rows) for j in range(columns)}
    change = _changes(wanted, limits)
    n = _begin(wanted, limits, rows, columns)
    while cycle := _better([(*ends[place], place) for place in n], n, change, sink + 1):
        costs = [change(place, n[place], step) for place, step in cycle]
        while math.inf not in costs and sum(costs) < 0:
            for place, step in cycle:
                n[place] += step
            costs = [change(place, n[place], step) for place, step in cycle]
    return tuple(tuple(n["cell", i, j] for j in range(columns)) for i in range(rows))


def _begin(
    wanted: dict[Place, Fraction], limits: list[list[float]], rows: int, columns: int
) -> dict[Place, int]:
    n: dict[Place, int] = dict.fromkeys(wanted, 0)
    for i in range(rows):
        for j in range(columns):
            cell = int(min(math.floor(wanted["cell", i, j]), limits[i][j]))
            n["cell", i, j] = cell
            for place in (("row", i, 0), ("column", 0, j), ("total", 0, 0)):
                n[place] += cell
    return n


def _changes(wanted: dict[Place, Fraction], limits: list[list[float]]) -> Callable[[Place, int, int], float]:
    """Return what one unit more or less than *n* costs at a place; infinity where it cannot be.

    The cost is the rise of the squared departure and, beyond the adjacent values, a penalty that is larger
    than all that lesser places could gain by it. Whole numbers, since all is scaled.
    """
    scale = math.lcm(*(value.denominator for value in wanted.values()))
    places = math.ceil(wanted["total", 0, 0]) + len(wanted)
    square = 4 * scale * places * len(wanted)
    weights = {"cell": square, "column": square**2, "row": square**3, "total": square**4}
    scaled = {place: int(value * scale) for place, value in wanted.items()}

    def change(place: Place, n: int, step: int) -> float:
        kind, i, j = place
        limit = limits[i][j] if kind == "cell" else math.inf
        if not 0 <= n + step <= limit:
            return math.inf
        low = n if step > 0 else n - 1
        exact = scaled[place]
        beyond = (low * scale >= exact) - (low * scale < exact - exact % scale)
        return step * (scale * (2 * low + 1) - 2 * exact + beyond * weights[kind])

    return change


def _better(
    arcs: list[tuple[int, int, Place]],
    n: dict[Place, int],
    change: Callable[[Place, int, int], float],
    nodes: int,
) -> list[tuple[Place, int]]:
    """Return the changes around a cycle of negative cost (Bellman and Ford), or nothing."""
    moves = [(tail, head, place, 1, change(place, n[place], 1)) for tail, head, place in arcs]
    moves += [(head, tail, place, -1, change(place, n[place], -1)) for tail, head, place in arcs]
    distance: list[float] = [0] * nodes
    reached: list[tuple[int, Place, int] | None] = [None] * nodes
    last = None
    for _ in range(nodes):
        last = None
        for tail, head, place, step, cost in moves:
            if cost is not math.inf and distance[tail] + cost < distance[head]:
                distance[head] = distance[tail] + cost
                reached[head] = (tail, place, step)
                last = head
        if last is None:
            return []
    return _cycle_to(last, reached, nodes)


def _cycle_to(
    node: int | None, reached: list[tuple[int, Place, int] | None], nodes: int
) -> list[tuple[Place, int]]:
    """Walk back from *node* until a node comes again, and return the changes between."""
    for _ in range(nodes):
        if node is not None and (step := reached[node]):
            node = step[0]
    cycle: list[tuple[Place, int]] = []
    start = node
    while node is not None and (step := reached[node]):
        node, place, change = step
        cycle.append((place, change))
        if node == start:
            break
    return cycle


def _checked(table: Sequence[Sequence[Fraction | int]]) -> tuple[tuple[Fraction, ...], ...]:
    if not table or not table[0] or len({len(row) for row in table}) != 1:
        raise ArgumentError("table", value=table, rule="must have rows of one length, at least 1")
    return tuple(tuple(_number(f"row {i}", value) for value in row) for i, row in enumerate(table, start=1))


def _number(name: str, value: Fraction | int) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Fraction | int) or value < 0:
        raise ArgumentError(name, value=value, rule="must hold Fractions from 0")
    return Fraction(value)


def _limits(
    exact: Sequence[Sequence[Fraction]], at_most: Sequence[Sequence[int | None]] | None
) -> list[list[float]]:
    if at_most is None:
        return [[math.inf] * len(row) for row in exact]
    if [len(row) for row in at_most] != [len(row) for row in exact]:
        raise ArgumentError("at_most", value=at_most, rule="must have the form of the table")
    for row in at_most:
        for limit in row:
            if limit is not None:
                check_count("at_most", limit, at_least=0)
    return [[math.inf if limit is None else limit for limit in row] for row in at_most]


def _margin(name: str, given: Sequence[Fraction | int] | None, own: list[Fraction]) -> list[Fraction]:
    if given is None:
        return own
    if len(given) != len(own):
        raise ArgumentError(name, value=given, rule=f"must be {len(own)} numbers")
    return [_number(name, value) for value in given]
