"""What each step asks of the database: statements, flushes of the ORM and processor time, one step after the other.

`python -m benchmarks.statements` prints the table; `--texts pick` prints what a pick says to the database, in order.
Everything runs in this process, on SQLite, with a real Temporal server, so that each statement is seen. Counts are the
same on every machine, and tests hold them; times are this machine's, and the steps that pass through the engine carry
the work of its client and worker as well.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from api.app import create_app
from benchmarks.figures import milliseconds
from benchmarks.letters import letter
from benchmarks.rows import BOUND
from benchmarks.site import AGENT, MAILBOX, built
from bootstrap import House, make_workers
from desk.identity import create_token
from engine.dispatch import ToTell
from mailroom.arrival import Arrived, read_mail
from models.messages.mailflow import OutboxState
from models.messages.names import CASES_QUEUE, case_workflow_id
from models.messages.reference import Role
from models.records.cases import Case
from models.records.mails import Outbox
from models.records.reference import Mailbox
from storage.repositories import mails, outbox

COUNT = 100
WARM_UP = 3
"""Of each step, not counted: definitions are read, statements compiled, pools filled."""
UIDVALIDITY = 1


@dataclass
class Cost:
    """What `times` times the same step took: the texts of all statements in order, flushes, seconds of processor."""

    step: str
    times: int = 0
    texts: list[str] = field(default_factory=list)
    flushes: int = 0
    seconds: float = 0.0

    @property
    def statements(self) -> float:
        """Of one step."""
        return len(self.texts) / self.times


@contextmanager
def counted(cost: Cost, times: int = 1) -> Iterator[None]:
    """Book on `cost` what the block does, in this process, as `times` more of its step. BEGIN and COMMIT do not count."""

    def said(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if not text.startswith("BEGIN"):
            cost.texts.append(text)

    def flushed(*_: Any) -> None:
        cost.flushes += 1

    event.listen(Engine, "before_cursor_execute", said)
    event.listen(Session, "before_flush", flushed)
    began = time.process_time()
    try:
        yield
    finally:
        cost.seconds += time.process_time() - began
        cost.times += times
        event.remove(Engine, "before_cursor_execute", said)
        event.remove(Session, "before_flush", flushed)


class Steps:
    """A mail's way in a house with no workers but one for its cases, in steps that can be told apart.

    Args:
        api: a client of the house's API, signed in as an agent.
        mailbox: slug of the mailbox that the mails of `benchmarks.letters` arrive in.
    """

    def __init__(self, house: House, api: httpx.AsyncClient, mailbox: str = MAILBOX) -> None:
        self.house, self.api, self.mailbox = house, api, mailbox
        self.uid = 0

    async def all(self, count: int) -> list[Cost]:
        """Each step so often, after a few that are not counted."""
        costs = [Cost(name) for name in ("mail", "opening", "letter", "view", "pick", "reply")]
        mail, opening, letters, view, pick, reply = costs
        for times, into in ((WARM_UP, [Cost(cost.step) for cost in costs]), (count, costs)):
            mail, opening, letters, view, pick, reply = into
            originals = [letter(number) for number in range(times)]
            news = await self.take_in(mail, originals)
            await self.open(opening, news)
            await self.send(letters, times)
            for each in news:
                await self.ask(view, "GET", f"/cases/{each.number}")
            for each in news:
                await self.ask(pick, "POST", f"/cases/{each.number}/pick")
            await self.take_in(reply, [letter(number, each["Message-ID"]) for number, each in enumerate(originals)])
        return costs

    async def take_in(self, cost: Cost, letters: Sequence[EmailMessage]) -> list[ToTell]:
        """From a mail that is read to its committed rows; the case is not told."""
        placing = self.house.intake.placing
        async with self.house.database.write() as session:
            id = await session.scalar(select(Mailbox.id).where(Mailbox.slug == self.mailbox))
            mailbox = await mails.take_epoch(session, id) if id else None
            if mailbox is None:
                raise LookupError(f"no mailbox {self.mailbox!r}")
            await mails.begin_folder(session, mailbox.id, mailbox.intake_epoch, UIDVALIDITY)
        rules = await placing.house_rules(mailbox)
        told: list[ToTell] = []
        for arrived in [await self._read(each, rules.own_addresses) for each in letters]:
            with counted(cost):
                news = await placing.take_in(arrived, rules, mailbox.intake_epoch, UIDVALIDITY, datetime.now(UTC))
            if news is None:
                raise AssertionError(f"mail {arrived.uid} came to no case")
            told.append(news)
        return told

    async def _read(self, message: EmailMessage, own_addresses: frozenset[str]) -> Arrived:
        self.uid += 1
        return await read_mail(self.uid, message.as_bytes(), self.house.files, own_addresses, 1024 * 1024)

    async def open(self, cost: Cost, news: Sequence[ToTell]) -> None:
        """From the start of the cases' runs until all are routed with an acknowledgement on its way."""
        ids = [each.case_id for each in news]
        with counted(cost, len(ids)):
            for each in news:
                await self.house.dispatcher.tell(each)
            # No look at the database meanwhile: it would be counted.
            for each in news:
                await self._rests(each.number)
        if await self._acknowledged(ids) != len(ids):
            raise AssertionError("not every case is open and has answered")

    async def _rests(self, number: str) -> None:
        handle = self.house.client.get_workflow_handle(case_workflow_id(number))
        async with asyncio.timeout(BOUND):
            while (await handle.describe()).raw_description.HasField("pending_workflow_task"):  # noqa: ASYNC110 - it calls nobody
                await asyncio.sleep(0.02)

    async def _acknowledged(self, ids: Sequence[UUID]) -> int:
        async with self.house.database.read() as session:
            found = await session.scalar(
                select(func.count())
                .select_from(Outbox)
                .join(Case, Case.id == Outbox.case_id)
                .where(Case.id.in_(ids), Case.status == "active", Outbox.state == OutboxState.QUEUED)
            )
            return found or 0

    async def send(self, cost: Cost, times: int) -> None:
        """The rows of a letter that leaves alone: found, claimed, marked as sent. The server is not asked."""
        async with self.house.database.write() as session:
            id = await session.scalar(select(Mailbox.id).where(Mailbox.slug == self.mailbox))
            mailbox = await outbox.take_epoch(session, id) if id else None
        if mailbox is None:
            raise LookupError(f"no mailbox {self.mailbox!r}")
        epoch = mailbox.outbox_epoch
        for _ in range(times):
            with counted(cost):
                now = datetime.now(UTC)
                async with self.house.database.read() as session:
                    await outbox.look(session, mailbox.id, epoch, now)
                async with self.house.database.write() as session:
                    most = (await self.house.definitions.organisation(session)).outgoing_per_domain_per_minute
                    claimed = await outbox.claim(session, mailbox.id, epoch, now, 1, per_domain=most)
                async with self.house.database.write() as session:
                    await outbox.mark_sent(session, [row.id for row in claimed], epoch, now)
            if len(claimed) != 1:
                raise AssertionError(f"{len(claimed)} letters claimed instead of one")

    async def ask(self, cost: Cost, method: str, path: str) -> None:
        with counted(cost):
            answer = await self.api.request(method, path)
        answer.raise_for_status()


