"""Parent and child, and merging by hand (domain 1.4, 1.5).

A command is on the case that everything turns on: the parent, or the survivor. It checks all of it in one transaction, and
writes what the other cases must hear; each of them does its part in its own run (`cases/families.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from cases.families import children_of, why_no_child
from cases.fields import checked
from cases.opener import NewCase
from cases.unit import CaseUnit, refused
from models.messages.case_fields import WrongValue
from models.messages.cases import CaseCommand, CaseStatus, ProblemType
from models.messages.families import ChildBody, FamilyRun, MergeBody
from models.messages.mailflow import DeliveryKind
from models.messages.said import said, whole, word
from models.messages.slas import SlaSource
from models.records.cases import Case

MERGE_FAMILY = "merge"


async def merge(unit: CaseUnit, command: CaseCommand, body: MergeBody) -> None:
    """The losers go up in this case, each once; what they have comes here."""
    found = await unit.session.scalars(select(Case).where(Case.number.in_(body.losers)))
    by_number = {case.number: case for case in found}
    for position, number in enumerate(body.losers):
        field = f"losers[{position}]"
        loser = by_number.get(number)
        if loser is None:
            raise refused(ProblemType.NOT_FOUND, said("there is no case {number!r}.", number=number), field=field)
        if loser.id == unit.case.id:
            raise refused(ProblemType.INVALID, said("a case cannot go up in itself."), field=field)
    losers = [by_number[number] for number in body.losers]
    await _check_losers(unit, losers)
    for loser in losers:
        unit.must_hear(loser, DeliveryKind.GO_UP, command.id)
    unit.family = FamilyRun(kind=MERGE_FAMILY, command_id=command.id, number=unit.case.number)
    unit.tell(f"command/{command.id}", "merging", actor_id=command.actor_id, cases=len(losers))


async def _check_losers(unit: CaseUnit, losers: Sequence[Case]) -> None:
    case, children = unit.case, 0
    for loser in losers:
        if loser.status == CaseStatus.OPENING:
            raise refused(
                ProblemType.CASE_OPENING,
                said("{number} is still being opened; try again in a moment.", number=loser.number),
            )
        if loser.status != CaseStatus.ACTIVE:
            raise refused(
                ProblemType.CASE_NOT_ACTIVE,
                said("{number} is {status}: only active cases merge.", number=loser.number, status=word(loser.status)),
            )
        if loser.parent_id != case.parent_id:
            raise refused(
                ProblemType.MERGE_FORBIDDEN,
                said("{number}: a child merges only with children of its own parent.", number=loser.number),
            )
        children += await children_of(unit.session, loser.id)
    if children:
        await _check_room(unit, children)


async def add_child(unit: CaseUnit, command: CaseCommand, body: ChildBody) -> str:
    """A new child, opened in this transaction; or an existing case, which hears that it is to become one."""
    case = unit.case
    if case.parent_id is not None:
        raise refused(
            ProblemType.FAMILY_FORBIDDEN,
            said("{number} is a child itself, and a child has no children.", number=case.number),
        )
    if body.case is not None:
        return await _link(unit, command)
    await _check_room(unit, 1)
    child = await unit.opens(await _new_child(unit, body))
    unit.tell(f"command/{command.id}", "child-added", actor_id=command.actor_id, related=child.number)
    return child.number


async def _link(unit: CaseUnit, command: CaseCommand) -> str:
    child = None if command.target_id is None else await unit.session.get(Case, command.target_id)
    if child is None:
        raise refused(ProblemType.NOT_FOUND, said("there is no such case."), field="case")
    if child.parent_id == unit.case.id:
        unit.changed = False
        return child.number
    match await why_no_child(unit.session, child, unit.case):
        case "itself":
            raise refused(ProblemType.FAMILY_FORBIDDEN, said("a case cannot be its own child."), field="case")
        case "not-active":
            raise refused(
                ProblemType.CASE_NOT_ACTIVE,
                said("{number} is {status}.", number=child.number, status=word(child.status)),
                allowed=("reactivate",),
            )
        case "has-parent":
            raise refused(
                ProblemType.FAMILY_FORBIDDEN,
                said("{number} is a child of another case; take it out of that family first.", number=child.number),
                field="case",
            )
        case "has-children":
            raise refused(
                ProblemType.FAMILY_FORBIDDEN,
                said("{number} has children itself, and a parent cannot become a child.", number=child.number),
                field="case",
            )
        case _:
            await _check_room(unit, 1)
    unit.must_hear(child, DeliveryKind.LINK, command.id)
    unit.tell(f"command/{command.id}", "child-added", actor_id=command.actor_id, related=child.number)
    return child.number


async def _check_room(unit: CaseUnit, more: int) -> None:
    most = unit.organisation.most_children
    has = await children_of(unit.session, unit.case.id)
    if has + more > most:
        raise refused(
            ProblemType.FAMILY_FORBIDDEN,
            said(
                "{number} has {has} of at most {most} children; there is no room for {more} more.",
                number=unit.case.number,
                has=has,
                most=most,
                more=more,
            ),
        )


async def _new_child(unit: CaseUnit, body: ChildBody) -> NewCase:
    """Title and customer of the parent, what the organisation has children inherit, and what the body says."""
    case, inherited = unit.case, set(unit.organisation.inherited_by_children)
    try:
        given = await checked(unit.session, unit.organisation, body.given())
    except WrongValue as error:
        raise refused(ProblemType.INVALID, whole(error.rule), field=error.field, allowed=error.allowed) from None
    plain = inherited - {"contact", "entitlement", "sla", "owner"}
    fields: dict[str, Any] = {"origin": case.origin, **{name: getattr(case, name) for name in plain}, **given}
    if "owner" in inherited:
        fields["owner_id"] = case.owner_id
    if "entitlement" in inherited:
        fields["entitlement_id"] = case.entitlement_id
    if "sla" in inherited and case.sla_source == SlaSource.MANUAL:
        fields["sla"] = case.sla
    person = "contact" in inherited or case.account_id is None
    return NewCase(
        title=body.title or case.title,
        account_id=case.account_id,
        contact_id=case.contact_id if person else None,
        parent_id=case.id,
        **{name: value for name, value in fields.items() if value is not None},
    )


async def leave_parent(unit: CaseUnit, command: CaseCommand) -> None:
    """A child goes on without its parent. `target_id`: the parent that it is to leave."""
    case = unit.case
    if case.parent_id is None or (command.target_id is not None and case.parent_id != command.target_id):
        raise refused(ProblemType.NOT_FOUND, said("{number} is no child of that case.", number=case.number))
    parent = await unit.session.get_one(Case, case.parent_id)
    case.parent_id = None
    unit.tell(f"command/{command.id}", "unlinked", actor_id=command.actor_id, related=parent.number)
