"""The recognition rate read in other ways: alternative rules, flagged schools, weights, the scheme's keys.

The official form divides satisfied by valid questionnaires and defines neither, so a survey declares its
rule. What the verdict would be under another rule is shown beside it and never changes it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.county import CountyFile, Groups, Tally
from evaluation.criteria import RecognitionRate
from evaluation.findings import Outcome, conclude
from evaluation.formulas import FORMULAS
from evaluation.json_values import plain
from evaluation.questions import Question
from evaluation.scheme import Scheme
from evaluation.scheme.items import Item
from evaluation.sensitivity.crossing import Line, crossing
from evaluation.sensitivity.wording import LABELS, flips_words, key_sentence, rate_sentence
from evaluation.terms import Bound, Text
from evaluation.verdict import Verdict

#: The tally that the official rate is made of.
OFFICIAL = "questionnaires"

#: The values of the keys a scheme has for every other tally.
KEYS: dict[str, tuple[str | bool, ...]] = {"judged": (True, False), "if_missing": ("undetermined", "skip")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Answers that count, and those of them that are satisfied."""

    valid: int
    satisfied: int

    @property
    def rate(self) -> Fraction | None:
        """Satisfied ÷ valid, exact; None where nothing counts."""
        return Fraction(self.satisfied, self.valid) if self.valid else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeRate:
    """One way to read a survey: its counts, or a rate that has none.

    One set of counts is pooled; of several, each a group's, the rates have equal weights.
    """

    #: ``official``, ``overall``, ``mean``, ``positive``, ``index``, ``weighted``, ``unflagged`` …
    id: str
    label: Text
    counts: tuple[Counts, ...] = ()
    #: The value of a reading without counts: a weighted estimate, or an index.
    value: Fraction | None = None
    #: Whether the value is a share of answers; an index from 20 to 100 is none and is not compared.
    proportion: bool = True
    #: Whether it is the rule that was declared, on which the verdict rests.
    declared: bool = False
    #: What its counts are counts of: ``questionnaires`` or single ``ratings``.
    counted: str = "questionnaires"

    @property
    def rate(self) -> Fraction | None:
        """The value, exact; None where nothing counts in one of the groups."""
        rates = [each.rate for each in self.counts]
        if not rates:
            return self.value
        known = [rate for rate in rates if rate is not None]
        return sum(known, Fraction(0)) / len(known) if len(known) == len(rates) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How many answers stand between a rate and the other outcome."""

    #: Satisfied answers that would have to be not satisfied (of a rate that is met), or the other way
    #: round; None where no number of them does it.
    turned: int | None
    #: Answers (satisfied ones of a rate that is met, others of one that is not) that would have to be
    #: invalid instead; None where no number of them does it, or groups are weighted.
    removed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateReading:
    """What an alternative rule would conclude."""

    alternative: AlternativeRate
    rate: Fraction | None
    #: None where the value is no proportion and cannot be compared.
    outcome: Outcome | None
    #: The verdict's outcome with this one in place of the official rate's; None where it is not compared.
    verdict: Outcome | None
    flips: Flips | None

    def document(self, lang: str) -> dict[str, Any]:
        """Return the reading as JSON values."""
        flips = self.flips
        return {
            "id": self.alternative.id,
            "label": self.alternative.label[lang],
            "declared": self.alternative.declared,
            "proportion": self.alternative.proportion,
            "value": plain(self.rate),
            "outcome": self.outcome.value if self.outcome else None,
            "verdict": self.verdict.value if self.verdict else None,
            "turned": flips.turned if flips else None,
            "removed": flips.removed if flips else None,
            "flips": flips_words(self, lang),
            "text": rate_sentence(self, lang),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReading:
    """The verdict under one value of a key that the scheme has for a tally of the survey."""

    #: The criterion, e.g. ``recognition.visits``, and what it asks.
    criterion: str
    label: Text
    #: ``if_missing`` or ``judged``, and its value: a word, or whether it is judged.
    key: str
    value: str | bool
    #: Whether the scheme has this value.
    declared: bool
    #: What the item and the verdict would be.
    outcome: Outcome
    verdict: Outcome

    def document(self, lang: str) -> dict[str, Any]:
        """Return the reading as JSON values."""
        return {
            "criterion": self.criterion,
            "label": self.label[lang],
            "key": self.key,
            "value": self.value,
            "declared": self.declared,
            "outcome": self.outcome.value,
            "verdict": self.verdict.value,
            "text": key_sentence(self, lang),
        }


def county_rates(county: CountyFile) -> list[AlternativeRate]:
    """Return the readings a county file allows by itself: the official rate, and equal weights for groups."""
    rates = []
    whole = _counts(county.figure(f"recognition.{OFFICIAL}"))
    if whole is not None:
        rates.append(AlternativeRate(id="official", label=LABELS["official"], counts=(whole,), declared=True))
    groups = [_counts(county.figure(f"recognition.groups.{name}")) for name in Groups.model_fields]
    known = tuple(each for each in groups if each is not None)
    if len(known) == len(groups):
        rates.append(AlternativeRate(id="equal_groups", label=LABELS["equal_groups"], counts=known))
    return rates


def _counts(tally: Tally | None) -> Counts | None:
    """Return what counts of a tally; None where it is not given, or cannot be."""
    if tally is None or tally.valid is None or tally.satisfied is None or tally.satisfied > tally.valid:
        return None
    return Counts(valid=tally.valid, satisfied=tally.satisfied)


def rate_readings(verdict: Verdict, alternatives: Sequence[AlternativeRate]) -> tuple[RateReading, ...]:
    """Return what each alternative would conclude in place of the official rate, in the order given.

    The bound is the scheme's; visits and everything else stay as they are.
    """
    place = _official(verdict.scheme)
    if place is None:
        return ()
    section, item, criterion = place
    return read_rates(
        alternatives,
        criterion.bound,
        lambda outcome: _verdict_with(verdict, section, item, criterion, outcome),
    )


def read_rates(
    alternatives: Sequence[AlternativeRate], bound: Bound, concluded: Callable[[Outcome], Outcome]
) -> tuple[RateReading, ...]:
    """Return what each alternative would conclude.

    Args:
        alternatives: the readings, in the order in which they are shown.
        bound: what the rate is compared with.
        concluded: the verdict's outcome, given the rate's.
    """
    readings = []
    for each in alternatives:
        rate = each.rate
        outcome = None
        if each.proportion:
            outcome = Outcome.UNDETERMINED
            if rate is not None:
                outcome = Outcome.MET if bound.holds(rate) else Outcome.NOT_MET
        readings.append(
            RateReading(
                alternative=each,
                rate=rate,
                outcome=outcome,
                verdict=None if outcome is None else concluded(outcome),
                flips=flips(each.counts, bound) if each.proportion else None,
            )
        )
    return tuple(readings)


def _official(scheme: Scheme) -> tuple[str, Item, RecognitionRate] | None:
    """Return the criterion on all questionnaires, with its section and item."""
    for section, item in scheme.all_items():
        for criterion in item.criteria:
            if isinstance(criterion, RecognitionRate) and criterion.tally == OFFICIAL:
                return section, item, criterion
    return None


def _verdict_with(
    verdict: Verdict, section: str, item: Item, criterion: RecognitionRate, outcome: Outcome
) -> Outcome:
    """Return the verdict's outcome if *criterion* had *outcome*."""
    found = [each for each in verdict.findings if each.item == item.id and each.judged and not each.summary]
    others = [each.outcome for each in found if each.id != item.criterion_id(criterion)]
    return _concluded(verdict, section, item, conclude([outcome, *others]))


