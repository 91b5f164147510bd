"""What concerns each agent of a case, and the lists that agents keep by a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcInstant(timezone=True), nullable=nullable)


def _named(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "agent_notice",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        _instant("at"),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        _instant("read_on", nullable=True),
        _named("agent_notice", "agent_id", "agent"),
        _named("agent_notice", "case_id", "service_case"),
        _named("agent_notice", "actor_id", "agent"),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name=op.f("pk_agent_notice")),
    )
    op.create_index("ix_agent_notice_latest", "agent_notice", ["agent_id", "at"])
    unread = sa.text("read_on IS NULL")
    op.create_index(
        "ix_agent_notice_unread", "agent_notice", ["agent_id", "at"], sqlite_where=unread, postgresql_where=unread
    )
    op.create_table(
        "saved_view",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        _instant("saved_on"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        _named("saved_view", "agent_id", "agent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("agent_id", "name", name=op.f("uq_saved_view_agent_id_name")),
    )


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_table("agent_notice")
