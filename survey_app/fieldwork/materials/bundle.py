"""One archive (ZIP) with everything that is printed for a wave, or for one school of it."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey_app import prepared
from survey_app.canonical import canonical, digest
from survey_app.config import Settings, settings_of
from survey_app.counties.models import School
from survey_app.db import db
from survey_app.errors import ConflictError, NotFoundError
from survey_app.fieldwork import entries
from survey_app.fieldwork.materials import batch_list, cards, leaflets
from survey_app.fieldwork.materials.cards import BatchOfCards
from survey_app.fieldwork.materials.names import different, safe
from survey_app.fieldwork.materials.typesetting import TEMPLATES, Typesetter, template_file
from survey_app.fieldwork.materials.words import words
from survey_app.fieldwork.models import Batch, EntryPoint, Invitation
from survey_app.prepared import PreparedFile, Progress
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave, WaveState

#: Kind of prepared file.
KIND = "materials"

#: The scope of the whole county; any other is the code of a school.
COUNTY = ""

#: While a wave is in one of these its cards are worth printing, and keeping.
PRINTABLE = {WaveState.DRAWN, WaveState.OPEN}

#: Names in the archive.
_INDEX = "材料目录"
_SHARED = "通用材料"
_OFFICE = "县教育局"
_SCHOOLS = "学校"
_CARDS = "答题卡.pdf"
_LIST = "发放清单（单独保管）.pdf"

_HEADER = ("批号", "对象", "地点", "学校代码", "文件夹", "首卡", "末卡", "卡（张）", "页数", "换发次数")

#: The oldest day an archive can name: the same files always make the same archive.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """The part of an archive that goes to one place."""

    path: str
    batches: list[BatchOfCards]
    points: list[EntryPoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Everything an archive is made from, read at once, so that nobody waits for the printing."""

    wave: Wave
    scope: str
    wording: str
    own_words: list[str]
    draw: Any
    folders: list[_Folder]
    posters: list[EntryPoint]
    rows: dict[int, list[list[str]]]


def ask(
    session: Session,
    wave: Wave,
    *,
    scope: str,
    wording: str,
    own_words: Sequence[str],
    settings: Settings,
    by: str,
    now: datetime,
) -> PreparedFile:
    """The archive for the whole county (`COUNTY`) or for one school; the same wish finds the same file.

    Raises:
        ConflictError: the wave is not drawn, or is over.
        NotFoundError: the school has no cards in this wave.
    """
    _require_printable(wave)
    if scope != COUNTY and scope not in schools_of(session, wave):
        raise NotFoundError
    facts = facts_of(session, wave, settings, scope=scope)
    arguments = {
        "wave": wave.id,
        "scope": scope,
        "wording": wording,
        "own_words": list(own_words),
        "facts": digest(canonical(facts)),
    }
    return prepared.ask(
        session, kind=KIND, arguments=arguments, facts=facts, region=wave.county_code, by=by, now=now
    )


def facts_of(session: Session, wave: Wave, settings: Settings, *, scope: str) -> dict[str, Any]:
    """Everything that the printed pages depend on, beside what was asked for."""
    draw = cards.drawn(session, wave)
    valid = (
        sa.select(Invitation.batch_id, Invitation.serial, Invitation.generation)
        .join(Batch, Batch.id == Invitation.batch_id)
        .where(Invitation.wave_id == wave.id, Invitation.revoked_at.is_(None))
        .order_by(Invitation.batch_id, Invitation.serial)
    )
    batches = (
        sa.select(Batch.id, Batch.position, Batch.group, Batch.place, Batch.school_code)
        .where(Batch.wave_id == wave.id)
        .order_by(Batch.position)
    )
    if scope != COUNTY:
        valid, batches = (each.where(Batch.school_code == scope) for each in (valid, batches))
    return {
        "wave": [wave.id, wave.title, wave.county.name, wave.contact, wave.pressure_contact],
        "window": [wave.opens_at.isoformat(), wave.closes_at.isoformat()],
        "address": settings.public_url,
        "draw": draw.digest,
        "batches": [list(row) for row in session.execute(batches)],
        "cards": [list(row) for row in session.execute(valid)],
        "points": [
            [one.number, one.kind, one.place, one.quota_cell.group, one.school_code, one.generation]
            for one in _points(session, wave, scope)
        ],
        "words": words().digest,
        "templates": [digest(template_file(name).read_bytes()) for name in TEMPLATES],
    }


