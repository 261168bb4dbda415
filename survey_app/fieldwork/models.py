"""Frames, draws, invitations and entries. Nothing here leads to an answer."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Base, Instant
from survey_app.surveys.models import QuotaCell, Wave


class StoredFrame(Base):
    """The sampling frame of a wave, as it was drawn from."""

    __tablename__ = "frame"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: The frame's canonical text; its SHA-256 is the frame hash of the certificate.
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))


class SeedCommitment(Base):
    """The digest of a wave's seed, published before its frame. The seed itself is kept by people."""

    __tablename__ = "seed_commitment"

    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))


class StoredDraw(Base):
    """The draw of a wave with the certificate that lets anyone repeat it."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), unique=True)
    frame_id: Mapped[int] = mapped_column(sa.ForeignKey("frame.id"))
    seed: Mapped[str] = mapped_column(sa.String(128))
    #: The certificate in canonical form, and its SHA-256.
    certificate: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    drawn_by: Mapped[str] = mapped_column(sa.String(64))


class DrawnUnit(Base):
    """A primary sampling unit in the sample: what weights and variances need of the design."""

    __tablename__ = "drawn_unit"
    __table_args__ = (sa.UniqueConstraint("wave_id", "group", "psu"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    group: Mapped[str] = mapped_column(sa.String(16))
    stratum: Mapped[str] = mapped_column(sa.String(64))
    psu: Mapped[str] = mapped_column(sa.String(96))
    #: Order inside the stratum: neighbours are pooled with neighbours.
    position: Mapped[int]
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    #: Primary sampling units of the stratum in the population.
    stratum_psus: Mapped[int]
    #: People in the unit, and how many of them are invited.
    size: Mapped[int]
    places: Mapped[int]
    #: Probability that the unit is in the sample, as an exact fraction "numerator/denominator".
    probability: Mapped[str] = mapped_column(sa.String(128))


class Batch(Base):
    """The cards that go to one place together: a school's, or a group's of the county."""

    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    group: Mapped[str] = mapped_column(sa.String(16))
    #: Printed large on the cards: the school, or the county's name.
    place: Mapped[str] = mapped_column(sa.String(128))
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    #: Order in which sheets are printed.
    position: Mapped[int]

    invitations: Mapped[list["Invitation"]] = relationship(
        back_populates="batch", order_by="Invitation.serial"
    )


class Invitation(Base):
    """One personal access code (访问码), known here only by its keyed hashes."""

    __tablename__ = "invitation"
    __table_args__ = (sa.UniqueConstraint("batch_id", "serial"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    #: Number of the card in its batch, from 1.
    serial: Mapped[int]
    quota_cell_id: Mapped[int] = mapped_column(sa.ForeignKey("quota_cell.id"))
    stratum: Mapped[str] = mapped_column(sa.String(64))
    psu: Mapped[str] = mapped_column(sa.String(96))
    #: Keyed hashes of the code in the QR picture and of its typable form.
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    typed_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    #: Counted up when the card is replaced; the old codes then lead nowhere.
    generation: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    batch: Mapped[Batch] = relationship(back_populates="invitations")
    quota_cell: Mapped[QuotaCell] = relationship()
    wave: Mapped[Wave] = relationship()


class Entry(Base):
    """One questionnaire begun. It never says when, and nothing leads from it to an answer."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('personal', 'class', 'poster')", name="kind"),
        sa.CheckConstraint("state IN ('begun', 'spent')", name="state"),
        sa.CheckConstraint("(state = 'spent') = (nonce_hash IS NOT NULL)", name="spent_has_nonce"),
        sa.CheckConstraint("(kind = 'personal') = (invitation_id IS NOT NULL)", name="personal"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    quota_cell_id: Mapped[int] = mapped_column(sa.ForeignKey("quota_cell.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: A personal code has exactly one entry.
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"), unique=True)
    state: Mapped[str] = mapped_column(sa.String(8), default="begun")
    #: Open entries hold a place in their cell until this instant; personal ones need none.
    reserved_until: Mapped[datetime | None] = mapped_column(Instant)
    #: Hash of the one-time value sent with the answer: the same again is the same answer.
    nonce_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    surplus: Mapped[bool] = mapped_column(default=False)


class Burst(Base):
    """How many questionnaires of a batch came in within one ten-minute bucket."""

    __tablename__ = "burst"

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("batch.id"), primary_key=True)
    #: Start of the bucket.
    bucket: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    n: Mapped[int]
