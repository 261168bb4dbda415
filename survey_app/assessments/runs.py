"""Evaluation runs: made once from a snapshot, kept as they are, judged again to be checked."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from evaluation.loader import program_digest
from evaluation.verdict import Verdict
from survey_app import audit
from survey_app.assessments.applications.models import Application
from survey_app.assessments.judging import Judged, judge_text, scheme_now, topics_of
from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.assessments.run_summary import summary_of
from survey_app.canonical import canonical, digest
from survey_app.counties.models import CountyFile, Region
from survey_app.counties.service import WITHOUT_FIGURES, document_of
from survey_app.db import within
from survey_app.errors import ConflictError, NotFoundError
from survey_app.results.service import outcome_of, recognition_of
from survey_app.security import Held, covers
from survey_app.surveys.models import Wave

#: Role -> the level at which it evaluates, the highest first.
LEVEL_OF_ROLE = {
    "nation": "recognition",
    "province": "evaluation",
    "city": "review",
    "county": "self_evaluation",
}

#: An assessor evaluates at the level of the region that called them, known by how its code ends.
_LEVEL_OF_REGION = {"000000": "recognition", "0000": "evaluation", "00": "review"}

#: Runs shown in a list.
NEWEST = 200

#: Runs judged again that are kept: who looks into one finding soon looks into the next.
_KEPT = 4

#: What lists of runs do without: the snapshots, some megabytes each.
WITHOUT_SNAPSHOTS = (defer(EvaluationRun.input), defer(EvaluationRun.result), defer(EvaluationRun.judgements))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What judging a run again gave."""

    #: The snapshot still has the digest noted when the run was made.
    input_whole: bool
    #: The stored result still has its digest, and the summary says what it says.
    result_whole: bool
    #: Digest of the scheme as installed now; None when it is no longer installed.
    scheme_digest: str | None
    scheme_same: bool
    #: Whether the library that judged is the one installed now.
    program_same: bool
    #: Digest of the result judged again, and whether it is the stored one's; None when the scheme is
    #: another one now.
    result_digest: str | None
    result_same: bool | None

    @property
    def holds(self) -> bool | None:
        """True: equal byte for byte. False: something was altered. None: scheme or program changed since."""
        if not (self.input_whole and self.result_whole):
            return False
        if self.result_same is False and not self.program_same:
            return None
        return self.result_same


