"""What `sampling` can refuse, and the facts of each refusal.

Every error carries its facts as attributes and a `code` that names the rule, so that an application can
say it in the reader's language. The English text is for programmers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SamplingError(Exception):
    """Base of everything `sampling` can refuse."""

    #: Names the rule; stable, for looking up a sentence.
    code = "sampling"

    @property
    def facts(self) -> dict[str, Any]:
        """What is known about the refusal, by name."""
        return dict(vars(self))


class ArgumentError(SamplingError):
    """An argument breaks its rule: a population of zero, a floor above the cap, an unknown group."""

    code = "argument"

    def __init__(self, name: str, *, value: Any, rule: str):
        super().__init__(f"{name} is {value!r}: {rule}")
        self.name, self.value, self.rule = name, value, rule


class FrameFaultsError(SamplingError):
    """Nothing is drawn from a frame with faults; all of them are listed."""

    code = "frame_faults"

    def __init__(self, faults: Sequence[Any]):
        super().__init__(f"the frame has {len(faults)} faults, the first: {faults[0]}")
        self.faults = tuple(faults)


class TooFewError(SamplingError):
    """A group or stratum has fewer people or units than are to be drawn."""

    code = "too_few"

    def __init__(self, where: str, *, wanted: int, available: int):
        super().__init__(f"{where}: {wanted} wanted, {available} available")
        self.where, self.wanted, self.available = where, wanted, available


class ReplayError(SamplingError):
    """A certificate and its frame do not lead to the certified draw."""

    code = "replay"


class FrameChangedError(ReplayError):
    """The frame is not the one that was drawn from.

    *missing* holds the drawn units that are gone, *changed* drawn units and strata of another size: name,
    people certified, people found. Both are empty where only attributes or units beyond these changed.
    """

    code = "frame_changed"

    def __init__(
        self,
        *,
        certified: str,
        found: str,
        missing: Sequence[str],
        changed: Sequence[tuple[str, int, int]] = (),
    ):
        absent = f"; drawn units it no longer holds: {list(missing)}" if missing else ""
        resized = f"; of another size: {list(changed)}" if changed else ""
        super().__init__(
            f"the frame's digest is {found}, the certificate states {certified}{absent}{resized}"
        )
        self.certified, self.found = certified, found
        self.missing, self.changed = tuple(missing), tuple(changed)


class SeedChangedError(ReplayError):
    """The seed is not the one whose digest was published."""

    code = "seed_changed"

    def __init__(self, *, certified: str, found: str):
        super().__init__(f"the seed's digest is {found}, the certificate states {certified}")
        self.certified, self.found = certified, found


class DrawChangedError(ReplayError):
    """The draw, done again, differs from what the certificate states."""

    code = "draw_changed"

    def __init__(self, group: str, *, unit: str, certified: Any, found: Any):
        super().__init__(f"{group}, {unit}: certified {certified!r}, drawn {found!r}")
        self.group, self.unit, self.certified, self.found = group, unit, certified, found


class ReplacementError(SamplingError):
    """A place cannot be replaced, or was not replaced in order.

    Rules: `not_drawn` (neither drawn nor put in for one) · `replaced` (already) · `out_of_turn` (it is the
    turn of *expected*) · `exhausted` (the reserve of its pool is used up).
    """

    code = "replacement"

    def __init__(self, place: str, *, rule: str, expected: str | None = None):
        turn = f", it is the turn of {expected}" if expected else ""
        super().__init__(f"place {place}: {rule}{turn}")
        self.place, self.rule, self.expected = place, rule, expected


class CertificateError(ReplayError):
    """The certificate cannot be read, or its text does not fit its own digest."""

    code = "certificate"

    def __init__(self, field: str, *, certified: Any, found: Any):
        super().__init__(f"certificate, {field}: stated {certified!r}, found {found!r}")
        self.field, self.certified, self.found = field, certified, found


class ColumnError(SamplingError):
    """A column of a table cannot be used; *row* counts the table's rows from 1.

    Rules: `unknown` · `empty` · `length` · `not_a_number` · `infinite` · `missing` · `negative` ·
    `all_zero` · `not_binary` · `varies` (within its stratum or unit) · `below_sample` (fewer in the
    population than in the sample) · `needed` (another column, *value*, is wanted beside it) ·
    `too_few_levels` (of those answered) · `not_designed` (a stratum that the design table lacks) · `repeated`
    (a stratum that it has twice, a batch's bucket) · `off_scale` (no code of the scale) · `not_whole`.
    """

    code = "column"

    def __init__(self, column: str, *, rule: str, row: int | None = None, value: Any = None):
        at = "" if row is None else f", row {row}"
        super().__init__(f"column {column!r}{at}: {rule}, value {value!r}")
        self.column, self.rule, self.row, self.value = column, rule, row, value


class EngineError(SamplingError):
    """An engine cannot scan these answers.

    Rules: `unknown` · `extra_missing` (*value* names the extra to install) · `unreadable` (no
    file or database, or not of its kind) · `unreachable` (a cluster that does not answer) · `no_table` ·
    `wrong_source` (an engine for databases was given a file, or the like) · `two_stages` (the second stage of
    selection is for numpy).
    """

    code = "engine"

    def __init__(self, engine: str, *, rule: str, value: Any = None):
        super().__init__(f"engine {engine!r}: {rule}, value {value!r}")
        self.engine, self.rule, self.value = engine, rule, value


class LonelyUnitError(SamplingError):
    """One sampled unit alone cannot show how much units differ: the variance is not estimable.

    At stage 1 a stratum holds one primary sampling unit, at stage 2 a primary unit one second-stage unit.
    """

    code = "lonely_unit"

    def __init__(self, column: str, *, row: int, stratum: Any, stage: int):
        super().__init__(f"column {column!r}, row {row}: only one unit in {stratum!r} at stage {stage}")
        self.column, self.row, self.stratum, self.stage = column, row, stratum, stage


class CalibrationError(SamplingError):
    """Weights cannot be fitted to the known totals; names the total that fails.

    Rules: `no_respondents` (somebody in the population, nobody in the sample) · `no_total` (nothing is known
    of a level that answered) · `zero_total` (nobody in the population, yet somebody answered) · `not_a_size`
    (no number from 0 up) · `sums_differ` (margins of different populations) · `contradiction` (no weights at
    all meet these totals together) · `bounds` (out of reach within the bounds) · `not_converged` ·
    `negative_weight` (*level* is the row from 1) · `out_of_range` (weights cannot be cut to the range
    and keep their sum).
    """

    code = "calibration"

    def __init__(self, margin: str, *, rule: str, level: Any = None, wanted: Any = None, found: Any = None):
        at = "" if level is None else f", {level!r}"
        super().__init__(f"{margin!r}{at}: {rule}, wanted {wanted!r}, found {found!r}")
        self.margin, self.level, self.rule, self.wanted, self.found = margin, level, rule, wanted, found
