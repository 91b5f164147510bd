"""Automatic record creation rules (domain 6): what an arriving mail or activity becomes, and on what conditions."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from models.messages.base import Message, Name, Slug, WrongAt
from models.messages.conditions import ConditionGroup
from models.messages.said import said

LONGEST_WINDOW = 100 * 366 * 24 * 60
"""A hundred years in minutes."""


class CreationAction(StrEnum):
    OPEN_CASE = "open-case"
    REOPEN = "reopen"
    FILE = "file"


class CreationItem(Message):
    """Ordered; the first whose condition holds runs. The fields given here override those taken from the mail."""

    name: Name
    when: ConditionGroup | None = None
    action: CreationAction = CreationAction.OPEN_CASE
    priority: Slug | None = None
    case_type: Slug | None = None
    subject: Slug | None = None
    product: Slug | None = None
    sla: Slug | None = Field(default=None, exclude_if=lambda sla: sla is None)
    """What promises on the new case, unless one is set by hand (domain 4.6)."""


MAIL = "email"
"""The source of rules about mail; every other source is an activity type."""


class RecordCreationRule(Message):
    """One active rule per source and queue; of an activity type also one without a queue (domain 6.1, 6.6)."""

    slug: Slug
    name: Name
    source: Slug = MAIL
    """`email`, or one of the organisation's activity types."""
    queue: Slug | None = None
    """Required of mail. Of activities, those that arrive in this queue; without it, all that no other rule watches."""
    origin: Slug | None = None
    """Of cases made of activities; without it `phone`. Mail opens cases of origin `email`."""
    items: tuple[CreationItem, ...] = Field(min_length=1, max_length=1_000)
    allow_unknown_senders: bool = False
    create_contact: bool = True
    require_entitlement: bool = False
    new_case_after_resolved: bool = False
    """Domain 6.4: No = a mail on a resolved case is only attached."""
    resolved_window_minutes: int | None = Field(default=None, ge=0, le=LONGEST_WINDOW)
    """With `new_case_after_resolved`: only if resolved longer ago than this; blank = at once."""
    new_case_on_changed_subject: bool = False
    """A reply under another subject is another matter, also while its case is active; "Re:" is no change."""
    auto_reply_template: Slug | None = None
    """Without one nothing is sent."""
    owner: Slug | None = None
    """The agent who owns the new case, unless a routing rule gives it to another. A team owns no rule."""

    @model_validator(mode="after")
    def _check(self) -> RecordCreationRule:
        if self.source == MAIL and self.queue is None:
            raise WrongAt(("queue",), said("this field is required of a rule about mail"))
        return self


MAIL_ALONE = ("new_case_after_resolved", "new_case_on_changed_subject", "resolved_window_minutes")
"""What a rule can say of mail alone: an activity arrives without a case."""
