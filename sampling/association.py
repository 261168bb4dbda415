"""How a column's levels are shared out, and whether two columns go together.

References:
    Rao, Scott (1984), On chi-squared tests for multiway contingency tables with cell proportions estimated
    from survey data, Annals of Statistics 12:46–60. Koch, Freeman, Freeman (1975), Strategies in the
    multivariate analysis of data from complex surveys, International Statistical Review 43:59–78 (Wald).
    Thomas, Rao (1987), Small-sample comparisons of level and power for simple goodness-of-fit statistics
    under cluster sampling, Journal of the American Statistical Association 82:630–636 (the adjustment).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from sampling.answers import DesignColumns, Sampled, sampled
from sampling.columns import Floats, Levels, Table, levels
from sampling.contrasts import known
from sampling.errors import ArgumentError, ColumnError
from sampling.estimation import Estimate, estimate
from sampling.linearisation import linearised


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The shares of a column's levels in one domain; they add up to 1."""

    #: The column.
    value: str
    #: The domain: column → level. Empty for everybody.
    by: Mapping[str, Any]
    #: The levels, sorted.
    levels: tuple[Any, ...]
    #: Their shares.
    shares: tuple[Estimate, ...]
    #: How the shares vary together.
    covariance: tuple[tuple[float | None, ...], ...]


def distribution(
    columns: Table,
    *,
    value: str,
    by: Sequence[str] = (),
    method: str = "logit",
    level: float = 0.95,
    lonely: str = "fail",
    **design: Unpack[DesignColumns],
) -> list[Distribution]:
    """Return the share of each level of a column, for everybody or by domain.

    >>> answers = {"rating": ["good", "fair", "good", "poor", "good", "good"], "school": list("aabbcc")}
    >>> (found,) = distribution(answers, value="rating", psu="school")
    >>> [(level, round(one.estimate, 3)) for level, one in zip(found.levels, found.shares)]
    [('fair', 0.167), ('good', 0.667), ('poor', 0.167)]

    Args:
        columns: Name → one entry for each row.
        value: The column; None and NaN are missing and count nowhere.
        by: Columns whose combinations form the domains.
        method: As for `estimate`.
        level: The intervals' level.
        lonely: As for `estimate`.
        design: The columns of the design, as for `estimate`.

    Raises:
        ColumnError: A column cannot be used, or every entry is missing.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: An unknown option.
    """
    table = sampled(columns, [value, *by], lonely=lonely, **design)
    found = _levels(columns, value, at_least=1)
    domains = table.domains(by)
    shares = [
        estimate(
            {**columns, f"{value}={label}": np.where(found.index < 0, np.nan, found.index == place)},
            value=f"{value}={label}",
            by=by,
            method=method,
            level=level,
            lonely=lonely,
            **design,
        )
        for place, label in enumerate(found.labels)
    ]
    result = []
    for place, domain in enumerate(domains.labels):
        inside = (found.index >= 0) & (domains.index == place)
        cells = np.where(inside, found.index, -1)
        covariance = table.covariance(_share_terms(table, cells, len(found.labels)), inside=inside)
        result.append(
            Distribution(
                value=value,
                by=dict(zip(by, domain, strict=True)),
                levels=found.labels,
                shares=tuple(each[place] for each in shares),
                covariance=tuple(tuple(known(each) for each in row) for row in covariance.tolist()),
            )
        )
    return result


def _share_terms(table: Sampled, cells: np.ndarray, size: int) -> Floats:
    """Return rows × cells: the linearised values of each cell's share among the rows in a cell."""
    inside = (cells >= 0).astype(np.float64)
    return np.hstack(
        [
            linearised(
                table.design,
                y=(cells == cell).astype(np.float64),
                x=inside,
                domain=np.where(cells >= 0, 0, -1),
                domains=1,
            )
            for cell in range(size)
        ]
    )


