"""Replacing drawn schools and people: by the next of the reserve, for a declared reason, on record."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import sampling
from sampling.group_plan import TWO_STAGE
from survey_app import audit
from survey_app.canonical import canonical
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.fieldwork import entries
from survey_app.fieldwork.draws import drawing, inviting
from survey_app.fieldwork.draws.records import VERSION
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.frames.lists.counted import STAGED
from survey_app.fieldwork.models import (
    Batch,
    DrawnUnit,
    Entry,
    Invitation,
    PhoneCase,
    Replacement,
    StoredDraw,
    StoredFrame,
)
from survey_app.lines import is_line
from survey_app.surveys import service as surveys
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave, WaveState
from survey_app.surveys.planning import PlanFault, fault

_LONGEST_REMARK = 500
_STATES = {WaveState.DRAWN, WaveState.OPEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn wave with what its certificate says, for as long as one piece of work takes."""

    wave: Wave
    draw: StoredDraw
    frame: sampling.Frame
    sample: sampling.Sample
    record: Sequence[Replacement]

    def group(self, group: str) -> sampling.GroupDraw:
        """The draw of *group*.

        Raises:
            NotFoundError: it was not drawn.
        """
        for draw in self.sample.draws:
            if draw.plan.group == group:
                return draw
        raise NotFoundError


def reasons(kind: str) -> Mapping[str, Text]:
    """The declared reasons for replacing a ``school`` or a ``person``, by id."""
    return MappingProxyType({row["id"]: Text(zh=row["zh"], en=row["en"]) for row in _declared()[kind]})


def read_draw(session: Session, wave: Wave) -> Drawn:
    """What was drawn for *wave*.

    Raises:
        ConflictError: nothing yet.
    """
    draw = drawing.draw_of(session, wave)
    if draw is None:
        raise ConflictError("not_drawn")
    stored = session.get_one(StoredFrame, draw.frame_id)
    return Drawn(
        wave=wave,
        draw=draw,
        frame=framing.read_frame(stored),
        sample=drawing.sample_of(draw),
        record=drawing.replacements_of(session, wave.id),
    )


def replace_school(
    session: Session,
    wave: Wave,
    *,
    group: str,
    psu: str,
    reason: str,
    remark: str,
    code_key: bytes,
    by: str,
    now: datetime,
) -> Replacement:
    """Put the next school in reserve into the place of a drawn one; its cards lead nowhere from now on.

    The new school has the old one's part: as many invitations, and a probability such that it stands for as
    many people. Where the reserve of the stratum is used up, the old school stays in the design without
    invitations, so that its people are counted as not having answered.

    Raises:
        ConflictError: the wave is neither drawn nor open, or somebody of the school has answered.
        RefusedInputError: a reason that is not declared, an unfit remark.
        NotFoundError: the school was not drawn for this group.
    """
    drawn = _begin(session, wave, kind="school", reason=reason, remark=remark)
    unit = session.scalars(
        sa.select(DrawnUnit).where(
            DrawnUnit.wave_id == wave.id, DrawnUnit.group == group, DrawnUnit.psu == psu, DrawnUnit.psu != ""
        )
    ).one_or_none()
    if unit is None or psu in {one.psu for one in drawn.record if one.group == group}:
        raise NotFoundError
    if spent := _spent(session, wave, group, psu):
        raise ConflictError("school_has_answered", answered=spent)
    entry = Replacement(
        wave_id=wave.id,
        group=group,
        psu=psu,
        replaced_by=_next_school(drawn, group, psu, reason),
        reason=reason,
        remark=remark.strip(),
        decided_at=now,
        decided_by=by,
    )
    session.add(entry)
    session.flush()
    _revoke(session, _invitations_of(wave, group, psu), now)
    if entry.replaced_by is not None:
        _exchange(session, drawn, unit, entry)
    _put_in(session, drawn, entry, code_key)
    _note(session, wave, entry, "school")
    return entry


