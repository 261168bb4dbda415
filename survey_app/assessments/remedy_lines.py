"""Remedies as lines to be read: mergers, shortfalls, the plan, and the county before and after."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import CountyFile, Outcome, Plan, Shortfalls, WhatIf
from evaluation.numerals import shown as number
from evaluation.remedies import Comparison, Shortfall
from evaluation.remedies.comparison import UnitChange
from evaluation.resource_findings import UnitResult
from evaluation.scheme import Scheme
from evaluation.vocabulary import figure_names
from survey_app.counties.workbook.words import KINDS as SCHOOL_KINDS
from survey_app.messages import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """What the command found."""

    scheme: Scheme
    #: The county that is planned for: after the mergers, where there are any.
    county: CountyFile
    merged: WhatIf | None
    shortfalls: Shortfalls
    plan: Plan

    def document(self, lang: str) -> dict[str, Any]:
        """Return everything as one JSON document."""
        name = self.county.county
        return {
            "scheme": {"id": self.scheme.id, "digest": self.scheme.digest},
            "county": {"code": name.code, "name": name.name, "year": self.county.year},
            "mergers": None if self.merged is None else self.merged.document(lang),
            "shortfalls": self.shortfalls.document(lang),
            "plan": self.plan.document(lang),
        }


def remedy_lines(found: Remedies, lang: str) -> list[str]:
    """Return what was found as lines."""
    county = found.county
    title = sentence("evaluate_title", lang=lang, county=county.county.name, year=county.year)
    lines = [title, f"{found.scheme.document}  {found.scheme.title[lang]}"]
    if found.merged is not None:
        lines += [*_merger_lines(found.merged, lang), "", sentence("remedies_after_mergers", lang=lang)]
    lines += ["", *_shortfall_lines(found.shortfalls, lang)]
    return [*lines, "", *_plan_lines(found.plan, lang)]


def _merger_lines(what_if: WhatIf, lang: str) -> Iterator[str]:
    """Yield what merges into what, what is then unknown, and the county before and after."""
    merged, note = what_if.merged, what_if.mergers.note
    names = {school.code: school.name for school in merged.county.schools}
    yield ""
    yield sentence("remedies_mergers", lang=lang, count=len(merged.left_behind))
    if note is not None:
        yield f"  {note.zh if lang == 'zh' else note.en}"
    yield from (f"  {transfer.sentence(lang)}" for transfer in merged.transfers)
    for code, (old, new) in merged.kinds.items():
        kinds = {"before": _kind(old, lang), "after": _kind(new, lang)}
        yield f"  {sentence('remedies_kind', lang=lang, name=names[code], **kinds)}"
    if merged.unknown:
        figures = ("、" if lang == "zh" else ", ").join(figure_names(merged.unknown, lang))
        yield f"  {sentence('remedies_unknown', lang=lang, figures=figures)}"
    yield ""
    yield sentence("remedies_before_after_mergers", lang=lang)
    yield from _comparison_lines(what_if.comparison, lang)


def _shortfall_lines(found: Shortfalls, lang: str) -> Iterator[str]:
    """Yield what all lack together, then school by school, then what cannot be said."""
    known = [row for row in found.rows if row.outcome is Outcome.NOT_MET]
    yield sentence("remedies_shortfalls" if known else "remedies_no_shortfalls", lang=lang, count=len(known))
    yield from (f"  {total.sentence(lang)}" for total in found.totals)
    yield from (f"    {row.sentence(lang)}" for row in known)
    yield from _unknown_lines([row for row in found.rows if row.outcome is Outcome.UNDETERMINED], lang)


def _unknown_lines(rows: Sequence[Shortfall], lang: str) -> Iterator[str]:
    """Yield what cannot be said, once for each thing that many schools may lack."""
    groups: dict[str, list[Shortfall]] = {}
    for row in rows:
        groups.setdefault(row.id, []).append(row)
    if groups:
        yield sentence("remedies_cannot_say", lang=lang)
    for each in groups.values():
        missing = [place for row in each for place in row.missing]
        figures = ("、" if lang == "zh" else ", ").join(figure_names(missing, lang))
        said = sentence("remedies_for_want_of", lang=lang, label=each[0].label[lang], figures=figures)
        yield f"    {said}"


def _plan_lines(plan: Plan, lang: str) -> Iterator[str]:
    """Yield the plan, or why there is none, and the resource section before and after."""
    yield sentence("remedies_plan", lang=lang)
    yield f"  {plan.sentence(lang)}"
    yield from (f"    {each.sentence(lang)}" for each in plan.impossible_because)
    yield from (f"    {each.sentence(lang)}" for each in plan.changes)
    if plan.moving_fails_because:
        yield sentence("remedies_moving_fails", lang=lang)
        yield from (f"    {each.sentence(lang)}" for each in plan.moving_fails_because)
    comparison = plan.comparison
    if comparison is not None:
        yield ""
        yield sentence("remedies_before_after_plan", lang=lang)
        yield from _comparison_lines(comparison, lang)


def _comparison_lines(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield sections, numbers of the county and units, before and after; of units those that change."""
    scheme = comparison.after.scheme
    sections = [
        (scheme.section_label(section)[lang], _both(comparison.before.sections[section], outcome, lang))
        for section, outcome in comparison.after.sections.items()
        if outcome is not comparison.before.sections[section] or section == "resources"
    ]
    numbers = [
        (
            f"{sentence(f'stage_{each.stage}', lang=lang)} {_name(each.id, scheme, lang)}",
            _arrow(_three(each.before), _three(each.after)),
            _both(each.outcome_before, each.outcome_after, lang),
        )
        for each in comparison.numbers
        if _three(each.before) != _three(each.after) or each.outcome_before is not each.outcome_after
    ]
    units = [_unit(each, lang) for each in comparison.units if _differs(each)]
    for rows in (sections, numbers, units):
        yield from _aligned(rows)
    same = len(comparison.units) - len(units)
    if same:
        yield f"    {sentence('remedies_same_units', lang=lang, count=same)}"


