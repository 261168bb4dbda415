"""Mixing, once, after the close: unseal, shuffle, fresh random numbers, and the inbox is empty.

The work is a sequence of steps, each one transaction that the caller commits. A job killed between two steps
takes up where it stopped: an answer is either still sealed in the inbox or mixed, never both and never gone.

A step moves whole cells (all answers of a pool, or of a group of persons). Which answers came over together
can be seen afterwards, in backups made in between and in what PostgreSQL notes on its rows; so it must say no
more than the pool on the answer says.

The figures are computed between two steps, without a transaction: once the inbox is empty no mixed answer
changes any more, and phones of other waves must not wait for a minute of arithmetic. Whoever finishes first
stores them, together and once; a job killed meanwhile computes them again.
"""

import random
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_app import audit
from survey_app.canonical import canonical, digest
from survey_app.db import each_alone
from survey_app.errors import ConflictError
from survey_app.fieldwork.models import DrawnUnit
from survey_app.fieldwork.opening import key_file
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.results.erasing import erase_key
from survey_app.results.judging import Judged, judge_answer, questionnaires_of, sets_of
from survey_app.results.merging import SURPLUS
from survey_app.results.models import MixedCell, Pool, Response, WaveOutcome
from survey_app.results.open_answers.gathering import Gathered, gather_texts, store_texts
from survey_app.results.outcome import compute_outcome
from survey_app.results.pooling import DETAILS, Cell, DrawnPsu, plan_mixing, stand_of
from survey_app.results.summing import Sums, sum_up
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.questionnaire import TEXT_LIMITS, Questionnaire

#: Answers moved in one transaction, or those of one cell where it has more.
BATCH = 500

#: Who acts, in the audit trail.
ACTOR = "mix_wave"

_ID_BYTES = 16


class PrivateKeyMissingError(ConflictError):
    """Sealed answers are left, and the file that opens them is not where it should be."""

    code = "private_key_missing"


def mix_wave(
    session: Session, wave_id: int, *, keys: Path, now: datetime, batch: int = BATCH
) -> Iterator[str]:
    """Mix a closed wave; commit after each step this yields. Running it again is harmless.

    Raises:
        ConflictError: the wave is not closed.
        PrivateKeyMissingError: the key file is gone although answers are still sealed.
        UnreadableSealError: a sealed answer was damaged; nothing of it is lost or skipped.
    """
    wave = surveys.get_wave(session, wave_id)
    surveys.lock_wave(session, wave)
    if wave.mixed_at is not None:
        return
    if wave.state is not WaveState.CLOSED:
        raise ConflictError("wave_not_closed")
    file = key_file(keys, wave_id)
    if _sealed_left(session, wave_id) and not _is_planned(session, wave_id):
        _store_plan(session, wave, _read_key(file))
        yield "planned"
    while _sealed_left(session, wave_id):
        for numbers in _whole_cells(session, wave_id, _read_key(file), batch):
            surveys.lock_wave(session, wave)
            _move(session, wave_id, _read_key(file), numbers)
            yield "moved"
    surveys.lock_wave(session, wave)
    if wave.mixed_at is None:
        erase_key(file)
        yield "emptied"
        document, texts = _compute(session, wave_id)
        surveys.lock_wave(session, wave)
    if wave.mixed_at is None:
        _store(session, wave, document, texts, now=now, key_erased=not file.exists())
        yield "finished"
    _empty_log(session)


def unfinished(session: Session) -> list[int]:
    """The waves that were closed and are not mixed."""
    return list(
        session.scalars(sa.select(Wave.id).where(Wave.closed_at.is_not(None), Wave.mixed_at.is_(None)))
    )


def _sealed_left(session: Session, wave_id: int) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(SealedAnswer.wave_id == wave_id))))


def _is_planned(session: Session, wave_id: int) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(MixedCell.wave_id == wave_id))))


