"""One case that is worked on for so long that its run continues as new again and again:

python -m tests.machine.long --events 3000 --database sqlite --seed 1
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
from temporalio.client import WorkflowExecutionStatus

from models.messages.cases import CommandKind
from models.messages.names import case_workflow_id
from policies.lifecycle import allowed_verbs
from tests.fuzz.api.__main__ import migrated
from tests.machine.__main__ import whole
from tests.machine.deeds import ON_A_CASE, Known, Request, on_a_case
from tests.machine.driver import Machine
from tests.machine.report import Report
from tests.support.desks import desk_at
from tests.support.temporal import time_skipping_server

ENDS_IT = frozenset({CommandKind.RESOLVE, CommandKind.CANCEL, CommandKind.REACTIVATE, CommandKind.LEAVE_PARENT})
AT_ONCE = 12
SUGGESTED_AFTER = 500
"""Events of a run, instead of the server's 4,096: so the case goes from run to run some twenty times."""
OTHERS_EVERY = 10
"""Rounds after which another case comes, to become a child or to be merged."""
TIME_EVERY = 15
"""Rounds after which the case's clock goes past its next deadline."""


class LongCase(Machine):
    """The first case stays open; the others come and go up in it, or are its children."""

    async def until(self, events: int) -> Report:
        return await self._go(lambda: self.seen is not None and len(self.entries) >= events)

    @property
    def number(self) -> str:
        return self.numbers[0]

    @property
    def entries(self) -> list[object]:
        """Of its timeline, as the last look has found them."""
        assert self.seen is not None
        return self.seen.timeline[self.seen.cases[self.number].id]

    async def continued(self) -> int:
        """How often the case's run has continued as new."""
        found = self.desk.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(self.number)}'")
        return [run.status async for run in found].count(WorkflowExecutionStatus.CONTINUED_AS_NEW)

    async def _drawn(self) -> list[Request]:
        if self.seen is None or self.rounds % OTHERS_EVERY == 0:
            return [self._opening()]
        if self.rounds % TIME_EVERY == 0:
            return [Request("time", "", "", "", case=self.number)]
        known = Known(self.rng, self.numbers, self.seen, self.links)
        allowed = allowed_verbs(self.seen.snapshots[self.number], self.organisation)
        kinds = tuple(kind.value for kind in ON_A_CASE if kind not in ENDS_IT and kind.value in allowed)
        drawn: list[Request] = []
        while len(drawn) < AT_ONCE:
            request = on_a_case(known, self.number, kinds)
            if known.often(0.1):
                drawn.append(Request("mail", "", "", "", "My headphones", self.number))
            elif request is not None and request.deed in kinds and "resolve" not in (request.body or {}):
                drawn.append(self._keyed(request))
        return drawn


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machine.long", description="One long case.")
    parser.add_argument("--events", type=int, default=3000, help="entries of its timeline")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(_run(given.events, given.database, given.seed))


async def _run(events: int, database: str, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="caseloom-long-"))
    try:
        async with (
            migrated(database, folder) as url,
            time_skipping_server({"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_AFTER)}) as temporal,
            desk_at(temporal, url, folder) as desk,
            LongCase.on(desk, seed) as case,
        ):
            report = await case.until(events)
            print(whole(report, database))
            print(f"{len(case.entries)} entries, continued as new {await case.continued()} times")
            print("\n".join(report.violations))
            return 1 if report.violations else 0
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
