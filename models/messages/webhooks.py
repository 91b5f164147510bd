"""Notices to other programs as operators see them (domain 7)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from models.messages.base import Instant, Message


class WebhookState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookView(Message):
    """`host`: of its address, whose rest may be a secret. `answer`: the HTTP status of the last answer."""

    id: UUID
    case: str
    host: str
    type: str
    state: WebhookState
    attempts: int
    not_before: Instant
    """While it waits: when it is tried next."""
    answer: int | None
    last_error: str | None
    made_on: Instant
    ended_on: Instant | None


class WebhookSecret(Message):
    """What the receiver at this host verifies signatures with (Standard Webhooks)."""

    host: str
    secret: str
