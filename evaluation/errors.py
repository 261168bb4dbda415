"""What the evaluation refuses, as facts; sentences for people are made elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class EvaluationError(Exception):
    """Base of everything the evaluation can refuse."""


class SchemeError(EvaluationError):
    """A scheme's file cannot be understood; nothing of the scheme is loaded."""

    code = "scheme_malformed"

    def __init__(self, file: str, key: str, problem: str, *, known: Iterable[str] = ()):
        self.file, self.key, self.problem, self.known = file, key, problem, tuple(sorted(known))
        hint = f"; known keys: {', '.join(self.known)}" if self.known else ""
        super().__init__(f"{file}: {key}: {problem}{hint}")


class UnknownSchemeError(EvaluationError):
    """No scheme has this id."""

    code = "scheme_unknown"

    def __init__(self, scheme: str, known: Iterable[str]):
        self.scheme, self.known = scheme, tuple(known)
        super().__init__(f"no scheme {scheme!r}; there are: {', '.join(self.known) or 'none'}")


class UnknownFormError(EvaluationError):
    """No form has this id."""

    code = "form_unknown"

    def __init__(self, form: str, known: Iterable[str]):
        self.form, self.known = form, tuple(known)
        super().__init__(f"no form {form!r}; there are: {', '.join(self.known) or 'none'}")


class UnknownScheduleError(EvaluationError):
    """No schedule has this id."""

    code = "schedule_unknown"

    def __init__(self, schedule: str, known: Iterable[str]):
        self.schedule, self.known = schedule, tuple(known)
        super().__init__(f"no schedule {schedule!r}; there are: {', '.join(self.known) or 'none'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a county file."""

    #: Path in the document, e.g. ``schools[3].pupils.primary``; empty for the whole.
    where: str
    #: What stands there, as given; None where something is absent.
    value: Any
    #: Which rule it breaks, e.g. ``minimum``, ``unknown_key``, ``duplicate_school``.
    rule: str
    #: What a sentence about it needs, e.g. ``{"minimum": 0}``.
    facts: Mapping[str, Any] = field(default_factory=dict)


class CountyFileError(EvaluationError):
    """A county file was refused; it carries every fault."""

    code = "county_file_refused"

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        first = "; ".join(f"{fault.where or 'document'}: {fault.rule}" for fault in self.faults[:3])
        super().__init__(f"{len(self.faults)} fault(s) in the county file: {first}")


class RemedyFileError(EvaluationError):
    """A table of unit costs or mergers was refused; it carries every fault."""

    code = "remedy_file_refused"

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        first = "; ".join(f"{fault.where or 'document'}: {fault.rule}" for fault in self.faults[:3])
        super().__init__(f"{len(self.faults)} fault(s) in the table: {first}")


class NothingToCompareError(EvaluationError):
    """A difference coefficient was asked for schools without pupils or without anything to share."""

    code = "nothing_to_compare"

    def __init__(self, schools: int):
        self.schools = schools
        super().__init__(f"{schools} school(s) have no pupils or nothing to compare")