def replace_person(
    session: Session,
    wave: Wave,
    *,
    batch: int,
    serial: int,
    reason: str,
    remark: str,
    code_key: bytes,
    by: str,
    now: datetime,
) -> Replacement:
    """Put the next person in reserve into the place of the one who was to get a card.

    The card is named by the position of its batch and its number. The new person has the old one's part in
    stratum and school.

    Raises:
        ConflictError: the wave is neither drawn nor open, the person has answered, or the reserve is used up.
        RefusedInputError: a reason that is not declared, an unfit remark.
        NotFoundError: there is no such card, or it was given up before.
    """
    drawn = _begin(session, wave, kind="person", reason=reason, remark=remark)
    found = drawing.recipients(session, drawn.draw)
    card = next((one for one in found if (one.batch, one.serial) == (batch, serial)), None)
    if card is None or card.given_up:
        raise NotFoundError
    invitation = session.scalars(
        sa.select(Invitation)
        .join(Batch, Batch.id == Invitation.batch_id)
        .where(Batch.wave_id == wave.id, Batch.position == batch, Invitation.serial == serial)
    ).one()
    spent = session.scalar(
        sa.select(sa.exists().where(Entry.invitation_id == invitation.id, Entry.state == "spent"))
    )
    if spent:
        raise ConflictError("person_has_answered")
    place = f"{card.unit}#{card.number}"
    entry = Replacement(
        wave_id=wave.id,
        group=card.group,
        psu=place,
        replaced_by=_next_person(drawn, card.group, place, reason),
        reason=reason,
        remark=remark.strip(),
        decided_at=now,
        decided_by=by,
    )
    session.add(entry)
    session.flush()
    _revoke(session, sa.select(Invitation.id).where(Invitation.id == invitation.id), now)
    _put_in(session, drawn, entry, code_key)
    _note(session, wave, entry, "person")
    return entry


def reserve_left(drawn: Drawn) -> dict[tuple[str, str], int]:
    """Schools in reserve that nobody has been replaced by yet, by group and stratum.

    A sample that verifies draws people of given schools, and has no schools in reserve.
    """
    used = {(one.group, one.replaced_by) for one in drawn.record}
    found: dict[tuple[str, str], int] = {}
    for draw in drawn.sample.draws:
        group = draw.plan.group
        if group in STAGED and draw.plan.method == TWO_STAGE:
            for stratum in draw.strata:
                found[group, stratum.name] = 0
            for one in sampling.school_reserve(draw, drawn.frame, seed=drawn.sample.seed):
                found[group, one.stratum] += (group, one.id) not in used
    return found


def people_left(drawn: Drawn) -> dict[str, int]:
    """People in reserve that nobody has been replaced by yet, by group."""
    used = {(one.group, one.replaced_by) for one in drawn.record}
    return {
        draw.plan.group: sum((draw.plan.group, one.id) not in used for one in draw.reserve)
        for draw in drawn.sample.draws
    }


def public_record(drawn: Drawn) -> str:
    """The record of replacements as anybody may have it, to be checked beside the certificate."""
    return canonical(
        {
            "version": VERSION,
            "certificate": drawn.draw.digest,
            "replacements": [
                {
                    "group": one.group,
                    "kind": "school" if drawing.is_school(one) else "person",
                    "given_up": one.psu,
                    "put_in": one.replaced_by,
                    "reason": one.reason,
                    "decided_at": one.decided_at.isoformat(),
                }
                for one in drawn.record
            ],
        }
    )


def _begin(session: Session, wave: Wave, *, kind: str, reason: str, remark: str) -> Drawn:
    surveys.lock_wave(session, wave)
    if wave.state not in _STATES:
        raise ConflictError("not_drawn" if wave.state is WaveState.DRAFT else "field_over")
    faults: list[PlanFault] = []
    if reason not in reasons(kind):
        faults.append(fault("reason", "reason_unknown", reason))
    if not 0 < len(remark.strip()) <= _LONGEST_REMARK or not is_line(remark.strip()):
        faults.append(fault("remark", "remark_unfit", remark, most=_LONGEST_REMARK))
    if faults:
        raise RefusedInputError(faults, "replacement_refused")
    return read_draw(session, wave)


