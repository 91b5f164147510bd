"""Duplicates of customers: how they are found, and how they become one (domain 9.2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from models.messages.base import Message

CustomerKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,63}$")]
"""A slug, or an id."""


class MergeCustomersBody(Message):
    """Who goes up in the one that the address names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"losers": ["casey-2"]}]})
    losers: Annotated[tuple[CustomerKey, ...], Field(min_length=1, max_length=9)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.losers)) != len(self.losers):
            raise ValueError("losers: an entry is listed twice")
        return self


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
