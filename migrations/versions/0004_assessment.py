"""Assessors at four levels, supervision with its ledger, flags of a survey, tokens for programs."""

import sqlalchemy as sa
from alembic import op

from survey_app.db import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Tables of this revision, those that refer to others after them.
TABLES = (
    "evidence",
    "api_token",
    "application",
    "dispatch",
    "listing",
    "recognition_schedule",
    "recorded_recognition",
    "run_summary",
    "field_visit",
    "judgement",
    "open_answer",
    "merger_trial",
    "flag_review",
    "judgement_evidence",
    "wave_integrity",
    "application_step",
    "correction",
    "override",
    "remark",
    "task",
    "task_budget",
    "task_event",
    "task_evidence",
)

#: What was sealed stays as it was: what a row has to be for nobody to change it.
_SEALED = {
    "application_step": "TRUE",
    "evaluation_run": "EXISTS (SELECT 1 FROM application_step WHERE application_step.run_id = OLD.id)",
    "override": "OLD.decided_at IS NOT NULL",
}

#: A trigger's own condition may not look into another table here, so the function asks.
_POSTGRESQL_GUARD = """
CREATE FUNCTION {table}_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    IF NOT ({sealed}) THEN
      IF TG_OP = 'DELETE' THEN
        RETURN OLD;
      END IF;
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a row of {table} is sealed';
END $$
"""


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stored_name", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("stored_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_evidence_stored_name")),
    )
    op.create_index(op.f("ix_evidence_region_code"), "evidence", ["region_code"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_api_token_region_code")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"])
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_application_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "county_code", "year", "number", name=op.f("uq_application_county_code_year_number")
        ),
    )
    op.create_index(op.f("ix_application_county_code"), "application", ["county_code"])
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("quarter BETWEEN 0 AND 4", name=op.f("ck_dispatch_quarter")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_dispatch_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint(
            "region_code",
            "year",
            "quarter",
            "version",
            name=op.f("uq_dispatch_region_code_year_quarter_version"),
        ),
    )
    op.create_index(op.f("ix_dispatch_region_code"), "dispatch", ["region_code"])
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("listed_at", Instant(), nullable=False),
        sa.Column("listed_by", sa.String(length=64), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lift_reason", sa.String(length=2000), nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_listing_lifted")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_listing_reason")),
        sa.CheckConstraint("lifted_at IS NULL OR lift_reason <> ''", name=op.f("ck_listing_lift_reason")),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_listing_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
    )
    op.create_index(op.f("ix_listing_county_code"), "listing", ["county_code"])
    op.create_index(
        "uq_listing_standing",
        "listing",
        ["county_code"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "recorded_recognition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("recognised_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_recorded_recognition_withdrawn")
        ),
        sa.ForeignKeyConstraint(
            ["county_code"], ["region.code"], name=op.f("fk_recorded_recognition_county_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_recognition")),
    )
    op.create_index(op.f("ix_recorded_recognition_county_code"), "recorded_recognition", ["county_code"])
    op.create_index(
        "uq_recorded_recognition_standing",
        "recorded_recognition",
        ["county_code"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "recognition_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["region.code"], name=op.f("fk_recognition_schedule_province_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_schedule")),
        sa.UniqueConstraint(
            "province_code", "version", name=op.f("uq_recognition_schedule_province_code_version")
        ),
    )
    op.create_index(op.f("ix_recognition_schedule_province_code"), "recognition_schedule", ["province_code"])
    op.create_table(
        "run_summary",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_run_summary_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_summary")),
    )
    op.create_table(
        "field_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("interviewed", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_field_visit_level"),
        ),
        sa.CheckConstraint(
            "interviewed > 0 AND satisfied BETWEEN 0 AND interviewed", name=op.f("ck_field_visit_tally")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_field_visit_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_visit")),
    )
    op.create_index(op.f("ix_field_visit_application_id"), "field_visit", ["application_id"])
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('attestation', 'veto', 'points')", name=op.f("ck_judgement_kind")),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_judgement_level"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_judgement_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.create_index(op.f("ix_judgement_application_id"), "judgement", ["application_id"])
    op.create_table(
        "merger_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("county_file_id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("scheme_digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("mergers", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_merger_trial_county_code")),
        sa.ForeignKeyConstraint(
            ["county_file_id"], ["county_file.id"], name=op.f("fk_merger_trial_county_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merger_trial")),
    )
    op.create_index(op.f("ix_merger_trial_county_code"), "merger_trial", ["county_code"])
    op.create_table(
        "flag_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("flag", sa.String(length=160), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "decision IN ('explained', 'confirmed', 'checking')", name=op.f("ck_flag_review_decision")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_flag_review_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_review")),
    )
    op.create_index(op.f("ix_flag_review_wave_id"), "flag_review", ["wave_id"])
    op.create_table(
        "judgement_evidence",
        sa.Column("judgement_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_judgement_evidence_evidence_id")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgement.id"], name=op.f("fk_judgement_evidence_judgement_id")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "evidence_id", name=op.f("pk_judgement_evidence")),
    )
    op.create_table(
        "open_answer",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=96), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("marks", sa.String(length=128), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_open_answer_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_open_answer_wave_id"), "open_answer", ["wave_id"])
    op.create_table(
        "wave_integrity",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("computed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_integrity_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_wave_integrity")),
    )
    op.create_table(
        "application_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_by_name", sa.String(length=64), nullable=False),
        sa.CheckConstraint("action = 'signed' OR reason <> ''", name=op.f("ck_application_step_reason")),
        sa.CheckConstraint("action IN ('signed', 'returned')", name=op.f("ck_application_step_action")),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_application_step_level"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_step_application_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_application_step_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_step")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_application_step_application_id_number")
        ),
    )
    op.create_index(op.f("ix_application_step_application_id"), "application_step", ["application_id"])
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=False),
        sa.Column("county_file_id", sa.Integer(), nullable=True),
        sa.Column("corrected_run_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_correction_level"),
        ),
        sa.CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name=op.f("ck_correction_decided")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_correction_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrected_run_id"], ["evaluation_run.id"], name=op.f("fk_correction_corrected_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_file_id"], ["county_file.id"], name=op.f("fk_correction_county_file_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_correction_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_correction_application_id_number")),
    )
    op.create_index(op.f("ix_correction_application_id"), "correction", ["application_id"])
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("computed_outcome", sa.String(length=16), nullable=False),
        sa.Column("computed_value", sa.String(length=100), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decision_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_override_level"),
        ),
        sa.CheckConstraint("outcome IN ('met', 'not_met', 'undetermined')", name=op.f("ck_override_outcome")),
        sa.CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name=op.f("ck_override_decided")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_override_two_people")
        ),
        sa.CheckConstraint("outcome <> computed_outcome", name=op.f("ck_override_otherwise")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_override_application_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_override_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    op.create_index(op.f("ix_override_application_id"), "override", ["application_id"])
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_remark_level"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_remark_application_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_remark_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_application_id"), "remark", ["application_id"])
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("measure", sa.String(length=2000), nullable=False),
        sa.Column("department", sa.String(length=128), nullable=False),
        sa.Column("helpers", sa.String(length=1000), nullable=False),
        sa.Column("phase", sa.String(length=64), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "origin IN ('finding', 'remedy', 'exemption', 'template', 'manual')", name=op.f("ck_task_origin")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_task_county_code")),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_run.id"], name=op.f("fk_task_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_task_county_code_number")),
    )
    op.create_index(op.f("ix_task_county_code"), "task", ["county_code"])
    op.create_table(
        "task_budget",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("yuan >= 0", name=op.f("ck_task_budget_yuan")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_budget_task_id")),
        sa.PrimaryKeyConstraint("task_id", "year", name=op.f("pk_task_budget")),
    )
    op.create_table(
        "task_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('begun', 'progress', 'handed_in', 'accepted', 'rejected', 'changed', 'cancelled',"
            " 'reopened')",
            name=op.f("ck_task_event_kind"),
        ),
        sa.CheckConstraint(
            "percent IS NULL OR percent BETWEEN 0 AND 100", name=op.f("ck_task_event_percent")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_event_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_event")),
    )
    op.create_index(op.f("ix_task_event_task_id"), "task_event", ["task_id"])
    op.create_table(
        "task_evidence",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["task_event.id"], name=op.f("fk_task_evidence_event_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_task_evidence_evidence_id")),
        sa.PrimaryKeyConstraint("event_id", "evidence_id", name=op.f("pk_task_evidence")),
    )

    op.add_column("county_file", sa.Column("cells", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("evaluation_run") as run:
        run.add_column(sa.Column("application_id", sa.Integer()))
        run.add_column(sa.Column("supersedes_id", sa.Integer()))
        run.add_column(sa.Column("judgements", sa.Text(), nullable=False, server_default="[]"))
        run.add_column(sa.Column("overrides", sa.Text(), nullable=False, server_default="[]"))
        run.add_column(
            sa.Column("computed_verdict", sa.String(16), nullable=False, server_default="undetermined")
        )
        run.create_foreign_key(
            op.f("fk_evaluation_run_application_id"), "application", ["application_id"], ["id"]
        )
        run.create_foreign_key(
            op.f("fk_evaluation_run_supersedes_id"), "evaluation_run", ["supersedes_id"], ["id"]
        )
        run.create_check_constraint(
            op.f("ck_evaluation_run_computed_verdict"),
            "computed_verdict IN ('met', 'not_met', 'undetermined')",
        )
    op.create_index(op.f("ix_evaluation_run_application_id"), "evaluation_run", ["application_id"])
    op.execute("UPDATE evaluation_run SET computed_verdict = verdict")
    with op.batch_alter_table("wave") as wave:
        wave.add_column(sa.Column("verifies_wave_id", sa.Integer()))
        wave.add_column(sa.Column("told_at", Instant()))
        wave.add_column(sa.Column("told_by", sa.String(64)))
        wave.create_foreign_key(op.f("fk_wave_verifies_wave_id"), "wave", ["verifies_wave_id"], ["id"])
    op.create_index(op.f("ix_wave_verifies_wave_id"), "wave", ["verifies_wave_id"])
    _guard_sealed()


def downgrade() -> None:
    """Take the revision back, and with it everything that hangs on applications and ledgers."""
    _unguard_sealed()
    op.drop_index(op.f("ix_wave_verifies_wave_id"), "wave")
    with op.batch_alter_table("wave") as wave:
        wave.drop_constraint(op.f("fk_wave_verifies_wave_id"), type_="foreignkey")
        for column in ("told_by", "told_at", "verifies_wave_id"):
            wave.drop_column(column)
    op.drop_index(op.f("ix_evaluation_run_application_id"), "evaluation_run")
    with op.batch_alter_table("evaluation_run") as run:
        run.drop_constraint(op.f("ck_evaluation_run_computed_verdict"), type_="check")
        run.drop_constraint(op.f("fk_evaluation_run_supersedes_id"), type_="foreignkey")
        run.drop_constraint(op.f("fk_evaluation_run_application_id"), type_="foreignkey")
        for column in ("computed_verdict", "overrides", "judgements", "supersedes_id", "application_id"):
            run.drop_column(column)
    op.execute("ALTER TABLE county_file DROP COLUMN cells")
    for table in reversed(TABLES):
        op.drop_table(table)


def _guard_sealed() -> None:
    for table, sealed in _SEALED.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(_POSTGRESQL_GUARD.format(table=table, sealed=sealed))
            op.execute(
                f'CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION {table}_is_sealed()"
            )
            op.execute(
                f'CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON "{table}" '
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_sealed()"
            )
            continue
        for moment in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER {table}_no_{moment.lower()} BEFORE {moment} ON "{table}" WHEN {sealed} '
                f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is sealed'); END"
            )


def _unguard_sealed() -> None:
    for table in _SEALED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f'DROP TRIGGER {table}_sealed ON "{table}"')
            op.execute(f'DROP TRIGGER {table}_kept ON "{table}"')
            op.execute(f"DROP FUNCTION {table}_is_sealed()")
            continue
        for moment in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{moment}")
