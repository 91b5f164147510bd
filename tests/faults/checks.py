"""What must be true at the end, looked at from outside: rows, files, both ends of the mail, and Temporal's histories."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import func, select
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, sandbox
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind, MailVerdict, OutboxState
from models.records import Record
from models.records.cases import Case, Delivery, KpiInstance, LedgerEntry, ProcessInstance, QueueItem, TimelineEntry
from models.records.mails import Attachment, EmailMessage, InboundMail, Outbox
from models.records.reference import Entitlement
from tests.faults.letters import Letter, Postbox, plain_id, read_inbox, read_postbox
from tests.faults.watching import describe_cases, trouble
from tests.faults.world import World

READERS = 8
KPIS = {"first-response", "resolution"}
TOLD = {"opening/entitlement", "opening/routed", "opening/opened", "opening/acknowledged", "sla/0"}
"""Timeline entries that every opening leaves, beside those of its mail and its KPI instances."""

R = TypeVar("R", bound=Record)


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    HALF_WRITTEN = "half-written"
    UNFLAGGED = "unflagged"
    STUCK = "stuck"


@dataclass
class Verdict:
    """What was found. Everything is well if `faults` is empty."""

    faults: dict[Fault, list[str]] = field(default_factory=lambda: defaultdict(list))
    cases: int = 0
    movements: int = 0
    balance: str = ""
    acknowledgements: int = 0
    sent_again: dict[int, int] = field(default_factory=dict)
    """Copies of the same Message-ID in a customer's mailbox (2 or more) to the number of such mails."""
    histories: int = 0

    def add(self, fault: Fault, what: str) -> None:
        self.faults[fault].append(what)

    def expect(self, fault: Fault, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.add(fault, f"{what}: expected {expected}, found {found}")


async def check(world: World, letters: Sequence[Letter]) -> Verdict:
    verdict = Verdict()
    rows = await _Rows.read(world)
    _check_cases(verdict, rows, letters)
    _check_balance(verdict, rows, len(letters))
    await asyncio.to_thread(_check_files, verdict, world, rows, letters)
    await _check_orphans(verdict, world)
    await _check_inbox(verdict, world, rows, letters)
    await _check_postboxes(verdict, world, rows, letters)
    await _check_runs(verdict, world, rows)
    await _check_histories(verdict, world)
    return verdict


# ---- rows ------------------------------------------------------------------------------------------------------------


@dataclass
class _Rows:
    """All rows that a mail's way leaves, in memory: a hundred cases are few."""

    cases: list[Case]
    messages: list[EmailMessage]
    inbound: list[InboundMail]
    outbox: list[Outbox]
    deliveries: list[Delivery]
    items: list[QueueItem]
    kpis: list[KpiInstance]
    processes: list[ProcessInstance]
    timeline: list[TimelineEntry]
    ledger: list[LedgerEntry]
    attachments: list[Attachment]
    entitlements: list[Entitlement]

    @classmethod
    async def read(cls, world: World) -> _Rows:
        async with world.house.database.read() as session:

            async def all_of(record: type[R]) -> list[R]:
                return list(await session.scalars(select(record)))

            return cls(
                cases=await all_of(Case),
                messages=await all_of(EmailMessage),
                inbound=await all_of(InboundMail),
                outbox=await all_of(Outbox),
                deliveries=await all_of(Delivery),
                items=await all_of(QueueItem),
                kpis=await all_of(KpiInstance),
                processes=await all_of(ProcessInstance),
                timeline=await all_of(TimelineEntry),
                ledger=await all_of(LedgerEntry),
                attachments=await all_of(Attachment),
                entitlements=await all_of(Entitlement),
            )

    def incoming(self, letter: Letter) -> list[EmailMessage]:
        return [m for m in self.messages if m.direction == "in" and plain_id(m.message_id) == letter.message_id]


def _check_cases(verdict: Verdict, rows: _Rows, letters: Sequence[Letter]) -> None:
    """One case a letter, with all the rows that its four opening steps write, once each."""
    verdict.cases = len(rows.cases)
    by_opening_mail = defaultdict(list)
    for case in rows.cases:
        by_opening_mail[case.opening_mail_id].append(case)
    for letter in letters:
        incoming = rows.incoming(letter)
        cases = [case for message in incoming for case in by_opening_mail.pop(message.id, [])]
        if not incoming or not cases:
            verdict.add(Fault.LOST, f"{letter.subject!r}: {len(incoming)} messages, {len(cases)} cases")
        elif len(incoming) > 1 or len(cases) > 1:
            verdict.add(Fault.DOUBLED, f"{letter.subject!r}: {len(incoming)} messages, {len(cases)} cases")
        else:
            _check_case(verdict, rows, letter, incoming[0], cases[0])
    for cases in by_opening_mail.values():
        for case in cases:
            verdict.add(Fault.DOUBLED, f"{case.number} was opened by no letter of this run")


def _check_case(verdict: Verdict, rows: _Rows, letter: Letter, message: EmailMessage, case: Case) -> None:
    def of(found: Iterable[Any]) -> list[Any]:
        return [row for row in found if row.case_id == case.id]

    def expect(what: str, expected: object, found: object) -> None:
        verdict.expect(Fault.HALF_WRITTEN, f"{case.number}, {what}", expected, found)

    expect("status", CaseStatus.ACTIVE, case.status)
    expect("opening step", 4, case.opening_step)
    expect("version", 1, case.version)
    expect("title", letter.subject, case.title)
    expect("its mail's case", case.id, message.case_id)
    expect("queue", "desk", case.queue)
    expect("live queue items", [True], [item.live for item in of(rows.items)])
    expect(
        "KPI instances", sorted((kpi, "in-progress") for kpi in KPIS), sorted((k.kpi, k.status) for k in of(rows.kpis))
    )
    expect("processes", [("desk", True)], [(p.definition, p.current) for p in of(rows.processes)])
    expect("deliveries", [(DeliveryKind.OPEN, True)], [(d.kind, d.done) for d in of(rows.deliveries)])
    told = [entry.key for entry in of(rows.timeline)]
    expect("timeline", sorted({*TOLD, f"mail/{message.id}"}), sorted(key for key in told if not key.startswith("kpi/")))
    expect("timeline of its KPIs", len(KPIS), sum(key.startswith("kpi/") for key in told))
    expect("acknowledgement", [f"ack/{case.id}"], [row.key for row in of(rows.outbox)])
    expect("outgoing messages", 1, sum(m.direction == "out" for m in of(rows.messages)))
    movements = of(rows.ledger)
    if len(movements) > 1:
        verdict.add(Fault.DOUBLED, f"{case.number} moved its terms {len(movements)} times")
    expect("movement of terms", [Decimal(-1)], [movement.terms for movement in movements])
    entered = [row for row in rows.inbound if row.message_id == message.id]
    expect("ledger row of its mail", [(MailVerdict.OPENED, case.id)], [(row.verdict, row.case_id) for row in entered])


def _check_balance(verdict: Verdict, rows: _Rows, mails: int) -> None:
    (contract,) = rows.entitlements
    moved = sum((movement.terms for movement in rows.ledger), Decimal(0))
    verdict.movements = len(rows.ledger)
    verdict.balance = f"{contract.remaining_terms} of {contract.total_terms}"
    off = Fault.DOUBLED if contract.remaining_terms < contract.total_terms - mails else Fault.LOST
    verdict.expect(off, "remaining terms", contract.total_terms - mails, contract.remaining_terms)
    verdict.expect(
        Fault.HALF_WRITTEN, "remaining = total + sum(ledger)", contract.remaining_terms, contract.total_terms + moved
    )


async def _check_orphans(verdict: Verdict, world: World) -> None:
    """Every foreign key of every table names a row that is there."""
    async with world.house.database.read() as session:
        for table in Record.metadata.sorted_tables:
            for key in table.foreign_keys:
                parent = key.column.table.alias()
                there = select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent).exists()
                orphans = select(func.count()).select_from(table).where(key.parent.is_not(None), ~there)
                if count := await session.scalar(orphans):
                    verdict.add(Fault.HALF_WRITTEN, f"{count} rows of {table.name} name no row by {key.parent.name}")


