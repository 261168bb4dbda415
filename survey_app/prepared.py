"""Files that take a while to make: asked for once, made by a job, kept until they are out of date.

A room registers for each kind of file how it is made (`makers_of`) and, where that is known earlier than by
age, when nobody may have it any more (`outdated_of`). A maker may be killed and begun again at any moment:
the file appears in the folder of exports whole or not at all.
"""

import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from survey_app import audit, clock
from survey_app.canonical import canonical, digest
from survey_app.config import Settings, settings_of
from survey_app.db import INSERT, Base, Instant, db
from survey_app.errors import JunhengError, NotFoundError
from survey_app.jobs import jobs_of

log = structlog.get_logger()

#: Jobs of this module.
PREPARE = "prepare_file"
ERASE = "erase_file"

#: How long a file is kept after it was made.
KEPT = timedelta(days=7)

#: A bar is written down at most this many times.
_MARKS = 50

#: Names that only this module gives: the key, what it is, and a random part while it is being written.
_OURS = re.compile(r"\.?[0-9a-f]{64}\.[a-z0-9]{1,8}(\.[0-9a-f]{8})?")

#: Tells how far a maker is: steps made, of how many. It ends the transaction, so that nobody waits.
Progress = Callable[[int, int], None]

#: Makes a file from its arguments: its content and the name it is downloaded under.
Maker = Callable[[dict[str, Any], Progress], tuple[bytes | Path, str]]

#: Says from its arguments whether a file may no longer be had.
Outdated = Callable[[Session, dict[str, Any]], bool]


