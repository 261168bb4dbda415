"""The frozen figures of a wave: form Ⅵ, rates by group, topic and indicator, and other readings.

The document holds nothing that may not be shown: what `disclosure` withholds is not in it. Shares are kept
as whole numbers above and below the line, so that nothing is rounded before it is printed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evaluation.terms import Bound
from survey_app.fieldwork.models import DrawnUnit
from survey_app.results.counting import PARENTS, counts_by_group, demands, posters_counted
from survey_app.results.disclosure import WHOLE, Key, may_show
from survey_app.results.estimating import Estimates, Interval, PoolDesign
from survey_app.results.judging import Judged, judge_responses, questionnaires_of, sets_of
from survey_app.results.merging import APART, POSTER, SUMMED, SURPLUS
from survey_app.results.models import MixedCell, Pool
from survey_app.results.rates.breakdowns import FORM, GROUP, break_down, breakdown_rows, school_types
from survey_app.results.rates.by_item import item_rows, tallies, withheld_marks
from survey_app.results.rates.readings import reading_rows, tipping_row, variant_rows
from survey_app.results.rates.returning import outcome_rates_of, returns_of
from survey_app.results.summing import Sums, add_marks, marks_by_name, reasons
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import TOPICS
from survey_app.surveys.models import Wave
from survey_app.surveys.rates import Count, alternatives, count_by_group, official_rate
from survey_app.surveys.rules import Marks

#: Of the form that the figures are frozen in; those without a number are the first.
VERSION = 2


def compute_outcome(session: Session, wave: Wave) -> dict[str, Any]:
    """Compute every figure of a mixed wave from its responses, its design and its declared rules.

    Where a group is withheld, no weighted figure holds its answers: beside the official count of the same
    answers, which weighs them otherwise, it would give the group away.
    """
    judged = judge_responses(session, wave)
    cells = _cells(session, wave)
    rules = surveys.rules_of(wave)
    with_posters = rules.posters == "counted"
    posters = [each for each in judged if each.by_poster]
    counted = [each for each in judged if not each.surplus and (with_posters or not each.by_poster)]
    summed = next((Sums.from_content(cell.sums) for cell in cells if cell.group == SUMMED), Sums())
    field = counts_by_group(session, wave)
    wanted = demands(wave.scheme_id)
    bound = wanted.bound
    sets = sets_of(session, wave.id)
    estimates = Estimates(judged, design_of(session, wave), targets_of(field, sets))
    counts = _counts(counted, summed)
    types = school_types(session, wave)
    broken = break_down(
        counted,
        summed,
        types,
        official=counts,
        averaged=rules.averages,
        one_question=rules.satisfaction == "overall",
    )
    hidden = broken.hidden(GROUP)
    together = estimates if not hidden - {SUMMED, POSTER} else Estimates([], {}, {})
    versions = questionnaires_of(session, {form.version_id for form in wave.forms})
    items = tallies(counted, versions.values())
    hidden_marks = withheld_marks(items, deciding=broken.hidden(FORM))
    total = sum(counts.values(), Count())
    rate = official_rate(counts, rules)
    shown = may_show(total.valid)
    summable = shown and WHOLE not in broken.withheld
    words = rules.described()
    intervals = estimates.by_group()
    form = _form_vi(field, counts, hidden, total, posters=posters_counted(session, wave), shown=summable)
    return {
        "version": VERSION,
        "wave": {"id": wave.id, "title": wave.title, "county": wave.county_code},
        "scheme": {"id": wave.scheme_id, "digest": wave.scheme_digest},
        "rules": {
            "content": rules.content,
            "digest": rules.digest,
            "words": {"zh": words.zh, "en": words.en},
        },
        "threshold": {bound.comparison: str(bound.threshold)},
        "official": _official(total, rate if shown else None, bound, summable=summable),
        "weighted": _with_verdict(together.overall() if shown else None, bound, total.valid),
        "form_vi": form,
        "groups": _groups(field, counts, hidden, intervals, bound),
        "merged": _merged(sets, counts, hidden, intervals, bound),
        "posters": _posters(posters, cells, counted=with_posters),
        "topics": _marks(counted, summed, "topics", list(TOPICS), estimates, hidden_marks),
        "indicators": _marks(counted, summed, "indicators", _codes(counted, summed), estimates, hidden_marks),
        "items": item_rows(items, hidden_marks, estimates) if shown else [],
        "breakdowns": breakdown_rows(broken, together, types) if shown else [],
        "alternatives": _alternatives(counted, summed) if summable else [],
        "readings": reading_rows(
            counted, summed, together, total=total, averaged=rate if rules.averages else None, bound=bound
        )
        if summable
        else [],
        "variants": variant_rows(counted, summed, rules, bound, each_group=not hidden) if summable else [],
        "tipping": tipping_row(total, asked=form[0]["distributed"], bound=bound, rules=rules)
        if shown
        else None,
        "returns": returns_of(form[0]["distributed"], form[0]["returned"], total.valid),
        "outcome_rates": outcome_rates_of(session, wave),
        "invalid": _invalid(counted, summed),
        "responses": sum(cell.n for cell in cells),
        "surplus": sum(cell.n for cell in cells if cell.stratum == SURPLUS),
        "summed": summed.n,
        "parents": _parents(counts, total, wanted.parents_share, sets, hidden),
        "pools": _pools(session, wave),
    }


def targets_of(field: Mapping[str, Mapping[str, int]], sets: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Questionnaires planned, by what answers are kept as."""
    own = {group: row["target"] for group, row in field.items()}
    return own | {kept_as: sum(own.get(group, 0) for group in groups) for kept_as, groups in sets.items()}


