"""incidents, and the end of a column that nothing reads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("service_case", "opening_step")
    op.add_column(
        "service_case", sa.Column("open_incidents", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "incident",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("first_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("last_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("ended_on", UtcInstant(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_incident_case_id_service_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_incident_case_id_key")),
    )
    op.create_index("ix_incident_state", "incident", ["state", "last_on"])
    op.create_index(
        "ix_command_pending",
        "command",
        ["recorded_at"],
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )


def downgrade() -> None:
    op.drop_index("ix_command_pending", "command")
    op.drop_table("incident")
    op.drop_column("service_case", "open_incidents")
    op.add_column("service_case", sa.Column("opening_step", sa.Integer(), nullable=False, server_default=sa.text("4")))