# ---- files -----------------------------------------------------------------------------------------------------------


def _check_files(verdict: Verdict, world: World, rows: _Rows, letters: Sequence[Letter]) -> None:
    """The raw bytes of each mail and what was attached to it, as the customer sent them."""
    for letter in letters:
        for message in rows.incoming(letter):
            attached = sorted((a for a in rows.attachments if a.message_id == message.id), key=lambda a: a.position)
            kept = tuple(attachment.sha256 for attachment in attached)
            verdict.expect(Fault.HALF_WRITTEN, f"{letter.subject!r}, files attached", letter.files, kept)
            for sha256 in {*letter.files, *kept, message.raw_sha256 or ""}:
                _check_file(verdict, world, letter, sha256)
            raw = world.settings.data / "files" / (message.raw_sha256 or "")[:2] / (message.raw_sha256 or "")
            if raw.is_file() and not raw.read_bytes().endswith(letter.raw):
                verdict.add(Fault.HALF_WRITTEN, f"{letter.subject!r}: its raw bytes are not those that were sent")


def _check_file(verdict: Verdict, world: World, letter: Letter, sha256: str) -> None:
    path = world.settings.data / "files" / sha256[:2] / sha256
    if not path.is_file():
        verdict.add(Fault.LOST, f"{letter.subject!r}: the file {sha256 or '(none)'} is not there")
    elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        verdict.add(Fault.HALF_WRITTEN, f"{letter.subject!r}: the file {sha256} has other bytes")


