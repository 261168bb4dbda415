"""What `sampling` can refuse, and the facts of each refusal.

Every error carries its facts as attributes and a `code` that names the rule, so that an application can
say it in the reader's language. The English text is for programmers.
"""

from __future__ import annotations

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
