"""Use cases of the schedule: versions kept, of which the newest holds; recognitions made elsewhere."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from evaluation import Schedule
from survey_app import audit
from survey_app.assessments.applications.models import Application, ApplicationStep
from survey_app.assessments.models import EvaluationRun, RunSummary
from survey_app.canonical import digest
from survey_app.clock import day_of
from survey_app.counties.models import Region
from survey_app.counties.service import ensure_region
from survey_app.errors import ConflictError, NotFoundError
from survey_app.supervision.moments import happened, held
from survey_app.supervision.schedule.documents import codes_of, content_of, schedule_of
from survey_app.supervision.schedule.models import RecognitionSchedule, RecordedRecognition


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A county is recognised."""

    on: date
    #: The document by which it was recognised outside this installation; empty where the nation signed here.
    document: str = ""


def keep(
    session: Session, province: str, schedule: Schedule, *, by: str, now: datetime
) -> RecognitionSchedule:
    """Keep *schedule* as the province's next version, which holds from now on; earlier ones stay.

    The same content as the version that holds is that version: nothing is kept twice.

    Args:
        session: where it is kept; the caller commits.
        province: code of the province.
        schedule: heads, counties and the province's list of divisions.
        by: login of who keeps it.
        now: the present instant.
    """
    content = content_of(schedule)
    ensure_region(session, province)
    session.execute(sa.select(Region.code).where(Region.code == province).with_for_update())
    latest = newest(session, province)
    if latest is not None and latest.digest == digest(content):
        return latest
    kept = RecognitionSchedule(
        province_code=province,
        version=1 if latest is None else latest.version + 1,
        title=schedule.head.title.zh,
        document=schedule.head.document,
        content=content,
        digest=digest(content),
        imported_at=now,
        imported_by=by,
    )
    session.add(kept)
    session.flush()
    details = {"version": kept.version, "digest": kept.digest, "counties": len(schedule.counties)}
    audit.record(session, "schedule.kept", by=by, now=now, region=province, details=details)
    return kept


def newest(session: Session, province: str, *, before: datetime | None = None) -> RecognitionSchedule | None:
    """The version of the province's schedule that holds; with *before*, the one that held at that instant.

    Where none was kept yet at that instant it is the first one kept after it: a schedule plans years that
    were known before somebody stored it.
    """
    own = sa.select(RecognitionSchedule).where(RecognitionSchedule.province_code == province)
    last = own.where(*happened(RecognitionSchedule.imported_at, before=before))
    found = session.scalars(last.order_by(RecognitionSchedule.version.desc()).limit(1)).one_or_none()
    if found is None and before is not None:
        found = session.scalars(own.order_by(RecognitionSchedule.version).limit(1)).one_or_none()
    return found


def versions(session: Session, province: str) -> list[RecognitionSchedule]:
    """All versions of the province's schedule without their content, the newest first."""
    return list(
        session.scalars(
            sa.select(RecognitionSchedule)
            .where(RecognitionSchedule.province_code == province)
            .order_by(RecognitionSchedule.version.desc())
            .options(defer(RecognitionSchedule.content))
        )
    )


