"""The draw of a wave: quota cells, drawn units, batches of cards and one invitation for each place."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import sampling
from sampling.strata import MINIMUM
from survey_app import audit
from survey_app.counties.models import School
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork import codes, framing
from survey_app.fieldwork.models import Batch, DrawnUnit, Invitation, SeedCommitment, StoredDraw, StoredFrame
from survey_app.surveys import service as surveys
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import QuotaCell, Wave
from survey_app.surveys.planning import fault

_LONGEST_SEED = 128

#: Invitations wanted in each drawn school: ten answers are left when one person in six does not answer.
#: With just ten invitations most schools would end below ten answers and be pooled with a neighbour.
PLACES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A drawn place with the frame unit that holds it."""

    group: str
    unit: sampling.FrameUnit
    drawn: sampling.DrawnPlace
    clustered: bool
    #: The unit's school has lists in more than one stage.
    several_stages: bool


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
    """Draw who is invited, from the seed and the frame alone, and make the invitations.

    Clustered groups keep their school as primary sampling unit. Groups drawn as persons keep their stratum
    and no school, so that an answer never says which school's teacher gave it.

    Raises:
        ConflictError: the wave is drawn already, or has no frame.
        RefusedInputError: a seed that is not one line of at most 128 characters, or not the one that was
            committed to.
    """
    surveys.lock_wave(session, wave)
    if wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    stored = framing.latest_frame(session, wave)
    if stored is None:
        raise ConflictError("no_frame")
    seed = _fit(seed)
    committed = commitment_of(session, wave)
    if committed is not None and sampling.seed_commitment(seed) != committed.digest:
        not_it = fault("seed", "seed_not_committed", seed, committed=committed.digest)
        raise RefusedInputError([not_it], "draw_refused")
    frame = framing.read_frame(stored)
    sample = sampling.draw_sample(
        frame, _group_plans(wave), seed=seed, commitment=committed.digest if committed else None
    )
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
    session.add_all(_drawn_units(wave, frame, sample))
    _invite(session, wave, _places(frame, sample), code_key)
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
    #: The school whose list it is; None for lists of the county.
    school_code: str | None
    #: primary or junior, where the list is that of a stage.
    band: str
    #: The person's number on the list, from 1.
    number: int


def recipients(session: Session, draw: StoredDraw) -> list[Recipient]:
    """Who gets which card of a drawn wave, worked out from its certificate."""
    stored = session.get_one(StoredFrame, draw.frame_id)
    certified = sampling.Certificate.from_dict(certificate_of(draw))
    places = _places(framing.read_frame(stored), certified.sample)
    positions = {key: position for position, key in enumerate(_batch_keys(places))}
    serials: Counter[int] = Counter()
    found = []
    for place in places:
        position = positions[_batch_key(place)]
        serials[position] += 1
        found.append(
            Recipient(
                batch=position,
                serial=serials[position],
                group=place.group,
                school_code=place.unit.school or None,
                band=place.unit.band,
                number=place.drawn.number,
            )
        )
    return found


def _fit(seed: str) -> str:
    """The seed without blanks around it; refuse one that is not one line or too long."""
    seed = seed.strip()
    if not seed or len(seed) > _LONGEST_SEED or not seed.isprintable():
        raise RefusedInputError([fault("seed", "seed_unfit", seed, most=_LONGEST_SEED)], "draw_refused")
    return seed


def _group_plans(wave: Wave) -> list[sampling.GroupPlan]:
    return [_group_plan(group, n) for group, n in surveys.plan_of(wave)["quotas"].items() if n]


def _group_plan(group: str, n: int) -> sampling.GroupPlan:
    """How *n* people of a group are drawn; a small group takes two schools of ten before one of twelve."""
    if group not in framing.CLUSTERED:
        return sampling.GroupPlan(group=group, n=n, method="simple")
    minimum = PLACES if n >= 2 * PLACES else MINIMUM
    return sampling.GroupPlan(group=group, n=n, method="two_stage", minimum=minimum)


def _places(frame: sampling.Frame, sample: sampling.Sample) -> list[_Place]:
    units = {(unit.group, unit.id): unit for unit in frame.units}
    stages = Counter((unit.group, unit.school) for unit in frame.units if unit.school)
    return [
        _Place(
            group=draw.plan.group,
            unit=(unit := units[draw.plan.group, place.unit]),
            drawn=place,
            clustered=draw.plan.group in framing.CLUSTERED,
            several_stages=stages[draw.plan.group, unit.school] > 1,
        )
        for draw in sample.draws
        for place in draw.places
    ]


