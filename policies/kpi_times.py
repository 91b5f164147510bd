"""The deadlines of a KPI instance: worked out from its start, its holds and its pinned calendar alone (domain 4.4, 4.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.messages.calendars import Calendar, Span
from models.messages.kpi import SlaTerms
from models.messages.shares import Share
from models.messages.slas import Hold, KpiInstance, SlaItem
from policies.business_time import add_business, business_between


def timed(terms: SlaTerms, instance: KpiInstance) -> KpiInstance:
    """Its deadlines and held time, worked out from its start and holds.

    A hold moves both deadlines by the business time inside it, but the warning only if it began before that
    (domain 4.4). One that began after the failure comes too late to count.
    """
    item, calendar = terms.item(instance), terms.calendar(instance.calendar)
    start = instance.applicable_from
    failure = add_business(calendar, start, item.fail_after)
    warning = _warning(calendar, start, failure, item)
    total = timedelta(0)
    for hold in instance.holds:
        if hold.began >= failure:
            break
        held = business_between(calendar, max(hold.began, start), hold.ended)
        failure = add_business(calendar, failure, held)
        if warning is not None and hold.began < warning:
            warning = add_business(calendar, warning, held)
        total += held
    return instance.model_copy(
        update={"warning_at": warning, "failure_at": failure, "held_seconds": round(total.total_seconds())}
    )


def unheld(terms: SlaTerms, instance: KpiInstance, at: datetime) -> KpiInstance:
    """The instance with its present hold ended at `at`, if it is on hold."""
    if instance.paused_on is None:
        return instance
    holds = instance.holds
    if at > instance.paused_on:
        holds = (*holds, Hold(began=instance.paused_on, ended=at))
    return timed(terms, instance.model_copy(update={"paused_on": None, "holds": holds}))


def _warning(calendar: Calendar | None, start: datetime, failure: datetime, item: SlaItem) -> datetime | None:
    """A share is one of the working time up to the failure, also where that is promised in days."""
    match item.warn_after:
        case None:
            return None
        case Share(percent=percent):
            whole = business_between(calendar, start, failure) // timedelta(microseconds=1)
            return add_business(calendar, start, timedelta(microseconds=int(whole * percent / 100)))
        case Span() as span:
            return add_business(calendar, start, span)