def get_version(session: Session, province: str, version: int) -> RecognitionSchedule:
    """A version of the province's schedule.

    Raises:
        NotFoundError: there is none with this number.
    """
    found = session.scalars(
        sa.select(RecognitionSchedule).where(
            RecognitionSchedule.province_code == province, RecognitionSchedule.version == version
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def provinces_with_schedules(session: Session) -> list[RecognitionSchedule]:
    """The version that holds in each province that has one, by the province's code."""
    return list(session.scalars(_newest().order_by(RecognitionSchedule.province_code)))


def years(session: Session, codes: Collection[str], *, before: datetime | None = None) -> dict[str, int]:
    """The year in which each county is due by its province's schedule; those it does not name are left out.

    One statement; with *before*, as `newest` understands it, one or two for each province. A county that
    stands under several years is due in the first of them.
    """
    wanted = set(codes)
    provinces = {f"{code[:2]}0000" for code in wanted}
    found: dict[str, int] = {}
    for kept in _holding(session, provinces, before):
        schedule = schedule_of(kept.content)
        code_of = codes_of(schedule)
        for planned in schedule.counties:
            code = code_of.get((planned.city, planned.county))
            if code in wanted:
                found[code] = min(planned.year, found.get(code, planned.year))
    return found


def recognised(
    session: Session, codes: Collection[str], *, before: datetime | None = None
) -> dict[str, Recognised]:
    """The counties that are recognised: the nation signed a run that meets everything, or it was recorded.

    Two statements, a third where runs are older than their summaries. Where both hold the earlier day counts.
    With *before* what was known just before that instant: what was recorded later does not count.
    """
    found: dict[str, Recognised] = {}
    for code, day, document in session.execute(
        sa.select(
            RecordedRecognition.county_code, RecordedRecognition.recognised_on, RecordedRecognition.document
        ).where(
            RecordedRecognition.county_code.in_(list(codes)),
            *held(RecordedRecognition.recorded_at, RecordedRecognition.withdrawn_at, before=before),
        )
    ):
        found[code] = Recognised(on=day, document=document)
    signed = session.execute(
        sa.select(
            Application.county_code, ApplicationStep.made_at, ApplicationStep.run_id, RunSummary.content
        )
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .outerjoin(RunSummary, RunSummary.run_id == ApplicationStep.run_id)
        .where(
            Application.county_code.in_(list(codes)),
            *held(Application.opened_at, Application.withdrawn_at, before=before),
            *happened(ApplicationStep.made_at, before=before),
            ApplicationStep.level == "recognition",
            ApplicationStep.action == "signed",
        )
    ).all()
    met = _met(session, [run_id for _code, _at, run_id, content in signed if content is None])
    for code, moment, run_id, content in signed:
        if run_id not in met and (content is None or json.loads(content)["verdict"] != "met"):
            continue
        day = day_of(moment)
        if code not in found or day < found[code].on:
            found[code] = Recognised(on=day)
    return found


def recorded(session: Session, codes: Iterable[str]) -> list[RecordedRecognition]:
    """The recognitions recorded for these counties, those taken back too, the newest first."""
    return list(
        session.scalars(
            sa.select(RecordedRecognition)
            .where(RecordedRecognition.county_code.in_(list(codes)))
            .order_by(RecordedRecognition.recorded_at.desc(), RecordedRecognition.id.desc())
        )
    )


def record_recognition(
    session: Session, county_code: str, *, on: date, document: str, by: str, now: datetime
) -> RecordedRecognition:
    """Record that a county was recognised outside this installation.

    Raises:
        ConflictError: the day is to come, or a recognition of it is recorded already.
    """
    if on > day_of(now):
        raise ConflictError("recognition_to_come", day=f"{on:%Y-%m-%d}")
    ensure_region(session, county_code)
    session.execute(sa.select(Region.code).where(Region.code == county_code).with_for_update())
    there = _standing_record(session, county_code)
    if there is not None:
        raise ConflictError(
            "recognition_recorded", day=f"{there.recognised_on:%Y-%m-%d}", document=there.document
        )
    row = RecordedRecognition(
        county_code=county_code, recognised_on=on, document=document, recorded_at=now, recorded_by=by
    )
    session.add(row)
    session.flush()
    details = {"on": f"{on:%Y-%m-%d}", "document": document}
    audit.record(session, "recognition.recorded", by=by, now=now, region=county_code, details=details)
    return row


def withdraw_recognition(
    session: Session, county_code: str, *, reason: str, by: str, now: datetime
) -> RecordedRecognition:
    """Take back a recognition that was recorded by mistake; the record stays, with the reason.

    Raises:
        ConflictError: none is recorded.
    """
    session.execute(sa.select(Region.code).where(Region.code == county_code).with_for_update())
    row = _standing_record(session, county_code)
    if row is None:
        raise ConflictError("recognition_not_recorded")
    row.withdrawn_at, row.withdrawn_by, row.withdraw_reason = now, by, reason
    session.flush()
    details = {"on": f"{row.recognised_on:%Y-%m-%d}", "reason": reason}
    audit.record(session, "recognition.withdrawn", by=by, now=now, region=county_code, details=details)
    return row


def _standing_record(session: Session, county_code: str) -> RecordedRecognition | None:
    return session.scalars(
        sa.select(RecordedRecognition).where(
            RecordedRecognition.county_code == county_code, RecordedRecognition.withdrawn_at.is_(None)
        )
    ).one_or_none()


def _met(session: Session, run_ids: Collection[int]) -> set[int]:
    """Which of these runs meet everything."""
    if not run_ids:
        return set()
    chosen = EvaluationRun.id.in_(run_ids), EvaluationRun.verdict == "met"
    return set(session.scalars(sa.select(EvaluationRun.id).where(*chosen)))


def _holding(
    session: Session, provinces: Collection[str], before: datetime | None
) -> list[RecognitionSchedule]:
    if before is None:
        return list(session.scalars(_newest().where(RecognitionSchedule.province_code.in_(list(provinces)))))
    found = [newest(session, province, before=before) for province in sorted(provinces)]
    return [each for each in found if each is not None]


def _newest() -> sa.Select[RecognitionSchedule]:
    last = (
        sa.select(
            RecognitionSchedule.province_code, sa.func.max(RecognitionSchedule.version).label("version")
        )
        .group_by(RecognitionSchedule.province_code)
        .subquery()
    )
    return sa.select(RecognitionSchedule).join(
        last,
        sa.and_(
            RecognitionSchedule.province_code == last.c.province_code,
            RecognitionSchedule.version == last.c.version,
        ),
    )