def make_run(
    session: Session,
    *,
    county_file: CountyFile,
    scheme_id: str,
    wave: Wave | None = None,
    level: str,
    by: str,
    now: datetime,
    application: Application | None = None,
    document: dict[str, Any] | None = None,
    judgements: Sequence[dict[str, Any]] = (),
    overrides: Sequence[dict[str, Any]] = (),
    supersedes: EvaluationRun | None = None,
) -> EvaluationRun:
    """Judge a county file, with a released wave's recognition in it, and keep everything about it.

    Args:
        session: where the run is stored; the caller commits.
        county_file: the figures.
        scheme_id: the scheme that judges.
        wave: the survey whose released figures are taken, if any.
        level: whose run it is.
        by: login of who makes it.
        now: the present instant.
        application: what it is made for, if any.
        document: the file with the wave and what people judged in it, where that is known already.
        judgements: where the judgements in *document* come from.
        overrides: findings that two people set otherwise.
        supersedes: the run of the same application whose place it takes.

    Raises:
        ConflictError: the wave belongs to another county or is not released.
        UnknownSchemeError: there is no such scheme.
        RefusedInputError: the scheme does not know a key of the file.
    """
    if document is None:
        document = with_recognition(session, county_file, scheme_id, wave)
    text = canonical(document)
    judged = judge_text(text, scheme_id, overrides=overrides)
    result = canonical(judged.document("zh"))
    # Whoever numbers a run of this county holds its row until the run is there.
    session.execute(sa.select(Region.code).where(Region.code == county_file.county_code).with_for_update())
    last = session.scalar(
        sa.select(sa.func.max(EvaluationRun.number)).where(
            EvaluationRun.county_code == county_file.county_code
        )
    )
    run = EvaluationRun(
        county_code=county_file.county_code,
        number=(last or 0) + 1,
        level=level,
        county_file=county_file,
        wave_id=wave.id if wave else None,
        scheme_id=scheme_id,
        scheme_digest=judged.scheme.digest,
        program_digest=program_digest(),
        input=text,
        input_digest=digest(text),
        result=result,
        result_digest=digest(result),
        application=application,
        supersedes_id=supersedes.id if supersedes else None,
        judgements=canonical(list(judgements)),
        overrides=canonical(list(judged.overrides)),
        computed_verdict=judged.computed_outcome,
        verdict=judged.outcome,
        made_at=now,
        made_by=by,
    )
    session.add(run)
    session.flush()
    summary = summary_of(json.loads(result), outcome_of(session, wave) if wave else None)
    run.summary = RunSummary(made_at=now, content=canonical(summary))
    session.flush()
    audit.record(
        session,
        "run.made",
        by=by,
        now=now,
        region=run.county_code,
        details={
            "run": run.number,
            "level": level,
            "scheme": scheme_id,
            "scheme_digest": run.scheme_digest,
            "program_digest": run.program_digest,
            "wave": run.wave_id,
            "input_digest": run.input_digest,
            "result_digest": run.result_digest,
            "verdict": run.verdict,
        }
        | (
            {}
            if application is None
            else {
                "application": application.id,
                "supersedes": supersedes.number if supersedes else None,
                "computed_verdict": run.computed_verdict,
                "overrides": len(judged.overrides),
                "judgements_digest": digest(run.judgements),
            }
        ),
    )
    return run


def judged_again(run: EvaluationRun) -> Judged:
    """Judge a run's snapshot by the scheme as installed, with what two people set otherwise in it."""
    return judge_text(run.input, run.scheme_id, overrides=json.loads(run.overrides))


def verify(run: EvaluationRun) -> Verification:
    """Judge the run's snapshot again and compare every digest, and its summary with its result."""
    now = scheme_now(run.scheme_id)
    again = None
    if now == run.scheme_digest:
        again = digest(canonical(judged_again(run).document("zh")))
    return Verification(
        input_whole=digest(run.input) == run.input_digest,
        result_whole=digest(run.result) == run.result_digest and _summary_holds(run),
        scheme_digest=now,
        scheme_same=now == run.scheme_digest,
        program_same=run.program_digest == program_digest(),
        result_digest=again,
        result_same=None if again is None else again == run.result_digest,
    )


def _summary_holds(run: EvaluationRun) -> bool:
    """Whether the run's summary says what its result says; what was not summed up yet cannot be wrong."""
    if run.summary is None:
        return True
    kept, again = json.loads(run.summary.content), json.loads(canonical(summary_of(json.loads(run.result))))
    for each in (kept, again):
        each["recognition"] = {**(each["recognition"] or {}), "low": None, "high": None}
    if "items" not in kept:
        del again["items"]
    return kept == again


def get_run(session: Session, run_id: int) -> EvaluationRun:
    """Give a run.

    Raises:
        NotFoundError: there is none with this number.
    """
    run = session.get(EvaluationRun, run_id)
    if run is None:
        raise NotFoundError
    return run


def runs_of(session: Session, scopes: Iterable[str], *, most: int = NEWEST) -> list[EvaluationRun]:
    """Give the newest runs of counties whose codes begin with one of *scopes*, at most *most*."""
    return list(
        session.scalars(
            sa.select(EvaluationRun)
            .where(within(EvaluationRun.county_code, scopes))
            .order_by(EvaluationRun.made_at.desc(), EvaluationRun.id.desc())
            .options(
                joinedload(EvaluationRun.county),
                joinedload(EvaluationRun.county_file).options(*WITHOUT_FIGURES),
                *WITHOUT_SNAPSHOTS,
            )
            .limit(most)
        )
    )


