"""The state machine, for as long as one likes:

python -m tests.machine --commands 20000 --database sqlite --seed 1
python -m tests.machine --commands 20000 --database postgres --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import structlog

from tests.fuzz.api.__main__ import migrated
from tests.machine.driver import Machine
from tests.machine.report import Report
from tests.support.desks import desk_at
from tests.support.temporal import time_skipping_server

TELL_EVERY = 500


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machine", description="Random commands, and what must hold.")
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # The log would tell of every refused command.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    report = asyncio.run(_run(given.commands, given.database, given.seed))
    print(whole(report, given.database))
    return 1 if report.violations else 0


async def _run(commands: int, database: str, seed: int) -> Report:
    folder, told = Path(tempfile.mkdtemp(prefix="caseloom-machine-")), Counter[str]()

    def tell(report: Report) -> None:
        for violation in report.violations[told["violations"] :]:
            print(violation, flush=True)
        told["violations"] = len(report.violations)
        if report.commands >= told["next"]:
            told["next"] = report.commands + TELL_EVERY
            print(brief(report), flush=True)

    try:
        async with (
            migrated(database, folder) as url,
            time_skipping_server() as temporal,
            desk_at(temporal, url, folder) as desk,
            Machine.on(desk, seed) as machine,
        ):
            return await machine.run(commands, tell)
    finally:
        shutil.rmtree(folder)


def brief(report: Report) -> str:
    return (
        f"{report.seconds:5.0f} s  {report.commands} commands, {report.done()} of them done, {report.cases} cases, "
        f"{len(report.states)} states, {len(report.ways)} ways, {len(report.violations)} violations"
    )


def whole(report: Report, database: str) -> str:
    deeds = sorted({deed for deed, _ in report.answers})
    lines = [f"seed {report.seed}, {database}: {brief(report).strip()}"]
    for deed in deeds:
        of = Counter({status: count for (name, status), count in report.answers.items() if name == deed})
        lines.append(f"  {deed}: " + ", ".join(f"{count} x {status}" for status, count in sorted(of.items())))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
