"""What each agent wants to be told of, and what waits for their next digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_notice_choice_agent_id_agent")),
        sa.PrimaryKeyConstraint("kind", "agent_id", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "notice_line",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=1500), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("due_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_notice_line_agent_id_agent")),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_notice_line_case_id_service_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_line")),
        sa.UniqueConstraint("agent_id", "key", name=op.f("uq_notice_line_agent_id_key")),
    )
    op.create_index("ix_notice_line_due", "notice_line", ["due_on"])


def downgrade() -> None:
    op.drop_table("notice_line")
    op.drop_table("notice_choice")
