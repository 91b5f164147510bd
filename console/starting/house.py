"""What the demo hands to its pages: who stands behind each door, and a customer's mail account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Door(StrEnum):
    AGENT = "agent"
    MANAGER = "manager"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the customer's mailbox. `id`: its Message-ID."""

    id: str
    sender: str
    subject: str
    text: str
    at: datetime | None


class DemoHouse(Protocol):
    @property
    def key(self) -> str:
        """What the link holds that the demo prints: whoever has it may go through all doors."""
        ...

    @property
    def since(self) -> datetime:
        """From when on the customer's cases are the visitor's own."""
        ...

    def begin(self) -> None:
        """From now on they are."""
        ...

    @property
    def agents(self) -> Mapping[Door, str]:
        """By door, the slug of the agent as whom one enters."""
        ...

    @property
    def contact(self) -> str:
        """The slug of the customer with the contract."""
        ...

    async def letters(self) -> Sequence[Letter]:
        """What the customer has in their mailbox, the newest first."""
        ...

    async def write(self, subject: str, text: str) -> None:
        """The customer writes to support, by SMTP."""
        ...

    async def answer(self, letter: str, text: str) -> None:
        """The customer answers the letter of this id; `KeyError` if they have none."""
        ...
