"""Weights fitted to known totals, and what they leave of a variance.

Post-stratification, raking and calibration change the weights as little as the totals allow; they differ in
what "little" means and in which totals they can meet. Estimates with such weights vary only as much as the
totals do not explain: `estimate` with a calibration takes the residuals of its linearised values.

References:
    Deville, Särndal (1992), Calibration estimators in survey sampling, Journal of the American Statistical
    Association 87:376–382. Deming, Stephan (1940), On a least squares adjustment of a sampled frequency table
    when the expected marginal totals are known, Annals of Mathematical Statistics 11:427–444 (raking).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.columns import Floats, Table, amounts, row_count, total
from sampling.errors import ArgumentError, CalibrationError, ColumnError
from sampling.targets import Margin, Target, Wanted, measured, numeric_targets, read_margins
from sampling.weights import kish_design_effect

#: The least and the greatest that a weight may be multiplied by.
Bounds = tuple[float, float]

UNBOUNDED: Bounds = (-np.inf, np.inf)

#: Sweeps after which raking gives up, and residuals are as good as they get.
_SWEEPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Fitted weights with their working; give it to `estimate` for standard errors that know of the fit."""

    #: `post_stratification`, `linear`, `raking` or `logit`.
    method: str
    #: Row → its weight before.
    base: Floats
    #: Row → what the weight was multiplied by.
    g: Floats
    #: The least and the greatest multiplier allowed.
    bounds: Bounds
    #: The totals: wanted, before and achieved.
    targets: tuple[Target, ...]
    #: Sweeps over the margins, or steps of the solution.
    iterations: int
    #: How close the totals had to come, as a share of each.
    tolerance: float
    #: Rows × totals: what each row adds to each total, per weight.
    auxiliaries: Floats
    #: Of raking: each margin, and row → the weight as the last sweep left it there, as a share of the final.
    sweep: tuple[tuple[Margin, Floats], ...] = ()

    @property
    def weights(self) -> Floats:
        """Row → its weight."""
        return self.base * self.g

    @property
    def design_effect(self) -> float:
        """Kish's design effect of the fitted weights."""
        return kish_design_effect(self.weights.tolist())

    def residuals(self, values: Floats) -> Floats:
        """Return what the totals do not explain of *values* (rows × columns).

        These are the residuals of a regression weighted by the weights before; after raking they are found
        margin by margin, as the weights were, so that they fit a raking that stopped early as well.
        """
        if self.sweep:
            return _swept(values, self.base, self.sweep)
        root = np.sqrt(self.base)[:, np.newaxis]
        scaled = self.auxiliaries / np.abs(self.auxiliaries).max(axis=0)
        coefficients = np.linalg.lstsq(scaled * root, values * root, rcond=None)[0]
        return values - scaled @ coefficients


def _swept(values: Floats, base: Floats, sweep: Sequence[tuple[Margin, Floats]]) -> Floats:
    """Take the weighted mean of each group off, over all margins in turn, until nothing changes."""
    left, close = values, 1e-13 * np.abs(values).max(initial=0.0)
    for _ in range(_SWEEPS):
        before = left
        for margin, share in sweep:
            size = len(margin.labels)
            people = total(margin.index, base, size)
            terms = left * (base / share)[:, np.newaxis]
            means = np.stack([total(margin.index, term, size) / people for term in terms.T], axis=1)
            left = left - share[:, np.newaxis] * means[margin.index]
        if np.abs(left - before).max(initial=0.0) <= close:
            break
    return left


#: The name that fitted weights go by among the columns, in messages too.
CALIBRATED = "calibrated weight"


def weighted(columns: Table, weight: str | None, calibration: Calibration | None) -> tuple[Table, str | None]:
    """Return the columns and the name of their weights, with fitted weights in place if there are any.

    Raises:
        ArgumentError: A weight is named beside a calibration, which has weights of its own.
    """
    if calibration is None:
        return columns, weight
    if weight is not None:
        raise ArgumentError("weight", value=weight, rule="must be left out where a calibration is given")
    return {**columns, CALIBRATED: calibration.weights}, CALIBRATED