# ---- both ends of the mail -------------------------------------------------------------------------------------------


async def _check_inbox(verdict: Verdict, world: World, rows: _Rows, letters: Sequence[Letter]) -> None:
    password = world.passwords[world.address]
    inbox = await asyncio.to_thread(read_inbox, world.settings.imap_port, world.address, password)
    verdict.expect(Fault.LOST, "mails on the IMAP server", len(letters), len(inbox.uids))
    entered = Counter(row.uid for row in rows.inbound)
    for uid in inbox.unmarked:
        verdict.add(Fault.UNFLAGGED, f"UID {uid} on the IMAP server")
    for row in rows.inbound:
        if not row.flagged:
            verdict.add(Fault.UNFLAGGED, f"UID {row.uid} in the ledger of mail")
    for uid in inbox.uids - entered.keys():
        verdict.add(Fault.LOST, f"UID {uid} is in no ledger of mail")
    for uid in (uid for uid, count in entered.items() if count > 1):
        verdict.add(Fault.DOUBLED, f"UID {uid} was taken in {entered[uid]} times")


async def _check_postboxes(verdict: Verdict, world: World, rows: _Rows, letters: Sequence[Letter]) -> None:
    """Each customer has one acknowledgement, perhaps in several copies, with the Message-ID that the outbox has."""
    limit = asyncio.Semaphore(READERS)

    async def read(letter: Letter) -> Postbox:
        async with limit:
            password = world.passwords[letter.customer]
            return await asyncio.to_thread(read_postbox, world.settings.imap_port, letter, password)

    out = {message.id: message for message in rows.messages if message.direction == "out"}
    issued: dict[str, list[str]] = defaultdict(list)
    for row in rows.outbox:
        issued[row.envelope_to[0]].append(plain_id(out[row.message_id].message_id))
        verdict.expect(Fault.LOST, f"outbox row {row.key}", OutboxState.SENT, row.state)
    ids = [message_id for each in issued.values() for message_id in each]
    verdict.acknowledgements = len(set(ids))
    verdict.expect(Fault.DOUBLED, "outbox rows with a Message-ID of their own", len(ids), len(set(ids)))
    sent_again: Counter[int] = Counter()
    for letter, postbox in zip(letters, await asyncio.gather(*map(read, letters)), strict=True):
        if not postbox.answers:
            verdict.add(Fault.LOST, f"{letter.customer} has no acknowledgement")
        if len(postbox.answers) > 1 or postbox.strange:
            verdict.add(Fault.DOUBLED, f"{letter.customer} has {sorted(postbox.answers)} and {postbox.strange}")
        verdict.expect(
            Fault.DOUBLED,
            f"Message-IDs for {letter.customer}",
            sorted(issued[letter.customer]),
            sorted(postbox.answers),
        )
        sent_again.update(copies for copies in postbox.answers.values() if copies > 1)
    verdict.sent_again = dict(sorted(sent_again.items()))


# ---- Temporal ----------------------------------------------------------------------------------------------------------


async def _check_runs(verdict: Verdict, world: World, rows: _Rows) -> None:
    """Each case's run waits for its deadline: running, nothing failing, nothing tried over and over."""
    for number, found in (await describe_cases(world.house.client, [case.number for case in rows.cases])).items():
        status = WorkflowExecutionStatus(found.workflow_execution_info.status)
        if status is not WorkflowExecutionStatus.RUNNING:
            verdict.add(Fault.STUCK, f"the run of {number} is {status.name}")
        if why := trouble(found):
            verdict.add(Fault.STUCK, f"{number}: {why}")


async def _check_histories(verdict: Verdict, world: World) -> None:
    """Every run that there ever was replays with today's code, and no workflow task of it failed by itself."""
    workflows = [workflow for each in WORKFLOWS.values() for workflow in each]
    replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=sandbox())
    begun: Counter[str] = Counter()
    async for run in world.house.client.list_workflows():
        history = await world.house.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        failure = (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
        if failure is not None:
            verdict.add(Fault.STUCK, f"the history of {run.id} does not replay: {failure}")
        for event in history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                cause = WorkflowTaskFailedCause.Name(failed.cause)
                verdict.add(Fault.STUCK, f"a workflow task of {run.id} failed: {cause} {failed.failure.message}")
        verdict.histories += 1
        begun[run.id] += run.id.startswith("case-")
    for workflow_id, runs in begun.items():
        if runs > 1:
            verdict.add(Fault.DOUBLED, f"{workflow_id} was started {runs} times")
