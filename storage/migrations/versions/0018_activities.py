"""Activities without a case, with fields and reasons of their types."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activity") as batch:
        batch.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("contact_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(length=63), nullable=True))
        batch.add_column(
            sa.Column("fields", sa.JSON(none_as_null=True), server_default=sa.text("'{}'"), nullable=False)
        )
        batch.add_column(sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.add_column(sa.Column("reminded_for", UtcInstant(timezone=True), nullable=True))
        batch.create_foreign_key("fk_activity_account_id_account", "account", ["account_id"], ["id"])
        batch.create_foreign_key("fk_activity_contact_id_contact", "contact", ["contact_id"], ["id"])
    # Of what has been due before nobody is reminded now.
    op.execute(sa.text("UPDATE activity SET reminded_for = due"))
    op.create_index("ix_activity_owner", "activity", ["owner_id", "status", "due"])


def downgrade() -> None:
    op.drop_index("ix_activity_owner", "activity")
    op.execute(sa.text("DELETE FROM activity WHERE case_id IS NULL"))
    with op.batch_alter_table("activity") as batch:
        batch.drop_constraint("fk_activity_contact_id_contact", type_="foreignkey")
        batch.drop_constraint("fk_activity_account_id_account", type_="foreignkey")
        for column in ("reminded_for", "version", "fields", "reason", "contact_id", "account_id"):
            batch.drop_column(column)
        batch.alter_column("case_id", existing_type=sa.Uuid(), nullable=False)
