"""Notices to other programs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcInstant(timezone=True), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("made_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("ended_on", UtcInstant(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_webhook_case_id_service_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_key")),
    )
    op.create_index("ix_webhook_case", "webhook", ["case_id"])
    op.create_index("ix_webhook_waiting", "webhook", ["not_before"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_table("webhook")
