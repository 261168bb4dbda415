"""What a county publishes about itself, against what its counts give.

``totals`` are published counts; ``stated`` are published judgements and ratios. A published count that
is not known by stage can stand in ``stated`` under its name with the stage ``county``.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from evaluation.contradictions import Contradiction, schools_with, total_of
from evaluation.county import COMPULSORY, STAGES, CountyFile, School, Stated
from evaluation.findings import Finding, Outcome
from evaluation.resources import FACTORS
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.terms import Bound
from evaluation.units import SHARED_FIGURES

#: Published totals that are sums of a figure of the teachers.
STAFF_TOTALS = {
    "employees": "employees",
    "teachers": "total",
    "above_qualification": "above_qualification",
    "backbone": "backbone",
    "pe_arts": "pe_arts",
    "pe_arts_specialist": "pe_arts_specialist",
}

#: Totals that others are part of.
WHOLES = ("employees", "teachers")

#: Figures that a published ratio may have been made from by mistake, by the figure it should use.
MISTAKEN = {"pe_arts": ("pe_arts_specialist", "pe_specialist", "music_specialist", "art_specialist")}

#: Published counts that stand for a narrower group than the indicator's figure.
NARROWER = {"above_qualification": ("bachelor",)}


def statement_contradictions(
    county: CountyFile, scheme: Scheme, findings: Sequence[Finding]
) -> Iterator[Contradiction]:
    """Yield published totals and judgements that the county's own counts do not bear out."""
    yield from _totals(county)
    yield from _subsets(county)
    yield from _bases(county)
    for place, each in enumerate(county.stated or []):
        if each.value is not None:
            found = list(_ratio(county, scheme, place, each)) or list(_value(place, each, findings))
            yield from found
            yield from _own_value(scheme, place, each)
        if each.met is not None:
            yield from _against_findings(place, each, findings)
    yield from _only_words(county, findings)


def _totals(county: CountyFile) -> Iterator[Contradiction]:
    """Yield totals that are not the sum of the schools; a school that is silent leaves it open."""
    for name, by_stage in (county.totals or {}).items():
        for stage in COMPULSORY:
            stated = getattr(by_stage, stage)
            if stated is None:
                continue
            where = f"totals.{name}.{stage}"
            facts = {"figure": name, "stage": stage, "stated": stated}
            if name == "schools":
                least, most = schools_with(county, stage)
                if county.schools and not least <= stated <= most:
                    count = least if stated < least else most
                    yield Contradiction(
                        id="total_against_schools", where=where, facts={**facts, "computed": count}
                    )
                continue
            computed = _sum_of_schools(county, name, stage)
            if computed is not None and computed != stated:
                yield Contradiction(
                    id="total_against_schools", where=where, facts={**facts, "computed": computed}
                )


#: Published totals that are part of another one, and of which.
SUBSETS = (
    ("teachers", "employees"),
    *((name, whole) for whole in ("teachers", "employees") for name in STAFF_TOTALS if name not in WHOLES),
    ("pe_arts_specialist", "pe_arts"),
)


def _subsets(county: CountyFile) -> Iterator[Contradiction]:
    """Yield published totals that are larger than what they are part of."""
    for stage in COMPULSORY:
        for name, whole in SUBSETS:
            part, of = (getattr((county.totals or {}).get(each), stage, None) for each in (name, whole))
            if part is not None and of is not None and part > of:
                facts = {"stage": stage, "figure": name, "part": part, "whole": whole, "of": of}
                where = f"totals.{name}.{stage}"
                yield Contradiction(id="totals_part_exceeds_whole", where=where, facts=facts)


def _sum_of_schools(county: CountyFile, name: str, stage: str) -> Fraction | int | None:
    """Return a total over all schools but special and vocational ones; None when it cannot be said.

    What a school's stages use together belongs to a stage only where every school has just that one.
    """
    schools = [
        school
        for school in county.schools
        if school.kind not in ("special", "vocational") and school.pupils_in(stage) != 0
    ]
    if name == "pupils":
        return total_of(school.pupils_in(stage) for school in schools)
    if name in STAFF_TOTALS:
        return total_of(school.staff_in(stage, STAFF_TOTALS[name]) for school in schools)
    if name in SHARED_FIGURES and all(_single(school, stage) for school in schools):
        return total_of(getattr(school, name) for school in schools)
    return None


