"""What KPI instances are judged by, and what follows from it (domain 4)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from models.messages.base import Instant, Message
from models.messages.calendars import Calendar
from models.messages.sla_actions import SlaStepAction
from models.messages.slas import KpiDefinition, KpiInstance, Pin, SlaDefinition, SlaItem


class SlaTerms(Message):
    """All definitions that one case's promises are judged by: those in force, and those that its instances pin.

    `in_force` is the version of the case's SLA for new instances; None: no SLA applies, open instances are cancelled.
    `calendar_versions` gives the version in force of each calendar slug. Asking for what is not here is a LookupError.
    """

    in_force: Pin | None
    slas: Mapping[Pin, SlaDefinition]
    calendars: Mapping[Pin, Calendar] = {}
    calendar_versions: Mapping[str, int] = {}
    kpis: Mapping[str, KpiDefinition] = {}
    pause_reasons: frozenset[str] = frozenset()
    """The status reasons that pause clocks, as slugs."""
    switched_off: bool = False
    """Whether nothing new is promised for now (domain 4.6); what runs already runs on."""
    recalculate_on_terminal: bool = False
    """Whether a reopened case, or another item, starts an ended promise anew (domain 1.3, 4.3)."""
    reinstate_on_reactivation: bool = True
    """Whether promises that a cancellation ended run again when the case is reactivated (domain 1.3)."""

    def item(self, instance: KpiInstance) -> SlaItem:
        return self.slas[instance.sla].items[instance.item]

    def calendar(self, pin: Pin | None) -> Calendar | None:
        return None if pin is None else self.calendars[pin]

    def calendar_pin(self, sla: SlaDefinition, item: SlaItem) -> Pin | None:
        slug = sla.calendar_of(item)
        return None if slug is None else Pin(slug=slug, version=self.calendar_versions[slug])


class ChangeKind(StrEnum):
    CREATED = "created"
    PAUSED = "paused"
    RESUMED = "resumed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    WARNED = "warned"
    FAILED = "failed"
    REINSTATED = "reinstated"
    RECOMPUTED = "recomputed"
    ESCALATED = "escalated"
    """A step of its escalation was taken."""
    ESCALATION_PAUSED = "escalation-paused"
    ESCALATION_RESUMED = "escalation-resumed"
    ESCALATION_ENDED = "escalation-ended"


class DueAction(Message):
    """An action to run; `key`, "<instance>/<event>/<position in the item>", is unique for ever: do each key once.

    `event` is one of `SlaEvent`, or `escalation-2` of the second step of an escalation.
    """

    key: str
    event: str
    action: SlaStepAction


class Change(Message):
    """One step of one instance, in the order to be written; `instance` is how it stands after it."""

    kind: ChangeKind
    instance: KpiInstance
    at: Instant
    """When the change happened. For a failure this is its deadline, even if it was noticed later."""
    actions: tuple[DueAction, ...] = ()


Changes = tuple[Change, ...]
