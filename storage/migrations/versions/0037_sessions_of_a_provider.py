"""Which sessions a provider of OpenID Connect has vouched for: the organisation's rule for second factors leaves those alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent_session", sa.Column("by_provider", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.drop_column("by_provider")