def _single(school: School, stage: str) -> bool:
    """Return whether *stage* is the only one in which a school has pupils, so far as is known."""
    return all(school.pupils_in(each) == 0 for each in STAGES if each != stage)


def _count(county: CountyFile, name: str, stage: str | None) -> Fraction | None:
    """Return a published count of a stage, or of the county: from the totals, else as stated."""
    by_stage = (county.totals or {}).get(name)
    wanted = (stage,) if stage in COMPULSORY else COMPULSORY
    parts = [getattr(by_stage, each, None) for each in wanted]
    if None not in parts:
        return sum((Fraction(part) for part in parts if part is not None), Fraction(0))
    for each in county.stated or []:
        if (
            each.indicator == name
            and (each.stage or "county") == (stage or "county")
            and each.value is not None
        ):
            return Fraction(each.value)
    return None


def _rounds_to(value: Fraction, stated: Decimal) -> bool:
    """Return whether *value*, rounded as *stated* is, may be what was stated."""
    return abs(value - Fraction(stated)) <= _step(stated) / 2


def _step(stated: Decimal) -> Fraction:
    """Return the last decimal place of a published number."""
    exponent = stated.as_tuple().exponent
    return Fraction(10) ** (exponent if isinstance(exponent, int) else 0)


def _indicator(scheme: Scheme, stated: Stated) -> Indicator | None:
    return next((each for each in scheme.resources.indicators if each.id == stated.indicator), None)


def _amount(county: CountyFile, indicator: Indicator, stage: str | None) -> Fraction | None:
    """Return what the published counts make of an indicator's amount; None where one is not published."""
    total = Fraction(0)
    for name in indicator.amount:
        count = _count(county, name.lstrip("-"), stage)
        if count is None:
            return None
        total += -count if name[0] == "-" else count
    return total


def _ratio(county: CountyFile, scheme: Scheme, place: int, stated: Stated) -> Iterator[Contradiction]:
    """Yield a published per-pupil ratio that its own numerator and denominator do not give."""
    indicator = _indicator(scheme, stated)
    if indicator is None or stated.value is None:
        return
    name = indicator.amount[0].lstrip("-")
    amount, pupils = _amount(county, indicator, stated.stage), _count(county, "pupils", stated.stage)
    factor = FACTORS[indicator.formula]
    if amount is None or not pupils or _rounds_to(amount * factor / pupils, stated.value):
        return
    facts = {
        "indicator": indicator.id,
        "stage": stated.stage,
        "stated": stated.value,
        "figure": name,
        "amount": amount,
        "pupils": pupils,
        "computed": amount * factor / pupils,
        "instead": None,
    }
    others = []
    for other in MISTAKEN.get(name, ()):
        count = _count(county, other, stated.stage)
        if count is None:
            continue
        ratio = count * factor / pupils
        others.append({"figure": other, "amount": count, "computed": ratio})
        if facts["instead"] is None and _rounds_to(ratio, stated.value):
            facts["instead"] = others[-1]
    yield Contradiction(id="stated_ratio", where=f"stated[{place}].value", facts={**facts, "others": others})


def _bound(scheme: Scheme, stated: Stated) -> Bound | None:
    """Return the bound a published value is to keep; None where none, or not just one, is meant."""
    indicator = _indicator(scheme, stated)
    if indicator is not None:
        return indicator.bounds.of(stated.stage) if stated.stage in COMPULSORY else None
    for _, item in scheme.all_items():
        bounds = {
            item.criterion_id(criterion): bound
            for criterion in item.criteria
            if (bound := getattr(criterion, "bound", None)) is not None and criterion.unit == "percent"
        }
        if stated.indicator in bounds:
            return bounds[stated.indicator]
        if stated.indicator == item.id and len(bounds) == 1:
            return next(iter(bounds.values()))
    return None


