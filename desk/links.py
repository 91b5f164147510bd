"""Why a link of a customer opens nothing. A forged one, one of another house and one that never was are told alike."""

from __future__ import annotations

from enum import StrEnum


class Closed(StrEnum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    """The case was open again before it was asked about."""
    ANSWERED = "answered"
    """With another answer than the one that comes now."""


class LinkClosed(Exception):
    def __init__(self, why: Closed) -> None:
        super().__init__(why.value)
        self.why = why
