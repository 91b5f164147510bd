"""When a contract's dates change its state next; an agent's own time zone; answers of requests that changed reference data"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIMED = sa.text("status IN ('waiting', 'active')")


def upgrade() -> None:
    # Of contracts that are there already nobody knows yet: housekeeping starts a run for each that is in force.
    op.add_column("entitlement", sa.Column("due_on", UtcInstant(timezone=True), nullable=True))
    op.create_index("ix_entitlement_due", "entitlement", ["due_on"], postgresql_where=TIMED, sqlite_where=TIMED)
    op.add_column("agent", sa.Column("time_zone", sa.String(length=63), nullable=True))
    op.create_table(
        "answered_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.String(length=160), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_request")),
    )
    op.create_index(op.f("ix_answered_request_recorded_at"), "answered_request", ["recorded_at"])


def downgrade() -> None:
    op.drop_table("answered_request")
    op.drop_column("agent", "time_zone")
    op.drop_index("ix_entitlement_due", "entitlement")
    op.drop_column("entitlement", "due_on")
