"""The frozen figures of a wave: form Ⅵ, rates by group, topic and indicator, and other readings.

The document holds nothing that may not be shown: what `disclosure` withholds is not in it. Shares are kept
as whole numbers above and below the line, so that nothing is rounded before it is printed.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation.criteria import Bound
from survey_app.fieldwork.models import DrawnUnit
from survey_app.results.counting import PARENTS, counts_by_group, demands
from survey_app.results.disclosure import may_show, withheld
from survey_app.results.estimating import Estimates, Interval, PoolDesign
from survey_app.results.judging import Judged, judge_responses
from survey_app.results.models import MixedCell, Pool
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import TOPICS
from survey_app.surveys.models import Wave
from survey_app.surveys.rates import Count, alternatives, count_by_group, official_rate
from survey_app.surveys.rules import Marks


def compute_outcome(session: Session, wave: Wave) -> dict[str, Any]:
    """Compute every figure of a mixed wave from its responses, its design and its declared rules."""
    judged = judge_responses(session, wave)
    counted = [each for each in judged if not each.surplus]
    field = counts_by_group(session, wave)
    rules = surveys.rules_of(wave)
    wanted = demands(wave.scheme_id)
    bound = wanted.bound
    estimates = Estimates(
        judged, design_of(session, wave), {group: row["target"] for group, row in field.items()}
    )
    counts = count_by_group(each.judgement for each in counted)
    hidden = withheld({group: count.valid for group, count in counts.items()})
    total = sum(counts.values(), Count())
    rate = official_rate(counts, rules)
    shown = may_show(total.valid)
    words = rules.described()
    return {
        "wave": {"id": wave.id, "title": wave.title, "county": wave.county_code},
        "scheme": {"id": wave.scheme_id, "digest": wave.scheme_digest},
        "rules": {
            "content": rules.content,
            "digest": rules.digest,
            "words": {"zh": words.zh, "en": words.en},
        },
        "threshold": {bound.comparison: str(bound.threshold)},
        "official": _official(total, rate if shown else None, bound),
        "weighted": _with_verdict(estimates.overall() if shown else None, bound),
        "form_vi": _form_vi(field, counts, hidden, total, shown=shown),
        "groups": _groups(field, counts, hidden, estimates.by_group(), bound),
        "topics": _marks(counted, "topics", list(TOPICS), estimates),
        "indicators": _marks(counted, "indicators", _codes(counted), estimates),
        "alternatives": _alternatives(counted) if shown else [],
        "invalid": _invalid(counted),
        "responses": len(judged),
        "surplus": sum(each.surplus for each in judged),
        "parents": _parents(counts, total, wanted.parents_share),
        "pools": _pools(session, wave),
    }


def design_of(session: Session, wave: Wave) -> dict[tuple[str, str, str], PoolDesign]:
    """The design of every pool and of every group of persons that gave an answer."""
    places = {
        (pool.group, pool.psu): pool
        for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave.id))
    }
    units: dict[tuple[str, str, str], list[DrawnUnit]] = {}
    for unit in session.scalars(sa.select(DrawnUnit).where(DrawnUnit.wave_id == wave.id)):
        place = places.get((unit.group, unit.psu))
        if place is not None:
            units.setdefault((place.group, place.stratum, place.pool), []).append(unit)
    answers = {
        (cell.group, cell.stratum, cell.pool): cell.n
        for cell in session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave.id))
    }
    return {key: _pool_design(key, units, answers[key]) for key in units if key in answers}


def _pool_design(
    key: tuple[str, str, str], units: Mapping[tuple[str, str, str], list[DrawnUnit]], answers: int
) -> PoolDesign:
    group, stratum, pool = key
    own = units[key]
    if not pool:
        people, stratum_pools = Fraction(own[0].size), float(own[0].stratum_psus)
    else:
        people = sum((Fraction(unit.size) / Fraction(unit.probability) for unit in own), Fraction(0))
        stratum_pools = _stratum_pools([members for each, members in units.items() if each[:2] == key[:2]])
    return PoolDesign(
        group=group,
        stratum=stratum,
        pool=pool,
        people=people,
        size=sum(unit.size for unit in own),
        answers=answers,
        stratum_pools=max(stratum_pools, answers if not pool else 0.0),
    )


def _stratum_pools(pools: Sequence[Sequence[DrawnUnit]]) -> float:
    """How many pools the stratum's schools would make, were all of them pooled as the drawn ones are."""
    drawn = [unit for members in pools for unit in members]
    schools = sum({unit.stratum: unit.stratum_psus for unit in drawn}.values())
    return max(float(len(pools)), schools * len(pools) / len(drawn))


def _official(total: Count, rate: Fraction | None, bound: Bound) -> dict[str, Any]:
    """The rate as the form asks for it and on which side of the bound it lies; None: it may not be shown."""
    if rate is None:
        return {"valid": total.valid, "satisfied": None, "rate": None, "outcome": "undetermined"}
    return {
        "valid": total.valid,
        "satisfied": total.satisfied,
        "rate": _share(rate),
        "outcome": "met" if bound.holds(rate) else "not_met",
    }


