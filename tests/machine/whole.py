"""What must hold of all cases together: families, capacities, contracts, and that each run knows its case as its row is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from cases.snapshots import snapshot_of
from models.messages.cases import CaseStatus
from models.messages.entitlements import Allocation
from models.records.cases import Case, QueueItem
from models.records.promises import LedgerEntry
from models.records.reference import Agent, Entitlement, EntitlementChannel
from tests.support.desks import Desk
from workflows.presentation import case_details

METADATA = "__temporal_workflow_metadata"
"""The query by which the Temporal UI asks every run for its current details."""
SHOWN = {name: SearchAttributeKey.for_keyword(name) for name in ("CaseStatus", "CaseQueue", "CaseOwner", "CaseSla")}


async def faults(session: AsyncSession, most_children: int) -> AsyncIterator[str]:
    for check in (_capacities, _contracts):
        async for fault in check(session):
            yield fault
    cases = list(await session.scalars(select(Case)))
    for fault in _families(cases, most_children):
        yield fault


async def _capacities(session: AsyncSession) -> AsyncIterator[str]:
    """An agent's load is what they work on, and never above what they can take."""
    rows = await session.execute(
        select(QueueItem.worked_by, func.count()).where(QueueItem.live).group_by(QueueItem.worked_by)
    )
    works = Counter({agent: count for agent, count in rows if agent is not None})
    for agent in await session.scalars(select(Agent)):
        if agent.load != works[agent.id]:
            yield f"agent {agent.slug}: works on {works[agent.id]} cases, and {agent.load} are counted"
        if agent.capacity is not None and agent.load > agent.capacity:
            yield f"agent {agent.slug}: works on {agent.load} cases, and can take {agent.capacity}"


async def _contracts(session: AsyncSession) -> AsyncIterator[str]:
    """`remaining = total + sum(ledger)`, of the contract and of each channel; and each case holds what its state takes."""
    cases = {case.id: case for case in await session.scalars(select(Case))}
    moved = list(await session.scalars(select(LedgerEntry)))
    lines = list(await session.scalars(select(EntitlementChannel)))
    for contract in await session.scalars(select(Entitlement)):
        mine = [entry for entry in moved if entry.entitlement_id == contract.id]
        if contract.remaining_terms != contract.total_terms + sum(entry.terms for entry in mine):
            yield f"contract {contract.slug}: {contract.remaining_terms} remain, and its ledger says otherwise"
        if contract.restricted and contract.decrease_on == "creation" and contract.remaining_terms < 0:
            yield f"contract {contract.slug} is overdrawn: {contract.remaining_terms}"
        for line in lines:
            by_line = sum(entry.terms for entry in mine if entry.origin == line.origin)
            if line.entitlement_id == contract.id and line.remaining_terms != line.total_terms + by_line:
                yield f"contract {contract.slug}, {line.origin}: {line.remaining_terms} remain, and its ledger says otherwise"
        held: dict[UUID, Decimal] = {}
        for entry in mine:
            held[entry.case_id] = held.get(entry.case_id, Decimal(0)) - entry.terms
        for case in cases.values():
            fault = _holds(contract, case, held.get(case.id, Decimal(0)))
            if fault:
                yield f"contract {contract.slug}: {case.number} ({case.status}) holds {fault}"


def _holds(contract: Entitlement, case: Case, terms: Decimal) -> str:
    """What the case holds of the contract beyond what its state takes (domain 3.4); empty if it is right."""
    if case.entitlement_id != contract.id:
        return "" if terms == 0 else f"{terms} without counting on it"
    if not case.decrement:
        return "" if terms == 0 else f"{terms}, and takes none"
    if contract.allocation == Allocation.HOURS and case.status == CaseStatus.RESOLVED:
        return "" if terms >= 0 else str(terms)
    basis = {CaseStatus.ACTIVE, CaseStatus.RESOLVED} if contract.decrease_on == "creation" else {CaseStatus.RESOLVED}
    expected = Decimal(case.status in basis)
    return "" if terms == expected else f"{terms} and not {expected}"


def _families(cases: list[Case], most_children: int) -> Iterator[str]:
    """One level, at most so many children; nobody is left with a parent that went up in another case."""
    by_id, by_number = {case.id: case for case in cases}, {case.number: case for case in cases}
    # One that was merged keeps the parent that it had, and is no child of it any more.
    children = Counter(case.parent_id for case in cases if case.parent_id is not None and case.merged_into is None)
    for case in cases:
        if children[case.id] > most_children:
            yield f"{case.number} has {children[case.id]} children, and at most {most_children} are allowed"
        if case.parent_id is None or case.merged_into is not None:
            continue
        if children[case.id]:
            yield f"{case.number} is a child and has children"
        if by_id[case.parent_id].merged_into is not None:
            yield f"{case.number} is a child of {by_id[case.parent_id].number}, which went up in another case"
    for case in cases:
        met, at = {case.number}, case
        while at.merged_into is not None:
            at = by_number[at.merged_into]
            if at.number in met:
                yield f"{case.number} went up in itself"
                break
            met.add(at.number)


async def run_of(desk: Desk, session: AsyncSession, case: Case) -> str:
    """In what the case's run differs from its row; empty if in nothing. A closed case has no run that goes on."""
    handle = desk.handle(case.number)
    try:
        described = await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return "it has never had a run"
        raise
    going = described.status is WorkflowExecutionStatus.RUNNING
    if going != (case.status == CaseStatus.ACTIVE):
        return f"its run is {described.status and described.status.name}, and the case is {case.status}"
    if not going:
        if described.status is not WorkflowExecutionStatus.COMPLETED:
            return f"its run ended as {described.status and described.status.name}"
        return ""
    snapshot = await snapshot_of(session, case)
    known = await handle.query(METADATA)
    wanted = case_details(snapshot)
    if known.current_details != wanted:
        return f"its run says {known.current_details!r}, and its rows {wanted!r}"
    attributes = described.typed_search_attributes
    shown = {name: attributes.get(key) for name, key in SHOWN.items()}
    rows = {
        "CaseStatus": snapshot.status.value,
        "CaseQueue": snapshot.queue,
        "CaseOwner": snapshot.owner,
        "CaseSla": "incident" if snapshot.incidents else snapshot.sla_state.value,
    }
    return "" if shown == rows else f"its attributes are {shown}, and its rows say {rows}"
