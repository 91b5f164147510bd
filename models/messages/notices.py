"""Notices to the house's own people and to the customer: on what, to whom, in which words."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from models.messages.base import Message, Slug, StoredAddress, quoted

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
            f"{quoted(value)} is nobody to tell; one of: {', '.join(READERS)}, team:<slug>, an email address"
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


class WorkEvent(StrEnum):
    NEW_CASE = "new-case"
    """A case was opened, and stands in its queue or with its owner."""
    REPLY = "reply"
    """The customer wrote on an open case, or a mail reopened one."""
    ANSWER_TO_CLOSED = "answer-to-closed"
    """The customer wrote on a resolved or cancelled case, which stays as it is."""


class WorkNotice(Message):
    """Mail to whoever is concerned by what happened to a case. Without a template, in the engine's own words."""

    on: WorkEvent
    to: Reader
    template: Slug | None = None


WORK_NOTICES = (WorkNotice(on=WorkEvent.ANSWER_TO_CLOSED, to="owner"),)
"""What an organisation that says nothing gets: nobody reads a closed case by themselves."""
