"""A scheme to be read: what it asks of whom, where the document says so, and how it was understood."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evaluation.document_contradictions import listed_items
from evaluation.numerals import shown as number
from evaluation.scheme import Scheme
from evaluation.scheme.exemptions import Condition, Exemption
from evaluation.scheme.head import SampleRule
from evaluation.scheme.items import Item
from evaluation.scheme.resources import Resources, SchoolRule
from evaluation.scheme.scoring import SCORING, Scoring
from evaluation.scheme.units import Units
from evaluation.terms import Scope
from evaluation.vocabulary import figure_name
from survey_app.assessments.scheme_terms import (
    asked,
    bound_text,
    bounds,
    joined,
    listed,
    names_of,
    say,
    scope_text,
)

Row = dict[str, Any]


def heading(scheme: Scheme, lang: str) -> Row:
    """Return the line of a scheme in the list of all."""
    head = scheme.head
    return {"id": scheme.id, "title": head.title[lang], "document": head.document, "extends": head.extends}


def scheme_document(scheme: Scheme, lang: str) -> Row:
    """Return everything a scheme says as one JSON document, its words in ``zh`` or ``en``."""
    head = scheme.head
    return heading(scheme, lang) | {
        "issuer": head.issuer[lang],
        "issued": head.issued.isoformat() if head.issued else None,
        "from_year": head.from_year,
        "until_year": head.until_year,
        "target_year": head.target_year,
        "digest": scheme.digest,
        "reading": scheme.reading,
        "alternatives": [{"id": each.id, "text": each.text[lang]} for each in head.alternatives],
        "items": list(items(scheme, lang)),
        "exemptions": [_exemption(each, scheme, lang) for each in scheme.exemptions],
        "units": {"clause": scheme.units.clause, "rules": list(_units(scheme.units, lang))},
        "sample": _sample(scheme.sample, lang) if scheme.sample else None,
        "stated_counts": [
            {
                "section": each.section,
                "stated": each.stated,
                "listed": listed_items(scheme, each.section),
                "text": each.text[lang],
                "clause": each.clause,
            }
            for each in head.stated_counts
        ],
        "readings": [each.text[lang] for each in head.readings],
    }


def scheme_lines(scheme: Scheme, lang: str) -> Iterator[str]:
    """Yield a scheme as lines to be read, section by section."""
    document = scheme_document(scheme, lang)
    yield from _head(scheme, lang)
    section = None
    for row in document["items"]:
        if row["section"] != section:
            section = row["section"]
            yield from ("", f"{scheme.section_label(section)[lang]}  {scheme.section_clause(section)}")
            for count in document["stated_counts"]:
                if count["section"] == section:
                    yield f"  {say('section', 'stated', lang, **count)}"
        yield from _row_lines(row, lang)
    if document["exemptions"]:
        yield from ("", say("headings", "exemptions", lang))
        for row in document["exemptions"]:
            yield f"  {row['label']}  {row['clause']}"
            yield from (f"    {line}" for line in row["rules"])
    yield from ("", f"{say('headings', 'units', lang)}  {document['units']['clause']}")
    yield from (f"  {line}" for line in document["units"]["rules"])
    if document["sample"]:
        yield from ("", f"{say('headings', 'sample', lang)}  {document['sample']['clause']}")
        yield from (f"  {line}" for line in document["sample"]["rules"])
    yield from ("", say("headings", "readings", lang))
    yield from (f"* {text}" for text in document["readings"])


def items(scheme: Scheme, lang: str) -> Iterator[Row]:
    """Yield every indicator, rule and item with what it asks, in the order of the document."""
    for section in scheme.head.sections:
        if section == "resources":
            yield from _resource_rows(scheme.resources, lang)
        else:
            for item in scheme.sections[section].items:
                yield _item_row(section, item, scheme.scoring, lang)
    if (scoring := scheme.scoring) is not None:
        share = number(scoring.item_share, percent=True)
        said = [say("scoring", "share", lang, share=share, points=number(scoring.points))]
        said += [f"{each.label[lang]} ≥ {number(each.at_least)}" for each in scoring.bands]
        yield _row(SCORING, "total", scoring.label[lang], scoring.clause, said)


def _row(section: str, id_: str, label: str, clause: str, standards: Iterable[str], **more: Any) -> Row:
    standards = list(dict.fromkeys(each for each in standards if each))
    empty = {"parts": [], "departments": [], "national": [], "category": None, "points": None}
    return {
        "section": section,
        "id": id_,
        "label": label,
        "clause": clause,
        "standards": standards,
        **empty,
        **more,
    }


def _resource_rows(resources: Resources, lang: str) -> Iterator[Row]:
    for each in resources.indicators:
        yield _row(
            "resources",
            each.id,
            each.label[lang],
            each.clause,
            [bounds(each, lang)],
            departments=each.departments,
            national=[each.national] if each.national else [],
            category=each.category,
        )
    rule = resources.school_rule
    asked = _school_rule(rule, len(resources.indicators), lang)
    yield _row("resources", "R.school", rule.label[lang], rule.clause, asked)
    rules = {"R*.difference": resources.difference, "R.composite": resources.composite}
    for id_, each in rules.items():
        if each is not None:
            yield _row("resources", id_, each.label[lang], each.clause, [bounds(each, lang)])
    if (mean := resources.county_mean) is not None:
        yield _row("resources", "R*.mean", mean.label[lang], mean.clause, [])


def _school_rule(rule: SchoolRule, indicators: int, lang: str) -> list[str]:
    said = [say("rule", "k_of_n", lang, n=indicators, k=rule.indicators_met)]
    if rule.floor is not None:
        said.append(say("rule", "floor", lang, floor=number(rule.floor, percent=True)))
    return said


def _item_row(section: str, item: Item, scoring: Scoring | None, lang: str) -> Row:
    parts = [
        {
            "id": item.criterion_id(each),
            "label": each.label[lang] if each.label else None,
            "asks": asked(each, lang),
            "clause": each.clause,
        }
        for each in item.criteria
    ]
    worth = []
    if item.points is not None and scoring is not None:
        share = number(scoring.item_share, percent=True)
        worth.append(say("notes", "worth", lang, points=number(item.points), share=share))
    return _row(
        section,
        item.id,
        item.label[lang],
        item.clause,
        worth or [bounds(each, lang) for each in item.criteria],
        parts=parts,
        departments=item.departments,
        national=item.national,
        category=item.category,
        points=None if item.points is None else float(item.points),
    )


def _exemption(exemption: Exemption, scheme: Scheme, lang: str) -> Row:
    """Return an exemption with its condition, its standards, its end and the duty that follows."""
    conditions = joined(_conditions(exemption.condition, lang), lang)
    until, years = exemption.valid_until, exemption.follow_up_years
    criteria = {item.criterion_id(each): each for _, item in scheme.all_items() for each in item.criteria}
    standards = []
    for each in exemption.standards:
        criterion = criteria[each.criterion]
        unit = "square_metre" if criterion.formula == "rooms" else criterion.unit
        of = [*listed("kinds", each.kinds, lang), *listed("stages", each.stages, lang)]
        standards.append(" ".join([each.criterion, *of, bound_text(each.bound, unit, lang)]))
    for indicator, figure in exemption.adds.items():
        name = figure_name(f"schools[].{figure}", lang)
        standards.append(say("exemption", "adds", lang, indicator=indicator, figure=name))
    end = say("exemption", "until", lang, year=until) if until else say("exemption", "endless", lang)
    duty = say("exemption", "follow_up", lang, years=years) if years else say("exemption", "no_duty", lang)
    return {
        "id": exemption.id,
        "label": exemption.label[lang],
        "clause": exemption.clause,
        "valid_until": until,
        "follow_up_years": years,
        "rules": [
            say("exemption", "condition", lang, conditions=conditions),
            *standards,
            joined([end, duty], lang, "，"),
        ],
    }


def _conditions(condition: Condition, lang: str) -> Iterator[str]:
    for name in type(condition).model_fields:
        value = getattr(condition, name)
        if value is None:
            continue
        if name == "localities":
            value = names_of("localities", value, lang)
        elif name == "migrant_share_above":
            value = number(value, percent=True)
        yield say("condition", name, lang, value=value)


def _units(units: Units, lang: str) -> Iterator[str]:
    """Yield what a unit is, which schools drop out, how shared amounts are split and who may visit."""
    yield say("unit", "merged", lang)
    out = [names_of("kinds", [kind], lang) for kind in units.excluded_kinds]
    for kind, pupils in units.excluded_below.items():
        out.append(say("scope", "pupils_below", lang, name=names_of("kinds", [kind], lang), pupils=pupils))
    stages = say("unit", "size", lang, stages=names_of("stages", units.size_stages, lang))
    yield say("unit", "excluded", lang, names=joined(out, lang)) + (
        f"（{stages}）" if lang == "zh" else f" ({stages})"
    )
    weights = [_weights(units.split.weights, lang)]
    weights += [
        say("unit", "kind", lang, kind=names_of("kinds", [kind], lang), weights=_weights(own, lang))
        for kind, own in units.split.kinds.items()
    ]
    split = say("unit", "split", lang, weights=joined(weights, lang, "；"))
    yield f"{split}  {units.split.clause}"
    rule = units.visiting
    places = scope_text(Scope(localities=rule.localities), lang) if rule.localities else ""
    names = joined([each for each in (places, *listed("kinds", rule.kinds, lang)) if each], lang)
    visiting = say("unit", "visiting", lang, names=names, low=rule.pupils_from, high=rule.pupils_below)
    yield f"{visiting}  {rule.clause}"


def _weights(weights: Mapping[Any, Any], lang: str) -> str:
    return " : ".join(
        f"{names_of('stages', [stage], lang)} {number(each)}" for stage, each in weights.items()
    )


def _sample(rule: SampleRule, lang: str) -> Row:
    said = [
        say("sample", "rate", lang, rate=number(rule.rate * 1000)),
        say("sample", "parents", lang, share=number(rule.parents_share, percent=True)),
    ]
    for floor in rule.floors:
        key = "floor" if floor.below_population is None else "floor_below"
        said.append(say("sample", key, lang, floor=floor.at_least, population=floor.below_population))
    if rule.cap is not None:
        said.append(say("sample", "cap", lang, cap=rule.cap))
    return {"clause": rule.clause, "rules": said, "groups": rule.groups}


def _head(scheme: Scheme, lang: str) -> Iterator[str]:
    """Yield what the document is, and by which of its readings it is shown."""
    head = scheme.head
    yield f"{scheme.id}  {head.document}"
    yield head.title[lang]
    if head.issued:
        yield say("head", "issued", lang, issuer=head.issuer[lang], date=head.issued.isoformat())
    else:
        yield say("head", "undated", lang, issuer=head.issuer[lang])
    if head.from_year and head.until_year:
        yield say("head", "years", lang, from_year=head.from_year, until_year=head.until_year)
    if head.target_year:
        yield say("head", "target", lang, year=head.target_year)
    if head.extends:
        yield say("head", "extends", lang, scheme=head.extends)
    for each in head.alternatives:
        own = each.id == scheme.reading
        id_ = each.id if own else head.id if each.id == head.reading else f"{head.id}@{each.id}"
        yield say("head", "reading" if own else "other", lang, id=id_, text=each.text[lang])
    yield say("head", "digest", lang, digest=scheme.digest)


def _row_lines(row: Row, lang: str) -> Iterator[str]:
    mark = f"{row['category']}  " if row["category"] else ""
    yield f"  {row['id']:<14}{mark}{row['label']}  {row['clause']}"
    indent = " " * 16
    dot = " · "
    if not row["parts"] and row["standards"]:
        yield indent + joined(row["standards"], lang, "；")
    if row["parts"] and row["points"] is not None:
        yield indent + row["standards"][0]
    for part in row["parts"]:
        name = f"{part['id']} " if part["id"] != row["id"] else ""
        label = f"{part['label']}{'：' if lang == 'zh' else ': '}" if part["label"] else ""
        clause = f"  {part['clause']}" if part["clause"] else ""
        yield f"{indent}{name}{label}{dot.join(part['asks'])}{clause}"
    if row["departments"]:
        departments = joined(row["departments"], "zh")
        yield indent + say("item", "departments", lang, departments=departments)
    if row["national"]:
        yield indent + say("item", "national", lang, ids=joined(row["national"], lang))
