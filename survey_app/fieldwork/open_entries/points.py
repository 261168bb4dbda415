"""Codes that many may use: a class's or village's with a cap, an open poster's; each feeds one quota cell.

They begin questionnaires beside the drawn sample. A class's or village's code reaches people of a drawn
place; a poster reaches whoever passes by, has no chance of selection and is shown apart from the rate.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from survey_app import audit
from survey_app.errors import ConflictError, GoneError, NotFoundError, RefusedInputError
from survey_app.fieldwork import codes, places
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import Batch, DrawnUnit, EntryPoint, Invitation
from survey_app.fieldwork.open_entries import rotating
from survey_app.lines import is_line
from survey_app.surveys import service as surveys
from survey_app.surveys.models import QuotaCell, Wave, WaveState
from survey_app.surveys.planning import PlanFault, fault

#: Which groups come in how: classes and villages reach those whom lists reach, a poster only residents.
WAYS = {"class": (*framing.CLUSTERED, "public"), "poster": ("public",)}

#: Seconds between two codes on a proctor's screen.
TURNS = (30, 60, 120, 300)

#: Largest cap of a code or a cell: beyond it somebody mistyped.
LARGEST_CAP = 100_000

_LONGEST_PLACE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a class code may stand: a stage of a drawn school, with its place in the design."""

    group: str
    school_code: str
    #: The school, with the stage where it has more than one.
    name: str
    grade_band: str
    locality: str
    stratum: str
    psu: str

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.group}.{self.school_code}.{self.grade_band}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An open entry as a phone finds it."""

    point: EntryPoint
    #: All its places, or those of its cell, are taken.
    full: bool


def code_of(point: EntryPoint, code_key: bytes) -> codes.Code:
    """The code that is printed for *point*; the same until it is replaced."""
    return codes.derive_open(
        code_key, wave_id=point.wave_id, number=point.number, generation=point.generation
    )


def screen_code(point: EntryPoint, code_key: bytes, *, now: datetime) -> rotating.Rotating:
    """The code that the proctor's screen shows for *point* at *now*.

    Raises:
        ConflictError: its code is printed and does not change.
    """
    if point.rotates_every is None:
        raise ConflictError("not_rotating")
    return rotating.code_at(
        code_key, point_id=point.id, generation=point.generation, every=point.rotates_every, now=now
    )


def sites(session: Session, wave: Wave) -> list[Site]:
    """The places of the sample where a class code may stand, in the order of the sheets."""
    found = session.execute(
        sa.select(
            Batch.group,
            Batch.school_code,
            Batch.place.label("name"),
            QuotaCell.grade_band,
            QuotaCell.locality,
            Invitation.stratum,
            Invitation.psu,
        )
        .join(Invitation, Invitation.batch_id == Batch.id)
        .join(QuotaCell, QuotaCell.id == Invitation.quota_cell_id)
        .where(Batch.wave_id == wave.id, Batch.school_code.is_not(None))
        .group_by(Batch.id, QuotaCell.grade_band, QuotaCell.locality, Invitation.stratum, Invitation.psu)
        .order_by(Batch.position)
    )
    return [Site(**row) for row in found.mappings()]


def cell_of(session: Session, wave: Wave, way: str, group: str, band: str, locality: str) -> QuotaCell | None:
    """The quota cell that an open entry of this kind would feed, if there is one already."""
    return session.scalars(
        sa.select(QuotaCell).where(
            QuotaCell.wave_id == wave.id,
            QuotaCell.way == way,
            QuotaCell.group == group,
            QuotaCell.grade_band == band,
            QuotaCell.locality == locality,
        )
    ).one_or_none()


def make_point(
    session: Session,
    wave: Wave,
    *,
    kind: str,
    group: str,
    place: str,
    site: str = "",
    cap: int | None,
    cell_cap: int | None,
    rotates_every: int | None = None,
    code_key: bytes,
    by: str,
    now: datetime,
) -> EntryPoint:
    """Make a class's or village's code, or a poster, and its quota cell where it is the first.

    Args:
        session: the caller commits.
        wave: drawn or open.
        kind: class (also for a village) or poster.
        group: who answers; one of `WAYS`.
        place: printed large, e.g. the class, the village, where the poster hangs.
        site: for parents and pupils: the key of one of `sites`.
        cap: most questionnaires through this code; None only for a poster.
        cell_cap: most through all codes of this kind for the same people; wanted for the first of them.
        rotates_every: seconds for which a code on the proctor's screen is good; None for a printed code.
        code_key: makes the code.
        by: the login of whoever makes it.
        now: when.

    Raises:
        ConflictError: the wave is not drawn yet, or over.
        RefusedInputError: with every fault of what was given.
    """
    surveys.lock_wave(session, wave)
    _require_in_the_field(wave)
    stands = next((each for each in sites(session, wave) if each.key == site and each.group == group), None)
    band, locality = (stands.grade_band, stands.locality) if stands else ("", "")
    cell = cell_of(session, wave, kind, group, band, locality)
    faults = _faults(kind, group, place, stands, cap, rotates_every)
    if cell is None and not _is_cap(cell_cap):
        faults.append(fault("cell_cap", "cap_unfit", cell_cap, most=LARGEST_CAP))
    if faults:
        raise RefusedInputError(faults, "entry_refused")
    if cell is None:
        cell = QuotaCell(
            wave_id=wave.id, group=group, grade_band=band, locality=locality, way=kind, target=0, cap=cell_cap
        )
        session.add(cell)
        session.flush()
    stratum = stands.stratum if stands else _stratum_of_persons(session, wave, kind, group)
    point = EntryPoint(
        wave_id=wave.id,
        number=_next_number(session, wave),
        quota_cell=cell,
        kind=kind,
        place=place.strip(),
        school_code=stands.school_code if stands else None,
        stratum=stratum,
        psu=stands.psu if stands else "",
        cap=cap,
        rotates_every=rotates_every,
        generation=1,
        made_at=now,
        made_by=by,
    )
    _give_code(point, code_key)
    session.add(point)
    session.flush()
    _record(session, wave, "entry.made", point, by, now)
    return point


def replace_point(
    session: Session, wave: Wave, point: EntryPoint, *, code_key: bytes, by: str, now: datetime
) -> EntryPoint:
    """Give *point* another code; the old one leads nowhere, what came in through it stays counted.

    Raises:
        ConflictError: the wave takes no more answers.
    """
    surveys.lock_wave(session, wave)
    _require_in_the_field(wave)
    session.refresh(point, with_for_update={"of": EntryPoint})
    point.generation += 1
    point.revoked_at = None
    _give_code(point, code_key)
    session.flush()
    _record(session, wave, "entry.replaced", point, by, now)
    return point


def revoke_point(session: Session, wave: Wave, point: EntryPoint, *, by: str, now: datetime) -> EntryPoint:
    """Take *point* out of use; who has begun may finish.

    Raises:
        ConflictError: it was taken out of use before.
    """
    session.refresh(point, with_for_update={"of": EntryPoint})
    if point.revoked_at is not None:
        raise ConflictError("entry_revoked_before")
    point.revoked_at = now
    session.flush()
    _record(session, wave, "entry.revoked", point, by, now)
    return point


def change_cap(session: Session, wave: Wave, cell: QuotaCell, *, cap: int, by: str, now: datetime) -> None:
    """Set the most questionnaires that the open entries of *cell* may bring.

    Raises:
        ConflictError: the wave takes no more answers.
        RefusedInputError: no sensible number, or below what came in and is being answered.
    """
    surveys.lock_wave(session, wave)
    _require_in_the_field(wave)
    session.refresh(cell, with_for_update={"of": QuotaCell})
    if not _is_cap(cap):
        raise RefusedInputError([fault("cap", "cap_unfit", cap, most=LARGEST_CAP)], "entry_refused")
    taken = cell.spent + cell.reserved
    if cap < taken:
        raise RefusedInputError([fault("cap", "cap_below_taken", cap, taken=taken)], "entry_refused")
    before, cell.cap = cell.cap, cap
    session.flush()
    audit.record(
        session,
        "entry.cap_changed",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "cell": cell.id, "before": before, "cap": cap},
    )


def find_point(session: Session, code_key: bytes, code_text: str, *, now: datetime) -> EntryPoint:
    """The open entry with this code, given as the address carries it or as it was typed.

    Raises:
        MistypedCodeError: a typed code that cannot be one; no question to the database.
        NotFoundError: no open entry has this code.
        GoneError: the code of a proctor's screen that is no longer good.
    """
    token, claim = codes.read_token(code_text), rotating.read_address(code_text)
    wanted = []
    if token is not None:
        wanted.append(_printed(EntryPoint.token_hash == codes.token_hash(code_key, token)))
    elif claim is None:
        typed = codes.read_typed(code_text)
        claim = rotating.read_typed(typed)
        wanted.append(_printed(EntryPoint.typed_hash == codes.typed_hash(code_key, typed)))
    if claim is not None:
        wanted.append(sa.and_(EntryPoint.rotates_every.is_not(None), EntryPoint.id == claim.point_id))
    for point in session.scalars(_whole().where(sa.or_(*wanted))):
        if point.rotates_every is None or claim is None:
            return point
        if claim.holds(code_key, generation=point.generation, every=point.rotates_every, now=now):
            return point
        if claim.held(code_key, generation=point.generation, every=point.rotates_every, now=now):
            raise GoneError("screen_code_over")
    raise NotFoundError("code_unknown")


def standing(session: Session, point_id: int, *, now: datetime) -> Standing:
    """The open entry with this number of the database, and whether it has a place for one more.

    Places that were held beyond their time count as free; nothing is taken back, since this only looks.

    Raises:
        NotFoundError: there is none.
    """
    full = [
        sa.func.coalesce(
            counted.spent + counted.reserved - places.expired_in(counted, now) >= counted.cap, sa.false()
        )
        for counted in (QuotaCell, EntryPoint)
    ]
    found = session.execute(_whole().add_columns(*full).where(EntryPoint.id == point_id)).one_or_none()
    if found is None:
        raise NotFoundError
    return Standing(point=found[0], full=bool(found[1] or found[2]))


def _whole() -> Any:
    """Open entries with everything a page needs of them."""
    return (
        sa.select(EntryPoint)
        .join(EntryPoint.quota_cell)
        .join(EntryPoint.wave)
        .join(Wave.county)
        .options(
            contains_eager(EntryPoint.quota_cell),
            contains_eager(EntryPoint.wave).contains_eager(Wave.county),
        )
        .execution_options(populate_existing=True)
    )


def _printed(has_code: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether the code is this one and does not change: what changes has no code that is good for long."""
    return sa.and_(EntryPoint.rotates_every.is_(None), has_code)


