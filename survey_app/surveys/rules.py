"""When a questionnaire is valid and when it is satisfied: the rules a wave declares, and what they conclude.

The official form divides satisfied by valid questionnaires and defines neither, so a wave declares a
:class:`RuleSet` before it opens; it is frozen then and printed beside every number.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey_app.canonical import canonical, digest
from survey_app.surveys.bilingual import Text
from survey_app.surveys.faults import Fault, RuleSetError
from survey_app.surveys.questionnaire import POSITIVE_FROM, Item, Questionnaire

_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,6}|/[1-9]\d{0,2})?", re.ASCII)

#: What holds where a set of rules does not say so.
_UNDECLARED = {"posters": "apart"}

_NUMBERS = {"dont_know_below": (Fraction(0), Fraction(1)), "satisfied_from": (Fraction(1), Fraction(5))}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The declared rules of a wave, each by its name in the tables of this module.

    Raises:
        RuleSetError: when made with an unknown rule or a number outside its range.
    """

    #: A name in :data:`VALIDITY`.
    validity: str
    #: A valid questionnaire has a smaller share of 不了解 than this among its scale items.
    dont_know_below: Fraction
    #: A name in :data:`SATISFACTION`.
    satisfaction: str
    #: The rating, or mean rating, from which a questionnaire is satisfied.
    satisfied_from: Fraction
    #: A name in :data:`DONT_KNOW_VALUE`: how 不了解 is counted.
    dont_know: str
    #: A name in `rates.WEIGHTING`: how groups make one rate.
    weighting: str
    #: Document that states these rules; empty when they are our own default.
    source: str = ""
    #: A name in :data:`POSTERS`: whether questionnaires that came by a poster count in the rate.
    posters: str = "apart"

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise RuleSetError(faults)

    @property
    def content(self) -> str:
        """The canonical written form, from which :meth:`from_content` makes the same rules again.

        What nobody declares is not written, so that rules keep their digest when new ones are invented.
        """
        written = {key: str(value) for key, value in asdict(self).items()}
        return canonical({key: value for key, value in written.items() if _UNDECLARED.get(key) != value})

    @property
    def digest(self) -> str:
        """SHA-256 of :attr:`content`, 64 hexadecimal digits."""
        return digest(self.content)

    @classmethod
    def from_content(cls, text: str) -> RuleSet:
        """Read a rule set from its canonical form.

        Raises:
            RuleSetError: with every fault.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise RuleSetError([_fault("", "not_readable", str(error))]) from error
        return _from_document(document)

    @property
    def averages(self) -> bool:
        """Whether the official rate is the mean of the groups' rates, and no count over another."""
        return self.weighting == "equal_groups"

    def described(self) -> Text:
        """The rules in plain words, one sentence a line, to be printed beside every number."""
        names = {"validity": self.validity, "satisfaction": self.satisfaction, "dont_know": self.dont_know}
        names |= {"weighting": self.weighting, "topics": "top_levels"}
        names |= {"posters": self.posters} if self.posters != _UNDECLARED["posters"] else {}
        names |= {"source": "stated" if self.source else "own"}
        facts = {
            "limit": _percent(self.dont_know_below),
            "level": _plain(self.satisfied_from),
            "source": self.source,
        }
        words = [rule_words(concern, name, **facts) for concern, name in names.items()]
        return Text(zh="\n".join(text.zh for text in words), en="\n".join(text.en for text in words))


def rule_words(concern: str, name: str, **facts: str) -> Text:
    """The sentence for one named rule of a *concern* (``validity``, ``satisfaction`` …)."""
    words = _words()[concern][name]
    return Text(zh=words["zh"].format(**facts), en=words["en"].format(**facts))


