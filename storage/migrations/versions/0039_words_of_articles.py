"""An index of the words of published articles alone, which are few among mails and notes, on PostgreSQL.

Its index of all words gathers every case that has a common word before it looks which of them are articles. FTS5 walks along
the rarest word of a question, here the one that each article has, and needs no help.
"""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INDEXES = {"ix_search_entry_article_head": "head", "ix_search_entry_article_body": "body"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, column in INDEXES.items():
            op.execute(f"CREATE INDEX {name} ON search_entry USING gin ({column}) WHERE kind = 'article'")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in INDEXES:
            op.execute(f"DROP INDEX {name}")
