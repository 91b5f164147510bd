"""Surveys after resolution: what is asked, of whom, when, and what an answer brings about (domain 10)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from models.messages.base import ONE_LINE, Message, Name, Slug, refuse
from models.messages.calendars import Span
from models.messages.conditions import ConditionGroup
from models.messages.languages import BY_LANGUAGE
from models.messages.notices import Reader
from models.messages.said import said, word
from models.messages.storable import Path

LONGEST_COMMENT = 4_000
LONGEST_DELAY_DAYS = 90


class SurveyKind(StrEnum):
    CSAT = "csat"
    """How satisfied: 1 to 5."""
    NPS = "nps"
    """How likely to recommend us: 0 to 10."""
    CES = "ces"
    """How easy it was: 1 to 7."""

    @property
    def scores(self) -> range:
        """What can be answered, the worst first."""
        match self:
            case SurveyKind.CSAT:
                return range(1, 6)
            case SurveyKind.NPS:
                return range(11)
            case SurveyKind.CES:
                return range(1, 8)


Question = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=ONE_LINE)]


class AnswerRule(Message):
    """What an answer of at most this score brings about."""

    at_most: int = Field(ge=0, le=10)
    reopen: bool = False
    """The case is active again, if it is still resolved."""
    notify: Reader | None = None
    template: Slug | None = None
    """Of the notice; without one, in the engine's own words."""

    @model_validator(mode="after")
    def _does_something(self) -> AnswerRule:
        if not self.reopen and self.notify is None:
            raise ValueError(said("says what follows: 'reopen', 'notify', or both"))
        if self.notify == "customer":
            raise ValueError(
                said("'notify' names people of the house: owner, queue, manager, team:<slug> or an address")
            )
        if self.template is not None and self.notify is None:
            raise ValueError(said("'template' is of the notice to whom 'notify' names"))
        return self


class SurveyDefinition(Message):
    """Of several active surveys a resolved case gets the first, by slug, whose condition holds."""

    slug: Slug
    name: Name
    kind: SurveyKind = SurveyKind.CSAT
    question: Annotated[dict[str, Question], BY_LANGUAGE] = Field(default_factory=dict, max_length=200)
    """In the organisation's own words, by language; a language that is left out is asked in the engine's."""
    when: ConditionGroup | None = None
    sample_percent: int = Field(default=100, ge=1, le=100)
    """So many of a hundred resolutions are asked about."""
    quiet_days: int = Field(default=30, ge=0, le=3650)
    """Who was asked is not asked again for so long, whatever they answered."""
    delay: Span | None = None
    """After the resolution; a case that is open again by then is not asked about. Without it, at once."""
    expires_days: int = Field(default=14, ge=1, le=365)
    """After it was sent the link ends."""
    template: Slug | None = None
    """Of the letter, which says `{{ survey.link }}`; without one, in the engine's own words."""
    rules: tuple[AnswerRule, ...] = Field(default=(), max_length=20)
    """Each that an answer meets does what it says."""

    @field_validator("delay")
    @classmethod
    def _plain(cls, delay: Span | None) -> Span | None:
        if delay is not None and (delay.unit.is_business or delay.minutes > LONGEST_DELAY_DAYS * 24 * 60):
            raise ValueError(
                said(
                    "is a plain length of at most {longest_delay_days} days: no business time counts here",
                    longest_delay_days=LONGEST_DELAY_DAYS,
                )
            )
        return delay

    @model_validator(mode="after")
    def _within_the_scale(self) -> SurveyDefinition:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        scores = self.kind.scores
        for position, rule in enumerate(self.rules):
            if rule.at_most not in scores:
                yield (
                    ("rules", position, "at_most"),
                    said(
                        "scores of {kind} are {first} to {last}",
                        kind=word(self.kind),
                        first=scores[0],
                        last=scores[-1],
                    ),
                )


class RequestState(StrEnum):
    """What became of asking about one resolution."""

    ASKED = "asked"
    """The letter waits, or has left."""
    WITHDRAWN = "withdrawn"
    """The case was open again before the letter left."""
    ANSWERED = "answered"