def _give_code(point: EntryPoint, code_key: bytes) -> None:
    code = code_of(point, code_key)
    point.token_hash = codes.token_hash(code_key, code.token)
    point.typed_hash = codes.typed_hash(code_key, code.typed)


def _require_in_the_field(wave: Wave) -> None:
    if wave.state is WaveState.DRAFT:
        raise ConflictError("entry_not_drawn")
    if wave.state not in {WaveState.DRAWN, WaveState.OPEN}:
        raise ConflictError("entry_too_late")


def _faults(
    kind: str, group: str, place: str, site: Site | None, cap: int | None, rotates_every: int | None
) -> list[PlanFault]:
    """What is wrong with a code that somebody wants."""
    faults = []
    if group not in WAYS.get(kind, ()):
        faults.append(fault("group", "entry_group", group))
    elif site is None and group in framing.CLUSTERED:
        faults.append(fault("site", "entry_site", ""))
    if not 0 < len(place.strip()) <= _LONGEST_PLACE or not is_line(place.strip()):
        faults.append(fault("place", "entry_place", place, most=_LONGEST_PLACE))
    if (cap is not None or kind != "poster") and not _is_cap(cap):
        faults.append(fault("cap", "cap_unfit", "" if cap is None else cap, most=LARGEST_CAP))
    if rotates_every is not None and (rotates_every not in TURNS or kind == "poster"):
        faults.append(fault("rotates_every", "entry_turn", rotates_every))
    return faults


def _is_cap(cap: int | None) -> bool:
    return cap is not None and 1 <= cap <= LARGEST_CAP


def _stratum_of_persons(session: Session, wave: Wave, kind: str, group: str) -> str:
    """Where a village's residents stand in the design; people before a poster stand nowhere."""
    if kind == "poster":
        return ""
    drawn = sa.select(DrawnUnit.stratum).where(DrawnUnit.wave_id == wave.id, DrawnUnit.group == group)
    return session.scalar(drawn.limit(1)) or ""


def _next_number(session: Session, wave: Wave) -> int:
    last = session.scalar(sa.select(sa.func.max(EntryPoint.number)).where(EntryPoint.wave_id == wave.id))
    return (last or 0) + 1


def _record(session: Session, wave: Wave, deed: str, point: EntryPoint, by: str, now: datetime) -> None:
    audit.record(
        session,
        deed,
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "kind": point.kind, "number": point.number, "place": point.place},
    )
