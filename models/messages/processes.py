"""Business process flows (domain 7): stages with data steps, branches on the stage before, and an instance's state."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from models.messages.base import Instant, Message, Name, Slug, refuse
from models.messages.case_fields import not_blank
from models.messages.conditions import ConditionGroup
from models.messages.process_actions import Actions, DataField
from models.messages.reference import Role
from models.messages.said import said
from models.messages.storable import Path

MOST_INSTANCES = 10
"""Processes that one case can have begun: the one that is shown, and those that wait."""

Guidance = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(not_blank)]


class StepKind(StrEnum):
    TEXT = "text"
    YES_NO = "yes-no"
    NUMBER = "number"
    CHOICE = "choice"


class DataStep(Message):
    """A case field or a custom field (`custom.x`) that a stage asks for. A required yes/no must be yes (domain 7)."""

    field: DataField
    label: Name
    kind: StepKind = StepKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = Field(default=(), max_length=1_000)
    hidden: bool = False
    read_only: bool = False


class Branch(Message):
    """Where Next leads if the condition holds; looked at in order, else the following stage of the list."""

    when: ConditionGroup
    to: Slug


class Stage(Message):
    slug: Slug
    name: Name
    category: Name | None = None
    guidance: Guidance | None = Field(default=None, exclude_if=lambda guidance: guidance is None)
    """What is to be done in the stage, in words for whoever works in it."""
    steps: tuple[DataStep, ...] = Field(default=(), max_length=30)
    branches: tuple[Branch, ...] = Field(default=(), max_length=100)
    next: Slug | None = None
    """Where Next leads without a matching branch; None: the following stage of the list."""
    last: bool = False
    """Ends the flow here even if further stages are listed (the end of a branch)."""
    on_entry: Actions = ()
    """Done whenever the stage becomes the active one, from before or from behind."""
    on_exit: Actions = ()
    """Done whenever the stage is left, also by finishing the process."""


class ProcessDefinition(Message):
    """At most 30 stages of at most 30 steps (domain 7)."""

    slug: Slug
    name: Name
    order: int = Field(default=100, ge=-(2**31), lt=2**31)
    """The lowest comes first when a new case asks which process it gets."""
    applies_when: ConditionGroup | None = None
    """A new case gets the first process whose condition holds; if there is none, `default_process`, or else the first
    process without a condition. An agent switches a case only to a process whose condition holds."""
    roles: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    """Who may switch to it and work in it; nobody named: everybody who works cases."""
    on_applied: Actions = ()
    """Done when a case begins with the process."""
    on_finished: Actions = ()
    on_abandoned: Actions = ()
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=30)

    @model_validator(mode="after")
    def _check(self) -> ProcessDefinition:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        slugs = [stage.slug for stage in self.stages]
        if len(set(slugs)) != len(slugs):
            yield ("stages",), said("two stages have the same slug")
        for position, stage in enumerate(self.stages):
            targets: list[tuple[Path, str]] = [
                (("branches", place, "to"), branch.to) for place, branch in enumerate(stage.branches)
            ]
            if stage.next:
                targets.append((("next",), stage.next))
            for place, target in targets:
                if target not in slugs:
                    rule = said("stage {stage!r} leads to unknown stage {target!r}", stage=stage.slug, target=target)
                elif slugs.index(target) <= position:
                    rule = said(
                        "stage {stage!r} leads back to {target!r}; branches only lead forward",
                        stage=stage.slug,
                        target=target,
                    )
                else:
                    continue
                yield ("stages", position, *place), rule


class ProcessStatus(StrEnum):
    ACTIVE = "active"
    FINISHED = "finished"
    ABANDONED = "abandoned"


class ProcessState(Message):
    """An instance: where it stands and the path it took (slugs, oldest first, the active stage last)."""

    definition: Slug
    version: int
    status: ProcessStatus = ProcessStatus.ACTIVE
    stage: Slug
    path: tuple[Slug, ...]
    stage_entered_on: Instant
    moves: int = 0
    """How often the instance has changed: the ordinal that makes the actions of one change unique."""
    spent: dict[Slug, float] = Field(default_factory=dict)
    """Seconds in each stage that was left, all visits together; the one under way is not among them."""


DataValue = bool | int | Decimal | str | None
