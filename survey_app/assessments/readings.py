"""The recognition survey read by other rules, from the frozen figures of its wave: what would follow."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from evaluation.findings import Outcome, conclude
from evaluation.sensitivity import AlternativeRate, Counts, read_rates
from evaluation.sensitivity.wording import LABELS
from evaluation.terms import Bound, Text
from survey_app.assessments.figures import exact
from survey_app.assessments.overview import Overview

#: What a wave's other readings count; an index counts nothing.
_COUNTED = {"mean": "questionnaires", "overall": "questionnaires", "positive": "ratings"}


def alternatives_of(outcome: Mapping[str, Any]) -> tuple[AlternativeRate, ...]:
    """Give every way to read a wave that its frozen figures allow; none where they may not be shown.

    The declared rule comes first, then equal weights for the groups, parents alone, the weighted estimate
    and the other rules of satisfaction.
    """
    official = outcome["official"]
    if official["rate"] is None:
        return ()
    groups = [row for row in outcome["groups"] if row["valid"] != 0]
    parents = [row for row in outcome["form_vi"][1:] if row["valid"]]
    weighted = outcome["weighted"]
    found = [_own("official", [official], official["rate"], declared=True)]
    if groups and not any(row["withheld"] for row in groups):
        found.append(_own("equal_groups", groups))
    if parents:
        found.append(_own("parents", parents))
    if weighted and weighted["estimate"] is not None:
        value = Fraction(str(weighted["estimate"]))
        found.append(AlternativeRate(id="weighted", label=LABELS["weighted"], value=value))
    return (*found, *(_other(row) for row in outcome["alternatives"]))


def _own(
    id_: str, rows: Sequence[Mapping[str, Any]], rate: Fraction | None = None, *, declared: bool = False
) -> AlternativeRate:
    """One reading of the counts by group; a declared rate that is not the pooled one has no counts."""
    if rate is not None and rows[0]["satisfied"] is None:
        return AlternativeRate(id=id_, label=LABELS[id_], value=rate, declared=declared)
    counts = tuple(Counts(valid=row["valid"], satisfied=row["satisfied"]) for row in rows)
    if rate is not None and counts[0].rate != rate:
        return AlternativeRate(id=id_, label=LABELS[id_], value=rate, declared=declared)
    return AlternativeRate(id=id_, label=LABELS[id_], counts=counts, declared=declared)


def _other(row: Mapping[str, Any]) -> AlternativeRate:
    """One of the readings the wave's figures hold; older ones hold its value without the counts."""
    counted = _COUNTED.get(row["id"])
    above, below = row.get("counts") or (0, 0)
    return AlternativeRate(
        id=row["id"],
        label=Text(zh=row["label"]["zh"], en=row["label"]["en"]),
        counts=(Counts(valid=below, satisfied=above),) if counted and below else (),
        value=row["value"],
        proportion=counted is not None,
        counted=counted or "ratings",
    )


def readings_of(view: Overview, alternatives: Sequence[AlternativeRate]) -> list[dict[str, Any]]:
    """Give what each reading would conclude, for a page or paper, in the document's language.

    Without a wave these are the readings that the county file allows by itself.
    """
    lang = view.document["lang"]
    if not alternatives:
        stored = view.document.get("sensitivity", {}).get("recognition", {})
        return list(stored.get("rates", ()))
    rate = view.recognition_rate
    bound = Bound.model_validate({rate["comparison"]: exact(rate["threshold"])})
    readings = read_rates(alternatives, bound, lambda outcome: _concluded(view, outcome))
    return [each.document(lang) for each in readings]


def _concluded(view: Overview, outcome: Outcome) -> Outcome:
    """The verdict's outcome if the official rate had *outcome*."""
    official = view.recognition_rate
    sections = {key: Outcome(each) for key, each in view.document["sections"].items()}
    section = view.section(official["section"])
    items = []
    for item in section.items:
        own = [each for each in (item.head, *item.parts) if each["judged"] and not each["summary"]]
        if not any(each["position"] == official["position"] for each in own):
            items.append(Outcome(item.outcome))
            continue
        others = [Outcome(each["outcome"]) for each in own if each["position"] != official["position"]]
        items.append(conclude([outcome, *others]))
    return conclude((sections | {section.id: conclude(items)}).values())


def keys_of(view: Overview) -> list[dict[str, Any]]:
    """Give the verdict under either value of the scheme's keys, where the value changes anything."""
    keys = view.document.get("sensitivity", {}).get("recognition", {}).get("keys", ())
    outcomes: dict[str, set[tuple[str, str]]] = {}
    for each in keys:
        outcomes.setdefault(each["criterion"], set()).add((each["outcome"], each["verdict"]))
    return [each for each in keys if len(outcomes[each["criterion"]]) > 1]
