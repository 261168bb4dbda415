"""A run beside the one of the year before: what every figure was then, and whether it became better."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app.assessments.figures import exact, figure, unit_of
from survey_app.assessments.models import EvaluationRun
from survey_app.counties.models import CountyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How a figure moved from one year to the next."""

    #: up, down or level: the figure itself.
    arrow: str
    #: better, worse or same: what that means for the standard; same too where nothing is compared.
    meaning: str
    #: By how much, without sign, in the figure's unit; empty where it stayed.
    by: str
    #: What it was.
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBefore:
    """The newest run of an earlier year, of the same county under the same scheme."""

    run_id: int
    year: int
    verdict: str
    #: Section → its outcome.
    sections: Mapping[str, str]
    _findings: Mapping[tuple[Any, ...], Mapping[str, Any]]

    def movement(self, finding: Mapping[str, Any]) -> Movement | None:
        """How a finding's figure moved; None where one of the two years has none."""
        earlier = self._findings.get((finding["id"], finding["school"], finding["stage"]))
        now, then = exact(finding["value"]), exact(earlier["value"]) if earlier else None
        if earlier is None or now is None or then is None or finding["unit"] != earlier["unit"]:
            return None
        unit = unit_of(finding)
        by, shown = figure(abs(now - then), unit), figure(then, unit)
        if by == figure(Fraction(0), unit):
            return Movement(arrow="level", meaning="same", by="", before=shown)
        wants_more = finding["comparison"] in ("at_least", "above")
        meaning = "better" if (now > then) == wants_more else "worse"
        return Movement(
            arrow="up" if now > then else "down",
            meaning=meaning if finding["comparison"] else "same",
            by=by,
            before=shown,
        )


def year_before(session: Session, run: EvaluationRun) -> YearBefore | None:
    """Give the newest run of the newest earlier year, the one of the same level first; None without any."""
    found = session.scalars(
        sa.select(EvaluationRun)
        .join(CountyFile, EvaluationRun.county_file_id == CountyFile.id)
        .where(
            EvaluationRun.county_code == run.county_code,
            EvaluationRun.scheme_id == run.scheme_id,
            CountyFile.year < run.county_file.year,
        )
        .order_by(
            CountyFile.year.desc(), (EvaluationRun.level == run.level).desc(), EvaluationRun.number.desc()
        )
        .limit(1)
    ).first()
    if found is None:
        return None
    document = json.loads(found.result)
    return YearBefore(
        run_id=found.id,
        year=found.county_file.year,
        verdict=found.verdict,
        sections=document["sections"],
        _findings={(each["id"], each["school"], each["stage"]): each for each in document["findings"]},
    )
