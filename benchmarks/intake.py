"""The mail's whole way: N mails lie in the mailbox, and the clock runs until all are routed cases and acknowledged."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from uuid import UUID

from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from benchmarks.contest import Contest, Round
from benchmarks.figures import Line, Ratio, Spending, median_ratio, rate
from benchmarks.letters import letter, post
from benchmarks.rows import ACKNOWLEDGED, ROUTED
from benchmarks.site import MAILBOX, Site
from engine.standing import ensure_mailbox_workflows
from models.messages.mailflow import MailboxJob
from models.messages.names import mailbox_workflow_id

BUDGET = 0.5
HEARTBEAT = 2.0
"""Seconds; short, because an activity hears of its cancellation between the rounds with a heartbeat."""


async def start_mailbox(site: Site) -> None:
    id = site.rows.one("SELECT id FROM mailbox WHERE slug = ?", MAILBOX)
    job = MailboxJob(mailbox_id=UUID(id), slug=MAILBOX, heartbeat_seconds=HEARTBEAT)
    await ensure_mailbox_workflows(site.house.client, [job])


async def stop_reading(site: Site) -> None:
    """Until nobody reads the mailbox any more."""
    handle = site.house.client.get_workflow_handle(mailbox_workflow_id(MAILBOX))
    try:
        await handle.cancel()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    with suppress(WorkflowFailureError):
        await handle.result()


class Intake(Contest):
    name = "mails"

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.spent = Spending()

    async def play(self, round: Round) -> None:
        site = round.site
        await stop_reading(site)
        await post(site, [letter(number) for number in range(round.cases)])
        routed, acknowledged = site.rows.one(ROUTED), site.rows.one(ACKNOWLEDGED)
        began = time.perf_counter()
        with round.spending(self.spent, round.cases):
            await start_mailbox(site)
            ends = await asyncio.gather(
                site.rows.until(ROUTED, routed + round.cases), site.rows.until(ACKNOWLEDGED, acknowledged + round.cases)
            )
        self.rates.append(round.cases / (max(ends) - began))
        round.say(f"mails: {self.rates[-1]:.1f} a second (all routed after {ends[0] - began:.1f} s)")

    def ratios(self, starts: list[float]) -> list[Ratio]:
        what = "mails, from IMAP to routed case, acknowledgement sent, of empty starts"
        return [median_ratio(self.name, what, self.rates, starts, BUDGET)]

    def lines(self) -> list[Line]:
        aim = "40 to 50: the fastest plain help desk, without workflow, SLA or reply"
        return [
            Line("mails to routed and acknowledged cases", rate(self.rates), aim),
            self.spent.line("a mail to an acknowledged case"),
        ]