def _levels(columns: Table, name: str, *, at_least: int) -> Levels:
    found = levels(columns, name, missing=True)
    if len(found.labels) < at_least:
        raise ColumnError(name, rule="too_few_levels", value=found.labels)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A test of whether two columns go together; None where it cannot be computed."""

    #: The columns.
    row: str
    column: str
    #: Their levels, sorted.
    row_levels: tuple[Any, ...]
    column_levels: tuple[Any, ...]
    #: Rows × columns: the weighted numbers of people.
    table: tuple[tuple[float, ...], ...]
    #: Answers that have both.
    n: int
    #: Which test: `F`, `Chisq`, `Wald` or `adjWald`.
    test: str
    #: The test statistic.
    statistic: float | None
    #: Degrees of freedom, above and below; the latter None for `Chisq`.
    df: float | None
    df_below: float | None
    #: How often chance alone would show as much if the columns had nothing to do with each other.
    p: float | None
    #: Mean of the generalised design effects; None for the Wald tests, which need none.
    deff: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The cells of a two-way table, row by row."""

    table: Sampled
    #: Row of the data → its cell; −1 for none.
    index: np.ndarray
    #: Rows × columns: shares of all.
    shares: Floats
    #: The sum of weights.
    people: float
    n: int
    #: Primary units less strata.
    degrees: int

    @property
    def freedom(self) -> int:
        """(rows − 1) (columns − 1)."""
        rows, columns = self.shares.shape
        return (rows - 1) * (columns - 1)

    @property
    def expected(self) -> Floats:
        """The shares that the margins alone imply."""
        return np.outer(self.shares.sum(axis=1), self.shares.sum(axis=0))


#: A test's outcome: statistic, degrees of freedom above and below, p, design effect.
_Outcome = tuple[float, float, float | None, float, float | None]


def _pearson(cells: _Cells) -> tuple[float, Floats]:
    """Return Pearson's statistic for n answers, and the matrix whose eigenvalues are its design effects."""
    shares = cells.shares.ravel()
    covariance = cells.table.covariance(
        _share_terms(cells.table, cells.index, len(shares)), inside=cells.index >= 0
    )
    inverse = np.divide(1, shares, out=np.zeros_like(shares), where=shares > 0)[:, np.newaxis]
    basis = np.kron(*(np.eye(size)[:, 1:] - 1 / size for size in cells.shares.shape)) * inverse
    simple = basis.T @ (basis / inverse.clip(1)) / cells.n
    effects = np.linalg.pinv(simple) @ (basis.T @ covariance @ basis)
    return cells.n * float(((cells.shares - cells.expected) ** 2 / cells.expected).sum()), effects


def _rao_scott_f(cells: _Cells) -> _Outcome:
    """Rao and Scott's second-order correction, as F."""
    from scipy import special

    pearson, effects = _pearson(cells)
    trace = float(np.trace(effects))
    df = trace**2 / float(np.trace(effects @ effects))
    statistic, below = pearson / trace, df * cells.degrees
    return statistic, df, below, float(special.fdtrc(df, below, statistic)), trace / cells.freedom


def _rao_scott_chi_squared(cells: _Cells) -> _Outcome:
    """Rao and Scott's first-order correction, as χ²; the statistic is shown uncorrected, as R does."""
    from scipy import special

    pearson, effects = _pearson(cells)
    deff = float(np.trace(effects)) / cells.freedom
    return pearson, cells.freedom, None, float(special.chdtrc(cells.freedom, pearson / deff)), deff


def _wald_quadratic(cells: _Cells) -> float:
    """Return how far the numbers lie from the margins' product, in their own covariance."""
    sums = cells.shares * cells.people
    above, across = sums.sum(axis=1), sums.sum(axis=0)
    rows, columns = np.divmod(cells.index, sums.shape[1])
    inside = (cells.index >= 0)[:, np.newaxis]
    terms = np.stack(
        [
            (cells.index == i * sums.shape[1] + j)
            - ((rows == i) * across[j] + (columns == j) * above[i]) / cells.people
            + above[i] * across[j] / cells.people**2
            for i in range(1, sums.shape[0])
            for j in range(1, sums.shape[1])
        ],
        axis=1,
    )
    covariance = cells.table.covariance(np.where(inside, terms, 0.0), inside=inside[:, 0])
    gaps = (sums - np.outer(above, across) / cells.people)[1:, 1:].ravel()
    if np.linalg.matrix_rank(covariance) < len(gaps):
        return np.nan
    return float(gaps @ np.linalg.solve(covariance, gaps))