def maker(app: Flask) -> prepared.Maker:
    """What makes the archive in the application's job."""

    def make(told: dict[str, Any], progress: Progress) -> tuple[bytes, str]:
        session, settings = db.session, settings_of(app)
        read = _read(session, told, settings)
        # What was read stays as it is: making takes a while, and nobody is to wait for a transaction.
        session.expunge_all()
        return _archive(read, settings, progress), download_name(read.wave, read.folders, read.scope)

    return make


def is_outdated(session: Session, told: dict[str, Any]) -> bool:
    """Whether the wave of an archive is over, so that its codes must not lie about any longer."""
    wave = session.get(Wave, told["wave"])
    return wave is None or wave.state not in PRINTABLE


def schools_of(session: Session, wave: Wave) -> dict[str, str]:
    """The schools of *wave* that have cards or class codes: code → name, in the order of the county file."""
    with_cards = sa.select(Batch.school_code).where(Batch.wave_id == wave.id)
    with_codes = sa.select(EntryPoint.school_code).where(EntryPoint.wave_id == wave.id)
    wanted = set(session.scalars(with_cards)) | set(session.scalars(with_codes))
    schools = session.execute(
        sa.select(School.code, School.name)
        .where(School.county_file_id == wave.county_file_id)
        .order_by(School.position)
    )
    return {code: name for code, name in schools if code in wanted}


def batches_in(session: Session, told: dict[str, Any]) -> dict[int, int]:
    """The batches whose cards an archive holds, with how many."""
    wanted = (
        sa.select(Batch.id, sa.func.count().label("n"))
        .join(Invitation, Invitation.batch_id == Batch.id)
        .where(Batch.wave_id == told["wave"], Invitation.revoked_at.is_(None))
        .group_by(Batch.id)
    )
    if told["scope"] != COUNTY:
        wanted = wanted.where(Batch.school_code == told["scope"])
    return {row.id: row.n for row in session.execute(wanted)}


def download_name(wave: Wave, folders: Sequence[_Folder], scope: str) -> str:
    """What an archive is saved as."""
    place = "全县" if scope == COUNTY else folders[0].path.rpartition("/")[2]
    return f"{safe(f'{wave.county.name} {wave.title} {place}')} 答题材料.zip"


def _require_printable(wave: Wave) -> None:
    if wave.state is WaveState.DRAFT:
        raise ConflictError("not_drawn")
    if wave.state not in PRINTABLE:
        raise ConflictError("cards_over")


def _points(session: Session, wave: Wave, scope: str) -> list[EntryPoint]:
    """The open entries whose codes are printed, for the county or one school; posters are the county's."""
    points = entries.points_of(session, wave)
    printed = [*leaflets.printable(points, "class"), *leaflets.printable(points, "poster")]
    return [one for one in printed if scope in {COUNTY, one.school_code}]


def _read(session: Session, told: dict[str, Any], settings: Settings) -> _Read:
    wave = surveys.get_wave(session, told["wave"])
    _require_printable(wave)
    facts = facts_of(session, wave, settings, scope=told["scope"])
    if digest(canonical(facts)) != told["facts"]:
        raise ConflictError("materials_changed")
    draw = cards.drawn(session, wave)
    batches, points = cards.batches_of(session, wave, settings), _points(session, wave, told["scope"])
    return _Read(
        wave=wave,
        scope=told["scope"],
        wording=told["wording"],
        own_words=told["own_words"],
        draw=draw,
        folders=list(_folders(schools_of(session, wave), batches, points, told["scope"])),
        posters=[one for one in points if one.kind == "poster"],
        rows=cards.hand_out_rows(session, wave, draw),
    )


