"""Cases as lists show them: one statement for the whole page, with the names of those whom its cases belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.messages.api_case_views import CaseLine, ContactView, CustomerView, OwnerView, Ref
from models.records.cases import Case, QueueItem
from models.records.reference import Account, Agent, Contact, Team

AS_THEY_ARE = (
    Case.id,
    Case.number,
    Case.title,
    Case.status,
    Case.status_reason,
    Case.priority,
    Case.origin,
    Case.queue,
    Case.sla_state,
    Case.first_response_by,
    Case.resolve_by,
    Case.next_due,
    Case.stage,
    Case.escalated,
    Case.customer_replied_last,
    Case.version,
    Case.created_on,
    Case.modified_on,
)
"""Columns that a line shows without change."""
_PLAIN = [column.key for column in AS_THEY_ARE]

_owner, _worker = aliased(Agent), aliased(Agent)
NAMES = (
    _owner.slug.label("owner_slug"),
    _owner.name.label("owner_name"),
    Team.slug.label("team_slug"),
    Team.name.label("team_name"),
    _worker.slug.label("worker"),
    Account.slug.label("account_slug"),
    Account.name.label("account_name"),
    Contact.id.label("contact_id"),
    Contact.slug.label("contact_slug"),
    Contact.name.label("contact_name"),
    Contact.email.label("contact_email"),
)
"""Columns that a line needs of those whom the case belongs to."""


def with_names(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A statement that reads cases, with their `NAMES`."""
    return (
        statement.add_columns(*NAMES)
        .select_from(Case)
        .outerjoin(_owner, _owner.id == Case.owner_id)
        .outerjoin(Team, Team.id == Case.owner_team_id)
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Contact, Contact.id == Case.contact_id)
        .outerjoin(QueueItem, and_(QueueItem.case_id == Case.id, QueueItem.live))
        .outerjoin(_worker, _worker.id == QueueItem.worked_by)
    )


_LINES = with_names(select(*AS_THEY_ARE)).where(Case.id.in_(bindparam("ids", expanding=True)))


async def lines_at(session: AsyncSession, ids: Sequence[UUID]) -> list[CaseLine]:
    """The cases of these keys, in their order. No key may be unknown."""
    if not ids:
        return []
    rows = {row.id: row for row in await session.execute(_LINES, {"ids": list(ids)})}
    return [line_of(rows[id], rows[id]) for id in ids]


def line_of(case: Any, row: Row[*tuple[Any, ...]]) -> CaseLine:
    """`case`: whatever has the columns `AS_THEY_ARE`; `row`: of a statement with `NAMES`."""
    contact = None
    if row.contact_id is not None:
        contact = ContactView(id=row.contact_id, slug=row.contact_slug, name=row.contact_name, email=row.contact_email)
    account = None if row.account_slug is None else Ref(slug=row.account_slug, name=row.account_name)
    return CaseLine(
        **{name: getattr(case, name) for name in _PLAIN},
        owner=_owned(row),
        worked_by=row.worker,
        customer=CustomerView(account=account, contact=contact),
    )


def _owned(row: Row[*tuple[Any, ...]]) -> OwnerView | None:
    if row.owner_slug is not None:
        return OwnerView(kind="agent", slug=row.owner_slug, name=row.owner_name)
    if row.team_slug is not None:
        return OwnerView(kind="team", slug=row.team_slug, name=row.team_name)
    return None
