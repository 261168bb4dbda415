"""Findings of the resource section: values of school parts, the rule for a school, differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isnan

from evaluation.county import COMPULSORY, CountyFile
from evaluation.findings import Finding, Outcome, UsedExemption, conclude
from evaluation.resources import CODES, FACTORS, Judgement, Value, indicator_value, judge, tabulate
from evaluation.scheme import Scheme
from evaluation.scheme.resources import Indicator
from evaluation.terms import Text
from evaluation.units import Part

SECTION = "resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitResult:
    """One school part as judged."""

    part: Part
    #: Indicator → exact value, None when unknown.
    values: dict[str, Fraction | None]
    #: Indicator → outcome against its threshold.
    outcomes: dict[str, Outcome]
    #: Under the school rule.
    outcome: Outcome
    #: The indicators that decide it, as few as suffice; empty when met.
    deciding: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """Return the part as JSON values."""
        return {
            "school": self.part.school,
            "stage": self.part.stage,
            "pupils": self.part.pupils,
            "values": {key: None if value is None else float(value) for key, value in self.values.items()},
            "outcome": self.outcome.value,
            "name": self.part.name,
            "members": list(self.part.members),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceResult:
    """The resource section."""

    findings: tuple[Finding, ...]
    differences: tuple[Finding, ...]
    units: tuple[UnitResult, ...]
    outcome: Outcome
    #: Reason id and finding of everything that decides, whatever the verdict will be.
    deciders: tuple[tuple[str, Finding], ...]
    difference: dict[str, dict[str, float | None]]
    means: dict[str, dict[str, float | None]]


def resource_findings(parts: Sequence[Part], scheme: Scheme, file: CountyFile) -> ResourceResult:
    """Return the resource section's findings on one county's school parts."""
    indicators = scheme.resources.indicators
    values = [
        [indicator_value(part, indicator, scheme, file.application_year) for indicator in indicators]
        for part in parts
    ]
    judgement = judge(tabulate(parts, values, [0] * len(parts), counties=1), scheme)
    stated = {
        (each.indicator, each.stage): "met" if each.met else "not_met"
        for each in file.stated or []
        if each.met is not None
    }
    findings: list[Finding] = []
    deciders: list[tuple[str, Finding]] = []
    units = []
    for row, part in enumerate(parts):
        found = [
            _indicator_finding(part, indicator, values[row][column], judgement, row, column, scheme)
            for column, indicator in enumerate(indicators)
        ]
        rule = _rule_finding(part, found, judgement, row, scheme)
        units.append(_unit(part, found, rule))
        findings += [*found, rule]
        by_id = {finding.id: finding for finding in found}
        deciders += [
            (id_, by_id[id_] if rule.outcome is by_id[id_].outcome else rule) for id_ in units[-1].deciding
        ]
    order = {indicator.id: place for place, indicator in enumerate(indicators)}
    deciders.sort(key=lambda decider: order[decider[0]])
    differences = [
        _difference_finding(parts, values, indicator, column, stage, judgement, scheme, stated)
        for stage in COMPULSORY
        for column, indicator in enumerate(indicators)
    ]
    county = _county_findings(parts, values, judgement, scheme)
    findings += [*differences, *county]
    deciders += [(finding.id, finding) for finding in (*differences, *county)]
    rules = [unit.outcome for unit in units]
    return ResourceResult(
        findings=tuple(findings),
        differences=tuple(differences),
        units=tuple(units),
        outcome=conclude([*rules, *(finding.outcome for finding in (*differences, *county))]),
        deciders=tuple(deciders),
        difference=by_stage(judgement.coefficients, indicators),
        means=by_stage(judgement.means, indicators),
    )


def by_stage(table: object, indicators: Sequence[Indicator]) -> dict[str, dict[str, float | None]]:
    """Return stage → indicator → number for a table stages × indicators, None for nan."""
    rows = table.tolist()  # ty: ignore[missing-attribute]
    return {
        stage: {
            indicator.id: None if isnan(number) else number
            for indicator, number in zip(indicators, rows[place], strict=True)
        }
        for place, stage in enumerate(COMPULSORY)
    }


def _indicator_finding(
    part: Part,
    indicator: Indicator,
    value: Value,
    judgement: Judgement,
    row: int,
    column: int,
    scheme: Scheme,
) -> Finding:
    """Return how one indicator stands in one school part."""
    bound = indicator.bounds.of(part.stage)
    outcome = CODES[int(judgement.indicators[row, column])]
    names = [name.lstrip("-") for name in indicator.amount]
    used = None
    if value.exemption is not None and value.value_without is not None:
        exemption = next(each for each in scheme.exemptions if each.id == value.exemption)
        without = bound.holds(value.value_without)
        used = UsedExemption(
            id=exemption.id,
            label=exemption.label,
            clause=exemption.clause,
            outcome_without=Outcome.MET if without else Outcome.NOT_MET,
            threshold_without=bound.threshold,
            value_without=value.value_without,
            follow_up_years=exemption.follow_up_years,
        )
    return Finding(
        id=indicator.id,
        item=indicator.id,
        section=SECTION,
        label=indicator.label,
        outcome=outcome,
        school=part.school,
        school_name=part.name,
        stage=part.stage,
        value=value.value,
        threshold=bound.threshold,
        comparison=bound.comparison,
        gap=None if value.value is None else bound.gap(value.value),
        unit=indicator.unit,
        inputs={
            **{name: part.figures[name] for name in names},
            "pupils": part.pupils,
            "share": part.share,
            "amount": value.amount,
        },
        formula=indicator.formula,
        clause=indicator.clause,
        exemption=used,
        missing=value.missing,
        why="missing" if value.value is None else "number",
    )


def _rule_finding(
    part: Part, found: Sequence[Finding], judgement: Judgement, row: int, scheme: Scheme
) -> Finding:
    """Return how a school part stands under the school rule."""
    rule = scheme.resources.school_rule
    outcome = CODES[int(judgement.parts[row])]
    met = sum(finding.outcome is Outcome.MET for finding in found)
    below = [finding.id for finding in found if finding.outcome is Outcome.NOT_MET]
    unknown = [finding.id for finding in found if finding.outcome is Outcome.UNDETERMINED]
    deep = [finding.id for column, finding in enumerate(found) if judgement.below_floor[row, column]]
    places = dict.fromkeys(place for finding in found for place in finding.missing)
    return Finding(
        id="R.school",
        item="R.school",
        section=SECTION,
        label=rule.label,
        outcome=outcome,
        school=part.school,
        school_name=part.name,
        stage=part.stage,
        value=Fraction(met),
        threshold=Fraction(rule.indicators_met),
        comparison="at_least",
        gap=Fraction(met - rule.indicators_met),
        inputs={"below": below, "below_floor": deep, "unknown": unknown, "floor": rule.floor},
        formula="school_rule",
        clause=rule.clause,
        missing=tuple(places) if outcome is Outcome.UNDETERMINED else (),
        why="school_rule",
        facts={
            "met": met,
            "all": len(found),
            "below": below,
            "deep": deep,
            "unknown": unknown,
            "floor": rule.floor,
        },
    )


def _unit(part: Part, found: Sequence[Finding], rule: Finding) -> UnitResult:
    """Return the part's result; below a floor that alone decides, else all that are below, or unknown."""
    deciding: list[str] = []
    if rule.outcome is Outcome.NOT_MET:
        deciding = list(rule.facts["deep"]) or list(rule.facts["below"])
    elif rule.outcome is Outcome.UNDETERMINED:
        deciding = list(rule.facts["unknown"])
    return UnitResult(
        part=part,
        values={finding.id: finding.value for finding in found},
        outcomes={finding.id: finding.outcome for finding in found},
        outcome=rule.outcome,
        deciding=tuple(deciding),
    )