def _next_school(drawn: Drawn, group: str, psu: str, reason: str) -> str | None:
    draw = drawn.group(group)
    reserve = sampling.school_reserve(draw, drawn.frame, seed=drawn.sample.seed)
    record = drawing.school_entries(drawn.record).get(group, [])
    try:
        return sampling.replace_school(draw, psu, reason=reason, reserve=reserve, record=record).by
    except sampling.ReplacementError as error:
        if error.rule != "exhausted":
            raise NotFoundError from error
        return None


def _next_person(drawn: Drawn, group: str, place: str, reason: str) -> str:
    record = drawing.person_entries(drawn.record).get(group, [])
    try:
        return sampling.replace_place(drawn.group(group), place, reason=reason, record=record).by
    except sampling.ReplacementError as error:
        if error.rule == "not_drawn":
            # People of a school that was put in have nobody in reserve: only drawn schools' places do.
            raise ConflictError("reserve_used_up", group=GROUPS[group].label.zh) from error
        if error.rule == "replaced":
            raise NotFoundError from error
        raise ConflictError("reserve_used_up", group=GROUPS[group].label.zh) from error


def _invitations_of(wave: Wave, group: str, psu: str) -> sa.Select[Any]:
    return (
        sa.select(Invitation.id)
        .join(Batch, Batch.id == Invitation.batch_id)
        .where(Invitation.wave_id == wave.id, Batch.group == group, Invitation.psu == psu)
    )


def _spent(session: Session, wave: Wave, group: str, psu: str) -> int:
    """How many people of a drawn school have answered."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Entry)
            .where(Entry.invitation_id.in_(_invitations_of(wave, group, psu)), Entry.state == "spent")
        )
        or 0
    )


def _revoke(session: Session, invitations: sa.Select[Any], now: datetime) -> None:
    """Let cards lead nowhere, part what was begun from them, and close their telephone cases."""
    numbers = list(session.scalars(invitations))
    entries.let_go(session, numbers)
    session.execute(
        sa.update(Invitation)
        .where(Invitation.id.in_(numbers), Invitation.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.execute(
        sa.update(PhoneCase)
        .where(PhoneCase.invitation_id.in_(numbers), PhoneCase.finished_at.is_(None))
        .values(finished_at=now, withdrawn=True)
    )
    session.flush()


def _exchange(session: Session, drawn: Drawn, unit: DrawnUnit, entry: Replacement) -> None:
    """Let the school that was put in stand where the old one stood in the design."""
    group = entry.group
    draw = drawn.group(group)
    record = drawing.school_entries([*drawn.record, entry])[group]
    made = sampling.substitutes(draw, drawn.frame, record, seed=drawn.sample.seed)[-1]
    stratum = next(one for one in draw.strata if one.name == made.stratum)
    row = inviting.drawn_unit(drawn.wave, group, stratum, made.cluster, inviting.Lists(drawn.frame))
    row.position, row.replaces = unit.position, unit.psu
    session.delete(unit)
    session.flush()
    session.add(row)


def _put_in(session: Session, drawn: Drawn, entry: Replacement, code_key: bytes) -> None:
    """Invite those that *entry* puts in, and share the group's quota among the cells anew."""
    wave = drawn.wave
    invited = inviting.invited_now(session, wave, [entry.group])
    places: list[inviting.Place] = []
    if entry.replaced_by is not None:
        *_, places = drawing.invited_places(drawn.frame, drawn.sample, [*drawn.record, entry])
        for place in places:
            invited[place.cell] = invited.get(place.cell, 0) + 1
    inviting.settle_cells(session, wave, invited)
    if places:
        inviting.invite(session, wave, places, code_key=code_key)
    session.flush()


def _note(session: Session, wave: Wave, entry: Replacement, kind: str) -> None:
    audit.record(
        session,
        "sample.replaced",
        by=entry.decided_by,
        now=entry.decided_at,
        region=wave.county_code,
        details={
            "wave": wave.id,
            "kind": kind,
            "group": entry.group,
            "given_up": entry.psu,
            "put_in": entry.replaced_by,
            "reason": entry.reason,
        },
    )


@cache
def _declared() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "replacement_reasons.toml").read_text(encoding="utf-8"))
