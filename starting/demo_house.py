"""What the demo's pages at `/start` are given: the agents behind the doors, and the mail account of the customer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from console.starting.house import Door, Letter
from starting.outsider import Person, body_of
from starting.scenario import letter

MOST_LETTERS = 20


@dataclass
class DemoHouse:
    """See `console.starting.house.DemoHouse`."""

    casey: Person
    agents: Mapping[Door, str]
    contact: str
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    def begin(self) -> None:
        self.since = datetime.now(UTC)

    async def letters(self) -> Sequence[Letter]:
        return [_shown(mail) for mail in await self._inbox()]

    async def write(self, subject: str, text: str) -> None:
        await self.casey.send(letter(subject, text))

    async def answer(self, letter_id: str, text: str) -> None:
        answered = next((mail for mail in await self._inbox() if str(mail["Message-ID"]) == letter_id), None)
        if answered is None:
            raise KeyError(letter_id)
        subject = f"Re: {str(answered['Subject']).removeprefix('Re: ')}"
        await self.casey.send(letter(subject, text, answers=answered))

    async def _inbox(self) -> list[EmailMessage]:
        return await asyncio.to_thread(self.casey.inbox, MOST_LETTERS)


def _shown(mail: EmailMessage) -> Letter:
    at = parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None
    return Letter(str(mail["Message-ID"]), str(mail["From"]), str(mail["Subject"]), body_of(mail), at)