def _concluded(verdict: Verdict, section: str, item: Item, outcome: Outcome) -> Outcome:
    """Return the verdict's outcome if *item* had *outcome*."""
    items = [
        outcome if each.id == item.id else verdict.items[each.id]
        for each in verdict.scheme.sections[section].items
    ]
    sections = verdict.sections | {section: conclude(items)}
    return conclude(sections.values())


def flips(counts: Sequence[Counts], bound: Bound) -> Flips | None:
    """Return how many answers would have to be different for the rate to turn; None without counts.

    >>> flips([Counts(valid=540, satisfied=470)], Bound(at_least=Fraction(17, 20)))
    Flips(turned=12, removed=74)
    >>> flips([Counts(valid=540, satisfied=450)], Bound(at_least=Fraction(17, 20)))
    Flips(turned=9, removed=11)
    """
    if not counts or any(not each.valid for each in counts):
        return None
    if len(counts) > 1:
        return Flips(turned=_turned_in_groups(counts, bound), removed=None)
    valid, satisfied = Fraction(counts[0].valid), Fraction(counts[0].satisfied)
    met = bound.holds(satisfied / valid)
    room = int(satisfied) if met else int(valid - satisfied)
    answers = Line(above=satisfied, above_step=Fraction(-1 if met else 1), below=valid, low=1, high=room)
    fewer = Line(
        above=satisfied,
        above_step=Fraction(-1 if met else 0),
        below=valid,
        below_step=Fraction(-1),
        low=1,
        high=room,
    )
    turned, removed = (crossing([line], bound, met=not met) for line in (answers, fewer))
    return Flips(turned=turned, removed=removed)