def _difference_finding(
    parts: Sequence[Part],
    values: Sequence[Sequence[Value]],
    indicator: Indicator,
    column: int,
    stage: str,
    judgement: Judgement,
    scheme: Scheme,
    stated: dict,
) -> Finding:
    """Return how unequal the schools of one stage are in one indicator."""
    rule = scheme.resources.difference
    bound = rule.bounds.of(stage)
    place = COMPULSORY.index(stage)
    coefficient = float(judgement.coefficients[place, column])
    mean = float(judgement.means[place, column])
    rows = [row for row, part in enumerate(parts) if part.stage == stage]
    missing = tuple(dict.fromkeys(where for row in rows for where in values[row][column].missing))
    value = None if isnan(coefficient) else Fraction(coefficient)
    if value is None and not missing:
        missing = (f"schools.{stage}",)
    id_ = f"{indicator.id}.difference"
    return Finding(
        id=id_,
        item=indicator.id,
        section=SECTION,
        label=indicator.label,
        outcome=CODES[int(judgement.differences[place, column])],
        stage=stage,
        value=value,
        threshold=bound.threshold,
        comparison=bound.comparison,
        gap=None if value is None else bound.gap(value),
        inputs={
            "mean": None if isnan(mean) else mean,
            "deviation": None if value is None else mean * coefficient,
            "pupils": sum(parts[row].pupils or 0 for row in rows),
            "schools": len(rows),
        },
        formula="difference_coefficient",
        clause=rule.clause,
        stated=stated.get((id_, stage)),
        missing=missing if value is None else (),
        why="missing" if value is None else "difference",
    )


