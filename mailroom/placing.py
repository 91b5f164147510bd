"""The one transaction of a mail's arrival: log row, message, target, delivery (design, "A mail's way", 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import ToTell
from engine.failpoints import failpoint
from letters.addresses import addressed_queue, addresses_of, own_addresses, servers_of
from mail.keys import queue_hash
from mailroom.arrival import Arrived, HeldUnread, Incoming
from mailroom.authors import BY_WORDS, understood
from mailroom.bounces import take_bounce
from mailroom.brakes import braked, news_of_brake, who_writes
from mailroom.correlating import Correlating
from mailroom.creating import by_rule
from mailroom.joining import about_our_letter, attached, filed_onto
from mailroom.rows import enter, insert_delivery, insert_message, place_again
from mailroom.verdict import DecidedMeanwhile, Fenced, HouseRules, MonitoredQueue, NotHeld, OnACase, Verdict
from models.messages.mail_facts import DMARC_FAILED, REUSED_ID, UNPROVEN_SENDER, ForeignReason
from models.messages.mailflow import DeliveryKind, HoldReason, MailVerdict
from models.messages.organisation import OrganisationSettings, SeveralQueues
from models.messages.record_creation import MAIL, RecordCreationRule
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Agent, Mailbox
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.repositories import mails
from storage.repositories.mails import KnownCase, KnownMessage

Also = Callable[[AsyncSession, InboundMail], Awaitable[None]]
Stand = tuple[MailVerdict, str | None]
"""What became of a mail that is on no case: the verdict, and its reason."""
Further = Callable[[AsyncSession, UUID], Awaitable[None]]
"""What whoever asked writes in the same transaction, such as their audit."""


async def without_case(
    session: AsyncSession,
    entry_id: UUID,
    still: Stand | None = None,
    *,
    per_queue: bool = False,
    lock: bool = False,
) -> InboundMail:
    """A mail of the log that is on no case, held or filed. Raises NotHeld, OnACase.

    `still`: what must not have become of it otherwise meanwhile; else DecidedMeanwhile. `per_queue`: a copy that another queue
    holds may become a case of its own, whatever became of the mail elsewhere.
    """
    entry = await session.get(InboundMail, entry_id, with_for_update=lock)
    if entry is None:
        raise NotHeld(f"there is no mail {entry_id}")
    if still is not None and (entry.verdict, entry.reason) != still:
        raise DecidedMeanwhile(f"the mail {entry_id} is {entry.verdict} as {entry.reason}, no more {still}")
    message = await session.get(EmailMessage, entry.message_id, with_for_update=lock) if entry.message_id else None
    case_id = entry.case_id
    if case_id is None and message is not None and not (per_queue and entry.verdict == MailVerdict.HELD):
        case_id = message.case_id
    if case_id is not None:
        raise OnACase((await session.get_one(Case, case_id)).number)
    return entry


def case_per_queue(organisation: OrganisationSettings) -> bool:
    """Whether a mail to several queues opens a case in each (domain 6.5)."""
    return organisation.several_queues is SeveralQueues.CASE_PER_QUEUE


class _ConsideredError(Exception):
    """Ends a transaction of which nothing is to stay."""


class Placing:
    def __init__(self, database: Database, definitions: Definitions, correlating: Correlating) -> None:
        self.database, self.definitions, self.correlating = database, definitions, correlating

    async def house_rules(self, mailbox: Mailbox) -> HouseRules:
        """Read once a batch: a rule that changes meanwhile holds from the next batch on."""
        async with self.database.read() as session:
            active = await self.definitions.active(
                session, DefinitionKind.ORGANISATION, DefinitionKind.RECORD_CREATION_RULE
            )
            mailboxes = await session.scalars(select(Mailbox))
            bodies = [versioned.body for versioned in active[DefinitionKind.RECORD_CREATION_RULE].values()]
            queues = set(addresses_of(mailbox).values())
            rules = [
                body
                for body in bodies
                if isinstance(body, RecordCreationRule) and body.source == MAIL and body.queue in queues
            ]
            named = select(Agent).where(Agent.slug.in_({rule.owner for rule in rules}), Agent.active)
            owners: dict[str | None, UUID] = {agent.slug: agent.id for agent in await session.scalars(named)}
            return HouseRules(
                mailbox=mailbox,
                organisation=await self.definitions.organisation(session),
                own_addresses=own_addresses(mailboxes),
                queues={rule.queue: MonitoredQueue(rule.queue, rule, owners.get(rule.owner)) for rule in rules},
            )

    async def take_in(
        self, arrived: Arrived, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> ToTell | None:
        """Rows, target and cursor in one transaction. Raises Fenced if the cursor is no longer ours."""
        async with self.database.write() as session:
            await self._advance(session, arrived, house, epoch, uidvalidity)
            if arrived.mail is None or arrived.refusal is not None:
                verdict = await _refused(session, arrived, house)
            else:
                verdict = await self._decide(session, arrived, arrived.mail, house, now)
            await enter(session, arrived, verdict, house, uidvalidity, now)
            failpoint("intake.written")
        return verdict.news

    async def consider(
        self, arrived: Arrived, house: HouseRules, now: datetime, further: Further | None = None
    ) -> tuple[Arrived, Verdict]:
        """What `take_in` would understand and decide now, by the same code; nothing of it stays. `further` looks at the case
        that would be opened, in the same transaction."""
        with suppress(_ConsideredError):
            async with self.database.write() as session:
                if arrived.mail is None or arrived.refusal is not None:
                    verdict = await _refused(session, arrived, house)
                else:
                    mail = arrived.mail
                    related = await mails.related_messages(session, mail.named_hashes, mail.message_id_hash)
                    arrived = replace(arrived, mail=self._understood(mail, house, related))
                    verdict = await self._decide(session, arrived, mail, house, now)
                    if further is not None and verdict.verdict is MailVerdict.OPENED and verdict.case_id is not None:
                        await session.flush()
                        await further(session, verdict.case_id)
                raise _ConsideredError
        return arrived, verdict

    async def take_again(
        self,
        entry_id: UUID,
        arrived: Arrived,
        house: HouseRules,
        now: datetime,
        also: Also | None = None,
        still: Stand | None = None,
    ) -> tuple[InboundMail, ToTell | None]:
        """A mail that is on no case decided anew on its own row of the mail log. Raises as `without_case` does."""
        async with self.database.write() as session:
            per_queue = case_per_queue(house.organisation)
            entry = await without_case(session, entry_id, still, per_queue=per_queue, lock=not self.database.sqlite)
            again = bool(entry.raw_sha256)  # else it is read for the first time: the server did not give it before
            if arrived.mail is None or arrived.refusal is not None:
                held = Verdict(MailVerdict.HELD, *_reasons(arrived.refusal))
                verdict = held if again else await _refused(session, arrived, house)
            else:
                own = entry.message_id
                verdict = await self._decide(session, arrived, arrived.mail, house, now, again=again, own=own)
            entry.verdict, entry.reason, entry.explanation = verdict.verdict, verdict.reason, verdict.explanation
            entry.rule, entry.item, entry.case_id = verdict.rule, verdict.item, verdict.case_id
            entry.message_id = verdict.message_id or entry.message_id  # a mail that was read once is still known
            if arrived.raw_sha256 and arrived.raw_sha256 != entry.raw_sha256:
                entry.raw_sha256, entry.raw_size = arrived.raw_sha256, arrived.raw_size
                entry.flagged = entry.flagged and again
            if also is not None:
                await also(session, entry)
        return entry, verdict.news

    async def hold(
        self, arrived: Arrived, refusal: HeldUnread, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> None:
        """Keep it in quarantine by its raw bytes alone. Raises Fenced as `take_in` does."""
        async with self.database.write() as session:
            await self._advance(session, arrived, house, epoch, uidvalidity)
            verdict = await _refused(session, replace(arrived, mail=None, refusal=refusal), house)
            await enter(session, arrived, verdict, house, uidvalidity, now)

    async def _advance(
        self, session: AsyncSession, arrived: Arrived, house: HouseRules, epoch: int, uidvalidity: int
    ) -> None:
        if not await mails.advance(session, house.mailbox.id, epoch, uidvalidity, arrived.uid):
            raise Fenced

    # ---- deciding ----------------------------------------------------------------------------------------------------

    async def _decide(
        self,
        session: AsyncSession,
        arrived: Arrived,
        mail: Incoming,
        house: HouseRules,
        now: datetime,
        *,
        again: bool = False,
        own: UUID | None = None,
    ) -> Verdict:
        """`own`: the message that the mail was taken for when it was read before."""
        related = await mails.related_messages(session, mail.named_hashes, mail.message_id_hash)
        mail = self._understood(mail, house, related)
        twins = [row for row, _ in related if row.direction == "in" and row.message_id_hash == mail.message_id_hash]
        copy = next((row for row in twins if row.content_hash == mail.content_hash), None)
        content_hash, another = mail.content_hash, copy is None and any(row.id != own for row in twins)
        if copy is not None and (queue := await _further_queue(session, mail, house, copy)) is not None:
            content_hash = queue_hash(mail.content_hash, queue)
            copy = next((row for row in twins if row.content_hash == content_hash), None)
        if copy is not None and (copy.case_id is not None or (copy.mailbox_id == house.mailbox.id and not again)):
            if house.onto is not None and copy.case_id is not None:
                raise OnACase((await session.get_one(Case, copy.case_id)).number)
            return Verdict(MailVerdict.DUPLICATE, message_id=copy.id, case_id=copy.case_id)
        # A copy that another mailbox could only hold or file may still open a case here, by this queue's rule.
        message_id = copy.id if copy is not None else new_id()
        verdict = await self._place(session, mail, house, related, message_id, now)
        if copy is not None:
            await place_again(session, copy, verdict, house)
        else:
            reused = another and mail.parsed.message_id is not None
            noted = [REUSED_ID] if reused else []
            noted += [DMARC_FAILED] if self.correlating.dmarc_failed(mail.parsed) else []
            noted += [UNPROVEN_SENDER] if mail.writer is not None else []
            proof = self.correlating.proof(mail)
            await insert_message(session, arrived, mail, house, verdict, content_hash, proof, noted)
        if verdict.news is not None and verdict.news.mail:
            await insert_delivery(session, verdict.news, DeliveryKind.MAIL, message_id)
            for part in verdict.news.retire:
                await insert_delivery(session, part, DeliveryKind.RETIRE, verdict.news.case_id)
        return verdict

    def _understood(
        self, mail: Incoming, house: HouseRules, related: Sequence[tuple[KnownMessage, KnownCase | None]]
    ) -> Incoming:
        by_program = not BY_WORDS.keys().isdisjoint(mail.parsed.unanswerable_reasons)
        answers = by_program and self.correlating.answers_ours(mail, related, house.organisation.case_prefix)
        tokens = self.correlating.tokens
        return understood(mail, house.mailbox, house.own_addresses, tokens, answers_ours=answers)

    async def _place(
        self,
        session: AsyncSession,
        mail: Incoming,
        house: HouseRules,
        related: Sequence[tuple[KnownMessage, KnownCase | None]],
        message_id: UUID,
        now: datetime,
    ) -> Verdict:
        if house.onto is not None:
            return await filed_onto(session, house.onto, message_id)
        if not house.released:
            if mail.came_back:
                return Verdict(MailVerdict.FILED, HoldReason.LOOP, "our own mail came back", message_id=message_id)
            proven = not self.correlating.dmarc_failed(mail.parsed)
            hosts = self.correlating.trusted | servers_of(house.mailbox)
            bounced = await take_bounce(
                session,
                mail.parsed,
                now,
                proven=proven,
                judged=bool(self.correlating.trusted),
                ours=house.own_addresses,
                hosts=hosts,
            )
            if bounced is not None:
                return about_our_letter(bounced, message_id)
        if case_per_queue(house.organisation):
            # Of several cases that one mail opened, an answer belongs to the one of the queue that it came in by.
            related = sorted(related, key=lambda pair: pair[0].mailbox_id != house.mailbox.id)
        thread = await self.correlating.thread(session, mail, related, house.organisation.case_prefix)
        proof, caps = self.correlating.proof(mail), house.organisation
        sender = await who_writes(session, mail.sender or "", proof, caps, now)
        if mail.sender and not house.released:
            why = await braked(session, mail.sender, proof, sender.lately, thread.case, caps, now)
            if why is not None:
                news = await news_of_brake(session, thread.case, house.organisation, message_id, now)
                return Verdict(MailVerdict.HELD, HoldReason.LOOP, why, message_id=message_id, news=news)
        if thread.case is not None:
            return attached(thread, thread.case, message_id)
        unproven = thread.target.foreign_reason is ForeignReason.DMARC_FAILED and not house.released
        # Whom a form or group named gets a case of their own, as every mail of it does.
        if thread.quoted is not None and unproven and self.correlating.dmarc_failed(mail.parsed):
            why = f"speaks of {thread.quoted.number}, but its sender is not proven (DMARC, or a From field that is unclear)"
            return Verdict(MailVerdict.HELD, HoldReason.FOREIGN_TOKEN, why, message_id=message_id)
        return await by_rule(session, mail, house, sender, thread.quoted, message_id, now)


def _reasons(refusal: HeldUnread | None) -> tuple[str, str]:
    if refusal is None:
        raise ValueError("a mail that was read was not refused")
    return refusal.reason, refusal.explanation


async def _further_queue(session: AsyncSession, mail: Incoming, house: HouseRules, copy: KnownMessage) -> str | None:
    """The queue that this copy opens a case of its own in, if the organisation wants a case per queue (domain 6.5).

    Only a mail that opened a case through another mailbox goes to further queues; one that joined a case never does.
    """
    if not case_per_queue(house.organisation):
        return None
    opened = copy.case_id is not None and copy.link_method is None and copy.automatic is None
    if not opened or copy.mailbox_id == house.mailbox.id:
        return None
    monitored = house.monitored(mail)
    if monitored.queue is None or monitored.rule is None:
        return None
    elsewhere = await session.get_one(Mailbox, copy.mailbox_id)
    return None if addressed_queue(elsewhere, mail.recipients) == monitored.queue else monitored.queue


async def _refused(session: AsyncSession, arrived: Arrived, house: HouseRules) -> Verdict:
    """Held by its bytes. The same bytes once more, as after a change of UIDVALIDITY, are a duplicate."""
    reason, explanation = _reasons(arrived.refusal)
    known = await mails.held_copy(session, house.mailbox.id, arrived.raw_sha256) if arrived.raw_sha256 else None
    if known is not None:
        return Verdict(MailVerdict.DUPLICATE, reason, message_id=known.message_id)
    return Verdict(MailVerdict.HELD, reason, explanation)
