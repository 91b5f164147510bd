"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console

from benchmarks import lateness, restart, table
from benchmarks.figures import BenchReport
from benchmarks.lists import ON_SQLITE
from benchmarks.measuring import NAMES, RoundOrder, measure
from benchmarks.rows import NotReached
from servers.errors import ServerError

SETTLE = 0.5
"""Seconds: Temporal's own threads may still call into Python, which aborts a process that is ending (sdk-python#300)."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="dev.py bench",
        description="Measure Caseloom beside an empty workflow and an empty update, in one run on one Temporal server.",
    )
    made.add_argument("--check", action="store_true", help="exit with 1 when a ratio misses its budget")
    made.add_argument(
        "--only", action="append", choices=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}; repeatable"
    )
    made.add_argument("--rounds", type=positive, default=3, help="alternating rounds, of which the median counts (3)")
    made.add_argument("--cases", type=positive, default=200, help="cases and mails a round (200)")
    made.add_argument("--mails", type=positive, default=5000, help="mails of the backlog (5000)")
    made.add_argument("--listed", type=positive, default=ON_SQLITE, help="cases of the lists on SQLite (100000)")
    made.add_argument(
        "--large",
        action="store_true",
        help="lateness with 10,000 open cases for five minutes, the restart beside as many, and lists also on PostgreSQL "
        "with ten times as many cases",
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write everything to FILE as well")
    made.add_argument("--markdown", action="store_true", help="print the tables of docs/performance.md instead")
    return made


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def main(arguments: list[str]) -> int:
    """0: measured, and with `--check` all budgets met. 1: a ratio missed its budget. 130: stopped by a signal."""
    given = parser().parse_args(arguments)
    order = RoundOrder(
        names=tuple(given.only or NAMES),
        rounds=given.rounds,
        cases=given.cases,
        mails=given.mails,
        listed=given.listed,
        large=given.large,
        lateness=lateness.LARGE if given.large else lateness.LatenessOrder(),
        restart=restart.LARGE if given.large else restart.RestartOrder(),
    )
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {words}", file=sys.stderr, flush=True)

    try:
        report = asyncio.run(measure(order, say))
    except KeyboardInterrupt:
        return 130
    except (NotReached, ServerError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        time.sleep(SETTLE)
    if given.json is not None:
        given.json.write_text(table.as_json(report), encoding="utf-8")
    if given.markdown:
        print(table.markdown(report), end="")
    else:
        table.show(report, Console(highlight=False))
    for ratio in report.missed:
        print(f"missed: {ratio.what}: {table.value(ratio)}, budget {ratio.limit}", file=sys.stderr)
    return exit_code(report, check=given.check)


def exit_code(report: BenchReport, *, check: bool) -> int:
    """Ratios alone decide: an absolute figure says as much about the machine as about us."""
    return 1 if check and report.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
