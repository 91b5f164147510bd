"""The benchmark of deadlines runs, and measures what it says."""

from __future__ import annotations

import pytest

from benchmarks.deadlines import SPANS, instants, main, office
from models.messages.calendars import Span
from policies.business_time import add_business, business_between


def test_it_prints_a_line_for_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["50"]) in (0, 1)
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed] == list(SPANS)


def test_its_deadlines_are_those_of_a_year_of_work() -> None:
    calendar, (first, *_, last) = office(), instants(100)
    assert (last - first).days > 350
    due = add_business(calendar, first, Span.parse(SPANS[-1]))
    assert business_between(calendar, first, due).total_seconds() == 2080 * 3600
    assert (due - first).days > 360
