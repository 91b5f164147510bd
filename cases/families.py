"""What a case hears of its family, and of a merge that somebody asked for: decided in its own run, under its own lock
(domain 1.4, 1.5).

A command on the parent or on the survivor has checked everything; here each case looks again, because it may have changed
meanwhile. The outcome of the delivery says what became of it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cases.merging import RETIRED, retire_into
from cases.pending import command_of
from cases.taking_back import KEPT, reopen_with_parent, was_taken_back
from cases.unit import Because, CaseUnit, Refused
from cases.verbs import lifecycle
from models.messages.api_cases import CancelBody, ReplyBody, ResolveBody
from models.messages.cases import OPEN_STATUSES, CaseCommand, CommandKind
from models.messages.mailflow import DeliveryKind
from models.messages.said import said, word
from models.records.cases import Case
from models.records.commands import Command, Delivery
from storage.repositories.families import IN_FAMILIES
from storage.repositories.threads import last_survivor, survivor_to_join

LINKED, CLOSED, MOVED = "linked", "closed", "moved"
"""Outcomes; that of a child that could not be linked says why."""


async def children_of(session: AsyncSession, case_id: UUID, *, awaited: bool = True) -> int:
    """How many a case has, and those that are about to become its children: by a link, or because their parent has gone up
    in it. Exact under the lock of that case. `awaited`: with those of cases that have been asked to go up in it."""
    family, open_ends = {case_id}, {case_id} if awaited else set[UUID]()
    while open_ends:
        open_ends = set(await session.scalars(_asked_to_go_up(open_ends))) - family
        family |= open_ends
    gone_up = select(Case.id, Case.number).where(Case.id.in_(family)).cte(recursive=True)
    further = aliased(Case)
    gone_up = gone_up.union(select(further.id, further.number).join(gone_up, further.merged_into == gone_up.c.number))
    members = select(gone_up.c.id)
    linked = select(func.count()).select_from(Case).where(Case.parent_id.in_(members), Case.merged_into.is_(None))
    coming = (
        select(func.count())
        .select_from(Delivery)
        .join(Command, Command.id == Delivery.subject_id)
        .where(IN_FAMILIES, Delivery.kind == DeliveryKind.LINK, ~Delivery.done, Command.case_id.in_(members))
    )
    return sum([await session.scalar(statement) or 0 for statement in (linked, coming)])


def _asked_to_go_up(into: set[UUID]) -> Select[UUID]:
    return (
        select(Delivery.case_id)
        .join(Command, Command.id == Delivery.subject_id)
        .where(IN_FAMILIES, Delivery.kind == DeliveryKind.GO_UP, ~Delivery.done, Command.case_id.in_(into))
    )


async def no_room_for_children(unit: CaseUnit, survivor: Case) -> str | None:
    """Why this case's children cannot come with it into the survivor, which is locked; None if they can.

    The command has looked at that; this case may have got more of them since.
    """
    own, most = await children_of(unit.session, unit.case.id), unit.organisation.most_children
    if not own or own + await children_of(unit.session, survivor.id, awaited=False) <= most:
        return None
    return said("the other case has no room for {own} more of at most {most} children", own=own, most=most)


async def go_up(unit: CaseUnit, delivery: Delivery) -> None:
    """Be merged into the case that the command is on, unless this or that one has been closed meanwhile."""
    case, session = unit.case, unit.session
    command = await session.get_one(Command, delivery.subject_id)
    unit.because = Because(command.kind, command.actor_id)
    survivor = await survivor_to_join(session, case, await session.get_one(Case, command.case_id))
    why = await _why_not_up(unit, survivor)
    if why is not None:
        delivery.outcome = KEPT
        unit.tell(f"command/{command.id}", "kept", actor_id=command.actor_id, related=survivor.number, why=why)
        return
    await retire_into(unit, survivor, actor_id=command.actor_id)
    delivery.outcome = RETIRED


async def _why_not_up(unit: CaseUnit, survivor: Case) -> str | None:
    """Why this case cannot go up in the survivor, which is locked."""
    case = unit.case
    if case.status not in OPEN_STATUSES:
        return said("this case is {status}", status=word(case.status))
    if survivor.id == case.id:
        return said("the other case went up in this one")
    if survivor.status not in OPEN_STATUSES:
        return said("the other case is {status}", status=word(survivor.status))
    return await no_room_for_children(unit, survivor)


async def close_with_parent(unit: CaseUnit, delivery: Delivery) -> None:
    """Be resolved or cancelled as the parent was, or be opened again, if what closed the parent was taken back. Nobody is
    there to be asked: a child that cannot follow stays as it is."""
    row = await unit.session.get_one(Command, delivery.subject_id)
    unit.because = Because(row.kind, row.actor_id)
    command = command_of(row)
    parent = await unit.session.get_one(Case, row.case_id)
    try:
        if command.kind is CommandKind.UNDO_REPLY:
            delivery.outcome = await reopen_with_parent(unit, row, parent)
        else:
            delivery.outcome = await _close(unit, command, parent, row.body)
    except Refused as error:
        delivery.outcome = KEPT
        unit.tell(f"command/{row.id}", "kept", actor_id=row.actor_id, related=parent.number, why=error.refusal.detail)


async def _close(unit: CaseUnit, command: CaseCommand, parent: Case, body: dict[str, Any]) -> str:
    case = unit.case
    if case.status not in OPEN_STATUSES or case.parent_id != parent.id:
        return KEPT
    if command.kind is CommandKind.REPLY and await was_taken_back(unit.session, command.id):
        return KEPT
    if command.kind is CommandKind.CANCEL:
        await lifecycle.cancel(unit, command, CancelBody.model_validate(body))
    else:
        await lifecycle.resolve(unit, command, _resolution(body, command.kind))
    return CLOSED


def _resolution(body: dict[str, Any], kind: CommandKind) -> ResolveBody:
    """As the parent's, but for the minutes, which were the parent's own."""
    given = ReplyBody.model_validate(body).resolve if kind is CommandKind.REPLY else ResolveBody.model_validate(body)
    if given is None:
        raise ValueError(said("the reply resolved nothing"))
    return given.model_copy(update={"billable_minutes": None})


async def become_child(unit: CaseUnit, delivery: Delivery) -> None:
    """Of the case that the command is on, or of the one that it was merged into."""
    case, session = unit.case, unit.session
    command = await session.get_one(Command, delivery.subject_id)
    parent = await last_survivor(session, await session.get_one(Case, command.case_id))
    why = await why_no_child(session, case, parent)
    if why is None and parent.parent_id is not None:
        why = "parent-is-child"
    if why is None and parent.status not in OPEN_STATUSES:
        why = "parent-closed"  # and its children with it, if the organisation wants that
    delivery.outcome = why or LINKED
    if why is not None:
        unit.tell(f"command/{command.id}", "kept", actor_id=command.actor_id, related=parent.number, why=why)
        return
    case.parent_id = parent.id
    unit.tell(f"command/{command.id}", "linked", actor_id=command.actor_id, related=parent.number)


async def why_no_child(session: AsyncSession, case: Case, parent: Case) -> str | None:
    """Why this case cannot become a child of that one, in a word; None if it can."""
    if case.id == parent.id:
        return "itself"
    if case.status not in OPEN_STATUSES:
        return "not-active"
    if case.parent_id is not None and case.parent_id != parent.id:
        return "has-parent"
    return "has-children" if await children_of(session, case.id) else None


async def take_new_parent(unit: CaseUnit, delivery: Delivery) -> None:
    """The parent was merged: its survivor is the parent from now on."""
    case, session = unit.case, unit.session
    if case.parent_id != delivery.subject_id:
        delivery.outcome = KEPT
        return
    former = await session.get_one(Case, delivery.subject_id)
    parent = await last_survivor(session, former)
    case.parent_id = parent.id
    delivery.outcome = MOVED
    unit.tell(f"new-parent/{former.id}", "linked", related=parent.number, former=former.number)
