"""Asking the evaluation library, and naming in its answers what pages and papers print beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.errors import CountyFileError, EvaluationError
from evaluation.findings import Finding, Outcome
from evaluation.json_values import plain
from evaluation.loader import load_scheme, schemes_for
from evaluation.overrides import is_overridable, place_of, with_overrides
from evaluation.reading import read_county
from evaluation.scheme import Scheme
from evaluation.scoring import ScoreSheet
from evaluation.sensitivity import Sensitivity, sensitivity
from evaluation.verdict import Verdict, evaluate
from survey_app.canonical import canonical
from survey_app.counties.workbook.faults import Fault, shown
from survey_app.errors import RefusedInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeName:
    """A scheme as lists show it."""

    id: str
    title: str
    #: The official number of its document.
    document: str
    #: The scheme it varies, if any.
    extends: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A county judged by a scheme, with the findings that two people set otherwise."""

    verdict: Verdict
    #: What the scheme alone concludes; None where nothing was set otherwise.
    computed: Verdict | None = None
    #: What was set otherwise, as a run keeps it.
    overrides: tuple[Mapping[str, Any], ...] = ()

    @property
    def outcome(self) -> str:
        """met, not_met or undetermined."""
        return self.verdict.outcome.value

    @property
    def computed_outcome(self) -> str:
        """What the scheme alone concludes."""
        return (self.computed or self.verdict).outcome.value

    @property
    def scheme(self) -> Scheme:
        """What it was judged by."""
        return self.verdict.scheme

    def document(self, lang: str = "zh", *, firm: Sensitivity | None = None) -> dict[str, Any]:
        """The verdict's document with the scheme's own words in it, so that it can be read alone.

        Beside it stands how firm the computed verdict is: how far each finding is from turning. *firm*
        saves computing that again where it is known already. Where findings were set otherwise, the
        computed verdict and the deeds stand in it too.
        """
        document = self.verdict.document(lang=lang)
        return {
            **document,
            "scheme": {**document["scheme"], **_words_of(self.scheme, lang)},
            **({"sheet": _sheet(self.verdict.scores)} if self.verdict.scores else {}),
            "lang": lang,
            "sensitivity": (firm or sensitivity(self.computed or self.verdict)).document(lang),
            **(
                {
                    "computed_verdict": self.computed_outcome,
                    "overrides": [dict(each) for each in self.overrides],
                }
                if self.overrides
                else {}
            ),
        }


def judge_text(
    text: str | bytes | Mapping[str, Any],
    scheme_id: str,
    *,
    overrides: Sequence[Mapping[str, Any]] = (),
    scheme: Scheme | None = None,
) -> Judged:
    """Judge the county file in *text* by a scheme.

    Args:
        text: the county file.
        scheme_id: the scheme as it is installed.
        overrides: findings that two people set otherwise, as a run keeps them. One whose finding is
            computed otherwise than when it was proposed is passed over: what was overridden is gone.
        scheme: a scheme from elsewhere, which then judges.

    Raises:
        UnknownSchemeError: there is no such scheme.
        RefusedInputError: the file has faults, or says things the scheme does not know; each is named.
    """
    scheme = scheme or load_scheme(scheme_id)
    try:
        verdict = evaluate(read_county(text), scheme)
        return _set_otherwise(verdict, overrides) if overrides else Judged(verdict)
    except CountyFileError as refused:
        faults = [
            Fault(
                value=shown(fault.value),
                rule=fault.rule,
                family="county",
                facts={**fault.facts, "path": fault.where},
            )
            for fault in refused.faults
        ]
        raise RefusedInputError(faults, "county_not_judged") from refused


def _set_otherwise(verdict: Verdict, overrides: Sequence[Mapping[str, Any]]) -> Judged:
    computed = {place_of(each): each for each in verdict.findings if is_overridable(each, verdict.scheme)}
    taken = {}
    for each in overrides:
        place = (each["finding"], each["school"], each["stage"])
        found = computed.get(place)
        if found is not None and _as_proposed(found, each):
            taken[place] = each
    if not taken:
        return Judged(verdict)
    outcomes = {place: Outcome(each["outcome"]) for place, each in taken.items()}
    return Judged(with_overrides(verdict, outcomes), computed=verdict, overrides=tuple(taken.values()))


def _as_proposed(finding: Finding, override: Mapping[str, Any]) -> bool:
    """Whether a finding is computed as it was when somebody wanted it read otherwise."""
    value = json.loads(canonical(plain(finding.value)))
    return (finding.outcome.value, value) == (override["computed_outcome"], override["computed_value"])


def scheme_now(scheme_id: str) -> str | None:
    """Digest of the scheme as it is installed; None if it is not."""
    try:
        return load_scheme(scheme_id).digest
    except EvaluationError:
        return None


def topics_of(scheme_id: str) -> frozenset[str]:
    """Codes for which the scheme can use a survey's rate; questionnaires serve several schemes."""
    return frozenset(load_scheme(scheme_id).known_keys()["topics"])


def scheme_list(lang: str = "zh", *, county: str = "") -> list[SchemeName]:
    """Every scheme there is, under every reading of its document; those of a *county* first."""
    schemes = [load_scheme(each) for each in schemes_for(county)]
    schemes = [each for own in schemes for each in (own, *map(load_scheme, own.other_readings))]
    return [
        SchemeName(id=each.id, title=each.name[lang], document=each.document, extends=each.head.extends)
        for each in schemes
    ]


def _words_of(scheme: Scheme, lang: str) -> dict[str, Any]:
    rule = scheme.resources.school_rule
    return {
        "title": scheme.title[lang],
        "document": scheme.document,
        "sections": [
            {
                "id": section,
                "label": scheme.section_label(section)[lang],
                "clause": scheme.section_clause(section),
            }
            for section in scheme.section_ids
        ],
        "indicators": [
            {
                "id": each.id,
                "label": each.label[lang],
                "short": each.short[lang] if each.short else each.id,
                "unit": each.unit,
                "thresholds": {
                    stage: _number(each.bounds.of(stage).threshold) for stage in ("primary", "junior")
                },
            }
            for each in scheme.resources.indicators
        ],
        "school_rule": {"label": rule.label[lang], "floor": _number(rule.floor)},
        "readings": [text[lang] for text in scheme.declared],
    }


def _sheet(scores: ScoreSheet) -> dict[str, Any]:
    """The score sheet with what is certain while points are unknown, and what must be reached."""
    return {
        "items": [
            {
                "item": each.item,
                "complete": each.points is not None,
                "at_least": _number(each.at_least),
                "max": _number(each.maximum),
                "needed": _number(each.needed),
                "outcome": each.outcome.value,
            }
            for each in scores.items
        ],
        "complete": scores.total is not None,
        "at_least": _number(scores.at_least),
        "max": _number(scores.maximum),
        "next": _number(scores.next_band.at_least if scores.next_band else None),
    }


def _number(value: Any) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
