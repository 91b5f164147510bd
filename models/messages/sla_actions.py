"""What an SLA does by itself with its case (domain 4.1): on a warning, a failure, a success, and in steps after a failure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import Field, model_validator

from models.messages.base import Message, Slug
from models.messages.calendars import Span
from models.messages.notices import Reader
from models.messages.process_actions import DataField, GivenValue, WebhookUrl
from models.messages.said import joined, said


class SlaEvent(StrEnum):
    WARNING = "warning"
    FAILURE = "failure"
    SUCCESS = "success"


class SlaDeed(StrEnum):
    NOTIFY = "notify"
    """Mail it, in the words of a template or the engine's own."""
    ESCALATE = "escalate"
    """Mark the case as escalated."""
    SET_PRIORITY = "set-priority"
    SET = "set"
    """Give fields of the case new values."""
    ASSIGN = "assign"
    """Make an agent or a team the owner."""
    ROUTE = "route"
    """Move the case to a queue."""
    SET_SLA = "set-sla"
    """Let another SLA promise from now on, as an automation chooses it (domain 4.6)."""
    WEBHOOK = "webhook"
    """Tell another program."""


_NEEDS: Mapping[SlaDeed, tuple[str, ...]] = MappingProxyType(
    {
        SlaDeed.NOTIFY: ("to",),
        SlaDeed.ESCALATE: (),
        SlaDeed.SET_PRIORITY: ("value",),
        SlaDeed.SET: ("values",),
        SlaDeed.ASSIGN: ("agent", "team"),
        SlaDeed.ROUTE: ("queue",),
        SlaDeed.SET_SLA: ("sla",),
        SlaDeed.WEBHOOK: ("url",),
    }
)
_MAY: Mapping[SlaDeed, tuple[str, ...]] = MappingProxyType({SlaDeed.NOTIFY: ("template",)})
_ALL = tuple(dict.fromkeys(name for names in (*_NEEDS.values(), *_MAY.values()) for name in names))


class SlaStepAction(Message):
    """What to do at a step of an escalation. What cannot be done is told on the timeline, and stops nothing."""

    given_with: ClassVar[tuple[str, Mapping[SlaDeed, tuple[str, ...]]]] = (
        "do",
        {deed: (*names, *_MAY.get(deed, ())) for deed, names in _NEEDS.items()},
    )
    """The field that decides which others are given, and of each of its values the others."""
    do: SlaDeed
    to: Reader | None = None
    """Whom `notify` mails: `owner`, `queue`, `manager`, `customer`, `team:night`, or an address."""
    template: Slug | None = None
    """In whose words `notify` speaks; without one, in the engine's own."""
    value: Slug | None = None
    """The priority that `set-priority` sets."""
    values: dict[DataField, GivenValue] = Field(
        default_factory=dict, max_length=30, exclude_if=lambda values: not values
    )
    """The fields that `set` changes, `custom.x` for a custom one; null clears one."""
    agent: Slug | None = Field(default=None, exclude_if=lambda agent: agent is None)
    """To whom `assign` gives the case."""
    team: Slug | None = Field(default=None, exclude_if=lambda team: team is None)
    queue: Slug | None = Field(default=None, exclude_if=lambda queue: queue is None)
    """Where `route` moves the case."""
    sla: Slug | None = Field(default=None, exclude_if=lambda sla: sla is None)
    """What `set-sla` chooses; one that was set by hand stays, unless the organisation says otherwise."""
    url: WebhookUrl | None = Field(default=None, exclude_if=lambda url: url is None)
    """Where `webhook` posts a signed notice to."""

    @model_validator(mode="after")
    def _check(self) -> SlaStepAction:
        needed = _NEEDS[self.do]
        given = [name for name in _ALL if getattr(self, name)]
        for name in given:
            if name not in (*needed, *_MAY.get(self.do, ())):
                meant = [deed.value for deed in SlaDeed if name in (*_NEEDS[deed], *_MAY.get(deed, ()))]
                raise ValueError(
                    said("{name!r} is given with 'do: {meant}', and only there", name=name, meant=joined(meant, " or "))
                )
        missing = [name for name in needed if name not in given]
        if self.do is SlaDeed.ASSIGN:
            if len(missing) != 1:
                raise ValueError(said("'do: assign' needs exactly one of 'agent' or 'team'"))
        elif missing:
            raise ValueError(said("'do: {do}' needs {missing!r}", missing=missing[0], do=self.do))
        return self


class SlaAction(SlaStepAction):
    """What to do on an event of an instance. It is done once for each instance and event, whatever is evaluated again."""

    on: SlaEvent

    @model_validator(mode="before")
    @classmethod
    def _on(cls, value: Any) -> Any:
        # YAML 1.1 reads a bare `on` as true, also where it is a key.
        return {"on" if key is True else key: item for key, item in value.items()} if isinstance(value, dict) else value


class EscalationStep(Message):
    """A further deadline of a promise that was missed: so long after the one before it, the failure at first."""

    after: Span
    """In the time of the item's calendar."""
    actions: tuple[SlaStepAction, ...] = Field(min_length=1, max_length=20)
