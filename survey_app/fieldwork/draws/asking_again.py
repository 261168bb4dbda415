"""The draw of a verification sample: people of stated lists, each list by itself, with fresh codes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

import sampling
from sampling.group_plan import STATED, STRATIFIED
from survey_app import audit
from survey_app.errors import ConflictError
from survey_app.fieldwork.draws import inviting
from survey_app.fieldwork.draws.drawing import draw_of, invited_places, replacements_of, sample_of
from survey_app.fieldwork.frames import framing
from survey_app.fieldwork.models import DrawnUnit, StoredDraw, StoredFrame
from survey_app.surveys import service as surveys
from survey_app.surveys.models import Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedList:
    """A list of which people are asked again."""

    group: str
    #: The list, as the frame calls it, and the people on it.
    unit: str
    size: int
    #: The sampling unit it belonged to in the wave that is checked.
    psu: str
    school_code: str | None


def lists_asked(session: Session, wave: Wave) -> list[AskedList]:
    """The lists from which *wave* invited people of groups that are reached through schools.

    Raises:
        ConflictError: the wave has no draw of its own.
    """
    draw = draw_of(session, wave)
    if draw is None:
        raise ConflictError("not_drawn")
    frame = framing.read_frame(session.get_one(StoredFrame, draw.frame_id))
    found: dict[tuple[str, str], AskedList] = {}
    for places in invited_places(frame, sample_of(draw), replacements_of(session, wave.id)):
        for place in places:
            if place.clustered:
                found[place.group, place.unit.id] = AskedList(
                    group=place.group,
                    unit=place.unit.id,
                    size=place.unit.size,
                    psu=place.psu,
                    school_code=place.unit.school or None,
                )
    return list(found.values())


def draw_again(
    session: Session,
    wave: Wave,
    first: Wave,
    asked: Mapping[AskedList, int],
    strata: Mapping[AskedList, str],
    *,
    seed: str,
    code_key: bytes,
    by: str,
    now: datetime,
) -> StoredDraw:
    """Draw people of each list by themselves, in the frame of the *first* wave, and make their invitations.

    The certificate is one like any other: `junheng replay` repeats it.

    Args:
        session: where everything is kept.
        wave: the verification sample, planned and not drawn.
        first: the wave it checks.
        asked: list -> how many people of it.
        strata: list -> the stratum in which its answers are pooled if they are few.
        seed: where the draw comes from.
        code_key: what codes are derived from.
        by: who draws.
        now: when.
    """
    surveys.lock_wave(session, wave)
    drawn = draw_of(session, first)
    if wave.drawn_at is not None or drawn is None:
        raise ConflictError("already_drawn" if wave.drawn_at else "not_drawn")
    stored = framing.copy_frame(session, wave, session.get_one(StoredFrame, drawn.frame_id), by=by, now=now)
    whole = framing.read_frame(stored)
    sample = sampling.draw_sample(whole, _plans(whole, asked), seed=seed)
    certificate = sampling.Certificate(sample)
    made = StoredDraw(
        wave_id=wave.id,
        frame_id=stored.id,
        seed=seed,
        certificate=certificate.text,
        digest=certificate.digest,
        drawn_at=now,
        drawn_by=by,
    )
    session.add(made)
    session.add_all(_units(wave, asked, strata))
    of = {(each.group, each.unit): each for each in asked}
    places = [
        replace(place, psu=known.psu, stratum=strata[known])
        for place in inviting.Lists(whole).places(sample)
        for known in [of[place.group, place.unit.id]]
    ]
    inviting.settle_cells(session, wave, Counter(place.cell for place in places))
    inviting.invite(session, wave, places, code_key=code_key)
    wave.drawn_at = now
    session.flush()
    details = {"wave": wave.id, "frame": stored.digest, "seed": seed, "certificate": made.digest}
    audit.record(session, "wave.drawn", by=by, now=now, region=wave.county_code, details=details)
    return made


def _plans(frame: sampling.Frame, asked: Mapping[AskedList, int]) -> Sequence[sampling.GroupPlan]:
    """One plan a group: so many of each list, of lists that are not asked nobody."""
    plans = []
    for group in dict.fromkeys(each.group for each in asked):
        wanted = {each.unit: n for each, n in asked.items() if each.group == group}
        stated = tuple((unit.id, wanted.get(unit.id, 0)) for unit in frame.of(group) if unit.size)
        plans.append(
            sampling.GroupPlan(
                group=group,
                n=sum(wanted.values()),
                method=STRATIFIED,
                by=("id",),
                least=0,
                allocation=STATED,
                stated=stated,
            )
        )
    return plans


def _units(wave: Wave, asked: Mapping[AskedList, int], strata: Mapping[AskedList, str]) -> list[DrawnUnit]:
    """One row for each sampling unit of the first wave, with the people of its lists that are asked."""
    units: dict[tuple[str, str], list[AskedList]] = {}
    for each in asked:
        units.setdefault((each.group, each.psu), []).append(each)
    inside = Counter((group, strata[lists[0]]) for (group, _), lists in units.items())
    return [
        DrawnUnit(
            wave_id=wave.id,
            group=group,
            stratum=strata[lists[0]],
            psu=psu,
            position=position,
            school_code=lists[0].school_code if len({each.school_code for each in lists}) == 1 else None,
            stratum_psus=inside[group, strata[lists[0]]],
            size=sum(each.size for each in lists),
            places=sum(asked[each] for each in lists),
            probability=str(Fraction(1)),
        )
        for position, ((group, psu), lists) in enumerate(units.items())
    ]
