"""What follows for a case when its customer goes up in another one (domain 9.2)."""

from __future__ import annotations

from sqlalchemy import update

from cases.customers import survivor
from cases.unit import CaseUnit
from models.messages.cases import CaseCommand
from models.records.reference import Account, Contact
from models.records.timeline import Activity


async def follow_customer(unit: CaseUnit, command: CaseCommand) -> None:
    """The case and its activities name the survivor; contract, promises and state stay as they are, so a closed case stays
    closed."""
    unit.changed = await follow(unit)
    if unit.changed:
        unit.tell(f"command/{command.id}", "customer-merged", actor_id=command.actor_id)


async def follow(unit: CaseUnit) -> bool:
    """Whether account or contact had gone up in another one."""
    case = unit.case
    account = await survivor(unit.session, Account, case.account_id)
    contact = await survivor(unit.session, Contact, case.contact_id)
    before = case.account_id, case.contact_id
    now = account.id if account else None, contact.id if contact else None
    if before == now:
        return False
    case.account_id, case.contact_id = now
    for column, old, new in zip((Activity.account_id, Activity.contact_id), before, now, strict=True):
        if old != new:
            moved = update(Activity).where(Activity.case_id == case.id, column == old).values({column.key: new})
            await unit.session.execute(moved.execution_options(synchronize_session=False))
    return True