def _differs(unit: UnitChange) -> bool:
    """Return whether anything of a unit changes."""
    if unit.before is None or unit.after is None:
        return True
    return unit.before.values != unit.after.values or unit.before.outcome is not unit.after.outcome


def _unit(unit: UnitChange, lang: str) -> tuple[str, ...]:
    """Return a unit's row: name, pupils, outcome with what decides it."""
    stage = sentence(f"stage_{unit.stage}", lang=lang)
    sides = (unit.before, unit.after)
    pupils = [_pupils(side, lang) for side in sides]
    return (
        f"{unit.name}·{stage}" if lang == "zh" else f"{unit.name}, {stage}",
        _arrow(*pupils),
        _arrow(*(_standing(side, lang) for side in sides)),
    )


def _pupils(side: UnitResult | None, lang: str) -> str | None:
    if side is None or side.part.pupils is None:
        return None
    return sentence("remedies_pupils", lang=lang, count=side.part.pupils)


def _standing(side: UnitResult | None, lang: str) -> str:
    """Return how a unit stands, with the indicators that decide it."""
    if side is None:
        return sentence("remedies_no_unit", lang=lang)
    said = sentence(f"outcome_{side.outcome.value}", lang=lang)
    ids = ("、" if lang == "zh" else ", ").join(side.deciding)
    return (f"{said}（{ids}）" if lang == "zh" else f"{said} ({ids})") if ids else said


def _both(before: Outcome, after: Outcome, lang: str) -> str:
    return _arrow(*(sentence(f"outcome_{each.value}", lang=lang) for each in (before, after)))


def _arrow(before: str | None, after: str | None) -> str:
    """Return two sides, or one where they are the same."""
    sides = [each or "—" for each in (before, after)]
    return sides[0] if sides[0] == sides[1] else " → ".join(sides)


def _three(value: Any) -> str | None:
    """Return a number of the county as the tables print it."""
    return None if value is None else f"{float(value):.3f}" if abs(value) < 10 else number(value)


def _name(id_: str, scheme: Scheme, lang: str) -> str:
    """Return what a rule for the county is called, e.g. ``R5 体育场馆 差异系数``."""
    indicator, _, rule = id_.rpartition(".")
    found = next((each for each in scheme.resources.indicators if each.id == indicator), None)
    name = "" if found is None else f"{found.id} {(found.short or found.label)[lang]}"
    return sentence(f"remedies_{rule}", lang=lang, name=name)


def _kind(kind: str, lang: str) -> str:
    names = {key: name for name, key in SCHOOL_KINDS.items()}
    return names[kind] if lang == "zh" else kind.replace("_", "-")


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows with their columns aligned as a terminal shows them; Chinese characters take two."""
    rows = list(rows)
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
        yield f"    {'  '.join(cells)}".rstrip()


def _columns(text: str) -> int:
    return sum(2 if character > "\u2e7f" else 1 for character in text)
