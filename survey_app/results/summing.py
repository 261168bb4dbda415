"""Sums of answers that are not kept one by one: what the official figures need of them, and nothing else."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.canonical import canonical
from survey_app.results.judging import Judged
from survey_app.results.merging import MINIMUM
from survey_app.surveys.rates import Count, alternatives
from survey_app.surveys.rules import Marks

#: What marks are kept by.
KINDS = ("topics", "indicators")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is known of several answers together."""

    n: int = 0
    count: Count = field(default_factory=Count)
    #: Kind of `KINDS` -> name -> questionnaires that rate it, and their ratings.
    marks: Mapping[str, Mapping[str, tuple[int, Marks]]] = field(default_factory=dict)
    #: Other readings: name -> above and below the line.
    readings: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: Why questionnaires do not count -> how many.
    invalid: Mapping[str, int] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The canonical written form, from which `from_content` makes the same sums again."""
        return canonical(
            {
                "n": self.n,
                "valid": self.count.valid,
                "satisfied": self.count.satisfied,
                "marks": {
                    kind: {name: [n, each.positive, each.rated] for name, (n, each) in named.items()}
                    for kind, named in self.marks.items()
                },
                "readings": {name: list(pair) for name, pair in self.readings.items()},
                "invalid": dict(self.invalid),
            }
        )

    @classmethod
    def from_content(cls, text: str) -> "Sums":
        """Read sums from their canonical form."""
        stored: dict[str, Any] = json.loads(text)
        return cls(
            n=stored["n"],
            count=Count(valid=stored["valid"], satisfied=stored["satisfied"]),
            marks={
                kind: {name: (n, Marks(positive=p, rated=r)) for name, (n, p, r) in named.items()}
                for kind, named in stored["marks"].items()
            },
            readings={name: (above, below) for name, (above, below) in stored["readings"].items()},
            invalid=stored["invalid"],
        )


def sum_up(judged: Sequence[Judged], *, least: int = MINIMUM) -> Sums:
    """Sum up *judged* answers. Fewer than *least* leave their number and how many of them are valid.

    Ratings of a topic by fewer than *least* are left out: they would be those of a small group.
    """
    valid = [each for each in judged if each.valid]
    if len(judged) < least:
        return Sums(n=len(judged), count=Count(valid=len(valid)))
    marks = {kind: marks_by_name(valid, kind) for kind in KINDS}
    return Sums(
        n=len(judged),
        count=Count(valid=len(valid), satisfied=sum(each.satisfied for each in valid)),
        marks={
            kind: {name: pair for name, pair in named.items() if pair[0] >= least}
            for kind, named in marks.items()
        },
        readings={
            each.id: (each.above, each.below) for each in alternatives(one.judgement for one in judged)
        },
        invalid=reasons(judged),
    )


def marks_by_name(judged: Iterable[Judged], kind: str) -> dict[str, tuple[int, Marks]]:
    """By topic or by indicator code: how many valid questionnaires rate it, and their ratings."""
    found: dict[str, tuple[int, Marks]] = {}
    for each in judged:
        for name, marks in getattr(each, kind).items() if each.valid else ():
            raters, before = found.get(name, (0, Marks()))
            found[name] = raters + 1, before + marks
    return found


def reasons(judged: Iterable[Judged]) -> dict[str, int]:
    """Why questionnaires do not count -> how many."""
    found = Counter(each.judgement.validity.reason for each in judged)
    return {reason: n for reason, n in sorted(found.items()) if reason}


def add_marks(
    first: Mapping[str, tuple[int, Marks]], second: Mapping[str, tuple[int, Marks]]
) -> dict[str, tuple[int, Marks]]:
    """The marks of two sets of answers together."""
    nothing = (0, Marks())
    return {
        name: (
            first.get(name, nothing)[0] + second.get(name, nothing)[0],
            first.get(name, nothing)[1] + second.get(name, nothing)[1],
        )
        for name in {**first, **second}
    }
