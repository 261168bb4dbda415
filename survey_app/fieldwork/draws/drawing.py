"""The draw of a wave: from frame and seed to the certificate, the invitations, and who gets which card."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import sampling
from survey_app import audit
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.draws import inviting
from survey_app.fieldwork.draws.allotting import group_plans, with_reserves
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import (
    Batch,
    DrawnUnit,
    Invitation,
    Replacement,
    SeedCommitment,
    StoredDraw,
    StoredFrame,
)
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GROUPS
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import fault

_LONGEST_SEED = 128

#: How the id of a place ends: with the person's number on the list.
_PERSON = re.compile(r"#[0-9]+\Z", re.ASCII)


def commit_seed(session: Session, wave: Wave, *, seed: str, by: str, now: datetime) -> SeedCommitment:
    """Publish the digest of the seed that *wave* will be drawn with, before its frame is known.

    From then on nobody can exchange it; that it was not chosen for what it draws is for people without the
    lists to see to, by making it. The seed is not stored: whoever made it keeps it.

    Raises:
        ConflictError: the wave is drawn, its frame is known, or a seed is committed to already.
        RefusedInputError: a seed that is not one line of at most 128 characters.
    """
    surveys.lock_wave(session, wave)
    if wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    if framing.latest_frame(session, wave) is not None:
        raise ConflictError("frame_known")
    if commitment_of(session, wave) is not None:
        raise ConflictError("already_committed")
    digest = sampling.seed_commitment(_fit(seed))
    made = SeedCommitment(wave_id=wave.id, digest=digest, made_at=now, made_by=by)
    session.add(made)
    session.flush()
    audit.record(
        session,
        "seed.committed",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "commitment": digest},
    )
    return made


def commitment_of(session: Session, wave: Wave) -> SeedCommitment | None:
    """The commitment to the seed of *wave*, if one was published."""
    return session.get(SeedCommitment, wave.id)


def draw_wave(
    session: Session, wave: Wave, *, seed: str, code_key: bytes, by: str, now: datetime
) -> StoredDraw:
    """Draw who is invited, from the seed and the latest frame alone, and make the invitations.

    Clustered groups keep their school as primary sampling unit. Groups drawn as persons keep their stratum
    and no school, so that an answer never says which school's teacher gave it. The reserve is drawn at once.

    Raises:
        ConflictError: the wave is drawn already, has no frame made from its plan, or one whose differences
            nobody has confirmed.
        RefusedInputError: a seed that is not one line of at most 128 characters, or not the one that was
            committed to.
    """
    surveys.lock_wave(session, wave)
    stored = _frame_to_draw_from(session, wave)
    seed = _fit(seed)
    committed = commitment_of(session, wave)
    if committed is not None and sampling.seed_commitment(seed) != committed.digest:
        not_it = fault("seed", "seed_not_committed", seed, committed=committed.digest)
        raise RefusedInputError([not_it], "draw_refused")
    frame = framing.read_frame(stored)
    plans = with_reserves(group_plans(surveys.plan_of(wave), frame), frame, seed=seed)
    sample = sampling.draw_sample(frame, plans, seed=seed, commitment=committed.digest if committed else None)
    certificate = sampling.Certificate(sample)
    draw = StoredDraw(
        wave_id=wave.id,
        frame_id=stored.id,
        seed=seed,
        certificate=certificate.text,
        digest=certificate.digest,
        drawn_at=now,
        drawn_by=by,
    )
    session.add(draw)
    lists = inviting.Lists(frame)
    session.add_all(inviting.drawn_units(wave, sample, lists))
    places = lists.places(sample)
    inviting.settle_cells(session, wave, Counter(place.cell for place in places))
    inviting.invite(session, wave, places, code_key=code_key)
    wave.drawn_at = now
    session.flush()
    audit.record(
        session,
        "wave.drawn",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "frame": stored.digest, "seed": seed, "certificate": draw.digest},
    )
    return draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn unit with the names of its schools (none for a group drawn as persons)."""

    unit: DrawnUnit
    schools: tuple[str, ...]


def drawn_units(session: Session, wave: Wave) -> list[Drawn]:
    """What was drawn, by group, stratum and order in it."""
    names: dict[tuple[str, str], list[str]] = {}
    cards = (
        sa.select(Batch.group, Invitation.psu, Batch.place)
        .join(Invitation, Invitation.batch_id == Batch.id)
        .where(Batch.wave_id == wave.id, Invitation.psu != "")
        .group_by(Batch.group, Invitation.psu, Batch.place, Batch.position)
        .order_by(Batch.position)
    )
    for group, psu, place in session.execute(cards):
        names.setdefault((group, psu), []).append(place)
    units = session.scalars(sa.select(DrawnUnit).where(DrawnUnit.wave_id == wave.id))
    order = list(GROUPS)
    return [
        Drawn(unit=unit, schools=tuple(names.get((unit.group, unit.psu), ())))
        for unit in sorted(units, key=lambda one: (order.index(one.group), one.stratum, one.position))
    ]


def certificate_of(draw: StoredDraw) -> dict[str, Any]:
    """The certificate with its digest, as `sampling.replay` reads it."""
    return json.loads(draw.certificate) | {"digest": draw.digest}


