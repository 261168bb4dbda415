"""A verdict's document laid out as people read it: cards, reasons, heat table, coefficients, items."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.vocabulary import figure_name
from survey_app.assessments.charts import Panel, panel, share_panel
from survey_app.assessments.figures import ratio
from survey_app.assessments.overview_parts import (
    CoefficientRow,
    Finding,
    FollowUp,
    HeatCell,
    HeatRow,
    Item,
    Reason,
    Section,
)
from survey_app.assessments.words import INPUTS

#: Worst first.
_ORDER = {"not_met": 0, "undetermined": 1, "met": 2}

STAGES = ("primary", "junior")

#: What is judged comes first, then who may apply and what rules a county out.
_CARDS = {"eligibility": 1, "vetoes": 1}

#: Inputs in the order in which a reader computes with them.
_RANK = {key: position for position, key in enumerate(INPUTS)}

#: Which school a place of the county file belongs to.
_SCHOOL = re.compile(r"^schools\[[^\]]*\]\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything a page or paper shows of a verdict."""

    document: Mapping[str, Any]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    reasons: tuple[Reason, ...]
    heat: tuple[HeatRow, ...]
    coefficients: tuple[CoefficientRow, ...]

    @property
    def scheme(self) -> Mapping[str, Any]:
        """What it was judged by, with its words."""
        return self.document["scheme"]

    @property
    def resources(self) -> Section:
        """The section on resources."""
        return self.section("resources")

    @property
    def cards(self) -> list[Section]:
        """The sections as the page's head shows them."""
        return sorted(self.sections, key=lambda each: _CARDS.get(each.id, 0))

    @property
    def item_sections(self) -> tuple[Section, ...]:
        """The sections that consist of items of the document; the total of a score sheet is none."""
        return tuple(each for each in self.cards if each.id not in ("resources", "scoring"))

    @property
    def failing_schools(self) -> int:
        """Schools (or stages of schools) that do not pass the rule for a school."""
        return sum(row.rule["outcome"] == "not_met" for row in self.heat)

    @property
    def unknown_schools(self) -> int:
        """Schools (or stages of schools) that cannot be judged."""
        return sum(row.rule["outcome"] == "undetermined" for row in self.heat)

    @property
    def stated(self) -> tuple[Item, ...]:
        """Items that no figure decides although the county says they are met."""
        return tuple(each for section in self.item_sections for each in section.items if each.stated)

    @property
    def recognition_rate(self) -> Finding:
        """The finding on the questionnaires of the recognition survey."""
        found = [each for each in self.findings if each["section"] == "recognition"]
        return next((each for each in found if each["formula"] == "recognition_rate"), found[0])

    @property
    def judges_means(self) -> bool:
        """Whether the document asks something of the county's mean."""
        return any(row.mean_finding for row in self.coefficients)

    @property
    def composites(self) -> tuple[Finding, ...]:
        """The findings on the mean of a stage's coefficients, where the document asks for it."""
        return tuple(each for each in self.findings if each["formula"] == "mean_of_coefficients")

    @property
    def follow_ups(self) -> tuple[FollowUp, ...]:
        """What was met through an exemption that obliges to reach the full standard later."""
        groups: dict[tuple[str, str, int], list[Finding]] = {}
        for each in self.findings:
            used = each["exemption"]
            if used and used["follow_up_years"]:
                groups.setdefault((used["label"], each["label"], used["follow_up_years"]), []).append(each)
        return tuple(
            FollowUp(exemption=exemption, label=label, years=years, findings=tuple(found))
            for (exemption, label, years), found in groups.items()
        )

    def finding_of(self, place: Mapping[str, Any]) -> Finding | None:
        """The finding that an override speaks of by ``finding``, ``school`` and ``stage``."""
        wanted = (place["finding"], place["school"], place["stage"])
        return next(
            (each for each in self.findings if (each["id"], each["school"], each["stage"]) == wanted), None
        )

    def beside(self, finding: Finding) -> tuple[Finding, ...]:
        """The other findings on the same school and stage, for one on a school's resources."""
        if finding["section"] != "resources" or not finding["school"]:
            return ()
        place = (finding["school"], finding["stage"])
        return tuple(
            each
            for each in self.findings
            if each["section"] == "resources"
            and (each["school"], each["stage"]) == place
            and each is not finding
        )

    def section(self, section_id: str) -> Section:
        """The section with this id."""
        return next(each for each in self.sections if each.id == section_id)

    def coefficients_of(self, stage: str) -> tuple[CoefficientRow, ...]:
        """The rows of one stage."""
        return tuple(row for row in self.coefficients if row.stage == stage)

    def panels(self, stage_names: Mapping[str, str]) -> list[Panel]:
        """The difference coefficients as one panel for each stage that has schools."""
        return [
            panel(
                stage_names[stage],
                rows[0].difference["threshold"],
                [
                    (row.indicator["short"], row.difference["value"], row.difference["outcome"])
                    for row in rows
                ],
            )
            for stage in STAGES
            if (rows := self.coefficients_of(stage)) and rows[0].schools
        ]

    def share_panels(self, stage_names: Mapping[str, str]) -> list[Panel]:
        """The shares of schools that reach each indicator, as one panel for each stage that has schools."""
        return [
            share_panel(stage_names[stage], [(row.indicator["short"], row.share) for row in rows])
            for stage in STAGES
            if (rows := self.coefficients_of(stage)) and rows[0].schools
        ]


