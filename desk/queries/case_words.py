"""Cases by words: their own, those of their mails, notes and activities, and those of their customer's name and address.

The words that `GET /search` goes by, and the same sight of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.api_search import SearchKind
from models.records.cases import Case
from models.records.timeline import Activity, TimelineEntry
from storage.fulltext.asking import Asked, of_kinds
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import by_itself, expanded, few, matching, numbered
from storage.sqlite import aside

OF_CASES = (SearchKind.CASE, SearchKind.MAIL, SearchKind.NOTE, SearchKind.ACTIVITY)
"""What is found by who may see its case."""
OF_CUSTOMERS = (SearchKind.ACCOUNT, SearchKind.CONTACT)
MOST_CUSTOMERS = 200
"""Whose cases are gathered, rather than each case asked for its customer."""
MERGED = "merged"
"""The kind of the entry with which a case goes up in another one."""


def belonging(kinds: Sequence[SearchKind], hidden_activities: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions that an entry beside its `Case` is of one of these kinds, and not hidden whatever the case is.

    `hidden_activities`: types of activities that the caller may not read.
    """
    conditions: list[ColumnElement[bool]] = [
        ENTRY.c.kind.in_([kind.value for kind in OF_CASES if kind in kinds]),
        ~_moved_away(),
    ]
    if hidden_activities:
        its_type = Activity.id == ENTRY.c.object_id, Activity.kind.in_(hidden_activities)
        conditions.append(~exists().where(*its_type).correlate(ENTRY))
    return conditions


def _moved_away() -> ColumnElement[bool]:
    """A note that a merged case had: it is found with the survivor, which has its own copy and decides who sees it."""
    merged = exists().where(
        TimelineEntry.case_id == Case.id, TimelineEntry.kind == MERGED, TimelineEntry.at >= ENTRY.c.at
    )
    return (ENTRY.c.kind == SearchKind.NOTE.value) & Case.merged_into.is_not(None) & merged.correlate(Case, ENTRY)


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What a list of cases is asked for in words."""

    question: Asked
    dialect: str
    hidden_activities: tuple[str, ...] = ()

    async def few(self, session: AsyncSession, most: int) -> tuple[UUID, ...] | None:
        """The cases, from the index of words; None: it has more than `most`, or so many of one of the ways."""
        with aside():
            question = await expanded(session, self.question)
            matched = await few(session, question, most)
            if matched is None:
                return None
            own = select(Case.id).select_from(ENTRY.join(Case, Case.id == ENTRY.c.case_id))
            own = own.where(numbered(matched, self.dialect), *belonging(OF_CASES, self.hidden_activities))
            entries, holds = matching(of_kinds(question, OF_CUSTOMERS), self.dialect)
            customers = select(ENTRY.c.object_id).select_from(entries).where(holds).limit(MOST_CUSTOMERS + 1)
            theirs = (await session.scalars(customers)).all()
            if len(theirs) > MOST_CUSTOMERS:
                return None
            found = dict.fromkeys(await session.scalars(own))
            for customer in (Case.account_id, Case.contact_id) if theirs else ():
                found |= dict.fromkeys(
                    await session.scalars(select(Case.id).where(customer.in_(theirs)).limit(most + 1))
                )
        return tuple(found) if len(found) <= most else None

    def holds(self) -> ColumnElement[bool]:
        """The condition for a statement that selects from `Case` and comes to few of them."""
        entry = select(ENTRY.c.id).where(by_itself(self.question, self.dialect)).correlate(Case).limit(1)
        own = entry.where(ENTRY.c.case_id == Case.id, *belonging(OF_CASES, self.hidden_activities))
        theirs = entry.where(ENTRY.c.object_id.in_((Case.account_id, Case.contact_id)))
        # As EXISTS, PostgreSQL would rather make a list of all entries that match, once.
        return or_(own.scalar_subquery().is_not(None), theirs.scalar_subquery().is_not(None))
