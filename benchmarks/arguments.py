"""The command line of a benchmark that fills a database by itself and asks it: how many rows, and on which database."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filling:
    count: int
    postgresql: bool


def filling(doc: str | None, things: str) -> Filling:
    """What was asked for. `doc`: of the module, whose first line the help shows; `things`: what it is filled with."""
    says = (doc or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=says, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("count", metavar=things, type=int, nargs="?", default=100_000, help="how many are filled in")
    parser.add_argument(
        "database",
        choices=["sqlite", "postgresql"],
        nargs="?",
        default="sqlite",
        help="a database of the benchmark's own",
    )
    asked = parser.parse_args()
    if asked.count < 1:
        parser.error(f"{things}: at least 1")
    return Filling(asked.count, asked.database == "postgresql")
