"""A process of its own that picks the cases it is told of, for `test_at_once.py`: `python picker.py AGENT`.

Says "ready", then takes a case number a line from standard input, and answers each with "picked" or with the status and
type of the refusal.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


async def main(agent: str) -> None:
    import structlog
    from sqlalchemy import select

    from bootstrap import open_house
    from desk.commands import CaseDesk
    from desk.errors import DeskError
    from desk.identity import Identity
    from models.messages.cases import CommandKind
    from models.messages.reference import Role
    from models.records.reference import Agent
    from settings import Settings

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for the answers
    async with open_house(Settings()) as house:
        desk = CaseDesk(house.database, house.sender)
        async with house.database.read() as session:
            row = (await session.scalars(select(Agent).where(Agent.slug == agent))).one()
        identity = Identity(row.id, row.slug, row.name, frozenset(Role(role) for role in row.roles))
        print("ready", flush=True)
        while number := (await asyncio.to_thread(sys.stdin.readline)).strip():
            try:
                await desk.command(identity, number, CommandKind.PICK)
            except DeskError as error:
                print(error.status, error.type, flush=True)
            else:
                print("picked", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    asyncio.run(main(sys.argv[1]))
