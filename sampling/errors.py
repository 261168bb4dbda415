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
    """The frame is not the one that was drawn from."""

    code = "frame_changed"

    def __init__(self, *, certified: str, found: str, missing: Sequence[str]):
        absent = f"; drawn units it no longer holds: {list(missing)}" if missing else ""
        super().__init__(f"the frame's digest is {found}, the certificate states {certified}{absent}")
        self.certified, self.found, self.missing = certified, found, tuple(missing)


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


class CertificateError(ReplayError):
    """The certificate cannot be read, or its text does not fit its own digest."""

    code = "certificate"

    def __init__(self, field: str, *, certified: Any, found: Any):
        super().__init__(f"certificate, {field}: stated {certified!r}, found {found!r}")
        self.field, self.certified, self.found = field, certified, found
