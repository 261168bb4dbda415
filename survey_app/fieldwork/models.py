"""Frames, draws, invitations and entries. Nothing here leads to an answer."""

from datetime import date, datetime

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
    #: Counted up from 1 for each wave.
    number: Mapped[int] = mapped_column(default=1)
    #: Where its lists came from: the schools' figures, or the name of a file.
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    #: How the lists agree with the schools' totals, in canonical form.
    reconciliation: Mapped[str] = mapped_column(sa.Text, default="{}")
    #: The classes or grades that stand one after the other on each list, in canonical form:
    #: "group/unit" -> [[name, people], ...].
    sections: Mapped[str] = mapped_column(sa.Text, default="{}")


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
    #: The unit it stands in for, where that one could not take part.
    replaces: Mapped[str | None] = mapped_column(sa.String(96))


class Replacement(Base):
    """A drawn unit that could not take part, and the reserve that took its place by the rule."""

    __tablename__ = "replacement"
    __table_args__ = (sa.UniqueConstraint("wave_id", "group", "psu"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    group: Mapped[str] = mapped_column(sa.String(16))
    psu: Mapped[str] = mapped_column(sa.String(96))
    #: Null where the reserve of its stratum was used up.
    replaced_by: Mapped[str | None] = mapped_column(sa.String(96))
    #: Why, as one of the allowed reasons, and in words.
    reason: Mapped[str] = mapped_column(sa.String(32))
    remark: Mapped[str] = mapped_column(sa.String(500))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(sa.String(64))


class Contact(Base):
    """A person on a counted list who may have to be called; name and number are encrypted."""

    __tablename__ = "contact"
    __table_args__ = (sa.UniqueConstraint("wave_id", "group", "unit", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    group: Mapped[str] = mapped_column(sa.String(16))
    #: The frame unit whose list it is, and the person's number on it from 1.
    unit: Mapped[str] = mapped_column(sa.String(96))
    number: Mapped[int]
    #: Name and telephone number, encrypted; null once erased.
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    #: The day (in Shanghai) after which they are erased.
    erase_on: Mapped[date] = mapped_column(sa.Date)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


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


class Handover(Base):
    """A line of the ledger: what happened to a batch of cards, and who has it now. Never edited."""

    __tablename__ = "handover"
    __table_args__ = (
        sa.CheckConstraint(
            "deed IN ('printed', 'handed', 'returned', 'lost', 'found', 'replaced')", name="deed"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    deed: Mapped[str] = mapped_column(sa.String(16))
    #: Cards it concerns.
    cards: Mapped[int]
    #: Who received them; empty where nobody did.
    receiver: Mapped[str] = mapped_column(sa.String(64), default="")
    remark: Mapped[str] = mapped_column(sa.String(500), default="")
    #: When it happened, and who wrote it down.
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(64))


class EntryPoint(Base):
    """A code that many may use: a class's or village's, or an open poster's. It feeds one quota cell."""

    __tablename__ = "entry_point"
    __table_args__ = (
        sa.UniqueConstraint("wave_id", "number"),
        sa.CheckConstraint("kind IN ('class', 'poster')", name="kind"),
        sa.CheckConstraint("cap IS NULL OR reserved + spent <= cap", name="within_cap"),
        sa.CheckConstraint("reserved >= 0 AND spent >= 0 AND surplus >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    #: Counted up from 1 for each wave.
    number: Mapped[int]
    quota_cell_id: Mapped[int] = mapped_column(sa.ForeignKey("quota_cell.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: Printed large: the class, the village, the place of the poster.
    place: Mapped[str] = mapped_column(sa.String(128))
    school_code: Mapped[str | None] = mapped_column(sa.String(64))
    #: Where it stands in the design; empty for posters, which have no chance of selection.
    stratum: Mapped[str] = mapped_column(sa.String(64), default="")
    psu: Mapped[str] = mapped_column(sa.String(96), default="")
    #: Most questionnaires it may bring; null where its cell alone limits it.
    cap: Mapped[int | None]
    reserved: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    surplus: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    typed_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    #: Seconds for which a code on the proctor's screen is good; null for a printed code.
    rotates_every: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    quota_cell: Mapped[QuotaCell] = relationship()
    wave: Mapped[Wave] = relationship()


class Invitation(Base):
    """One personal access code (访问码), known here only by its keyed hashes."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "serial"),
        sa.Index("ix_invitation_progress", "wave_id", "revoked_at", "batch_id", "quota_cell_id"),
    )

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


class RetiredCode(Base):
    """The keyed hashes of a code that was replaced, so that its card can say so."""

    __tablename__ = "retired_code"

    #: The invitation whose card had it, and which printing it was.
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    typed_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)


class Entry(Base):
    """One questionnaire begun. It never says when, and nothing leads from it to an answer."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('personal', 'class', 'poster')", name="kind"),
        sa.CheckConstraint("state IN ('begun', 'spent')", name="state"),
        sa.CheckConstraint("(state = 'spent') = (nonce_hash IS NOT NULL)", name="spent_has_nonce"),
        sa.CheckConstraint("kind = 'personal' OR invitation_id IS NULL", name="personal"),
        sa.CheckConstraint("mode IN ('web', 'phone')", name="mode"),
        sa.Index("ix_entry_progress", "wave_id", "state", "mode", "quota_cell_id"),
        sa.Index("ix_entry_places", "quota_cell_id", "reserved_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    quota_cell_id: Mapped[int] = mapped_column(sa.ForeignKey("quota_cell.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: A personal code has at most one entry; null in one that was begun with a card replaced since.
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"), unique=True)
    #: Where an open entry came in.
    entry_point_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry_point.id"), index=True)
    #: Hash of the one-time value of the page an open entry was begun from: that page begins no second one.
    seat_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), unique=True)
    #: Answered by the person, or read out on the telephone.
    mode: Mapped[str] = mapped_column(sa.String(8), default="web")
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


class PointBurst(Base):
    """How many questionnaires came in through an open entry within one ten-minute bucket."""

    __tablename__ = "point_burst"

    entry_point_id: Mapped[int] = mapped_column(sa.ForeignKey("entry_point.id"), primary_key=True)
    #: Start of the bucket.
    bucket: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    n: Mapped[int]


class CodeGuess(Base):
    """How many codes that nobody has were tried within one ten-minute bucket; whose, is not noted."""

    __tablename__ = "code_guess"

    #: Start of the bucket.
    bucket: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    n: Mapped[int]


class PhoneCase(Base):
    """An invited person who is to be called (电话个案)."""

    __tablename__ = "phone_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"), unique=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))
    #: The interviewer who works it; null while it waits in the pool.
    assigned_to: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Since when that interviewer has it in hand; null while nobody is calling.
    taken_up_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Waits for the supervisor to decide (a refusal that may be won over, a wrong number).
    referred: Mapped[bool] = mapped_column(default=False)
    #: Not to be called before this instant (call-back rules, appointments).
    not_before: Mapped[datetime | None] = mapped_column(Instant, index=True)
    #: The last outcome, as a standard disposition; empty before the first attempt.
    outcome: Mapped[str] = mapped_column(sa.String(32), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    #: Finished on the telephone: answered, refused for good, or unreachable by the rules.
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Withdrawn by the supervisor, or because an answer came in another way: then nothing says when.
    withdrawn: Mapped[bool] = mapped_column(default=False)

    invitation: Mapped[Invitation] = relationship()
    contact: Mapped[Contact | None] = relationship()


class CallAttempt(Base):
    """One attempt to reach somebody, and what came of it. Never edited."""

    __tablename__ = "call_attempt"
    __table_args__ = (sa.UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("phone_case.id"), index=True)
    #: Counted up from 1 for each case.
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(64))
    outcome: Mapped[str] = mapped_column(sa.String(32))
    remark: Mapped[str] = mapped_column(sa.String(500), default="")


class CallBack(Base):
    """A time at which somebody is to be called again: agreed with the person (hard), or our guess (soft)."""

    __tablename__ = "call_back"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("phone_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    hard: Mapped[bool]
    made_by: Mapped[str] = mapped_column(sa.String(64))
    #: Kept, or given up; null while it lies ahead.
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    kept: Mapped[bool | None]


class BackCheck(Base):
    """A finished case that a supervisor calls again to see whether the interview took place (回访)."""

    __tablename__ = "back_check"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("phone_case.id"), primary_key=True)
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_by: Mapped[str | None] = mapped_column(sa.String(64))
    #: confirmed, denied or not_reached.
    finding: Mapped[str] = mapped_column(sa.String(16), default="")
    remark: Mapped[str] = mapped_column(sa.String(500), default="")
