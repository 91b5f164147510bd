"""What pages count and look for with a million cases behind them: boards by queue and owner, what waits in queues, lists by
status reason, the latest mails of a long case, the letter of a mail, letters that never arrived, and mails on no case.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BOARD = ("queue", "owner_id", "owner_team_id", "sla_state", "status_reason", "next_due", "created_on")
LIVE, AVAILABLE, ACTIVE = "live", "live AND worked_by IS NULL", "status = 'active'"
PARTIAL: dict[str, tuple[str, tuple[str, ...], str]] = {
    "ix_service_case_board": ("service_case", BOARD, ACTIVE),
    "ix_queue_item_worked": ("queue_item", ("queue_id", "worked_by"), LIVE),
    "ix_queue_item_available": ("queue_item", ("case_id",), AVAILABLE),
    "ix_outbox_remaining": ("outbox", ("id",), "state <> 'sent'"),
    "ix_inbound_apart": ("inbound_mail", ("verdict", "id"), "case_id IS NULL"),
}
REASON = "ix_service_case_reason_due"
MAILS, LETTERS = "ix_email_case", "ix_outbox_message"


def upgrade() -> None:
    for name, (table, columns, where) in PARTIAL.items():
        given = sa.text(where)
        op.create_index(name, table, list(columns), sqlite_where=given, postgresql_where=given)
    op.create_index(REASON, "service_case", ["status_reason", "status", "next_due", "id"])
    op.create_index(LETTERS, "outbox", ["message_id"])
    op.drop_index(MAILS, "email_message")
    op.create_index(MAILS, "email_message", ["case_id", "id"])


def downgrade() -> None:
    op.drop_index(MAILS, "email_message")
    op.create_index(MAILS, "email_message", ["case_id"])
    op.drop_index(LETTERS, "outbox")
    op.drop_index(REASON, "service_case")
    for name, (table, _, _) in PARTIAL.items():
        op.drop_index(name, table)
