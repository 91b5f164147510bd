"""A new link for a customer whose link is over: mailed to the address that the case's contact has, and said to nobody.

Whoever holds an old link learns nothing by asking: no address is typed or shown, and what is answered is the same whatever
becomes of it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.customer_view import NEW_LINKS, Opened, expired
from desk.entering.errors import TooManyTries
from desk.entering.throttle import Limit, take
from letters.case_people import language_of
from letters.composing import Letters
from letters.customer_links import customer_link
from letters.link_words import OF_NEW_LINKS
from letters.links import LinkSigner
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.records.mails import Outbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.repositories.customers import addresses_for

OF_ONE_CASE = Limit("new-link", 3, timedelta(hours=4))
"""An old link that strangers have got must not fill the customer's mailbox."""

log = structlog.get_logger(__name__)


class NewLinks:
    """One for the process."""

    def __init__(self, database: Database, definitions: Definitions, links: LinkSigner, letters: Letters) -> None:
        self.database, self.definitions, self.links, self.letters = database, definitions, links, letters

    async def send(self, token: str, form: str, now: datetime) -> None:
        """The letter, once for each `form`; nothing unless the link is over and nothing else closes it. To be called once the
        page is answered, so that its time tells nothing either."""
        try:
            async with self.database.write() as session:
                found = await expired(session, self.definitions, self.links, token, now)
                if found is not None:
                    await self._write(session, found, form, now)
        except IntegrityError:
            return  # The same form at the same moment: the other letter is there.
        except TooManyTries:
            log.info("new links are asked for too often")
        except (NoMailbox, CannotRender) as error:
            log.warning("a new link cannot be mailed", error=type(error).__name__)

    async def _write(self, session: AsyncSession, found: Opened, form: str, now: datetime) -> None:
        case, contact = found.case, found.contact
        key = NEW_LINKS + hashlib.sha256(f"{found.link}/{form}".encode()).hexdigest()[:24]
        if await session.scalar(select(Outbox.id).where(Outbox.key == key)) is not None:
            return
        await take(session, OF_ONE_CASE, str(case.id), now)
        to = (await addresses_for(session, contact.id, case.id))[:1]
        if not await customer_link(session, case, contact, to, await self.definitions.organisation(session)):
            return  # There is no page or no address to which it could lead.
        reader = NoticeReader(to[0], language=await language_of(session, contact), customer=True)
        await self.letters.notice(session, case, Notice(key, None, OF_NEW_LINKS), (reader,), now)
