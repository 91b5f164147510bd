"""Knowledge articles (domain 8): a root with its versions in each language, and what people do with them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String


class Article(Keyed, Record):
    """The root of an article's versions. `number` (KA-01003) is public and shared by all of them."""

    __tablename__ = "article"
    __table_args__ = (
        Index(
            "ix_article_due",
            "due_on",
            sqlite_where=text("due_on IS NOT NULL"),
            postgresql_where=text("due_on IS NOT NULL"),
        ),
        Index("ix_article_views", "views", "id"),
    )
    number: Mapped[str] = mapped_column(String(20), unique=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    language: Mapped[str] = mapped_column(String(12), default="en")
    """The one that it was first written in; its versions in others are translations."""
    views: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[datetime | None]
    """When one of its versions is published or expires by itself, the earliest."""
    kept: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether its run knows of `due_on`."""


class ArticleVersion(Keyed, Record):
    """One version in one language. `modified_on` and the instants below are the business's, not the wall's."""

    __tablename__ = "article_version"
    __table_args__ = (
        UniqueConstraint("article_id", "language", "major", "minor"),
        Index(
            "uq_article_published",
            "article_id",
            "language",
            unique=True,
            sqlite_where=text("status = 'published'"),
            postgresql_where=text("status = 'published'"),
        ),
        Index("ix_article_version_modified", "modified_on", "id"),
    )
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str] = mapped_column(String(12), default="en", server_default="en")
    major: Mapped[int] = mapped_column(default=1)
    minor: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(10))
    """A word of `ArticleStatus`."""
    title: Mapped[str] = mapped_column(String(300))
    content: Mapped[str]
    keywords: Mapped[str] = mapped_column(String(500), default="")
    description: Mapped[str] = mapped_column(String(500), default="", server_default="")
    subject: Mapped[str | None] = mapped_column(String(63))
    products: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    internal: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    submitted_by: Mapped[str | None] = mapped_column(String(63))
    """Who has marked it for review, until its reviewers are told."""
    reason: Mapped[str | None] = mapped_column(String(1000))
    """Why it was rejected."""
    modified_on: Mapped[datetime | None]
    published_on: Mapped[datetime | None]
    publish_on: Mapped[datetime | None]
    expires_on: Mapped[datetime | None]
    after_expiry: Mapped[str] = mapped_column(String(10), default="expired", server_default="expired")
    with_translations: Mapped[bool] = mapped_column(default=False, server_default=false())


class ArticleDay(Keyed, Record):
    """What happened to an article in one language on one day of the organisation's."""

    __tablename__ = "article_day"
    __table_args__ = (UniqueConstraint("article_id", "language", "day"),)
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    views: Mapped[int] = mapped_column(default=0)
    shares: Mapped[int] = mapped_column(default=0)
    """How often it left the house in a letter."""


class ArticleRating(Keyed, Record):
    """What one reader thinks of an article in one language."""

    __tablename__ = "article_rating"
    __table_args__ = (UniqueConstraint("article_id", "language", "rater"),)
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str] = mapped_column(String(12))
    rater: Mapped[str] = mapped_column(String(80))
    """`agent/<id>`, or whatever tells readers of public pages apart."""
    stars: Mapped[int | None]
    helpful: Mapped[bool | None]
    rated_on: Mapped[datetime]


class ArticleSearch(Keyed, Record):
    """A search of articles that somebody made, and which of its hits they opened."""

    __tablename__ = "article_search"
    __table_args__ = (Index("ix_article_search_asked", "asked_on"),)
    words: Mapped[str] = mapped_column(String(400))
    """In small letters, with single blanks: what is counted as one term."""
    found: Mapped[int]
    asked_on: Mapped[datetime]
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    article_id: Mapped[UUID | None] = mapped_column(ForeignKey("article.id"))
    """The first that was opened."""
    rank: Mapped[int | None]
