"""Kills the worker and its servers at every step of a mail's way, and checks that nothing was lost or done twice.

    python -m faults [--seed N] [--mails 200] [--kills 240] [--database postgres|sqlite] [--json FILE]

Exit code 0: all as it must be. 1: something is off, or the run did not come to its end; the data folder is kept and named.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from faults import report, world
from faults.checks import check
from faults.customers import Customers
from faults.letters import FEWEST
from faults.plan import Deed, Plan, make_plan, pairs
from faults.supervisor import RunFailed, Say, Story, Supervisor
from faults.verdict import RunVerdict
from servers.errors import ServerError
from starting.logs import log_to

MOST_MAILS = 250
"""With more there would be more conversations than the fault run's organisation has customers."""
WIDTH = 140


@dataclass(frozen=True)
class Options:
    seed: int
    mails: int
    kills: int
    engine: world.Engine
    json: Path | None


def options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, help="repeats mails and plan of an earlier run")
    parser.add_argument("--mails", type=int, default=200, help=f"{FEWEST} to {MOST_MAILS}")
    parser.add_argument(
        "--kills",
        type=int,
        default=240,
        help=f"of the worker and of servers together; from {pairs(tuple(Deed))} on, each of them at every step",
    )
    parser.add_argument(
        "--database",
        choices=[engine.value for engine in world.Engine],
        default=world.Engine.POSTGRES.value,
        help="one made for it; sqlite is no server, so it is not killed by itself",
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    given = parser.parse_args(arguments)
    if not FEWEST <= given.mails <= MOST_MAILS:
        parser.error(f"--mails: {FEWEST} to {MOST_MAILS}")
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    engine = world.Engine(given.database)
    try:
        make_plan(seed, given.kills, engine.deeds)
    except ValueError as error:
        parser.error(str(error))
    return Options(seed, given.mails, given.kills, engine, given.json)


async def run(given: Options, folder: Path, say: Say, show: Say) -> tuple[Customers, Plan, Story, RunVerdict]:
    """The whole run in an empty folder: all servers up, every blow, all checks, all servers down."""
    plan = make_plan(given.seed, given.kills, given.engine.deeds)
    log_to(folder / "logs" / "outside.log")
    async with world.running(folder, given.engine) as here:
        customers = here.write_letters(given.seed, given.mails)
        story = await Supervisor(here, customers, plan, say, show).run()
        show("checking rows, files, mailboxes and histories")
        return customers, plan, story, await check(here, customers)


def main(arguments: list[str] | None = None) -> int:
    given = options(sys.argv[1:] if arguments is None else arguments)
    say, show = _lines()
    say(f"seed {given.seed}: {given.mails} mails, {given.kills} kills, {given.engine}")
    folder = Path(tempfile.mkdtemp(prefix="caseloom-faults-"))
    good = False
    try:
        customers, plan, story, verdict = asyncio.run(run(given, folder, say, show))
        say("")
        for line in report.lines(customers.handed_in, plan, story, verdict):
            say(line)
        if given.json is not None:
            figures = report.as_json(given.seed, given.engine, customers.handed_in, plan, story, verdict)
            given.json.write_text(json.dumps(figures, indent=2) + "\n")
        good = report.is_good(plan, story, verdict)
    except (RunFailed, ServerError) as error:
        say(f"the run did not come to its end: {error}")
    except KeyboardInterrupt:
        say("stopped")
    finally:
        if good:
            shutil.rmtree(folder)
        else:
            say(f"kept: {folder} (logs, database, mail and Temporal's data); seed {given.seed}")
    say("all is well" if good else "something is off")
    return 0 if good else 1


def _lines() -> tuple[Say, Say]:
    """Lines that stay, and one that is overwritten where a terminal shows it."""
    terminal = sys.stdout.isatty()

    def say(text: str) -> None:
        print(("\r" + " " * WIDTH + "\r" if terminal else "") + text, flush=True)

    def show(text: str) -> None:
        if terminal:
            print("\r" + text[:WIDTH].ljust(WIDTH), end="", flush=True)

    return say, show


if __name__ == "__main__":
    sys.exit(main())
