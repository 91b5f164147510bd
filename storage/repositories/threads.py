"""Threads whose mails came in another order than they were written: what still ties their cases together.

The caller owns the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Uuid, bindparam, exists, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import HOUSE_VERBS, CommandKind
from models.messages.mail_facts import OutgoingKind
from models.messages.mailflow import DeliveryKind
from models.records.base import table_of
from models.records.cases import Case, QueueItem
from models.records.commands import Command, Delivery
from models.records.drafts import ReplyDraft
from models.records.mails import EmailMessage, MessageLink, Outbox
from models.records.timeline import Activity
from storage.repositories.mails import CASE_COLUMNS, KnownCase

LINKS_LOOKED_AT = 200
"""How many mails that name the same id are looked at. It limits what the first mail of a mailing list's thread costs."""
MOST_SIBLING_CASES = 5
"""An id that mails of more cases than this name is no evidence: it may be a newsletter that everybody answers."""
LONGEST_CHAIN = 10
"""How many merges in a row are followed."""


# Built once: on the intake's way a statement that is built anew costs more than the database takes to answer it.
IDS = bindparam("ids", type_=Uuid(), expanding=True)
_links, _messages, _cases = table_of(MessageLink).c, table_of(EmailMessage).c, table_of(Case).c

_LINKS = (
    select(_links.message_id, _links.named_hash)
    .where(_links.named_hash.in_(bindparam("named", expanding=True)))
    .limit(LINKS_LOOKED_AT)
    .subquery()
)
_SIBLINGS = (
    select(_LINKS.c.named_hash, _messages.message_id_hash, _messages.case_id, _messages.subject)
    .join_from(_LINKS, table_of(EmailMessage), _messages.id == _LINKS.c.message_id)
    .where(_messages.case_id.is_not(None))
)
_CASES = select(*CASE_COLUMNS).where(_cases.id.in_(IDS))
_BY_QUEUE = (
    exists()
    .where(Command.case_id == QueueItem.case_id, Command.kind == CommandKind.QUEUE_ASSIGN, Command.state == "done")
    .correlate(QueueItem)
)
_WORKED_ON: CompoundSelect[Any] = union(
    select(Command.case_id).where(
        Command.case_id.in_(IDS), Command.state != "refused", Command.kind.not_in(HOUSE_VERBS)
    ),
    select(QueueItem.case_id).where(
        QueueItem.case_id.in_(IDS), QueueItem.live, QueueItem.worked_by.is_not(None), ~_BY_QUEUE
    ),
    select(ReplyDraft.case_id).where(ReplyDraft.case_id.in_(IDS), ReplyDraft.unfinished),
    select(Activity.case_id).where(Activity.case_id.in_(IDS)),
    select(Outbox.case_id).where(Outbox.case_id.in_(IDS), Outbox.kind.in_((OutgoingKind.REPLY, OutgoingKind.ARTICLE))),
    select(Delivery.case_id).where(Delivery.case_id.in_(IDS), Delivery.kind == DeliveryKind.RETIRE, Delivery.done),
    select(Case.id)
    .join(Delivery, Delivery.case_id == Case.linked_case_id)
    .where(Case.id.in_(IDS), Delivery.kind == DeliveryKind.MAIL, Delivery.subject_id == Case.opening_mail_id),
    select(Case.id).where(
        Case.id.in_(IDS), or_(Case.opening_mail_id.is_(None), Case.parent_id.is_not(None), Case.life > 0)
    ),
)


class Sibling(NamedTuple):
    """A stored mail that names an id which another one names too."""

    message_id_hash: str
    case: KnownCase
    subject: str


async def siblings(session: AsyncSession, named: Iterable[str]) -> list[Sibling]:
    """Stored mails that name one of these ids too, by case oldest first."""
    by_name: defaultdict[str, set[tuple[UUID, str, str]]] = defaultdict(set)
    for hashed, message, case_id, subject in await session.execute(_SIBLINGS, {"named": list(named)}):
        by_name[hashed].add((case_id, message, subject))
    few = [found for found in by_name.values() if len({case_id for case_id, _, _ in found}) <= MOST_SIBLING_CASES]
    triples = sorted({triple for found in few for triple in found})
    if not triples:
        return []
    found = await session.execute(_CASES, {"ids": [case_id for case_id, _, _ in triples]})
    by_id = {case.id: case for case in map(KnownCase._make, found)}
    return [Sibling(message, by_id[case_id], subject) for case_id, message, subject in triples]


async def worked_on(session: AsyncSession, cases: Iterable[UUID]) -> set[UUID]:
    """Which of these cases are more than a consequence of their mails.

    An agent asked something of it, works on it, drafts an answer or wrote one; or it was opened by hand, reopened, is
    another one's child, was opened by a mail that another case had passed on, or was to be merged before and stayed. That
    its queue has given it to somebody, who has done nothing yet, is no work.
    """
    return set(await session.scalars(_WORKED_ON, {"ids": list(cases)}))


async def last_survivor(session: AsyncSession, case: Case) -> Case:
    """The case that this one was merged into, at last; itself if it was not."""
    for _ in range(LONGEST_CHAIN):
        if case.merged_into is None:
            break
        into = await session.scalar(select(Case).where(Case.number == case.merged_into))
        if into is None:
            raise LookupError(f"{case.number} was merged into {case.merged_into}, which has no row")
        case = into
    return case


async def survivor_to_join(session: AsyncSession, case: Case, other: Case) -> Case:
    """The last survivor of `other`, for `case` to go up in: unless that is `case` itself, it is locked, so that until the end
    of the transaction it neither ends nor goes up in a third case. Of cases that are merged in a ring at once, one is left."""
    survivor = await last_survivor(session, other)
    while survivor.id != case.id:
        # The same lock that the delivery to it takes, but before the decision. Whoever waited for it reads anew.
        await session.refresh(survivor, with_for_update={"read": True, "key_share": True})
        if survivor.merged_into is None:
            break
        survivor = await last_survivor(session, survivor)
    return survivor
