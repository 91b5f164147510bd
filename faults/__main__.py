"""Kills the worker and its servers at every step of a mail's way, and checks that nothing was lost or done twice.

    python -m faults [--seed N] [--mails 200] [--kills 240] [--database postgres|sqlite] [--json FILE]
    python -m faults --scene NAME|every [--seed N] [--size N] [--kills N] [--database postgres|sqlite]

A scene is something else that goes on by itself, or over several cases: `faults.scenes` has them. Exit code 0: all as it must be.
1: something is off, or the run did not come to its end; the data folder is kept and named.
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
from faults.scenes import EVERY, MAIL, SCENES, played
from faults.supervisor import RunFailed, Say, Story, Supervisor
from faults.verdict import RunVerdict
from servers.errors import ServerError
from starting.logs import log_to

MAILS, KILLS = 200, 240
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


@dataclass(frozen=True)
class SceneOptions:
    names: tuple[str, ...]
    seed: int
    size: int | None
    kills: int | None
    engine: world.Engine


def options(arguments: list[str]) -> Options | SceneOptions:
    parser = argparse.ArgumentParser(prog="faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, help="repeats mails and plan of an earlier run")
    parser.add_argument(
        "--scene", choices=[MAIL, *SCENES, EVERY], default=MAIL, help="what is killed (default: a mail's way)"
    )
    sizes = "; ".join(f"{name}: {scene.size} {scene.of}" for name, scene in SCENES.items())
    parser.add_argument("--size", type=int, help=f"of a scene. {sizes}")
    parser.add_argument("--mails", type=int, help=f"of a mail's way: {FEWEST} to {MOST_MAILS} (default: {MAILS})")
    parser.add_argument(
        "--kills",
        type=int,
        help=f"of the worker and of servers together (default: {KILLS}); from {pairs(tuple(Deed))} on, each of them at every "
        "step. In a scene, of the worker alone (default: 10 to 16)",
    )
    parser.add_argument(
        "--database",
        choices=[engine.value for engine in world.Engine],
        default=world.Engine.POSTGRES.value,
        help="one made for it; sqlite is no server, so it is not killed by itself",
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    given = parser.parse_args(arguments)
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    engine = world.Engine(given.database)
    if given.scene != MAIL:
        if given.mails is not None or given.json is not None:
            parser.error("--mails and --json: only without --scene")
        if any(each is not None and each < 1 for each in (given.size, given.kills)):
            parser.error("--size and --kills: at least 1")
        names = tuple(SCENES) if given.scene == EVERY else (given.scene,)
        return SceneOptions(names, seed, given.size, given.kills, engine)
    if given.size is not None:
        parser.error("--size: only with --scene")
    given.mails = MAILS if given.mails is None else given.mails
    given.kills = KILLS if given.kills is None else given.kills
    if not FEWEST <= given.mails <= MOST_MAILS:
        parser.error(f"--mails: {FEWEST} to {MOST_MAILS}")
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
    if isinstance(given, SceneOptions):
        good = [played(name, given.engine, given.size, given.kills, given.seed) for name in given.names]
        print("all is well: 0 lost, 0 doubled" if all(good) else "something is off")
        return 0 if all(good) else 1
    return _mail_run(given)


def _mail_run(given: Options) -> int:
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
