"""Entitlements: what a contract promises (domain 3). Terms are decimal, exact to four places."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, model_validator

from models.messages.base import GivenDay, Instant, Message, Name, Slug


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


MOST_TERMS = 10**11
"""With four decimal places these are 15 digits: as many as a JSON number holds exactly in every program."""


def as_number(terms: Decimal) -> int | float:
    """Terms as the API writes them everywhere: a JSON number, whole where it can be."""
    return int(terms) if terms == terms.to_integral_value() else float(terms)


Terms = Annotated[Decimal, PlainSerializer(as_number, return_type=int | float, when_used="json")]
"""Terms, or a balance of them, which may be negative."""
TermCount = Annotated[Terms, Field(ge=0, le=MOST_TERMS)]


class ChannelTerms(Message):
    """Terms of one origin; an origin not listed is not limited by channel (domain 3.1)."""

    origin: Slug
    total_terms: TermCount


class EntitlementDefinition(Message):
    """A contract of one customer, `account` or `contact` (slugs). Empty `products` or `contacts`: all."""

    slug: Slug
    name: Name
    account: Slug | None = None
    contact: Slug | None = None
    start: GivenDay
    end: GivenDay
    restricted: bool = True
    allocation: Allocation = Allocation.CASES
    decrease_on: DecreaseOn = DecreaseOn.RESOLUTION
    total_terms: TermCount
    sla: Slug | None = None
    tier: Slug | None = None
    channels: tuple[ChannelTerms, ...] = Field(default=(), max_length=500)
    products: tuple[Slug, ...] = Field(default=(), max_length=5_000)
    contacts: tuple[Slug, ...] = Field(default=(), max_length=5_000)
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


# ---- the timed states, kept by `EntitlementWorkflow` -----------------------------------------------------------------


class EntitlementRun(Message):
    """What a run of `EntitlementWorkflow` is started with."""

    entitlement_id: UUID
    slug: str


class KeepInput(Message):
    """See that a contract stands as its dates say at `now`, the run's own time."""

    entitlement_id: UUID
    now: Instant


class Standing(Message):
    """How a contract stands, and when its dates will change that; `due` None: never again by themselves.

    `incident`: they could not be looked at, and are not again before somebody says so."""

    status: EntitlementStatus
    due: Instant | None
    incident: UUID | None = None


# ---- facts and answers of the policy ---------------------------------------------------------------------------------


class ChannelBalance(Message):
    """What an entitlement has left for one listed origin."""

    origin: str
    total_terms: Decimal
    remaining_terms: Decimal


class EntitlementFacts(Message):
    """An entitlement as it stands. Of `status` only draft and cancelled count; the rest follows from the dates."""

    id: UUID
    slug: str
    status: EntitlementStatus
    start: date
    end: date
    account_id: UUID | None = None
    contact_id: UUID | None = None
    restricted: bool = True
    allocation: Allocation = Allocation.CASES
    decrease_on: DecreaseOn = DecreaseOn.RESOLUTION
    remaining_terms: Decimal
    channels: tuple[ChannelBalance, ...] = ()
    products: frozenset[str] = frozenset()
    """Slugs of products, and of families, which stand for all that lies in them; empty: all products."""
    contacts: frozenset[str] = frozenset()
    """Slugs; empty: all contacts of the customer."""
    default: bool = False

    def channel(self, origin: str) -> ChannelBalance | None:
        return next((channel for channel in self.channels if channel.origin == origin), None)


class CoveredCase(Message):
    """The case that asks for an entitlement. Its customer is the account, or without one the contact."""

    account_id: UUID | None = None
    contact_id: UUID | None = None
    contact: str | None = None
    """The contact's slug. Entitlements list a contact by it, or by its id if a mail made it known."""
    parent_account_id: UUID | None = None
    """The contact's own account, for a case whose customer is the contact (domain 6.3)."""
    origin: str
    product: str | None = None
    families: frozenset[str] = frozenset()
    """Slugs of the families that the product lies in, of each the one above as well."""
    decrement: bool = True
    """No: the case takes no terms, and no default entitlement applies to it (domain 3.4)."""


class NotApplicable(StrEnum):
    """Why an entitlement does not cover a case."""

    NONE = "no-entitlement"
    NO_DEFAULT = "no-default-entitlement"
    SWITCHED_OFF = "decrement-switched-off"
    OTHER_CUSTOMER = "other-customer"
    NOT_ACTIVE = "entitlement-not-active"
    WAITING = "entitlement-waiting"
    EXPIRED = "entitlement-expired"
    CONTACT_NOT_LISTED = "contact-not-listed"
    PRODUCT_NOT_LISTED = "product-not-listed"
    CHANNEL_FORBIDDEN = "channel-forbidden"
    EXHAUSTED = "entitlement-exhausted"


class EntitlementChoice(Message):
    """The default entitlement that applies; or why there is none, and of which one the reason speaks."""

    entitlement_id: UUID | None = None
    slug: str | None = None
    reason: NotApplicable | None = None


class Movement(Message):
    """A ledger row to be: what both balances get (negative: taken). `channel_terms` None: the origin is not listed."""

    terms: Decimal = Decimal(0)
    channel_terms: Decimal | None = None
    refused: bool = False
    """A restricted entitlement has too little left: nothing moves."""
    flagged: bool = False
    """Resolving took a balance below zero."""