def _turned_in_groups(counts: Sequence[Counts], bound: Bound) -> int | None:
    """Return the fewest answers where groups have equal weights: those of the smallest groups weigh most."""
    rate = sum((Fraction(each.satisfied, each.valid) for each in counts), Fraction(0)) / len(counts)
    met, turned = bound.holds(rate), 0
    for each in sorted(counts, key=lambda each: each.valid):
        room = each.satisfied if met else each.valid - each.satisfied
        step = Fraction(-1 if met else 1, each.valid * len(counts))
        steps = (
            crossing([Line(above=rate, above_step=step, low=1, high=room)], bound, met=not met)
            if room
            else None
        )
        if steps is not None:
            return turned + steps
        turned, rate = turned + room, rate + step * room
    return None


def key_readings(verdict: Verdict) -> tuple[KeyReading, ...]:
    """Return the verdict under either value of the key that matters for every tally beside the official one.

    That is ``if_missing`` where the tally is missing, and ``judged`` where it is there.
    """
    return tuple(
        reading
        for section, item in verdict.scheme.all_items()
        for criterion in item.criteria
        if isinstance(criterion, RecognitionRate) and item.points is None
        for reading in _readings_of(verdict, section, item, criterion)
    )


def _readings_of(
    verdict: Verdict, section: str, item: Item, criterion: RecognitionRate
) -> Iterator[KeyReading]:
    if criterion.tally == OFFICIAL:
        return
    missing = verdict.county.figure(f"recognition.{criterion.tally}") is None
    key = "if_missing" if missing else "judged"
    for value in KEYS[key]:
        changed = criterion.model_copy(update={key: value})
        outcome = _item_outcome(verdict, section, item, criterion, changed)
        yield KeyReading(
            criterion=item.criterion_id(criterion),
            label=criterion.label or item.label,
            key=key,
            value=value,
            declared=getattr(criterion, key) == value,
            outcome=outcome,
            verdict=_concluded(verdict, section, item, outcome),
        )


def _item_outcome(
    verdict: Verdict, section: str, item: Item, old: RecognitionRate, new: RecognitionRate
) -> Outcome:
    """Return the item's outcome with one criterion in place of another."""
    criteria = [new if each is old else each for each in item.criteria]
    changed = item.model_copy(update={"criteria": criteria})
    found = [
        finding
        for criterion in criteria
        for finding in FORMULAS[criterion.formula](
            Question(
                county=verdict.county,
                scheme=verdict.scheme,
                section=section,
                item=changed,
                criterion=criterion,
            )
        )
    ]
    return conclude(finding.outcome for finding in found if finding.judged)
