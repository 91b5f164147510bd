"""What is found by which words: an entry for each row that people look for, written in the transaction that writes the row.

What the ORM writes is heard of here. Whoever writes such a row by a statement of their own says so with `keep`. That a row
goes, or that a mail goes to another case, the database itself passes on (migration 0019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Executable,
    Insert,
    Row,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    event,
    select,
    table,
)
from sqlalchemy import inspect as inspected
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models.messages.api_search import SearchKind
from models.messages.articles import ArticleStatus
from models.records.articles import Article, ArticleVersion
from models.records.base import Record, String, UtcInstant
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Account, Contact
from models.records.timeline import Activity, TimelineEntry
from policies.articles import OPEN
from storage.fulltext.asking import word_of_kind
from storage.fulltext.words import forms, language_of, words_of

ENTRY = table(
    "search_entry",
    column("id", BigInteger),
    column("kind", String),
    column("object_id", Uuid),
    column("case_id", Uuid),
    column("at", UtcInstant),
    column("head"),
    column("body"),
)
"""`head` and `body` are words, as a text that FTS5 reads on SQLite and as a tsvector on PostgreSQL, whose `body` has those of the
head as well."""

LONGEST_TEXT = 200_000
MOST_WORDS = 20_000
"""Signs of a text, and words of an entry, that are found: PostgreSQL holds a megabyte of words."""


@dataclass(frozen=True, slots=True)
class Entry:
    kind: SearchKind
    object_id: UUID
    case_id: UUID | None
    """The case whose sight decides who finds it."""
    at: datetime
    head: str
    """A title: what matches here comes first."""
    body: str = ""

    def values(self, dialect: str) -> dict[str, Any]:
        """The row, as this database keeps it."""
        head, body = self.head, self.body[:LONGEST_TEXT]
        languages = language_of(f"{head}\n{body[:4000]}")
        first = {**_words(head, languages), word_of_kind(self.kind): None}
        rest = [word for word in _words(body, languages) if word not in first]
        if dialect == "postgresql":
            first_text, rest_text = _as_tsvector([*first]), _as_tsvector([*first, *rest])
        else:
            first_text, rest_text = " ".join(first), " ".join(rest)
        kept = {"kind": self.kind.value, "object_id": self.object_id, "case_id": self.case_id, "at": self.at}
        return {**kept, "head": first_text, "body": rest_text}


def _as_tsvector(words: list[str]) -> str:
    """In its own text form, so that PostgreSQL takes nothing apart. No word has a quote in it."""
    return " ".join(f"'{word}'" for word in words)


def _words(text: str, languages: Any) -> dict[str, None]:
    found = (form for word in words_of(text) for form in forms(word.written, languages))
    return dict.fromkeys(islice(found, MOST_WORDS))


# ---- of each row -----------------------------------------------------------------------------------------------------


class Executing(Protocol):
    """A connection, or a session that is called from within the database's own stack."""

    def execute(self, statement: Executable, parameters: Any = None, /) -> Any: ...


def entry_of(record: type[Record], row: Any, asked: Executing) -> Entry | None:
    """The entry of a row of this record; None: nobody looks for it. `row`: an entity, or the columns `NEEDED`."""
    if record is Case:
        description = _own_description(row, asked)
        return of_case(row.id, row.number, row.title, row.custom or {}, row.created_on, description)
    if record is EmailMessage and (row.direction == "in" or row.automatic is None):
        people = people_of(row.sender, row.sender_name, row.recipients)
        return of_mail(row.id, row.case_id, row.subject, row.text, people, _recorded(row))
    if record is TimelineEntry and row.text is not None and row.actor_id is not None:
        return Entry(SearchKind.NOTE, row.id, row.case_id, row.at, "", row.text)
    if record is Activity:
        return Entry(SearchKind.ACTIVITY, row.id, row.case_id, row.created_on, row.title, row.description or "")
    if record is Account:
        return Entry(SearchKind.ACCOUNT, row.id, None, _recorded(row) or now(), f"{row.name} {row.slug}")
    if record is Contact:
        return of_contact(row.id, row.name, row.email, _recorded(row))
    if record is ArticleVersion:
        return _of_article(row, asked)
    return None


def _of_article(row: Any, asked: Executing) -> Entry | None:
    """What is published is found by everybody's search, what is on its way there by those who look for it."""
    kind = SearchKind.ARTICLE if row.status == ArticleStatus.PUBLISHED else SearchKind.DRAFT
    if kind is SearchKind.DRAFT and row.status not in OPEN:
        return None
    number = asked.execute(select(Article.number).where(Article.id == row.article_id)).scalar()
    head = f"{row.title} {row.keywords or ''} {number}"
    return Entry(kind, row.id, None, row.published_on or now(), head, row.content)


def of_case(
    id: UUID, number: str, title: str, custom: Mapping[str, Any], created_on: datetime, description: str | None
) -> Entry:
    """`description`: without the words of the mail that opened it, which are found as that mail's."""
    own = (str(value) for value in custom.values() if value is not None)
    head = f"{any_form(number)} {title}"
    return Entry(SearchKind.CASE, id, id, created_on, head, "\n".join((description or "", *own)))


def of_mail(
    id: UUID, case_id: UUID | None, subject: str, text: str, people: str, came: datetime | None = None
) -> Entry:
    """`people`: names and addresses of who wrote it, and to whom. `came`: wall time; without it, now."""
    return Entry(SearchKind.MAIL, id, case_id, came or now(), subject, f"{text}\n{people}")


