"""A customer's statement of a contract for a period: what was there, what moved, what is left (domain 3.9)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from models.messages.base import Instant, Message
from models.messages.entitlements import Allocation, DecreaseOn, EntitlementStatus
from models.messages.terms import Terms

StatementLanguage = Literal["en", "de"]
"""What a statement speaks."""


class LineEvent(StrEnum):
    """What a line tells: an event of a case (`LifecycleEvent`), or that the contract has other terms."""

    APPLIED = "applied"
    CLEARED = "cleared"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REACTIVATED = "reactivated"
    AGREED = "agreed"
    """The contract's terms on its first day, and every change of them."""


class StatementLine(Message):
    """One movement: `terms` are negative when they were taken, `remaining` is what was left after it.

    `case` and `title` are null of a change of the contract, and of a case that the caller may not know of."""

    at: Instant
    day: date
    """By the customer's clock."""
    event: LineEvent
    text: str
    case: str | None
    title: str | None
    origin: str | None
    terms: Terms
    remaining: Terms
    by: str | None = None
    """Who did it, by slug; null: the engine did by itself, or nobody is known."""


class StatementBalance(Message):
    """Opening and closing balance of all terms (`origin` null), or of one channel, with what moved between them."""

    origin: str | None
    opening: Terms
    agreed: Terms
    taken: Terms
    given_back: Terms
    closing: Terms


class Statement(Message):
    """`first` and `last` are days by the customer's clock (`time_zone`), both included."""

    entitlement: str
    name: str
    customer: str
    status: EntitlementStatus
    allocation: Allocation
    decrease_on: DecreaseOn
    start: date
    end: date
    first: date
    last: date
    time_zone: str
    language: StatementLanguage
    organisation: str
    total: StatementBalance
    channels: tuple[StatementBalance, ...]
    lines: tuple[StatementLine, ...]
