"""Cases that are like another one, each with the reasons that it is named for."""

from __future__ import annotations

from enum import StrEnum

from models.messages.api_case_views import CaseView
from models.messages.base import Instant, Message


class Shared(StrEnum):
    """What two cases may have in common beside words."""

    ACCOUNT = "account"
    CONTACT = "contact"
    PRODUCT = "product"
    SUBJECT = "subject"


class SimilarCase(Message):
    number: str
    title: str
    status: str
    status_reason: str
    queue: str | None
    created_on: Instant
    words: tuple[str, ...]
    """Words of this case's title that the other one has too, in some form; those that share most come first."""
    same: tuple[Shared, ...]


class SimilarPage(Message):
    items: tuple[SimilarCase, ...]
    next: None = None


class OpenedCase(CaseView):
    """The case that was opened, and cases of the same customer that may be about the same matter."""

    possible_duplicates: tuple[SimilarCase, ...]
