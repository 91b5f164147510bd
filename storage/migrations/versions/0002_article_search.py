"""Full text of published articles: see storage/search.py."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOCUMENT = (
    "(setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', keywords), 'B')"
    " || to_tsvector('english', content))"
)
FORGET = "DELETE FROM article_fts WHERE version_id = old.id;"
KEEP = (
    "INSERT INTO article_fts (version_id, title, keywords, content)"
    " SELECT new.id, new.title, new.keywords, new.content WHERE new.status = 'published';"
)
TRIGGERS = {
    "article_fts_insert": f"AFTER INSERT ON article_version BEGIN {KEEP} END",
    "article_fts_update": f"AFTER UPDATE ON article_version BEGIN {FORGET} {KEEP} END",
    "article_fts_delete": f"AFTER DELETE ON article_version BEGIN {FORGET} END",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The text is kept twice, on purpose: a table without contents of its own would name rows by rowid, which VACUUM
        # may renumber in a table whose key is a UUID.
        op.execute(
            "CREATE VIRTUAL TABLE article_fts USING fts5(version_id UNINDEXED, title, keywords, content,"
            " tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        for name, body in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
    else:
        op.execute(
            f"CREATE INDEX ix_article_version_search ON article_version USING gin ({DOCUMENT})"
            " WHERE status = 'published'"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE article_fts")
    else:
        op.execute("DROP INDEX ix_article_version_search")