class PreparedFile(Base):
    """A file that somebody asked for. The same wish, from the same facts, is the same file."""

    __tablename__ = "prepared_file"
    __table_args__ = (sa.CheckConstraint("done >= 0 AND (total IS NULL OR done <= total)", name="progress"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Name of the job that makes it.
    kind: Mapped[str] = mapped_column(sa.String(32))
    #: SHA-256 of everything the file is made from; another state of the facts is another file.
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: What the job is told, in canonical form.
    arguments: Mapped[str] = mapped_column(sa.Text)
    region_code: Mapped[str] = mapped_column(sa.String(12), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(sa.String(64))
    #: Steps made, of how many; the total is null until the job has counted.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Code of the message that says why it could not be made; empty otherwise.
    failure: Mapped[str] = mapped_column(sa.String(64), default="")
    #: Name in the folder of exports, the name it is downloaded under, and its size in bytes.
    stored_name: Mapped[str] = mapped_column(sa.String(128), default="")
    download_name: Mapped[str] = mapped_column(sa.String(200), default="")
    size: Mapped[int | None]

    @property
    def state(self) -> str:
        """Where it stands: waiting, making, ready or failed."""
        if self.failure:
            return "failed"
        if self.finished_at is not None:
            return "ready"
        return "waiting" if self.total is None else "making"

    @property
    def percent(self) -> int:
        """How much of it is made, in whole percent."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def megabytes(self) -> float | None:
        """How large it is, in millions of bytes."""
        return None if self.size is None else self.size / 1e6

    @property
    def told(self) -> dict[str, Any]:
        """What the job is told."""
        return json.loads(self.arguments)


def init_app(app: Flask) -> None:
    """Give *app* its list of makers, to which each room adds its own, and the jobs that make and erase."""
    app.extensions["junheng-makers"] = {}
    app.extensions["junheng-outdated"] = {}
    jobs = jobs_of(app)
    jobs.register(
        PREPARE,
        lambda file_id: make(db.session, app, file_id, now=clock.now),
        unfinished=lambda: _wanted(db.session),
    )
    jobs.register(
        ERASE,
        lambda file_id: _erase_and_commit(app, file_id),
        unfinished=lambda: [
            (str(file.id), {"file_id": file.id}) for file in due(db.session, app, now=clock.now())
        ],
    )


def makers_of(app: Flask) -> dict[str, Maker]:
    """The makers *app* knows, by kind of file."""
    return app.extensions["junheng-makers"]


def outdated_of(app: Flask) -> dict[str, Outdated]:
    """What *app* asks whether a file may no longer be had, by kind; kinds without are kept for `KEPT`."""
    return app.extensions["junheng-outdated"]


def ask(
    session: Session,
    *,
    kind: str,
    arguments: Mapping[str, Any],
    facts: Any,
    region: str,
    by: str,
    now: datetime,
) -> PreparedFile:
    """The file of this *kind*, made from *arguments* and the present *facts*; noted as wanted if it is new.

    Asking again finds the same file at once. One that could not be made is tried again. The caller commits
    and then calls `begin`.
    """
    told = canonical(dict(arguments))
    key = digest(canonical({"kind": kind, "arguments": dict(arguments), "facts": facts}))
    session.execute(
        INSERT[session.get_bind().dialect.name](PreparedFile)
        .values(
            kind=kind,
            key=key,
            arguments=told,
            region_code=region,
            asked_at=now,
            asked_by=by,
            done=0,
            failure="",
            stored_name="",
            download_name="",
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    file = session.scalars(
        sa.select(PreparedFile)
        .where(PreparedFile.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if file.failure:
        _want_again(file, by=by, now=now)
        session.flush()
    return file


def begin(app: Flask, file_id: int) -> None:
    """Have a file made, after the deed that asked for it was committed; one that is ready is left alone.

    It takes the number and not the row, which would open a new transaction of the caller's for the job to
    wait for.
    """
    jobs_of(app).enqueue(PREPARE, str(file_id), file_id=file_id)


def find(session: Session, file_id: int, kind: str) -> PreparedFile:
    """The file of this number and kind.

    Raises:
        NotFoundError: there is none; it may have been erased.
    """
    found = session.get(PreparedFile, file_id)
    if found is None or found.kind != kind:
        raise NotFoundError
    return found


def files_of(session: Session, kind: str, region: str) -> list[PreparedFile]:
    """The files of a kind that were made, or are being made, for a region, the newest first."""
    return list(
        session.scalars(
            sa.select(PreparedFile)
            .where(PreparedFile.kind == kind, PreparedFile.region_code == region)
            .order_by(PreparedFile.asked_at.desc(), PreparedFile.id.desc())
        )
    )


def stored_at(settings: Settings, file: PreparedFile) -> Path | None:
    """Where a ready file lies; None where it is not ready, or somebody took it away."""
    if file.state != "ready":
        return None
    path = exports(settings) / file.stored_name
    return path if path.is_file() else None


def want_again(session: Session, file: PreparedFile, *, by: str, now: datetime) -> None:
    """Note that a file which is gone from the folder of exports is to be made anew."""
    _want_again(file, by=by, now=now)
    session.flush()


def exports(settings: Settings) -> Path:
    """The folder of made files, readable by the owner alone."""
    folder = settings.home / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def make(session: Session, app: Flask, file_id: int, *, now: Callable[[], datetime]) -> None:
    """Make the file with this number, unless it is made, and commit; say so in the row where that fails.

    Raises:
        OperationalError: the database is away; the job is tried again.
    """
    file = session.get(PreparedFile, file_id)
    if file is None or file.failure or file.finished_at is not None:
        return
    kind, key, told = file.kind, file.key, file.told
    session.commit()

    def progress(done: int, total: int) -> None:
        if done and done < total and done * _MARKS // total == (done - 1) * _MARKS // total:
            session.rollback()
            return
        _change(session, file_id, done=done, total=total)

    folder = exports(settings_of(app))
    _remove_partials(folder, key)
    try:
        content, download_name = makers_of(app)[kind](told, progress)
        session.rollback()
        stored_name, size = _store(folder, key, content, Path(download_name).suffix)
    except OperationalError:
        raise
    except Exception as error:
        session.rollback()
        log.exception("file not made", kind=kind)
        _change(session, file_id, failure=_failure(error))
        return
    whole = sa.func.coalesce(PreparedFile.total, 1)
    _change(
        session,
        file_id,
        done=whole,
        total=whole,
        finished_at=now(),
        stored_name=stored_name,
        download_name=download_name,
        size=size,
    )


def due(session: Session, app: Flask, *, now: datetime) -> list[PreparedFile]:
    """The files that are to be erased: too old, or of no use any more."""
    ended = sa.or_(PreparedFile.finished_at.is_not(None), PreparedFile.failure != "")
    files = session.scalars(sa.select(PreparedFile).where(ended).order_by(PreparedFile.id))
    return [file for file in files if _is_due(session, app, file, now)]


def erase(session: Session, settings: Settings, file: PreparedFile, *, by: str, now: datetime) -> None:
    """Erase *file* from the folder of exports and forget it, with a record.

    The file goes before the row: one that is killed in between is erased again.
    """
    if file.stored_name:
        (exports(settings) / file.stored_name).unlink(missing_ok=True)
    audit.record(
        session,
        "file.erased",
        by=by,
        now=now,
        region=file.region_code,
        details={"kind": file.kind, "key": file.key, "name": file.download_name, "size": file.size},
    )
    session.delete(file)
    session.flush()


def _is_due(session: Session, app: Flask, file: PreparedFile, now: datetime) -> bool:
    if (file.finished_at or file.asked_at) + KEPT <= now:
        return True
    outdated = outdated_of(app).get(file.kind)
    return outdated is not None and outdated(session, file.told)


def _erase_and_commit(app: Flask, file_id: int) -> None:
    session, settings, now = db.session, settings_of(app), clock.now()
    file = session.get(PreparedFile, file_id, with_for_update=True)
    if file is not None and _is_due(session, app, file, now):
        erase(session, settings, file, by="job", now=now)
    known = set(session.scalars(sa.select(PreparedFile.stored_name)))
    session.commit()
    for path in _strays(exports(settings), known, now):
        path.unlink(missing_ok=True)


def _strays(folder: Path, known: set[str], now: datetime) -> Iterator[Path]:
    """Files of ours that no row knows and nobody has written to for a day."""
    day_ago = (now - timedelta(days=1)).timestamp()
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in known:
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < day_ago:
                    yield path


def _wanted(session: Session) -> list[tuple[str, dict[str, int]]]:
    """What the job has to make. A file asked for again is another piece of work, and does not rest."""
    files = session.scalars(
        sa.select(PreparedFile)
        .where(PreparedFile.finished_at.is_(None), PreparedFile.failure == "")
        .order_by(PreparedFile.asked_at, PreparedFile.id)
    )
    return [(_work(file), {"file_id": file.id}) for file in files]


def _work(file: PreparedFile) -> str:
    return f"{file.id}-{file.asked_at:%Y%m%d%H%M%S%f}"


def _want_again(file: PreparedFile, *, by: str, now: datetime) -> None:
    file.asked_at, file.asked_by = now, by
    file.done, file.total, file.finished_at, file.failure = 0, None, None, ""
    file.stored_name = file.download_name = ""
    file.size = None


def _change(session: Session, file_id: int, **values: Any) -> None:
    """Write down how far a file is, at once."""
    session.rollback()
    session.execute(sa.update(PreparedFile).where(PreparedFile.id == file_id).values(**values))
    session.commit()


def _failure(error: Exception) -> str:
    """The message that says why a file could not be made; the log has the rest."""
    if isinstance(error, JunhengError) and not error.facts:
        return error.code
    return "prepared_no_room" if isinstance(error, OSError) else "prepared_failed"


def _store(folder: Path, key: str, content: bytes | Path, suffix: str) -> tuple[str, int]:
    """Put *content* in *folder*, whole or not at all and for nobody else to read; its name and size."""
    name = f"{key}{suffix}"
    partial = content if isinstance(content, Path) else folder / f".{name}.{secrets.token_hex(4)}"
    try:
        if isinstance(content, bytes):
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        else:
            partial.chmod(0o600)
        partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    return name, (folder / name).stat().st_size


def _remove_partials(folder: Path, key: str) -> None:
    """Remove what a killed attempt at the same file left behind."""
    for path in folder.glob(f".{key}.*"):
        path.unlink(missing_ok=True)
