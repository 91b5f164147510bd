"""Incidents of contracts, beside those of cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident") as table:
        table.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("entitlement_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_incident_entitlement_id_entitlement"), "entitlement", ["entitlement_id"], ["id"]
        )
        table.create_unique_constraint(op.f("uq_incident_entitlement_id"), ["entitlement_id"])


def downgrade() -> None:
    op.execute("DELETE FROM incident WHERE case_id IS NULL")
    with op.batch_alter_table("incident") as table:
        table.drop_constraint(op.f("uq_incident_entitlement_id"), type_="unique")
        table.drop_constraint(op.f("fk_incident_entitlement_id_entitlement"), type_="foreignkey")
        table.drop_column("entitlement_id")
        table.alter_column("case_id", existing_type=sa.Uuid(), nullable=False)