def of_contact(id: UUID, name: str, email: str, made: datetime | None = None) -> Entry:
    return Entry(SearchKind.CONTACT, id, None, made or now(), f"{name} {email}")


def any_form(number: str) -> str:
    """`CAS-01042-A1B2C3` is also looked for as `CAS-1042`."""
    prefix, _, rest = number.partition("-")
    return f"{number} {prefix}-{rest.lstrip('0')}"


def now() -> datetime:
    return datetime.now(UTC)


def _recorded(row: Any) -> datetime | None:
    """When a row that is read was made; one that is just being made does not know it yet."""
    made: datetime | None = row.recorded_at if isinstance(row, Row) else None
    return made


def people_of(sender: str, name: str | None, recipients: dict[str, Any]) -> str:
    return " ".join(filter(None, (sender, name, *recipients.get("to", ()), *recipients.get("cc", ()))))


def _own_description(row: Any, asked: Executing) -> str | None:
    description: str | None = row.description
    if row.opening_mail_id is None or description is None:
        return description
    told = asked.execute(select(EmailMessage.text).where(EmailMessage.id == row.opening_mail_id)).scalar()
    return None if (told or "").startswith(description) else description


# ---- writing ---------------------------------------------------------------------------------------------------------


def _keeping(dialect: str) -> Insert:
    """An entry, or the new words of one that is there."""
    keys = {name: bindparam(name, type_=ENTRY.c[name].type) for name in ("kind", "object_id", "case_id", "at")}
    words: dict[str, Any] = {name: bindparam(name, type_=Text) for name in ("head", "body")}
    if dialect == "sqlite":
        made: Any = sqlite.insert(ENTRY).values({**keys, **words})
    else:
        made = postgresql.insert(ENTRY).values({**keys, **{name: cast(words[name], TSVECTOR) for name in words}})
    again = {name: made.excluded[name] for name in words}
    kept: Insert = made.on_conflict_do_update(index_elements=["object_id"], set_=again)
    return kept


_KEEP = {dialect: _keeping(dialect) for dialect in ("sqlite", "postgresql")}
_FORGET = delete(ENTRY).where(ENTRY.c.object_id == bindparam("object", type_=Uuid()))


_WAITING = "entries of a search"
_LEAVING = "entries that go"


def keep(session: AsyncSession | Session, *entries: Entry) -> None:
    """Have entries written, each in the place of the one that its object has: at the end of the transaction, all in one
    statement. The rows must be as the entries say by then."""
    session.info.setdefault(_WAITING, []).extend(entries)


def forget(session: AsyncSession | Session, object_id: UUID) -> None:
    """Have the entry of an object taken out, at the end of the transaction."""
    session.info.setdefault(_LEAVING, []).append(object_id)


async def send_kept(session: AsyncSession) -> None:
    """What the end of every transaction calls."""
    entries: list[Entry] = session.info.pop(_WAITING, [])
    if entries:
        dialect = session.get_bind().dialect.name
        await session.execute(_KEEP[dialect], [entry.values(dialect) for entry in entries])
    leaving: list[UUID] = session.info.pop(_LEAVING, [])
    if leaving:
        await session.execute(_FORGET, [{"object": id} for id in leaving])


def send(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write entries at once."""
    dialect = connection.dialect.name
    if entries:
        connection.execute(_KEEP[dialect], [entry.values(dialect) for entry in entries])


def keep_rows(session: Session, rows: Sequence[Any]) -> None:
    """As `keep`, of rows of cases that were just sent."""
    found = (entry_of(type(row), row, session) for row in rows)
    keep(session, *(entry for entry in found if entry is not None))


def _send_row(connection: Connection, row: Any) -> None:
    entry = entry_of(type(row), row, connection)
    if isinstance(row, ArticleVersion):
        # As a new entry: what is published now is of another kind than its draft was, and newer.
        connection.execute(_FORGET, {"object": row.id})
    if entry is not None:
        send(connection, [entry])


WATCHED: dict[type[Record], frozenset[str]] = {
    Case: frozenset({"title", "description", "custom"}),
    EmailMessage: frozenset({"subject", "text"}),
    TimelineEntry: frozenset({"text"}),
    Activity: frozenset({"title", "description"}),
    Account: frozenset({"name", "slug"}),
    Contact: frozenset({"name", "email"}),
    ArticleVersion: frozenset({"title", "keywords", "content", "status"}),
}
"""The records that are looked for, and the columns that their words come from."""

NEEDED: dict[type[Record], tuple[str, ...]] = {
    Case: ("id", "number", "title", "description", "custom", "opening_mail_id", "created_on"),
    EmailMessage: (
        *("id", "case_id", "direction", "automatic", "sender", "sender_name"),
        *("recipients", "subject", "text", "recorded_at"),
    ),
    TimelineEntry: ("id", "case_id", "at", "text", "actor_id"),
    Activity: ("id", "case_id", "created_on", "title", "description"),
    Account: ("id", "name", "slug", "recorded_at"),
    Contact: ("id", "name", "email", "recorded_at"),
    ArticleVersion: ("id", "article_id", "status", "title", "keywords", "content", "published_on"),
}
"""All that an entry is made from: what was there when the index was first filled (migration 0019)."""


def _made(_mapper: Any, connection: Connection, row: Any) -> None:
    _send_row(connection, row)


def _changed(_mapper: Any, connection: Connection, row: Any) -> None:
    seen = inspected(row).attrs
    if any(seen[name].history.has_changes() for name in WATCHED[type(row)]):
        _send_row(connection, row)


for _record in WATCHED:
    event.listen(_record, "after_insert", _made)
    event.listen(_record, "after_update", _changed)
