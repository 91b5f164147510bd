"""Lists of cases, and one case whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cases.facts import NUMBERED_CASE, held
from cases.snapshots import CASE, snapshot
from desk.errors import Invalid, NotFound
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.lines import lines_of
from desk.queries.visibility import sight_of, visible_queue, visible_row
from models.messages.api_case_views import (
    ArticleLink,
    CasePage,
    CaseView,
    EntitlementView,
    Links,
    ResolutionView,
)
from models.messages.cases import CaseStatus, SlaState
from models.records.cases import Case, CaseArticle, CaseResolution
from models.records.reference import Account, Agent, Article, ArticleVersion, Contact, Entitlement, Team
from policies.lifecycle import allowed_verbs

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
CASE_NUMBER = re.compile(r"^[A-Z]{1,8}-[0-9]{5,}-[A-Z0-9]{6}$")


@dataclass(frozen=True, slots=True)
class Order:
    """One allowed order of a list: a column, its type, and whether it descends. Rows without a value come last."""

    column: InstrumentedAttribute[Any]
    kind: type[datetime] | type[int] | type[str]
    descending: bool = False
    nullable: bool = False


ORDERS: dict[str, Order] = {
    "next_due": Order(Case.next_due, datetime, nullable=True),
    "created": Order(Case.created_on, datetime),
    "-created": Order(Case.created_on, datetime, descending=True),
    "modified": Order(Case.modified_on, datetime, descending=True),
    "number": Order(Case.number, str),
    "priority": Order(Case.priority, int),
}
"""The allow-list: no other name reaches SQL. `modified`: the latest first; `priority`: high, normal, low, others."""

PRIORITY_RANK: ColumnElement[int] = sql_case(
    (Case.priority == "high", 0), (Case.priority == "normal", 1), (Case.priority == "low", 2), else_=3
)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows; None: no matter.

    `queue` and `customer` are slugs or ids; `owner` is an agent's or team's slug, `me` or `none`; `q` a case number, or
    text in the title.
    """

    queue: str | None = None
    status: tuple[CaseStatus, ...] = ()
    owner: str | None = None
    customer: str | None = None
    priority: str | None = None
    sla: SlaState | None = None
    q: str | None = None


