"""What the API shows of surveys and of customers' links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.messages.base import Message
from models.messages.surveys import RequestState, SurveyKind


class SurveyAnswerView(Message):
    id: UUID
    survey: str
    case: str
    kind: SurveyKind
    score: int
    comment: str | None
    answered_on: datetime


class SurveyAnswerPage(Message):
    """The newest first."""

    items: tuple[SurveyAnswerView, ...]
    next: str | None


class SurveyRequestView(Message):
    """That the customer was asked about one resolution of the case, and what they said. `expires_on`: wall time."""

    id: UUID
    survey: str
    version: int
    kind: SurveyKind
    state: RequestState
    ask_on: datetime
    expires_on: datetime
    answer: SurveyAnswerView | None


class SurveyRequestList(Message):
    """The newest first."""

    items: tuple[SurveyRequestView, ...]
    next: None = None


class CustomerLinkView(Message):
    """A customer's link to the case; what opens it stands in their letter alone."""

    id: UUID
    contact: str
    made_on: datetime
    expires_on: datetime
    revoked_on: datetime | None
    revoked_by: str | None


class CustomerLinkList(Message):
    """The newest first."""

    items: tuple[CustomerLinkView, ...]
    next: None = None
