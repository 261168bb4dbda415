"""What the terms of a scheme are called: bounds, scopes and formulas in plain words."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.numerals import shown as number
from evaluation.terms import Bound, Scope, SomeStageBounds, StageBounds
from evaluation.vocabulary import figure_name, unit_name
from survey_app.assessments.words import SIGNS


def asked(criterion: Any, lang: str) -> list[str]:
    """Return what a criterion asks, of which schools, and on what terms."""
    said = [ASKS[criterion.formula](criterion, lang), bounds(criterion, lang)]
    said += _scopes(criterion, lang)
    if getattr(criterion, "school_by_school", False):
        said.append(say("notes", "school_by_school", lang))
    if getattr(criterion, "excused_by", None):
        said.append(say("notes", "excused_by", lang, attestation=criterion.excused_by))
    if getattr(criterion, "sources", None):
        said.append(say("notes", "sources", lang, sources=names_of("sources", criterion.sources, lang)))
    if getattr(criterion, "required", None):
        said.append(say("notes", "required", lang, subjects=joined(criterion.required, lang)))
    if getattr(criterion, "within_years", None):
        said.append(say("notes", "within_years", lang, years=criterion.within_years))
    if getattr(criterion, "if_none", None) == "met":
        said.append(say("notes", "if_none", lang))
    if getattr(criterion, "judged", True) is False:
        said.append(say("notes", "shown", lang))
    elif getattr(criterion, "if_missing", None) == "skip":
        said.append(say("notes", "skip", lang))
    if criterion.points is not None:
        said.append(say("notes", "points", lang, points=number(criterion.points)))
    return [each for each in said if each]


def bounds(criterion: Any, lang: str) -> str:
    """Return the bounds of a criterion, e.g. ``小学 ≥ 4.2，初中 ≥ 5.3``."""
    unit = getattr(criterion, "unit", "number")
    found = []
    for name in type(criterion).model_fields:
        value = getattr(criterion, name)
        if isinstance(value, Bound):
            label = say("bounds", name, lang) + " " if name in _words()["bounds"] else ""
            found.append(label + bound_text(value, "square_metre" if name == "area" else unit, lang))
        elif name == "kinds" and isinstance(value, dict):
            found += [
                f"{names_of('kinds', [kind], lang)} {bound_text(bound, unit, lang)}"
                for kind, bound in value.items()
            ]
        elif isinstance(value, StageBounds | SomeStageBounds):
            found += [
                f"{names_of('stages', [stage], lang)} {bound_text(value.of(stage), unit, lang)}"
                for stage in value.stages
            ]
    return joined(found, lang, "，")


def bound_text(bound: Bound, unit: str, lang: str) -> str:
    """Return a bound with its unit, e.g. ``≥ 4.5平方米``."""
    percent = unit == "percent"
    return (
        f"{SIGNS[bound.comparison]} {number(bound.threshold, percent=percent)}"
        f"{'' if percent else unit_name(unit, lang)}"
    )


def _scopes(criterion: Any, lang: str) -> list[str]:
    """Return which schools a criterion speaks of, one text for each scope that narrows them."""
    scopes = getattr(criterion, "scopes", None) or [getattr(criterion, "scope", None) or Scope()]
    return [joined([text for each in scopes if (text := scope_text(each, lang))], lang, "；")]


def scope_text(scope: Scope, lang: str) -> str:
    """Return which schools a scope covers, e.g. ``城区、镇区公办学校，不含寄宿制学校``; nothing for all."""
    return joined(_scope(scope, lang), lang, "，")


def _scope(scope: Scope, lang: str) -> Iterator[str]:
    chosen = [
        *listed("localities", scope.localities, lang),
        *listed("ownership", scope.ownership, lang),
        *listed("kinds", scope.kinds, lang),
    ]
    if chosen:
        end = [] if scope.kinds else [say("scope", "schools", lang)]
        yield ("" if lang == "zh" else " ").join([*chosen, *end])
    if scope.boarding is not None:
        yield say("scope", "boarding_yes" if scope.boarding else "boarding_no", lang)
    if scope.without_kinds:
        yield say("scope", "without_kinds", lang, names=names_of("kinds", scope.without_kinds, lang))


def _sum(of: str, names: Iterable[str], lang: str) -> str:
    """Return a sum of figures in words, e.g. ``（毕业生数 − 转入人数）``."""
    text = ""
    for name in names:
        sign = "" if not text and name[0] != "-" else " − " if name[0] == "-" else " + "
        text += sign + figure_name(f"{of}.{name.lstrip('-')}", lang)
    several = " − " in text or " + " in text
    return (f"（{text}）" if lang == "zh" else f"({text})") if several else text


def _plainly(criterion: Any, lang: str) -> str:
    """Say a formula with the criterion's own numbers."""
    facts = {
        name: value
        for name in type(criterion).model_fields
        if isinstance(value := getattr(criterion, name), int | str)
    }
    return say("asks", criterion.formula, lang, **facts)


