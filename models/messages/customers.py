"""Duplicates of customers: how they are found, and how they become one (domain 9.2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from models.messages.base import KEY, Message
from models.messages.said import said

CustomerKey = Annotated[str, StringConstraints(pattern=KEY)]
"""A slug, or an id."""


class MergeCustomersBody(Message):
    """Who goes up in the one that the address names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"losers": ["casey-2"]}]})
    losers: Annotated[tuple[CustomerKey, ...], Field(min_length=1, max_length=9)]

    @field_validator("losers")
    @classmethod
    def _once(cls, losers: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(losers)) != len(losers):
            raise ValueError(said("an entry is listed twice"))
        return losers


class DuplicateReason(StrEnum):
    ADDRESS = "address"
    """The same address, but for a detail behind a plus."""
    NUMBER = "number"
    """The same number of a telephone, however it is written."""
    NAME = "name"
    """A similar name; of contacts, at the same account."""


class Duplicate(Message):
    """Somebody who may be the same. `reasons`: why, each with what is alike."""

    id: UUID
    slug: str | None
    name: str
    reasons: dict[DuplicateReason, str]


class Duplicates(Message):
    """Those with the most reasons first."""

    items: tuple[Duplicate, ...]
    next: str | None = None


class CustomerKind(StrEnum):
    ACCOUNT = "account"
    CONTACT = "contact"


class PossibleDuplicates(Message):
    """A customer, and who came later and may be the same."""

    kind: CustomerKind
    id: UUID
    slug: str | None
    name: str
    duplicates: tuple[Duplicate, ...]


class PossibleDuplicatesPage(Message):
    """The oldest first. A page may be short, or empty, and yet not the last: `next` tells."""

    items: tuple[PossibleDuplicates, ...]
    next: str | None = None
