"""Each case with everything that its opening and its deliveries write, once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import func, select

from faults.mail_checks import Conversation
from faults.rows import RunRows, of_case
from faults.verdict import Harm, RunVerdict
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind, OutboxState
from models.records import Record
from models.records.cases import Case
from storage.engines import Database

KPIS = {"first-response", "resolution"}
TOLD = {"opening/entitlement", "opening/routed", "opening/opened", "opening/acknowledged", "sla/0"}
"""Timeline entries that every opening leaves, beside those of its mail and its KPI instances."""
TAKEN, NOTHING = Decimal(-1), Decimal(0)


def check_cases(
    verdict: RunVerdict, rows: RunRows, conversations: Mapping[int, Conversation], bounced: frozenset[int]
) -> None:
    """`bounced`: the conversations whose acknowledgement came back."""
    of_thread = {number: thread for thread, each in conversations.items() for number in each.survivors}
    for case in rows.cases:
        _check_opening(verdict, rows, case)
        if case.merged_into is not None:
            verdict.expect(Harm.HALF_WRITTEN, f"{case.number}, status", CaseStatus.CANCELLED, case.status)
            live = sum(item.live for item in of_case(rows.items, case))
            verdict.expect(Harm.HALF_WRITTEN, f"{case.number}, live queue items", 0, live)
        else:
            thread = of_thread.get(case.number, -1)
            _check_survivor(verdict, rows, case, conversations.get(thread, Conversation()), thread in bounced)
        _check_deliveries(verdict, rows, case)
    _check_balance(verdict, rows)
    verdict.bounced = sum(row.state in (OutboxState.FAILED, OutboxState.BOUNCED) for row in rows.outbox)


def _check_opening(verdict: RunVerdict, rows: RunRows, case: Case) -> None:
    """All that its opening writes in one transaction, whatever became of the case."""

    def expect(what: str, expected: object, found: object) -> None:
        verdict.expect(Harm.HALF_WRITTEN, f"{case.number}, {what}", expected, found)

    opening = [message for message in rows.messages if message.id == case.opening_mail_id]
    if len(opening) != 1:
        verdict.add(Harm.DOUBLED, f"{case.number} was opened by no mail")
        return
    expect("title", opening[0].subject, case.title)
    expect("processes", ["desk"], [process.definition for process in of_case(rows.processes, case)])
    expect("KPI instances", sorted(KPIS), sorted(kpi.kpi for kpi in of_case(rows.kpis, case)))
    told = [entry.key for entry in of_case(rows.timeline, case)]
    expect("timeline of its opening", sorted(TOLD), sorted(key for key in told if key in TOLD))
    expect("its mail on the timeline", 1, told.count(f"mail/{opening[0].id}"))
    survivor = rows.survivor(case.id)
    acknowledged = [row.case_id for row in rows.outbox if row.key == f"ack/{case.id}"]
    expect("whose acknowledgement it is", [survivor.id if survivor else None], acknowledged)
    entered = [(row.verdict, row.case_id) for row in rows.inbound if row.message_id == opening[0].id]
    expect("its mail's row in the mail log", 1, entered.count(("opened", case.id)))


def _check_survivor(verdict: RunVerdict, rows: RunRows, case: Case, conversation: Conversation, bounced: bool) -> None:
    def expect(what: str, expected: object, found: object) -> None:
        verdict.expect(Harm.HALF_WRITTEN, f"{case.number}, {what}", expected, found)

    expect("status", CaseStatus.ACTIVE, case.status)
    expect("queue", "desk", case.queue)
    expect("live queue items", 1, sum(item.live for item in of_case(rows.items, case)))
    expect("KPI instances", {"in-progress"}, {kpi.status for kpi in of_case(rows.kpis, case)})
    expect("current process", [True], [process.current for process in of_case(rows.processes, case)])
    told = [entry.key for entry in of_case(rows.timeline, case)]
    mails = {f"mail/{message.id}" for message in conversation.messages}
    missing = mails - set(told)
    if missing:
        verdict.add(Harm.HALF_WRITTEN, f"{case.number}: {len(missing)} of its mails are not on its timeline")
    failures = sum(key.startswith("send-failed/") for key in told)
    expect("failed letters on the timeline", int(bounced), failures)
    letters = of_case(rows.outbox, case)
    states = {OutboxState.FAILED, OutboxState.BOUNCED} if bounced else {OutboxState.SENT}
    if not {letter.state for letter in letters} <= states:
        verdict.add(Harm.LOST, f"{case.number}: its acknowledgement is {[letter.state for letter in letters]}")


def _check_deliveries(verdict: RunVerdict, rows: RunRows, case: Case) -> None:
    """Each delivery was applied, and applied once: the version counts the writes."""
    deliveries = of_case(rows.deliveries, case)
    kinds = [delivery.kind for delivery in deliveries]
    verdict.expect(Harm.DOUBLED, f"{case.number}, openings", 1, kinds.count(DeliveryKind.OPEN))
    if undone := [delivery.kind for delivery in deliveries if not delivery.done]:
        verdict.add(Harm.LOST, f"{case.number} has not heard of {undone}")
    verdict.expect(Harm.DOUBLED, f"{case.number}, version", len(deliveries), case.version)


def _check_balance(verdict: RunVerdict, rows: RunRows) -> None:
    """One term was taken for every case, and given back where the case was merged into another."""
    (contract,) = rows.entitlements
    for case in rows.cases:
        moved = sum((movement.terms for movement in of_case(rows.ledger, case)), NOTHING)
        expected = TAKEN if case.merged_into is None else NOTHING
        verdict.expect(
            Harm.DOUBLED if moved < expected else Harm.HALF_WRITTEN, f"{case.number}, terms", expected, moved
        )
    verdict.movements = len(rows.ledger)
    verdict.balance = f"{contract.remaining_terms} of {contract.total_terms}"
    moved = sum((movement.terms for movement in rows.ledger), NOTHING)
    verdict.expect(
        Harm.HALF_WRITTEN, "remaining = total + sum(ledger)", contract.remaining_terms, contract.total_terms + moved
    )


async def check_orphans(verdict: RunVerdict, database: Database) -> None:
    """Every foreign key of every table names a row that is there."""
    async with database.read() as session:
        for table in Record.metadata.sorted_tables:
            for key in table.foreign_keys:
                parent = key.column.table.alias()
                there = select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent).exists()
                orphans = select(func.count()).select_from(table).where(key.parent.is_not(None), ~there)
                if count := await session.scalar(orphans):
                    verdict.add(Harm.HALF_WRITTEN, f"{count} rows of {table.name} name no row by {key.parent.name}")