@asynccontextmanager
async def signed_in(house: House, agent: str = AGENT) -> AsyncIterator[httpx.AsyncClient]:
    """An agent's client of the house's API, asked without a network."""
    async with house.database.write() as session:
        token = await create_token(session, agent, Role.AGENT, actor="benchmarks", now=datetime.now(UTC))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(house)),
        base_url="http://house/api/v1",
        headers={"Authorization": f"Bearer {token}"},
    ) as api:
        yield api


async def measure(count: int) -> list[Cost]:
    with tempfile.TemporaryDirectory(prefix="caseloom-statements-") as folder:
        async with built(Path(folder)) as site, signed_in(site.house) as api:
            (worker,) = make_workers(site.house, queues=(CASES_QUEUE,))
            async with worker:
                return await Steps(site.house, api).all(count)


def show(costs: Sequence[Cost], console: Console) -> None:
    table = Table("step", "statements", "flushes", "processor time of this process", title="Of one step")
    for cost in costs:
        per_step = milliseconds(cost.seconds / cost.times)
        table.add_row(cost.step, f"{cost.statements:.1f}", f"{cost.flushes / cost.times:.1f}", per_step)
    console.print(table)


def show_texts(cost: Cost, say: Callable[[str], None]) -> None:
    """Each text with how often a step says it."""
    for text, times in Counter(cost.texts).items():
        say(f"{times / cost.times:5.2f}  {' '.join(text.split())}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statements", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"of each step ({COUNT})")
    parser.add_argument("--texts", metavar="STEP", help="print the statements of this step as well")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    costs = asyncio.run(measure(given.count))
    show(costs, Console(highlight=False))
    for cost in costs:
        if cost.step == given.texts:
            show_texts(cost, print)
    time.sleep(0.5)  # Temporal's own threads may still call into Python (sdk-python#300)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
