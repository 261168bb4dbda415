"""Ground: regions, county files, accounts, waves, fieldwork, sealed inbox, results, runs, audit trail."""

import sqlalchemy as sa
from alembic import op

from survey_app.db import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_GUARDS = {
    "audit_entry_no_update": "BEFORE UPDATE",
    "audit_entry_no_delete": "BEFORE DELETE",
}

_POSTGRESQL_GUARD = """
CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$
"""


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_region_code"), "audit_entry", ["region_code"], unique=False)
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_questionnaire_version_digest")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "level IN ('nation', 'province', 'city', 'county', 'township')", name=op.f("ck_region_level")
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["region.code"], name=op.f("fk_region_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_index(op.f("ix_region_parent_code"), "region", ["parent_code"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_login_hash"), "sign_in_attempt", ["login_hash"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("session_stamp", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "role IN ('administrator', 'county', 'city', 'province', 'nation', 'assessor', 'auditor')",
            name=op.f("ck_appointment_role"),
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_appointment_region_code")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_appointment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint(
            "user_id", "role", "region_code", name=op.f("uq_appointment_user_id_role_region_code")
        ),
    )
    op.create_index(op.f("ix_appointment_user_id"), "appointment", ["user_id"], unique=False)
    op.create_table(
        "county_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_county_file_county_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_file")),
        sa.UniqueConstraint(
            "county_code", "year", "version", name=op.f("uq_county_file_county_code_year_version")
        ),
    )
    op.create_index(op.f("ix_county_file_county_code"), "county_file", ["county_code"], unique=False)
    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_file_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("locality", sa.String(length=16), nullable=False),
        sa.Column("ownership", sa.String(length=16), nullable=False),
        sa.Column("township", sa.String(length=64), nullable=True),
        sa.Column("boarding", sa.Boolean(), nullable=False),
        sa.Column("primary_pupils", sa.Integer(), nullable=True),
        sa.Column("junior_pupils", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_file_id"], ["county_file.id"], name=op.f("fk_school_county_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("county_file_id", "code", name=op.f("uq_school_county_file_id_code")),
    )
    op.create_index(op.f("ix_school_county_file_id"), "school", ["county_file_id"], unique=False)
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("county_file_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("scheme_digest", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("pressure_contact", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("opened_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("mixed_at", Instant(), nullable=True),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_wave_county_code")),
        sa.ForeignKeyConstraint(["county_file_id"], ["county_file.id"], name=op.f("fk_wave_county_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
    )
    op.create_index(op.f("ix_wave_county_code"), "wave", ["county_code"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_batch_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_wave_id"), "batch", ["wave_id"], unique=False)
    op.create_table(
        "drawn_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("psu", sa.String(length=96), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stratum_psus", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("probability", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_drawn_unit_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn_unit")),
        sa.UniqueConstraint("wave_id", "group", "psu", name=op.f("uq_drawn_unit_wave_id_group_psu")),
    )
    op.create_index(op.f("ix_drawn_unit_wave_id"), "drawn_unit", ["wave_id"], unique=False)
    op.create_table(
        "evaluation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("county_file_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=True),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("scheme_digest", sa.String(length=64), nullable=False),
        sa.Column("program_digest", sa.String(length=64), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "level IN ('self_evaluation', 'review', 'evaluation', 'recognition')",
            name=op.f("ck_evaluation_run_level"),
        ),
        sa.CheckConstraint(
            "verdict IN ('met', 'not_met', 'undetermined')", name=op.f("ck_evaluation_run_verdict")
        ),
        sa.ForeignKeyConstraint(["county_code"], ["region.code"], name=op.f("fk_evaluation_run_county_code")),
        sa.ForeignKeyConstraint(
            ["county_file_id"], ["county_file.id"], name=op.f("fk_evaluation_run_county_file_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_evaluation_run_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_run")),
        sa.UniqueConstraint("county_code", "number", name=op.f("uq_evaluation_run_county_code_number")),
    )
    op.create_index(op.f("ix_evaluation_run_county_code"), "evaluation_run", ["county_code"], unique=False)
    op.create_table(
        "frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_frame_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame")),
    )
    op.create_index(op.f("ix_frame_wave_id"), "frame", ["wave_id"], unique=False)
    op.create_table(
        "mixed_cell",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=96), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("keeps", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_mixed_cell_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "group", "stratum", "pool", name=op.f("pk_mixed_cell")),
    )
    op.create_table(
        "pool",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("psu", sa.String(length=96), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=96), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_pool_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "group", "psu", name=op.f("pk_pool")),
    )
    op.create_table(
        "quota_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("grade_band", sa.String(length=16), nullable=False),
        sa.Column("locality", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("surplus", sa.Integer(), nullable=False),
        sa.CheckConstraint("cap IS NULL OR spent + reserved <= cap", name=op.f("ck_quota_cell_within_cap")),
        sa.CheckConstraint(
            "spent >= 0 AND reserved >= 0 AND surplus >= 0", name=op.f("ck_quota_cell_counts")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_quota_cell_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_cell")),
        sa.UniqueConstraint(
            "wave_id",
            "group",
            "grade_band",
            "locality",
            name=op.f("uq_quota_cell_wave_id_group_grade_band_locality"),
        ),
    )
    op.create_index(op.f("ix_quota_cell_wave_id"), "quota_cell", ["wave_id"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("grade_band", sa.String(length=16), nullable=False),
        sa.Column("locality", sa.String(length=16), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("pool", sa.String(length=96), nullable=True),
        sa.Column("questionnaire_version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("duration_band", sa.String(length=16), nullable=False),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_version_id"],
            ["questionnaire_version.id"],
            name=op.f("fk_response_questionnaire_version_id"),
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_response_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_response_wave_id"), "response", ["wave_id"], unique=False)
    op.create_table(
        "sealed_answer",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_sealed_answer_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sealed_answer_wave_id"), "sealed_answer", ["wave_id"], unique=False)
    op.create_table(
        "wave_form",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_wave_form_version_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_form_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "form", name=op.f("pk_wave_form")),
    )
    op.create_table(
        "wave_outcome",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("computed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_outcome_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_wave_outcome")),
    )
    op.create_table(
        "burst",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("bucket", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_burst_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "bucket", name=op.f("pk_burst")),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=128), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.Column("drawn_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.id"], name=op.f("fk_draw_frame_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_draw_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("wave_id", name=op.f("uq_draw_wave_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("quota_cell_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("psu", sa.String(length=96), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("typed_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_invitation_batch_id")),
        sa.ForeignKeyConstraint(
            ["quota_cell_id"], ["quota_cell.id"], name=op.f("fk_invitation_quota_cell_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_invitation_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("batch_id", "serial", name=op.f("uq_invitation_batch_id_serial")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sa.UniqueConstraint("typed_hash", name=op.f("uq_invitation_typed_hash")),
    )
    op.create_index(op.f("ix_invitation_batch_id"), "invitation", ["batch_id"], unique=False)
    op.create_index(op.f("ix_invitation_wave_id"), "invitation", ["wave_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("quota_cell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reserved_until", Instant(), nullable=True),
        sa.Column("nonce_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'personal') = (invitation_id IS NOT NULL)", name=op.f("ck_entry_personal")
        ),
        sa.CheckConstraint(
            "(state = 'spent') = (nonce_hash IS NOT NULL)", name=op.f("ck_entry_spent_has_nonce")
        ),
        sa.CheckConstraint("kind IN ('personal', 'class', 'poster')", name=op.f("ck_entry_kind")),
        sa.CheckConstraint("state IN ('begun', 'spent')", name=op.f("ck_entry_state")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_entry_invitation_id")),
        sa.ForeignKeyConstraint(["quota_cell_id"], ["quota_cell.id"], name=op.f("fk_entry_quota_cell_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_entry_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_entry_invitation_id")),
    )
    op.create_index(op.f("ix_entry_wave_id"), "entry", ["wave_id"], unique=False)
    _guard_audit_trail()


def downgrade() -> None:
    """Take the revision back."""
    _unguard_audit_trail()
    op.drop_index(op.f("ix_entry_wave_id"), table_name="entry")
    op.drop_table("entry")
    op.drop_index(op.f("ix_invitation_wave_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_batch_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("draw")
    op.drop_table("burst")
    op.drop_table("wave_outcome")
    op.drop_table("wave_form")
    op.drop_index(op.f("ix_sealed_answer_wave_id"), table_name="sealed_answer")
    op.drop_table("sealed_answer")
    op.drop_index(op.f("ix_response_wave_id"), table_name="response")
    op.drop_table("response")
    op.drop_index(op.f("ix_quota_cell_wave_id"), table_name="quota_cell")
    op.drop_table("quota_cell")
    op.drop_table("pool")
    op.drop_table("mixed_cell")
    op.drop_index(op.f("ix_frame_wave_id"), table_name="frame")
    op.drop_table("frame")
    op.drop_index(op.f("ix_evaluation_run_county_code"), table_name="evaluation_run")
    op.drop_table("evaluation_run")
    op.drop_index(op.f("ix_drawn_unit_wave_id"), table_name="drawn_unit")
    op.drop_table("drawn_unit")
    op.drop_index(op.f("ix_batch_wave_id"), table_name="batch")
    op.drop_table("batch")
    op.drop_index(op.f("ix_wave_county_code"), table_name="wave")
    op.drop_table("wave")
    op.drop_index(op.f("ix_school_county_file_id"), table_name="school")
    op.drop_table("school")
    op.drop_index(op.f("ix_county_file_county_code"), table_name="county_file")
    op.drop_table("county_file")
    op.drop_index(op.f("ix_appointment_user_id"), table_name="appointment")
    op.drop_table("appointment")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_sign_in_attempt_login_hash"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index(op.f("ix_region_parent_code"), table_name="region")
    op.drop_table("region")
    op.drop_table("questionnaire_version")
    op.drop_index(op.f("ix_audit_entry_region_code"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_action"), table_name="audit_entry")
    op.drop_table("audit_entry")


def _guard_audit_trail() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_GUARD)
        op.execute(
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()"
        )
        return
    for name, moment in _SQLITE_GUARDS.items():
        op.execute(
            f"CREATE TRIGGER {name} {moment} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def _unguard_audit_trail() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entry_append_only ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_is_append_only()")
        return
    for name in _SQLITE_GUARDS:
        op.execute(f"DROP TRIGGER {name}")