def _county_findings(
    parts: Sequence[Part], values: Sequence[Sequence[Value]], judgement: Judgement, scheme: Scheme
) -> list[Finding]:
    """Return how the county stands as a whole, where the document asks: means, composite coefficient."""
    rules, found = scheme.resources, []
    for place, stage in enumerate(COMPULSORY):
        rows = [row for row, part in enumerate(parts) if part.stage == stage]
        if rules.county_mean is not None:
            found += [
                _mean_finding(parts, values, rows, column, stage, judgement, scheme)
                for column in range(len(rules.indicators))
            ]
        if rules.composite is not None:
            missing = dict.fromkeys(where for row in rows for value in values[row] for where in value.missing)
            number = float(judgement.composites[place])
            coefficients = judgement.coefficients[place].tolist()
            value = None if isnan(number) else Fraction(number)
            bound = rules.composite.bounds.of(stage)
            found.append(
                Finding(
                    id="R.composite",
                    item="R.composite",
                    section=SECTION,
                    label=rules.composite.label,
                    outcome=CODES[int(judgement.composite_outcomes[place])],
                    stage=stage,
                    value=value,
                    threshold=bound.threshold,
                    comparison=bound.comparison,
                    gap=None if value is None else bound.gap(value),
                    inputs={
                        each.id: None if isnan(coefficient) else coefficient
                        for each, coefficient in zip(rules.indicators, coefficients, strict=True)
                    },
                    formula="mean_of_coefficients",
                    clause=rules.composite.clause,
                    missing=() if value is not None else tuple(missing) or (f"schools.{stage}",),
                    why="missing" if value is None else "number",
                )
            )
    return found


def _mean_finding(
    parts: Sequence[Part],
    values: Sequence[Sequence[Value]],
    rows: Sequence[int],
    column: int,
    stage: str,
    judgement: Judgement,
    scheme: Scheme,
) -> Finding:
    """Return how the county's mean of one indicator stands: all amounts over all pupils of the stage."""
    indicator, rule = scheme.resources.indicators[column], scheme.resources.county_mean
    bound = indicator.bounds.of(stage)
    amounts = [values[row][column].amount for row in rows]
    pupils = sum(parts[row].pupils or 0 for row in rows)
    missing = tuple(dict.fromkeys(where for row in rows for where in values[row][column].missing))
    value = None
    if rows and not missing and None not in amounts:
        total = sum((each for each in amounts if each is not None), Fraction(0))
        value = total * FACTORS[indicator.formula] / pupils
    return Finding(
        id=f"{indicator.id}.mean",
        item=indicator.id,
        section=SECTION,
        label=_labelled(indicator, rule.label) if rule else indicator.label,
        outcome=CODES[int(judgement.county_means[COMPULSORY.index(stage), column])],
        stage=stage,
        value=value,
        threshold=bound.threshold,
        comparison=bound.comparison,
        gap=None if value is None else bound.gap(value),
        unit=indicator.unit,
        inputs={"pupils": pupils, "schools": len(rows)},
        formula="county_mean",
        clause=rule.clause if rule else indicator.clause,
        missing=() if value is not None else missing or (f"schools.{stage}",),
        why="missing" if value is None else "number",
    )


def _labelled(indicator: Indicator, rule: Text) -> Text:
    """Return the indicator's label with what is asked of it."""
    return Text(zh=f"{indicator.label.zh}（{rule.zh}）", en=f"{indicator.label.en} ({rule.en})")
