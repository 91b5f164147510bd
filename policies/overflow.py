"""Overflow decided (domain 5.2): which waiting items go on to another queue, once, and why; where they find room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from models.messages.assigning import Move, TargetFacts, WaitingItem
from models.messages.assignment import AssignmentRule, Overflow
from models.messages.calendars import Calendar
from models.messages.said import said
from policies.business_time import closed_since


def moves(
    rule: AssignmentRule,
    items: Iterable[WaitingItem],
    targets: Sequence[TargetFacts],
    now: datetime,
    *,
    calendar: Calendar | None = None,
    early: bool,
) -> tuple[Move, ...]:
    """Those that go on, in the order in which they entered. `early`: those that the queue does not even offer to its own
    agents, because they entered out of its hours; otherwise those for which the queue is too long, or the wait.

    The first target that does not overflow itself gets each; without one it stays. `calendar`: that of `out_of_hours`.
    """
    overflow = rule.overflow
    if overflow is None:
        return ()
    room = {target.slug: target.room for target in targets if not target.closed}
    places = [slug for slug in overflow.to if slug in room]
    made: list[Move] = []
    closed = closed_since(calendar, now) if early else None
    for item in sorted(items, key=lambda item: (item.place, item.id)):
        why = None if item.overflowed else _why(overflow, item, now, closed, len(made), early=early)
        to = next((slug for slug in places if room[slug] is None or (room[slug] or 0) > 0), None)
        if why is not None and to is not None:
            made.append(Move(item=item.id, to=to, why=why))
            left = room[to]
            room[to] = None if left is None else left - 1
    return tuple(made)


def _why(
    overflow: Overflow, item: WaitingItem, now: datetime, closed: datetime | None, gone: int, *, early: bool
) -> str | None:
    if early:
        outside = closed is not None and item.entered_on >= closed
        return (
            said("it came outside the hours of {out_of_hours!r}", out_of_hours=overflow.out_of_hours)
            if outside
            else None
        )
    if overflow.longest_wait is not None and now >= waits_too_long(overflow, item):
        return said("it has waited {longest_wait}", longest_wait=overflow.longest_wait)
    if overflow.longest_queue is not None and item.place - gone >= overflow.longest_queue:
        return said("{longest_queue} were waiting already", longest_queue=overflow.longest_queue)
    return None


def waits_too_long(overflow: Overflow, item: WaitingItem) -> datetime:
    """From when on the item has waited too long."""
    minutes = overflow.longest_wait.minutes if overflow.longest_wait is not None else 0
    return item.entered_on + timedelta(minutes=float(minutes))
