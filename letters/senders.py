"""Who a letter leaves from: the mailbox, and the queue that signs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select

from letters.addresses import own_addresses
from models.records.base import looked_for, table_of
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Mailbox, Queue


class NoMailbox(LookupError):
    """No active mailbox that the letter could leave by."""


class SendingMailbox(NamedTuple):
    id: UUID
    address: str
    display_name: str
    queue: str | None
    settings: dict[str, Any]
    active: bool


class SigningQueue(NamedTuple):
    name: str
    signature: str | None
    mailbox_id: UUID | None


@dataclass(frozen=True)
class Sender:
    """The mailbox that a letter leaves by, and the queue that signs it."""

    mailbox: SendingMailbox
    queue: SigningQueue | None
    own_addresses: frozenset[str]

    def signature(self, agent: Agent | None) -> str | None:
        parts = [agent.name if agent else None, self.queue.signature if self.queue else None]
        return "\n".join(part for part in parts if part) or None


# Built once: an acknowledgement is written for nearly every case.
_mailboxes, _queues, _letters = table_of(Mailbox).c, table_of(Queue).c, table_of(Outbox).c
SENDERS = (
    select(
        select(_letters.message_id).where(_letters.key == looked_for("key")).scalar_subquery().label("written"),
        *(_mailboxes[name] for name in SendingMailbox._fields),
        *(_queues[name] for name in SigningQueue._fields),
    )
    .select_from(table_of(Mailbox).outerjoin(table_of(Queue), _queues.slug == looked_for("case_queue")))
    .order_by(_mailboxes.slug)
)
"""What was written under a key before, and every mailbox beside the case's queue."""


def sender_of(rows: Sequence[Row[*tuple[Any, ...]]], opening: EmailMessage | None) -> Sender:
    """The queue's mailbox; else the one that the case came through; else the first active one. `rows`: of `SENDERS`."""
    mailboxes = [SendingMailbox._make(row[1 : 1 + len(SendingMailbox._fields)]) for row in rows]
    active = {mailbox.id: mailbox for mailbox in mailboxes if mailbox.active}
    place = 1 + len(SendingMailbox._fields)
    queue = SigningQueue._make(rows[0][place : place + len(SigningQueue._fields)]) if rows else None
    queue = queue if queue and queue.name is not None else None
    wanted = [queue.mailbox_id if queue else None, opening.mailbox_id if opening else None, *active]
    chosen = next((active[id] for id in wanted if id in active), None)
    if chosen is None:
        raise NoMailbox("no mailbox is active: nothing can be sent")
    return Sender(chosen, queue, own_addresses(mailboxes))
