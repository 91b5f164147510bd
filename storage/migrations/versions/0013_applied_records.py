"""What organisation files said last, for each record of theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applied_record",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("state", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("secret_source", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("applied_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applied_record")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_applied_record_kind_slug")),
    )


def downgrade() -> None:
    op.drop_table("applied_record")
