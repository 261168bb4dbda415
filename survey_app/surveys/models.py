"""Waves with their frozen questionnaires, rules and plan, and the quota cells of the plan."""

from datetime import datetime
from enum import Enum
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.counties.models import CountyFile, Region
from survey_app.db import Base, Instant


class WaveState(Enum):
    """Where a wave stands; derived from what happened to it."""

    DRAFT = "draft"
    DRAWN = "drawn"
    OPEN = "open"
    CLOSED = "closed"
    MIXED = "mixed"
    RELEASED = "released"
    ABORTED = "aborted"


#: Instant at which something happened to a wave -> where it stands since, the last step first.
_REACHED = {
    "aborted_at": WaveState.ABORTED,
    "released_at": WaveState.RELEASED,
    "mixed_at": WaveState.MIXED,
    "closed_at": WaveState.CLOSED,
    "opened_at": WaveState.OPEN,
    "drawn_at": WaveState.DRAWN,
}


def state_of(wave: Any) -> WaveState:
    """Where a wave stands, from the instants at which things happened to it."""
    for happened, state in _REACHED.items():
        if getattr(wave, happened) is not None:
            return state
    return WaveState.DRAFT


def takes_answers_at(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Whether a wave takes answers at *now*, as `Wave.takes_answers`, as part of a statement."""
    later = takewhile(lambda happened: happened != "opened_at", _REACHED)
    return sa.and_(
        Wave.opened_at.is_not(None),
        *(getattr(Wave, happened).is_(None) for happened in later),
        now.between(Wave.opens_at, Wave.closes_at),
    )


#: The steps from a new wave to its draw, in their order.
STEPS = ("details", "rules", "plan", "frame", "draw")


class QuestionnaireVersion(Base):
    """A questionnaire as it was when first used; never edited."""

    __tablename__ = "questionnaire_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: public, staff or student.
    form: Mapped[str] = mapped_column(sa.String(16))
    #: SHA-256 of `content`.
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: The questionnaire in canonical form.
    content: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime] = mapped_column(Instant)


class QuestionnaireDraft(Base):
    """A questionnaire that is being written; it may have faults."""

    __tablename__ = "questionnaire_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Whose it is: everybody who may publish for this region may change it.
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    form: Mapped[str] = mapped_column(sa.String(16))
    title: Mapped[str] = mapped_column(sa.String(128))
    #: The text of the file (TOML), as it was last saved.
    source: Mapped[str] = mapped_column(sa.Text)
    #: Counted up at each saving, so that two people do not overwrite one another.
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.String(64))


class QuestionnairePublication(Base):
    """A version that a region published for itself and everything below it; never edited or taken back."""

    __tablename__ = "questionnaire_publication"
    __table_args__ = (sa.UniqueConstraint("region_code", "form", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    form: Mapped[str] = mapped_column(sa.String(16))
    #: Counted up from 1 for each region and form.
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(128))
    #: What changed, in the publisher's words.
    remark: Mapped[str] = mapped_column(sa.String(500), default="")
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire_version.id"))
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[str] = mapped_column(sa.String(64))

    version: Mapped[QuestionnaireVersion] = relationship()


class Wave(Base):
    """One survey of one county (调查轮次): its declared rules, its plan and its days."""

    __tablename__ = "wave"

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    #: The schools and figures the plan and the frame are made from.
    county_file_id: Mapped[int] = mapped_column(sa.ForeignKey("county_file.id"))
    #: The closed wave whose flagged answers this one checks with fresh codes; null for a survey of its own.
    verifies_wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: When whoever checks told the county of a sample that verifies; before that it sees nothing of it.
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    told_by: Mapped[str | None] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(128))
    scheme_id: Mapped[str] = mapped_column(sa.String(64))
    scheme_digest: Mapped[str] = mapped_column(sa.String(64))
    #: The declared rules (valid, satisfied, 不了解, weighting) in canonical form.
    rules: Mapped[str] = mapped_column(sa.Text)
    #: The plan in canonical form: population, steps, quotas, notes. Null until its size was settled.
    plan: Mapped[str | None] = mapped_column(sa.Text)
    #: First and last instant at which answers are taken.
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    #: Printed on cards and pages: whom to ask, where to report pressure.
    contact: Mapped[str] = mapped_column(sa.String(200))
    pressure_contact: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(sa.String(64))
    #: When somebody settled the rules, and size and quotas; a new wave begins with those of the scheme.
    rules_settled_at: Mapped[datetime | None] = mapped_column(Instant)
    plan_settled_at: Mapped[datetime | None] = mapped_column(Instant)
    #: When a frame was last made from the plan as it is; null again once the plan was changed.
    framed_at: Mapped[datetime | None] = mapped_column(Instant)
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_by: Mapped[str | None] = mapped_column(sa.String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(sa.String(64))
    mixed_at: Mapped[datetime | None] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    released_by: Mapped[str | None] = mapped_column(sa.String(64))
    #: A wave that was given up: its sealed answers are erased unread.
    aborted_at: Mapped[datetime | None] = mapped_column(Instant)
    aborted_by: Mapped[str | None] = mapped_column(sa.String(64))
    abort_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    #: Answers are sealed to this key; the private half lies outside the database.
    public_key: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))

    county: Mapped[Region] = relationship()
    county_file: Mapped[CountyFile] = relationship()
    forms: Mapped[list["WaveForm"]] = relationship(order_by="WaveForm.form")
    quota_cells: Mapped[list["QuotaCell"]] = relationship(back_populates="wave", order_by="QuotaCell.id")

    @property
    def state(self) -> WaveState:
        """Where the wave stands."""
        return state_of(self)

    @property
    def steps(self) -> dict[str, str]:
        """Each of `STEPS` with where it stands: ``done``, ``next`` (to be done now) or ``waiting``."""
        settled = (
            self.created_at,
            self.rules_settled_at,
            self.plan_settled_at,
            self.framed_at,
            self.drawn_at,
        )
        done = {step for step, at in zip(STEPS, settled, strict=True) if at is not None or self.drawn_at}
        following = next((step for step in STEPS if step not in done), None)
        return {
            step: "done" if step in done else "next" if step == following else "waiting" for step in STEPS
        }

    def takes_answers(self, now: datetime) -> bool:
        """Whether an answer sent at *now* still counts."""
        return self.state is WaveState.OPEN and self.opens_at <= now <= self.closes_at


class WaveExtension(Base):
    """A later last instant that an open wave was given, with the reason."""

    __tablename__ = "wave_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    closed_before: Mapped[datetime] = mapped_column(Instant)
    closes_now: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(sa.String(500))
    extended_at: Mapped[datetime] = mapped_column(Instant)
    extended_by: Mapped[str] = mapped_column(sa.String(64))


class WaveForm(Base):
    """The questionnaire version a wave uses for one form."""

    __tablename__ = "wave_form"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    form: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire_version.id"))

    version: Mapped[QuestionnaireVersion] = relationship()


class QuotaCell(Base):
    """Respondent group × grade band × locality (配额单元), with what is wanted and what came in.

    Those who were drawn and those who came through an open entry stand in cells of their own.
    """

    __tablename__ = "quota_cell"
    __table_args__ = (
        sa.UniqueConstraint("wave_id", "group", "grade_band", "locality", "way"),
        sa.CheckConstraint("way IN ('drawn', 'class', 'poster')", name="way"),
        sa.CheckConstraint("cap IS NULL OR spent + reserved <= cap", name="within_cap"),
        sa.CheckConstraint("spent >= 0 AND reserved >= 0 AND surplus >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    group: Mapped[str] = mapped_column(sa.String(16))
    #: primary or junior; empty for groups that have no grades.
    grade_band: Mapped[str] = mapped_column(sa.String(16), default="")
    #: urban, town or rural; empty for groups drawn for the county as a whole.
    locality: Mapped[str] = mapped_column(sa.String(16), default="")
    #: How its people came: drawn by name, through a class's or village's code, or by a poster.
    way: Mapped[str] = mapped_column(sa.String(8), default="drawn")
    #: Questionnaires wanted.
    target: Mapped[int]
    #: Most that open entries may bring; null where personal codes alone limit the cell.
    cap: Mapped[int | None]
    #: Live reservations, confirmed questionnaires, and late ones whose place was given away.
    reserved: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    surplus: Mapped[int] = mapped_column(default=0)

    wave: Mapped[Wave] = relationship(back_populates="quota_cells")
