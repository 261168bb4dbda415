"""Files that prove something: checked, kept under names of our own, known by their digest."""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.datastructures import FileStorage

from survey_app import audit
from survey_app.canonical import digest
from survey_app.config import Settings, write_private
from survey_app.db import Base, Instant
from survey_app.errors import ConflictError, GoneError, NotFoundError
from survey_app.evidence_kinds import LARGEST, Kind, UnfitEvidenceError, kind_of

#: Longest title, in characters.
LONGEST_TITLE = 200

#: Names that only this module gives; with a point before and a random part behind while one is written.
_OURS = re.compile(r"\.?[0-9a-f]{32}\.[a-z]{3,4}(\.[0-9a-f]{8})?")

#: Control and format characters (among them those that turn the direction of writing), halves of
#: characters, separators of lines.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Evidence(Base):
    """A file that somebody handed in as proof. It can be withdrawn, never replaced."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(sa.String(12), index=True)
    #: What the person calls it; the name it came under is not kept anywhere else.
    title: Mapped[str] = mapped_column(sa.String(200))
    #: The name it is stored under, given by us.
    stored_name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    #: What it was found to be, from its content.
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    #: SHA-256 of the content.
    digest: Mapped[str] = mapped_column(sa.String(64))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    stored_by: Mapped[str] = mapped_column(sa.String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def ending(self) -> str:
        """How its name ends, e.g. ``pdf``."""
        return self.stored_name.rpartition(".")[2]

    @property
    def download_name(self) -> str:
        """The name it is downloaded under: its title, without what leads elsewhere, and its own ending."""
        stem = self.title.removesuffix(f".{self.ending}")
        return "".join("_" if each in '/\\:*?"<>|' else each for each in stem).strip(". ") + f".{self.ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file as it was handed in, read and found fit."""

    title: str
    kind: Kind
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A stored file that is not what was noted: *rule* is ``lost`` or ``altered``."""

    evidence: Evidence
    rule: str


def handed_in(upload: FileStorage | None, *, title: str = "") -> Handed | None:
    """What an upload holds, checked; None where no file was chosen.

    Args:
        upload: the file field as it arrived.
        title: what the person calls it; else the name it came under.

    Raises:
        UnfitEvidenceError: it is not taken as evidence; the code says why.
    """
    if upload is None or not upload.filename:
        return None
    name = _seen((upload.filename or "").replace("\\", "/").rpartition("/")[2])[-120:]
    content = upload.stream.read(LARGEST + 1)
    kind = kind_of(name, content)
    title = (_seen(title) or _seen(name.rpartition(".")[0]) or kind.ending)[:LONGEST_TITLE]
    return Handed(title=title, kind=kind, content=content)


def store(
    session: Session, handed: Handed, *, region: str, settings: Settings, by: str, now: datetime
) -> Evidence:
    """Keep a file for a region: first the file, whole and for its owner alone, then its row.

    Raises:
        OSError: the disk is full; nothing was stored.
    """
    name = f"{secrets.token_hex(16)}.{handed.kind.ending}"
    write_private(folder_of(settings) / name, handed.content)
    evidence = Evidence(
        region_code=region,
        title=handed.title,
        stored_name=name,
        media_type=handed.kind.media_type,
        size=len(handed.content),
        digest=digest(handed.content),
        stored_at=now,
        stored_by=by,
    )
    session.add(evidence)
    session.flush()
    _record(session, "evidence.stored", evidence, by=by, now=now)
    return evidence


def withdraw(session: Session, evidence: Evidence, *, reason: str, by: str, now: datetime) -> None:
    """Take a file out of use; its row and the file itself stay.

    Raises:
        ConflictError: it was withdrawn before.
        UnfitEvidenceError: no reason is given.
    """
    session.refresh(evidence, with_for_update=True)
    if evidence.withdrawn_at is not None:
        raise ConflictError("evidence_withdrawn_before")
    if not reason.strip():
        raise UnfitEvidenceError("evidence_reason")
    evidence.withdrawn_at, evidence.withdrawn_by = now, by
    evidence.withdraw_reason = reason.strip()[:500]
    session.flush()
    _record(session, "evidence.withdrawn", evidence, by=by, now=now)


def get_evidence(session: Session, evidence_id: int) -> Evidence:
    """Give the evidence with this number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Evidence, evidence_id)
    if found is None:
        raise NotFoundError
    return found


def content_of(settings: Settings, evidence: Evidence) -> bytes:
    """The file, compared with its digest.

    Raises:
        GoneError: it was withdrawn, or is no longer there.
        ConflictError: it was altered since it was stored.
    """
    if evidence.withdrawn_at is not None:
        raise GoneError("evidence_withdrawn")
    try:
        content = (folder_of(settings) / evidence.stored_name).read_bytes()
    except FileNotFoundError as error:
        raise GoneError("evidence_lost", title=evidence.title) from error
    if digest(content) != evidence.digest:
        raise ConflictError("evidence_altered", title=evidence.title)
    return content


def folder_of(settings: Settings) -> Path:
    """The folder of evidence, which a backup has to take along."""
    return settings.home / "evidence"


def faults(session: Session, settings: Settings) -> Iterator[Fault]:
    """Every stored file that is gone or is no longer what its digest says, withdrawn ones too."""
    for evidence in session.scalars(sa.select(Evidence).order_by(Evidence.id)):
        path = folder_of(settings) / evidence.stored_name
        if not path.is_file():
            yield Fault(evidence=evidence, rule="lost")
        elif digest(path.read_bytes()) != evidence.digest:
            yield Fault(evidence=evidence, rule="altered")


def strays(session: Session, settings: Settings, *, now: datetime) -> list[Path]:
    """Files that no row has known for a day: an upload was cut off between the file and its row."""
    folder = folder_of(settings)
    if not folder.is_dir():
        return []
    known = set(session.scalars(sa.select(Evidence.stored_name)))
    day_ago = (now - timedelta(days=1)).timestamp()
    unknown = (path for path in folder.iterdir() if _OURS.fullmatch(path.name) and path.name not in known)
    return sorted(path for path in unknown if path.stat().st_mtime < day_ago)


def _seen(text: str) -> str:
    """*text* as one line of what can be seen."""
    spaced = "".join(" " if each.isspace() else each for each in text)
    return "".join(each for each in spaced if unicodedata.category(each) not in _UNSEEN).strip()


def _record(session: Session, action: str, evidence: Evidence, *, by: str, now: datetime) -> None:
    details = {"evidence": evidence.id, "digest": evidence.digest, "size": evidence.size}
    details |= {"media_type": evidence.media_type, "title": evidence.title}
    audit.record(session, action, by=by, now=now, region=evidence.region_code, details=details)
