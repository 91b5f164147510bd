"""Who is told that an article was marked for review; a digest has news of no case, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article_version", sa.Column("submitted_by", sa.String(length=63), nullable=True))
    with op.batch_alter_table("notice_line", schema=None) as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM notice_line WHERE case_id IS NULL")
    with op.batch_alter_table("notice_line", schema=None) as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.drop_column("submitted_by")
