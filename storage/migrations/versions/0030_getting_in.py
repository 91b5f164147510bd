"""How agents get into the console: sessions, passwords, second factors, tickets, and what they set for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import Document, Long, UtcInstant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcInstant(timezone=True), nullable=nullable)


def _keyed(table: str) -> tuple[sa.Column[object], sa.Column[object], sa.PrimaryKeyConstraint]:
    now = sa.text("(CURRENT_TIMESTAMP)")
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", UtcInstant(timezone=True), server_default=now, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _agent(table: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    return (
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f(f"fk_{table}_agent_id_agent")),
    )


def _of_agent(table: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint]:
    return *_agent(table), sa.PrimaryKeyConstraint("agent_id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "agent_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        *_agent("agent_session"),
        _instant("began_on"),
        _instant("expires_on"),
        _instant("last_seen_on"),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("program", sa.String(length=300), nullable=False),
        _instant("revoked_on", nullable=True),
        *_keyed("agent_session"),
        sa.UniqueConstraint("digest", name=op.f("uq_agent_session_digest")),
    )
    op.create_index("ix_agent_session_agent_id", "agent_session", ["agent_id"])
    op.create_table(
        "agent_preferences",
        *_of_agent("agent_preferences"),
        sa.Column("body", Document(), nullable=False),
    )
    op.create_table(
        "agent_password",
        *_of_agent("agent_password"),
        sa.Column("hash", sa.String(length=300), nullable=False),
        _instant("changed_on"),
    )
    op.create_table(
        "second_factor",
        *_of_agent("second_factor"),
        sa.Column("secret", sa.String(length=300), nullable=False),
        _instant("confirmed_on", nullable=True),
        sa.Column("last_step", Long(), nullable=True),
    )
    op.create_table(
        "recovery_code",
        *_agent("recovery_code"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _instant("used_on", nullable=True),
        *_keyed("recovery_code"),
    )
    op.create_index("ix_recovery_code_agent_id", "recovery_code", ["agent_id"])
    op.create_table(
        "entry_ticket",
        *_agent("entry_ticket"),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("sent_to", sa.String(length=254), nullable=True),
        _instant("made_on"),
        _instant("expires_on"),
        _instant("used_on", nullable=True),
        *_keyed("entry_ticket"),
    )
    op.create_index("ix_entry_ticket_agent_id", "entry_ticket", ["agent_id"])
    op.create_table(
        "entry_throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        _instant("used_until"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_entry_throttle")),
    )
    op.create_index("ix_entry_throttle_used_until", "entry_throttle", ["used_until"])
    op.create_table(
        "provider_identity",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        *_agent("provider_identity"),
        _instant("made_on"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_identity")),
    )
    op.create_index("ix_provider_identity_agent_id", "provider_identity", ["agent_id"])


TABLES = ("provider_identity", "entry_throttle", "entry_ticket", "recovery_code", "second_factor", "agent_password")


def downgrade() -> None:
    for table in (*TABLES, "agent_preferences", "agent_session"):
        op.drop_table(table)
