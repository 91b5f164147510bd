"""One source of time zones for contracts, calendars and letters: the pinned package, whatever the machine holds."""

from __future__ import annotations

import ast
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.messages.calendars import TIME_ZONES, Calendar, Span
from models.messages.reading_back import read_back
from policies.business_time import NoWorkingTime, add_business, business_between
from policies.zones import day_begins, first_known, local_day, zone

ROOT = Path(__file__).parents[2]
ALLOWED = {Path("policies/zones.py"), Path("policies/worked_days.py")}
"""The second names the class as a type only."""


@pytest.fixture
def machine_with_other_rules(tmp_path: Path) -> Iterator[None]:
    """A machine whose files say that Vienna keeps the time of Kiritimati, fourteen hours ahead."""
    (tmp_path / "Europe").mkdir()
    other = Path(next(iter(__import__("tzdata").__path__))) / "zoneinfo" / "Pacific" / "Kiritimati"
    (tmp_path / "Europe" / "Vienna").write_bytes(other.read_bytes())
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    ZoneInfo.clear_cache()
    zone.cache_clear()
    yield
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()
    zone.cache_clear()


@pytest.mark.usefixtures("machine_with_other_rules")
def test_the_machines_zone_files_are_never_asked() -> None:
    instant = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert instant.astimezone(ZoneInfo("Europe/Vienna")).day == 3, "the machine's files differ"
    assert local_day(instant, "Europe/Vienna") == date(2026, 3, 2)
    assert day_begins(date(2026, 3, 2), "Europe/Vienna") == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_no_other_module_reads_zones() -> None:
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT)
        if inside.parts[0] in (".venv", "tests") or inside in ALLOWED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            wrong += [str(inside) for name in names if name in ("zoneinfo", "dateutil.tz", "pytz")]
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "day", "begins"),
    [
        pytest.param("UTC", "2026-03-02", "2026-03-02T00:00", id="UTC"),
        pytest.param("Europe/Vienna", "2026-03-29", "2026-03-28T23:00", id="the day on which summer begins"),
        pytest.param("Europe/Vienna", "2026-03-30", "2026-03-29T22:00", id="the day after"),
        pytest.param("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", id="midnight is skipped"),
        pytest.param("America/Havana", "2026-11-01", "2026-11-01T04:00", id="midnight comes twice"),
        pytest.param("Pacific/Kiritimati", "2026-03-02", "2026-03-01T10:00", id="fourteen hours ahead"),
        pytest.param("Asia/Kathmandu", "2026-03-02", "2026-03-01T18:15", id="a quarter of an hour"),
        pytest.param("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", id="a day that never was"),
    ],
)
def test_a_day_begins_at_the_first_instant_that_shows_it(key: str, day: str, begins: str) -> None:
    expected = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    wanted = date.fromisoformat(day)
    assert day_begins(wanted, key) == expected
    assert local_day(expected, key) >= wanted
    assert local_day(expected - timedelta(seconds=1), key) < wanted


def test_every_day_of_every_zone_begins_where_the_one_before_ends() -> None:
    for key in sorted(TIME_ZONES)[::7]:
        for number in range(0, 366, 5):
            day = date(2026, 1, 1) + timedelta(days=number)
            begins = day_begins(day, key)
            assert local_day(begins, key) == day, (key, day)
            assert local_day(begins - timedelta(seconds=1), key) == day - timedelta(days=1), (key, day)


def test_a_zone_that_is_gone_leaves_promises_out_and_people_in_the_organisations() -> None:
    """Its name was checked when it was stored: a later `tzdata` can have dropped it."""
    week = {"monday": [{"from": "09:00", "to": "17:00"}]}
    calendar = read_back(Calendar, {"slug": "old", "time_zone": "US/Pacific-New", "hours": week})
    now = datetime(2031, 3, 3, 10, 0, tzinfo=UTC)
    with pytest.raises(NoWorkingTime, match="there is no time zone 'US/Pacific-New'"):
        add_business(calendar, now, Span.parse("1 business hour"))
    with pytest.raises(NoWorkingTime, match="there is no time zone 'US/Pacific-New'"):
        business_between(calendar, now, now + timedelta(hours=1))
    assert first_known(None, "US/Pacific-New", "Europe/Vienna", "Asia/Tokyo") == "Europe/Vienna"
    assert first_known("US/Pacific-New", None) is None