def _wald(cells: _Cells) -> _Outcome:
    """Koch, Freeman and Freeman's Wald test, as F."""
    from scipy import special

    statistic = _wald_quadratic(cells) / cells.freedom
    p = float(special.fdtrc(cells.freedom, cells.degrees, statistic))
    return statistic, cells.freedom, cells.degrees, p, None


def _adjusted_wald(cells: _Cells) -> _Outcome:
    """The Wald test adjusted for few primary units, as F."""
    from scipy import special

    below = cells.degrees - cells.freedom + 1
    statistic = _wald_quadratic(cells) * below / (cells.freedom * cells.degrees) if cells.degrees else np.nan
    return statistic, cells.freedom, below, float(special.fdtrc(cells.freedom, below, statistic)), None


#: Test → how it is computed. Names as in R's `svychisq`.
TESTS: dict[str, Callable[[_Cells], _Outcome]] = {
    "F": _rao_scott_f,
    "Chisq": _rao_scott_chi_squared,
    "Wald": _wald,
    "adjWald": _adjusted_wald,
}


def association(
    columns: Table,
    *,
    row: str,
    column: str,
    test: str = "F",
    lonely: str = "fail",
    **design: Unpack[DesignColumns],
) -> Association:
    """Test whether two columns of levels go together, under the design.

    >>> answers = {
    ...     "place": list("ttttttttuuuuuuuu"),
    ...     "rating": list("gggggpggppgppggp"),
    ...     "school": list("aabbccddeeffgghh"),
    ... }
    >>> found = association(answers, row="place", column="rating", psu="school")
    >>> round(found.statistic, 3), found.df, found.df_below, round(found.p, 3)
    (5.246, 1.0, 7.0, 0.056)

    Args:
        columns: Name → one entry for each row.
        row: A column of levels; rows without one count nowhere.
        column: Another.
        test: `F` (Rao and Scott, second order), `Chisq` (first order), `Wald` or `adjWald`.
        lonely: As for `estimate`.
        design: The columns of the design, as for `estimate`.

    Raises:
        ColumnError: A column cannot be used, or fewer than two of its levels have answers.
        LonelyUnitError: A variance cannot be estimated and *lonely* does not say what to do.
        ArgumentError: An unknown test.
    """
    if test not in TESTS:
        raise ArgumentError("test", value=test, rule=f"must be one of {tuple(TESTS)}")
    table = sampled(columns, [row, column], lonely=lonely, **design)
    one, other = (_levels(columns, name, at_least=2) for name in (row, column))
    inside = (one.index >= 0) & (other.index >= 0) & (table.design.weight > 0)
    one, other = _present(one, inside, row), _present(other, inside, column)
    index = np.where(inside, one.index * len(other.labels) + other.index, -1)
    sums = np.bincount(
        index[inside], weights=table.design.weight[inside], minlength=len(one.labels) * len(other.labels)
    ).reshape(len(one.labels), len(other.labels))
    cells = _Cells(
        table=table,
        index=index,
        shares=sums / sums.sum(),
        people=float(sums.sum()),
        n=int(inside.sum()),
        degrees=table.degrees(inside),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic, df, below, p, deff = TESTS[test](cells)
    decided = below is None or below > 0
    return Association(
        row=row,
        column=column,
        row_levels=one.labels,
        column_levels=other.labels,
        table=tuple(map(tuple, sums.tolist())),
        n=cells.n,
        test=test,
        statistic=known(statistic) if decided else None,
        df=known(df),
        df_below=below,
        p=known(p) if decided else None,
        deff=None if deff is None else known(deff),
    )


def _present(found: Levels, inside: np.ndarray, name: str) -> Levels:
    """Return the levels that occur among the rows *inside*."""
    kept, index = np.unique(found.index[inside], return_inverse=True)
    if len(kept) < 2:
        raise ColumnError(name, rule="too_few_levels", value=tuple(found.labels[place] for place in kept))
    place = np.full(len(found.index), -1, dtype=np.intp)
    place[inside] = index.reshape(-1)
    return Levels(index=place, labels=tuple(found.labels[each] for each in kept))
