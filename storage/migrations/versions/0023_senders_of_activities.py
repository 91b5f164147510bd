"""Who an activity is from, as it was said when it arrived: nobody else can tell whom to call back.

The columns are added and not made anew with their table, which would lose its triggers on SQLite (0010, 0019).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity", sa.Column("sender", sa.String(length=300), nullable=True))
    op.add_column("activity", sa.Column("sender_name", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for column in ("sender_name", "sender"):
        op.drop_column("activity", column)
