"""Two questions about a mail in two columns, what passed it on, how well its sender is proven; domains in one form.

What was stored as automatic because of a list's headers stays so: nobody knows any more whether a person wrote it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.messages.addresses import A_LABEL, canonical_address

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = "email_message"
KEPT = {"contact": "email", "suppression": "address", "agent": "email", "mailbox": "address", TABLE: "sender"}
UNIQUE = ("contact", "suppression", "mailbox")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("unanswerable", sa.String(length=60), nullable=True))
    op.add_column(TABLE, sa.Column("via", sa.String(length=320), nullable=True))
    op.add_column(
        TABLE, sa.Column("sender_proof", sa.String(length=10), nullable=False, server_default=sa.text("'unknown'"))
    )
    for table, column in KEPT.items():
        _to_one_form(table, column)


def downgrade() -> None:
    for column in ("sender_proof", "via", "unanswerable"):
        op.drop_column(TABLE, column)


def _to_one_form(name: str, column: str) -> None:
    """Addresses whose domain was written in its ASCII form. Where the other form is there already, both stay: which of two
    contacts is the right one is for people to say."""
    table = sa.table(name, sa.column("id"), sa.column(column))
    address = table.c[column]
    connection = op.get_bind()
    for id, written in connection.execute(sa.select(table.c.id, address).where(address.contains(A_LABEL))).all():
        kept = canonical_address(written)
        taken = name in UNIQUE and connection.scalar(sa.select(table.c.id).where(address == kept)) is not None
        if kept != written and not taken:
            connection.execute(sa.update(table).where(table.c.id == id).values({column: kept}))
