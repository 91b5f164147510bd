"""What would break without a record: the definitions in force that name it, and the records that cannot do without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from desk.errors import Conflict
from desk.reference.references import references
from letters.addresses import addresses_of
from models.messages.entitlements import EntitlementStatus
from models.messages.reading_back import read_back
from models.messages.said import AT_PATH, Said, joined, said, word
from models.messages.storable import path_text
from models.records.base import keyed
from models.records.reference import Account, Agent, Contact, DefinitionRecord, Entitlement, Mailbox, Queue, Subject
from storage.definitions import MODELS, DefinitionKind
from storage.repositories.contracts import warning_contracts

PROMISING = (EntitlementStatus.WAITING, EntitlementStatus.ACTIVE)
"""States of contracts that promise something, or are about to."""
MOST_NAMED = 20
"""Places that one refusal names."""


class Use(NamedTuple):
    """What names a record: of which kind, its slug, and where in it, as a sentence."""

    kind: str
    slug: str
    place: Said


async def check_not_named(
    session: AsyncSession, kind: str, slug: str, leaving: frozenset[tuple[str, str]] = frozenset()
) -> None:
    """`Conflict` that lists every place where the record is named by what is in force. `leaving`: kind and slug of what goes with
    it and does not count."""
    if places := await places_of(session, kind, slug, leaving):
        raise Conflict(
            "in-use",
            said(
                "the {kind} {slug!r} is named by what is in force: {places}", kind=word(kind), slug=slug, places=places
            ),
        )


async def places_of(
    session: AsyncSession, kind: str, slug: str, besides: frozenset[tuple[str, str]] = frozenset()
) -> str:
    """Every place where what is in force names the record; empty: none. `besides`: kind and slug of what is replaced or goes in
    the same transaction and does not count."""
    places = [use.place for use in await uses_of(session, kind, slug, besides)]
    named, more = joined(places[:MOST_NAMED], "; "), len(places) - MOST_NAMED
    if more <= 0:
        return named
    if more == 1:
        return said("{places}, and {count} more place", places=named, count=more)
    return said("{places}, and {count} more places", places=named, count=more)


async def uses_of(
    session: AsyncSession, kind: str, slug: str, besides: frozenset[tuple[str, str]] = frozenset()
) -> Sequence[Use]:
    return [*await _definitions(session, kind, slug, besides), *await _records(session, kind, slug, besides)]


async def _definitions(
    session: AsyncSession, kind: str, slug: str, besides: frozenset[tuple[str, str]]
) -> Sequence[Use]:
    active = select(DefinitionRecord).where(DefinitionRecord.status == "active")
    places: list[Use] = []
    for row in await session.scalars(active.order_by(DefinitionRecord.kind, DefinitionRecord.slug)):
        if (row.kind, row.slug) in besides:
            continue
        body = read_back(MODELS[DefinitionKind(row.kind)], row.body)
        places += [
            Use(
                row.kind,
                row.slug,
                said(
                    AT_PATH,
                    kind=word(row.kind.replace("-", " ")),
                    slug=row.slug,
                    path=path_text(reference.path),
                ),
            )
            for reference in references(body)
            if reference.kind == kind and reference.slug == slug
        ]
    return places


async def _records(session: AsyncSession, kind: str, slug: str, besides: frozenset[tuple[str, str]]) -> Sequence[Use]:
    """A membership ends with its agent; these are the places that must have somebody."""
    match kind:
        case "agent":
            owned = select(Queue.slug).join(Agent, Agent.id == Queue.owner_id).where(Agent.slug == slug, Queue.active)
            # Their default queue is theirs alone, and empty by now.
            owned = owned.where(Queue.default_of.is_distinct_from(Agent.id))
            queues = await session.scalars(owned.order_by(Queue.slug))
            return [
                Use("queue", queue, said("the queue {queue!r} at owner", queue=queue))
                for queue in queues
                if ("queue", queue) not in besides
            ]
        case "mailbox":
            # Their letters would leave by another mailbox, under an address that the customer does not know.
            sending = select(Queue.slug).join(Mailbox, Mailbox.id == Queue.mailbox_id)
            sending = sending.where(Mailbox.slug == slug, Queue.active).order_by(Queue.slug)
            return [
                Use("queue", each, said("the queue {queue!r} at mailbox", queue=each))
                for each in await session.scalars(sending)
                if ("queue", each) not in besides
            ]
        case "subject":
            above = aliased(Subject)
            below = select(Subject.slug).join(above, above.id == Subject.parent_id)
            below = below.where(above.slug == slug, Subject.active).order_by(Subject.slug)
            return [
                Use("subject", each, said("the subject {each!r} at parent", each=each))
                for each in await session.scalars(below)
                if ("subject", each) not in besides
            ]
        case "account" | "contact":
            return await _contracts(session, kind, slug)
        case "queue":
            places: list[Use] = []
            for mailbox in await session.scalars(select(Mailbox).where(Mailbox.active).order_by(Mailbox.slug)):
                if ("mailbox", mailbox.slug) in besides:
                    continue
                fed = {mailbox.queue, *(queue for queue in addresses_of(mailbox).values() if queue)}
                places += (
                    [Use("mailbox", mailbox.slug, said("the mailbox {mailbox!r} at queue", mailbox=mailbox.slug))]
                    if slug in fed
                    else []
                )
            return places
        case DefinitionKind.CALENDAR:
            worked = select(Agent.slug).where(Agent.calendar == slug, Agent.active).order_by(Agent.slug)
            return [
                Use("agent", each, said("the agent {each!r} at calendar", each=each))
                for each in await session.scalars(worked)
            ]
        case DefinitionKind.SLA:
            promised = select(Entitlement.slug).where(Entitlement.sla == slug, Entitlement.status.in_(PROMISING))
            return [
                Use("entitlement", each, said("the entitlement {each!r} at sla", each=each))
                for each in await session.scalars(promised)
            ]
        case DefinitionKind.TEMPLATE:
            return [
                Use(
                    "entitlement",
                    each,
                    said("the entitlement {each!r} at warnings[{position}].template", each=each, position=position),
                )
                for each, warnings in await warning_contracts(session)
                for position, warning in enumerate(warnings)
                if warning.get("template") == slug
            ]
        case _:
            return []


async def _contracts(session: AsyncSession, kind: str, slug: str) -> Sequence[Use]:
    """Contracts that are in force for this customer, or are still to begin."""
    holder, column = (Account, Entitlement.account_id) if kind == "account" else (Contact, Entitlement.contact_id)
    theirs = select(Entitlement.slug).join(holder, holder.id == column)
    theirs = theirs.where(keyed(holder, slug), Entitlement.status.in_(PROMISING)).order_by(Entitlement.slug)
    return [
        Use("entitlement", each, said("the entitlement {each!r} at {kind}", each=each, kind=word(kind)))
        for each in await session.scalars(theirs)
    ]
