"""The sampling frame (抽样框) of a wave: counted lists of people, fixed by a digest."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sampling import Frame, FrameFault, FrameUnit, Population
from sampling.strata import WHOLE
from survey_app import audit
from survey_app.counties import service as counties
from survey_app.errors import ConflictError, RefusedInputError
from survey_app.fieldwork.models import StoredFrame
from survey_app.surveys import service as surveys
from survey_app.surveys.bilingual import Text
from survey_app.surveys.groups import GRADE_BANDS, GROUPS, LOCALITIES
from survey_app.surveys.models import Wave
from survey_app.surveys.planning import Line, PlanFault, fault, said
from survey_app.surveys.school_lists import COUNTY_GROUPS, SchoolList, SchoolLists, school_lists

#: Groups drawn in two stages, schools first; the others are drawn as persons.
CLUSTERED = ("parent", "student")

#: What each list of a clustered group must state: it decides the quota cell and the stratum.
_CELL = ("band", "locality")

#: What a frame unit of a whole school is called, beside those of its stages.
_WHOLE_SCHOOL = "school"


def build_frame(session: Session, wave: Wave, *, by: str, now: datetime) -> StoredFrame:
    """Store the frame of *wave*: its county's schools and the lists its plan counts.

    The same lists give the same frame, so that building it again finds the one that is there.

    Raises:
        ConflictError: the wave is drawn; its frame stays as it is.
        RefusedInputError: with every fault of the lists.
    """
    surveys.lock_wave(session, wave)
    if wave.drawn_at is not None:
        raise ConflictError("already_drawn")
    plan = surveys.plan_of(wave)
    frame = make_frame(_lists(wave), plan["group_sizes"], county_code=wave.county_code)
    population = Population(residents=plan["population"], groups=plan["group_sizes"])
    asked = [group for group, n in plan["quotas"].items() if n]
    found = frame.faults(groups=asked, population=population, needed=dict.fromkeys(CLUSTERED, _CELL))
    faults = [_fault(one) for one in found]
    if faults:
        raise RefusedInputError(faults, "frame_refused")
    wave.framed_at = now
    known = latest_frame(session, wave)
    if known is not None and known.digest == frame.digest:
        return known
    stored = StoredFrame(wave_id=wave.id, content=frame.text, digest=frame.digest, made_at=now, made_by=by)
    session.add(stored)
    session.flush()
    audit.record(
        session,
        "frame.built",
        by=by,
        now=now,
        region=wave.county_code,
        details={"wave": wave.id, "digest": frame.digest, "units": len(frame.units)},
    )
    return stored


def make_frame(counted: SchoolLists, group_sizes: dict[str, int], *, county_code: str) -> Frame:
    """The frame of the schools' lists and of the county's own, whose sizes the plan states."""
    return Frame([*_school_units(counted), *_county_units(group_sizes, county_code)])


def latest_frame(session: Session, wave: Wave) -> StoredFrame | None:
    """The frame last built for *wave*."""
    return session.scalars(
        sa.select(StoredFrame).where(StoredFrame.wave_id == wave.id).order_by(StoredFrame.id.desc()).limit(1)
    ).first()


def read_frame(stored: StoredFrame) -> Frame:
    """The frame as it was stored."""
    return Frame.from_text(stored.content)


def how_counted(wave: Wave) -> tuple[Line, ...]:
    """How the lists of the wave were counted, in sentences."""
    sizes = surveys.plan_of(wave)["group_sizes"]
    county = [said("lists", "county", sizes[group], group=GROUPS[group].label) for group in COUNTY_GROUPS]
    return (*_lists(wave).notes, *county)


def preview(wave: Wave) -> Frame:
    """The frame as it would be built now; nothing is stored."""
    return make_frame(_lists(wave), surveys.plan_of(wave)["group_sizes"], county_code=wave.county_code)


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
    return f"{one.school_code}/{one.band or _WHOLE_SCHOOL}"


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
