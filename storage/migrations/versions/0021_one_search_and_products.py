"""The full text of 0019 serves lists and articles too: what searched titles, customers and articles before it goes.

Every entry has a word for its kind, and is found by its case. Beside it, products get families, bundles and drafts.
"""

from __future__ import annotations

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_VERSIONS = "storage.migrations.versions"
ARTICLES = import_module(f"{_VERSIONS}.0002_article_search")
TITLES = import_module(f"{_VERSIONS}.0005_lists")
CUSTOMERS = import_module(f"{_VERSIONS}.0010_customer_words")
ENTRIES = import_module(f"{_VERSIONS}.0019_search")

WORDS = "CREATE VIRTUAL TABLE search_word USING fts5vocab('search_fts', 'row')"
UPDATED = "search_entry_update"
GIN = {f"ix_search_entry_{column}": column for column in ("head", "body")}
PRODUCT: tuple[sa.Column[object], ...] = (
    sa.Column("kind", sa.String(10), server_default="product", nullable=False),
    sa.Column("draft", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("family", sa.String(63), nullable=True),
    sa.Column("products", sa.JSON(none_as_null=True), server_default="[]", nullable=False),
)


def upgrade() -> None:
    CUSTOMERS.downgrade()
    TITLES.drop_titles()
    ARTICLES.downgrade()
    if op.get_bind().dialect.name == "sqlite":
        # What 0019 has only now filled has it already.
        without = "instr(' ' || head || ' ', ' §' || kind || ' ') = 0"
        _with_words_of_kinds(f"UPDATE search_entry SET head = trim(head || ' §' || kind) WHERE {without}")  # noqa: S608
        op.execute(WORDS)
    else:
        word = "CAST('''§' || kind || '''' AS tsvector)"
        _with_words_of_kinds(f"UPDATE search_entry SET head = head || {word}, body = body || {word}")  # noqa: S608
    op.execute("CREATE INDEX ix_search_entry_case ON search_entry (case_id)")
    for column in PRODUCT:
        op.add_column("product", column)
    op.create_index(op.f("ix_product_family"), "product", ["family"])


def downgrade() -> None:
    op.drop_index(op.f("ix_product_family"), "product")
    for column in PRODUCT:
        op.drop_column("product", column.name)
    op.execute("DROP INDEX ix_search_entry_case")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_word")
        _with_words_of_kinds("UPDATE search_entry SET head = trim(replace(head || ' ', ' §' || kind || ' ', ' '))")
    else:
        less = "ts_delete({}, '§' || kind)"
        words = f"head = {less.format('head')}, body = {less.format('body')}"
        _with_words_of_kinds(f"UPDATE search_entry SET {words}")  # noqa: S608
    ARTICLES.upgrade()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "INSERT INTO article_fts (version_id, title, keywords, content)"
            " SELECT id, title, keywords, content FROM article_version WHERE status = 'published'"
        )
    TITLES.keep_titles()
    CUSTOMERS.upgrade()


def _with_words_of_kinds(statement: str) -> None:
    """All entries at once, and then the index anew: many times as fast as entry by entry."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {UPDATED}")
        op.execute(statement)
        op.execute("INSERT INTO search_fts (search_fts) VALUES ('rebuild')")
        op.execute(f"CREATE TRIGGER {UPDATED} {ENTRIES.SQLITE_TRIGGERS[UPDATED]}")
        return
    for name in GIN:
        op.execute(f"DROP INDEX {name}")
    op.execute(statement)
    for name, column in GIN.items():
        op.execute(f"CREATE INDEX {name} ON search_entry USING gin ({column})")
