"""A new case field is one row of the table and one migration: here is `region`, and no other file knows of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_region_is_one_row_and_one_migration() -> None:
    """In a process of its own: bodies, columns and conditions follow the table when they are imported."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.region", "tests/cases/region_in_use.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert "2 passed" in run.stdout, "on both databases"