def overview_of(document: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Overview:
    """Lay out a verdict's document; *names* gives the names of schools by code."""
    known = {**(names or {}), **{unit["school"]: unit["name"] for unit in document["units"]}}
    lang = document["lang"]
    findings = tuple(
        {
            **each,
            "position": position,
            "school_name": known.get(each["school"], each["school"]),
            "missing_words": missing_words(each["missing"], lang),
            "inputs": dict(sorted(each["inputs"].items(), key=lambda pair: _RANK.get(pair[0], len(_RANK)))),
        }
        for position, each in enumerate(document["findings"])
    )
    heat = _heat(document, findings)
    coefficients = _coefficients(document, findings)
    sections = tuple(_section(document, findings, words, heat) for words in document["scheme"]["sections"])
    return Overview(
        document=document,
        findings=findings,
        sections=sections,
        reasons=_reasons(document, findings, sections),
        heat=heat,
        coefficients=coefficients,
    )


def missing_words(places: Sequence[str], lang: str) -> list[str]:
    """Name missing figures, each kind once with the number of schools that lack it.

    >>> missing_words(["schools[A].music_rooms", "schools[B].music_rooms", "figures.funds"], "zh")[0]
    '音乐专用教室（2 处）'
    """
    kinds = Counter(figure_name(_SCHOOL.sub("", place), lang) for place in places)
    counted = "（{} 处）" if lang == "zh" else " ({})"
    return [name + (counted.format(times) if times > 1 else "") for name, times in kinds.items()]


def _section(
    document: Mapping[str, Any],
    findings: Sequence[Finding],
    words: Mapping[str, str],
    heat: Sequence[HeatRow],
) -> Section:
    section = words["id"]
    items: tuple[Item, ...] = ()
    if section == "resources":
        outcomes = [row.rule["outcome"] for row in heat]
    else:
        items = _items([each for each in findings if each["section"] == section])
        outcomes = [each.outcome for each in items]
    return Section(
        id=section,
        label=words["label"],
        clause=words["clause"],
        outcome=document["sections"][section],
        items=items,
        met=outcomes.count("met"),
        total=len(outcomes),
    )


def _items(findings: Sequence[Finding]) -> tuple[Item, ...]:
    groups: dict[str, list[Finding]] = {}
    for each in findings:
        groups.setdefault(each["id"].partition(".")[0], []).append(each)
    return tuple(_item(key, found) for key, found in groups.items())


def _item(key: str, found: Sequence[Finding]) -> Item:
    head = next((each for each in reversed(found) if each["summary"]), found[0])
    rest = [each for each in found if each is not head]
    schools = sorted((each for each in rest if each["school"]), key=_worst_first)
    return Item(
        id=key,
        head=head,
        parts=tuple(each for each in rest if not each["school"]),
        schools=tuple(schools),
    )


def _worst_first(finding: Finding) -> int:
    return _ORDER[finding["outcome"]]


def _heat(document: Mapping[str, Any], findings: Sequence[Finding]) -> tuple[HeatRow, ...]:
    found = {(each["id"], each["school"], each["stage"]): each for each in findings if each["school"]}
    rules = {(each["school"], each["stage"]): each for each in findings if each["formula"] == "school_rule"}
    rows = []
    for unit in document["units"]:
        place = (unit["school"], unit["stage"])
        rule = rules[place]
        cells = [
            _heat_cell(found[indicator["id"], *place], rule) for indicator in document["scheme"]["indicators"]
        ]
        rows.append(
            HeatRow(
                name=unit["name"], stage=unit["stage"], pupils=unit["pupils"], cells=tuple(cells), rule=rule
            )
        )
    return tuple(sorted(rows, key=lambda row: _worst_first(row.rule)))


def _heat_cell(finding: Finding, rule: Finding) -> HeatCell:
    states = {"met": "fine", "undetermined": "missing", "not_met": "below"}
    state = states[finding["outcome"]]
    if state == "below" and finding["id"] in rule["inputs"]["below_floor"]:
        state = "below_floor"
    return HeatCell(ratio=ratio(finding["value"], finding["threshold"]), state=state, finding=finding)


def _coefficients(document: Mapping[str, Any], findings: Sequence[Finding]) -> tuple[CoefficientRow, ...]:
    of_schools: dict[tuple[str, str], Counter[str]] = {}
    of_county = {}
    for each in findings:
        if each["section"] == "resources":
            place = (each["id"], each["stage"])
            if each["school"]:
                of_schools.setdefault(place, Counter())[each["outcome"]] += 1
            else:
                of_county[place] = each
    rows = []
    for stage in STAGES:
        for indicator in document["scheme"]["indicators"]:
            key = indicator["id"]
            outcomes = of_schools.get((key, stage), Counter())
            rows.append(
                CoefficientRow(
                    indicator=indicator,
                    stage=stage,
                    mean=document["means"][stage][key],
                    threshold=indicator["thresholds"][stage],
                    reached=outcomes["met"],
                    unknown=outcomes["undetermined"],
                    schools=outcomes.total(),
                    difference=of_county[f"{key}.difference", stage],
                    mean_finding=of_county.get((f"{key}.mean", stage)),
                )
            )
    return tuple(rows)


def _reasons(
    document: Mapping[str, Any], findings: Sequence[Finding], sections: Sequence[Section]
) -> tuple[Reason, ...]:
    """One reason for each deciding id: the finding that says most about it, and its schools."""
    verdict = document["verdict"]
    items = {item.id: item for section in sections for item in section.items}
    decisive = {"not_met": ("below_floor", "below"), "undetermined": ("unknown",)}.get(verdict, ())
    reasons = []
    for key in document["reasons"]:
        same = [each for each in findings if each["id"] == key and each["outcome"] == verdict]
        if key in items:
            item = items[key]
            schools = tuple(each for each in item.schools if each["outcome"] == verdict)
            reasons.append(Reason(finding=item.head, schools=schools))
        elif any(each["school"] for each in same):
            rules = [
                each
                for each in findings
                if each["formula"] == "school_rule"
                and each["outcome"] == verdict
                and _decides(each, key, decisive)
            ]
            places = {(each["school"], each["stage"]) for each in rules}
            schools = tuple(each for each in same if (each["school"], each["stage"]) in places)
            reasons.append(Reason(finding=(schools or same)[0], schools=schools))
        else:
            reasons += [Reason(finding=each) for each in same]
    return tuple(reasons)


def _decides(rule: Finding, indicator: str, lists: Sequence[str]) -> bool:
    """Whether an indicator is among those that decide a school: the first list that names any does."""
    named = next((rule["inputs"][each] for each in lists if rule["inputs"][each]), [])
    return indicator in named
