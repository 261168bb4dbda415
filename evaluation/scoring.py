"""Scored items: sub-points with points, items that must reach a share of theirs, a total and its band.

Where a document scores instead of judging, people award most points (the county file's ``scores``); some
follow from figures. A sub-point whose points are unknown keeps its item open unless the item reaches its
share, or cannot reach it, whatever the unknown points are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from evaluation.county import CountyFile
from evaluation.criteria import Awarded, NeverDecreasing, TopicRate
from evaluation.errors import Fault
from evaluation.findings import Finding, Outcome
from evaluation.json_values import plain
from evaluation.questions import Question, held
from evaluation.scheme import Band, Scheme, Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """What a scored item was given."""

    item: str
    #: None while a sub-point is unknown.
    points: Fraction | None
    #: What the known sub-points add up to, and what the unknown ones may still add to it.
    at_least: Fraction
    at_most: Fraction
    maximum: Fraction
    #: Whether it reaches the share that every item must reach.
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """All scored items, their total and the band it falls into."""

    items: tuple[ItemScore, ...]
    #: Exact; None while a sub-point is unknown.
    total: Fraction | None
    maximum: Fraction
    #: None where an item misses its share, or the total is below every band, or not known well enough.
    band: Band | None

    def document(self, lang: str) -> dict[str, Any]:
        """Return the keys ``scores``, ``total`` and ``band`` of a verdict's document."""
        met = {Outcome.MET: True, Outcome.NOT_MET: False, Outcome.UNDETERMINED: None}
        return {
            "scores": {
                each.item: {
                    "points": plain(each.points),
                    "max": plain(each.maximum),
                    "met": met[each.outcome],
                }
                for each in self.items
            },
            "total": plain(self.total),
            "band": self.band.label[lang] if self.band else None,
        }


def _sub_point(question: Question, points: Fraction, inputs: Mapping[str, Any], why: str) -> list[Finding]:
    return [
        question.finding(
            held(holds=points == question.criterion.points),
            why,
            value=points,
            threshold=question.criterion.points,
            comparison="at_least",
            gap=points - question.criterion.points,
            inputs=inputs,
            judged=False,
        )
    ]


def _open(question: Question, places: Iterable[str], inputs: Mapping[str, Any]) -> list[Finding]:
    return [
        question.missing(
            places,
            threshold=question.criterion.points,
            comparison="at_least",
            inputs=inputs,
            judged=False,
        )
    ]


def awarded(question: Question) -> list[Finding]:
    """Points that people award for a sub-point."""
    criterion: Awarded = question.criterion
    given = (question.county.scores or {}).get(question.id)
    if given is None:
        return _open(question, [f"scores.{question.id}"], {})
    return _sub_point(question, Fraction(given), {"points": criterion.points}, "awarded")


def topic_rate(question: Question) -> list[Finding]:
    """Points in proportion to the recognition of the matching topics of the survey, all from a rate on."""
    criterion: TopicRate = question.criterion
    topics = question.county.figure("recognition.topics") or {}
    rate = topics.get(question.id, topics.get(question.item.id))
    inputs = {"rate": rate, "full_at": criterion.full_at, "points": criterion.points}
    if rate is None:
        return _open(question, [f"recognition.topics.{question.id}"], inputs)
    share = min(Fraction(rate) / criterion.full_at, Fraction(1))
    return _sub_point(question, criterion.points * share, inputs, "topic_rate")


def never_decreasing(question: Question) -> list[Finding]:
    """Points for yearly figures that never fall; a known fall decides, a missing year leaves it open."""
    criterion: NeverDecreasing = question.criterion
    last = question.county.year
    wanted = range(last - criterion.years + 1, last + 1)
    rows = {row.year: row for row in question.county.figure(criterion.of) or []}
    each_worth = criterion.points / len(criterion.series)
    points, missing, falls = Fraction(0), [], []
    inputs: dict[str, Any] = {"points": criterion.points}
    for series in criterion.series:
        values = {year: getattr(rows.get(year), series, None) for year in wanted}
        inputs[series] = {str(year): value for year, value in values.items() if value is not None}
        known = [(year, value) for year, value in values.items() if value is not None]
        fell = [year for (_, before), (year, now) in pairwise(known) if now < before]
        falls += [{"series": series, "year": year} for year in fell[:1]]
        if fell:
            continue
        missing += [f"{criterion.of}.{year}.{series}" for year, value in values.items() if value is None]
        points += each_worth if len(known) == len(values) else 0
    if missing:
        return _open(question, missing, inputs)
    return _sub_point(question, points, {**inputs, "falls": falls}, "never_decreasing")


def item_score(questions: Sequence[Question], findings: Sequence[Finding], scoring: Scoring) -> Finding:
    """Return the finding that sums up a scored item: its points against the share it must reach."""
    item, section = questions[0].item, questions[0].section
    maximum = item.points or Fraction(0)
    known = sum((each.value for each in findings if each.value is not None), Fraction(0))
    open_ = [each for each in findings if each.value is None]
    most = known + sum((each.threshold or Fraction(0) for each in open_), Fraction(0))
    needed = scoring.item_share * maximum
    outcome = held(holds=known >= needed) if known >= needed or most < needed else Outcome.UNDETERMINED
    return Finding(
        id=item.id,
        item=item.id,
        section=section,
        label=item.label,
        outcome=outcome,
        value=None if open_ else known,
        threshold=needed,
        comparison="at_least",
        gap=None if open_ else known - needed,
        unit="points",
        inputs={**{each.id: each.value for each in findings}, "points": maximum},
        formula="scored",
        clause=item.clause,
        missing=tuple(dict.fromkeys(place for each in open_ for place in each.missing)),
        why="scored",
        facts={
            "known": known,
            "most": most,
            "maximum": maximum,
            "share": scoring.item_share,
            "open": len(open_),
        },
        summary=True,
    )


def score_sheet(scheme: Scheme, findings: Iterable[Finding]) -> ScoreSheet | None:
    """Return the sheet of all scored items; None where the scheme scores nothing."""
    scoring = scheme.scoring
    if scoring is None:
        return None
    items = tuple(
        ItemScore(
            item=each.item,
            points=each.value,
            at_least=each.facts["known"],
            at_most=each.facts["most"],
            maximum=each.facts["maximum"],
            outcome=each.outcome,
        )
        for each in findings
        if each.formula == "scored"
    )
    least = sum((each.at_least for each in items), Fraction(0))
    most = sum((each.at_most for each in items), Fraction(0))
    passed = all(each.outcome is Outcome.MET for each in items)
    lowest, highest = _band(scoring, least), _band(scoring, most)
    return ScoreSheet(
        items=items,
        total=least if all(each.points is not None for each in items) else None,
        maximum=scoring.points,
        band=lowest if passed and lowest is highest else None,
    )


def _band(scoring: Scoring, total: Fraction) -> Band | None:
    """Return the highest band the unrounded total reaches."""
    reached = [band for band in scoring.bands if total >= band.at_least]
    return reached[-1] if reached else None


def excessive_scores(county: CountyFile, scheme: Scheme) -> list[Fault]:
    """Return the points that exceed what their sub-point is worth."""
    worth = {
        item.criterion_id(criterion): criterion.points
        for _, item in scheme.all_items()
        for criterion in item.criteria
        if criterion.points is not None
    }
    return [
        Fault(where=f"scores.{key}", value=given, rule="maximum", facts={"maximum": plain(worth[key])})
        for key, given in (county.scores or {}).items()
        if key in worth and Fraction(given) > worth[key]
    ]
