"""What becomes of the children when their parent is closed: nothing, the same, or the parent may not be (domain 1.4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from cases.unit import CaseUnit, Refused, refused
from models.messages.cases import OPEN_STATUSES, CaseCommand, CommandKind, ProblemType, Refusal
from models.messages.families import FamilyRun
from models.messages.mailflow import DeliveryKind
from models.messages.organisation import ClosingParents
from models.messages.said import Said, said
from models.records.cases import Case
from models.records.timeline import Activity
from policies.lifecycle import reason_for

CLOSE_FAMILY = "close"


@dataclass(frozen=True, slots=True)
class ToBeClosed:
    """How the parent is closed, and so its children: resolve or cancel, the reason asked for, and whether it is confirmed
    that open activities are cancelled."""

    kind: CommandKind
    reason: str | None
    cancel_open_activities: bool = False


async def close_children(unit: CaseUnit, command: CaseCommand, closing: ToBeClosed) -> None:
    """In the parent's own transaction, before it is closed: everything is checked, and each active child must hear of it.

    Under the parent's lock no child can come meanwhile. Each child decides again when it hears of it; one that cannot be
    closed then stays open, and its timeline says why.
    """
    case, mode = unit.case, unit.organisation.closing_parents
    if mode is ClosingParents.INDEPENDENT or case.parent_id is not None:
        return
    children = await _open_children(unit)
    if not children:
        return
    if mode is ClosingParents.BLOCK:
        raise refused(
            ProblemType.CHILDREN_OPEN,
            # Without their numbers: whoever closes the parent may not know of all of them.
            said("{count} child case is open. Close them first.", count=len(children))
            if len(children) == 1
            else said("{count} child cases are open. Close them first.", count=len(children)),
        )
    await _check_activities(unit, children, closing)
    for child in children:
        _check_reason(unit, child, closing)
        unit.must_hear(child, DeliveryKind.CLOSE, command.id)
    unit.family = FamilyRun(kind=CLOSE_FAMILY, command_id=command.id, number=case.number)


async def _open_children(unit: CaseUnit) -> list[Case]:
    found = select(Case).where(Case.parent_id == unit.case.id, Case.status.in_(OPEN_STATUSES)).order_by(Case.id)
    return list(await unit.session.scalars(found))


async def _check_activities(unit: CaseUnit, children: list[Case], closing: ToBeClosed) -> None:
    """Those of the children are covered by the same confirmation."""
    if closing.cancel_open_activities:
        return
    ids = [child.id for child in children]
    count = await unit.session.scalar(
        select(func.count()).select_from(Activity).where(Activity.case_id.in_(ids), Activity.status == "open")
    )
    if not count:
        return
    resolving = closing.kind is CommandKind.RESOLVE
    raise refused(
        ProblemType.OPEN_ACTIVITIES,
        _still_open(count, resolving=resolving),
        allowed=("cancel_open_activities",) if resolving else (),
    )


def _check_reason(unit: CaseUnit, child: Case, closing: ToBeClosed) -> None:
    reason = reason_for(unit.organisation, closing.kind, child.status_reason, closing.reason)
    if isinstance(reason, Refusal):
        raise Refused(reason.about("", said("a child case: {detail}", detail=reason.detail)))


def _still_open(count: int, *, resolving: bool) -> Said:
    if resolving:
        return (
            said(
                "{count} open activity on child cases, which are closed too; confirm with cancel_open_activities.",
                count=count,
            )
            if count == 1
            else said(
                "{count} open activities on child cases, which are closed too; confirm with cancel_open_activities.",
                count=count,
            )
        )
    return (
        said("{count} open activity on child cases, which are closed too; complete or cancel them first.", count=count)
        if count == 1
        else said(
            "{count} open activities on child cases, which are closed too; complete or cancel them first.", count=count
        )
    )
