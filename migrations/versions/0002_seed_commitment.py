"""Commitments to the seed of a draw, published before its frame."""

import sqlalchemy as sa
from alembic import op

from survey_app.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "seed_commitment",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_seed_commitment_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_seed_commitment")),
    )


def downgrade() -> None:
    """Take the revision back."""
    op.drop_table("seed_commitment")
