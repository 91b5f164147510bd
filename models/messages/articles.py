"""Knowledge articles (domain 8): what is written, the states of a version, and what its run and its verbs take."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from models.messages.api_values import example
from models.messages.base import ONE_LINE, GivenInstant, Instant, Message, Slug, refuse
from models.messages.case_fields import not_blank
from models.messages.languages import Language
from models.messages.said import said
from models.messages.storable import Path


class ArticleStatus(StrEnum):
    """Of one version in one language. A rejected one is its author's again, as a draft is."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    REJECTED = "rejected"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    EXPIRED = "expired"
    ARCHIVED = "archived"
    DISCARDED = "discarded"


class AfterExpiry(StrEnum):
    """What a published version becomes at the end of its time. An expired one can still be mailed, an archived one not."""

    EXPIRED = "expired"
    ARCHIVED = "archived"


Title = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=ONE_LINE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(not_blank)]


class ArticleText(Message):
    """What is written anew in each language."""

    title: Title
    """One line: it becomes the subject of the mail that carries the article."""
    content: str = Field(min_length=1, max_length=200_000)
    """Plain text; a blank line begins a paragraph."""
    keywords: str = Field(default="", max_length=500)
    """Words by which it is found as by those of its title."""
    description: str = Field(default="", max_length=500)
    """A sentence or two on what it is about."""


class ArticleTranslation(ArticleText):
    """The article in another language."""

    language: Language


class ArticleBody(Message):
    """One version's content. `content` is plain text with blank lines between paragraphs; `keywords` are words."""

    slug: Slug
    title: Title
    """One line: it becomes the subject of the mail that carries the article."""
    content: str = Field(min_length=1, max_length=200_000)
    keywords: str = Field(default="", max_length=500)
    description: str = Field(default="", max_length=500)
    """A sentence or two on what it is about."""
    subject: Slug | None = None
    products: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    """Products that it is about: of their cases it is suggested before others."""
    internal: bool = False
    language: Language = "en"


class ArticleEntry(ArticleBody):
    """An article as an organisation file has it: published in its first language and in those of its `translations`, or
    planned to be. What the file does not say of translations and of the end of its time stays as it is."""

    translations: tuple[ArticleTranslation, ...] = Field(default=(), max_length=200, exclude_if=lambda given: not given)
    """The article in other languages, published with it."""
    publish_on: GivenInstant | None = Field(default=None, exclude_if=lambda at: at is None)
    """The instant at which it is published by itself; once that has come, or without it, at once."""
    expires_on: GivenInstant | None = Field(default=None, exclude_if=lambda at: at is None)
    """The instant until which it is found."""
    after_expiry: AfterExpiry = Field(
        default=AfterExpiry.EXPIRED, exclude_if=lambda after: after is AfterExpiry.EXPIRED
    )
    """What becomes of it then: `expired`, which can still be mailed, or `archived`."""

    @model_validator(mode="after")
    def _check(self) -> ArticleEntry:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        languages = [self.language, *(each.language for each in self.translations)]
        for position, language in enumerate(languages[1:]):
            if language in languages[: position + 1]:
                rule = said("it is written in {language!r} already", language=language)
                yield ("translations", position, "language"), rule
        if self.publish_on is not None and self.expires_on is not None and self.expires_on <= self.publish_on:
            yield ("expires_on",), said("'expires_on' is not after 'publish_on'")

    def within(self, language: str) -> ArticleBody:
        """What is to be published in one of its languages."""
        body = ArticleBody.model_validate(self.model_dump(include=set(ArticleBody.model_fields)))
        words = next((each for each in self.translations if each.language == language), None)
        return body if words is None else body.model_copy(update=words.model_dump())


# ---- what the verbs take ---------------------------------------------------------------------------------------------


class SubmitBody(Message):
    """Who is to review it; without a name, whoever may approve."""

    model_config = example({"reviewer": "kim"})
    reviewer: Slug | None = None


class RejectBody(Message):
    """Why it goes back to its author."""

    model_config = example({"reason": "Say which button to press."})
    reason: Reason


class PublishBody(Message):
    """Without `at` it is published now. `expires_on`: until when it is found; without it, without end. With `translations`
    the approved versions in other languages are published along, at the same instants."""

    model_config = example({"at": "2031-03-28T08:00:00Z", "expires_on": "2032-03-28T08:00:00Z", "translations": True})
    at: GivenInstant | None = None
    expires_on: GivenInstant | None = None
    after_expiry: AfterExpiry = AfterExpiry.EXPIRED
    translations: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> PublishBody:
        if self.at is not None and self.expires_on is not None and self.expires_on <= self.at:
            raise ValueError(said("'expires_on' is not after 'at'"))
        return self


class ExpireBody(Message):
    """When the published version's time ends: without anything said, now; `at` an instant to come, or `never`."""

    model_config = example({"at": "2032-03-28T08:00:00Z"})
    at: GivenInstant | None = None
    never: bool = False
    after_expiry: AfterExpiry | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> ExpireBody:
        if self.never and self.at is not None:
            raise ValueError(said("'at' and 'never' contradict each other"))
        return self


class VersionLevel(StrEnum):
    MINOR = "minor"
    MAJOR = "major"


class NewVersionBody(Message):
    """1.1 follows 1.0 as its minor version, 2.0 as its major one."""

    model_config = example({"level": "minor"})
    level: VersionLevel = VersionLevel.MINOR


class TranslationBody(Message):
    """The article in another language: a draft, in which what is not given here is copied from `source`."""

    model_config = example({"language": "de", "title": "Kopplung", "content": "Halten Sie den Knopf."})
    language: Language
    source: Language | None = None
    """Only the language that the article was first written in is translated from."""
    title: Title | None = None
    content: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] | None = None
    keywords: Annotated[str, StringConstraints(max_length=500)] | None = None
    description: Annotated[str, StringConstraints(max_length=500)] | None = None


# ---- the timed states, kept by `ArticleWorkflow` ---------------------------------------------------------------------


class ArticleRun(Message):
    """What a run of `ArticleWorkflow` is started with."""

    article_id: UUID
    number: str


class KeepArticle(Message):
    """See that the versions of an article stand as their instants say at `now`, the run's own time."""

    article_id: UUID
    now: Instant


class ArticleStanding(Message):
    """When an article changes next by itself, and how; `due` None: never again before somebody says so.

    `incident`: its instants could not be looked at."""

    due: Instant | None
    next: ArticleStatus | None = None
    incident: UUID | None = None


# ---- what is said about it -------------------------------------------------------------------------------------------


class ViewedBody(Message):
    """That somebody has opened it: from a search if `search` is its id, as the one at `rank`, counted from 1."""

    model_config = example({})
    search: UUID | None = None
    rank: Annotated[int, Field(ge=1, le=1_000)] | None = None

    @model_validator(mode="after")
    def _of_a_search(self) -> ViewedBody:
        if self.rank is not None and self.search is None:
            raise ValueError(said("'rank' is of a 'search'"))
        return self


class RatingBody(Message):
    """One's own opinion, in the place of the one before: 1 to 5 stars, whether it helped, or both."""

    model_config = example({"stars": 5, "helpful": True})
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    helpful: bool | None = None

    @model_validator(mode="after")
    def _something(self) -> RatingBody:
        if self.stars is None and self.helpful is None:
            raise ValueError(said("one of 'stars' and 'helpful' is needed"))
        return self