def _divided(criterion: Any, lang: str) -> str:
    sums = {name: _sum(criterion.of, getattr(criterion, name), lang) for name in ("numerator", "denominator")}
    return say("asks", "ratio", lang, **sums)


def _shared(criterion: Any, lang: str) -> str:
    names = {name: figure_name(getattr(criterion, name), lang) for name in ("part", "whole")}
    return say("asks", criterion.formula, lang, **names)


def _compared(criterion: Any, lang: str) -> str:
    left, right = (figure_name(f"{criterion.of}.{name}", lang) for name in (criterion.left, criterion.right))
    return say("asks", "compare", lang, left=left, right=right, sign=SIGNS[criterion.comparison])


def _named(*keys: str) -> Callable[[Any, str], str]:
    """Return how a formula is said whose *keys* are places in the county file."""

    def named(criterion: Any, lang: str) -> str:
        return say(
            "asks",
            criterion.formula,
            lang,
            **{key: figure_name(getattr(criterion, key), lang) for key in keys},
        )

    return named


def _from_rate(criterion: Any, lang: str) -> str:
    return say("asks", "topic_rate", lang, full_at=number(criterion.full_at, percent=True))


#: Formula → how it is said.
ASKS: Mapping[str, Callable[[Any, str], str]] = {
    "attested": _plainly,
    "ratio": _divided,
    "amount": _named("of"),
    "compare": _compared,
    "summed_share": _shared,
    "school_share": _shared,
    "rooms": _plainly,
    "school_size": _plainly,
    "class_size": _plainly,
    "small_schools_funded": _plainly,
    "monitoring": _plainly,
    "years_between": _named("start", "end"),
    "composite_difference": _plainly,
    "coefficients": _plainly,
    "did_not_happen": _plainly,
    "recognition_rate": _plainly,
    "awarded": _plainly,
    "topic_rate": _from_rate,
    "never_decreasing": _plainly,
}


def listed(group: str, keys: Iterable[str] | None, lang: str) -> list[str]:
    """Return the names of *keys* as one text; nothing where there are none."""
    return [names_of(group, keys, lang)] if keys else []


def names_of(group: str, keys: Iterable[str], lang: str) -> str:
    """Return what the *keys* of a group (``kinds``, ``stages``, ``localities`` …) are called."""
    return joined([_words()["names"][group][key][lang] for key in keys], lang)


def joined(texts: Iterable[str], lang: str, zh: str = "、") -> str:
    """Return *texts* as one: parted by *zh* in Chinese, by commas in English."""
    return (zh if lang == "zh" else ", ").join(texts)


def say(group: str, key: str, lang: str, **facts: Any) -> str:
    """Return the words of a group's key, filled with *facts*."""
    return _words()[group][key][lang].format(**facts)


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "scheme_words.toml").read_text(encoding="utf-8"))
