"""Sending webhooks: claimed, posted, committed, and the case told of the end. At least once; the id makes a second one known."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import structlog

from engine.dispatch import CaseDispatcher, ToTell
from engine.watching import SIX_HOURS, Watch
from letters.posting import Answer, Poster
from letters.webhook_signing import WebhookSigner
from models.messages.mailflow import DeliveryKind
from storage.engines import Database
from storage.repositories import webhooks as rows
from storage.repositories.outbox import add_delivery

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=6)
MOST_ATTEMPTS = 14
"""About 26 hours; then it has failed, visibly on the case."""
AT_ONCE = 20
POLL = 1.0
"""Seconds between two looks."""
GONE = 410
"""The receiver says that it wants no more of it."""

log = structlog.get_logger(__name__)


class WebhookSender:
    """Sends what is due, of all cases. `longest` is when the activity returns by itself."""

    def __init__(
        self,
        database: Database,
        dispatcher: CaseDispatcher,
        signer: WebhookSigner,
        poster: Poster,
        *,
        first_retry: timedelta = FIRST_RETRY,
        longest: timedelta = SIX_HOURS,
    ) -> None:
        self.database, self.dispatcher, self.signer, self.poster = database, dispatcher, signer, poster
        self.first_retry, self.longest = first_retry, longest

    async def drain(self, watch: Watch) -> None:
        """Until the hours are over. A receiver that is slow holds up none of the others."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while not watch.over:
                watch.beat(len(under_way))
                under_way |= {
                    asyncio.create_task(self.send(row)) for row in await self._claim(AT_ONCE - len(under_way))
                }
                await watch.wait(asyncio.sleep(POLL), POLL)
                done = {task for task in under_way if task.done()}
                under_way -= done
                await asyncio.gather(*done)
        finally:
            # What is under way ends within its own bound; an answer that is lost is asked for again.
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _claim(self, most: int) -> list[rows.Claimed]:
        now = datetime.now(UTC)
        async with self.database.read() as session:
            if most < 1 or not await rows.any_due(session, now):
                return []
        async with self.database.write() as session:
            return await rows.claim(session, now, most)

    async def send(self, row: rows.Claimed) -> None:
        """One try, and what follows from its answer."""
        body = json.dumps({"id": str(row.id), **row.body}, separators=(",", ":")).encode()
        host = urlsplit(row.url).hostname or ""
        headers = self.signer.headers(host, str(row.id), datetime.now(UTC), body)
        answer = await self.poster.post(row.url, body, headers)
        await self._commit(row, answer)

    async def _commit(self, row: rows.Claimed, answer: Answer) -> None:
        now = datetime.now(UTC)
        delivered = answer.status is not None and 200 <= answer.status < 300
        error = None if delivered else answer.error or f"answered {answer.status}"
        final = delivered or answer.final or answer.status == GONE or row.attempts >= MOST_ATTEMPTS
        state = "delivered" if delivered else "failed" if final else "queued"
        news: ToTell | None = None
        async with self.database.write() as session:
            facts = {"state": state, "answer": answer.status, "last_error": error}
            when = {"ended_on": now} if final else {"not_before": now + self._pause(row.attempts)}
            if await rows.mark(session, row, **facts, **when) and final:
                made = await add_delivery(session, row.case_id, DeliveryKind.WEBHOOK, row.id)
                if made is not None:
                    news = ToTell(row.case_id, made.number, made.origin, made.id, DeliveryKind.WEBHOOK)
        if not delivered:
            log.warning("webhook", id=str(row.id), state=state, attempts=row.attempts, error=error)
        if news is not None:
            await self.dispatcher.tell(news)

    def _pause(self, attempts: int) -> timedelta:
        doubled: int = 2 ** min(attempts - 1, 16)
        return min(self.first_retry * doubled, LAST_RETRY)
