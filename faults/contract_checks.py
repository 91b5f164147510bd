"""What must be so of contracts after the lives of `faults.contracts`: each began, expired, warned and was charged once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, sandbox
from cases.contract_times import TIMER
from faults.world import World
from models.messages.mailflow import OutboxState
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from models.records.promises import LedgerEntry
from models.records.reference import Audit, Entitlement, WarnedRecord


@dataclass
class Expected:
    """What the lives should leave: by slug, the states that a contract passed, and the keys of the warnings that it gave."""

    passed: dict[str, list[str]] = field(default_factory=dict)
    warned: dict[str, set[str]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    numbers: list[str] = field(default_factory=list)


async def check(world: World, expected: Expected, charged: str, warned_at: Iterable[int]) -> list[str]:
    """What is not so, in words; empty if all is well."""
    faults: list[str] = []

    def expect(what: str, wanted: object, found: object) -> None:
        if wanted != found:
            faults.append(f"{what}: expected {wanted}, found {found}")

    async with world.house.database.read() as session:
        contracts = {row.slug: row for row in await session.scalars(select(Entitlement))}
        slugs = {row.id: row.slug for row in contracts.values()}
        warned = list(await session.scalars(select(WarnedRecord)))
        audit = list(await session.scalars(select(Audit).where(Audit.kind == "entitlement", Audit.actor == TIMER)))
        letters = list(await session.scalars(select(Outbox).where(Outbox.key.startswith("notice/contract/"))))
        ids = list(await session.scalars(select(EmailMessage.message_id).where(EmailMessage.direction == "out")))
        moved = list(await session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))
        cases = {row.id: row for row in await session.scalars(select(Case))}
    keys = Counter((slugs[row.entitlement_id], row.key) for row in warned)
    for slug, passed in expected.passed.items():
        expect(f"{slug}, state", "expired" if passed == ["expired"] else "active", contracts[slug].status)
        expect(f"{slug}, moved by its timer", passed, [row.action for row in audit if row.object_id == slug])
        expect(f"{slug}, warnings", expected.warned[slug], {key for of, key in keys if of == slug})
    expect("warnings given twice", [], [each for each, count in keys.items() if count > 1])
    expect("letters of warnings", sum(row.told for row in warned), len(letters))
    expect("unsent warnings", [], [row.key for row in warned if row.unsent])
    expect("letters that were not sent", [], [row.key for row in letters if row.state != OutboxState.SENT])
    expect("Message-IDs of their own", len(ids), len(set(ids)))

    contract = contracts[charged]
    mine = [entry for entry in moved if entry.entitlement_id == contract.id]
    expect(
        "the balance", contract.total_terms + sum((each.terms for each in mine), Decimal(0)), contract.remaining_terms
    )
    left = contract.total_terms
    for entry in mine:
        left += entry.terms
        expect(f"left after {entry.event} of {cases[entry.case_id].number}", left, entry.remaining)
    held: Counter[str] = Counter()
    for entry in mine:
        held[cases[entry.case_id].number] -= int(entry.terms)
    for number in expected.numbers:
        expect(f"{number}, terms", int(number not in expected.cancelled), held[number])
    lowest = min((entry.remaining for entry in mine if entry.remaining is not None), default=contract.total_terms)
    reached = {f"terms/{terms}/of/{contract.total_terms.normalize():f}" for terms in warned_at if terms >= lowest}
    given = {key.partition("/to/")[0] for of, key in keys if of == charged}
    # A threshold that was reached for a moment, and left again before anybody looked, need not be told of.
    sure = {f"terms/{terms}/of/{contract.total_terms.normalize():f}" for terms in warned_at if terms >= left}
    expect("thresholds that were reached and not told of", set(), sure - given)
    expect("thresholds that were told of and not reached", set(), given - reached)
    return [*faults, *[each async for each in _histories(world)]]


async def _histories(world: World) -> AsyncIterator[str]:
    workflows = [workflow for each in WORKFLOWS.values() for workflow in each]
    replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=sandbox())
    async for run in world.house.client.list_workflows():
        history = await world.house.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        failure = (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
        if failure is not None:
            yield f"the history of {run.id} does not replay: {failure}"