def _drawn_units(wave: Wave, frame: sampling.Frame, sample: sampling.Sample) -> list[DrawnUnit]:
    rows = []
    schools = {(unit.group, unit.id): unit.school for unit in frame.units}
    for draw in sample.draws:
        group = draw.plan.group
        for stratum in draw.strata:
            if group not in framing.CLUSTERED:
                rows.append(_unit_of_persons(wave, group, stratum))
                continue
            for position, cluster in enumerate(stratum.drawn):
                codes_ = {schools[group, unit] for unit in cluster.units}
                rows.append(
                    DrawnUnit(
                        wave_id=wave.id,
                        group=group,
                        stratum=stratum.name,
                        psu=cluster.id,
                        position=position,
                        school_code=codes_.pop() if len(codes_) == 1 else None,
                        stratum_psus=stratum.clusters,
                        size=cluster.size,
                        places=cluster.n,
                        probability=str(cluster.probability),
                    )
                )
    return rows


def _unit_of_persons(wave: Wave, group: str, stratum: sampling.DrawnStratum) -> DrawnUnit:
    """One row for a group drawn as persons: every person is a sampling unit, all with one probability."""
    return DrawnUnit(
        wave_id=wave.id,
        group=group,
        stratum=stratum.name,
        psu="",
        position=0,
        school_code=None,
        stratum_psus=stratum.size,
        size=stratum.size,
        places=stratum.n,
        probability=str(Fraction(stratum.n, stratum.size)),
    )


def _invite(session: Session, wave: Wave, places: Sequence[_Place], code_key: bytes) -> None:
    cells = _add_cells(session, wave, places)
    batches = _add_batches(session, wave, places)
    serials: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    for place in places:
        batch = batches[_batch_key(place)]
        serial = serials[batch.id] = serials.get(batch.id, 0) + 1
        code = codes.derive(code_key, wave_id=wave.id, batch_id=batch.id, serial=serial, generation=1)
        rows.append(
            {
                "wave_id": wave.id,
                "batch_id": batch.id,
                "serial": serial,
                "quota_cell_id": cells[_cell_key(place)].id,
                "stratum": place.drawn.stratum,
                "psu": place.drawn.psu if place.clustered else "",
                "token_hash": codes.token_hash(code_key, code.token),
                "typed_hash": codes.typed_hash(code_key, code.typed),
                "generation": 1,
            }
        )
    session.execute(sa.insert(Invitation), rows)


def _cell_key(place: _Place) -> tuple[str, str, str]:
    if not place.clustered:
        return place.group, "", ""
    return place.group, place.unit.band, place.unit.locality


def _add_cells(
    session: Session, wave: Wave, places: Sequence[_Place]
) -> dict[tuple[str, str, str], QuotaCell]:
    """One cell for each group × grade band × locality that anybody was drawn in."""
    targets: dict[tuple[str, str, str], int] = {}
    for place in places:
        key = _cell_key(place)
        targets[key] = targets.get(key, 0) + 1
    cells = {}
    for key in sorted(targets, key=_cell_order):
        group, band, locality = key
        cells[key] = QuotaCell(
            wave_id=wave.id, group=group, grade_band=band, locality=locality, target=targets[key]
        )
    session.add_all(cells.values())
    session.flush()
    return cells


def _batch_key(place: _Place) -> tuple[str, str]:
    """Cards of a clustered group go to a school's stage, the others to the county office."""
    return place.group, place.unit.id if place.clustered else ""


def _cell_order(key: tuple[str, str, str]) -> tuple[int, ...]:
    """The vocabulary's order; no grade band and no locality come first."""
    words = (GROUPS, ("", *GRADE_BANDS), ("", *LOCALITIES))
    return tuple(list(known).index(part) for known, part in zip(words, key, strict=True))


def _batch_keys(places: Sequence[_Place]) -> list[tuple[str, str]]:
    """The batches in the order of their sheets."""
    keys = {_batch_key(place) for place in places}
    return sorted(keys, key=lambda key: (list(GROUPS).index(key[0]), key[1]))


def _add_batches(session: Session, wave: Wave, places: Sequence[_Place]) -> dict[tuple[str, str], Batch]:
    names = {
        school.code: school.name
        for school in session.scalars(sa.select(School).where(School.county_file_id == wave.county_file_id))
    }
    firsts = {_batch_key(place): place for place in reversed(places)}
    batches = {}
    for position, key in enumerate(_batch_keys(places)):
        place = firsts[key]
        school = place.unit.school if place.clustered else None
        batches[key] = Batch(
            wave_id=wave.id,
            group=place.group,
            place=_place_name(names[school], place) if school else wave.county.name,
            school_code=school,
            position=position,
        )
    session.add_all(batches.values())
    session.flush()
    return batches


def _place_name(school: str, place: _Place) -> str:
    """The school, with the stage where it has more than one."""
    return f"{school}（{GRADE_BANDS[place.unit.band].label.zh}）" if place.several_stages else school