def draw_of(session: Session, wave: Wave) -> StoredDraw | None:
    """The draw of *wave*, if it is drawn."""
    return session.scalars(sa.select(StoredDraw).where(StoredDraw.wave_id == wave.id)).one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a card: a place on a counted list."""

    #: Position of the batch, and the card's number in it.
    batch: int
    serial: int
    group: str
    #: The list, as the frame calls it.
    unit: str
    #: The school whose list it is; None for lists of the county.
    school_code: str | None
    #: primary or junior, where the list is that of a stage.
    band: str
    #: The person's number on the list, from 1.
    number: int
    #: The class or grade they are in, with their number in it; empty where the list names none.
    section: str = ""
    section_number: int = 0
    #: Given up for another place by the rule; the card leads nowhere.
    given_up: bool = False


def recipients(session: Session, draw: StoredDraw) -> list[Recipient]:
    """Who gets which card of a drawn wave, worked out from its certificate and the record of replacements."""
    stored = session.get_one(StoredFrame, draw.frame_id)
    sample = sample_of(draw)
    frame = framing.read_frame(stored)
    record = replacements_of(session, draw.wave_id)
    invited = invited_places(frame, sample, record)
    gone = {(entry.group, entry.psu) for entry in record}
    sections = json.loads(stored.sections)
    positions: dict[inviting.BatchKey, int] = {}
    serials: Counter[int] = Counter()
    found = []
    for places in invited:
        for key in inviting.batch_keys(places):
            positions.setdefault(key, len(positions))
        for place in places:
            position = positions[place.batch]
            serials[position] += 1
            section, number = _section(sections.get(f"{place.group}/{place.unit.id}", []), place.number)
            found.append(
                Recipient(
                    batch=position,
                    serial=serials[position],
                    group=place.group,
                    unit=place.unit.id,
                    school_code=place.unit.school or None,
                    band=place.unit.band,
                    number=place.number,
                    section=section,
                    section_number=number,
                    given_up=bool({(place.group, place.psu), (place.group, place.id)} & gone),
                )
            )
    return found


def invited_places(
    frame: sampling.Frame, sample: sampling.Sample, record: Sequence[Replacement]
) -> Iterator[list[inviting.Place]]:
    """The places that were invited: those of the draw, then those of each replacement, in its order."""
    lists = inviting.Lists(frame)
    yield lists.places(sample)
    schools = school_entries(record)
    put_in = {
        draw.plan.group: {
            made.cluster.id: made
            for made in sampling.substitutes(draw, frame, schools[draw.plan.group], seed=sample.seed)
        }
        for draw in sample.draws
        if draw.plan.group in schools
    }
    reserve = {(draw.plan.group, one.id): one for draw in sample.draws for one in draw.reserve}
    for entry in record:
        if entry.replaced_by is None:
            continue
        if is_school(entry):
            places = put_in[entry.group][entry.replaced_by].places
            yield [lists.place(entry.group, place) for place in places]
        else:
            yield [lists.place(entry.group, reserve[entry.group, entry.replaced_by])]


def sample_of(draw: StoredDraw) -> sampling.Sample:
    """What was drawn, as the certificate states it."""
    return sampling.Certificate.from_dict(certificate_of(draw)).sample


def replacements_of(session: Session, wave_id: int) -> list[Replacement]:
    """The record of replacements, in its order."""
    return list(
        session.scalars(sa.select(Replacement).where(Replacement.wave_id == wave_id).order_by(Replacement.id))
    )


def is_school(entry: Replacement) -> bool:
    """Whether a school was replaced, and not one person: a place's id ends in its number."""
    return _PERSON.search(entry.psu) is None


def school_entries(record: Sequence[Replacement]) -> dict[str, list[sampling.Replacement]]:
    """The entries that put a school in, by group, as `sampling` reads them."""
    return _entries(one for one in record if is_school(one))


def person_entries(record: Sequence[Replacement]) -> dict[str, list[sampling.Replacement]]:
    """The entries that put one person in, by group, as `sampling` reads them."""
    return _entries(one for one in record if not is_school(one))


def _entries(record: Iterable[Replacement]) -> dict[str, list[sampling.Replacement]]:
    found: dict[str, list[sampling.Replacement]] = {}
    for one in record:
        if one.replaced_by is not None:
            entry = sampling.Replacement(place=one.psu, reason=one.reason, by=one.replaced_by)
            found.setdefault(one.group, []).append(entry)
    return found


def _section(parts: Sequence[tuple[str, int]], number: int) -> tuple[str, int]:
    """The class of a person on a list, and the number in it."""
    before = 0
    for name, people in parts:
        if number <= before + people:
            return name, number - before
        before += people
    return "", 0


def _frame_to_draw_from(session: Session, wave: Wave) -> StoredFrame:
    if wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    stored = framing.latest_frame(session, wave)
    if stored is None:
        raise ConflictError("no_frame")
    if framing.waits(stored):
        raise ConflictError("frame_unconfirmed")
    if wave.framed_at is None:
        raise ConflictError("frame_outdated")
    return stored


def _fit(seed: str) -> str:
    """The seed without blanks around it; refuse one that is not one line or too long."""
    seed = seed.strip()
    if not seed or len(seed) > _LONGEST_SEED or not seed.isprintable():
        raise RefusedInputError([fault("seed", "seed_unfit", seed, most=_LONGEST_SEED)], "draw_refused")
    return seed
