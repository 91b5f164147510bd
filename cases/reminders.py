"""Activities of a case that are due: their owners are reminded, once for each due date (domain 9)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import or_, select

from cases.readers import reading
from cases.unit import CaseUnit
from letters.notice_words import OF_ACTIVITIES
from letters.noticing import Notice
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.said import said
from models.records.reference import Agent
from models.records.timeline import Activity

REMINDER = "reminder/"
"""What the keys of incidents of reminders begin with."""


async def remind(unit: CaseUnit) -> None:
    """Whatever becomes of the letter, each is reminded of: nothing stays due."""
    due = await unit.session.scalars(
        select(Activity).where(
            Activity.case_id == unit.case.id,
            Activity.status == "open",
            Activity.due <= unit.now,
            or_(Activity.reminded_for.is_(None), Activity.reminded_for != Activity.due),
        )
    )
    for row in due.all():
        row.reminded_for = row.due
        await unit.part(f"{REMINDER}{row.id}", "activity is due", partial(_tell, unit, row), None)
    unit.reminders_moved = True


async def remind_again(unit: CaseUnit, name: str) -> None:
    """One whose letter could not be written, later. Raises LookupError for one that the case does not have."""
    row = await unit.session.get(Activity, UUID(name))
    if row is None or row.case_id != unit.case.id:
        raise LookupError(f"{unit.case.number} has no activity {name}")
    await _tell(unit, row)


async def _tell(unit: CaseUnit, row: Activity) -> None:
    when = row.due or unit.now
    key = f"{REMINDER}{row.id}/{when.isoformat()}"
    owner = await unit.session.get(Agent, row.owner_id) if row.owner_id else None
    unsent: str | None = said("nobody to tell")
    if owner is not None and owner.active:
        facts: dict[str, dict[str, str | datetime]] = {"activity": {"title": row.title, "kind": row.kind, "due": when}}
        readers = await reading(unit.session, [owner])
        try:
            notice = Notice(f"notice/{key}", None, OF_ACTIVITIES, facts)
            await unit.tools.letters.notice(unit.session, unit.case, notice, readers, unit.now)
            unsent = None
        except (NoMailbox, CannotRender) as error:
            unsent = str(error)
    unit.tell(key, "reminded" if unsent is None else "not-reminded", subject_id=row.id, text=unsent, activity=row.kind)
