"""Entitlements: what a contract promises (domain 3). Terms are decimal; balances are never negative on a restricted one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, model_validator

from models.messages.base import Message, Name, Slug


class Allocation(StrEnum):
    CASES = "cases"
    HOURS = "hours"


class DecreaseOn(StrEnum):
    RESOLUTION = "resolution"
    CREATION = "creation"


class EntitlementStatus(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class LifecycleEvent(StrEnum):
    """What moves terms (domain 3.4). A ledger row's key is (case, event, ordinal)."""

    APPLIED = "applied"
    CLEARED = "cleared"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REACTIVATED = "reactivated"


class ChannelTerms(Message):
    """Terms of one origin; an origin not listed is not limited by channel (domain 3.1)."""

    origin: Slug
    total_terms: Decimal = Field(ge=0)


class EntitlementDefinition(Message):
    """A contract of one customer. `account` or `contact` (slugs) names the customer; empty `products` or `contacts`: all."""

    slug: Slug
    name: Name
    account: Slug | None = None
    contact: Slug | None = None
    start: date
    end: date
    restricted: bool = True
    allocation: Allocation = Allocation.CASES
    decrease_on: DecreaseOn = DecreaseOn.RESOLUTION
    total_terms: Decimal = Field(ge=0)
    sla: Slug | None = None
    tier: Slug | None = None
    channels: tuple[ChannelTerms, ...] = ()
    products: tuple[Slug, ...] = ()
    contacts: tuple[Slug, ...] = ()
    default: bool = False

    @model_validator(mode="after")
    def _check(self) -> EntitlementDefinition:
        if (self.account is None) == (self.contact is None):
            raise ValueError("an entitlement belongs to exactly one of 'account' or 'contact'")
        if self.end < self.start:
            raise ValueError("'end' is before 'start'")
        if self.allocation is Allocation.HOURS and self.decrease_on is DecreaseOn.CREATION:
            raise ValueError("hours are only taken on resolution (domain 3.1)")
        if sum((c.total_terms for c in self.channels), Decimal(0)) > self.total_terms:
            raise ValueError("the channels' terms exceed 'total_terms'")
        if len({c.origin for c in self.channels}) != len(self.channels):
            raise ValueError("an origin is listed twice in 'channels'")
        return self
