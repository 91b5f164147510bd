"""One search over cases, their mails and notes, customers and articles, by the caller's sight (domain 2, 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.case_words import OF_CASES, belonging
from desk.queries.named import queue_named
from desk.queries.typed_words import question_of
from desk.queries.visibility import sight_of
from models.messages.api_search import FoundCase, SearchHit, SearchKind, SearchPage, SnippetPiece
from models.messages.cases import CaseStatus
from models.messages.reference import CASE_ROLES
from models.messages.said import said
from models.records.articles import Article, ArticleVersion
from models.records.cases import Case
from models.records.customers import PRIMARY, ContactAddress
from models.records.mails import EmailMessage
from models.records.reference import Account, Contact
from models.records.timeline import Activity, TimelineEntry
from storage.fulltext.asking import Asked, of_kinds
from storage.fulltext.entries import ENTRY, people_of
from storage.fulltext.finding import Found, Period, Place, find
from storage.fulltext.snippets import snippet
from storage.fulltext.ways import TEXT

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
OF_EVERYBODY = tuple(kind for kind in SearchKind if kind not in OF_CASES)
"""What every agent may read."""
ASKED_FOR_NOTHING = tuple(kind for kind in SearchKind if kind is not SearchKind.DRAFT)
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What is looked for; empty or None: no matter. `since` and `until`: instants, the first of them included."""

    kinds: tuple[SearchKind, ...] = ()
    queue: str | None = None
    status: tuple[CaseStatus, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    hidden_activities: tuple[str, ...] = ()
    """Types of activities that the caller may not read."""


async def search(
    session: AsyncSession,
    identity: Identity,
    typed: str,
    wanted: SearchFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> SearchPage:
    """A page of what holds all of the words. `Invalid` names a wrong parameter."""
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid("limit", said("between 1 and {max_limit}", max_limit=MAX_LIMIT))
    question = question_of(typed)
    conditions = await _conditions(session, identity, wanted)
    after, period = None if cursor is None else _place(cursor), Period(wanted.since, wanted.until)
    within = of_kinds(question, wanted.kinds) if wanted.kinds else question
    found = await find(session, within, conditions, after, limit + 1, period)
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = cursors.encode("search", str(page[-1].tier), UUID(int=page[-1].id))
    return SearchPage(items=tuple(await _hits(session, question, page)), next=following)


def _place(cursor: str) -> Place:
    tier, key = cursors.decode(cursor, "search", str)
    if tier not in ("0", "1") or key.int > LARGEST_ID:
        raise cursors.wrong()
    return Place(TEXT if tier == "1" else 0, key.int)


async def _conditions(session: AsyncSession, identity: Identity, wanted: SearchFilter) -> list[ColumnElement[bool]]:
    sight = await sight_of(session, identity)
    kinds = wanted.kinds or ASKED_FOR_NOTHING
    ways: list[ColumnElement[bool]] = []
    of_case = [Case.id.is_not(None), sight.cases(), *belonging(kinds, wanted.hidden_activities)]
    if wanted.queue is not None:
        of_case.append(Case.queue == (await queue_named(session, identity, wanted.queue)).slug)
    if wanted.status:
        of_case.append(Case.status.in_(wanted.status))
    if identity.roles & frozenset(CASE_ROLES):
        ways.append(and_(*of_case))
    if wanted.queue is None and not wanted.status:
        ways.append(ENTRY.c.kind.in_([kind.value for kind in OF_EVERYBODY if kind in kinds]))
    return [or_(*ways)] if ways else [ENTRY.c.id.is_(None)]


# ---- what is shown of each -------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    id: UUID
    title: str
    key: str | None
    text: str


FURTHER = (
    select(func.aggregate_strings(ContactAddress.address, " "))
    .where(ContactAddress.contact_id == Contact.id, ContactAddress.position > PRIMARY)
    .correlate(Contact)
    .scalar_subquery()
)
"""A contact's addresses beside the primary one."""

_OF_ARTICLES: tuple[Select[*tuple[Any, ...]], Callable[[Any], _Shown]] = (
    select(ArticleVersion.id, Article.id, ArticleVersion.title, Article.number, ArticleVersion.content).join(
        Article, Article.id == ArticleVersion.article_id
    ),
    lambda row: _Shown(row[1], row.title, row.number, row.content),
)
_TEXTS: Mapping[SearchKind, tuple[Select[*tuple[Any, ...]], Callable[[Any], _Shown]]] = {
    SearchKind.CASE: (
        select(Case.id, Case.title, Case.number, Case.description, Case.custom),
        lambda row: _Shown(row.id, row.title, row.number, _case_text(row)),
    ),
    SearchKind.MAIL: (
        select(
            *(EmailMessage.id, EmailMessage.subject, EmailMessage.text),
            *(EmailMessage.sender, EmailMessage.sender_name, EmailMessage.recipients),
        ),
        lambda row: _Shown(row.id, row.subject, None, f"{row.text}\n{people_of(*row[3:])}"),
    ),
    SearchKind.NOTE: (
        select(TimelineEntry.id, TimelineEntry.text),
        lambda row: _Shown(row.id, "", None, row.text or ""),
    ),
    SearchKind.ACTIVITY: (
        select(Activity.id, Activity.title, Activity.description),
        lambda row: _Shown(row.id, row.title, None, row.description or ""),
    ),
    SearchKind.ACCOUNT: (
        select(Account.id, Account.name, Account.slug),
        lambda row: _Shown(row.id, row.name, row.slug, row.name),
    ),
    SearchKind.CONTACT: (
        select(Contact.id, Contact.name, Contact.slug, Contact.email, FURTHER),
        lambda row: _Shown(row.id, row.name, row.slug, " ".join(filter(None, (row.name, f"<{row.email}>", row[4])))),
    ),
    SearchKind.ARTICLE: _OF_ARTICLES,
    SearchKind.DRAFT: _OF_ARTICLES,
}
"""Of each kind the rows of some ids, and what is shown of one."""


def _case_text(row: Any) -> str:
    own = (f"{name}: {value}" for name, value in row.custom.items())
    return "\n".join((row.description or "", *own))


async def _hits(session: AsyncSession, question: Asked, page: Sequence[Found]) -> list[SearchHit]:
    shown = await _texts(session, page)
    of_cases = await _cases(session, {found.case_id for found in page if found.case_id is not None})
    hits = []
    for found in page:
        text, case = shown.get(found.object_id), of_cases.get(found.case_id)
        if text is None:
            continue  # It has gone since the entry was found.
        hits.append(
            SearchHit(
                kind=SearchKind(found.kind),
                id=text.id,
                at=found.at,
                title=text.title or (case.title if case else ""),
                key=text.key,
                snippet=tuple(SnippetPiece(text=piece.text, hit=piece.hit) for piece in snippet(text.text, question)),
                case=case,
            )
        )
    return hits


async def _texts(session: AsyncSession, page: Sequence[Found]) -> dict[UUID, _Shown]:
    found: dict[UUID, _Shown] = {}
    for kind, (statement, as_shown) in _TEXTS.items():
        ids = [entry.object_id for entry in page if entry.kind == kind.value]
        if ids:
            rows = await session.execute(statement.where(statement.selected_columns[0].in_(ids)))
            found |= {row[0]: as_shown(row) for row in rows}
    return found


async def _cases(session: AsyncSession, ids: set[UUID]) -> dict[UUID | None, FoundCase]:
    columns = (Case.id, Case.number, Case.title, Case.status, Case.queue, Case.priority)
    rows = await session.execute(select(*columns).where(Case.id.in_(ids))) if ids else ()
    return {
        row.id: FoundCase(number=row.number, title=row.title, status=row.status, queue=row.queue, priority=row.priority)
        for row in rows
    }
