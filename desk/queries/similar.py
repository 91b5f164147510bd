"""Cases that are like another one (domain 1.1): by the words that they share, with the caller's sight.

`similar` looks through all cases, for somebody who wonders how such a matter was settled before; `possible_duplicates`
through those that the same customer has opened lately, for somebody who has just opened one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.case_words import belonging
from desk.queries.visibility import sight_of
from models.messages.api_search import SearchKind
from models.messages.api_similar import Shared, SimilarCase
from models.messages.cases import CaseStatus
from models.records.cases import Case
from storage.definitions import Definitions
from storage.fulltext.asking import telling
from storage.fulltext.likeness import MOST_WORDS, alike, enough, forms_of, shared_words
from storage.sqlite import aside

MOST_SIMILAR = 20
LOOKED_AT = 60
"""Entries, of which a case may have several."""
MOST_DUPLICATES = 5
MOST_OF_CUSTOMER = 200
"""Cases of one customer whose titles are compared with that of a new one, the newest first."""
FEW_WORDS = 3
"""A title that has no more words that tell anything is looked for together with the description."""

_COLUMNS = (
    *(Case.id, Case.number, Case.title, Case.status, Case.status_reason, Case.queue, Case.created_on),
    *(Case.account_id, Case.contact_id, Case.product, Case.subject),
)


async def similar(
    session: AsyncSession, identity: Identity, case: Case, limit: int = MOST_SIMILAR
) -> list[SimilarCase]:
    """The cases that share at least half of the words of this one's title, those that share most first."""
    words = telling(case.title, MOST_WORDS)
    if len(words) < FEW_WORDS and case.description:
        words = telling(f"{case.title} {case.description}", MOST_WORDS)
    sight = await sight_of(session, identity)
    conditions = [
        *belonging((SearchKind.CASE, SearchKind.MAIL), ()),
        Case.id != case.id,
        # Its survivor stands for it.
        Case.merged_into.is_(None),
        sight.cases(),
    ]
    shared: dict[UUID, dict[str, None]] = {}
    for each in await alike(session, words, conditions, LOOKED_AT):
        if each.entry.case_id is not None:
            shared.setdefault(each.entry.case_id, {}).update(dict.fromkeys(each.shared))
    rows = await session.execute(select(*_COLUMNS).where(Case.id.in_(shared)))
    return _ranked(case, ((row, tuple(word for word in words if word in shared[row.id])) for row in rows), limit)


async def possible_duplicates(
    session: AsyncSession, definitions: Definitions, identity: Identity, number: str
) -> list[SimilarCase]:
    """Cases of the same customer, opened within `duplicates_within_days` before this one and not cancelled, whose titles
    share at least half of the words of its title."""
    case = (await session.scalars(select(Case).where(Case.number == number))).one()
    return await duplicates_of(session, definitions, identity, case)


async def duplicates_of(
    session: AsyncSession, definitions: Definitions, identity: Identity, case: Case
) -> list[SimilarCase]:
    """The same of a case that may not be opened yet: only its title, customer and `created_on` are looked at."""
    within_days = (await definitions.organisation(session)).duplicates_within_days
    customers = [
        *((Case.account_id == case.account_id,) if case.account_id else ()),
        *((Case.contact_id == case.contact_id,) if case.contact_id else ()),
    ]
    words = telling(case.title, MOST_WORDS)
    if not (words and customers and within_days):
        return []
    sight = await sight_of(session, identity)
    theirs = (
        select(*_COLUMNS)
        .where(
            or_(*customers),
            Case.created_on >= case.created_on - timedelta(days=within_days),
            Case.created_on <= case.created_on,
            Case.status != CaseStatus.CANCELLED,
            Case.id != case.id,
            sight.cases(),
        )
        .order_by(Case.created_on.desc(), Case.id.desc())
        .limit(MOST_OF_CUSTOMER)
    )
    with aside():
        rows = (await session.execute(theirs)).all()
    found = [(row, shared_words(words, forms_of(row.title))) for row in rows]
    return _ranked(case, ((row, shared) for row, shared in found if len(shared) >= enough(words)), MOST_DUPLICATES)


def _ranked(case: Case, found: Iterable[tuple[Any, tuple[str, ...]]], limit: int) -> list[SimilarCase]:
    shown = [
        SimilarCase(
            number=row.number,
            title=row.title,
            status=row.status,
            status_reason=row.status_reason,
            queue=row.queue,
            created_on=row.created_on,
            words=words,
            same=_same(case, row),
        )
        for row, words in found
    ]
    shown.sort(key=lambda each: each.created_on, reverse=True)
    return sorted(shown, key=lambda each: (len(each.words), len(each.same)), reverse=True)[:limit]


def _same(case: Case, other: Any) -> tuple[Shared, ...]:
    pairs = {
        Shared.ACCOUNT: (case.account_id, other.account_id),
        Shared.CONTACT: (case.contact_id, other.contact_id),
        Shared.PRODUCT: (case.product, other.product),
        Shared.SUBJECT: (case.subject, other.subject),
    }
    return tuple(what for what, (one, another) in pairs.items() if one is not None and one == another)
