"""Why a promise is due when it is: the working time that counted, and the holds that moved it, by its own records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from models.messages.calendars import Calendar
from models.messages.kpi import SlaTerms
from models.messages.slas import KpiInstance
from policies.business_time import business_between, working
from policies.kpi_times import timed
from policies.worked_days import Range


class HoldMoved(NamedTuple):
    """A hold, the working time within it, and the deadline before and after it; after is None while it lasts."""

    began: datetime
    ended: datetime | None
    worked: timedelta
    moved_from: datetime
    moved_to: datetime | None


def counted(calendar: Calendar | None, since: datetime, until: datetime) -> list[Range]:
    """The working time between two instants: all of it, without a calendar."""
    if until <= since:
        return []
    return [(since, until)] if calendar is None else list(working(calendar, since, until))


def holds_of(terms: SlaTerms, instance: KpiInstance, now: datetime) -> list[HoldMoved]:
    """Each hold that counted, with what it did to the deadline. What began after the failure came too late."""
    calendar, start = terms.calendar(instance.calendar), instance.applicable_from
    before = [
        timed(terms, instance.model_copy(update={"holds": instance.holds[:n]})).failure_at for n in _upto(instance)
    ]
    moved = [
        HoldMoved(hold.began, hold.ended, business_between(calendar, max(hold.began, start), hold.ended), old, new)
        for hold, (old, new) in zip(instance.holds, pairwise(before), strict=True)
        if hold.began < old
    ]
    if instance.paused_on is not None:
        worked = business_between(calendar, max(instance.paused_on, start), now)
        moved.append(HoldMoved(instance.paused_on, None, worked, instance.failure_at, None))
    return moved


def _upto(instance: KpiInstance) -> Sequence[int]:
    return range(len(instance.holds) + 1)


def ended_on(instance: KpiInstance) -> datetime | None:
    return instance.succeeded_on or instance.failed_on or instance.cancelled_on


def active(terms: SlaTerms, instance: KpiInstance, now: datetime) -> timedelta:
    """Working time in which it ran: from where it counts to its end, or now, without what was held."""
    end = ended_on(instance) or now
    calendar = terms.calendar(instance.calendar)
    whole = business_between(calendar, instance.applicable_from, end)
    held = sum((_within(calendar, hold, instance, end) for hold in holds_of(terms, instance, now)), timedelta(0))
    return whole - held


def _within(calendar: Calendar | None, hold: HoldMoved, instance: KpiInstance, end: datetime) -> timedelta:
    return business_between(calendar, max(hold.began, instance.applicable_from), min(hold.ended or end, end))