def document_of_run(run: EvaluationRun, lang: str = "zh") -> tuple[dict[str, Any], str]:
    """Give the verdict's document in *lang*, and the language it is really in.

    Chinese is what was stored. Another language is judged again from the snapshot, which is only
    possible while the scheme is the same.
    """
    if lang != "zh" and same_scheme(run):
        return _document_again(run.input, run.scheme_id, run.scheme_digest, run.overrides, lang), lang
    return json.loads(run.result), "zh"


def verdict_of_run(run: EvaluationRun) -> Verdict:
    """Judge the run's snapshot again, for what the stored document does not hold exactly.

    Raises:
        ConflictError: the scheme, or what the program makes of the snapshot, is no longer what the run says.
    """
    if not same_scheme(run):
        raise ConflictError("run_scheme_changed")
    verdict = _verdict_again(run.input, run.scheme_id, run.scheme_digest, run.overrides, run.result)
    if verdict is None:
        raise ConflictError("run_program_changed")
    return verdict


@lru_cache(maxsize=_KEPT)
def _document_again(
    text: str, scheme_id: str, _scheme_digest: str, overrides: str, lang: str
) -> dict[str, Any]:
    """The document in another language than the stored one; nobody may change it."""
    return judge_text(text, scheme_id, overrides=json.loads(overrides)).document(lang)


@lru_cache(maxsize=_KEPT)
def _verdict_again(
    text: str, scheme_id: str, _scheme_digest: str, overrides: str, result: str
) -> Verdict | None:
    """The verdict with exact numbers; None where it decides otherwise than the stored one."""
    judged = judge_text(text, scheme_id, overrides=json.loads(overrides))
    now = json.loads(canonical(judged.verdict.document()))
    return judged.verdict if _decided(now) == _decided(json.loads(result)) else None


def same_scheme(run: EvaluationRun) -> bool:
    """Whether the run's scheme is still the one installed."""
    return scheme_now(run.scheme_id) == run.scheme_digest


def _decided(document: dict[str, Any]) -> list[Any]:
    """What a verdict's document decides, without its words."""
    keys = ("id", "school", "stage", "outcome", "value")
    found = [[each[key] for key in keys] for each in document["findings"]]
    return [document["verdict"], document["sections"], found]


def school_names(run: EvaluationRun) -> dict[str, str]:
    """Names of the schools as judged, by code."""
    return {school["code"]: school["name"] for school in json.loads(run.input)["schools"]}


def level_for(held: Iterable[Held], county_code: str) -> str:
    """The level at which somebody holding *held* evaluates a county.

    >>> level_for([Held("county", "140522")], "140522"), level_for([Held("province", "140000")], "140522")
    ('self_evaluation', 'evaluation')
    """
    roles = {each.role: each.region_code for each in held if covers(each.region_code, county_code)}
    for role, level in LEVEL_OF_ROLE.items():
        if role in roles:
            return level
    called_by = roles.get("assessor", county_code)
    return next(
        (level for end, level in _LEVEL_OF_REGION.items() if called_by.endswith(end)), "self_evaluation"
    )


def with_recognition(
    session: Session, county_file: CountyFile, scheme_id: str, wave: Wave | None
) -> dict[str, Any]:
    """The county file's document; tallies of the wave stand in place of its own, visits are kept.

    Raises:
        ConflictError: the wave belongs to another county or is not released.
    """
    document = document_of(county_file)
    if wave is None:
        return document
    if wave.county_code != county_file.county_code:
        raise ConflictError("wave_of_another_county", wave=wave.title)
    found = recognition_of(session, wave)
    asked = topics_of(scheme_id)
    topics = {code: rate for code, rate in found["topics"].items() if code in asked}
    own = document.get("recognition") or {}
    return {**document, "recognition": {**own, **found, "topics": topics}}
