"""What the routes of articles take and answer beside the articles themselves."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from models.messages.api_values import example
from models.messages.base import Instant, Message
from models.messages.case_fields import storable_text
from models.messages.languages import Language


class SearchedBody(Message):
    """A search that is kept, so that what people look for can be counted."""

    model_config = example({"q": "bluetooth pairing"})
    q: Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(storable_text)]
    language: Language | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Term(Message):
    """Words that were looked for, in small letters, and how often."""

    words: str
    searches: int


class Insights(Message):
    """Rates are from 0 to 1; null where there is nothing to divide by."""

    searches: int
    without_result: int
    no_result_rate: float | None
    engaged: int
    """Searches of which a hit was opened."""
    engagement_rate: float | None
    average_clicked_rank: float | None
    """Of the hit that was opened first, counted from 1."""
    top_terms: tuple[Term, ...]
    top_terms_without_result: tuple[Term, ...]


class ArticleDayView(Message):
    """What happened to an article on a day of the organisation's, in one language."""

    day: date
    language: str
    views: int
    shares: int


class ArticleDays(Message):
    items: tuple[ArticleDayView, ...]


class LinkedCase(Message):
    """A case that the article is linked to."""

    number: str
    title: str
    status: str
    linked_on: Instant


class LinkedCases(Message):
    items: tuple[LinkedCase, ...]
    next: str | None


class SuggestedArticle(Message):
    """An article that may answer a case, and why: the words that they share, and what else."""

    id: UUID
    number: str
    title: str
    language: str
    internal: bool
    snippet: str
    words: tuple[str, ...]
    same: tuple[str, ...]
    """`subject` and `product`, if the article is about the case's own; `language`, if it is in the customer's."""


class SuggestedPage(Message):
    items: tuple[SuggestedArticle, ...]
