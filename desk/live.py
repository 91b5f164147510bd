"""Tells those who listen which cases have changed, as soon as that is committed, whichever process wrote it.

One look at the rows serves all who listen in this process; while nobody listens there is none. What is told is the number and
the version of a case, and only to whom it may be known: whoever wants more asks for it, with their rights.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.live import Stir, seen_of, stirred
from desk.queries.visibility import sight_of
from desk.sessions import still_signed_in
from storage.engines import Database
from storage.errors import name_of

EVERY = 1.0
"""Seconds between two looks."""
WITHIN = timedelta(seconds=15)
"""How far back each look goes: a row is seen when it is committed, which may be later than others that were made after it."""
ASSURED_EVERY = 10.0
"""Seconds after which each listener's session is looked at, though nothing has changed."""
MOST_LISTENERS = 200
"""Below the server's connections, which must not all be streams."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """`cases`: versions by number; `letters`: the same, of cases of which a letter has left. `everything`: look at all of it."""

    cases: dict[str, int] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    everything: bool = False

    def __bool__(self) -> bool:
        return self.everything or bool(self.cases) or bool(self.letters)


@dataclass(eq=False, slots=True)
class Listener:
    """One stream. What it has not taken yet is kept together, however long it takes."""

    session_id: UUID
    identity: Identity
    over: bool = False
    waiting: News = field(default_factory=News)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self, news: News) -> None:
        if news:
            was = self.waiting
            all_of_it = was.everything or news.everything
            self.waiting = News(was.cases | news.cases, was.letters | news.letters, all_of_it)
            self.woken.set()

    def ended(self) -> None:
        self.over = True
        self.woken.set()

    async def news(self, patience: float) -> AsyncIterator[News]:
        """What comes, until it is over. Empty news after so many seconds in which none came."""
        while not self.over:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.woken.wait()
            self.woken.clear()
            if not self.over:
                taken, self.waiting = self.waiting, News()
                yield taken


class Live:
    """One for the process."""

    every, assured_every, most = EVERY, ASSURED_EVERY, MOST_LISTENERS

    def __init__(self, database: Database) -> None:
        self.database = database
        self.listeners: list[Listener] = []
        self.looks = 0
        """How often the rows were looked at."""
        self.closing = False
        self._known: dict[UUID, Stir] = {}
        self._task: asyncio.Task[None] | None = None

    def has_room(self) -> bool:
        """Whoever finds none asks from time to time instead."""
        return not self.closing and len(self.listeners) < self.most

    def listen(self, session_id: UUID, identity: Identity) -> Listener:
        """Another listener. Whoever took it gives it back (`leave`)."""
        made = Listener(session_id, identity, over=self.closing)
        self.listeners.append(made)
        if self._task is None:
            self._known = {}
            self._task = asyncio.create_task(self._look_again_and_again(), name="live")
        return made

    async def recent(self, listener: Listener) -> News:
        """What has changed since shortly before: a page that was made in this moment may lack it."""
        async with self.database.read() as session:
            found = await stirred(session, datetime.now(UTC), WITHIN)
            return News() if found is None else await self._seen(session, listener.identity, found)

    def leave(self, listener: Listener) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)
        if not self.listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def end(self) -> None:
        """All streams end, and none begins: the process stops."""
        self.closing = True
        for listener in list(self.listeners):
            listener.ended()

    # ---- the one look for all ----------------------------------------------------------------------------------------

    async def _look_again_and_again(self) -> None:
        loop, assured_at, away = asyncio.get_running_loop(), 0.0, False
        while True:
            try:
                async with self.database.read() as session:
                    fresh = await self._fresh(session)
                    if fresh is None or fresh or loop.time() - assured_at > self.assured_every:
                        await self._assure(session)
                        assured_at = loop.time()
                    if away or fresh is None:
                        away = False
                        self._tell_all(News(everything=True))
                    elif fresh:
                        await self._tell(session, fresh)
            except (SQLAlchemyError, OSError) as error:
                if not away:
                    log.warning("pages are not fresh: the database is away", error=name_of(error))
                away = True
            await asyncio.sleep(self.every)

    async def _fresh(self, session: AsyncSession) -> dict[UUID, Stir] | None:
        """What was not there at the last look; None: too much to name."""
        self.looks += 1
        found = await stirred(session, datetime.now(UTC), WITHIN)
        if found is None:
            self._known = {}
            return None
        fresh = {case: stir for case, stir in found.items() if self._known.get(case) != stir}
        self._known = found
        return fresh

    async def _assure(self, session: AsyncSession) -> None:
        """Sessions that are over end their streams; roles and names are those of now."""
        ids = {each.session_id for each in self.listeners}
        still = await still_signed_in(session, ids, datetime.now(UTC))
        for listener in list(self.listeners):
            identity = still.get(listener.session_id)
            if identity is None:
                listener.ended()
            else:
                listener.identity = identity

    async def _tell(self, session: AsyncSession, fresh: dict[UUID, Stir]) -> None:
        news: dict[UUID, News] = {}
        for listener in list(self.listeners):
            agent = listener.identity.agent_id
            if agent not in news:
                news[agent] = await self._seen(session, listener.identity, fresh)
            listener.told(news[agent])

    def _tell_all(self, news: News) -> None:
        for listener in self.listeners:
            listener.told(news)

    @staticmethod
    async def _seen(session: AsyncSession, identity: Identity, found: dict[UUID, Stir]) -> News:
        seen = await seen_of(session, await sight_of(session, identity), found)
        told = [stir for case, stir in found.items() if case in seen]
        cases = {stir.number: stir.version for stir in told if stir.entry is not None}
        letters = {stir.number: stir.version for stir in told if stir.letter is not None}
        return News(cases, letters)
