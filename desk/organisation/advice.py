"""What is in order by every rule, and yet not what its writer means: mail that makes no case, letters in a wrong language,
people whom their address does not tell apart.

Asked of all that would be in force, so that a file which holds only a part of it is judged beside the rest. None of it is a
fault: a mailbox may be there before its queue and its rule are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.base import Message
from models.messages.languages import wider
from models.messages.reading_back import read_back
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.templates import MailTemplate
from models.records.reference import Agent, DefinitionRecord, Mailbox, Queue
from storage.definitions import MODELS, DefinitionKind, Definitions

HELD = "so its mail is held and makes no case"


async def advice(session: AsyncSession) -> tuple[str, ...]:
    """A sentence each, without its full stop, about what the session sees."""
    mailboxes = list(await session.scalars(select(Mailbox).where(Mailbox.active).order_by(Mailbox.slug)))
    queues = list(await session.scalars(select(Queue.slug).where(Queue.active).order_by(Queue.slug)))
    bodies = await _in_force(session)
    rules = [rule for rule in bodies if isinstance(rule, RecordCreationRule) and rule.source == MAIL]
    language = (await Definitions().organisation(session)).language
    people = await session.execute(select(Agent.email, Agent.slug).where(Agent.active).order_by(Agent.slug))
    return (
        *_of_people((address, slug) for address, slug in people),
        *_of_mailboxes(mailboxes, {rule.queue for rule in rules}),
        *_of_rules(rules, mailboxes, queues),
        *_of_languages([body for body in bodies if isinstance(body, MailTemplate)], language),
    )


async def _in_force(session: AsyncSession) -> list[Message]:
    wanted = (DefinitionKind.RECORD_CREATION_RULE, DefinitionKind.TEMPLATE)
    rows = select(DefinitionRecord).where(DefinitionRecord.status == "active", DefinitionRecord.kind.in_(wanted))
    found = await session.scalars(rows.order_by(DefinitionRecord.kind, DefinitionRecord.slug))
    return [read_back(MODELS[DefinitionKind(row.kind)], row.body) for row in found]


def _of_people(people: Iterable[tuple[str, str]]) -> Iterator[str]:
    by_address: dict[str, list[str]] = {}
    for address, slug in people:
        by_address.setdefault(address, []).append(slug)
    for address, slugs in by_address.items():
        if len(slugs) > 1:
            yield f"agents {', '.join(slugs)} have one address, {address}: they sign in by these names, not by the address"


def _addresses(mailbox: Mailbox) -> Iterator[tuple[str, str | None]]:
    """As they are written, each with the queue that its mail arrives in."""
    yield mailbox.address, mailbox.queue
    for alias in mailbox.settings.get("addresses", ()):
        yield alias["address"], alias.get("queue") or mailbox.queue


def _of_mailboxes(mailboxes: Iterable[Mailbox], watched: set[str | None]) -> Iterator[str]:
    for mailbox in mailboxes:
        by_queue: dict[str | None, list[str]] = {}
        for address, queue in _addresses(mailbox):
            by_queue.setdefault(queue, []).append(address)
        for queue, addresses in by_queue.items():
            which = f"mailbox {mailbox.slug} ({', '.join(addresses)})"
            if queue is None:
                yield f"{which} belongs to no queue, {HELD}: give it one by 'queue'"
            elif queue not in watched:
                yield f"{which} belongs to the queue {queue}, which no record creation rule watches, {HELD}"


def _of_rules(rules: Iterable[RecordCreationRule], mailboxes: Iterable[Mailbox], queues: list[str]) -> Iterator[str]:
    fed = {queue for mailbox in mailboxes for _, queue in _addresses(mailbox)}
    for rule in rules:
        if rule.queue not in fed and rule.queue in queues:
            yield f"record creation rule {rule.slug} is never asked: no mailbox in use leads to its queue {rule.queue}"


def _of_languages(templates: Iterable[MailTemplate], language: str) -> Iterator[str]:
    """Whoever has no language is written to in the organisation's, or where that is missing in whatever stands first."""
    for template in templates:
        if not set(wider(language)) & set(template.texts):
            there = ", ".join(template.texts)
            yield f"template {template.slug} has no text in the organisation's language {language}, only in: {there}"
