"""Words in published articles and in titles of cases: FTS5 on SQLite, tsvector and trigram indexes on PostgreSQL, which
migrations 0002 and 0005 make."""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Uuid,
    bindparam,
    column,
    exists,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import Case
from storage.folding import folded

LONGEST_QUERY = 400
MOST_WORDS = 20

DOCUMENT = (
    "(setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', keywords), 'B')"
    " || to_tsvector('english', content))"
)
"""It must be written in the query exactly as in the index: otherwise PostgreSQL does not use the index."""

_SQLITE = text(
    "SELECT version_id AS id, snippet(article_fts, 3, '', '', '…', 24) AS snippet FROM article_fts"
    " WHERE article_fts MATCH :words ORDER BY bm25(article_fts, 0, 8, 4, 1), version_id LIMIT :limit"
)
_HEADLINE = "ts_headline('english', content, query, 'StartSel=\"\", StopSel=\"\", MaxWords=24, MinWords=12')"
_POSTGRES = (
    f"SELECT article_version.id AS id, {_HEADLINE} AS snippet FROM article_version, {{query}} AS query"  # noqa: S608
    f" WHERE status = 'published' AND {DOCUMENT} @@ query"
    f" ORDER BY ts_rank_cd({DOCUMENT}, query) DESC, article_version.id LIMIT :limit"
)
_ALL_WORDS = text(_POSTGRES.format(query="websearch_to_tsquery('english', :words)"))
# Any word instead of all: plainto_tsquery joins words by & alone, so that each & in its text can become an |.
_ANY_WORD = text(
    _POSTGRES.format(query="CAST(replace(CAST(plainto_tsquery('english', :words) AS text), '&', '|') AS tsquery)")
)


STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """i me my we our you your he him his she her it its they them their what which who whom this that these those am is
        are was were be been being have has had do does did a an the and but if or because as until while of at by for
        with about against between into through to from up down in out on off over under again then once here there when
        where why how all any both each few more most other some such no nor not only own same so than too very s t can
        will just don should now""",
    )
)
"""Short words of PostgreSQL's English stop list, which FTS5 does not have."""


class Hit(NamedTuple):
    """A published version, and the passage of it that matched."""

    version_id: UUID
    snippet: str


class ArticleSearch:
    """Words as a person types them, in any order, stemmed as English. All of them must occur; if none has all, any.

    One difference: SQLite also finds "café" by "cafe", PostgreSQL does not.
    """

    async def search(self, session: AsyncSession, words: str, limit: int = 20) -> list[Hit]:
        """The best first. No text raises: what cannot be a word is left out, and no word finds nothing."""
        words = re.sub(r"[\x00\ud800-\udfff]", " ", words)[:LONGEST_QUERY]
        terms = re.findall(r"[^\W_]+", words)[:MOST_WORDS]
        if not terms:
            return []
        if session.get_bind().dialect.name == "sqlite":
            telling = [term for term in terms if term.casefold() not in STOP_WORDS]
            quoted = [f'"{term}"' for term in telling or terms]
            attempts = [(_SQLITE, " ".join(quoted)), (_SQLITE, " OR ".join(quoted))]
        else:
            attempts = [(_ALL_WORDS, words), (_ANY_WORD, " ".join(terms))]
        for statement, query in attempts:
            typed = statement.bindparams(bindparam("words", type_=String)).columns(
                column("id", Uuid), column("snippet", String)
            )
            rows = (await session.execute(typed, {"words": query, "limit": limit})).all()
            if rows:
                return [Hit(id, snippet.strip()) for id, snippet in rows]
        return []


CASE_TEXT = table("case_text", column("case_id", Uuid), column("title", String), column("id", Integer))
"""The folded titles of cases, kept in step by triggers (migration 0005)."""
CUSTOMER_TEXT = table("customer_text", column("customer_id", Uuid), column("words", String), column("id", Integer))
"""The folded names of accounts, and names and addresses of contacts, kept in step by triggers (migration 0010)."""
PART = 3
"""Letters. The index is of parts that long, so a shorter word has no place in it."""


class TitleSearch:
    """Cases whose title holds all of the words, each anywhere within it, whatever their case and accents.

    Alike on both databases: FTS5's trigrams on SQLite, those of pg_trgm on PostgreSQL.
    """

    def __init__(self, words: str) -> None:
        self.words = folded(words).split()
        self._long = [word for word in self.words if len(word) >= PART]

    @property
    def indexed(self) -> bool:
        """Whether the index can tell anything of these words."""
        return bool(self._long)

    def found(self) -> Select[UUID]:
        """Keys of the cases, from the index of parts of words. Only on SQLite, and only if `indexed`."""
        words = " ".join('"' + word.replace('"', '""') + '"' for word in self._long)
        rows = select(column("rowid", Integer)).select_from(table("case_fts"))
        matching = rows.where(literal_column("case_fts").op("MATCH")(words))
        short = [word for word in self.words if len(word) < PART]
        return select(CASE_TEXT.c.case_id).where(CASE_TEXT.c.id.in_(matching), *map(_holds, short))

    def holds(self) -> ColumnElement[bool]:
        """The condition for a statement that selects from `Case`. PostgreSQL turns to the index where it is the shorter
        way; SQLite looks at the title of each case that it comes to."""
        return exists().where(CASE_TEXT.c.case_id == Case.id, *map(_holds, self.words)).correlate(Case)

    # ---- by their customer -------------------------------------------------------------------------------------------

    def customers(self, dialect: str) -> Select[UUID]:
        """Keys of the accounts and contacts whose name and address hold all of the words."""
        asked = [CUSTOMER_TEXT.c.words.contains(word, autoescape=True) for word in self.words]
        if dialect == "sqlite" and self._long:
            words = " ".join('"' + word.replace('"', '""') + '"' for word in self._long)
            rows = select(column("rowid", Integer)).select_from(table("customer_fts"))
            asked.append(CUSTOMER_TEXT.c.id.in_(rows.where(literal_column("customer_fts").op("MATCH")(words))))
        return select(CUSTOMER_TEXT.c.customer_id).where(*asked)

    def of_customers(self, dialect: str) -> ColumnElement[bool]:
        """The condition that a case is of one of these customers."""
        theirs = self.customers(dialect)
        return or_(Case.account_id.in_(theirs), Case.contact_id.in_(theirs))

    def found_with_customers(self, dialect: str) -> Select[UUID]:
        """Keys of the cases by either way, each from its index. Only if `indexed`."""
        titles = self.found() if dialect == "sqlite" else select(CASE_TEXT.c.case_id).where(*map(_holds, self.words))
        theirs = self.customers(dialect)
        ways = union_all(
            titles,
            select(Case.id).where(Case.account_id.in_(theirs)),
            select(Case.id).where(Case.contact_id.in_(theirs)),
        ).subquery()
        return select(ways.c[0])


def _holds(word: str) -> ColumnElement[bool]:
    return CASE_TEXT.c.title.contains(word, autoescape=True)
