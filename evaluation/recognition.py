"""The recognition rate: satisfied questionnaires over valid ones, as the national form defines it."""

from fractions import Fraction
from typing import Any

from evaluation.criteria import RecognitionRate
from evaluation.findings import Finding, Outcome
from evaluation.questions import Question, held


def recognition_rate(question: Question) -> list[Finding]:
    """One tally of the survey; what is only shown never decides, what may be absent is passed over."""
    criterion: RecognitionRate = question.criterion
    path = f"recognition.{criterion.tally}"
    tally = question.county.figure(path)
    if tally is None and criterion.if_missing == "skip":
        return []
    names = ("distributed", "valid", "satisfied")
    inputs: dict[str, Any] = {name: getattr(tally, name, None) for name in names}
    valid, satisfied = inputs["valid"], inputs["satisfied"]
    details: dict[str, Any] = {"bound": criterion.bound, "inputs": inputs, "judged": criterion.judged}
    missing = [f"{path}.{name}" for name in names[1:] if inputs[name] is None]
    if missing:
        return [question.missing(missing, **details)]
    if not valid or satisfied > valid:
        why = "impossible" if satisfied else "nothing"
        places = (f"{path}.valid",)
        return [question.finding(Outcome.UNDETERMINED, why, missing=places, **details)]
    value = Fraction(satisfied, valid)
    return [question.finding(held(holds=criterion.bound.holds(value)), "number", value=value, **details)]
