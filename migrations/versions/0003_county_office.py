"""County staff at work: steps of a wave, contacts, open entries, telephone, ledger, accounts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from survey_app.db import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Tables of this revision, those that refer to others after them.
TABLES = (
    "code_guess",
    "prepared_file",
    "one_time_link",
    "questionnaire_draft",
    "questionnaire_publication",
    "contact",
    "replacement",
    "wave_extension",
    "entry_point",
    "handover",
    "retired_code",
    "phone_case",
    "point_burst",
    "back_check",
    "call_attempt",
    "call_back",
)

_OLD_ROLES = "role IN ('administrator', 'county', 'city', 'province', 'nation', 'assessor', 'auditor')"
_ROLES = (
    "role IN ('administrator', 'county', 'city', 'province', 'nation', 'assessor', 'auditor',"
    " 'school', 'interviewer')"
)


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "code_guess",
        sa.Column("bucket", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_code_guess")),
    )
    op.create_table(
        "prepared_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=False),
        sa.Column("stored_name", sa.String(length=128), nullable=False),
        sa.Column("download_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "done >= 0 AND (total IS NULL OR done <= total)", name=op.f("ck_prepared_file_progress")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_file")),
        sa.UniqueConstraint("key", name=op.f("uq_prepared_file_key")),
    )
    op.create_index(op.f("ix_prepared_file_region_code"), "prepared_file", ["region_code"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_one_time_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_index(op.f("ix_one_time_link_user_id"), "one_time_link", ["user_id"], unique=False)

    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_questionnaire_draft_region_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_draft")),
    )
    op.create_index(
        op.f("ix_questionnaire_draft_region_code"), "questionnaire_draft", ["region_code"], unique=False
    )

    op.create_table(
        "questionnaire_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_questionnaire_publication_region_code")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_questionnaire_publication_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_publication")),
        sa.UniqueConstraint(
            "region_code", "form", "number", name=op.f("uq_questionnaire_publication_region_code_form_number")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_publication_region_code"),
        "questionnaire_publication",
        ["region_code"],
        unique=False,
    )

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=96), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erase_on", sa.Date(), nullable=False),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_contact_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint(
            "wave_id", "group", "unit", "number", name=op.f("uq_contact_wave_id_group_unit_number")
        ),
    )
    op.create_index(op.f("ix_contact_wave_id"), "contact", ["wave_id"], unique=False)

    op.create_table(
        "replacement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("psu", sa.String(length=96), nullable=False),
        sa.Column("replaced_by", sa.String(length=96), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_replacement_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("wave_id", "group", "psu", name=op.f("uq_replacement_wave_id_group_psu")),
    )
    op.create_index(op.f("ix_replacement_wave_id"), "replacement", ["wave_id"], unique=False)

    op.create_table(
        "wave_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("closed_before", Instant(), nullable=False),
        sa.Column("closes_now", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("extended_at", Instant(), nullable=False),
        sa.Column("extended_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_extension_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_extension")),
    )
    op.create_index(op.f("ix_wave_extension_wave_id"), "wave_extension", ["wave_id"], unique=False)

    op.create_table(
        "entry_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quota_cell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=128), nullable=False),
        sa.Column("school_code", sa.String(length=64), nullable=True),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("psu", sa.String(length=96), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("surplus", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("typed_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotates_every", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('class', 'poster')", name=op.f("ck_entry_point_kind")),
        sa.CheckConstraint("cap IS NULL OR reserved + spent <= cap", name=op.f("ck_entry_point_within_cap")),
        sa.CheckConstraint(
            "reserved >= 0 AND spent >= 0 AND surplus >= 0", name=op.f("ck_entry_point_counts")
        ),
        sa.ForeignKeyConstraint(
            ["quota_cell_id"], ["quota_cell.id"], name=op.f("fk_entry_point_quota_cell_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_entry_point_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_point")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_entry_point_token_hash")),
        sa.UniqueConstraint("typed_hash", name=op.f("uq_entry_point_typed_hash")),
        sa.UniqueConstraint("wave_id", "number", name=op.f("uq_entry_point_wave_id_number")),
    )
    op.create_index(op.f("ix_entry_point_wave_id"), "entry_point", ["wave_id"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "deed IN ('printed', 'handed', 'returned', 'lost', 'found', 'replaced')",
            name=op.f("ck_handover_deed"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_handover_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_batch_id"), "handover", ["batch_id"], unique=False)

    op.create_table(
        "retired_code",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("typed_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_retired_code_invitation_id")
        ),
        sa.PrimaryKeyConstraint("invitation_id", "generation", name=op.f("pk_retired_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_retired_code_token_hash")),
        sa.UniqueConstraint("typed_hash", name=op.f("uq_retired_code_typed_hash")),
    )
    op.create_table(
        "phone_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("assigned_at", Instant(), nullable=True),
        sa.Column("taken_up_at", Instant(), nullable=True),
        sa.Column("referred", sa.Boolean(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["user_account.id"], name=op.f("fk_phone_case_assigned_to")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_phone_case_contact_id")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_phone_case_invitation_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_phone_case_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_case")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_phone_case_invitation_id")),
    )
    op.create_index(op.f("ix_phone_case_assigned_to"), "phone_case", ["assigned_to"], unique=False)
    op.create_index(op.f("ix_phone_case_not_before"), "phone_case", ["not_before"], unique=False)
    op.create_index(op.f("ix_phone_case_wave_id"), "phone_case", ["wave_id"], unique=False)

    op.create_table(
        "point_burst",
        sa.Column("entry_point_id", sa.Integer(), nullable=False),
        sa.Column("bucket", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_point_id"], ["entry_point.id"], name=op.f("fk_point_burst_entry_point_id")
        ),
        sa.PrimaryKeyConstraint("entry_point_id", "bucket", name=op.f("pk_point_burst")),
    )
    op.create_table(
        "back_check",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("checked_by", sa.String(length=64), nullable=True),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["phone_case.id"], name=op.f("fk_back_check_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_back_check")),
    )
    op.create_table(
        "call_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["phone_case.id"], name=op.f("fk_call_attempt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_call_attempt_case_id_number")),
    )
    op.create_index(op.f("ix_call_attempt_case_id"), "call_attempt", ["case_id"], unique=False)

    op.create_table(
        "call_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["phone_case.id"], name=op.f("fk_call_back_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    op.create_index(op.f("ix_call_back_case_id"), "call_back", ["case_id"], unique=False)

    for table, column in _new_columns():
        op.add_column(table, column)
    with op.batch_alter_table("appointment") as appointment:
        appointment.add_column(_text("school_code", 64))
        appointment.drop_constraint(op.f("uq_appointment_user_id_role_region_code"), type_="unique")
        appointment.create_unique_constraint(
            op.f("uq_appointment_user_id_role_region_code_school_code"),
            ["user_id", "role", "region_code", "school_code"],
        )
        _replace_roles(appointment, _ROLES)
        appointment.create_check_constraint(
            op.f("ck_appointment_school"), "(role = 'school') = (school_code <> '')"
        )
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("entry_point_id", sa.Integer()))
        entry.add_column(sa.Column("seat_hash", sa.LargeBinary(length=32)))
        entry.add_column(_text("mode", 8, "web"))
        entry.create_foreign_key(op.f("fk_entry_entry_point_id"), "entry_point", ["entry_point_id"], ["id"])
        entry.create_unique_constraint(op.f("uq_entry_seat_hash"), ["seat_hash"])
        entry.create_check_constraint(op.f("ck_entry_mode"), "mode IN ('web', 'phone')")
        entry.drop_constraint(op.f("ck_entry_personal"), type_="check")
        entry.create_check_constraint(op.f("ck_entry_personal"), "kind = 'personal' OR invitation_id IS NULL")
    op.create_index(op.f("ix_entry_entry_point_id"), "entry", ["entry_point_id"])
    op.create_index("ix_entry_progress", "entry", ["wave_id", "state", "mode", "quota_cell_id"])
    op.create_index(
        "ix_invitation_progress", "invitation", ["wave_id", "revoked_at", "batch_id", "quota_cell_id"]
    )
    op.create_index("ix_entry_places", "entry", ["quota_cell_id", "reserved_until"])
    with op.batch_alter_table("quota_cell") as cell:
        cell.add_column(_text("way", 8, "drawn"))
        cell.drop_constraint(op.f("uq_quota_cell_wave_id_group_grade_band_locality"), type_="unique")
        cell.create_unique_constraint(
            op.f("uq_quota_cell_wave_id_group_grade_band_locality_way"),
            ["wave_id", "group", "grade_band", "locality", "way"],
        )
        cell.create_check_constraint(op.f("ck_quota_cell_way"), "way IN ('drawn', 'class', 'poster')")
    with op.batch_alter_table("wave") as wave:
        wave.alter_column("plan", existing_type=sa.Text(), nullable=True)
    op.execute(
        "UPDATE wave SET rules_settled_at = created_at, plan_settled_at = created_at, framed_at = drawn_at"
    )


def downgrade() -> None:
    """Take the revision back, and with it the roles and open entries it brought."""
    op.execute("UPDATE wave SET plan = '{}' WHERE plan IS NULL")
    with op.batch_alter_table("wave") as wave:
        wave.alter_column("plan", existing_type=sa.Text(), nullable=False)
    op.execute("DELETE FROM entry WHERE kind <> 'personal' OR invitation_id IS NULL")
    op.drop_index("ix_entry_places", "entry")
    op.drop_index("ix_invitation_progress", "invitation")
    op.drop_index("ix_entry_progress", "entry")
    op.drop_index(op.f("ix_entry_entry_point_id"), "entry")
    with op.batch_alter_table("entry") as entry:
        entry.drop_constraint(op.f("fk_entry_entry_point_id"), type_="foreignkey")
        entry.drop_constraint(op.f("ck_entry_mode"), type_="check")
        entry.drop_constraint(op.f("ck_entry_personal"), type_="check")
        entry.create_check_constraint(
            op.f("ck_entry_personal"), "(kind = 'personal') = (invitation_id IS NOT NULL)"
        )
        entry.drop_constraint(op.f("uq_entry_seat_hash"), type_="unique")
        entry.drop_column("mode")
        entry.drop_column("seat_hash")
        entry.drop_column("entry_point_id")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM quota_cell WHERE way <> 'drawn'")
    with op.batch_alter_table("quota_cell") as cell:
        cell.drop_constraint(op.f("ck_quota_cell_way"), type_="check")
        cell.drop_constraint(op.f("uq_quota_cell_wave_id_group_grade_band_locality_way"), type_="unique")
        cell.create_unique_constraint(
            op.f("uq_quota_cell_wave_id_group_grade_band_locality"),
            ["wave_id", "group", "grade_band", "locality"],
        )
        cell.drop_column("way")
    op.execute("DELETE FROM appointment WHERE role IN ('school', 'interviewer')")
    with op.batch_alter_table("appointment") as appointment:
        appointment.drop_constraint(op.f("ck_appointment_school"), type_="check")
        appointment.drop_constraint(
            op.f("uq_appointment_user_id_role_region_code_school_code"), type_="unique"
        )
        appointment.create_unique_constraint(
            op.f("uq_appointment_user_id_role_region_code"), ["user_id", "role", "region_code"]
        )
        _replace_roles(appointment, _OLD_ROLES)
        appointment.drop_column("school_code")
    for table, column in _new_columns():
        op.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column.name}"')


def _new_columns() -> list[tuple[str, sa.Column[Any]]]:
    """Columns that need no rebuild."""
    return [
        ("drawn_unit", sa.Column("replaces", sa.String(96))),
        ("frame", sa.Column("number", sa.Integer(), nullable=False, server_default="1")),
        ("frame", _text("source", 200)),
        ("frame", sa.Column("reconciliation", sa.Text(), nullable=False, server_default="{}")),
        ("frame", sa.Column("sections", sa.Text(), nullable=False, server_default="{}")),
        ("mixed_cell", sa.Column("sums", sa.Text(), nullable=False, server_default="")),
        ("pool", _text("kept_as", 16)),
        ("response", _text("way", 8, "drawn")),
        ("user_account", sa.Column("expires_at", Instant())),
        ("user_account", sa.Column("second_factor", sa.LargeBinary())),
        ("user_account", sa.Column("second_factor_step", sa.Integer(), nullable=False, server_default="0")),
        ("wave", sa.Column("rules_settled_at", Instant())),
        ("wave", sa.Column("plan_settled_at", Instant())),
        ("wave", sa.Column("framed_at", Instant())),
        ("wave", sa.Column("aborted_at", Instant())),
        ("wave", sa.Column("aborted_by", sa.String(64))),
        ("wave", _text("abort_reason", 500)),
    ]


def _text(name: str, length: int, default: str = "") -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def _replace_roles(appointment: Any, roles: str) -> None:
    appointment.drop_constraint(op.f("ck_appointment_role"), type_="check")
    appointment.create_check_constraint(op.f("ck_appointment_role"), roles)
