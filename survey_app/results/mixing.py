"""Mixing, once, after the close: unseal, shuffle, fresh random numbers, and the inbox is empty.

The work is a sequence of steps, each one transaction that the caller commits. A job killed between two steps
takes up where it stopped: an answer is either still sealed in the inbox or mixed, never both and never gone.

A step moves whole cells (all answers of a pool, or of a group of persons). Which answers came over together
can be seen afterwards, in backups made in between and in what PostgreSQL notes on its rows; so it must say no
more than the pool on the answer says.
"""

import os
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
from survey_app.errors import ConflictError
from survey_app.fieldwork.models import DrawnUnit
from survey_app.fieldwork.opening import key_file
from survey_app.respond.inbox import open_sealed
from survey_app.respond.models import SealedAnswer
from survey_app.results.models import MixedCell, Pool, Response, WaveOutcome
from survey_app.results.outcome import compute_outcome
from survey_app.results.pooling import DETAILS, DrawnPsu, plan_mixing
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave, WaveState

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
        _finish(session, wave, file, now)
        yield "finished"


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
    """Look at all answers once, in memory, and fix the pools and what answers keep."""
    sealed = session.scalars(sa.select(SealedAnswer.sealed).where(SealedAnswer.wave_id == wave.id))
    payloads = [_placed(open_sealed(private_key, blob)) for blob in sealed]
    units = session.scalars(
        sa.select(DrawnUnit)
        .where(DrawnUnit.wave_id == wave.id)
        .order_by(DrawnUnit.group, DrawnUnit.stratum, DrawnUnit.position)
    )
    plan = plan_mixing(
        [DrawnPsu(group=unit.group, stratum=unit.stratum, psu=unit.psu) for unit in units], payloads
    )
    session.add_all(
        Pool(wave_id=wave.id, group=group, psu=psu, stratum=placed.stratum, pool=placed.pool)
        for (group, psu), placed in plan.places.items()
    )
    session.add_all(
        MixedCell(
            wave_id=wave.id,
            group=cell.placed.group,
            stratum=cell.placed.stratum,
            pool=cell.placed.pool,
            n=cell.n,
            keeps=" ".join(cell.keeps),
        )
        for cell in plan.cells.values()
    )
    session.flush()


def _placed(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload whose place in the design is text; posters have none, older payloads no way."""
    return {"way": "drawn", **payload, "psu": payload["psu"] or "", "stratum": payload["stratum"] or ""}


def _places(session: Session, wave_id: int) -> dict[tuple[str, str], Pool]:
    return {
        (pool.group, pool.psu): pool
        for pool in session.scalars(sa.select(Pool).where(Pool.wave_id == wave_id))
    }


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
        place = places[payload["group"], payload["psu"]]
        cells.setdefault((place.group, place.stratum, place.pool), []).append(number)
    together: list[list[bytes]] = []
    for numbers in cells.values():
        if together and len(together[-1]) + len(numbers) <= batch:
            together[-1] += numbers
        else:
            together.append(numbers)
    return together


def _move(session: Session, wave_id: int, private_key: bytes, numbers: list[bytes]) -> None:
    """Turn the sealed answers with these *numbers* into mixed responses."""
    sealed = session.execute(
        sa.select(SealedAnswer.id, SealedAnswer.sealed).where(SealedAnswer.id.in_(numbers))
    ).all()
    places = _places(session, wave_id)
    keeps = {
        (cell.group, cell.stratum, cell.pool): set(cell.keeps.split())
        for cell in session.scalars(sa.select(MixedCell).where(MixedCell.wave_id == wave_id))
    }
    rows = []
    for _, blob in sealed:
        payload = _placed(open_sealed(private_key, blob))
        place = places[payload["group"], payload["psu"]]
        kept = keeps[place.group, place.stratum, place.pool]
        rows.append(_response(wave_id, payload, place, kept))
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(sa.insert(Response), rows)
    session.execute(sa.delete(SealedAnswer).where(SealedAnswer.id.in_(numbers)))


def _response(wave_id: int, payload: dict[str, Any], place: Pool, kept: set[str]) -> dict[str, Any]:
    return {
        "id": secrets.token_bytes(_ID_BYTES),
        "wave_id": wave_id,
        "group": payload["group"],
        **{detail: payload[detail] if detail in kept else "" for detail in DETAILS},
        "stratum": place.stratum,
        "pool": place.pool or None,
        "questionnaire_version_id": payload["version_id"],
        "way": payload["way"],
        "surplus": payload["surplus"],
        "answers": canonical(payload["answers"]),
    }


def _finish(session: Session, wave: Wave, file: Path, now: datetime) -> None:
    """Erase the key that has nothing left to open, and fix the wave's figures."""
    erased = _erase(file)
    document = canonical(compute_outcome(session, wave))
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
        details={"wave": wave.id, "responses": mixed, "key_erased": erased, "outcome": outcome.digest},
    )


def _erase(file: Path) -> bool:
    """Overwrite and remove the private key; whether there was one."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return False
    with file.open("r+b") as key:
        key.write(bytes(size))
        key.flush()
        os.fsync(key.fileno())
    file.unlink()
    return True