@cache
def default_rules() -> RuleSet:
    """Our own rules, for use until an authority states others."""
    return _from_document(_words()["default"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What one questionnaire says on its scale items, reversed ones turned, unanswered ones left out."""

    #: Each answered scale item that was asked, rows of a matrix among them, with its level; None is 不了解.
    by_item: tuple[tuple[Item, int | None], ...]
    #: Keys of required answers that were asked for and not given.
    missing: tuple[str, ...]

    @property
    def dont_know(self) -> int:
        """How many were answered 不了解."""
        return sum(level is None for _, level in self.by_item)

    @property
    def levels(self) -> list[int]:
        """The levels actually rated."""
        return [level for _, level in self.by_item if level is not None]

    @property
    def overall(self) -> tuple[tuple[Item, int | None], ...]:
        """The overall item's part of :attr:`by_item`; empty when it was not answered."""
        return tuple((item, level) for item, level in self.by_item if item.overall)


def rate_items(questionnaire: Questionnaire, group: str, answers: Mapping[str, str]) -> Ratings:
    """Read the ratings out of the *answers* of someone of *group*; items that were not asked do not count.

    Each row of a matrix over a scale is a scale item. Other kinds rate nothing and are left out.
    """
    parts = [part for item in questionnaire.asked(group, answers) for part in item.parts]
    return Ratings(
        by_item=tuple(
            (part, part.rating(answers[part.id]))
            for part in parts
            if part.kind == "scale" and part.id in answers
        ),
        missing=tuple(part.id for part in parts if part.required and part.id not in answers),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Whether a questionnaire counts, and what decided it."""

    valid: bool
    #: Empty, or ``incomplete`` or ``mostly_dont_know``.
    reason: str
    #: Required items without an answer.
    missing: tuple[str, ...]
    #: 不了解 among the scale items answered, and how many these are.
    dont_know: int
    scale_items: int


def _complete(ratings: Ratings, _: RuleSet) -> str:
    return "incomplete" if ratings.missing else ""


def _complete_and_informed(ratings: Ratings, rules: RuleSet) -> str:
    if ratings.missing:
        return "incomplete"
    few = ratings.dont_know < rules.dont_know_below * len(ratings.by_item)
    return "" if few else "mostly_dont_know"


#: Rules of validity: the reason why a questionnaire does not count, or an empty string.
VALIDITY: Mapping[str, Callable[[Ratings, RuleSet], str]] = MappingProxyType(
    {"complete": _complete, "complete_and_informed": _complete_and_informed}
)

#: What 不了解 counts as; None leaves it out.
DONT_KNOW_VALUE: Mapping[str, int | None] = MappingProxyType(
    {"left_out": None, "as_middle": 3, "as_lowest": 1}
)

#: Rules of satisfaction: the ratings whose mean is compared with the declared level.
SATISFACTION: Mapping[str, Callable[[Ratings], tuple[tuple[Item, int | None], ...]]] = MappingProxyType(
    {"mean": lambda ratings: ratings.by_item, "overall": lambda ratings: ratings.overall}
)

#: Whether questionnaires that came by a poster stand apart or count in the rate; never in an interval.
POSTERS = ("apart", "counted")

#: Ways to make one rate of several groups; `rates` computes them.
WEIGHTINGS = ("pooled", "equal_groups")


def is_valid(
    questionnaire: Questionnaire, group: str, answers: Mapping[str, str], rules: RuleSet
) -> Validity:
    """Whether a submitted questionnaire counts under *rules*, and why not."""
    return judge_validity(rate_items(questionnaire, group, answers), rules)


def judge_validity(ratings: Ratings, rules: RuleSet) -> Validity:
    """Whether the questionnaire with these ratings counts under *rules*, and why not."""
    reason = VALIDITY[rules.validity](ratings, rules)
    return Validity(
        valid=not reason,
        reason=reason,
        missing=ratings.missing,
        dont_know=ratings.dont_know,
        scale_items=len(ratings.by_item),
    )


def is_satisfied(
    questionnaire: Questionnaire, group: str, answers: Mapping[str, str], rules: RuleSet
) -> bool | None:
    """Whether a questionnaire is satisfied under *rules*; None when it has no rating to judge by.

    A valid questionnaire without a rating stays in the denominator and counts as not satisfied.
    """
    return judge_satisfaction(rate_items(questionnaire, group, answers), rules)


def judge_satisfaction(ratings: Ratings, rules: RuleSet) -> bool | None:
    """Whether the questionnaire with these ratings is satisfied under *rules*; None without any rating."""
    substitute = DONT_KNOW_VALUE[rules.dont_know]
    used = (substitute if level is None else level for _, level in SATISFACTION[rules.satisfaction](ratings))
    levels = [level for level in used if level is not None]
    return sum(levels) >= rules.satisfied_from * len(levels) if levels else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Positive ratings (the top two levels) among all ratings; 不了解 is in neither."""

    positive: int = 0
    rated: int = 0

    def __add__(self, other: Marks) -> Marks:
        return Marks(positive=self.positive + other.positive, rated=self.rated + other.rated)

    @property
    def share(self) -> Fraction | None:
        """Positive ÷ rated, exact; None when nothing was rated."""
        return Fraction(self.positive, self.rated) if self.rated else None


def topic_marks(questionnaire: Questionnaire, group: str, answers: Mapping[str, str]) -> dict[str, Marks]:
    """Count one questionnaire's ratings by topic; topics without a rating are absent."""
    return count_marks(rate_items(questionnaire, group, answers), lambda item: (item.topic,))


def indicator_marks(questionnaire: Questionnaire, group: str, answers: Mapping[str, str]) -> dict[str, Marks]:
    """Count one questionnaire's ratings by the code of the indicator they inform (``Q8``, ``30.8`` …)."""
    return count_marks(rate_items(questionnaire, group, answers), lambda item: item.indicators)


def count_marks(ratings: Ratings, keys: Callable[[Item], tuple[str, ...]]) -> dict[str, Marks]:
    """Count ratings under every key that *keys* gives for their item; an empty key counts nowhere."""
    counts: dict[str, Marks] = {}
    for item, level in ratings.by_item:
        if level is None:
            continue
        mark = Marks(positive=int(level >= POSITIVE_FROM), rated=1)
        for key in filter(None, keys(item)):
            counts[key] = counts.get(key, Marks()) + mark
    return counts


def index_value(questionnaire: Questionnaire, group: str, answers: Mapping[str, str]) -> Fraction | None:
    """The satisfaction index of one questionnaire: mean rating × 20, from 20 to 100, exact.

    It is no proportion: all 4 gives 80, while every rating is positive.
    """
    levels = rate_items(questionnaire, group, answers).levels
    return Fraction(20 * sum(levels), len(levels)) if levels else None


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rules.toml").read_text(encoding="utf-8"))


def _percent(share: Fraction) -> str:
    exact = share * 100
    return f"{exact}%" if exact.denominator == 1 else str(share)


def _plain(number: Fraction) -> str:
    decimal = f"{float(number):g}"
    return decimal if Fraction(decimal) == number else str(number)


def _fault(key: str, rule: str, value: object = "", known: tuple[str, ...] = ()) -> Fault:
    return Fault(file="rules", place="", item="", key=key, rule=rule, value=str(value)[:80], known=known)


def _faults(rules: RuleSet):
    tables = {
        "validity": tuple(VALIDITY),
        "satisfaction": tuple(SATISFACTION),
        "dont_know": tuple(DONT_KNOW_VALUE),
        "weighting": WEIGHTINGS,
        "posters": POSTERS,
    }
    for key, known in tables.items():
        if getattr(rules, key) not in known:
            yield _fault(key, "unknown_rule", getattr(rules, key), known)
    for key, (low, high) in _NUMBERS.items():
        if not low < getattr(rules, key) <= high:
            yield _fault(key, "out_of_range", getattr(rules, key), (f"{low}–{high}",))


def _from_document(document: Any) -> RuleSet:
    if not isinstance(document, dict):
        raise RuleSetError([_fault("", "wrong_type", type(document).__name__, ("table",))])
    keys = tuple(field.name for field in fields(RuleSet))
    faults = [_fault(key, "unknown_key", known=keys) for key in document if key not in keys]
    faults += [_fault(key, "missing_key") for key in keys if key not in document and key not in _UNDECLARED]
    values: dict[str, Any] = {}
    for key in set(keys) & set(document):
        value = document[key]
        if not isinstance(value, str):
            faults.append(_fault(key, "wrong_type", type(value).__name__, ("string",)))
            continue
        if key in _NUMBERS and not _NUMBER.fullmatch(value):
            faults.append(_fault(key, "wrong_type", value, ("1/2, 4, 3.5 …",)))
            continue
        values[key] = Fraction(value) if key in _NUMBERS else value
    if faults:
        raise RuleSetError(faults)
    return RuleSet(**values)
