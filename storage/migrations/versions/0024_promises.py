"""What promises count from and who chose them: the last answer and resolution, the SLA of an automation, cases without any;
and the next step of an escalation, so that the sweep finds one that is overdue.

The columns are added and not made anew with their tables, which would lose their triggers on SQLite (0010, 0019).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

GIVEN = sa.text("escalates_at IS NOT NULL")


def upgrade() -> None:
    instant = UtcInstant(timezone=True)
    op.add_column("service_case", sa.Column("automatic_sla", sa.String(length=63), nullable=True))
    op.add_column("service_case", sa.Column("apply_sla", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("service_case", sa.Column("last_resolved_on", instant, nullable=True))
    op.add_column("service_case", sa.Column("answered_on", instant, nullable=True))
    op.add_column("kpi_instance", sa.Column("escalates_at", instant, nullable=True))
    op.add_column("kpi_instance", sa.Column("escalating", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_kpi_escalates", "kpi_instance", ["escalates_at"], sqlite_where=GIVEN, postgresql_where=GIVEN)


def downgrade() -> None:
    op.drop_index("ix_kpi_escalates", table_name="kpi_instance")
    for column in ("escalating", "escalates_at"):
        op.drop_column("kpi_instance", column)
    for column in ("answered_on", "last_resolved_on", "apply_sla", "automatic_sla"):
        op.drop_column("service_case", column)