def _folders(
    schools: dict[str, str], batches: Sequence[BatchOfCards], points: Sequence[EntryPoint], scope: str
) -> Iterator[_Folder]:
    """The county office's folder, then one for each school, by its code; or that of one school alone."""
    classes = [one for one in points if one.kind == "class"]
    codes = [None, *sorted(schools)]
    names = different(safe(f"{code} {schools[code]}") for code in codes if code is not None)
    paths = [_OFFICE, *(f"{_SCHOOLS}/{name}" for name in names)]
    for code, path in zip(codes, paths, strict=True):
        if scope not in {COUNTY, code}:
            continue
        folder = _Folder(
            path=path,
            batches=[each for each in batches if each.school_code == code and each.cards],
            points=[one for one in classes if one.school_code == code],
        )
        if folder.batches or folder.points:
            yield folder


def _archive(read: _Read, settings: Settings, progress: Progress) -> bytes:
    total = len(read.folders) + 1
    progress(0, total)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in _shared(read, settings):
            _put(archive, name, content)
        progress(1, total)
        setter, leaflet_setter = Typesetter("cards"), Typesetter("leaflets")
        frame = cards.frame_of(read.wave, settings.public_url)
        for number, folder in enumerate(read.folders, start=2):
            if folder.batches:
                sheets = [cards.batch_sheets(read.wave, each, settings.public_url) for each in folder.batches]
                rows = {each.position: read.rows.get(each.position, []) for each in folder.batches}
                found = cards.hand_out_list(read.wave, read.draw, rows)
                _put(archive, f"{folder.path}/{_CARDS}", setter.typeset(frame | {"batches": sheets}))
                _put(archive, f"{folder.path}/{_LIST}", setter.typeset(frame | {"list": found}))
            if folder.points:
                document = leaflets.posters(read.wave, folder.points, settings=settings)
                _put(archive, f"{folder.path}/班级码.pdf", leaflet_setter.typeset(document))
            progress(number, total)
    return made.getvalue()


def _shared(read: _Read, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """What is the same for everybody: the index, the letter, the proctor's page, the posters."""
    header, rows = index_rows(read.folders)
    yield f"{_INDEX}.xlsx", batch_list.as_workbook(_INDEX, header, rows)
    yield f"{_INDEX}.csv", batch_list.as_csv(header, rows)
    setter, url = Typesetter("leaflets"), settings.public_url
    letter = leaflets.letter(read.wave, wording=read.wording, own_words=read.own_words, public_url=url)
    yield f"{_SHARED}/{safe(letter['title'])}.pdf", setter.typeset(letter)
    proctor = leaflets.proctor(read.wave, public_url=url)
    yield f"{_SHARED}/{safe(proctor['title'])}.pdf", setter.typeset(proctor)
    if read.posters:
        for paper in ("a4", "a3"):
            document = leaflets.posters(read.wave, read.posters, settings=settings, paper=paper)
            yield f"{_SHARED}/海报（{paper.upper()}）.pdf", setter.typeset(document)


def index_rows(folders: Sequence[_Folder]) -> tuple[tuple[str, ...], list[list[batch_list.Cell]]]:
    """The batches of an archive with their counts, and their sum in the last row."""
    rows: list[list[batch_list.Cell]] = [
        [
            each.number,
            GROUPS[each.group].label.zh,
            each.place,
            each.school_code or "",
            folder.path,
            each.cards[0].number,
            each.cards[-1].number,
            len(each.cards),
            each.sheets + 1,
            each.replacements,
        ]
        for folder in folders
        for each in folder.batches
    ]
    batches = [each for folder in folders for each in folder.batches]
    sums = sum(len(each.cards) for each in batches), sum(each.sheets + 1 for each in batches)
    return _HEADER, [*rows, ["合计", "", "", "", "", "", "", *sums, ""]]


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content)