def post_stratify(
    columns: Table,
    *,
    by: str | Sequence[str],
    totals: Mapping[Any, float],
    weight: str | None = None,
) -> Calibration:
    """Return weights that add up to the known size of each group.

    >>> answers = {"band": ["primary", "primary", "junior"]}
    >>> fitted = post_stratify(answers, by="band", totals={"primary": 600, "junior": 400})
    >>> [float(weight) for weight in fitted.weights]
    [300.0, 300.0, 400.0]

    Args:
        columns: Name → one entry for each row.
        by: The column that names the groups, or several columns whose combinations are the groups.
        totals: Group → its size in the population; a tuple of levels for several columns.
        weight: Weights before; by default 1.

    Raises:
        ColumnError: A column cannot be used.
        CalibrationError: A group without respondents or without a size, or a size that is not above 0.
    """
    if not by:
        raise ArgumentError("by", value=by, rule="must name a column")
    base, (margin,) = _base_and_margins(columns, {by if isinstance(by, str) else tuple(by): totals}, weight)
    factors = margin.wanted / total(margin.index, base, len(margin.wanted))
    return Calibration(
        method="post_stratification",
        base=base,
        g=factors[margin.index],
        bounds=UNBOUNDED,
        targets=measured([margin], base=base, weights=base * factors[margin.index]),
        iterations=1,
        tolerance=0.0,
        auxiliaries=margin.indicators,
    )


