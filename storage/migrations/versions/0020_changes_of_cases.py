"""What each entry of a timeline changed of its case, field by field."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timeline_entry", sa.Column("changes", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("timeline_entry", "changes")
