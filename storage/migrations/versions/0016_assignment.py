"""Assignment: presence, skills and hours of agents, teams as members of queues, default queues, skills that a case needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.records.base import UtcInstant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = UtcInstant(timezone=True)
EMPTY = sa.text("'{}'")


def upgrade() -> None:
    # Nobody gets a case from a queue before they have said that they are there.
    for column in (
        sa.Column("calendar", sa.String(length=63), nullable=True),
        sa.Column("skills", sa.JSON(none_as_null=True), server_default=EMPTY, nullable=False),
        sa.Column("presence", sa.String(length=10), server_default=sa.text("'offline'"), nullable=False),
        sa.Column("presence_on", INSTANT, nullable=True),
        sa.Column("last_assigned_on", INSTANT, nullable=True),
    ):
        op.add_column("agent", column)
    op.add_column("queue", sa.Column("default_of", sa.Uuid(), nullable=True))
    op.create_index("uq_queue_default_of", "queue", ["default_of"], unique=True)
    op.add_column("queue_item", sa.Column("released_by", sa.Uuid(), nullable=True))
    op.add_column("queue_item", sa.Column("overflowed_from", sa.Uuid(), nullable=True))
    op.add_column("service_case", sa.Column("skills", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "queue_team",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_queue_team_queue_id_queue")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_queue_team_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_team")),
        sa.UniqueConstraint("queue_id", "team_id", name=op.f("uq_queue_team_queue_id_team_id")),
    )


def downgrade() -> None:
    op.drop_table("queue_team")
    op.drop_column("service_case", "skills")
    op.drop_column("queue_item", "overflowed_from")
    op.drop_column("queue_item", "released_by")
    op.drop_index("uq_queue_default_of", "queue")
    op.drop_column("queue", "default_of")
    for column in ("last_assigned_on", "presence_on", "presence", "skills", "calendar"):
        op.drop_column("agent", column)
