"""A reader who adds and subtracts everything that is published, by linear programming.

The reader knows more than readers do: which answers stand in which cell of every table, and how many of them
there are (the counts of a county's progress page tell most of that). What is unknown is how many in each such
set are satisfied. Every published number is an equation; for each withheld number the least and the greatest
value that all of them allow is computed. Whole numbers are relaxed to real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from survey_app.results.disclosure import WIDTH, Atom, Key


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """A withheld number that a reader can tell too closely."""

    cell: Key
    least: float
    greatest: float
    true: int


@dataclass(kw_only=True)
class Knowledge:
    """What a reader knows of the satisfied among *atoms*."""

    atoms: Sequence[Atom]
    #: Coefficients by atom, and what they add up to.
    equations: list[tuple[np.ndarray, float]] = field(default_factory=list)
    #: Coefficients by atom, and what they do not exceed.
    limits: list[tuple[np.ndarray, float]] = field(default_factory=list)

    def cell(self, key: Key) -> np.ndarray:
        """The atoms that stand in a cell."""
        return np.array([float(key in atom.cells) for atom in self.atoms])

    def read_whole(self) -> None:
        """Read the official number of satisfied questionnaires."""
        self.equations.append((np.ones(len(self.atoms)), float(sum(atom.above for atom in self.atoms))))

    def read(self, shown: Mapping[Key, int]) -> None:
        """Read published numbers of satisfied questionnaires."""
        self.equations += [(self.cell(key), float(value)) for key, value in shown.items()]

    def range(self, wanted: np.ndarray) -> tuple[float, float]:
        """The least and the greatest value of a sum that everything known allows."""
        known = np.array([row for row, _ in self.equations])
        values = [value for _, value in self.equations]
        most = np.array([row for row, _ in self.limits]) if self.limits else None
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(
                sign * wanted,
                A_eq=known,
                b_eq=values,
                A_ub=most,
                b_ub=[value for _, value in self.limits] or None,
                bounds=[(0, atom.n) for atom in self.atoms],
                method="highs",
            )
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return round(ends[0], 6), round(ends[1], 6)


def attack(knowledge: Knowledge, hidden: Sequence[Key], *, width: float = WIDTH) -> list[Pinned]:
    """The withheld cells that can be told closer than *width* and not by the official rate alone.

    If nearly everybody is satisfied, the official rate says so of every group, whatever else is withheld.
    """
    whole = Knowledge(atoms=knowledge.atoms)
    whole.read_whole()
    found = []
    for cell in hidden:
        wanted = knowledge.cell(cell)
        least, greatest = knowledge.range(wanted)
        unavoidable = whole.range(wanted)
        if greatest - least < min(width, unavoidable[1] - unavoidable[0]) - 1e-6:
            true = sum(atom.above for atom in knowledge.atoms if cell in atom.cells)
            found.append(Pinned(cell=cell, least=least, greatest=greatest, true=true))
    return found


def sums(atoms: Sequence[Atom]) -> dict[Key, tuple[int, int]]:
    """Every cell's questionnaires, and the satisfied among them."""
    found: dict[Key, tuple[int, int]] = {}
    for atom in atoms:
        for key in atom.cells:
            n, above = found.get(key, (0, 0))
            found[key] = n + atom.n, above + atom.above
    return found
