"""How far a verdict's findings are from turning, and which of them are nearest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from evaluation.county import COMPULSORY
from evaluation.findings import Finding, Outcome
from evaluation.json_values import plain
from evaluation.resources import FACTORS
from evaluation.scheme.scoring import Band
from evaluation.sensitivity.asked import Asked, smallest, spread_change
from evaluation.sensitivity.changes import Change
from evaluation.sensitivity.county_figures import COUNTY_FORMULAS
from evaluation.sensitivity.differences import (
    Contribution,
    Stage,
    composite_changes,
    difference_changes,
    largest_contribution,
    mean_changes,
    stage_of,
)
from evaluation.sensitivity.recognition import (
    KeyReading,
    RateReading,
    county_rates,
    key_readings,
    rate_readings,
)
from evaluation.sensitivity.resources import Moving
from evaluation.sensitivity.school_figures import SCHOOL_FORMULAS
from evaluation.sensitivity.wording import near_sentence
from evaluation.terms import Bound
from evaluation.verdict import Verdict

#: Formulas of findings in which nothing can be moved by a number: documents and events decide, or the
#: finding repeats or sums up others, which have their own.
WITHOUT_FIGURES = (
    "attested",
    "did_not_happen",
    "coefficients",
    "all",
    "awarded",
    "topic_rate",
    "never_decreasing",
)

FORMULAS = COUNTY_FORMULAS | SCHOOL_FORMULAS

#: Formulas of findings on points: of an item, and of all.
SCORED = ("scored", "total")

#: Points are awarded in tenths.
TENTH = Fraction(1, 10)

#: How many of the nearest findings a document says in words.
SAID = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far one finding is from the other answer."""

    finding: Finding
    #: The gap as a share of the threshold (for the rule for a school: of its nearest indicator's); the gap
    #: itself where the threshold is 0.
    relative_gap: Fraction
    #: The smallest change of each figure that turns it, relatively smallest first; empty where none can.
    changes: tuple[Change, ...]
    #: For the rule for a school: how many known indicators must move, and which is nearest.
    away: int | None = None
    nearest: str | None = None
    #: For a difference coefficient: the school part that adds most to it.
    contribution: Contribution | None = None
    #: Whether the verdict follows this finding without others in between.
    decides: bool = True
    #: Whether the verdict would be another one if this finding alone turned.
    alone: bool = False

    def document(self) -> dict[str, Any]:
        """Return the distance as JSON values; what does not apply is left out."""
        most = self.contribution
        document: dict[str, Any] = {
            "id": self.finding.id,
            "school": self.finding.school,
            "stage": self.finding.stage,
            "outcome": self.finding.outcome.value,
            "gap": plain(self.finding.gap),
            "relative_gap": float(self.relative_gap),
            "changes": [change.document() for change in self.changes],
        }
        if self.away is not None:
            document |= {"away": self.away, "nearest": self.nearest}
        if most is not None:
            document["contribution"] = {
                "school": most.school,
                "name": most.name,
                "share": float(most.share),
                "above": most.above,
            }
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDistance:
    """How far the total of the scored items is from the bands beside its own."""

    total: Fraction
    band: Band | None
    #: The next band above, and the points it needs; None in the highest.
    next: Band | None
    needed: Fraction | None
    #: How many points can be lost before the total falls into a lower band, or out of all; None in none.
    spare: Fraction | None

    def document(self, lang: str) -> dict[str, Any]:
        """Return the distance as JSON values."""
        return {
            "total": plain(self.total),
            "band": self.band.label[lang] if self.band else None,
            "next": self.next.label[lang] if self.next else None,
            "needed": plain(self.needed),
            "spare": plain(self.spare),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Everything about how firm a verdict is."""

    verdict: Verdict
    #: Of every judged finding with a number, in the verdict's order.
    distances: tuple[Distance, ...]
    #: Of those on which the verdict rests: not met and met ones, the nearest to turning first.
    to_pass: tuple[Distance, ...]
    to_fail: tuple[Distance, ...]
    #: The readings of the recognition survey that the county file allows by itself.
    rates: tuple[RateReading, ...]
    #: The verdict under either value of the scheme's keys on the recognition survey.
    keys: tuple[KeyReading, ...]
    #: None where the scheme scores nothing, or a sub-point is unknown.
    scores: ScoreDistance | None = None

    def of(self, id_: str, *, school: str | None = None, stage: str | None = None) -> Distance:
        """Return one finding's distance.

        Raises:
            LookupError: there is none: the finding is not judged by a number, or not there.
        """
        for each in self.distances:
            if (each.finding.id, each.finding.school, each.finding.stage) == (id_, school, stage):
                return each
        raise LookupError((id_, school, stage))

    def document(self, lang: str = "zh") -> dict[str, Any]:
        """Return it as JSON values; what is nearest also in words, one finding of each item."""
        return {
            "to_pass": self._said(self.to_pass, lang),
            "to_fail": self._said(self.to_fail, lang),
            "not_met": len(self.to_pass),
            "findings": [each.document() for each in self.distances],
            "recognition": {
                "rates": [each.document(lang) for each in self.rates],
                "keys": [each.document(lang) for each in self.keys],
            },
            "scores": None if self.scores is None else self.scores.document(lang),
        }

    def _said(self, ranked: Sequence[Distance], lang: str) -> list[dict[str, Any]]:
        """Return the nearest finding of each id in words, with how many others of the id come after it."""
        names = {school.code: school.name for school in self.verdict.county.schools}
        by_id: dict[str, list[Distance]] = {}
        for each in ranked:
            by_id.setdefault(each.finding.id, []).append(each)
        return [
            {
                "id": id_,
                "school": first.finding.school,
                "stage": first.finding.stage,
                "label": first.finding.label[lang],
                "alone": first.alone,
                "others": len(rest),
                "text": near_sentence(first, names, lang),
            }
            for id_, (first, *rest) in list(by_id.items())[:SAID]
        ]


def sensitivity(verdict: Verdict) -> Sensitivity:
    """Return how far every finding of *verdict* is from turning, and the verdict with them.

    Exact: the smallest change of a figure turns the finding, one unit less does not. A change leaves all
    other figures as they are. Amounts are moved by whole units (teachers, pupils, m², 元), coefficients by
    thousandths, points by tenths. Of a stage's difference coefficient only amounts are moved.
    """
    distances = [*_resource_distances(verdict), *_item_distances(verdict)]
    order = {id(finding): place for place, finding in enumerate(verdict.findings)}
    distances.sort(key=lambda each: order[id(each.finding)])
    failing = [each for each in verdict.findings if _decides(each) and each.outcome is Outcome.NOT_MET]
    placed = tuple(_placed(each, verdict, failing) for each in distances)
    deciding = [each for each in placed if each.decides]
    return Sensitivity(
        verdict=verdict,
        distances=placed,
        to_pass=_ranked(deciding, Outcome.NOT_MET),
        to_fail=_ranked(deciding, Outcome.MET),
        rates=rate_readings(verdict, county_rates(verdict.county)),
        keys=key_readings(verdict),
        scores=_score_distance(verdict),
    )


def _decides(finding: Finding) -> bool:
    """Return whether the verdict rests on a finding itself, and not on another that sums it up."""
    indicator = finding.school is not None and finding.formula in FACTORS
    return finding.judged and not indicator and (not finding.summary or finding.formula == "scored")


def _placed(distance: Distance, verdict: Verdict, failing: Sequence[Finding]) -> Distance:
    """Return the distance with whether its finding alone would change the verdict."""
    decides = _decides(distance.finding)
    if distance.finding.outcome is Outcome.MET:
        alone = decides and verdict.outcome is not Outcome.NOT_MET
    else:
        alone = decides and len(failing) == 1
    return replace(distance, decides=decides, alone=alone)


def _ranked(distances: Sequence[Distance], outcome: Outcome) -> tuple[Distance, ...]:
    """Return the findings of one outcome that a change can turn, the nearest first."""
    found = [each for each in distances if each.finding.outcome is outcome]
    return tuple(sorted(found, key=_rank))


def _rank(distance: Distance) -> tuple[Any, ...]:
    """Return how near a finding is: by its relative gap, then by the smallest relative change."""
    relative = next((each.relative for each in distance.changes if each.relative is not None), None)
    return (distance.relative_gap, relative is None, relative or Fraction(0))


def _relative_gap(finding: Finding) -> Fraction:
    gap, threshold = abs(finding.gap or Fraction(0)), finding.threshold
    return gap / abs(threshold) if threshold else gap


def _item_distances(verdict: Verdict) -> Iterator[Distance]:
    """Yield the distances of items outside the resource section."""
    criteria = {
        item.criterion_id(criterion): (item, criterion)
        for _, item in verdict.scheme.all_items()
        for criterion in item.criteria
    }
    for finding in verdict.findings:
        if finding.outcome is Outcome.UNDETERMINED or finding.value is None:
            continue
        if finding.formula in SCORED and finding.judged:
            changes = _score_changes(verdict, finding)
        elif finding.formula in FORMULAS and finding.judged:
            item, criterion = criteria[finding.id]
            asked = Asked(
                county=verdict.county,
                scheme=verdict.scheme,
                item=item,
                criterion=criterion,
                finding=finding,
            )
            changes = FORMULAS[finding.formula](asked)
        else:
            continue
        yield Distance(finding=finding, relative_gap=_relative_gap(finding), changes=tuple(smallest(changes)))


def _resource_distances(verdict: Verdict) -> Iterator[Distance]:
    """Yield the distances of the resource section."""
    found: dict[tuple[str, str], dict[str, Finding]] = {}
    stage_findings: dict[tuple[str, str], Finding] = {}
    for finding in verdict.findings:
        if finding.section != "resources" or finding.stage is None:
            continue
        if finding.school is not None:
            found.setdefault((finding.school, finding.stage), {})[finding.id] = finding
        else:
            stage_findings[finding.id, finding.stage] = finding
    parts = [
        Moving(
            county=verdict.county,
            scheme=verdict.scheme,
            part=unit.part,
            found=found[unit.part.school, unit.part.stage],
        )
        for unit in verdict.units
    ]
    for moving in parts:
        yield from _part_distances(moving)
    for stage in COMPULSORY:
        of_stage = [moving for moving in parts if moving.part.stage == stage]
        if of_stage:
            yield from _stage_distances(verdict, of_stage, stage, stage_findings)


def _part_distances(moving: Moving) -> Iterator[Distance]:
    for indicator in moving.scheme.resources.indicators:
        finding = moving.found[indicator.id]
        if finding.value is not None:
            changes = tuple(smallest(moving.indicator_changes(indicator)))
            yield Distance(finding=finding, relative_gap=_relative_gap(finding), changes=changes)
    rule = moving.found["R.school"]
    if rule.outcome is Outcome.UNDETERMINED:
        return
    count, nearest, gap = moving.away(rule)
    yield Distance(
        finding=rule,
        relative_gap=gap,
        changes=tuple(smallest(moving.rule_changes(rule))),
        away=count,
        nearest=nearest,
    )


def _stage_distances(
    verdict: Verdict, parts: Sequence[Moving], stage: str, findings: Mapping[tuple[str, str], Finding]
) -> Iterator[Distance]:
    """Yield the distances of the differences, the means and the composite coefficient of one stage."""
    stages: dict[str, Stage] = {}
    for indicator in verdict.scheme.resources.indicators:
        of_stage = stage_of(indicator, parts)
        if of_stage is None:
            continue
        stages[indicator.id] = of_stage
        for kind in ("difference", "mean"):
            finding = findings.get((f"{indicator.id}.{kind}", stage))
            if finding is None or finding.outcome is Outcome.UNDETERMINED:
                continue
            bound = _bound(finding)
            changes = (
                difference_changes(of_stage, bound, finding)
                if kind == "difference"
                else mean_changes(of_stage, bound, finding, FACTORS[indicator.formula])
            )
            yield Distance(
                finding=finding,
                relative_gap=_relative_gap(finding),
                changes=tuple(smallest(changes)),
                contribution=largest_contribution(of_stage) if kind == "difference" else None,
            )
    composite = findings.get(("R.composite", stage))
    if composite is not None and composite.outcome is not Outcome.UNDETERMINED:
        changes = composite_changes(stages, _bound(composite), composite)
        yield Distance(
            finding=composite, relative_gap=_relative_gap(composite), changes=tuple(smallest(changes))
        )


def _bound(finding: Finding) -> Bound:
    return Bound.model_validate({finding.comparison: finding.threshold})


def _score_changes(verdict: Verdict, finding: Finding) -> Iterator[Change]:
    """Yield by how many points people would have to award more, or less, for an item or the total to turn."""
    given = {key: Fraction(points) for key, points in (verdict.county.scores or {}).items()}
    sub_points = [
        each
        for each in verdict.findings
        if each.formula == "awarded" and each.id in given and finding.item in (each.item, "total")
    ]
    gap, met = finding.gap or Fraction(0), finding.outcome is Outcome.MET
    steps = -(-abs(gap) // TENTH) if not met else gap // TENTH + 1
    by = steps * TENTH * (-1 if met else 1)
    rooms = [
        (f"scores[{each.id}]", given[each.id] if met else (each.threshold or Fraction(0)) - given[each.id])
        for each in sub_points
    ]
    whole = [(path, room // TENTH * TENTH) for path, room in rooms]
    now = sum((given[each.id] for each in sub_points), Fraction(0))
    change = spread_change(f"scores.{finding.id}", now, by, sorted(whole, key=lambda each: -each[1]))
    if change is not None:
        yield change


def _score_distance(verdict: Verdict) -> ScoreDistance | None:
    scores, scoring = verdict.scores, verdict.scheme.scoring
    if scores is None or scoring is None or scores.total is None:
        return None
    total = scores.total
    reached = [band for band in scoring.bands if total >= band.at_least]
    above = next((band for band in scoring.bands if total < band.at_least), None)
    return ScoreDistance(
        total=total,
        band=scores.band,
        next=above,
        needed=None if above is None else above.at_least - total,
        spare=total - reached[-1].at_least if reached else None,
    )
