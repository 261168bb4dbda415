"""Evaluation runs: what was judged, by which scheme, with which result. Never edited."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.assessments.applications.models import Application
from survey_app.counties.models import CountyFile, Region
from survey_app.db import Base, Instant


class EvaluationRun(Base):
    """One judgement of one county, with everything needed to judge it again, byte for byte."""

    __tablename__ = "evaluation_run"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "number"),
        sa.CheckConstraint("verdict IN ('met', 'not_met', 'undetermined')", name="verdict"),
        sa.CheckConstraint("computed_verdict IN ('met', 'not_met', 'undetermined')", name="computed_verdict"),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')", name="level"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.ForeignKey("region.code"), index=True)
    #: Counted up from 1 within the county.
    number: Mapped[int]
    #: self_evaluation, review, evaluation or recognition.
    level: Mapped[str] = mapped_column(sa.String(16))
    county_file_id: Mapped[int] = mapped_column(sa.ForeignKey("county_file.id"))
    #: The wave whose released outcome was fed in, if any.
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"))
    #: The application it was made for, if any, and the run of it that this one takes the place of.
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("evaluation_run.id"))
    scheme_id: Mapped[str] = mapped_column(sa.String(64))
    scheme_digest: Mapped[str] = mapped_column(sa.String(64))
    #: Digest of the evaluation library that judged: its words and formulas, not only the scheme's.
    program_digest: Mapped[str] = mapped_column(sa.String(64))
    #: The county file as judged, with the survey's tallies in it; canonical form and SHA-256.
    input: Mapped[str] = mapped_column(sa.Text)
    input_digest: Mapped[str] = mapped_column(sa.String(64))
    #: The verdict's document (Chinese sentences) in canonical form and its SHA-256.
    result: Mapped[str] = mapped_column(sa.Text)
    result_digest: Mapped[str] = mapped_column(sa.String(64))
    #: Judgements that people entered and that stand in the input: who, when, with which evidence;
    #: canonical form.
    judgements: Mapped[str] = mapped_column(sa.Text, default="[]")
    #: Findings that two people set otherwise, with the computed outcome of each; canonical form.
    overrides: Mapped[str] = mapped_column(sa.Text, default="[]")
    #: What the scheme alone concludes, and what it concludes with the overrides.
    computed_verdict: Mapped[str] = mapped_column(sa.String(16))
    verdict: Mapped[str] = mapped_column(sa.String(16))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.String(64))

    county: Mapped[Region] = relationship()
    county_file: Mapped[CountyFile] = relationship()
    application: Mapped[Application | None] = relationship()
    summary: Mapped["RunSummary | None"] = relationship()


class RunSummary(Base):
    """The few figures of a run that lists of many counties show; made with it, in a small table of its own.

    The run itself carries its snapshots, some megabytes that a database walks through to read what lies
    behind them.
    """

    __tablename__ = "run_summary"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("evaluation_run.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    #: Verdict, sections, recognition, coefficients and counts; canonical form.
    content: Mapped[str] = mapped_column(sa.Text)
