"""PATCH on a case: its fields, and what follows from a new customer, entitlement, origin or SLA (domain 1.1, 3.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from cases.ledger import check_scope, clear_entitlement, set_entitlement, swap_origin
from cases.opening import choose
from cases.unit import CaseUnit, granted, refused
from models.messages.api_cases import ChangeBody
from models.messages.cases import CaseCommand, CommandKind, ProblemType
from models.messages.slas import SlaSource
from models.records.reference import Account, Contact, Entitlement, Product, Subject
from policies.lifecycle import on_hold, reason_for
from storage.definitions import DefinitionKind

PLAIN = ("title", "severity")


async def change(unit: CaseUnit, command: CaseCommand, body: ChangeBody) -> None:
    """Only the fields given change; every change stands on the timeline as `[old, new]`."""
    case, given = unit.case, body.model_fields_set
    before = _visible(unit)
    for name in PLAIN:
        if name in given:
            setattr(case, name, getattr(body, name))
    _word(unit, body, "priority", unit.organisation.priorities)
    _word(unit, body, "case_type", unit.organisation.case_types)
    await _reference(unit, body, "product", Product.id, Product.slug)
    await _reference(unit, body, "subject", Subject.id, Subject.slug)
    if "custom" in given:
        merged = {**case.custom, **body.model_dump(mode="json")["custom"]}
        case.custom = {name: value for name, value in merged.items() if value is not None}
    if "status_reason" in given:
        _status_reason(unit, body)
    if body.escalated is not None and body.escalated != case.escalated:
        case.escalated, case.escalated_on = body.escalated, unit.now if body.escalated else None
    if "origin" in given:
        _known(unit, "origin", body.origin, unit.organisation.origins)
        await swap_origin(unit, body.origin or case.origin)
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
    names = (
        *("title", "priority", "severity", "case_type", "product", "subject", "origin", "status_reason"),
        *("escalated", "sla", "custom"),
    )
    seen: dict[str, Any] = {name: getattr(case, name) for name in names}
    ids = ("account_id", "contact_id", "entitlement_id")
    return seen | {name: str(getattr(case, name)) if getattr(case, name) else None for name in ids}


def _known(unit: CaseUnit, field: str, value: str | None, words: tuple[str, ...]) -> None:
    if value is not None and value not in words:
        raise refused(ProblemType.INVALID, f"{field}: unknown {value!r}.", allowed=words)


def _word(unit: CaseUnit, body: ChangeBody, field: str, words: tuple[str, ...]) -> None:
    if field in body.model_fields_set:
        _known(unit, field, getattr(body, field), words)
        setattr(unit.case, field, getattr(body, field))


async def _reference(
    unit: CaseUnit, body: ChangeBody, field: str, id: InstrumentedAttribute[UUID], slug: InstrumentedAttribute[str]
) -> None:
    if field not in body.model_fields_set:
        return
    value = getattr(body, field)
    if value is not None and await unit.session.scalar(select(id).where(slug == value)) is None:
        raise refused(ProblemType.NOT_FOUND, f"{field}: there is no {field} {value!r}.")
    setattr(unit.case, field, value)


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
        account = await session.scalar(select(Account).where(Account.slug == body.customer, Account.active))
        contact = await session.scalar(select(Contact).where(Contact.slug == body.customer, Contact.active))
        if account is None and contact is None:
            raise refused(ProblemType.NOT_FOUND, f"customer: there is no account or contact {body.customer!r}.")
        case.account_id = account.id if account else contact.account_id if contact else None
        case.contact_id = None if account else contact.id if contact else None
    if "contact" in given:
        person = await session.scalar(select(Contact).where(Contact.slug == body.contact, Contact.active))
        if body.contact is not None and person is None:
            raise refused(ProblemType.NOT_FOUND, f"contact: there is no contact {body.contact!r}.")
        if person is not None and case.account_id is not None and person.account_id != case.account_id:
            raise refused(ProblemType.INVALID, f"contact: {body.contact!r} does not belong to the case's customer.")
        case.contact_id = person.id if person else None
    return before != (case.account_id, case.contact_id) and "customer" in given


async def _entitlement(unit: CaseUnit, slug: str | None) -> None:
    await clear_entitlement(unit)
    if slug is None:
        return
    found = await unit.session.scalar(select(Entitlement).where(Entitlement.slug == slug))
    if found is None:
        raise refused(ProblemType.NOT_FOUND, f"entitlement: there is no entitlement {slug!r}.")
    await set_entitlement(unit, found)


async def _sla(unit: CaseUnit, body: ChangeBody, *, entitlement_changed: bool) -> None:
    case = unit.case
    if "sla" in body.model_fields_set:
        known = (await unit.tools.definitions.active(unit.session, DefinitionKind.SLA))[DefinitionKind.SLA]
        if body.sla is not None and body.sla not in known:
            raise refused(ProblemType.NOT_FOUND, f"sla: there is no active SLA {body.sla!r}.", allowed=tuple(known))
        case.sla, case.sla_version = body.sla, None
        case.sla_source = SlaSource.MANUAL if body.sla else None
        await choose(unit)
    elif entitlement_changed:
        await choose(unit, manual_is_older=True)
