"""`doctor`: looks at everything that Caseloom stands on, whether or not it runs, and changes nothing."""

from __future__ import annotations

import json
import sys

import structlog

from desk.findings import Finding, Grade
from settings import Settings
from starting.doctor_engine import examine_engine
from starting.doctor_here import examine_disk, examine_engine_data, examine_folder, examine_keys
from starting.doctor_rows import examine_rows
from starting.show import Show, plain


async def doctor(settings: Settings, show: Show, *, as_json: bool) -> int:
    """A line for each finding; as JSON a list of them. 1 if there is a problem, else 0."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    findings = await examine(settings)
    if as_json:
        print(json.dumps([_as_json(each) for each in findings], indent=2))
    else:
        for each in findings:
            show.say(plain(each.line))
    return 1 if any(each.grade is Grade.PROBLEM for each in findings) else 0


async def examine(settings: Settings) -> list[Finding]:
    """All that can be looked at, the nearest first; the operators' page of workers shows the same."""
    findings = [examine_folder(settings), examine_disk(settings), examine_keys(settings)]
    findings += await examine_rows(settings)
    return [*findings, examine_engine_data(settings), *await examine_engine(settings)]


def _as_json(finding: Finding) -> dict[str, str | None]:
    return {
        "check": finding.check,
        "state": finding.grade.value,
        "found": finding.found,
        "way_out": finding.way_out,
    }
