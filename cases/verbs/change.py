"""PATCH on a case: its fields, and what follows from a new customer, entitlement, origin or SLA (domain 1.1, 3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from cases.fields import PLAIN, write, write_custom
from cases.ledger import check_scope, clear_entitlement, set_entitlement
from cases.opening import choose
from cases.unit import CaseUnit, granted, refused
from models.messages.api_cases import ChangeBody
from models.messages.case_fields import names
from models.messages.cases import CaseCommand, CommandKind, ProblemType
from models.messages.slas import SlaSource
from models.records.reference import Account, Contact, Entitlement
from policies.lifecycle import on_hold, reason_for
from storage.definitions import DefinitionKind


async def change(unit: CaseUnit, command: CaseCommand, body: ChangeBody) -> None:
    """Only the fields given change; every change stands on the timeline as `[old, new]`."""
    given = body.model_fields_set
    before = _visible(unit)
    await write(unit, {name: getattr(body, name) for name in given & PLAIN})
    if "custom" in given:
        write_custom(unit, body.model_dump(mode="json")["custom"])
    if "status_reason" in given:
        _status_reason(unit, body)
    customer_changed = await _customer(unit, body)
    if "entitlement" in given:
        await _entitlement(unit, body.entitlement)
    elif customer_changed:
        # Domain 1.1: a new customer clears the entitlement, then the default one may apply.
        await clear_entitlement(unit)
        await set_entitlement(unit, None)
    elif given & {"product", "contact"}:
        await check_scope(unit)
    await _sla(unit, body, entitlement_changed="entitlement" in given or customer_changed)
    after = _visible(unit)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    unit.tell(f"command/{command.id}", "changed", actor_id=command.actor_id, changes=changes)


def _visible(unit: CaseUnit) -> dict[str, Any]:
    case = unit.case
    seen = {name: _told(getattr(case, name)) for name in names(lambda field: field.stored and field.change)}
    return seen | {name: _told(getattr(case, name)) for name in ("account_id", "contact_id", "entitlement_id")}


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value.isoformat() if isinstance(value, datetime) else value


def _status_reason(unit: CaseUnit, body: ChangeBody) -> None:
    case = unit.case
    reason = granted(reason_for(unit.organisation, CommandKind.CHANGE, case.status_reason, body.status_reason))
    if on_hold(unit.organisation, reason) and not on_hold(unit.organisation, case.status_reason):
        case.last_on_hold = unit.now
    case.status_reason = reason


async def _customer(unit: CaseUnit, body: ChangeBody) -> bool:
    case, session, given = unit.case, unit.session, body.model_fields_set
    before = (case.account_id, case.contact_id)
    if "customer" in given:
        account = await session.scalar(select(Account).where(_named(Account, body.customer), Account.active))
        contact = await session.scalar(select(Contact).where(_named(Contact, body.customer), Contact.active))
        if account is None and contact is None:
            raise refused(
                ProblemType.NOT_FOUND,
                f"customer: there is no active account or contact {body.customer!r}.",
                field="customer",
            )
        if account is None and contact is not None:
            case.account_id, case.contact_id = contact.account_id, contact.id
        elif account is not None and account.id != case.account_id:
            # The same customer once more says nothing of the person.
            case.account_id, case.contact_id = account.id, None
    if "contact" in given:
        person = await session.scalar(select(Contact).where(_named(Contact, body.contact), Contact.active))
        if body.contact is not None and person is None:
            raise refused(
                ProblemType.NOT_FOUND, f"contact: there is no active contact {body.contact!r}.", field="contact"
            )
        if person is not None and case.account_id is not None and person.account_id != case.account_id:
            raise refused(
                ProblemType.INVALID,
                f"contact: {body.contact!r} does not belong to the case's customer.",
                field="contact",
            )
        case.contact_id = person.id if person else None
    return before != (case.account_id, case.contact_id) and "customer" in given


def _named(table: type[Account | Contact], key: str | None) -> ColumnElement[bool]:
    """By slug, or by id: a contact that a mail made known has no slug."""
    try:
        return or_(table.slug == key, table.id == UUID(key))
    except (TypeError, ValueError):
        return table.slug == key


async def _entitlement(unit: CaseUnit, slug: str | None) -> None:
    await clear_entitlement(unit)
    if slug is None:
        return
    found = await unit.session.scalar(select(Entitlement).where(Entitlement.slug == slug))
    if found is None:
        raise refused(ProblemType.NOT_FOUND, f"entitlement: there is no entitlement {slug!r}.", field="entitlement")
    await set_entitlement(unit, found)


async def _sla(unit: CaseUnit, body: ChangeBody, *, entitlement_changed: bool) -> None:
    case = unit.case
    if "sla" in body.model_fields_set:
        known = (await unit.tools.definitions.active(unit.session, DefinitionKind.SLA))[DefinitionKind.SLA]
        if body.sla is not None and body.sla not in known:
            raise refused(
                ProblemType.NOT_FOUND, f"sla: there is no active SLA {body.sla!r}.", field="sla", allowed=tuple(known)
            )
        case.sla, case.sla_version = body.sla, None
        case.sla_source = SlaSource.MANUAL if body.sla else None
        await choose(unit)
    elif entitlement_changed:
        await choose(unit, manual_is_older=True)
