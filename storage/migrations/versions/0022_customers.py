"""Contacts with several addresses, numbers of customers, accounts below accounts, customers who are one with another; and what
rules made of activities.

SQLite adds a column with its key by a statement of its own: made anew, a table would lose its triggers (0010, 0019).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEYS = (
    ("account", "parent_id", "account"),
    ("account", "merged_into_id", "account"),
    ("contact", "merged_into_id", "contact"),
)
"""New columns that name another record: table, column, the table that is named."""

FREE = "case_id IS NULL AND status = 'open'"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    kind = "CHAR(32)" if sqlite else "UUID"
    for table, column, named in KEYS:
        key = f"fk_{table}_{column}_{named}"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT {key} REFERENCES {named} (id)")
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.add_column("activity", sa.Column("queue", sa.String(length=63), nullable=True))
    op.create_index("ix_activity_free", "activity", ["due"], sqlite_where=sa.text(FREE), postgresql_where=sa.text(FREE))
    # Of what has been due before nobody is reminded now.
    op.execute(f"UPDATE activity SET reminded_for = due WHERE {FREE} AND due <= CURRENT_TIMESTAMP")  # noqa: S608
    op.add_column("activity", sa.Column("creation", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "contact_address",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_contact_address_contact_id_contact"),
        sa.PrimaryKeyConstraint("address", name="pk_contact_address"),
    )
    op.create_index("ix_contact_address_contact_id", "contact_address", ["contact_id"])
    op.execute("INSERT INTO contact_address (address, contact_id, position) SELECT email, id, 0 FROM contact")
    op.create_table(
        "customer_phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("normal", sa.String(length=40), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_customer_phone_contact_id_contact"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_customer_phone_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_phone"),
    )
    for column in ("contact_id", "account_id", "normal"):
        op.create_index(f"ix_customer_phone_{column}", "customer_phone", [column])


def downgrade() -> None:
    op.drop_index("ix_activity_free", "activity")
    for column in ("creation", "queue"):
        op.drop_column("activity", column)
    op.drop_table("customer_phone")
    op.drop_table("contact_address")
    for table, column, _ in reversed(KEYS):
        op.drop_index(f"ix_{table}_{column}", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
