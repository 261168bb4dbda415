"""The few figures of a run that lists of many counties show instead of reading whole documents."""

from collections.abc import Mapping
from typing import Any

from survey_app.assessments.overview import Overview, overview_of


def summary_of(document: Mapping[str, Any], outcome: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Sum up a verdict's document; all of it can be computed from there again.

    Args:
        document: the verdict's document, as stored.
        outcome: the released figures of the wave that was fed in, for its interval.
    """
    view = overview_of(document)
    items = [item.outcome for section in view.item_sections for item in section.items]
    judged = [each["outcome"] for each in _county_resources(view) if each["judged"]]
    schools: dict[str, set[str]] = {}
    for row in view.heat:
        schools.setdefault(row.rule["outcome"], set()).add(row.rule["school"])
    failing = schools.get("not_met", set())
    return {
        "verdict": document["verdict"],
        "sections": dict(document["sections"]),
        "recognition": _recognition(view, outcome),
        "coefficients": [
            {"key": row.indicator["id"], "stage": row.stage, "value": row.difference["value"], "limit": limit}
            for row in view.coefficients
            if (limit := row.difference["threshold"]) and row.difference["value"] is not None
        ],
        "missed": (items + judged).count("not_met"),
        "undetermined": (items + judged).count("undetermined"),
        "schools_failing": len(failing),
        "schools_unknown": len(schools.get("undetermined", set()) - failing),
        "schools": len(set().union(*schools.values())),
        "items": items_of(view),
    }


def items_of(view: Overview) -> list[tuple[str, str, str, str]]:
    """What a county can miss: id, stage (of coefficients), the document's label, outcome.

    Only what the document says itself, so that a summary of a run holds whatever later releases call things.
    """
    items = [
        (item.id, "", item.head["label"], item.outcome)
        for section in view.item_sections
        for item in section.items
    ]
    coefficients = [
        (row.indicator["id"], row.stage, row.indicator["label"], row.difference["outcome"])
        for row in view.coefficients
    ]
    return items + coefficients


def _county_resources(view: Overview) -> list[Mapping[str, Any]]:
    return [each for each in view.findings if each["section"] == "resources" and not each["school"]]


def _recognition(view: Overview, outcome: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not any(each["section"] == "recognition" for each in view.findings):
        return None
    finding = view.recognition_rate
    tally = {key: finding["inputs"].get(key) for key in ("satisfied", "valid")}
    weighted = (outcome or {}).get("weighted") or {}
    return {
        "value": finding["value"],
        "limit": finding["threshold"],
        **(tally if finding["formula"] == "recognition_rate" else {}),
        "low": weighted.get("lower"),
        "high": weighted.get("upper"),
    }
