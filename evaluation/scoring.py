"""Scored items: sub-points with points, items that must reach a share of theirs, a total and its band.

Where a document scores instead of judging, people award most points (the county file's ``scores``); some
follow from figures. A sub-point whose points are unknown keeps its item open unless the item reaches its
share, or cannot reach it, whatever the unknown points are. Points claimed for a sub-point that figures
decide are shown and never counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from evaluation.county import CountyFile
from evaluation.criteria import Awarded, NeverDecreasing, TopicRate
from evaluation.errors import Fault
from evaluation.findings import Finding, Outcome
from evaluation.json_values import plain
from evaluation.questions import Question, held
from evaluation.scheme import Scheme
from evaluation.scheme.scoring import SCORING, Band, Scoring


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
    #: The share of it that every item must reach, in points.
    needed: Fraction
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """All scored items, their total and the band it falls into."""

    items: tuple[ItemScore, ...]
    #: Exact; None while a sub-point is unknown.
    total: Fraction | None
    #: What the known sub-points add up to, and what the unknown ones may still add to it.
    at_least: Fraction
    at_most: Fraction
    maximum: Fraction
    #: None where an item misses its share, or the total is below every band, or not known well enough.
    band: Band | None
    #: The next band above what is certain; None from the highest on.
    next_band: Band | None

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
    """Return the finding on a sub-point whose points are known."""
    found = question.finding(
        held(holds=points == question.criterion.points),
        why,
        value=points,
        threshold=question.criterion.points,
        comparison="at_least",
        gap=points - question.criterion.points,
        inputs=inputs,
        judged=False,
    )
    return [_with_claim(question, found)]


def _open(
    question: Question,
    places: Iterable[str],
    inputs: Mapping[str, Any],
    *,
    least: Fraction = Fraction(0),
    most: Fraction | None = None,
) -> list[Finding]:
    """Return the finding on a sub-point that lacks something; *least* and *most* are certain all the same."""
    points = question.criterion.points
    found = question.missing(
        places,
        threshold=points,
        comparison="at_least",
        inputs=inputs,
        judged=False,
        facts={"least": least, "most": points if most is None else most},
    )
    return [_with_claim(question, found)]


def _with_claim(question: Question, found: Finding) -> Finding:
    """Note the points a county gives itself where figures decide; they are shown and never judged."""
    claimed = (question.county.scores or {}).get(question.id)
    if claimed is None or question.criterion.formula == "awarded":
        return found
    points = Fraction(claimed)
    stated = "met" if points >= question.criterion.points else "not_met"
    return replace(found, stated=stated, facts={**found.facts, "claimed": points})


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
    """Points for yearly figures that never fall; a known fall decides, a missing year leaves it open.

    Each series has an equal share of the points. Two figures for one year that differ leave it open too.
    """
    criterion: NeverDecreasing = question.criterion
    wanted = range(question.county.year - criterion.years + 1, question.county.year + 1)
    rows = question.county.figure(criterion.of) or []
    each_worth = criterion.points / len(criterion.series)
    least, most, missing, falls = Fraction(0), Fraction(0), [], []
    inputs: dict[str, Any] = {"points": criterion.points}
    for series in criterion.series:
        known = _by_year(rows, series, wanted)
        inputs[series] = {str(year): value for year, value in known}
        fell = [year for (_, before), (year, now) in pairwise(known) if now < before]
        if fell:
            falls.append({"series": series, "year": fell[0]})
            continue
        most += each_worth
        given = {year for year, _ in known}
        absent = [f"{criterion.of}.{year}.{series}" for year in wanted if year not in given]
        missing += absent
        least += 0 if absent else each_worth
    if missing:
        return _open(question, missing, {**inputs, "falls": falls}, least=least, most=most)
    return _sub_point(question, least, {**inputs, "falls": falls}, "never_decreasing")


def _by_year(rows: Iterable[Any], series: str, years: Iterable[int]) -> list[tuple[int, Any]]:
    """Return the years whose figure is given, each once and without contradiction, with the figure."""
    given = {year: {getattr(row, series) for row in rows if row.year == year} - {None} for year in years}
    return [(year, next(iter(values))) for year, values in given.items() if len(values) == 1]


def _reachable(finding: Finding) -> tuple[Fraction, Fraction]:
    """Return the least and the most points a sub-point can have, whatever is missing."""
    if finding.value is not None:
        return finding.value, finding.value
    return finding.facts["least"], finding.facts["most"]


def _reached(least: Fraction, most: Fraction, needed: Fraction) -> Outcome:
    """Judge points known to lie from *least* to *most* against what is needed."""
    if least >= needed:
        return Outcome.MET
    return Outcome.NOT_MET if most < needed else Outcome.UNDETERMINED


def item_score(questions: Sequence[Question], findings: Sequence[Finding], scoring: Scoring) -> Finding:
    """Return the finding that sums up a scored item: its points against the share it must reach."""
    item, section = questions[0].item, questions[0].section
    maximum = item.points or Fraction(0)
    reachable = [_reachable(each) for each in findings]
    known = sum((least for least, _ in reachable), Fraction(0))
    most = sum((most for _, most in reachable), Fraction(0))
    open_ = [each for each in findings if each.value is None]
    needed = scoring.item_share * maximum
    said = {question.stated() for question in questions}
    return Finding(
        id=item.id,
        item=item.id,
        section=section,
        label=item.label,
        outcome=_reached(known, most, needed),
        value=None if open_ else known,
        threshold=needed,
        comparison="at_least",
        gap=None if open_ else known - needed,
        unit="points",
        inputs={**{each.id: each.value for each in findings}, "points": maximum},
        formula="scored",
        clause=item.clause,
        stated=said.pop() if len(said) == 1 else None,
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
            needed=each.threshold or Fraction(0),
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
        at_least=least,
        at_most=most,
        maximum=scoring.points,
        band=lowest if passed and lowest is highest else None,
        next_band=next((band for band in scoring.bands if band.at_least > least), None),
    )


def _band(scoring: Scoring, total: Fraction) -> Band | None:
    """Return the highest band the unrounded total reaches."""
    reached = [band for band in scoring.bands if total >= band.at_least]
    return reached[-1] if reached else None


def total_finding(scoring: Scoring, sheet: ScoreSheet, findings: Iterable[Finding]) -> Finding:
    """Return the finding on the total, which must reach the lowest band.

    It decides only where a county could miss the lowest band although every item reaches its share; where
    it could not, the items' own findings say all there is to say.
    """
    needed = scoring.bands[0].at_least
    open_ = [each for each in findings if each.formula == "scored" and each.value is None]
    return Finding(
        id="total",
        item="total",
        section=SCORING,
        label=scoring.label,
        outcome=_reached(sheet.at_least, sheet.at_most, needed),
        value=sheet.total,
        threshold=needed,
        comparison="at_least",
        gap=None if sheet.total is None else sheet.total - needed,
        unit="points",
        inputs={**{each.item: each.points for each in sheet.items}, "points": sheet.maximum},
        formula="total",
        clause=scoring.clause,
        missing=tuple(dict.fromkeys(place for each in open_ for place in each.missing)),
        why="total",
        facts={
            "known": sheet.at_least,
            "most": sheet.at_most,
            "maximum": sheet.maximum,
            "share": scoring.item_share,
            "below_share": [each.item for each in sheet.items if each.outcome is Outcome.NOT_MET],
            "band": sheet.band.label if sheet.band else None,
            "next": sheet.next_band.at_least if sheet.next_band else None,
            "open": len(open_),
        },
        judged=needed > scoring.item_share * scoring.points,
    )


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
