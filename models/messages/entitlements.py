"""Entitlements: what a contract promises (domain 3). Terms are decimal, exact to four places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from models.messages.api_values import example
from models.messages.base import GivenDay, Instant, Message, Name, Slug, refuse
from models.messages.contract_warnings import ContractWarning
from models.messages.said import said
from models.messages.storable import Path
from models.messages.terms import TermCount


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
    total_terms: TermCount


class ContractTerms(Message):
    """What a contract and a template of contracts have in common. Empty `products`: all."""

    slug: Slug
    name: Name
    description: str | None = Field(default=None, max_length=10_000)
    owner: Slug | None = None
    """The agent who looks after it, and hears when little is left."""
    restricted: bool = True
    allocation: Allocation = Allocation.CASES
    decrease_on: DecreaseOn = DecreaseOn.RESOLUTION
    total_terms: TermCount
    sla: Slug | None = None
    tier: Slug | None = None
    channels: tuple[ChannelTerms, ...] = Field(default=(), max_length=500)
    products: tuple[Slug, ...] = Field(default=(), max_length=5_000)
    warnings: tuple[ContractWarning, ...] = Field(default=(), max_length=50)
    """Who is told when terms or time run low, and when."""

    @model_validator(mode="after")
    def _check_terms(self) -> Self:
        refuse(self._broken_terms())
        return self

    def _broken_terms(self) -> Iterator[tuple[Path, str]]:
        if self.allocation is Allocation.HOURS and self.decrease_on is DecreaseOn.CREATION:
            yield ("decrease_on",), said("hours are only taken on resolution (domain 3.1)")
        if sum((c.total_terms for c in self.channels), Decimal(0)) > self.total_terms:
            yield ("total_terms",), said("the channels' terms exceed 'total_terms'")
        totals = {channel.origin: channel.total_terms for channel in self.channels}
        if len(totals) != len(self.channels):
            yield ("channels",), said("an origin is listed twice in 'channels'")
        for position, warning in enumerate(self.warnings):
            if warning.origin is not None and warning.origin not in totals:
                yield (
                    ("warnings", position, "origin"),
                    said("{origin!r} is none of the 'channels'", origin=warning.origin),
                )
                continue
            total = self.total_terms if warning.origin is None else totals[warning.origin]
            least = warning.threshold(total)
            if least is not None and least >= total:
                yield (
                    ("warnings", position),
                    said("it would be due from the beginning, with {total} terms in all", total=format(total, "f")),
                )


class EntitlementDefinition(ContractTerms):
    """A contract of one customer, `account` or `contact` (slugs). Empty `products` or `contacts`: all."""

    account: Slug | None = None
    contact: Slug | None = None
    start: GivenDay
    end: GivenDay
    contacts: tuple[Slug, ...] = Field(default=(), max_length=5_000)
    default: bool = False

    @model_validator(mode="after")
    def _check(self) -> EntitlementDefinition:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        if (self.account is None) == (self.contact is None):
            yield (), said("an entitlement belongs to exactly one of 'account' or 'contact'")
        if self.end < self.start:
            yield ("end",), said("'end' is before 'start'")


class ExtendBody(Message):
    """A later last day, further terms, or both. `origin`: the channel among those listed that the further terms are of."""

    model_config = example({"end": "2032-12-31", "further_terms": 5})
    end: GivenDay | None = None
    further_terms: TermCount | None = None
    origin: Slug | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.end is None and not self.further_terms:
            raise ValueError(said("one of 'end' and 'further_terms' is needed"))
        if self.origin is not None and not self.further_terms:
            raise ValueError(said("'origin' is given with 'further_terms'"))
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
    warns: bool = False
    """Whether what is due is a warning, and no change of its state."""


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
