"""Deadlines in business time, as promises ask for them: of a five-day week, at instants all over one year.

`python -m benchmarks.deadlines [deadlines]` prints a line for each kind of promise: deadlines a second of processor time, the
median of five rounds, and what one costs in plain additions of a time to an instant. It exits with 1 if a kind misses the aim.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from models.messages.calendars import Calendar, Span
from policies.business_time import add_business

AIM = 50_000
"""Deadlines a second."""
ROUNDS = 5
YEAR = timedelta(days=365)
FIRST = datetime(2031, 1, 1, tzinfo=UTC)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
SPANS = ("15 minutes", "8 business hours", "2 business days", "2080 business hours")
"""A first response, a day's work, days, and a whole year of work."""


def office() -> Calendar:
    hours = {day: [{"from": "09:00", "to": "17:00"}] for day in WEEK}
    return Calendar.model_validate({"slug": "office", "time_zone": "Europe/Berlin", "hours": hours, "country": "DE"})


def instants(count: int) -> list[datetime]:
    return [FIRST + YEAR * n / count for n in range(count)]


def a_second(work: Callable[[datetime], datetime], starts: Sequence[datetime]) -> float:
    """How many of them are done in a second of processor time, the median of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for start in starts:
            work(start)
        rounds.append(len(starts) / (time.process_time() - began))
    return statistics.median(rounds)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("deadlines", type=int, nargs="?", default=50_000, help="of each kind (50000)")
    starts = instants(parser.parse_args(arguments).deadlines)
    calendar, missed = office(), 0
    plain = a_second(lambda start: start + timedelta(hours=8), starts)
    for text in SPANS:
        span = Span.parse(text)
        found = a_second(lambda start, span=span: add_business(calendar, start, span), starts)  # type: ignore[misc]
        missed += found < AIM
        print(f"{text}: {found:,.0f} deadlines a second, {plain / found:.0f} plain additions each (aim {AIM:,})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
