"""Letters to people whose ways in have changed, so that they hear of it if it was somebody else. No secret stands in them."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from desk.entering.ways import Ways
from desk.preferences import preferences_of
from letters.composing import Letters
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.templates import MailTemplate
from models.records.base import new_id
from models.records.reference import Agent
from storage.definitions import Definitions

log = structlog.get_logger(__name__)


class Telling:
    """Works inside the caller's transaction: what was changed and the letter about it are written together, or neither is."""

    def __init__(self, definitions: Definitions, letters: Letters, ways: Ways) -> None:
        self.definitions, self.letters, self.ways = definitions, letters, ways

    async def tell(
        self, session: AsyncSession, agent: Agent, words: MailTemplate, now: datetime, *, by: str = ""
    ) -> None:
        """To the agent's own address, in their language. Without a mailbox that can send, nothing is written and nothing fails:
        the audit has it. `by`: the name of whoever did it, if it was not the agent."""
        organisation = await self.definitions.organisation(session)
        own = await preferences_of(session, agent.id)
        change: dict[str, str | datetime] = {"at": now, "by": by or agent.name}
        change["place"] = f"{self.ways.base(organisation.pages.address)}/me"
        facts: dict[str, dict[str, str | datetime]] = {"agent": {"name": agent.name}, "change": change}
        reader = NoticeReader(agent.email, own.time_zone or agent.time_zone, own.language)
        try:
            notice = Notice(f"access/{new_id()}", None, words, facts)
            await self.letters.notice_of_no_case(session, notice, reader, None, now)
        except (NoMailbox, CannotRender) as error:
            log.warning("a change of access cannot be told", agent=agent.slug, error=type(error).__name__)
