"""The sampling frame (抽样框) of a wave: counted lists of people, fixed by a digest, in numbered versions."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sampling import Frame, FrameFault, FrameUnit, Population
from sampling.strata import WHOLE
from survey_app import audit
from survey_app.canonical import canonical
from survey_app.counties import service as counties
from survey_app.errors import ConflictError, NotFoundError, RefusedInputError
from survey_app.fieldwork.frames import reconciling
from survey_app.fieldwork.frames.lists.counted import STAGED, WHOLE_SCHOOL, CountedLists, Register
from survey_app.fieldwork.frames.reconciling import Difference
from survey_app.fieldwork.models import StoredFrame
from survey_app.lines import is_line
from survey_app.surveys import service as surveys
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import Line, PlanFault, fault, said
from survey_app.surveys.school_lists import COUNTY_GROUPS, SchoolList, SchoolLists, school_lists

#: Groups drawn in two stages, schools first; the others are drawn as persons.
CLUSTERED = STAGED

#: What each list of a clustered group must state: it decides the quota cell and the stratum.
_CELL = ("band", "locality")

_LONGEST_REMARK = 500


def build_frame(session: Session, wave: Wave, *, by: str, now: datetime) -> StoredFrame:
    """Store the frame of *wave*: its county's schools and the lists its plan counts.

    The same lists give the same frame, so that building it again finds the one that is there.

    Raises:
        ConflictError: the wave is drawn; its frame stays as it is.
        RefusedInputError: with every fault of the lists.
    """
    _lock(session, wave)
    frame = preview(wave)
    _check(wave, frame)
    return _store(session, wave, frame, by=by, now=now)


def import_frame(
    session: Session, wave: Wave, lists: CountedLists, *, source: str, by: str, now: datetime
) -> StoredFrame:
    """Store the frame of *wave* from lists that were handed in; other groups keep the schools' lists.

    Lists that differ from the registered totals by more than a little make a frame that waits until somebody
    confirms it.

    Raises:
        ConflictError: the wave is drawn; its frame stays as it is.
        RefusedInputError: with every fault of the lists, differences that are too large among them.
    """
    _lock(session, wave)
    registered = preview(wave)
    named = {unit.group for unit in lists.units}
    frame = Frame([*lists.units, *(unit for unit in registered.units if unit.group not in named)])
    compared = [one for one in reconciling.reconcile(frame, registered) if one.group in named]
    _check(wave, frame, compared)
    return _store(
        session,
        wave,
        frame,
        source=source,
        sections=lists.sections,
        reconciliation=reconciling.record(compared),
        by=by,
        now=now,
    )


def copy_frame(session: Session, wave: Wave, of: StoredFrame, *, by: str, now: datetime) -> StoredFrame:
    """Store the frame *of* another wave as the frame of *wave*, which asks people of the same lists again.

    Raises:
        ConflictError: the wave is drawn; its frame stays as it is.
    """
    _lock(session, wave)
    sections = json.loads(of.sections)
    return _store(session, wave, read_frame(of), source=of.source, sections=sections, by=by, now=now)


def confirm_frame(session: Session, wave: Wave, *, remark: str, by: str, now: datetime) -> StoredFrame:
    """Confirm that the lists of the latest frame are right although they differ from the registered totals.

    Raises:
        ConflictError: the wave is drawn, there is no frame, or nothing to confirm.
        RefusedInputError: no reason was given.
    """
    _lock(session, wave)
    stored = latest_frame(session, wave)
    if stored is None:
        raise ConflictError("no_frame")
    session.refresh(stored)
    if not waits(stored):
        raise ConflictError("nothing_to_confirm")
    remark = remark.strip()
    if not 0 < len(remark) <= _LONGEST_REMARK or not is_line(remark):
        raise RefusedInputError(
            [fault("remark", "remark_unfit", remark, most=_LONGEST_REMARK)], "frame_refused"
        )
    kept = reconciliation_of(stored) | {"confirmed": {"by": by, "at": now.isoformat(), "remark": remark}}
    stored.reconciliation = canonical(kept)
    wave.framed_at = now
    session.flush()
    _note(session, wave, stored, "frame.confirmed", by=by, now=now, remark=remark)
    return stored


def waits(stored: StoredFrame) -> bool:
    """Whether somebody has to confirm the frame's differences before it is drawn from."""
    kept = reconciliation_of(stored)
    if kept.get("confirmed"):
        return False
    return any(one.verdict == "confirm" for one in reconciling.differences_of(kept))


