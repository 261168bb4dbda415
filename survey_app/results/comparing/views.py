"""Pages that hold a wave against an earlier one of its county, and against the city's other counties."""

from itertools import takewhile
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from survey_app.db import db
from survey_app.errors import NotFoundError
from survey_app.formatting import number, percent
from survey_app.results import service
from survey_app.results.chart import Chart, dot_chart
from survey_app.results.comparing.differences import (
    FEW_UNITS,
    HIGHER,
    LOWER,
    UNDECIDED,
    Difference,
    compare,
    difference,
)
from survey_app.results.comparing.neighbours import waves_beside, waves_of_county
from survey_app.results.counting import demands
from survey_app.results.rates.sheets import worded
from survey_app.results.seeing import figures_of, wave_to_see
from survey_app.security import may, regions_for, require_login
from survey_app.surveys.groups import GROUPS, TOPICS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import reader_language

bp = Blueprint("comparing", __name__, url_prefix="/results")
bp.before_request(require_login)


@bp.get("/<int:wave_id>/comparing")
def show(wave_id: int) -> str:
    """The wave beside an earlier one, the years in one picture, and the other counties."""
    wave = wave_to_see(wave_id)
    outcome = figures_of(wave)
    county = waves_of_county(db.session, wave, unreleased=may("results.view_unreleased", wave.county_code))
    earlier = list(takewhile(lambda each: each.id != wave.id, county))
    other = _chosen(earlier)
    before = service.outcome_of(db.session, other) if other else None
    found = compare(outcome, before) if before else None
    return render_template(
        "results/comparing.html",
        wave=wave,
        outcome=outcome,
        other=other,
        before=before,
        earlier=earlier,
        found=found,
        says=_sentence(found.overall, other) if found and other else "",
        kinds=_KINDS,
        chart=_chart(county, wave),
        beside=_beside(wave, outcome),
        names=_names(outcome, reader_language()),
        points=_points,
    )


def _names(outcome: dict[str, Any], language: str) -> dict[str, dict[str, str]]:
    """What the rows of each table are called."""
    readings = [row for row in outcome.get("readings", ()) if row["label"]]
    return {
        "groups": {name: group.label.in_language(language) for name, group in GROUPS.items()},
        "topics": {name: topic.label.in_language(language) for name, topic in TOPICS.items()},
        "readings": {row["id"]: row["label"][language] for row in readings},
        "items": {row["id"]: worded(row["text"], language) for row in outcome.get("items", ())},
    }


def _chosen(earlier: list[Wave]) -> Wave | None:
    """The wave that the reader chose, or the latest of the earlier ones.

    Raises:
        NotFoundError: the chosen one is none of them.
    """
    if "with" not in request.args:
        return earlier[-1] if earlier else None
    chosen = next((each for each in earlier if str(each.id) == request.args["with"]), None)
    if chosen is None:
        raise NotFoundError
    return chosen


def _chart(county: list[Wave], wave: Wave) -> Chart | None:
    rows = []
    for each in county:
        outcome = service.outcome_of(db.session, each)
        if outcome and outcome["official"]["rate"] is not None:
            rows.append((each.title, outcome["official"]["rate"], outcome["weighted"]))
    return dot_chart(rows, demands(wave.scheme_id).bound.threshold) if len(rows) > 1 else None


def _beside(wave: Wave, outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The other counties that the reader may see, each with its difference to this wave."""
    rows = []
    for each in waves_beside(db.session, wave, regions_for("results.view")):
        theirs = service.outcome_of(db.session, each)
        if theirs is None or theirs["official"]["rate"] is None:
            continue
        same = theirs["rules"]["digest"] == outcome["rules"]["digest"]
        both = outcome["weighted"] and theirs["weighted"]
        rows.append(
            {
                "wave": each,
                "rate": theirs["official"]["rate"],
                "weighted": theirs["weighted"],
                "same_rules": same,
                "difference": difference("", outcome["weighted"], theirs["weighted"])
                if both and same
                else None,
            }
        )
    return rows


def _points(share: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    told = number(abs(share) * 100, 1)
    sign = "" if float(told) == 0 else "+" if share > 0 else "−"
    return sign + told


def _sentence(found: Difference | None, other: Wave) -> str:
    """The difference in one sentence."""
    if found is None:
        return ""
    facts = {
        "title": other.title,
        "points": percent(abs(found.estimate)).removesuffix("%"),
        "lower": _points(found.lower),
        "upper": _points(found.upper),
    }
    return str(_SENTENCES[found.verdict, found.estimate >= 0]) % facts


#: What is concluded, and whether the later wave's estimate is the higher one -> the sentence.
_SENTENCES = {
    (HIGHER, True): _l("比“%(title)s”高 %(points)s 个百分点，95%% 区间 %(lower)s 到 %(upper)s：差别明显。"),
    (LOWER, False): _l("比“%(title)s”低 %(points)s 个百分点，95%% 区间 %(lower)s 到 %(upper)s：差别明显。"),
    (UNDECIDED, True): _l(
        "比“%(title)s”高 %(points)s 个百分点，95%% 区间 %(lower)s 到 %(upper)s，含 0：不能断定有差别。"
    ),
    (UNDECIDED, False): _l(
        "比“%(title)s”低 %(points)s 个百分点，95%% 区间 %(lower)s 到 %(upper)s，含 0：不能断定有差别。"
    ),
    (FEW_UNITS, True): _l("比“%(title)s”高 %(points)s 个百分点，但抽中的学校太少，不能断定有差别。"),
    (FEW_UNITS, False): _l("比“%(title)s”低 %(points)s 个百分点，但抽中的学校太少，不能断定有差别。"),
}

#: What is concluded -> the tag's colour and words.
_KINDS = {
    HIGHER: ("met", _l("明显升高")),
    LOWER: ("not_met", _l("明显降低")),
    UNDECIDED: ("undetermined", _l("不能断定")),
    FEW_UNITS: ("undetermined", _l("学校太少")),
}