def _read_key(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise PrivateKeyMissingError(file=str(file)) from error


def _store_plan(session: Session, wave: Wave, private_key: bytes) -> None:
    """Look at all answers once, in memory, and fix the pools, what answers keep, and the sums of the few."""
    sealed = session.scalars(sa.select(SealedAnswer.sealed).where(SealedAnswer.wave_id == wave.id))
    payloads = [_placed(open_sealed(private_key, blob)) for blob in sealed]
    units = session.scalars(
        sa.select(DrawnUnit)
        .where(DrawnUnit.wave_id == wave.id)
        .order_by(DrawnUnit.group, DrawnUnit.stratum, DrawnUnit.position)
    )
    drawn = [DrawnPsu(group=unit.group, stratum=unit.stratum, psu=unit.psu) for unit in units]
    rules = surveys.rules_of(wave)
    questionnaires = questionnaires_of(session, {payload["version_id"] for payload in payloads})
    plan = plan_mixing(
        drawn,
        payloads,
        alike={payload["group"]: _questions(payload, questionnaires) for payload in payloads},
        with_posters=rules.posters == "counted",
    )
    session.add_all(
        Pool(
            wave_id=wave.id,
            group=group,
            psu=psu,
            stratum=placed.stratum,
            pool=placed.pool,
            kept_as=placed.group,
        )
        for (group, psu), placed in plan.places.items()
    )
    standing = {(unit.group, unit.psu) for unit in drawn}
    for cell in plan.cells.values():
        few = [each for each in payloads if not cell.one_by_one and cell.official]
        judged = [
            judge_answer(questionnaires[each["version_id"]], each["group"], each["answers"], rules)
            for each in few
            if plan.places[stand_of(each, standing)] == cell.placed
        ]
        session.add(_mixed_cell(wave, cell, judged))
    session.flush()


def _questions(payload: dict[str, Any], questionnaires: dict[int, Questionnaire]) -> tuple[Any, ...]:
    """What somebody was asked: groups with the same value were put the same questions."""
    items = questionnaires[payload["version_id"]].items_for(payload["group"])
    return payload["version_id"], *(item.id for item in items)


def _mixed_cell(wave: Wave, cell: Cell, few: list[Judged]) -> MixedCell:
    sums = "" if cell.one_by_one else (sum_up(few) if cell.official else Sums(n=cell.n)).content
    return MixedCell(
        wave_id=wave.id,
        group=cell.placed.group,
        stratum=cell.placed.stratum,
        pool=cell.placed.pool,
        n=cell.n,
        keeps=" ".join(cell.keeps),
        sums=sums,
    )


def _placed(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload whose place in the design is text; posters have none, older payloads no way."""
    return {"way": "drawn", **payload, "psu": payload["psu"] or "", "stratum": payload["stratum"] or ""}


def _places(session: Session, wave_id: int) -> dict[tuple[str, str], Pool]:
    return {
        (pool.group, pool.psu): pool
        for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave_id))
    }


def _cells(session: Session, wave_id: int) -> dict[tuple[str, str, str], MixedCell]:
    cells = session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave_id))
    return {(cell.group, cell.stratum, cell.pool): cell for cell in cells}


def _whole_cells(session: Session, wave_id: int, private_key: bytes, batch: int) -> list[list[bytes]]:
    """Numbers of the sealed answers to be moved together: whole cells, about *batch* answers a time."""
    places = _places(session, wave_id)
    cells: dict[tuple[str, str, str], list[bytes]] = {}
    sealed = session.execute(
        sa.select(SealedAnswer.id, SealedAnswer.sealed)
        .where(SealedAnswer.wave_id == wave_id)
        .execution_options(yield_per=BATCH)
    )
    for number, blob in sealed:
        payload = _placed(open_sealed(private_key, blob))
        cells.setdefault(_key(places[stand_of(payload, places)]), []).append(number)
    together: list[list[bytes]] = []
    for numbers in cells.values():
        if together and len(together[-1]) + len(numbers) <= batch:
            together[-1] += numbers
        else:
            together.append(numbers)
    return together


def _key(place: Pool) -> tuple[str, str, str]:
    return place.kept_as or place.group, place.stratum, place.pool


def _move(session: Session, wave_id: int, private_key: bytes, numbers: list[bytes]) -> None:
    """Turn the sealed answers with these *numbers* into mixed responses; of some only the sums stay."""
    sealed = session.execute(
        sa.select(SealedAnswer.id, SealedAnswer.sealed).where(SealedAnswer.id.in_(numbers))
    ).all()
    places, cells = _places(session, wave_id), _cells(session, wave_id)
    several = {kept_as for kept_as, groups in sets_of(session, wave_id).items() if len(groups) > 1}
    payloads = [_placed(open_sealed(private_key, blob)) for _, blob in sealed]
    written = _free_text(session, payloads) if several else {}
    rows = []
    for payload in payloads:
        place = places[stand_of(payload, places)]
        cell = cells[_key(place)]
        if not cell.sums:
            left_out = written[payload["version_id"]] if cell.group in several else frozenset()
            rows.append(_response(wave_id, payload, cell, left_out))
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(sa.insert(Response), rows)
    session.execute(sa.delete(SealedAnswer).where(SealedAnswer.id.in_(numbers)))


def _free_text(session: Session, payloads: list[dict[str, Any]]) -> dict[int, frozenset[str]]:
    """By version the items that are answered in one's own words."""
    questionnaires = questionnaires_of(session, {payload["version_id"] for payload in payloads})
    return {
        version: frozenset(item.id for item in questionnaire.items if item.kind in TEXT_LIMITS)
        for version, questionnaire in questionnaires.items()
    }


def _response(
    wave_id: int, payload: dict[str, Any], cell: MixedCell, left_out: frozenset[str]
) -> dict[str, Any]:
    kept = set(cell.keeps.split())
    answers = {item: answer for item, answer in payload["answers"].items() if item not in left_out}
    return {
        "id": secrets.token_bytes(_ID_BYTES),
        "wave_id": wave_id,
        "group": cell.group,
        **{detail: payload[detail] if detail in kept else "" for detail in DETAILS},
        "stratum": cell.stratum,
        "pool": cell.pool or None,
        "questionnaire_version_id": payload["version_id"],
        "surplus": cell.stratum == SURPLUS,
        "answers": canonical(answers),
    }


def _empty_log(session: Session) -> None:
    """Have SQLite empty its write-ahead log, which else keeps the inbox until others write over it."""
    engine = session.connection().engine
    session.rollback()
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()


def _compute(session: Session, wave_id: int) -> tuple[str, Gathered]:
    """The wave's figures as they are frozen, and its texts; read beside *session*, which is at rest."""
    session.rollback()
    with each_alone(session.get_bind().engine) as connection, Session(connection) as alone:
        wave = surveys.get_wave(alone, wave_id)
        texts = gather_texts(alone, wave)
        return canonical({**compute_outcome(alone, wave), "texts": texts.told}), texts


def _store(
    session: Session, wave: Wave, document: str, texts: Gathered, *, now: datetime, key_erased: bool
) -> None:
    """Fix the wave's figures and store its texts apart.

    Raises:
        ConflictError: the wave is not closed any more, or answers are in its inbox.
    """
    if wave.state is not WaveState.CLOSED or _sealed_left(session, wave.id):
        raise ConflictError("wave_not_closed")
    store_texts(session, texts)
    outcome = WaveOutcome(wave_id=wave.id, content=document, digest=digest(document), computed_at=now)
    session.add(outcome)
    wave.mixed_at = now
    session.flush()
    mixed = session.scalar(
        sa.select(sa.func.count()).select_from(Response).where(Response.wave_id == wave.id)
    )
    audit.record(
        session,
        "wave.mixed",
        by=ACTOR,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "responses": mixed, "key_erased": key_erased, "outcome": outcome.digest},
    )
