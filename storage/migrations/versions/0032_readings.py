"""What each agent has seen of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_reading",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seen_until", UtcInstant(timezone=True), nullable=False),
        sa.Column("seen_entry_id", sa.Uuid(), nullable=False),
        sa.Column("unread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_case_reading_agent_id_agent")),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_reading_case_id_service_case")),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name=op.f("pk_case_reading")),
    )
    op.create_index(
        "ix_case_reading_unread",
        "case_reading",
        ["agent_id"],
        sqlite_where=sa.text("unread = 1"),
        postgresql_where=sa.text("unread"),
    )


def downgrade() -> None:
    op.drop_table("case_reading")