def _own_value(scheme: Scheme, place: int, stated: Stated) -> Iterator[Contradiction]:
    """Yield a published judgement that the published value itself overturns, however it was rounded."""
    bound = _bound(scheme, stated)
    if bound is None or stated.met is None or stated.value is None:
        return
    half = _step(stated.value) / 2
    verdicts = {bound.holds(Fraction(stated.value) + offset) for offset in (-half, Fraction(0), half)}
    if verdicts == {not stated.met}:
        said, found = (Outcome.MET if met else Outcome.NOT_MET for met in (stated.met, not stated.met))
        facts = {
            "indicator": stated.indicator,
            "stage": stated.stage,
            "stated": stated.value,
            "comparison": bound.comparison,
            "standard": bound.threshold,
            "said": said,
            "found": found,
        }
        yield Contradiction(id="stated_against_own_value", where=f"stated[{place}].met", facts=facts)


def _value(place: int, stated: Stated, findings: Sequence[Finding]) -> Iterator[Contradiction]:
    """Yield a published value that the figures of the schools, or of the county, do not give."""
    for finding in findings:
        if finding.school is not None or finding.summary or stated.value is None:
            continue
        computed = finding.value
        if finding.id == f"{stated.indicator}.difference" and finding.inputs["mean"] is not None:
            computed = Fraction(finding.inputs["mean"])
        elif finding.id != stated.indicator:
            continue
        if finding.stage not in (stated.stage, None) or computed is None:
            continue
        if not _rounds_to(computed, stated.value):
            facts = {"indicator": stated.indicator, "stage": finding.stage, "stated": stated.value}
            where = f"stated[{place}].value"
            yield Contradiction(id="stated_value", where=where, facts={**facts, "computed": computed})


def _bases(county: CountyFile) -> Iterator[Contradiction]:
    """Yield totals that count other people than the indicators ask for."""
    totals = county.totals or {}
    if "employees" in totals and "teachers" not in totals:
        people: dict[str, object] = {each: getattr(totals["employees"], each) for each in COMPULSORY}
        yield Contradiction(id="employees_not_teachers", where="totals.employees", facts=people)
    for name, narrower in NARROWER.items():
        for other in narrower:
            amount = _count(county, other, "primary")
            if amount is not None and _count(county, name, "primary") in (None, amount):
                facts = {"figure": name, "narrower": other, "amount": amount}
                yield Contradiction(id="lower_bound", where=f"totals.{name}.primary", facts=facts)


def _against_findings(place: int, stated: Stated, findings: Sequence[Finding]) -> Iterator[Contradiction]:
    """Yield a published judgement that the figures overturn."""
    if stated.met is None:
        return
    said = Outcome.MET if stated.met else Outcome.NOT_MET
    for finding in findings:
        about = finding.school is None and finding.id == stated.indicator
        if not about or stated.stage not in (None, "county", finding.stage):
            continue
        if finding.outcome is not Outcome.UNDETERMINED and finding.outcome is not said:
            facts = {"indicator": finding.id, "stage": finding.stage, "said": said, "found": finding.outcome}
            yield Contradiction(id="stated_against_finding", where=f"stated[{place}].met", facts=facts)
            return


def _only_words(county: CountyFile, findings: Sequence[Finding]) -> Iterator[Contradiction]:
    """Yield, as one, the items that are said to be met without any figure or document that shows it."""
    found = [
        finding
        for finding in findings
        if finding.stated == "met" and finding.outcome is Outcome.UNDETERMINED and finding.school is None
    ]
    items = list(dict.fromkeys(finding.item for finding in found))
    ratios = {finding.item for finding in found if finding.unit == "percent"}
    published = {
        each.indicator: each.value
        for each in county.stated or []
        if each.value is not None and each.indicator in ratios
    }
    if items:
        facts = {"items": items, "count": len(items), "published": published}
        yield Contradiction(id="met_in_words", where="stated", facts=facts)
