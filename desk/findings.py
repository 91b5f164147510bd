"""What `starter.py doctor` found out about one thing, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, and will not for long, or not as one would expect."""
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """`check` is what was looked at, `found` how it is, `way_out` what to do, in sentences; only `ok` has none."""

    check: str
    grade: Grade
    found: str
    way_out: str | None = None

    @property
    def line(self) -> str:
        words = f"{self.grade:<8} {self.check}: {self.found.removesuffix('.')}."
        return f"{words} {self.way_out}" if self.way_out else words


def ok(check: str, found: str) -> Finding:
    return Finding(check, Grade.OK, found)


def warning(check: str, found: str, way_out: str) -> Finding:
    return Finding(check, Grade.WARNING, found, way_out)


def problem(check: str, found: str, way_out: str) -> Finding:
    return Finding(check, Grade.PROBLEM, found, way_out)
