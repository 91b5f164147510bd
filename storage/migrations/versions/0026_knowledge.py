"""The life of articles: languages, review, instants; their days, ratings and searches.

`article_version` is made anew on SQLite, and with it its trigger (0019). Drafts are found from now on.
"""

from __future__ import annotations

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from models.records.articles import ArticleVersion
from models.records.base import UtcInstant
from storage.fulltext.filling import fill

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ENTRIES = import_module("storage.migrations.versions.0019_search")
TRIGGER = "article_version_search_delete"
INSTANT = UtcInstant(timezone=True)
PUBLISHED = sa.text("status = 'published'")
DUE = sa.text("due_on IS NOT NULL")
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.add_column("article", sa.Column("due_on", INSTANT, nullable=True))
    op.add_column("article", sa.Column("kept", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("ix_article_due", "article", ["due_on"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_article_views", "article", ["views", "id"])
    _versions()
    with op.batch_alter_table("incident") as batch:
        batch.add_column(sa.Column("article_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_incident_article_id_article"), "article", ["article_id"], ["id"])
        batch.create_unique_constraint(op.f("uq_incident_article_id"), ["article_id"])
    op.create_index(op.f("ix_case_article_article_id"), "case_article", ["article_id"])
    _table(
        "article_day",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_day_article_id_article")),
        sa.UniqueConstraint("article_id", "language", "day", name=op.f("uq_article_day_article_id_language_day")),
    )
    _table(
        "article_rating",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("rater", sa.String(length=80), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("rated_on", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_rating_article_id_article")),
        sa.UniqueConstraint(
            "article_id", "language", "rater", name=op.f("uq_article_rating_article_id_language_rater")
        ),
    )
    _table(
        "article_search",
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("asked_on", INSTANT, nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_article_search_agent_id_agent")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_article_search_article_id_article")),
    )
    op.create_index("ix_article_search_asked", "article_search", ["asked_on"])


def _versions() -> None:
    op.drop_index("uq_article_published", "article_version")
    with op.batch_alter_table("article_version") as batch:
        batch.add_column(sa.Column("language", sa.String(length=12), server_default="en", nullable=False))
        batch.add_column(sa.Column("description", sa.String(length=500), server_default="", nullable=False))
        batch.add_column(sa.Column("products", JSON, server_default="[]", nullable=False))
        batch.add_column(sa.Column("reviewer_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(length=1000), nullable=True))
        for name in ("modified_on", "publish_on", "expires_on"):
            batch.add_column(sa.Column(name, INSTANT, nullable=True))
        batch.add_column(sa.Column("after_expiry", sa.String(length=10), server_default="expired", nullable=False))
        batch.add_column(sa.Column("with_translations", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.create_foreign_key(op.f("fk_article_version_reviewer_id_agent"), "agent", ["reviewer_id"], ["id"])
        batch.drop_constraint(op.f("uq_article_version_article_id_major_minor"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_article_version_article_id_language_major_minor"), ["article_id", "language", "major", "minor"]
        )
    language = "(SELECT language FROM article WHERE article.id = article_version.article_id)"
    op.execute(
        f"UPDATE article_version SET language = {language}, modified_on = COALESCE(published_on, recorded_at)"  # noqa: S608
    )
    _index(["article_id", "language"])
    op.create_index("ix_article_version_modified", "article_version", ["modified_on", "id"])
    _trigger()
    fill(op.get_bind(), (ArticleVersion,))


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind = 'draft'")
    for table in ("article_search", "article_rating", "article_day"):
        op.drop_table(table)
    op.drop_index(op.f("ix_case_article_article_id"), "case_article")
    op.execute("DELETE FROM incident WHERE article_id IS NOT NULL")
    with op.batch_alter_table("incident") as batch:
        batch.drop_constraint(op.f("uq_incident_article_id"), type_="unique")
        batch.drop_constraint(op.f("fk_incident_article_id_article"), type_="foreignkey")
        batch.drop_column("article_id")
    language = "(SELECT language FROM article WHERE article.id = article_version.article_id)"
    op.execute(f"DELETE FROM article_version WHERE language <> {language}")  # noqa: S608
    op.drop_index("ix_article_version_modified", "article_version")
    op.drop_index("uq_article_published", "article_version")
    with op.batch_alter_table("article_version") as batch:
        batch.drop_constraint(op.f("uq_article_version_article_id_language_major_minor"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_article_version_article_id_major_minor"), ["article_id", "major", "minor"]
        )
        batch.drop_constraint(op.f("fk_article_version_reviewer_id_agent"), type_="foreignkey")
        for name in ("with_translations", "after_expiry", "expires_on", "publish_on", "modified_on", "reason"):
            batch.drop_column(name)
        for name in ("reviewer_id", "products", "description", "language"):
            batch.drop_column(name)
    _index(["article_id"])
    _trigger()
    op.drop_index("ix_article_views", "article")
    op.drop_index("ix_article_due", "article")
    op.drop_column("article", "kept")
    op.drop_column("article", "due_on")


def _index(columns: list[str]) -> None:
    op.create_index(
        "uq_article_published",
        "article_version",
        columns,
        unique=True,
        sqlite_where=PUBLISHED,
        postgresql_where=PUBLISHED,
    )


def _trigger() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {TRIGGER} AFTER DELETE ON article_version BEGIN {ENTRIES.FORGOTTEN} END")


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
