"""The numbers of mail servers in 64 bits, and the last notice that a server gave for its people.

SQLite keeps integers of any width already: there only the notice is new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

WIDENED = (
    ("inbound_mail", "uidvalidity"),
    ("inbound_mail", "uid"),
    ("inbound_mail", "raw_size"),
    ("mailbox", "uidvalidity"),
    ("mailbox", "last_uid"),
)


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("notice", sa.String(length=500), nullable=True))
    if op.get_bind().dialect.name != "sqlite":
        for table, column in WIDENED:
            op.alter_column(table, column, type_=sa.BigInteger(), existing_type=sa.Integer())


def downgrade() -> None:
    """Fails, and changes nothing, where a number is stored that 32 bits do not hold."""
    if op.get_bind().dialect.name != "sqlite":
        for table, column in WIDENED:
            op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.BigInteger())
    op.drop_column("mailbox", "notice")
