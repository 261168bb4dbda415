"""A question put to all schools of many counties at once, and the codes its answers are given in."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from evaluation.formulas import FORMULAS
from evaluation.questions import Question
from evaluation.resources import CODES
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.school_table import SchoolTable
from evaluation.terms import Bound, Scope

if TYPE_CHECKING:
    import numpy as np

MET, NOT_MET, UNDETERMINED = 1, 0, -1

CODE_OF = {outcome: code for code, outcome in CODES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Which outcomes a criterion has in every county."""

    #: The id under which it is a reason; None where other findings give the reasons.
    reason: str | None
    #: counties × 3 truth values, indexed by code: 0 not met, 1 met, −1 (the last column) undetermined.
    found: "np.ndarray"


def conclusions(found: "np.ndarray") -> "np.ndarray":
    """Return one code for every county: what :func:`evaluation.findings.conclude` says of its outcomes."""
    import numpy as np

    certain = found[:, MET] & ~found[:, UNDETERMINED]
    return np.where(found[:, NOT_MET], NOT_MET, np.where(certain, MET, UNDETERMINED))


def one_each(codes: "np.ndarray") -> "np.ndarray":
    """Return counties × 3 truth values for one code in every county."""
    import numpy as np

    found = np.zeros((len(codes), 3), dtype=bool)
    found[np.arange(len(codes)), codes] = True
    return found


def both(first: "np.ndarray", second: "np.ndarray") -> "np.ndarray":
    """Conclude on two codes: not met decides, then undetermined."""
    import numpy as np

    failed = (first == NOT_MET) | (second == NOT_MET)
    return np.where(failed, NOT_MET, np.minimum(first, second))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnQuestion:
    """One criterion, put to all schools of a table."""

    table: SchoolTable
    scheme: Scheme
    section: str
    item: Item
    criterion: Any
    #: counties × stages × indicators: codes of the difference coefficients.
    differences: "np.ndarray"

    @property
    def id(self) -> str:
        """The criterion's full id, e.g. ``G13``."""
        return self.item.criterion_id(self.criterion)

    def of(self, place: int) -> Question:
        """Return the question to one county, without its schools."""
        return Question(
            county=self.table.counties[place],
            scheme=self.scheme,
            section=self.section,
            item=self.item,
            criterion=self.criterion,
        )

    def exactly(self, row: int) -> int:
        """Return the code that the formula itself finds for one school."""
        question = self.of(int(self.table.county[row]))
        file = question.county.model_copy(update={"schools": [self.table.school(row)]})
        alone = Question(
            county=file,
            scheme=self.scheme,
            section=self.section,
            item=self.item,
            criterion=self.criterion,
        )
        (finding,) = FORMULAS[self.criterion.formula](alone)
        return CODE_OF[finding.outcome]

    def covered(self, scope: Scope | None = None) -> "np.ndarray":
        """Return n truth values: the schools in the criterion's scope, or in *scope*."""
        import numpy as np

        scope, table = scope or self.criterion.scope, self.table
        covered = np.ones(len(table), dtype=bool)
        for path, wanted in (
            ("kind", scope.kinds),
            ("locality", scope.localities),
            ("ownership", scope.ownership),
        ):
            if wanted is not None:
                covered &= table.is_one_of(path, wanted)
        if scope.without_kinds is not None:
            covered &= ~table.is_one_of("kind", scope.without_kinds)
        if scope.boarding is not None:
            covered &= table.flags["boarding"] == scope.boarding
        return covered

    def by_school(self, *asked: "tuple[np.ndarray, np.ndarray]") -> list[Answer]:
        """Return the outcomes of schools: pairs of n codes and n truth values, who is asked.

        Where nobody is asked the question concerns no school: met, if there are schools at all.
        """
        import numpy as np

        counties = len(self.table.counties)
        found = np.zeros((counties, 3), dtype=bool)
        for codes, mask in asked:
            place = self.table.county[mask] * 3 + codes[mask] % 3
            found |= np.bincount(place, minlength=counties * 3).reshape(counties, 3) > 0
        return [Answer(reason=self.item.id, found=found), self.nobody(np.logical_not(found.any(axis=1)))]

    def nobody(self, unconcerned: "np.ndarray") -> Answer:
        """Return the answer of the counties in which no school is concerned."""
        import numpy as np

        codes = np.where(self.table.schools > 0, MET, UNDETERMINED)
        return Answer(reason=self.id, found=one_each(codes) & unconcerned[:, None])


def any_of(table: SchoolTable, chosen: "np.ndarray") -> "np.ndarray":
    """Return for every county whether any of its schools is chosen."""
    import numpy as np

    return np.bincount(table.county[chosen], minlength=len(table.counties)) > 0


def holds(bound: Bound, values: "np.ndarray") -> "np.ndarray":
    """Return whether raw figures keep a bound, exactly: a double stands for the decimal it prints as."""
    import numpy as np

    limit = float(bound.threshold)
    better = values > limit if bound.wants_more else values < limit
    return np.where(values == limit, bound.holds(Fraction(repr(limit))), better)
