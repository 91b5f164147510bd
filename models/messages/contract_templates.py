"""Templates of contracts: what a kind of contract promises, copied into each contract that is made of one (domain 3.8)."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from models.messages.base import GivenDay, Message, Name, Slug
from models.messages.contract_warnings import ContractWarning
from models.messages.entitlements import (
    Allocation,
    ChannelTerms,
    ContractTerms,
    DecreaseOn,
    EntitlementDefinition,
)
from models.messages.said import said
from models.messages.terms import TermCount

OF_ITS_OWN = frozenset({"slug", "start", "end", "months"})
"""What a contract does not copy: its slug is its own, and its days are reckoned."""


class EntitlementTemplate(ContractTerms):
    """What contracts are made of: their values are copied when one is made, and nothing follows from the template later."""

    start: GivenDay | None = None
    """First day of a contract; nothing: the day on which it is made."""
    end: GivenDay | None = None
    """Last day of a contract."""
    months: int | None = Field(default=None, ge=1, le=1200)
    """How long a contract lasts, where neither it nor the template has a last day."""

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        if self.end is not None and self.months is not None:
            raise ValueError(said("'end' and 'months' say the same thing twice"))
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(said("'end' is before 'start'"))
        return self

    def copied(self) -> dict[str, Any]:
        """The values that a contract takes over, as JSON has them."""
        return self.model_dump(mode="json", exclude=set(OF_ITS_OWN))


class ContractOfTemplate(Message):
    """A contract to be made of a template: its slug, its customer, and whatever is to be otherwise than the template says."""

    slug: Slug
    account: Slug | None = None
    contact: Slug | None = None
    start: GivenDay | None = None
    end: GivenDay | None = None
    contacts: tuple[Slug, ...] = Field(default=(), max_length=5_000)
    default: bool = False
    name: Name | None = None
    description: str | None = Field(default=None, max_length=10_000)
    owner: Slug | None = None
    restricted: bool | None = None
    allocation: Allocation | None = None
    decrease_on: DecreaseOn | None = None
    total_terms: TermCount | None = None
    sla: Slug | None = None
    tier: Slug | None = None
    channels: tuple[ChannelTerms, ...] | None = Field(default=None, max_length=500)
    products: tuple[Slug, ...] | None = Field(default=None, max_length=5_000)
    warnings: tuple[ContractWarning, ...] | None = Field(default=None, max_length=50)

    def given(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)


class EntitlementEntry(EntitlementDefinition):
    """A contract of one customer, `account` or `contact` (slugs). Empty `products` or `contacts`: all."""

    template: Slug | None = None
    """A template of this file: what the contract does not say itself is copied from it when the contract is made, and only
    then."""