def rake(
    columns: Table,
    *,
    margins: Mapping[str | tuple[str, ...], Mapping[Any, float]],
    weight: str | None = None,
    tolerance: float = 1e-9,
    iterations: int = _SWEEPS,
) -> Calibration:
    """Return weights that add up to the known sizes of several groupings, fitted in turn until all agree.

    >>> answers = {"band": list("ppjj"), "place": list("turu")}
    >>> fitted = rake(
    ...     answers, margins={"band": {"p": 60, "j": 40}, "place": {"t": 20, "u": 55, "r": 25}}
    ... )
    >>> [round(float(weight), 3) for weight in fitted.weights]
    [20.0, 40.0, 25.0, 15.0]

    Args:
        columns: Name → one entry for each row.
        margins: Column, or tuple of columns → level → size in the population.
        weight: Weights before; by default 1.
        tolerance: How close each total must come, as a share of it.
        iterations: At most so many sweeps over the margins.

    Raises:
        ColumnError: A column cannot be used.
        CalibrationError: Totals that cannot be met, or not in so many sweeps; names the margin that fails.
        ArgumentError: No margins, or a tolerance or number of iterations that is not above 0.
    """
    _check_limits(tolerance, iterations)
    if not margins:
        raise ArgumentError("margins", value=margins, rule="must name a margin")
    base, read = _base_and_margins(columns, margins, weight)
    g = np.ones(len(base))
    for sweep in range(1, iterations + 1):
        left_at = []
        for margin in read:
            g = g * (margin.wanted / total(margin.index, base * g, len(margin.wanted)))[margin.index]
            left_at.append(g)
        targets = measured(read, base=base, weights=base * g)
        worst = max(targets, key=lambda target: target.misfit)
        if worst.misfit <= tolerance:
            return Calibration(
                method="raking",
                base=base,
                g=g,
                bounds=UNBOUNDED,
                targets=targets,
                iterations=sweep,
                tolerance=tolerance,
                auxiliaries=np.hstack([margin.indicators for margin in read]),
                sweep=tuple((margin, each / g) for margin, each in zip(read, left_at, strict=True)),
            )
    raise CalibrationError(
        worst.margin, level=worst.level, rule="not_converged", wanted=worst.wanted, found=worst.achieved
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """What a weight is multiplied by, and how fast that changes, along the solution's direction."""

    multiplier: Callable[[Floats, Bounds], Floats]
    slope: Callable[[Floats, Bounds], Floats]


def _inside(value: Floats, bounds: Bounds) -> Floats:
    return ((value > bounds[0]) & (value < bounds[1])).astype(np.float64)


def _logit(u: Floats, bounds: Bounds) -> tuple[Floats, Floats]:
    """Return the multiplier between two bounds that is 1 with slope 1 at 0, and its slope."""
    low, high = bounds
    steep = (high - low) / ((1 - low) * (high - 1))
    part = 1 / (1 + np.exp(-np.clip(steep * u + np.log((1 - low) / (high - 1)), -700, 700)))
    return low + (high - low) * part, (high - low) * steep * part * (1 - part)


#: Method → how it measures the change of weights: linear by squares, raking by ratios and logarithms, logit
#: like raking between bounds.
METHODS: dict[str, Distance] = {
    "linear": Distance(
        multiplier=lambda u, bounds: np.clip(1 + u, *bounds), slope=lambda u, bounds: _inside(1 + u, bounds)
    ),
    "raking": Distance(
        multiplier=lambda u, bounds: np.clip(np.exp(np.minimum(u, 700)), *bounds),
        slope=lambda u, bounds: np.exp(np.minimum(u, 700)) * _inside(np.exp(np.minimum(u, 700)), bounds),
    ),
    "logit": Distance(
        multiplier=lambda u, bounds: _logit(u, bounds)[0], slope=lambda u, bounds: _logit(u, bounds)[1]
    ),
}


def calibrate(
    columns: Table,
    *,
    margins: Mapping[str | tuple[str, ...], Mapping[Any, float]] | None = None,
    totals: Mapping[str, float] | None = None,
    size: float | None = None,
    weight: str | None = None,
    method: str = "linear",
    bounds: Bounds | None = None,
    tolerance: float = 1e-10,
    iterations: int = 100,
) -> Calibration:
    """Return weights that meet known sizes of groups and known totals of numbers.

    >>> answers = {"band": list("ppjj"), "pupils": [300, 500, 400, 800]}
    >>> fitted = calibrate(
    ...     answers, margins={"band": {"p": 60, "j": 40}}, totals={"pupils": 49_000}, method="raking"
    ... )
    >>> [round(float(weight), 3) for weight in fitted.weights]
    [28.634, 31.366, 18.183, 21.817]

    Args:
        columns: Name → one entry for each row.
        margins: Column, or tuple of columns → level → size in the population.
        totals: Column of numbers → its total in the population.
        size: The population's size, where no margin says it.
        weight: Weights before; by default 1.
        method: `linear` (the regression estimator), `raking` (always positive) or `logit` (between bounds).
        bounds: The least and the greatest multiplier, around 1; `logit` needs them.
        tolerance: How close each total must come, as a share of it.
        iterations: At most so many steps.

    Raises:
        ColumnError: A column cannot be used.
        CalibrationError: Totals that contradict each other, that the bounds leave out of reach, or that make
            a weight negative (give bounds, or use `raking`); names the total that fails.
        ArgumentError: An unknown method, impossible bounds, or nothing to meet.
    """
    _check_limits(tolerance, iterations)
    limits = _bounds(method, bounds)
    base, read = _base_and_margins(columns, margins or {}, weight, other=[*(totals or {})])
    wanted: list[Wanted] = [*read, *numeric_targets(columns, totals or {}, size, read, rows=len(base))]
    if not wanted:
        raise ArgumentError("margins", value=margins, rule="must name a total, or totals or size must")
    auxiliaries = np.hstack([one.indicators for one in wanted])
    before = measured(wanted, base=base, weights=base)
    g, steps = _solve(
        auxiliaries, base, before, METHODS[method], limits, tolerance=tolerance, iterations=iterations
    )
    if (base * g < 0).any():
        raise CalibrationError(
            "weights", level=int(np.argmax(base * g < 0)) + 1, rule="negative_weight", found=float(g.min())
        )
    return Calibration(
        method=method,
        base=base,
        g=g,
        bounds=limits,
        targets=measured(wanted, base=base, weights=base * g),
        iterations=steps,
        tolerance=tolerance,
        auxiliaries=auxiliaries,
    )


def _solve(
    auxiliaries: Floats,
    base: Floats,
    targets: Sequence[Target],
    distance: Distance,
    bounds: Bounds,
    *,
    tolerance: float,
    iterations: int,
) -> tuple[Floats, int]:
    """Return the multipliers and the steps taken: Newton's method, halving steps that lead away.

    Raises:
        CalibrationError: The totals cannot be met.
    """
    scale = np.array([target.scale for target in targets])
    # Totals as shares of what is wanted: columns of very different size are solved alike.
    terms = auxiliaries * (base[:, np.newaxis] / scale)
    wanted = np.array([target.wanted for target in targets]) / scale
    directions = auxiliaries / np.abs(auxiliaries).max(axis=0)
    eta = np.zeros(len(targets))

    def misfit(at: Floats) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            return wanted - terms.T @ distance.multiplier(directions @ at, bounds)

    left = misfit(eta)
    _refuse_contradiction(terms, left, targets)
    for step in range(1, iterations + 1):
        slope = distance.slope(directions @ eta, bounds)
        change = np.linalg.lstsq(terms.T @ (directions * slope[:, np.newaxis]), left, rcond=1e-13)[0]
        for _ in range(30):
            found = misfit(eta + change)
            if np.abs(found).max() < np.abs(left).max():
                break
            change = change / 2
        eta, left = eta + change, misfit(eta + change)
        if np.abs(left).max() <= tolerance:
            return distance.multiplier(directions @ eta, bounds), step
    worst = int(np.argmax(np.abs(left)))
    raise CalibrationError(
        targets[worst].margin,
        level=targets[worst].level,
        rule="bounds" if np.isfinite(bounds).any() else "not_converged",
        wanted=targets[worst].wanted,
        found=float((wanted - left)[worst] * scale[worst]),
    )


def _refuse_contradiction(terms: Floats, left: Floats, targets: Sequence[Target]) -> None:
    """Refuse totals that no weights at all could meet, because one follows from the others."""
    norms = np.linalg.norm(terms, axis=0)
    rows, gaps = (terms / norms).T, left / norms
    solved = np.linalg.lstsq(rows, gaps, rcond=1e-11)[0]
    rest = np.abs(gaps - rows @ solved)
    if rest.max() > 1e-8 * np.abs(gaps).max():
        worst = targets[int(np.argmax(rest))]
        raise CalibrationError(
            worst.margin, level=worst.level, rule="contradiction", wanted=worst.wanted, found=worst.achieved
        )


def _base_and_margins(
    columns: Table,
    margins: Mapping[str | tuple[str, ...], Mapping[Any, float]],
    weight: str | None,
    *,
    other: Sequence[str] = (),
) -> tuple[Floats, list[Margin]]:
    """Return the weights before, and the margins as they stand in the rows."""
    named = [name for key in margins for name in ([key] if isinstance(key, str) else key)]
    names = [*named, *other, *([weight] if weight else [])]
    if not (names := names or [*columns]):
        raise ColumnError("", rule="empty", value=0)
    rows = row_count(columns, names)
    base = np.ones(rows) if weight is None else amounts(columns, weight)
    if weight is not None and not base.any():
        raise ColumnError(weight, rule="all_zero", value=0.0)
    return base, read_margins(columns, margins, base=base)


def _bounds(method: str, bounds: Bounds | None) -> Bounds:
    if method not in METHODS:
        raise ArgumentError("method", value=method, rule=f"must be one of {tuple(METHODS)}")
    if bounds is None:
        if method == "logit":
            raise ArgumentError("bounds", value=None, rule="must be given for logit")
        return UNBOUNDED
    low, high = bounds
    if not (0 <= low < 1 < high) or (method == "logit" and not np.isfinite(high)):
        raise ArgumentError("bounds", value=bounds, rule="must hold 1 between them and not be negative")
    return float(low), float(high)


def _check_limits(tolerance: float, iterations: int) -> None:
    for name, value in (("tolerance", tolerance), ("iterations", iterations)):
        if not value > 0:
            raise ArgumentError(name, value=value, rule="must be above 0")
