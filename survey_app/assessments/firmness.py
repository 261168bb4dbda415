"""How firm a verdict is, as lines to be read: what is nearest to turning, how the survey reads otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.sensitivity import Sensitivity
from survey_app.assessments.words import titled
from survey_app.messages import sentence

#: How many findings of a list are printed.
PRINTED = 5


def firmness_lines(firm: Sensitivity, lang: str) -> list[str]:
    """Return what is nearest to turning, and what other readings of the survey would conclude."""
    found = firm.document(lang)
    lines: list[str] = []
    for key in ("to_pass", "to_fail"):
        if found[key]:
            count = found["not_met"] if key == "to_pass" else len(found[key])
            lines += ["", sentence(f"evaluate_{key}", lang=lang, count=count)]
            lines += [line for each in found[key][:PRINTED] for line in _lines(each, lang)]
    survey = [each["text"] for each in (*found["recognition"]["rates"], *found["recognition"]["keys"])]
    if found["recognition"]["rates"]:
        lines += ["", sentence("evaluate_readings", lang=lang), *(f"  {each}" for each in survey)]
    return lines


def _lines(near: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield "  " + titled(near["id"], near["label"])
    others = sentence("evaluate_more", lang=lang, count=near["others"]) if near["others"] else ""
    gap = " " if others and lang == "en" else ""
    yield f"    {near['text']}{gap}{others}"
