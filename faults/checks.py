"""What must be true at the end, looked at from outside: rows, files, both ends of the mail, and Temporal's histories."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, sandbox
from faults.case_checks import check_cases, check_orphans
from faults.customers import Customers, Inbox, Postbox, read_inbox, sort_postbox
from faults.letters import Letter, LetterKind, plain_id
from faults.mail_checks import check_mails
from faults.rows import RunRows
from faults.verdict import Harm, RunVerdict
from faults.watching import describe_cases, trouble
from faults.world import World

READERS = 8
NO_FAILURE = {WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND}
"""A run that wanted to end while a signal came in: it is told to look again, as it should."""


async def check(world: World, customers: Customers) -> RunVerdict:
    verdict = RunVerdict()
    letters = customers.handed_in
    rows = await RunRows.read(world.house.database)
    password = world.passwords[world.address]
    inbox = await asyncio.to_thread(read_inbox, world.settings.imap_port, world.address, password)
    files = world.settings.data / "files"
    conversations = await asyncio.to_thread(check_mails, verdict, rows, files, letters, inbox.uidvalidity)
    bounced = frozenset(
        letter.thread for letter in letters if letter.kind is LetterKind.BOUNCE and letter.thread is not None
    )
    check_cases(verdict, rows, conversations, bounced)
    verdict.expect(Harm.LOST, "letters that bounced", len(bounced), verdict.bounced)
    unreachable = sorted(letter.customer for letter in letters if letter.kind is LetterKind.BOUNCE)
    verdict.expect(Harm.LOST, "addresses suppressed", unreachable, sorted(row.address for row in rows.suppressions))
    await check_orphans(verdict, world.house.database)
    _check_inbox(verdict, rows, inbox, letters)
    await _check_postboxes(verdict, rows, customers)
    await _check_runs(verdict, world, rows)
    await _check_histories(verdict, world)
    return verdict


# ---- both ends of the mail -------------------------------------------------------------------------------------------


def _check_inbox(verdict: RunVerdict, rows: RunRows, inbox: Inbox, letters: Sequence[Letter]) -> None:
    verdict.expect(Harm.LOST, "mails on the IMAP server", len(letters), len(inbox.uids))
    entered = {row.uid for row in rows.inbound if row.uidvalidity == inbox.uidvalidity}
    for uid in inbox.unmarked:
        verdict.add(Harm.UNFLAGGED, f"UID {uid} on the IMAP server")
    for row in rows.inbound:
        if not row.flagged:
            verdict.add(Harm.UNFLAGGED, f"UID {row.uid} in the mail log")
    for uid in inbox.uids - entered:
        verdict.add(Harm.LOST, f"UID {uid} is not in the mail log")
    for uid in entered - inbox.uids:
        verdict.add(Harm.DOUBLED, f"UID {uid} is in the mail log, and on no server")


async def _check_postboxes(verdict: RunVerdict, rows: RunRows, customers: Customers) -> None:
    """Each customer has the acknowledgements of their cases, perhaps in several copies, with the Message-IDs that the
    outbox has, and nothing else."""
    limit = asyncio.Semaphore(READERS)
    written: dict[str, set[str]] = defaultdict(set)
    for letter in customers.handed_in:
        written[letter.customer].add(letter.message_id)

    async def read(customer: str) -> Postbox:
        async with limit:
            return sort_postbox(await asyncio.to_thread(customers.postbox, customer), written[customer])

    out = {message.id: message for message in rows.messages if message.direction == "out"}
    issued: dict[str, list[str]] = defaultdict(list)
    for row in rows.outbox:
        for address in row.envelope_to:
            issued[address].append(plain_id(out[row.message_id].message_id))
    ids = [message_id for each in issued.values() for message_id in each]
    verdict.acknowledgements = len(set(ids))
    verdict.expect(Harm.DOUBLED, "outbox rows with a Message-ID of their own", len(ids), len(set(ids)))
    sent_again: Counter[int] = Counter()
    for customer, postbox in zip(written, await asyncio.gather(*map(read, written)), strict=True):
        for subject in postbox.strange:
            verdict.add(Harm.DOUBLED, f"{customer} has {subject!r}, which answers nothing")
        expected, found = sorted(issued[customer]), sorted(postbox.answers)
        fault = Harm.LOST if set(expected) - set(found) else Harm.DOUBLED
        verdict.expect(fault, f"Message-IDs for {customer}", expected, found)
        sent_again.update(copies for copies in postbox.answers.values() if copies > 1)
    for address in issued.keys() - written.keys():
        verdict.add(Harm.DOUBLED, f"{address} has written nothing, and is written to")
    verdict.sent_again = dict(sorted(sent_again.items()))


# ---- Temporal ----------------------------------------------------------------------------------------------------------


async def _check_runs(verdict: RunVerdict, world: World, rows: RunRows) -> None:
    """Each case's run waits for its deadline, or has ended with the case; nothing fails or is tried over and over."""
    merged = {case.number for case in rows.cases if case.merged_into is not None}
    for number, found in (await describe_cases(world.house.client, [case.number for case in rows.cases])).items():
        status = WorkflowExecutionStatus(found.workflow_execution_info.status)
        wanted = WorkflowExecutionStatus.COMPLETED if number in merged else WorkflowExecutionStatus.RUNNING
        if status is not wanted:
            verdict.add(Harm.STUCK, f"the run of {number} is {status.name}")
        if why := trouble(found):
            verdict.add(Harm.STUCK, f"{number}: {why}")


async def _check_histories(verdict: RunVerdict, world: World) -> None:
    """Every run that there ever was replays with today's code, and no workflow task of it failed by itself."""
    workflows = [workflow for each in WORKFLOWS.values() for workflow in each]
    replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=sandbox())
    begun: Counter[str] = Counter()
    async for run in world.house.client.list_workflows():
        history = await world.house.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        failure = (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
        if failure is not None:
            verdict.add(Harm.STUCK, f"the history of {run.id} does not replay: {failure}")
        for event in history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                if failed.cause not in NO_FAILURE:
                    cause = WorkflowTaskFailedCause.Name(failed.cause)
                    verdict.add(Harm.STUCK, f"a workflow task of {run.id} failed: {cause} {failed.failure.message}")
        verdict.histories += 1
        begun[run.id] += run.id.startswith("case-")
    merged = {f"case-{case.number}" for case in (await RunRows.read(world.house.database)).cases if case.merged_into}
    for workflow_id, runs in begun.items():
        if runs > 1 and workflow_id not in merged:  # one that was merged is woken by mail that comes later
            verdict.add(Harm.DOUBLED, f"{workflow_id} was started {runs} times")
