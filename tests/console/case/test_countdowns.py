"""Countdowns: working time that is left, whether it runs, and when that changes; in words, as pages have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from desk.queries.countdowns import Countdown, DueState, countdown
from models.messages.calendars import Calendar
from models.messages.slas import KpiInstance, KpiStatus, Pin

OFFICE = Calendar.model_validate(
    {
        "slug": "office",
        "name": "Office",
        "time_zone": "Europe/Berlin",
        "hours": {day: [{"from": "09:00", "to": "17:00"}] for day in ("monday", "tuesday", "thursday", "friday")},
    }
)
FRIDAY = datetime(2031, 3, 28, 15, 0, tzinfo=UTC)
"""16:00 in Berlin; on Sunday the clocks go forward there."""


def instance(status: KpiStatus = KpiStatus.IN_PROGRESS, **fields: object) -> KpiInstance:
    begins = FRIDAY - timedelta(hours=2)
    given = {
        "id": UUID(int=1),
        "ordinal": 1,
        "kpi": "resolution",
        "item": 0,
        "item_name": "Resolution",
        "sla": Pin(slug="gold", version=1),
        "calendar": Pin(slug="office", version=1),
        "status": status,
        "began_on": begins,
        "applicable_from": begins,
        "warning_at": datetime(2031, 3, 31, 8, 0, tzinfo=UTC),
        # Monday, 12:00 in Berlin: an hour of Friday and three of Monday after `FRIDAY`.
        "failure_at": datetime(2031, 3, 31, 10, 0, tzinfo=UTC),
    }
    return KpiInstance.model_validate(given | fields)


def at(hours: float, of: KpiInstance | None = None, *, over: bool = False) -> Countdown:
    return countdown(of or instance(), OFFICE, FRIDAY + timedelta(hours=hours), over=over)


def test_a_countdown_rests_outside_business_hours() -> None:
    running = at(0.5)
    assert (running.state, running.seconds, running.runs) == (DueState.RUNNING, 3.5 * 3600, True)
    # The end of work on Friday is the next instant at which that changes.
    assert running.changes_at == datetime(2031, 3, 28, 16, 0, tzinfo=UTC)
    for later in (1, 20, 40, 62):
        resting = at(later)
        assert (resting.seconds, resting.runs) == (3 * 3600, False)
        # Monday at nine, after the clocks have changed.
        assert resting.changes_at == datetime(2031, 3, 31, 7, 0, tzinfo=UTC)


def test_a_countdown_turns_where_it_is_nearing_and_where_it_is_overdue() -> None:
    monday = at(64.5)
    assert (monday.state, monday.changes_at) == (DueState.RUNNING, datetime(2031, 3, 31, 8, 0, tzinfo=UTC))
    near = at(65)
    assert (near.state, near.seconds) == (DueState.NEARING, 2 * 3600)
    assert near.changes_at == datetime(2031, 3, 31, 10, 0, tzinfo=UTC)
    late = at(67)
    assert (late.state, late.seconds, late.runs) == (DueState.OVERDUE, 0, True)
    evening = at(80)
    assert (evening.state, evening.seconds, evening.runs) == (DueState.OVERDUE, 5 * 3600, False)


@pytest.mark.parametrize("hours", [70, 1000])
def test_what_was_missed_and_is_over_counts_no_further(hours: float) -> None:
    missed = instance(KpiStatus.NONCOMPLIANT, failed_on=datetime(2031, 3, 31, 10, 0, tzinfo=UTC))
    found = at(hours, missed, over=True)
    assert (found.state, found.runs, found.changes_at) == (DueState.MISSED, False, None)
    assert found.ended_on == missed.failed_on


def test_a_paused_one_stands_where_it_was_and_a_kept_one_says_what_it_took() -> None:
    paused = instance(KpiStatus.PAUSED, paused_on=FRIDAY)
    for later in (0.5, 500):
        found = at(later, paused)
        assert (found.state, found.seconds, found.runs, found.changes_at) == (DueState.PAUSED, 4 * 3600, False, None)
    kept = instance(KpiStatus.SUCCEEDED, succeeded_on=FRIDAY, held_seconds=1800)
    assert at(900, kept)[4:7] == (DueState.MET, 1.5 * 3600, False)