def _with_verdict(interval: Interval | None, bound: Bound) -> dict[str, Any] | None:
    """The estimate, and on which side of the bound its whole interval lies; from few units none is told."""
    if interval is None:
        return None
    threshold = float(bound.threshold)
    verdict = "not_decidable"
    if interval.lower is not None and interval.upper is not None and not interval.few_units:
        if interval.lower > threshold:
            verdict = "clearly_above"
        elif interval.upper < threshold:
            verdict = "clearly_below"
    return {**interval.document(), "verdict": verdict}


def _form_vi(
    field: Mapping[str, Mapping[str, int]],
    counts: Mapping[str, Count],
    hidden: Iterable[str],
    total: Count,
    *,
    shown: bool,
) -> list[dict[str, Any]]:
    """表Ⅵ: the row of all questionnaires and the row of parents."""
    everybody = sum(row["distributed"] for row in field.values())
    parents = counts.get(PARENTS, Count())
    rows = [("all", everybody, total, shown)]
    if PARENTS in field:
        rows.append((PARENTS, field[PARENTS]["distributed"], parents, PARENTS not in hidden and shown))
    return [
        {
            "row": row,
            "distributed": distributed,
            "valid": count.valid if may else None,
            "satisfied": count.satisfied if may else None,
            "rate": _share(count.rate) if may else None,
        }
        for row, distributed, count, may in rows
    ]


def _groups(
    field: Mapping[str, Mapping[str, int]],
    counts: Mapping[str, Count],
    hidden: frozenset[str],
    intervals: Mapping[str, Interval],
    bound: Bound,
) -> list[dict[str, Any]]:
    rows = []
    for group, sent in field.items():
        count = counts.get(group, Count())
        may = group not in hidden and may_show(count.valid)
        rows.append(
            {
                "group": group,
                **sent,
                "withheld": not may,
                "valid": count.valid if may else None,
                "satisfied": count.satisfied if may else None,
                "rate": _share(count.rate) if may else None,
                "weighted": _with_verdict(intervals.get(group), bound) if may else None,
            }
        )
    return rows


def _marks(
    judged: Sequence[Judged], kind: str, names: Sequence[str], estimates: Estimates
) -> list[dict[str, Any]]:
    """Positive among all ratings, by topic or by indicator code."""
    rows = []
    sums: dict[str, Marks] = {}
    raters: dict[str, int] = {}
    for each in judged:
        for name, marks in getattr(each, kind).items() if each.valid else ():
            sums[name] = sums.get(name, Marks()) + marks
            raters[name] = raters.get(name, 0) + 1
    intervals = estimates.marks(kind, [name for name in names if may_show(raters.get(name, 0))])
    for name in names:
        may = may_show(raters.get(name, 0))
        marks = sums.get(name, Marks())
        rows.append(
            {
                "id": name,
                "withheld": not may,
                "n": raters[name] if may else None,
                "positive": marks.positive if may else None,
                "rated": marks.rated if may else None,
                "rate": _share(marks.share) if may else None,
                "weighted": intervals[name].document() if name in intervals else None,
            }
        )
    return rows


def _codes(judged: Sequence[Judged]) -> list[str]:
    """Indicator codes that any item informs, letters before numbers, each in its order."""
    codes = {code for each in judged for code in each.indicators}
    return sorted(codes, key=lambda code: (code[0].isdigit(), code[0], float(code.lstrip("GQR"))))


def _alternatives(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    return [
        {
            "id": reading.id,
            "label": {"zh": reading.label.zh, "en": reading.label.en},
            "unit": reading.unit,
            "value": _share(reading.value),
            "counts": [reading.above, reading.below],
        }
        for reading in alternatives(each.judgement for each in judged)
    ]


def _invalid(judged: Sequence[Judged]) -> dict[str, Any]:
    """How many questionnaires did not count, and why."""
    reasons: dict[str, int] = {}
    for each in judged:
        reason = each.judgement.validity.reason
        if reason:
            reasons[reason] = reasons.get(reason, 0) + 1
    return {"n": sum(reasons.values()), "reasons": dict(sorted(reasons.items()))}


def _parents(counts: Mapping[str, Count], total: Count, least: Fraction | None) -> dict[str, Any]:
    """The parents' share of the valid questionnaires, against what the scheme asks."""
    share = Fraction(counts.get(PARENTS, Count()).valid, total.valid) if total.valid else None
    reached = None if share is None or least is None else share >= least
    return {"share": _share(share), "least": _share(least), "reached": reached}


def _pools(session: Session, wave: Wave) -> list[dict[str, Any]]:
    """Per clustered group: schools drawn, and pools they were counted in."""
    rows = session.execute(
        sa.select(Pool.group, Pool.stratum, Pool.pool, sa.func.count())
        .where(Pool.wave_id == wave.id, Pool.psu != "")
        .group_by(Pool.group, Pool.stratum, Pool.pool)
    ).all()
    groups = dict.fromkeys(sorted(row.group for row in rows))
    return [
        {
            "group": group,
            "schools": sum(row[3] for row in rows if row.group == group),
            "pools": sum(row.group == group for row in rows),
        }
        for group in groups
    ]


def _share(value: Fraction | None) -> list[int] | None:
    """A fraction as [above, below]; exact in JSON."""
    return None if value is None else [value.numerator, value.denominator]
