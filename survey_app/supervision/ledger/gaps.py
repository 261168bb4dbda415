"""Gaps of a run as tasks: what is not met, what lacks figures, what was met by an exemption only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from evaluation import shortfalls
from survey_app.assessments.figures import figure, limit
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.overview import Overview, overview_of
from survey_app.assessments.runs import document_of_run, school_names, verdict_of_run
from survey_app.assessments.words import titled
from survey_app.errors import ConflictError
from survey_app.messages import sentence
from survey_app.supervision.ledger.plans import WAN, Responsibilities, YearlyTasks
from survey_app.supervision.ledger.tasks import Draft

#: Findings that follow from others: their parts get the tasks.
_FOLLOWS = {"school_rule", "coefficients", "total"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that stands between the county and the standard."""

    #: ``finding|school|stage``; ``exemption|`` before it where the standard was met by an exemption.
    key: str
    draft: Draft
    outcome: str
    #: Why, or what it would take, in one sentence.
    sentence: str


def gaps_of(
    run: EvaluationRun, *, responsibilities: Responsibilities | None = None, lang: str = "zh"
) -> list[Gap]:
    """Give the gaps of a run: what is not met, what cannot be judged, then exemptions to be made good.

    Args:
        run: what was judged.
        responsibilities: who answers for which item; without a list the department is left open.
        lang: ``zh``, as tasks are written, or ``en`` to be read: in Chinese too, once the scheme has changed.
    """
    document, lang = document_of_run(run, lang)
    view = overview_of(document, school_names(run))
    lacking = _lacking(run, lang)
    found = [each for each in view.findings if each["outcome"] != "met" and _is_own(each, view)]
    found.sort(key=lambda each: each["outcome"] != "not_met")
    gaps = [_gap(run, each, lacking, responsibilities, lang) for each in found]
    return [*gaps, *_follow_ups(run, view, responsibilities, lang)]


def from_plan(plan: YearlyTasks, scheme_id: str) -> list[Draft]:
    """Give the tasks of a county's plan, each with its year's money and the last day of its year."""
    return [
        Draft(
            title=each.title,
            department=plan.department,
            phase=str(each.year),
            deadline=date(each.year, 12, 31),
            budgets={each.year: int(each.wan * WAN)} if each.wan else {},
            origin="template",
            scheme_id=scheme_id,
            finding=each.item,
        )
        for each in plan.tasks
    ]


def _is_own(finding: Mapping[str, Any], view: Overview) -> bool:
    """Whether a finding is a gap of its own, and not what follows from others or sums them up."""
    if not finding["judged"] or finding["formula"] in _FOLLOWS:
        return False
    if not finding["summary"]:
        return True
    parts = [
        each
        for each in view.findings
        if each["id"].partition(".")[0] == finding["id"] and each is not finding
    ]
    return not any(each["judged"] and each["outcome"] != "met" for each in parts)


def _lacking(run: EvaluationRun, lang: str) -> dict[tuple[Any, ...], str]:
    """What a school lacks of an indicator, in words, where it can be said."""
    try:
        verdict = verdict_of_run(run)
    except ConflictError:
        return {}
    rows = shortfalls(verdict.county, verdict.scheme, verdict=verdict).rows
    return {
        (row.id, row.school, row.stage): row.sentence(lang) for row in rows if row.outcome.value == "not_met"
    }


def _gap(
    run: EvaluationRun,
    finding: Mapping[str, Any],
    lacking: Mapping[tuple[Any, ...], str],
    responsibilities: Responsibilities | None,
    lang: str,
) -> Gap:
    place = (finding["id"], finding["school"], finding["stage"])
    said = lacking.get(place) or finding["reason"]
    departments = responsibilities.of(finding["id"], finding["section"]) if responsibilities else []
    named = " · ".join(filter(None, (finding["school_name"], titled(finding["id"], finding["label"]))))
    return Gap(
        key="|".join(part or "" for part in place),
        outcome=finding["outcome"],
        sentence=said,
        draft=Draft(
            title=named
            if finding["outcome"] == "not_met"
            else sentence("gap_of_figures", lang=lang, named=named),
            measure=said,
            department=departments[0] if departments else "",
            helpers=departments[1:],
            origin="finding",
            scheme_id=run.scheme_id,
            finding=finding["id"],
            school_code=finding["school"],
            stage=finding["stage"],
            gap=_measured(finding, said),
        ),
    )


def _follow_ups(
    run: EvaluationRun, view: Overview, responsibilities: Responsibilities | None, lang: str
) -> Iterator[Gap]:
    """What was met by an exemption: the full standard is owed within so many years of recognition."""
    for each in view.follow_ups:
        for finding in each.findings:
            departments = responsibilities.of(finding["id"], finding["section"]) if responsibilities else []
            threshold = finding["exemption"]["threshold_without"]
            facts = {"exemption": each.exemption, "years": each.years}
            if threshold is None:
                said = sentence("gap_owed_in_full", lang=lang, **facts)
            else:
                said = sentence("gap_owed", lang=lang, standard=limit(threshold, finding["unit"]), **facts)
            yield Gap(
                key="exemption|"
                + "|".join(part or "" for part in (finding["id"], finding["school"], finding["stage"])),
                outcome="met",
                sentence=said,
                draft=Draft(
                    title=f"{finding['school_name']} · {each.label}",
                    measure=said,
                    department=departments[0] if departments else "",
                    helpers=departments[1:],
                    phase=sentence("gap_phase", lang=lang, years=each.years),
                    origin="exemption",
                    scheme_id=run.scheme_id,
                    finding=finding["id"],
                    school_code=finding["school"],
                    stage=finding["stage"],
                    gap=_measured(finding, said) | {"years": each.years},
                ),
            )


def _measured(finding: Mapping[str, Any], said: str) -> dict[str, Any]:
    return {
        "value": finding["value"],
        "threshold": finding["threshold"],
        "comparison": finding["comparison"],
        "unit": finding["unit"],
        "shown": figure(finding["value"], finding["unit"], finding["threshold"]),
        "standard": limit(finding["threshold"], finding["unit"]),
        "sentence": said,
    }


def chosen(gaps: Sequence[Gap], keys: Iterable[str]) -> list[Gap]:
    """Give the gaps with these keys, in their order."""
    wanted = set(keys)
    return [gap for gap in gaps if gap.key in wanted]


def wan(yuan: int) -> Decimal:
    """Give yuan in 万元, exactly.

    >>> wan(12_600_000), wan(5_000)
    (Decimal('1260'), Decimal('0.5'))
    """
    return (Decimal(yuan) / WAN).normalize() + 0
