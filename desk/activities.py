"""Activities that belong to no case yet: the desk writes them, with audit, until they become a case (domain 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from cases.fields import as_json
from desk.audit import Changes
from desk.errors import Conflict, DeskError, Invalid, NotFound, Stale
from desk.identity import Identity
from desk.queries.activities import case_number_of
from desk.reference.records import Edit
from desk.reference.references import Names
from desk.refusals import error_of
from models.messages.activities import ActivityType
from models.messages.api_activities import (
    ChangeActivityBody,
    CloseActivityBody,
    ConvertActivityBody,
    NewActivityBody,
)
from models.messages.api_cases import NewCaseBody
from models.messages.case_fields import WrongValue
from models.messages.cases import Refusal
from models.messages.organisation import OrganisationSettings
from models.messages.processes import DataValue
from models.messages.reference import Role
from models.messages.said import said, word
from models.records.base import new_id
from models.records.cases import Case
from models.records.reference import Account, Agent, Contact
from models.records.timeline import Activity, TimelineEntry
from policies import activities as policy
from policies.activities import COMPLETED, OPEN


@dataclass(frozen=True, slots=True)
class Arrived:
    """Whose an activity is, and what a record creation rule made of it."""

    account_id: UUID | None
    contact_id: UUID | None
    creation: dict[str, Any] | None = None


async def add(
    edit: Edit,
    identity: Identity,
    organisation: OrganisationSettings,
    body: NewActivityBody,
    arrived: Arrived | None = None,
) -> UUID:
    """`arrived`: who it is from, and what a rule made of it; without it, it is whose the body says, and no rule was asked."""
    if body.kind not in organisation.activity_types:
        known = ", ".join(organisation.activity_types)
        raise Invalid(
            "kind",
            said("the organisation has no activity type {kind!r}; one of: {known}", kind=word(body.kind), known=known),
        )
    kind = organisation.activity_type(body.kind)
    await _check_writer(edit.session, kind, identity)
    if arrived is None:
        arrived = Arrived(*await customer_of(edit.names, edit.session, body.customer))
    fields = _values(kind, {}, body.fields)
    reason = _granted(policy.end(kind, OPEN, COMPLETED, None, fields)) if body.completed else None
    row = Activity(
        id=new_id(),
        status=COMPLETED if body.completed else OPEN,
        reason=reason,
        created_on=edit.now,
        closed_on=edit.now if body.completed else None,
        owner_id=await edit.names.require("agent", body.owner, "owner") or identity.agent_id,
        account_id=arrived.account_id,
        contact_id=arrived.contact_id,
        creation=arrived.creation,
        **body.model_dump(exclude={"fields", "completed", "customer", "owner"}),
        fields=fields,
        version=1,
    )
    edit.session.add(row)
    edit.audit("activity", str(row.id), "create", {"kind": [None, row.kind]})
    await edit.flush("activity")
    return row.id


async def change(
    edit: Edit,
    identity: Identity,
    organisation: OrganisationSettings,
    id: UUID,
    body: ChangeActivityBody,
    version: int | None,
) -> None:
    row, kind = await _own(edit, identity, organisation, id, version)
    given = body.model_dump(include=body.model_fields_set - {"owner", "fields"})
    if "fields" in body.model_fields_set:
        given["fields"] = _values(kind, row.fields, body.fields)
    if body.owner is not None:
        given["owner_id"] = await edit.names.require("agent", body.owner, "owner")
    before = {name: getattr(row, name) for name in sorted(given)}
    changes: Changes = {name: [_told(old), _told(given[name])] for name, old in before.items() if old != given[name]}
    if changes:
        for name in changes:
            setattr(row, name, given[name])
        row.version += 1
        # The audit has other readers than a type that names its own.
        untold: Changes = {name: [None, None] for name in changes}
        edit.audit("activity", str(id), "change", untold if kind.readers else changes)
        await edit.flush("activity")


async def close(
    edit: Edit,
    identity: Identity,
    organisation: OrganisationSettings,
    id: UUID,
    status: str,
    body: CloseActivityBody,
    version: int | None,
) -> None:
    row, kind = await _own(edit, identity, organisation, id, version)
    row.reason = _granted(policy.end(kind, row.status, status, body.reason, row.fields))
    row.status, row.closed_on, row.version = status, edit.now, row.version + 1
    if body.duration_minutes is not None:
        row.duration_minutes = body.duration_minutes
    edit.audit("activity", str(id), status, {"status": [OPEN, status]})
    await edit.flush("activity")


async def case_of(
    session: AsyncSession, id: UUID, body: ConvertActivityBody, version: int | None = None
) -> NewCaseBody:
    """The case that an activity is to become: its title, its description and its customer, unless others are named."""
    row = _free(await session.get(Activity, id), id, version)
    customer, contact = body.customer, body.contact
    if customer is None:
        account = await session.get(Account, row.account_id) if row.account_id else None
        person = await session.get(Contact, row.contact_id) if row.contact_id else None
        named = account or person
        if named is None:
            raise Invalid("customer", said("the activity names none; name one"))
        # Whom a mail or a call made known is named by their id.
        customer = named.slug or str(named.id)
        if contact is None and account is not None and person is not None:
            contact = person.slug or str(person.id)
    asked = body.model_dump(include=body.model_fields_set & {"entitlement", "decrement"})
    return NewCaseBody(
        title=body.title or row.title,
        description=row.description,
        customer=customer,
        contact=contact,
        origin=body.origin,
        priority=body.priority,
        **asked,
    )


async def become(
    session: AsyncSession,
    case: Case,
    *,
    id: UUID,
    identity: Identity,
    organisation: OrganisationSettings,
    body: ConvertActivityBody,
    now: datetime,
) -> None:
    """In the transaction that inserts the case: the activity is the case's from now on, and is closed if asked for."""
    row = await session.get_one(Activity, id)
    kind = organisation.activity_type(row.kind)
    await _check_writer(session, kind, identity)
    values: dict[str, Any] = {"case_id": case.id, "version": Activity.version + 1}
    if body.close and row.status == OPEN:
        values["reason"] = _granted(policy.end(kind, row.status, COMPLETED, None, row.fields))
        values |= {"status": COMPLETED, "closed_on": now}
    # Two who convert it at once make one case.
    taken = await session.execute(
        update(Activity).where(Activity.id == id, Activity.case_id.is_(None)).values(**values)
    )
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        raise _belongs(id)
    session.add(
        TimelineEntry(
            id=new_id(),
            case_id=case.id,
            key=f"converted/{id}",
            at=now,
            kind="converted",
            actor_id=identity.agent_id,
            subject_id=id,
            data={"activity": row.kind},
        )
    )


