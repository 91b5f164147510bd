"""Families and operations on many cases: what is looked for by parent, survivor and command, and the rows of operations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FAMILY = sa.text("kind IN ('go-up', 'close', 'link', 'adopt', 'new-parent')")


def upgrade() -> None:
    for name in ("parent_id", "merged_into"):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_service_case_{name}", "service_case", [name], sqlite_where=given, postgresql_where=given)
    op.create_index("ix_delivery_family", "delivery", ["subject_id"], sqlite_where=FAMILY, postgresql_where=FAMILY)
    op.create_table(
        "operation",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_on", UtcInstant(timezone=True), nullable=False),
        sa.Column("ended_on", UtcInstant(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", UtcInstant(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["agent.id"], name=op.f("fk_operation_actor_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    left = sa.text("state IN ('pending', 'cancelling')")
    op.create_index("ix_operation_left", "operation", ["recorded_at"], sqlite_where=left, postgresql_where=left)
    op.create_table(
        "operation_item",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_operation_item_operation_id_operation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_operation_item_case_id_service_case")),
        sa.PrimaryKeyConstraint("operation_id", "position", name=op.f("pk_operation_item")),
    )
    op.create_index("ix_operation_item_state", "operation_item", ["operation_id", "state", "position"])


def downgrade() -> None:
    op.drop_table("operation_item")
    op.drop_table("operation")
    op.drop_index("ix_delivery_family", "delivery")
    for name in ("parent_id", "merged_into"):
        op.drop_index(f"ix_service_case_{name}", "service_case")
