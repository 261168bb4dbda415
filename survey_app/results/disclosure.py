"""Which figures may be shown: nothing about fewer than ten, nothing that subtraction would reveal.

A wave is shown in many tables: by group, by place, by school type, by the way people came. Each of them adds
up to the same whole, so that a figure withheld in one can follow from the others. `settle` decides the cells
of all tables together: it withholds the small ones, then plays the reader who adds and subtracts everything
that is shown (a linear programme), and withholds more until that reader cannot tell a withheld number within
five. The decision is made once, when the figures are frozen; `published_tables` lists what was published.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

#: The least number of answers behind a figure, and the least number left outside a breakdown.
MINIMUM = 10
COMPLEMENT = 3

#: A withheld number of satisfied questionnaires must be possible over a range at least this wide.
WIDTH = 5

#: What two computed widths may differ by without differing.
_NEGLIGIBLE = 1e-5

#: A figure of fewer schools than this is the figure of a school: its rate is capped.
FEW_SCHOOLS = 3

#: From here on and down to here a school's rate is told as "at least" and "at most" only.
HIGH, LOW = Fraction(95, 100), Fraction(5, 100)

#: The level of those who came by a poster.
POSTERS = "~poster"

#: A table and one of its levels.
Key = tuple[str, str]

#: The number of all satisfied questionnaires, where it is withheld as well.
WHOLE: Key = ("", "whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """Answers that stand in the same cell of every table."""

    #: Table -> its levels that they stand in.
    levels: Mapping[str, tuple[str, ...]]
    #: Valid questionnaires (or ratings), and the satisfied (positive) among them.
    n: int
    above: int

    @property
    def cells(self) -> frozenset[Key]:
        """The cells that they stand in."""
        return frozenset((table, level) for table, levels in self.levels.items() for level in levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One published number; None where it is withheld."""

    level: str
    #: ``valid`` or ``satisfied``; ``rated`` or ``positive``.
    measure: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One published table: of every measure the whole, and the parts that make it up."""

    name: str
    #: What the parts add up to, by measure; None where they do not add up to anything that is shown.
    whole: Mapping[str, int | None]
    cells: tuple[Cell, ...]


def withheld(counts: Mapping[str, int]) -> frozenset[str]:
    """The parts of a whole whose figures are withheld, given the answers in each part.

    A part is withheld with fewer than ten answers, or when fewer than three lie outside it. Where the total
    would give a withheld part away, the next smallest goes too.

    >>> sorted(withheld({"parent": 270, "teacher": 45, "deputy": 44, "principal": 4}))
    ['deputy', 'principal']
    >>> sorted(withheld({"parent": 270, "teacher": 45}))
    []
    """
    present = {part: n for part, n in counts.items() if n}
    total = sum(present.values())
    hidden = {part for part, n in present.items() if n < MINIMUM or 0 < total - n < COMPLEMENT}
    shown = sorted((part for part in present if part not in hidden), key=lambda part: (present[part], part))
    while hidden and shown and (len(hidden) < 2 or sum(present[part] for part in hidden) < MINIMUM):
        hidden.add(shown.pop(0))
    return frozenset(hidden)


def may_show(n: int) -> bool:
    """Whether a figure that rests on *n* answers may be shown."""
    return n >= MINIMUM


def capped(rate: Fraction, *, schools: int) -> str:
    """``high`` or ``low`` where the rate of so few *schools* may be told as a limit only; else empty.

    >>> capped(Fraction(1), schools=1), capped(Fraction(9, 10), schools=1), capped(Fraction(1), schools=3)
    ('high', '', '')
    """
    if schools >= FEW_SCHOOLS:
        return ""
    return "high" if rate >= HIGH else "low" if rate <= LOW else ""


def settle(
    atoms: Sequence[Atom],
    *,
    sensitive: Collection[Key] = (),
    mean_of: str = "",
    helping: Collection[str] = (),
) -> frozenset[Key]:
    """Decide which cells of all tables together are withheld.

    >>> places = [("parent", "town", 60), ("parent", "rural", 40), ("student", "town", 7), ("teacher", "", 9)]
    >>> places += [("deputy", "", 12)]
    >>> atoms = [Atom(levels={"group": (w,), "place": (at,)}, n=n, above=n // 2) for w, at, n in places]
    >>> [level for _, level in sorted(settle(atoms))]
    ['deputy', 'parent', 'student', 'teacher']

    By itself the table of groups would withhold pupils and teachers only. But parents and pupils are all that
    has a place: the places' sum less the parents would be the pupils, and the rest less the deputies the
    teachers.

    Args:
        atoms: The answers by the cells they stand in; every atom is part of the whole, which is shown.
        sensitive: Cells to withhold in any case.
        mean_of: The table whose levels' rates are averaged to the official rate, which is shown too; empty
            where the official rate is satisfied by valid questionnaires.
        helping: Tables whose cells are known where they are shown, but need no hiding for their own sake:
            they are the first to go where that hides another one.

    Returns:
        The withheld cells as (table, level); `WHOLE` among them where the number of all satisfied
        questionnaires beside the averaged rate would give a cell away whatever else is withheld.
    """
    sizes = _sizes(atoms)
    whole = sum(atom.n for atom in atoms)
    # A table of one level says what the whole says.
    hidden = {key for key in sensitive if 0 < sizes.get(key, 0) < whole}
    for table in {table for table, _ in sizes}.difference(helping):
        own = {level: n for (of, level), n in sizes.items() if of == table}
        hidden |= {(table, level) for level in withheld(own)}
    while pinned := _first_pinned(atoms, hidden, mean_of, helping):
        further = _next(atoms, sizes, hidden, pinned, mean_of, helping)
        if further is None and mean_of and WHOLE not in hidden:
            further = WHOLE
        if further is None:
            break
        hidden.add(further)
    return frozenset(hidden)


def _first_pinned(
    atoms: Sequence[Atom], hidden: set[Key], mean_of: str, helping: Collection[str]
) -> Key | None:
    """The first withheld cell that a reader can tell too closely."""
    wanted = (cell for cell in sorted(hidden) if cell[0] not in helping)
    return next((cell for cell in wanted if _is_pinned(atoms, hidden, cell, mean_of)), None)


def _sizes(atoms: Sequence[Atom]) -> dict[Key, int]:
    sizes: Counter[Key] = Counter()
    for atom in atoms:
        sizes.update(dict.fromkeys(atom.cells, atom.n))
    return {key: n for key, n in sizes.items() if n}


def _open(
    atoms: Sequence[Atom],
    sizes: Mapping[Key, int],
    hidden: set[Key],
    cell: Key,
    helping: Collection[str],
) -> list[Key]:
    """Shown cells that could hide *cell*: helping ones, those of its table, those beside it, then others."""
    beside = {key for atom in atoms if cell in atom.cells for key in atom.cells}
    able = [key for key in sizes if key not in hidden]
    return sorted(
        able,
        key=lambda key: (key[0] not in helping, key[0] != cell[0], key not in beside, sizes[key], key),
    )


def _next(
    atoms: Sequence[Atom],
    sizes: Mapping[Key, int],
    hidden: set[Key],
    cell: Key,
    mean_of: str,
    helping: Collection[str],
) -> Key | None:
    """The first cell whose absence leaves *cell* open, else the first that could help at all."""
    able = _open(atoms, sizes, hidden, cell, helping)
    for key in able:
        if not _is_pinned(atoms, hidden | {key}, cell, mean_of):
            return key
    return able[0] if able else None


def _is_pinned(atoms: Sequence[Atom], hidden: Collection[Key], cell: Key, mean_of: str) -> bool:
    """Whether a reader can tell the satisfied of *cell* too closely, where the official rate alone does not.

    Where nearly everybody is satisfied, the official rate says so of every cell, and nothing can hide it.
    """
    if cell == WHOLE:
        return False
    wanted = [cell in atom.cells for atom in atoms]
    if mean_of:
        everything = {key for atom in atoms for key in atom.cells} | {WHOLE}
        unavoidable = _width(atoms, everything, wanted, mean_of)
    else:
        n = sum(atom.n for atom, own in zip(atoms, wanted, strict=True) if own)
        above, below = sum(atom.above for atom in atoms), sum(atom.n - atom.above for atom in atoms)
        unavoidable = min(n, above) - max(0, n - below)
    least = min(WIDTH, unavoidable)
    return least > 0 and _width(atoms, hidden, wanted, mean_of) < least - _NEGLIGIBLE


def _width(
    atoms: Sequence[Atom], hidden: Collection[Key], wanted: Sequence[bool], mean_of: str = ""
) -> float:
    """How far apart the least and the greatest possible number of satisfied among the *wanted* atoms lie.

    The reader is taken to know how many questionnaires each atom has: counts of what was sent in are shown.
    """
    import numpy as np
    from scipy.optimize import linprog

    shown = sorted({key for atom in atoms for key in atom.cells} - set(hidden))
    equations = [[float(key in atom.cells) for atom in atoms] for key in shown]
    if WHOLE not in hidden:
        equations.append([1.0] * len(atoms))
    if mean_of:
        sizes = _sizes(atoms)
        equations.append(
            [sum(1 / sizes[mean_of, level] for level in atom.levels[mean_of] if atom.n) for atom in atoms]
        )
    known = np.array(equations).reshape(len(equations), len(atoms))
    above = np.array([atom.above for atom in atoms], dtype=float)
    row = np.array(wanted, dtype=float)
    bounds = [(0, atom.n) for atom in atoms]
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * row, A_eq=known, b_eq=known @ above, bounds=bounds, method="highs")
        ends.append(sign * found.fun)
    return round(ends[1] - ends[0], 6)


def published_tables(outcome: Mapping[str, Any]) -> list[Table]:
    """Every table of counts that the frozen figures of a wave publish, on any page and in any file.

    Args:
        outcome: The frozen figures, of any version.
    """
    official = outcome["official"]
    whole = {"valid": official["valid"], "satisfied": official["satisfied"]}
    apart = dict.fromkeys(whole)
    marks = dict.fromkeys(("rated", "positive"))
    posters = outcome.get("posters")
    return [
        _table("form_vi", "row", outcome["form_vi"], apart),
        _table("group", "kept_as", _by_group(outcome), whole),
        _table("posters", "kept_as", [{**posters, "kept_as": POSTERS}] if posters else [], apart),
        *(_table(each["by"], "level", each["rows"], whole) for each in outcome.get("breakdowns", ())),
        *(_table(name, "id", outcome.get(name, ()), marks) for name in ("topics", "indicators", "items")),
    ]


def _by_group(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The groups by themselves or in their sets, each once, and the posters where they count."""
    merged = list(outcome.get("merged", ()))
    inside = {group for row in merged for group in row["groups"]}
    rows = [{**row, "kept_as": row["group"]} for row in outcome["groups"] if row["group"] not in inside]
    posters = outcome.get("posters")
    if posters and posters["counted"]:
        rows.append({**posters, "kept_as": POSTERS})
    return [*rows, *merged]


def _table(name: str, key: str, rows: Sequence[Mapping[str, Any]], whole: Mapping[str, int | None]) -> Table:
    return Table(
        name=name,
        whole=whole,
        cells=tuple(
            Cell(level=str(row[key]), measure=measure, value=row[measure])
            for row in rows
            for measure in whole
        ),
    )
