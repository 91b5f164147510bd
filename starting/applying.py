"""`apply`: an organisation file put into force, whether or not Caseloom runs meanwhile."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from bootstrap import ensure_running, keyring, open_house
from desk.organisation.applying import ApplyReport, put_in_force
from settings import Settings
from starting.houses import beside
from starting.organisation import read_organisation
from starting.rows import ACTOR, database_of
from starting.show import Show, plain

WOULD_CHANGE = 3
"""Exit code of `--dry-run` where there is something to do."""


async def apply_file(settings: Settings, show: Show, path: Path, *, dry: bool = False, overwrite: bool = False) -> int:
    """Put an organisation file into force, or say what that would change: 0 nothing, 3 something, 1 it would stop."""
    organisation = await asyncio.to_thread(read_organisation, path)
    async with database_of(settings) as database:
        report = await put_in_force(
            database,
            organisation,
            ACTOR,
            datetime.now(UTC),
            keyring=keyring(settings),
            dry=dry,
            overwrite=overwrite,
        )
    for line in lines_of(report):
        show.say(line)
    for note in report.notes:
        print(f"note: {note}.", file=sys.stderr)
    if dry:
        return _say_what_would_be(show, report, str(path), overwrite=overwrite)
    if any(change.kind == "mailbox" for change in report.changes):
        await _take_up_mailboxes(settings, show)
    return 0


def lines_of(report: ApplyReport) -> list[str]:
    """A line for each change, below it what differs; then what the file lists no more, and a summary."""
    found: list[str] = []
    for change in report.changes:
        found += [str(change), *(f"    {plain(each)}" for each in change.differences)]
    return [*found, *report.lines[len(report.changes) :]]


def _say_what_would_be(show: Show, report: ApplyReport, filename: str, *, overwrite: bool) -> int:
    show.say("Nothing was done, because of --dry-run.")
    for each in report.elsewhere:
        for line in each.lines(filename):
            show.say(line)
    if report.elsewhere and not overwrite:
        print("`apply` would stop at what was changed elsewhere; with --overwrite it would not.", file=sys.stderr)
        return 1
    return WOULD_CHANGE if report.changes else 0


async def _take_up_mailboxes(settings: Settings, show: Show) -> None:
    """A new mailbox needs its two workflows; one that runs takes in its new settings by itself when it reconnects."""
    there = beside(settings)
    try:
        async with open_house(there) as house:
            await ensure_running(house)
    except RuntimeError:  # what the SDK raises when nobody listens
        show.say(
            f"No Temporal server answers at {there.temporal_address}: mailboxes are taken up at the next start. If Caseloom "
            "runs with another port, apply the file again with --temporal-port."
        )