async def list_cases(
    session: AsyncSession,
    identity: Identity,
    wanted: CaseFilter,
    *,
    sort: str = "next_due",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> CasePage:
    """A page of at most `limit` lines. `Invalid` names a wrong filter, order or cursor; `NotFound` an unknown queue."""
    if sort not in ORDERS:
        raise Invalid("sort", f"one of: {', '.join(ORDERS)}")
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid("limit", f"between 1 and {MAX_LIMIT}")
    sight = await sight_of(session, identity)
    statement = select(Case).where(sight.cases(), *(await _conditions(session, identity, wanted)))
    statement = _page(statement, sort, cursor).limit(limit + 1)
    rows = (await session.scalars(statement)).all()
    page = rows[:limit]
    following = _cursor_of(sort, page[-1]) if len(rows) > limit else None
    return CasePage(items=tuple(await lines_of(session, page)), next=following)


def _page(statement: Select[Case], sort: str, cursor: str | None) -> Select[Case]:
    order = ORDERS[sort]
    column: Any = PRIORITY_RANK if order.column is Case.priority else order.column
    if cursor is not None:
        value, key = cursors.decode(cursor, sort, order.kind)
        if value is None and not order.nullable:
            raise Invalid("cursor", "this cursor does not belong to this list; begin again without it")
        after_key = Case.id < key if order.descending else Case.id > key
        if value is None:
            statement = statement.where(column.is_(None), after_key)
        else:
            beyond = column < value if order.descending else column > value
            rest = or_(beyond, and_(column == value, after_key))
            statement = statement.where(or_(rest, column.is_(None)) if order.nullable else rest)
    if order.nullable:
        # SQLite puts null first, PostgreSQL last; said this way, an index on the column serves both.
        return statement.order_by(column.asc().nulls_last(), Case.id)
    return (
        statement.order_by(column.desc(), Case.id.desc()) if order.descending else statement.order_by(column, Case.id)
    )


def _cursor_of(sort: str, case: Case) -> str:
    order = ORDERS[sort]
    if order.column is Case.priority:
        return cursors.encode(sort, {"high": 0, "normal": 1, "low": 2}.get(case.priority, 3), case.id)
    return cursors.encode(sort, getattr(case, order.column.key), case.id)


async def _conditions(session: AsyncSession, identity: Identity, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.queue is not None:
        found.append(Case.queue == (await visible_queue(session, identity, wanted.queue)).slug)
    if wanted.status:
        found.append(Case.status.in_([status.value for status in wanted.status]))
    if wanted.priority is not None:
        found.append(Case.priority == wanted.priority)
    if wanted.sla is not None:
        found.append(Case.sla_state == wanted.sla.value)
    if wanted.owner is not None:
        found.append(await _owned(session, identity, wanted.owner))
    if wanted.customer is not None:
        found.append(await _of_customer(session, wanted.customer))
    if wanted.q is not None:
        found.append(_matching(wanted.q))
    return found


async def _owned(session: AsyncSession, identity: Identity, owner: str) -> ColumnElement[bool]:
    if owner == "me":
        return Case.owner_id == identity.agent_id
    if owner == "none":
        return and_(Case.owner_id.is_(None), Case.owner_team_id.is_(None))
    agent = await session.scalar(select(Agent.id).where(Agent.slug == owner))
    if agent is not None:
        return Case.owner_id == agent
    team = await session.scalar(select(Team.id).where(Team.slug == owner))
    if team is None:
        raise Invalid("owner", f"no agent or team {owner!r}; or 'me', or 'none'")
    return Case.owner_team_id == team


async def _of_customer(session: AsyncSession, customer: str) -> ColumnElement[bool]:
    try:
        key = UUID(customer)
    except ValueError:
        account = await session.scalar(select(Account.id).where(Account.slug == customer))
        if account is not None:
            return Case.account_id == account
        contact = await session.scalar(select(Contact.id).where(Contact.slug == customer))
        if contact is None:
            raise Invalid("customer", f"no account or contact {customer!r}") from None
        return Case.contact_id == contact
    return or_(Case.account_id == key, Case.contact_id == key)


def _matching(text: str) -> ColumnElement[bool]:
    words = text.strip()
    if not words:
        raise Invalid("q", "a case number, or text to look for in titles")
    if "\x00" in words or len(words) > 200:
        raise Invalid("q", "at most 200 characters, no NUL")
    if CASE_NUMBER.match(words.upper()):
        return Case.number == words.upper()
    return func.lower(Case.title).contains(words.lower(), autoescape=True)


SHOWN = NUMBERED_CASE.add_columns(exists().where(CaseArticle.case_id == Case.id))
"""A case with everything that its page shows of one row, and whether there are articles to look for."""
ARTICLES = (
    select(Article.id, Article.number, CaseArticle.linked_on, ArticleVersion.title)
    .join(CaseArticle, CaseArticle.article_id == Article.id)
    .join(ArticleVersion, ArticleVersion.article_id == Article.id)
    .where(CaseArticle.case_id == CASE)
    .order_by(CaseArticle.linked_on, Article.id, ArticleVersion.major.desc(), ArticleVersion.minor.desc())
)


async def visible_view(session: AsyncSession, identity: Identity, number: str, workflow: str | None = None) -> CaseView:
    """As `case_view`, for somebody who may see the case; `NotFound` otherwise."""
    return await _view(session, await visible_row(session, identity, SHOWN, number), workflow)


async def case_view(session: AsyncSession, number: str, workflow: str | None = None) -> CaseView:
    """One case with everything its page shows, for a caller whose right to it was checked.

    `workflow`: address of its page in the Temporal UI, for operators.
    """
    row = (await session.execute(SHOWN, {"number": number})).one_or_none()
    if row is None:
        raise NotFound("case", number)
    return await _view(session, row, workflow)


async def _view(session: AsyncSession, row: Row[*tuple[Any, ...]], workflow: str | None) -> CaseView:
    whole, has_articles = held(session, row), row[-1]
    case = whole.case
    (line,) = await lines_of(session, [case])
    standing = snapshot(case, whole.around())
    here = f"/api/v1/cases/{case.number}"
    return CaseView(
        **dict(line),
        description=case.description,
        severity=case.severity,
        case_type=case.case_type,
        subject=case.subject,
        product=case.product,
        custom=case.custom,
        entitlement=_entitlement(whole.entitlement),
        entitlement_note=case.entitlement_note,
        sla=case.sla,
        sla_source=case.sla_source,
        first_response_sent=case.first_response_sent,
        resolved_on=case.resolved_on,
        merged_into=case.merged_into,
        parent=await _number(session, case.parent_id),
        related=await _number(session, case.linked_case_id),
        process_status=standing.process_status,
        open_activities=standing.open_activities,
        articles=tuple(await _articles(session, case)) if has_articles else (),
        # Only a case that was closed once has any.
        resolutions=tuple(await _resolutions(session, case)) if case.life or case.resolved_on else (),
        allowed=allowed_verbs(standing),
        links=Links(
            self=here,
            timeline=f"{here}/timeline",
            sla=f"{here}/sla",
            process=f"{here}/process",
            workflow=workflow,
        ),
    )


async def _number(session: AsyncSession, case_id: UUID | None) -> str | None:
    return None if case_id is None else await session.scalar(select(Case.number).where(Case.id == case_id))


def _entitlement(row: Entitlement | None) -> EntitlementView | None:
    if row is None:
        return None
    return EntitlementView(
        id=row.id, slug=row.slug, name=row.name, remaining_terms=row.remaining_terms, total_terms=row.total_terms
    )


async def _articles(session: AsyncSession, case: Case) -> Sequence[ArticleLink]:
    rows = await session.execute(ARTICLES, {"case": case.id})
    found: dict[UUID, ArticleLink] = {}
    for row in rows:
        found.setdefault(row.id, ArticleLink(id=row.id, number=row.number, title=row.title, linked_on=row.linked_on))
    return list(found.values())


async def _resolutions(session: AsyncSession, case: Case) -> Sequence[ResolutionView]:
    rows = await session.execute(
        select(CaseResolution, Agent.slug)
        .join(Agent, Agent.id == CaseResolution.agent_id)
        .where(CaseResolution.case_id == case.id)
        .order_by(CaseResolution.life)
    )
    return [
        ResolutionView(
            resolution_type=row.resolution_type,
            resolution=row.resolution,
            total_minutes=row.total_minutes,
            billable_minutes=row.billable_minutes,
            resolved_on=row.resolved_on,
            agent=agent,
        )
        for row, agent in rows
    ]
