"""What an operator does with a held mail: run it again by today's rules, or release it past the gates (promise 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from temporalio.service import RPCError

from activities.arrival import read_mail
from activities.dispatch import CaseDispatcher
from activities.mail_verdict import HouseRules, ToTell
from activities.placing import Also, Placing
from models.messages.mailflow import MailVerdict
from models.messages.record_creation import CreationItem, RecordCreationRule
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from storage.engines import Database
from storage.files import FileStore

LARGEST_RELEASED = 64 * 1024 * 1024

log = structlog.get_logger(__name__)


class NotHeld(LookupError):
    """There is no such mail in quarantine (any more)."""


class Quarantine:
    def __init__(self, database: Database, files: FileStore, placing: Placing, dispatcher: CaseDispatcher) -> None:
        self.database, self.files, self.placing, self.dispatcher = database, files, placing, dispatcher

    async def rerun(
        self, entry_id: UUID, now: datetime, *, release: bool = False, also: Also | None = None
    ) -> InboundMail:
        """Decide about a held mail again; the ledger row as it is afterwards, which may still be held.

        `release`: a stranger and a customer without entitlement get their case too. `also` joins the transaction, and
        gets the ledger row as decided. Raises NotHeld, or FileNotFoundError for a mail that was too large to be fetched.
        """
        async with self.database.read() as session:
            entry = await session.get(InboundMail, entry_id)
            if entry is None or entry.verdict != MailVerdict.HELD:
                raise NotHeld(f"no mail {entry_id} is held")
            mailbox = await session.get_one(Mailbox, entry.mailbox_id)
        house = await self.placing.house_rules(mailbox)
        if release:
            house = replace(house, rule=_without_gates(house), released=True)
        raw = await self.files.get(entry.raw_sha256)
        arrived = await read_mail(entry.uid, raw, self.files, house.own_addresses, LARGEST_RELEASED)
        after, news = await self.placing.take_again(entry_id, arrived, house, now, also)
        if after is None:
            raise NotHeld(f"no mail {entry_id} is held any more")
        if news is not None:
            await self._tell(news)
        return after

    async def _tell(self, news: ToTell) -> None:
        try:
            if news.opens:
                await self.dispatcher.open(news.case_id, news.number, news.origin)
            else:
                await self.dispatcher.deliver(news.case_id, news.number, news.origin, news.delivery_id)
        except RPCError as error:
            # Committed already: an error here would say that the mail is still held.
            log.warning("delivery is left to the sweep", case=news.number, error=str(error))


def _without_gates(house: HouseRules) -> RecordCreationRule:
    rule = house.rule or RecordCreationRule(
        slug="released", name="Released by hand", queue=house.mailbox.queue or "none", items=(CreationItem(name="All"),)
    )
    return rule.model_copy(update={"allow_unknown_senders": True, "create_contact": True, "require_entitlement": False})
