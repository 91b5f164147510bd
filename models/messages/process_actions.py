"""What a process does by itself: when a stage is entered or left, and when it begins, is finished or is abandoned."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from models.messages.base import DATA_FIELD, Message, Slug
from models.messages.notices import Reader
from models.messages.said import joined, said
from models.messages.storable import number, text_fault

DataField = Annotated[str, Field(pattern=DATA_FIELD, max_length=80)]
LONGEST_URL = 2_000
LONGEST_TEXT = 4_000


class ProcessDeed(StrEnum):
    SET = "set"
    """Give fields of the case new values."""
    SEND = "send"
    """Mail a template."""
    ASSIGN = "assign"
    """Make an agent or a team the owner."""
    ROUTE = "route"
    """Move the case to a queue."""
    SET_SLA = "set-sla"
    """Let another SLA promise from now on (domain 4.6)."""
    WEBHOOK = "webhook"
    """Tell another program."""


class ProcessEvent(StrEnum):
    """When actions are done. The last stage is left when the process is finished, and not when it is abandoned."""

    APPLIED = "applied"
    ENTRY = "entry"
    EXIT = "exit"
    FINISHED = "finished"
    ABANDONED = "abandoned"


def _url(value: str) -> str:
    """An address that a program can be told at: no user, no fragment. Whether it may be asked is decided when it is."""
    if text_fault(value, LONGEST_URL) is not None or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(
            said(
                "is an address in ASCII, of at most {longest_url:,} characters, without spaces", longest_url=LONGEST_URL
            )
        )
    parts = urlsplit("")
    named = False
    with suppress(ValueError):
        parts = urlsplit(value)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    if not named or parts.scheme not in ("http", "https"):
        raise ValueError(said("begins with https:// or http:// and names a host"))
    if "@" in parts.netloc or parts.fragment:
        raise ValueError(said("names no user, no password and no fragment"))
    return value


def _bounded(value: bool | int | float | str | None) -> bool | int | float | str | None:
    if isinstance(value, str):
        if (rule := text_fault(value, LONGEST_TEXT)) is not None:
            raise ValueError(rule)
    elif value is not None and not isinstance(value, bool):
        number(value)
    return value


WebhookUrl = Annotated[str, Field(max_length=LONGEST_URL), AfterValidator(_url)]
GivenValue = Annotated[bool | int | float | str | None, AfterValidator(_bounded)]

_NEEDS: Mapping[ProcessDeed, tuple[str, ...]] = MappingProxyType(
    {
        ProcessDeed.SET: ("values",),
        ProcessDeed.SEND: ("template", "to"),
        ProcessDeed.ASSIGN: ("agent", "team"),
        ProcessDeed.ROUTE: ("queue",),
        ProcessDeed.SET_SLA: ("sla",),
        ProcessDeed.WEBHOOK: ("url",),
    }
)
_EITHER = (ProcessDeed.ASSIGN,)


class ProcessAction(Message):
    """One thing to do. It is done once for each time that its event comes, and what cannot be done stops nothing."""

    given_with: ClassVar[tuple[str, Mapping[ProcessDeed, tuple[str, ...]]]] = ("do", _NEEDS)
    """The field that decides which others are given, and of each of its values the others."""
    do: ProcessDeed
    values: dict[DataField, GivenValue] = Field(default_factory=dict, max_length=30)
    """The fields that `set` changes, `custom.x` for a custom one; null clears one."""
    template: Slug | None = None
    """The words that `send` mails."""
    to: Reader | None = None
    """Whom `send` mails: `owner`, `queue`, `manager`, `customer`, `team:night`, or an address."""
    agent: Slug | None = None
    """To whom `assign` gives the case."""
    team: Slug | None = None
    queue: Slug | None = None
    """Where `route` moves the case."""
    sla: Slug | None = Field(default=None, exclude_if=lambda sla: sla is None)
    """What `set-sla` chooses; one that was set by hand stays, unless the organisation says otherwise."""
    url: WebhookUrl | None = None
    """Where `webhook` posts a signed notice to."""

    @model_validator(mode="after")
    def _check(self) -> ProcessAction:
        needed = _NEEDS[self.do]
        given = [name for names in _NEEDS.values() for name in names if getattr(self, name)]
        for name in given:
            if name not in needed:
                raise ValueError(said("{name!r} is not given with 'do: {do}'", name=name, do=self.do))
        missing = [name for name in needed if name not in given]
        if self.do in _EITHER:
            if len(given) != 1:
                raise ValueError(said("'do: {do}' needs exactly one of 'agent' or 'team'", do=self.do))
        elif missing:
            raise ValueError(
                said(
                    "'do: {do}' needs {missing}", do=self.do, missing=joined((repr(name) for name in missing), " and ")
                )
            )
        return self


Actions = Annotated[tuple[ProcessAction, ...], Field(max_length=20)]
