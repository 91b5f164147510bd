"""Requests that change reference data happen once: the answer is kept with the change, in the same transaction.

As commands on cases do it by their own row: the same key again gives the same answer, with another body it is refused.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import checked_key, command_id
from desk.refusals import KeyReused
from models.records.reference import AnsweredRequest
from storage.secrets import Keyring

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: headers, and the body as JSON values."""

    headers: dict[str, str]
    body: Any


class Replayed(Exception):
    """The request was answered before; this is its answer once more."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


class OnceOnly:
    """One request of an agent with an Idempotency-Key."""

    def __init__(self, agent_id: UUID, key: str, asked: str, keyring: Keyring) -> None:
        """`asked`: method, path and body. Raises `Invalid` for a key that is none."""
        self.id = command_id(agent_id, checked_key(key))
        self.asked, self.keyring = asked, keyring

    async def claim(self, session: AsyncSession) -> None:
        """The first statement of the change. `Replayed` if it was made before, `KeyReused` if by another request.

        Two at once: the second waits for the first, on SQLite for the writer's lock, on PostgreSQL for the row.
        """
        await self.look(session)
        row = {"id": self.id, "request": self._digest(self.keyring.current), "headers": {}}
        try:
            await session.execute(insert(AnsweredRequest).values(**row, answer="null", sealed=False))
        except IntegrityError:
            await session.rollback()
            await self.look(session)
            raise

    async def keep(self, session: AsyncSession, answer: Answer, *, secret: bool = False) -> None:
        """With the change: either both are there afterwards, or neither."""
        text = json.dumps(answer.body)
        row = await session.get_one(AnsweredRequest, self.id)
        row.headers = answer.headers
        row.answer, row.sealed = self.keyring.encrypt(text) if secret else text, secret
        await session.execute(delete(AnsweredRequest).where(AnsweredRequest.recorded_at < datetime.now(UTC) - KEPT))

    async def look(self, session: AsyncSession) -> None:
        """`Replayed` if the request was answered before, `KeyReused` if another one was; else nothing."""
        row = await session.scalar(select(AnsweredRequest).where(AnsweredRequest.id == self.id))
        if row is None:
            return
        named = row.request.partition(":")[0]
        if named not in self.keyring.keys or not hmac.compare_digest(row.request, self._digest(named)):
            raise KeyReused
        text = self.keyring.decrypt(row.answer) if row.sealed else row.answer
        raise Replayed(Answer(row.headers, json.loads(text)))

    def _digest(self, key: str) -> str:
        """Keyed, because a body may hold a password that could be guessed from a plain one."""
        return f"{key}:{hmac.digest(self.keyring.keys[key], self.asked.encode(), 'sha256').hex()}"
