"""Basic routing rule sets (domain 5.1): ordered items, the first match wins, no match leaves the case where it is."""

from __future__ import annotations

from pydantic import Field, model_validator

from models.messages.base import Message, Name, Slug
from models.messages.conditions import ConditionGroup
from models.messages.said import said
from models.messages.skills import Skills


class RoutingRule(Message):
    """One item. To a queue: a queue item, owner unchanged. To an agent or team: ownership."""

    name: Name
    when: ConditionGroup | None = None
    queue: Slug | None = None
    agent: Slug | None = None
    team: Slug | None = None
    skills: Skills = Field(default_factory=dict)
    """What the case needs from now on: who gets it from a queue holds each of these at that level or higher."""

    sla: Slug | None = Field(default=None, exclude_if=lambda sla: sla is None)
    """What promises on the case from now on, unless one was set by hand (domain 4.6)."""

    @model_validator(mode="after")
    def _check(self) -> RoutingRule:
        if sum(target is not None for target in (self.queue, self.agent, self.team)) != 1:
            raise ValueError(said("a routing rule names exactly one of 'queue', 'agent' or 'team'"))
        return self


class RoutingRuleSet(Message):
    """Rules in their order: the first whose condition holds routes. A file has one set, for the cases of all queues."""

    slug: Slug
    name: Name
    rules: tuple[RoutingRule, ...] = Field(min_length=1, max_length=1_000)