def _cells(session: Session, wave: Wave) -> list[MixedCell]:
    return list(session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave.id)))


def _counts(counted: Sequence[Judged], summed: Sums) -> dict[str, Count]:
    """Valid and satisfied questionnaires by what they are kept as; posters stand apart from their group."""
    counts = count_by_group(each.judgement for each in counted if not each.by_poster)
    by_poster = count_by_group(each.judgement for each in counted if each.by_poster)
    if by_poster:
        counts[POSTER] = sum(by_poster.values(), Count())
    if summed.n:
        counts[SUMMED] = summed.count
    return counts


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
            key = place.kept_as or place.group, place.stratum, place.pool
            units.setdefault(key, []).append(unit)
    answers = {
        (cell.group, cell.stratum, cell.pool): cell.n for cell in _cells(session, wave) if not cell.sums
    }
    return {key: _pool_design(key, units, answers[key]) for key in units if key in answers}


def _pool_design(
    key: tuple[str, str, str], units: Mapping[tuple[str, str, str], list[DrawnUnit]], answers: int
) -> PoolDesign:
    group, stratum, pool = key
    own = units[key]
    if not pool:
        people = Fraction(sum(unit.size for unit in own))
        stratum_pools = float(sum(unit.stratum_psus for unit in own))
    else:
        people = sum((Fraction(unit.size) / Fraction(unit.probability) for unit in own), Fraction(0))
        stratum_pools = _stratum_pools([members for each, members in units.items() if each[:2] == key[:2]])
    return PoolDesign(
        group=group,
        stratum=stratum,
        pool=pool,
        people=people,
        # A class's code may bring more people than its list counts.
        size=max(sum(unit.size for unit in own), answers),
        answers=answers,
        stratum_pools=max(stratum_pools, answers if not pool else 0.0),
    )


def _stratum_pools(pools: Sequence[Sequence[DrawnUnit]]) -> float:
    """How many pools the stratum's schools would make, were all of them pooled as the drawn ones are."""
    drawn = [unit for members in pools for unit in members]
    schools = sum({unit.stratum: unit.stratum_psus for unit in drawn}.values())
    return max(float(len(pools)), schools * len(pools) / len(drawn))


def _official(total: Count, rate: Fraction | None, bound: Bound, *, summable: bool) -> dict[str, Any]:
    """The rate as the form asks for it and on which side of the bound it lies; None: it may not be shown.

    A mean of the groups' rates may stand without the satisfied questionnaires (not *summable*): beside it
    their number could tell a withheld group's.
    """
    if rate is None:
        return {"valid": total.valid, "satisfied": None, "rate": None, "outcome": "undetermined"}
    return {
        "valid": total.valid,
        "satisfied": total.satisfied if summable else None,
        "rate": _share(rate),
        "outcome": "met" if bound.holds(rate) else "not_met",
    }


def _with_verdict(interval: Interval | None, bound: Bound, n: int) -> dict[str, Any] | None:
    """The estimate, and on which side of the bound its whole interval lies; from few units none is told.

    It stands beside a count of *n*.
    """
    if interval is None:
        return None
    threshold = float(bound.threshold)
    verdict = "not_decidable"
    if interval.lower is not None and interval.upper is not None and not interval.few_units:
        if interval.lower > threshold:
            verdict = "clearly_above"
        elif interval.upper < threshold:
            verdict = "clearly_below"
    return {**interval.beside(n), "verdict": verdict}


def _form_vi(
    field: Mapping[str, Mapping[str, int]],
    counts: Mapping[str, Count],
    hidden: Iterable[str],
    total: Count,
    *,
    posters: int,
    shown: bool,
) -> list[dict[str, Any]]:
    """表Ⅵ: the row of all questionnaires, the *posters* that count among them, and the row of parents."""
    given_out, returned = (
        sum(row[name] for row in field.values()) + posters for name in ("distributed", "spent")
    )
    rows = [("all", given_out, returned, total, shown)]
    if PARENTS in field:
        own = field[PARENTS]
        parents = counts.get(PARENTS, Count())
        rows.append((PARENTS, own["distributed"], own["spent"], parents, PARENTS not in hidden and shown))
    return [
        {
            "row": row,
            "distributed": distributed,
            "returned": returned,
            "valid": count.valid if may else None,
            "satisfied": count.satisfied if may else None,
            "rate": _share(count.rate) if may else None,
        }
        for row, distributed, returned, count, may in rows
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
                "weighted": _with_verdict(intervals.get(group), bound, count.valid) if may else None,
            }
        )
    return rows


