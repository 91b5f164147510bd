"""Contracts have owners, warnings and templates; each movement of terms says what was left, who moved it and why."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.records.base import Terms, UtcInstant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def _of_contracts() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("warnings", sa.JSON(none_as_null=True), server_default="[]", nullable=False),
        sa.Column("template", sa.String(63), nullable=True),
    )


def _of_movements() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("remaining", Terms(), nullable=True),
        sa.Column("line_remaining", Terms(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("cause", sa.String(40), nullable=True),
    )


TABLES = (("entitlement", _of_contracts, "owner_id"), ("ledger_entry", _of_movements, "actor_id"))

# What was left after the movements that are there already, as far as the present totals tell.
LEFT = """
    UPDATE ledger_entry SET remaining = after.remaining, line_remaining = after.line_remaining
    FROM (
        SELECT moved.id AS id,
            contract.total_terms + sum(moved.terms) OVER (PARTITION BY moved.entitlement_id ORDER BY moved.id) AS remaining,
            line.total_terms
                + sum(moved.terms) OVER (PARTITION BY moved.entitlement_id, moved.origin ORDER BY moved.id) AS line_remaining
        FROM ledger_entry AS moved
        JOIN entitlement AS contract ON contract.id = moved.entitlement_id
        LEFT JOIN entitlement_channel AS line
            ON line.entitlement_id = moved.entitlement_id AND line.origin = moved.origin
    ) AS after
    WHERE after.id = ledger_entry.id
"""


def upgrade() -> None:
    for table, columns, agent in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns():
                batch_op.add_column(column)
            batch_op.create_foreign_key(op.f(f"fk_{table}_{agent}_agent"), "agent", [agent], ["id"])
    op.add_column("account", sa.Column("time_zone", sa.String(63), nullable=True))
    op.execute(LEFT)
    op.create_table(
        "contract_warning",
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("unsent", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.id"], name=op.f("fk_contract_warning_entitlement_id_entitlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_warning")),
        sa.UniqueConstraint("entitlement_id", "key", name=op.f("uq_contract_warning_entitlement_id_key")),
    )


def downgrade() -> None:
    op.drop_table("contract_warning")
    op.drop_column("account", "time_zone")
    for table, columns, agent in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"fk_{table}_{agent}_agent"), type_="foreignkey")
            for column in reversed(columns()):
                batch_op.drop_column(column.name)
