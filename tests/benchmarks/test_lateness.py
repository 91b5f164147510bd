"""The watch that says how late a deadline was: by rows that change under it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.lateness import LatenessOrder, Watch
from benchmarks.rows import BenchRows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE kpi_instance (id TEXT PRIMARY KEY, status TEXT)")
        connection.execute("INSERT INTO kpi_instance VALUES ('early', 'in-progress'), ('late', 'in-progress')")
        connection.commit()
    return path


def warn(file: Path, id: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE kpi_instance SET status = 'nearing-noncompliance' WHERE id = ?", (id,))
        connection.commit()


def test_a_warning_is_timed_when_it_is_seen_and_one_that_came_early_is_negative(file: Path) -> None:
    with closing(BenchRows(file)) as rows:
        now = time.time()
        watch = Watch(rows, [(now - 3, "late"), (now + 1, "early")])
        assert not watch.all_seen()
        assert watch.late == []
        warn(file, "early")
        assert not watch.all_seen()
        warn(file, "late")
        assert watch.all_seen()
        early, late = watch.late
        assert -1 <= early < 0
        assert late >= 3


@pytest.mark.parametrize(
    ("order", "deadlines"),
    [(LatenessOrder(cases=1000, a_second=10, seconds=60), 600), (LatenessOrder(cases=50, a_second=10, seconds=60), 50)],
)
def test_no_more_deadlines_than_cases(order: LatenessOrder, deadlines: int) -> None:
    assert order.deadlines == deadlines
