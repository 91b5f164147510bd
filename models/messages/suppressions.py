"""The suppression list: addresses that get no mail of ours until somebody lifts it (email promise 8)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from models.messages.base import EmailAddress, Instant, Message


class SuppressionReason(StrEnum):
    BOUNCED = "bounced"
    """A report said, after the letter had left, that the address is dead."""
    REFUSED = "refused"
    """The server said so when the letter was handed in."""
    OPERATOR = "operator"


class SuppressionBody(Message):
    """An address to be suppressed, and why, in the operator's words."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "gone@customer.example", "detail": "asked to get no more mail"}]}
    )
    address: EmailAddress
    detail: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")] | None = None


class SuppressionView(Message):
    """`detail`: the server's words, or the operator's. `letter` is the message that bounced, `case` its case."""

    id: UUID
    address: str
    reason: SuppressionReason = Field(description="bounced, refused or operator")
    detail: str | None
    added_on: Instant
    added_by: str | None
    letter: UUID | None
    case: str | None
