"""Notices to the house's own people and to the customer: on what, to whom, in which words."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from models.messages.base import Message, Slug, StoredAddress, WrongAt, quoted
from models.messages.said import joined, said

TEAM = "team:"
READERS = ("owner", "queue", "manager", "customer")
_TEAM = re.compile(r"team:[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS: TypeAdapter[str] = TypeAdapter(StoredAddress)


def _reader(value: str) -> str:
    if value in READERS or _TEAM.fullmatch(value):
        return value
    try:
        return _ADDRESS.validate_python(value)
    except ValidationError:
        raise ValueError(
            said(
                "{value} is nobody to tell; one of: {readers}, team:<slug>, an email address",
                value=quoted(value),
                readers=joined(READERS),
            )
        ) from None


Reader = Annotated[
    str,
    Field(max_length=254, examples=["owner", "team:gold-team", "duty@house.example"]),
    AfterValidator(_reader),
]
"""Whom a notice goes to.

`owner`: the case's owner, an agent or the members of a team; `queue`: the members of its queue, or without members the
queue's owner, who also stands in for an owner that there is not; `manager`: the queue's owner if they are a manager,
else all managers; `customer`: the case's contact; `team:<slug>`: the members of a team; or an address.
"""


def team_of(to: str | None) -> str | None:
    """The team that a reader names."""
    return to.removeprefix(TEAM) if to is not None and to.startswith(TEAM) else None


MENTIONED = "mentioned"
"""Whom a note names."""
REVIEWER = "reviewer"
"""Who is to review an article: whom its author has named, else the knowledge managers, else managers, else administrators."""


def _work_reader(value: str) -> str:
    return value if value in (MENTIONED, REVIEWER) else _reader(value)


WorkReader = Annotated[
    str,
    Field(max_length=254, examples=["owner", "mentioned", "team:gold-team"]),
    AfterValidator(_work_reader),
]
"""As `Reader`; or `mentioned`, whom a note names by `@` and their slug; or `reviewer`, who is to review an article."""


class WorkEvent(StrEnum):
    NEW_CASE = "new-case"
    """A case was opened, or came into another queue."""
    ASSIGNED = "assigned"
    """Somebody else, or the house itself, gave a case to an agent or a team."""
    REPLY = "reply"
    """The customer wrote on an open case, or a mail reopened one."""
    ANSWER_TO_CLOSED = "answer-to-closed"
    """The customer wrote on a resolved or cancelled case, which stays as it is."""
    MENTION = "mention"
    """A note names an agent by `@` and their slug."""
    DEADLINE = "deadline"
    """The deadline of a promise is near: its item's `warn_after` has passed."""
    REVIEW = "review"
    """Somebody has marked an article for review."""


class Concern(StrEnum):
    """What an agent finds among their notices in the console."""

    ASSIGNED = "assigned"
    REPLY = "reply"
    ANSWER_TO_CLOSED = "answer-to-closed"
    MENTION = "mention"
    DEADLINE = "deadline"
    """These are told by mail as well (`WorkEvent`), to whoever wants that."""
    BOUNCE = "bounce"
    """A letter of the case was refused for good, or came back."""
    SOLVED = "solved"
    """The customer says that the matter is done."""


class NoticeWay(StrEnum):
    """How somebody is told of one kind of event."""

    OFF = "off"
    AT_ONCE = "at-once"
    HOURLY = "hourly"
    """In one letter an hour, within the reader's working hours."""
    DAILY = "daily"
    """In one letter a day, when the reader's working day begins."""


class WorkNotice(Message):
    """Mail to whoever is concerned by what happened to a case, or by an article that is to be reviewed. Without a template, in
    the engine's own words."""

    on: WorkEvent
    to: WorkReader
    template: Slug | None = None
    way: NoticeWay = NoticeWay.AT_ONCE
    """For agents who have chosen nothing themselves. Customers and addresses are always told at once."""

    @model_validator(mode="after")
    def _mentioned(self) -> WorkNotice:
        if self.to == MENTIONED and self.on is not WorkEvent.MENTION:
            rule = said(
                "{mentioned!r} is somebody only on {mention!r}", mentioned=MENTIONED, mention=WorkEvent.MENTION.value
            )
            raise WrongAt(("to",), rule)
        if self.to == REVIEWER and self.on is not WorkEvent.REVIEW:
            rule = said("{reviewer!r} is somebody only on {review!r}", reviewer=REVIEWER, review=WorkEvent.REVIEW.value)
            raise WrongAt(("to",), rule)
        if self.on is WorkEvent.REVIEW and self.to in READERS:
            rule = said(
                "{to!r} is somebody of a case, and no article's; name {reviewer!r}, a team or an address",
                to=self.to,
                reviewer=REVIEWER,
            )
            raise WrongAt(("to",), rule)
        return self


USUAL_NOTICES: dict[WorkEvent, WorkNotice] = {
    notice.on: notice
    for notice in (
        WorkNotice(on=WorkEvent.NEW_CASE, to="queue", way=NoticeWay.OFF),
        WorkNotice(on=WorkEvent.ASSIGNED, to="owner", way=NoticeWay.OFF),
        WorkNotice(on=WorkEvent.REPLY, to="owner", way=NoticeWay.OFF),
        WorkNotice(on=WorkEvent.ANSWER_TO_CLOSED, to="owner"),
        WorkNotice(on=WorkEvent.MENTION, to=MENTIONED),
        WorkNotice(on=WorkEvent.DEADLINE, to="owner", way=NoticeWay.OFF),
        WorkNotice(on=WorkEvent.REVIEW, to=REVIEWER),
    )
}
"""Whom each kind concerns, and how they are told where the organisation says nothing of that kind. Nobody reads a closed case
by themselves."""


class NoticeChoices(Message):
    """One's own choices. A kind that is not named is told as the organisation has it."""

    ways: dict[WorkEvent, NoticeWay] = Field(examples=[{"assigned": "at-once", "new-case": "daily"}])


class NoticeChoice(Message):
    """How one is told of one kind; `chosen`: by oneself, and not by the organisation's `default`."""

    kind: WorkEvent
    way: NoticeWay
    default: NoticeWay
    chosen: bool


class MyNotices(Message):
    """All kinds, and how many letters' worth of news waits for the next digest."""

    notices: tuple[NoticeChoice, ...]
    waiting: int
