"""suppressed addresses, bounced letters, and how far behind a mailbox is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("backlog", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("mailbox", sa.Column("oldest_unfetched", UtcInstant(timezone=True), nullable=True))
    op.add_column("inbound_mail", sa.Column("item", sa.String(length=200), nullable=True))
    op.create_index("ix_email_sender", "email_message", ["sender", "recorded_at"])
    op.add_column("outbox", sa.Column("bounced_on", UtcInstant(timezone=True), nullable=True))
    op.create_index("ix_outbox_sent", "outbox", ["sent_on"])
    op.create_table(
        "suppression",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["added_by"], ["agent.id"], name=op.f("fk_suppression_added_by_agent")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_suppression_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("address", name=op.f("uq_suppression_address")),
    )


def downgrade() -> None:
    op.drop_table("suppression")
    op.drop_index("ix_outbox_sent", "outbox")
    op.drop_column("outbox", "bounced_on")
    op.drop_index("ix_email_sender", "email_message")
    op.drop_column("inbound_mail", "item")
    op.drop_column("mailbox", "oldest_unfetched")
    op.drop_column("mailbox", "backlog")
