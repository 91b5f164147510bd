"""Drafts by what they are to become, files of notes, and who has a case open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reply_draft") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=10), server_default="reply", nullable=False))
        batch.add_column(sa.Column("generation", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("written", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("unfinished", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch.add_column(sa.Column("sent_as", sa.Uuid(), nullable=True))
        batch.drop_constraint(op.f("uq_reply_draft_case_id_agent_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_reply_draft_case_id_agent_id_kind"), ["case_id", "agent_id", "kind"])
    op.create_index("ix_reply_draft_agent", "reply_draft", ["agent_id", "unfinished"])
    with op.batch_alter_table("attachment") as batch:
        batch.add_column(sa.Column("entry_id", sa.Uuid(), nullable=True))
    op.create_index("ix_attachment_entry_id", "attachment", ["entry_id"])
    op.create_table(
        "case_presence",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("doing", sa.String(length=10), nullable=False),
        sa.Column("seen_on", UtcInstant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_presence_case_id_service_case")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_case_presence_agent_id_agent")),
        sa.PrimaryKeyConstraint("case_id", "agent_id", name=op.f("pk_case_presence")),
    )
    op.create_index("ix_case_presence_agent_id", "case_presence", ["agent_id"])


def downgrade() -> None:
    op.drop_table("case_presence")
    op.drop_index("ix_attachment_entry_id", "attachment")
    with op.batch_alter_table("attachment") as batch:
        batch.drop_column("entry_id")
    op.drop_index("ix_reply_draft_agent", "reply_draft")
    # An earlier release knows unfinished replies alone, one on a case for each agent.
    op.execute("DELETE FROM reply_draft WHERE kind <> 'reply' OR NOT unfinished")
    with op.batch_alter_table("reply_draft") as batch:
        batch.drop_constraint(op.f("uq_reply_draft_case_id_agent_id_kind"), type_="unique")
        batch.create_unique_constraint(op.f("uq_reply_draft_case_id_agent_id"), ["case_id", "agent_id"])
        for name in ("sent_as", "unfinished", "written", "generation", "kind"):
            batch.drop_column(name)
