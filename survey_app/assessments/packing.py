"""The evidence pack of a run: everything it rests on in one archive that anybody can check without us."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, selectinload

from survey_app import evidence, prepared
from survey_app.assessments.exported_run import document_of, scheme_files
from survey_app.assessments.judgement.models import Judgement
from survey_app.assessments.models import EvaluationRun
from survey_app.assessments.pack_names import (
    CERTIFICATE,
    COUNTY,
    EVIDENCE,
    FORM_VI,
    FRAME,
    OUTCOME,
    README,
    REPLACEMENTS,
    RUN,
    SUMS,
    readme,
)
from survey_app.assessments.runs import get_run, same_scheme
from survey_app.assessments.standing import standing_of
from survey_app.canonical import canonical, digest
from survey_app.config import Settings, settings_of
from survey_app.db import db
from survey_app.errors import ConflictError, JunhengError, NotFoundError
from survey_app.evidence import Evidence
from survey_app.fieldwork.draws import drawing, replacing
from survey_app.fieldwork.models import StoredFrame
from survey_app.prepared import Maker, PreparedFile, Progress
from survey_app.results.exports import tables
from survey_app.results.form_vi import as_csv
from survey_app.results.models import WaveOutcome
from survey_app.results.service import outcome_of
from survey_app.surveys.models import Wave

#: Kind of prepared file.
KIND = "evidence_pack"

#: Evidence that together is larger than this stays outside; the list names it with its digests.
LARGEST_EVIDENCE = 100 * 1024 * 1024

#: Every file of a pack carries this time, so that the same facts give the same bytes.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def ask(session: Session, run: EvaluationRun, *, by: str, now: datetime) -> PreparedFile:
    """The pack of *run* as things stand: the same run, steps and evidence find the same file."""
    facts = _facts(session, run)
    return prepared.ask(
        session,
        kind=KIND,
        arguments={"run": run.id, "facts": digest(canonical(facts))},
        facts=facts,
        region=run.county_code,
        by=by,
        now=now,
    )


def pack_of(session: Session, run: EvaluationRun, file_id: int) -> PreparedFile:
    """A pack of *run*.

    Raises:
        NotFoundError: there is none of that number; it may have been erased.
    """
    found = prepared.find(session, file_id, KIND)
    if found.told["run"] != run.id:
        raise NotFoundError
    return found


def maker(app: Flask) -> Maker:
    """What makes a pack in the application's job."""

    def make(told: dict[str, Any], progress: Progress) -> tuple[bytes, str]:
        run = get_run(db.session, told["run"])
        if digest(canonical(_facts(db.session, run))) != told["facts"]:
            raise ConflictError("pack_changed")
        name = f"junheng-{run.county_code}-{run.number}-pack.zip"
        return pack(db.session, run, settings_of(app), progress), name

    return make


def is_outdated(session: Session, told: dict[str, Any]) -> bool:
    """Whether a pack is no longer what would be made now: a further step, evidence withdrawn, a newer run."""
    run = session.get(EvaluationRun, told["run"])
    return run is None or digest(canonical(_facts(session, run))) != told["facts"]


def pack(session: Session, run: EvaluationRun, settings: Settings, progress: Progress) -> bytes:
    """Make the pack of *run*; the same facts give the same bytes."""
    parts = (_run_files, _survey_files, _evidence_files, _papers)
    progress(0, len(parts))
    files: dict[str, bytes] = {}
    for number, part in enumerate(parts, start=1):
        files.update(part(session, run, settings))
        progress(number, len(parts))
    files[README] = readme(run, files).encode()
    sums = "".join(f"{digest(content)}  {name}\n" for name, content in sorted(files.items()))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*sorted(files.items()), (SUMS, sums.encode())]:
            entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()


def evidence_of(session: Session, run: EvaluationRun) -> list[Evidence]:
    """The evidence of every judgement in the application of *run*, each once, by number."""
    if run.application_id is None:
        return []
    judged = session.scalars(
        sa.select(Judgement)
        .where(Judgement.application_id == run.application_id)
        .options(selectinload(Judgement.evidence))
    )
    found = {each.id: each for judgement in judged for each in judgement.evidence}
    return [found[number] for number in sorted(found)]


def _facts(session: Session, run: EvaluationRun) -> Mapping[str, Any]:
    """What a pack is made of, as digests."""
    wave = session.get(Wave, run.wave_id) if run.wave_id else None
    outcome = session.get(WaveOutcome, wave.id) if wave else None
    newer = standing_of(session, run).newer
    draw = drawing.draw_of(session, wave) if wave else None
    return {
        "run": digest(canonical(document_of(session, run))),
        "same_scheme": same_scheme(run),
        "newer": newer.id if newer else None,
        "outcome": outcome.digest if outcome else None,
        "draw": digest(replacing.public_record(replacing.read_draw(session, wave)))
        if wave and draw
        else None,
        "evidence": [[each.id, each.withdrawn_at is None] for each in evidence_of(session, run)],
    }


def _run_files(session: Session, run: EvaluationRun, _settings: Settings) -> Iterator[tuple[str, bytes]]:
    yield RUN, canonical(document_of(session, run)).encode()
    yield COUNTY, run.county_file.content.encode()
    if same_scheme(run):
        for name, text in scheme_files(run.scheme_id).items():
            yield f"scheme/{name}", text.encode()


def _survey_files(session: Session, run: EvaluationRun, _settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The released figures as the results room publishes them, and the draw they rest on."""
    wave = session.get(Wave, run.wave_id) if run.wave_id else None
    if wave is None or wave.released_at is None:
        return
    outcome = outcome_of(session, wave)
    if outcome is not None:
        stored = session.get_one(WaveOutcome, wave.id)
        yield OUTCOME, tables.as_document(wave, outcome, digest=stored.digest, language="zh")
        yield FORM_VI, as_csv(wave, outcome, "zh")
    draw = drawing.draw_of(session, wave)
    if draw is not None:
        yield CERTIFICATE, canonical(drawing.certificate_of(draw)).encode()
        yield FRAME, session.get_one(StoredFrame, draw.frame_id).content.encode()
        yield REPLACEMENTS, replacing.public_record(replacing.read_draw(session, wave)).encode()


def _evidence_files(session: Session, run: EvaluationRun, settings: Settings) -> Iterator[tuple[str, bytes]]:
    found = evidence_of(session, run)
    in_use = [each for each in found if each.withdrawn_at is None]
    inside = in_use if sum(each.size for each in in_use) <= LARGEST_EVIDENCE else []
    listed = [
        {
            "id": each.id,
            "title": each.title,
            "media_type": each.media_type,
            "size": each.size,
            "digest": each.digest,
            "withdrawn": each.withdrawn_at is not None,
            "file": _name_of(each) if each in inside else None,
        }
        for each in found
    ]
    yield EVIDENCE, json.dumps(listed, ensure_ascii=False, indent=1).encode()
    for each in inside:
        yield _name_of(each), evidence.content_of(settings, each)


def _papers(session: Session, run: EvaluationRun, _settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Report and form; the form alone is left out where scheme or program are others now."""
    from survey_app.assessments.papers import form_of_run
    from survey_app.assessments.report import report_of_run

    standing = standing_of(session, run)
    yield "papers/report.docx", report_of_run(run, standing)
    try:
        yield "papers/form.xlsx", form_of_run(run, standing, ".xlsx")
    except JunhengError:
        return


def _name_of(each: Evidence) -> str:
    return f"evidence/{each.id}.{each.ending}"