def _merged(
    sets: Mapping[str, Sequence[str]],
    counts: Mapping[str, Count],
    hidden: frozenset[str],
    intervals: Mapping[str, Interval],
    bound: Bound,
) -> list[dict[str, Any]]:
    """Groups that were counted together because one of them has fewer than ten answers."""
    rows = []
    for kept_as, groups in sets.items():
        if kept_as not in counts or (kept_as in groups and len(groups) == 1):
            continue
        count = counts[kept_as]
        may = kept_as not in hidden and may_show(count.valid)
        rows.append(
            {
                "kept_as": kept_as,
                "groups": list(groups),
                "one_by_one": kept_as != SUMMED,
                "withheld": not may,
                "valid": count.valid if may else None,
                "satisfied": count.satisfied if may else None,
                "rate": _share(count.rate) if may else None,
                "weighted": _with_verdict(intervals.get(kept_as), bound, count.valid) if may else None,
            }
        )
    return rows


def _posters(
    posters: Sequence[Judged], cells: Sequence[MixedCell], *, counted: bool
) -> dict[str, Any] | None:
    """Questionnaires that came by a poster, without a chance of selection; None where none did."""
    n = sum(cell.n for cell in cells if cell.stratum == POSTER)
    if not n:
        return None
    count = sum(count_by_group(each.judgement for each in posters).values(), Count())
    may = may_show(count.valid)
    return {
        "n": n,
        "counted": counted,
        "withheld": not may,
        "valid": count.valid if may else None,
        "satisfied": count.satisfied if may else None,
        "rate": _share(count.rate) if may else None,
    }


def _marks(
    judged: Sequence[Judged],
    summed: Sums,
    kind: str,
    names: Sequence[str],
    estimates: Estimates,
    hidden: Collection[Key],
) -> list[dict[str, Any]]:
    """Positive among all ratings, by topic or by indicator code."""
    rows = []
    found = add_marks(marks_by_name(judged, kind), summed.marks.get(kind, {}))
    shown = [
        name for name in names if may_show(found.get(name, (0, Marks()))[0]) and (kind, name) not in hidden
    ]
    intervals = estimates.marks(kind, shown)
    for name in names:
        may = name in shown
        raters, marks = found.get(name, (0, Marks()))
        rows.append(
            {
                "id": name,
                "withheld": not may,
                "n": raters if may else None,
                "positive": marks.positive if may else None,
                "rated": marks.rated if may else None,
                "rate": _share(marks.share) if may else None,
                "weighted": intervals[name].beside(raters) if name in intervals else None,
            }
        )
    return rows


def _codes(judged: Sequence[Judged], summed: Sums) -> list[str]:
    """Indicator codes that any item informs, letters before numbers, each in its order."""
    codes = {code for each in judged for code in each.indicators} | set(summed.marks.get("indicators", {}))
    return sorted(codes, key=lambda code: (code[0].isdigit(), code[0], float(code.lstrip("GQR"))))


def _alternatives(judged: Sequence[Judged], summed: Sums) -> list[dict[str, Any]]:
    rows = []
    for reading in alternatives(each.judgement for each in judged):
        above, below = summed.readings.get(reading.id, (0, 0))
        together = replace(reading, above=reading.above + above, below=reading.below + below)
        rows.append(
            {
                "id": reading.id,
                "label": {"zh": reading.label.zh, "en": reading.label.en},
                "unit": reading.unit,
                "value": _share(together.value),
                "counts": [together.above, together.below],
            }
        )
    return rows


def _invalid(judged: Sequence[Judged], summed: Sums) -> dict[str, Any]:
    """How many questionnaires did not count, and why."""
    found = reasons(judged)
    for reason, n in summed.invalid.items():
        found[reason] = found.get(reason, 0) + n
    return {"n": sum(found.values()), "reasons": dict(sorted(found.items()))}


def _parents(
    counts: Mapping[str, Count],
    total: Count,
    least: Fraction | None,
    sets: Mapping[str, Sequence[str]],
    hidden: Iterable[str],
) -> dict[str, Any]:
    """The parents' share of the valid questionnaires, against what the scheme asks.

    It is None where parents were so few that they were summed up with others, or are withheld.
    """
    alone = PARENTS in counts or not any(PARENTS in groups for groups in sets.values() if len(groups) > 1)
    share = None
    if total.valid and alone and PARENTS not in hidden:
        share = Fraction(counts.get(PARENTS, Count()).valid, total.valid)
    reached = None if share is None or least is None else share >= least
    return {"share": _share(share), "least": _share(least), "reached": reached}


def _pools(session: Session, wave: Wave) -> list[dict[str, Any]]:
    """Per clustered group: schools drawn, and pools they were counted in."""
    rows = session.execute(
        sa.select(Pool.group, Pool.stratum, Pool.pool, sa.func.count())
        .where(Pool.wave_id == wave.id, Pool.psu.not_in(("", *APART)), Pool.kept_as.in_(("", Pool.group)))
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
