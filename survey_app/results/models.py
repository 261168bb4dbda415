"""Mixed responses, the pools they stand in, and a wave's frozen outcome."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Instant


class Response(Base):
    """One returned questionnaire (答卷): the cell it counts for, never the person, day or place."""

    __tablename__ = "response"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  rowids would betray the order

    #: 128 random bits, drawn at the mixing.
    id: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: The group, or a set of groups that were put the same questions ("deputy+1"); see `Pool.kept_as`.
    group: Mapped[str] = mapped_column(sa.String(16))
    grade_band: Mapped[str] = mapped_column(sa.String(16))
    locality: Mapped[str] = mapped_column(sa.String(16))
    stratum: Mapped[str] = mapped_column(sa.String(64))
    #: The pool of primary sampling units; null where the respondent is the unit.
    pool: Mapped[str | None] = mapped_column(sa.String(96))
    questionnaire_version_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire_version.id"))
    language: Mapped[str] = mapped_column(sa.String(8))
    #: web or phone.
    mode: Mapped[str] = mapped_column(sa.String(8))
    #: under_2, 2_to_10 or over_10 minutes.
    duration_band: Mapped[str] = mapped_column(sa.String(16))
    #: drawn, class or poster: those who came by a poster had no chance of selection; empty where not kept.
    way: Mapped[str] = mapped_column(sa.String(8), default="drawn")
    #: Outside its cell's count: the place had been given away.
    surplus: Mapped[bool]
    #: Item id -> answer, in canonical form.
    answers: Mapped[str] = mapped_column(sa.Text)


class Pool(Base):
    """Which drawn units, and which groups, were counted together because one had fewer than ten answers."""

    __tablename__ = "pool"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    group: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    #: A drawn unit, or one of `pooling.APART` for answers that stand in no place of the draw.
    psu: Mapped[str] = mapped_column(sa.String(96), primary_key=True)
    stratum: Mapped[str] = mapped_column(sa.String(64))
    pool: Mapped[str] = mapped_column(sa.String(96))
    #: The group that its answers name: its own, or the set it was merged with; empty in old waves.
    kept_as: Mapped[str] = mapped_column(sa.String(16), default="")


class MixedCell(Base):
    """How many answers a pool (or a group of persons) holds, and what is kept of them."""

    __tablename__ = "mixed_cell"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    group: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    #: As they stand on the responses; the pool is empty where the respondent is the unit.
    stratum: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    pool: Mapped[str] = mapped_column(sa.String(96), primary_key=True)
    #: Answers at the close.
    n: Mapped[int]
    #: Details that all of them keep, in one line with spaces between; names of `pooling.DETAILS`.
    keeps: Mapped[str] = mapped_column(sa.String(64))
    #: Where the answers are not kept one by one: their sums in canonical form. Empty elsewhere.
    sums: Mapped[str] = mapped_column(sa.Text, default="")


class WaveOutcome(Base):
    """The figures of a closed wave, computed once and never edited."""

    __tablename__ = "wave_outcome"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    #: Form Ⅵ, rates by group and topic with intervals, alternatives; canonical form.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    computed_at: Mapped[datetime] = mapped_column(Instant)


class OpenAnswer(Base):
    """What somebody wrote in their own words, apart from the rest of their answer.

    Nothing leads from it to the response; the random key alone orders it.
    """

    __tablename__ = "open_answer"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  rowids would betray the order

    #: 128 random bits of its own, drawn at the mixing.
    id: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: Form and item, "public.comment".
    item: Mapped[str] = mapped_column(sa.String(96))
    #: Empty where fewer than ten of the group wrote something there, or where others would give it away.
    group: Mapped[str] = mapped_column(sa.String(16))
    #: What looks like a number, an account or a name is left out; empty once it is withdrawn.
    text: Mapped[str] = mapped_column(sa.Text)
    #: What was left out, in one line with spaces between; names of `open_answers.marks`.
    marks: Mapped[str] = mapped_column(sa.String(128), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(64))
    withdraw_reason: Mapped[str] = mapped_column(sa.String(500), default="")


class WaveIntegrity(Base):
    """What careless or invented answers would look like in a closed wave, computed once and never edited."""

    __tablename__ = "wave_integrity"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    #: Flags with n, statistic and null model, and the rates with and without flagged schools; canonical form.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    computed_at: Mapped[datetime] = mapped_column(Instant)


class FlagReview(Base):
    """What somebody found out about a flag. Never edited; the last one of a flag holds."""

    __tablename__ = "flag_review"
    __table_args__ = (
        sa.CheckConstraint("decision IN ('explained', 'confirmed', 'checking')", name="decision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: The flag's key in the wave's integrity figures.
    flag: Mapped[str] = mapped_column(sa.String(160))
    decision: Mapped[str] = mapped_column(sa.String(16))
    note: Mapped[str] = mapped_column(sa.String(2000))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
