"""The API under fire:

python -m tests.fuzz.api --calls 10000 --database sqlite --seed 1
python -m tests.fuzz.api --calls 10000 --database postgres --seed 1
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from servers.postgres import PostgresServer
from storage.migrate import upgrade
from tests.fuzz.api.run import BATCH, Fuzz, Report
from tests.support.databases import sqlite_address
from tests.support.desks import desk_at
from tests.support.temporal import time_skipping_server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.api", description="The API under fire.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=BATCH, help="calls between two looks at the desk")
    given = parser.parse_args()
    # The log would tell of every refused call; faults tell of themselves in the answer.
    structlog.configure(
        processors=[_brief_fault, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    report = asyncio.run(_run(given.calls, given.database, given.seed, given.every))
    print(whole(report, given.database))
    return 1 if report.problems else 0


async def _run(calls: int, database: str, seed: int, every: int) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="caseloom-fuzz-"))
    try:
        async with (
            migrated(database, folder) as url,
            time_skipping_server() as temporal,
            desk_at(temporal, url, folder) as desk,
            Fuzz.of(desk, seed) as fuzz,
        ):
            return await fuzz.run(calls, brief, every)
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def migrated(kind: str, folder: Path) -> AsyncIterator[str]:
    """The address of an empty database of this kind."""
    if kind == "sqlite":
        url = sqlite_address(folder / "caseloom.db")
        await asyncio.to_thread(upgrade, url)
        yield url
        return
    # A folder of its own: as root, PostgreSQL runs as another user.
    place = Path(tempfile.mkdtemp(prefix="caseloom-fuzz-postgres-"))
    try:
        async with PostgresServer(place) as server:
            url = await server.create_database("fuzz")
            await asyncio.to_thread(upgrade, url)
            yield url
    finally:
        shutil.rmtree(place)


def _brief_fault(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "at" in event:
        event["at"] = event["at"][-600:]
    return event


def brief(report: Report) -> None:
    done = sum(count for status, count in report.statuses.items() if status < 400)
    print(
        f"{report.seconds:5.0f} s  {report.calls} calls, {done} of them done, {len(report.problems)} problems",
        flush=True,
    )
    print("".join(f"{problem}\n" for problem in report.problems[report.told :]), end="", flush=True)
    report.told = len(report.problems)


def whole(report: Report, database: str) -> str:
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(report.statuses.items()))
    never = sorted(route for route in report.routes if not report.done[route])
    lines = [
        f"seed {report.seed}, {database}: {report.calls} calls to {len(report.routes)} routes in {report.seconds:.0f} s",
        f"answers: {statuses}; {report.unnamed} name the whole body",
        f"the slowest: {report.slowest[0]:.1f} s for {report.slowest[1]}",
        f"looked at: {report.reads} reads, {report.noted} notes",
        f"routes that never succeeded: {', '.join(never) or 'none'}",
        *report.problems[report.told :],
        f"problems: {sum(report.kinds.values())} of {len(report.kinds)} kinds",
        *(f"  {count} x {kind}" for kind, count in report.kinds.most_common()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