def reconciliation_of(stored: StoredFrame) -> dict[str, Any]:
    """How the frame's lists agreed with the registered totals when it was stored."""
    return json.loads(stored.reconciliation)


def make_frame(counted: SchoolLists, group_sizes: dict[str, int], *, county_code: str) -> Frame:
    """The frame of the schools' lists and of the county's own, whose sizes the plan states."""
    return Frame([*_school_units(counted), *_county_units(group_sizes, county_code)])


def latest_frame(session: Session, wave: Wave) -> StoredFrame | None:
    """The frame last stored for *wave*: the one that is drawn from."""
    return session.scalars(
        sa.select(StoredFrame).where(StoredFrame.wave_id == wave.id).order_by(StoredFrame.id.desc()).limit(1)
    ).first()


def frames_of(session: Session, wave: Wave) -> list[StoredFrame]:
    """Every version of the frame of *wave*, the newest first."""
    return list(
        session.scalars(
            sa.select(StoredFrame).where(StoredFrame.wave_id == wave.id).order_by(StoredFrame.id.desc())
        )
    )


def frame_numbered(session: Session, wave: Wave, number: int) -> StoredFrame:
    """The version *number* of the frame of *wave*.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalars(
        sa.select(StoredFrame).where(StoredFrame.wave_id == wave.id, StoredFrame.number == number)
    ).first()
    if found is None:
        raise NotFoundError
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedList:
    """A list that two frames count differently; None where one does not have it."""

    group: str
    unit: str
    before: int | None
    after: int | None

    @property
    def people(self) -> int:
        """People more than before; fewer, if negative."""
        return (self.after or 0) - (self.before or 0)


def changed_lists(before: Frame, after: Frame) -> tuple[ChangedList, ...]:
    """Which lists changed from one frame to another, and by how many people."""
    old, new = ({(unit.group, unit.id): unit.size for unit in frame.units} for frame in (before, after))
    order = list(GROUPS)
    keys = sorted(old.keys() | new.keys(), key=lambda key: (order.index(key[0]), key[1]))
    return tuple(
        ChangedList(group=group, unit=unit, before=old.get((group, unit)), after=new.get((group, unit)))
        for group, unit in keys
        if old.get((group, unit)) != new.get((group, unit))
    )


def read_frame(stored: StoredFrame) -> Frame:
    """The frame as it was stored."""
    return Frame.from_text(stored.content)


def how_counted(wave: Wave) -> tuple[Line, ...]:
    """How the lists of the wave are counted over its schools, in sentences."""
    sizes = surveys.plan_of(wave)["group_sizes"]
    county = [said("lists", "county", sizes[group], group=GROUPS[group].label) for group in COUNTY_GROUPS]
    return (*_lists(wave).notes, *county)


def preview(wave: Wave) -> Frame:
    """The frame as the schools and the plan would give it now; nothing is stored."""
    return make_frame(_lists(wave), surveys.plan_of(wave)["group_sizes"], county_code=wave.county_code)


def register_of(wave: Wave) -> Register:
    """The schools that handed-in lists of *wave* can name."""
    return Register.of(counties.document_of(wave.county_file))


def stratum_label(name: str) -> Text:
    """A stratum in words: its stage and locality, or the whole county.

    >>> stratum_label("primary·rural").zh
    '小学 · 乡村'
    """
    if name == WHOLE:
        return Text(zh="全县", en="Whole county")
    terms = [(GRADE_BANDS.get(part) or LOCALITIES.get(part)) for part in name.split("·")]
    labels = [term.label for term in terms if term is not None]
    return Text(zh=" · ".join(label.zh for label in labels), en=" · ".join(label.en for label in labels))


def unit_id(one: SchoolList) -> str:
    """What the frame calls a school's list: the school's code and the stage."""
    return f"{one.school_code}/{one.band or WHOLE_SCHOOL}"


class UnitNames:
    """What people call the lists of a frame: the school and its stage, or the whole county."""

    def __init__(self, wave: Wave):
        document = counties.document_of(wave.county_file)
        self._schools = {school["code"]: school["name"] for school in document["schools"]}
        self._county = wave.county.name

    def __call__(self, unit: str) -> Text:
        """The name of the list *unit*."""
        code, slash, part = unit.rpartition("/")
        if not slash:
            return Text(zh=f"{self._county}名册", en=f"List of {self._county}")
        school = self._schools.get(code, code)
        band = GRADE_BANDS.get(part)
        if band is None:
            return Text(zh=school, en=school)
        return Text(zh=f"{school}（{band.label.zh}）", en=f"{school} ({band.label.en})")


def _lock(session: Session, wave: Wave) -> None:
    surveys.lock_wave(session, wave)
    if wave.drawn_at is not None:
        raise ConflictError("already_drawn")


def _check(wave: Wave, frame: Frame, compared: Sequence[Difference] = ()) -> None:
    """Refuse a frame with faults; one that was handed in may count a group otherwise than the plan."""
    plan = surveys.plan_of(wave)
    sizes = plan["group_sizes"] if not compared else {}
    asked = [group for group, n in plan["quotas"].items() if n]
    found = frame.faults(
        groups=asked,
        population=Population(residents=plan["population"], groups=sizes),
        needed=dict.fromkeys(CLUSTERED, _CELL),
    )
    faults = [_fault(one) for one in found]
    faults += _too_few(frame, plan["invitations"], [one.group for one in found if one.code == "empty_group"])
    names = UnitNames(wave)
    faults += [_too_different(one, names(one.unit)) for one in compared if one.verdict == "refused"]
    if faults:
        raise RefusedInputError(faults, "frame_refused")


def _too_few(frame: Frame, invitations: Mapping[str, int], known: Iterable[str]) -> Iterator[PlanFault]:
    for group, n in invitations.items():
        people = sum(unit.size for unit in frame.of(group))
        if people < n and group not in known:
            yield fault(group, "list_too_short", people, group=GROUPS[group].label, invited=n)


def _too_different(one: Difference, name: Text) -> PlanFault:
    facts = {"group": GROUPS[one.group].label, "which": name, "registered": one.registered}
    return fault(
        f"{one.group}/{one.unit}", "list_too_different", one.listed, people=f"{one.people:+d}", **facts
    )


def _store(
    session: Session,
    wave: Wave,
    frame: Frame,
    *,
    source: str = "",
    sections: Mapping[str, Any] | None = None,
    reconciliation: Mapping[str, Any] | None = None,
    by: str,
    now: datetime,
) -> StoredFrame:
    """Keep *frame* as the newest version, unless the newest is the same already."""
    kept = canonical({key: [list(part) for part in parts] for key, parts in (sections or {}).items()})
    known = latest_frame(session, wave)
    if known is not None and (known.digest, known.source, known.sections) == (frame.digest, source, kept):
        wave.framed_at = None if waits(known) else wave.framed_at or now
        return known
    stored = StoredFrame(
        wave_id=wave.id,
        number=known.number + 1 if known is not None else 1,
        source=source,
        content=frame.text,
        digest=frame.digest,
        sections=kept,
        reconciliation=canonical(dict(reconciliation or {})),
        made_at=now,
        made_by=by,
    )
    session.add(stored)
    wave.framed_at = None if waits(stored) else now
    session.flush()
    _note(session, wave, stored, "frame.built", by=by, now=now, units=len(frame.units), source=source)
    return stored


def _note(
    session: Session, wave: Wave, stored: StoredFrame, action: str, *, by: str, now: datetime, **details: Any
) -> None:
    details |= {"wave": wave.id, "digest": stored.digest, "number": stored.number}
    audit.record(session, action, by=by, now=now, region=wave.county_code, details=details)


def _lists(wave: Wave) -> SchoolLists:
    return school_lists(counties.document_of(wave.county_file))


def _school_units(counted: SchoolLists) -> Iterator[FrameUnit]:
    for one in counted.lists:
        yield FrameUnit(
            group=one.group,
            id=unit_id(one),
            band=one.band,
            locality=one.locality,
            township=one.township,
            school=one.school_code,
            size=one.size,
        )


def _county_units(group_sizes: dict[str, int], county_code: str) -> Iterator[FrameUnit]:
    for group in COUNTY_GROUPS:
        if group_sizes.get(group):
            yield FrameUnit(group=group, id=county_code, size=group_sizes[group])


def _fault(one: FrameFault) -> PlanFault:
    if one.code == "more_than_residents":
        return fault(one.group, "more_than_residents", one.value, group=GROUPS[one.group].label)
    return fault(
        f"{one.group}/{one.unit or '*'}", "frame_unit", f"{one.field} = {one.value}", broken=one.code
    )
