"""Key figures: facts of cases, the sums of each day, and which cases have yet to be counted.

The column is added and not made anew with its table, which would lose its triggers on SQLite (0010, 0019).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import Long, UtcInstant
from models.records.figures import ROW_NUMBER

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

UNCOUNTED = sa.text("counted_version <> version")


def upgrade() -> None:
    op.add_column(
        "service_case", sa.Column("counted_version", sa.Integer(), server_default=sa.text("-1"), nullable=False)
    )
    op.create_index(
        "ix_service_case_uncounted", "service_case", ["id"], sqlite_where=UNCOUNTED, postgresql_where=UNCOUNTED
    )
    op.create_table(
        "figure_fact",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("queue", sa.String(length=63), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.String(length=63), nullable=False),
        sa.Column("product", sa.String(length=63), nullable=True),
        sa.Column("stage", sa.String(length=63), nullable=True),
        sa.Column("detail", sa.String(length=63), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("seconds", Long(), nullable=True),
        sa.Column("business_seconds", Long(), nullable=True),
        sa.Column("amount", Long(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_fact")),
    )
    op.create_index("ix_figure_fact_kind", "figure_fact", ["kind", "day"])
    op.create_index("ix_figure_fact_case", "figure_fact", ["case_id"])
    op.create_table(
        "figure_day",
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member", sa.String(length=63), nullable=False),
        sa.Column("numerator", Long(), nullable=False),
        sa.Column("denominator", Long(), nullable=False),
        sa.Column("median", Long(), nullable=True),
        sa.Column("p90", Long(), nullable=True),
        sa.PrimaryKeyConstraint("figure", "by", "day", "member", name=op.f("pk_figure_day")),
    )
    op.create_table(
        "figure_due",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_figure_due")),
    )
    op.create_table(
        "figure_basis",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_basis")),
    )


def downgrade() -> None:
    for table in ("figure_basis", "figure_due", "figure_day", "figure_fact"):
        op.drop_table(table)
    op.drop_index("ix_service_case_uncounted", "service_case")
    op.drop_column("service_case", "counted_version")
