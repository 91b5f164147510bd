"""Random commands on contracts, for as long as one likes:

python -m tests.terms --commands 20000 --database sqlite --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import structlog

from tests.fuzz.api.__main__ import migrated
from tests.support.desks import desk_at
from tests.support.temporal import time_skipping_server
from tests.terms.driver import Driver, Run

TELL_EVERY = 500


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.terms", description="Random commands on contracts.")
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run = asyncio.run(_run(given.commands, given.database, given.seed))
    print(told(run))
    for each in run.wrong:
        print(each)
    return 1 if run.wrong else 0


def told(run: Run) -> str:
    return (
        f"{run.commands} commands, {run.done.total()} done and {run.refused.total()} refused, {run.killed} killed before"
        f" their commit, {run.repeated} repeated after it, {run.movements} movements, {len(run.wrong)} wrong"
    )


async def _run(commands: int, database: str, seed: int) -> Run:
    folder = Path(tempfile.mkdtemp(prefix="caseloom-terms-"))

    def tell(run: Run) -> None:
        if run.commands % TELL_EVERY == 0:
            print(told(run), flush=True)

    try:
        async with (
            migrated(database, folder) as url,
            time_skipping_server() as temporal,
            desk_at(temporal, url, folder, work=False) as desk,
        ):
            driver = await Driver.on(desk, seed)
            return await driver.go(commands, tell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