async def case_written(
    session: AsyncSession, identity: Identity, organisation: OrganisationSettings, id: UUID
) -> str | None:
    """The number of the case that writes the activity; None: it belongs to none, and the desk writes it."""
    number = await case_number_of(session, identity, id)
    if number is not None:
        kind = await session.scalar(select(Activity.kind).where(Activity.id == id))
        check_reader(organisation.activity_type(kind or ""), identity)
    return number


# ---- what all of them ask --------------------------------------------------------------------------------------------


async def _own(
    edit: Edit, identity: Identity, organisation: OrganisationSettings, id: UUID, version: int | None
) -> tuple[Activity, ActivityType]:
    row = _free(await edit.session.scalar(select(Activity).where(Activity.id == id).with_for_update()), id, version)
    kind = organisation.activity_type(row.kind)
    await _check_writer(edit.session, kind, identity)
    return row, kind


def _free(row: Activity | None, id: UUID, version: int | None) -> Activity:
    """The activity, if it is there, is of no case, and is still of the version that was seen."""
    if row is None:
        raise NotFound("activity", id)
    if row.case_id is not None:
        raise _belongs(id)
    if version is not None and version != row.version:
        raise Stale(row.version)
    return row


def _belongs(id: UUID) -> DeskError:
    return Conflict("activity-has-case", said("activity {id} belongs to a case already", id=id))


async def _check_writer(session: AsyncSession, kind: ActivityType, identity: Identity) -> None:
    roles = await session.scalar(select(Agent.roles).where(Agent.id == identity.agent_id)) or ()
    refusal = policy.may_write(kind, [Role(role) for role in roles])
    if refusal is not None:
        raise error_of(refusal, 0)
    check_reader(kind, identity)


def check_reader(kind: ActivityType, identity: Identity) -> None:
    """Nobody writes what they may not read: they could not be shown what became of it."""
    refusal = policy.may_read(kind, identity.roles)
    if refusal is not None:
        raise error_of(refusal, 0)


async def customer_of(names: Names, session: AsyncSession, customer: str | None) -> tuple[UUID | None, UUID | None]:
    """Account and contact by the slug of either; `Invalid` if it is nobody's."""
    if customer is None:
        return None, None
    account = await names.find("account", customer)
    if account is not None:
        return account, None
    contact = await names.find("contact", customer)
    if contact is None:
        raise Invalid("customer", said("there is no active account or contact {customer!r}", customer=customer))
    return (await session.get_one(Contact, contact)).account_id, contact


def _values(kind: ActivityType, present: dict[str, Any], given: dict[str, DataValue]) -> dict[str, Any]:
    try:
        values = policy.merged(kind, present, given)
    except WrongValue as error:
        raise Invalid(error.field, error.rule) from None
    return {name: as_json(value) for name, value in values.items()}


def _told(value: Any) -> Any:
    """A value as the audit tells it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _granted(decision: str | Refusal | None) -> str | None:
    if isinstance(decision, Refusal):
        raise error_of(decision, 0)
    return decision
