"""PATCH on a case: its fields, and what follows from a new customer, entitlement, origin or SLA (domain 1.1, 3.4)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from cases.fields import PLAIN, write, write_custom
from cases.ledger import apply_default, check_scope, clear_entitlement, name_entitlement
from cases.sla_choice import choose
from cases.unit import CaseUnit, Refused, granted, refused
from models.messages.api_cases import ChangeBody
from models.messages.case_fields import names
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, ProblemType
from models.messages.said import said, whole
from models.messages.slas import SlaSource
from models.records.base import keyed
from models.records.reference import Account, Contact, Entitlement
from policies.lifecycle import on_hold, reason_for, refuse_fields
from storage.definitions import DefinitionKind
from storage.kept import named


async def change(unit: CaseUnit, command: CaseCommand, body: ChangeBody) -> None:
    """Only the fields given change; every change stands on the timeline as `[old, new]`.

    A value that the case has already may stay, whatever has become of what it names, and nothing follows from it. If all
    are such, the write has changed nothing.
    """
    given, case = body.model_fields_set, unit.case
    refusal = refuse_fields(CaseStatus(case.status), given)
    if refusal is not None:
        raise Refused(refusal)
    before, covers = _visible(unit), (case.product, case.contact_id)
    customer_changed = await _customer(unit, body)
    contract_changed = customer_changed or (
        "entitlement" in given and not await _has(unit, Entitlement, body.entitlement)
    )
    if contract_changed:
        # Before the fields: what the old contract says of them is no matter any more.
        await clear_entitlement(unit)
    await write(unit, {name: getattr(body, name) for name in given & PLAIN})
    if "custom" in given:
        write_custom(unit, body.model_dump(mode="json")["custom"])
    if "status_reason" in given:
        _status_reason(unit, body)
    if "contact" in given:
        await _contact(unit, body.contact)
    if contract_changed and "entitlement" in given:
        await name_entitlement(unit, body.entitlement)
    elif contract_changed:
        # Domain 1.1: a new customer clears the entitlement, then the default one may apply.
        await apply_default(unit, of_another_customer=True)
    elif covers != (case.product, case.contact_id):
        if case.entitlement_id is None and "entitlement" not in given:
            await apply_default(unit, of_another_customer=False)
            contract_changed = case.entitlement_id is not None
        else:
            await check_scope(unit)
    await _sla(unit, body, entitlement_changed=contract_changed)
    after = _visible(unit)
    changes = {name: [before[name], after[name]] for name in after if not _same(before[name], after[name])}
    unit.changed = bool(changes)
    unit.stirred = unit.stirred or "skills" in changes
    if changes:
        unit.tell(f"command/{command.id}", "changed", actor_id=command.actor_id, changes=changes)


def _same(one: Any, other: Any) -> bool:
    """By what is written: to Python `true` is 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


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
    """Account, or contact, as whoever the case is for; whether that is somebody else than before.

    Of a case without an account the contact is the customer (domain 1.1): who names another contact names another customer.
    """
    case, key, field = unit.case, body.customer, "customer"
    if key is None and "contact" in body.model_fields_set and case.account_id is None:
        key, field = body.contact, "contact"
        if key is None and case.contact_id is not None:
            rule = said("this contact is the case's customer; name another customer first")
            raise refused(ProblemType.INVALID, whole(rule), field=field)
    if key is None:
        return False
    before, is_person = (case.account_id, case.contact_id), case.account_id is None
    # The same customer once more says nothing of the person.
    if not await _has(unit, Contact if is_person else Account, key):
        is_person = await _new_customer(unit, key, field)
    if is_person and "contact" in body.model_fields_set and not await _has(unit, Contact, body.contact):
        rule = said("the customer is a contact already; leave this out")
        raise refused(ProblemType.INVALID, whole(rule), field="contact")
    return before[0] != case.account_id or (before[0] is None and before[1] != case.contact_id)


async def _new_customer(unit: CaseUnit, key: str, field: str) -> bool:
    """Write whom `key` names, a contact with the account that they belong to; whether it is a contact."""
    case, session = unit.case, unit.session
    account = None
    if field == "customer":
        account = await session.scalar(select(Account).where(keyed(Account, key), Account.active))
    contact = None if account else await session.scalar(select(Contact).where(keyed(Contact, key), Contact.active))
    if account is not None:
        case.account_id, case.contact_id = account.id, None
    elif contact is not None:
        case.account_id, case.contact_id = contact.account_id, contact.id
    elif field == "contact":
        raise refused(ProblemType.NOT_FOUND, said("there is no active contact {key!r}.", key=key), field=field)
    else:
        raise refused(
            ProblemType.NOT_FOUND, said("there is no active account or contact {key!r}.", key=key), field=field
        )
    return account is None


async def _contact(unit: CaseUnit, key: str | None) -> None:
    case = unit.case
    if await _has(unit, Contact, key):
        return
    person = (
        None if key is None else await unit.session.scalar(select(Contact).where(keyed(Contact, key), Contact.active))
    )
    if key is not None and person is None:
        raise refused(ProblemType.NOT_FOUND, said("there is no active contact {key!r}.", key=key), field="contact")
    if person is not None and case.account_id is not None and person.account_id != case.account_id:
        raise refused(
            ProblemType.INVALID, said("{key!r} does not belong to the case's customer.", key=key), field="contact"
        )
    case.contact_id = person.id if person else None


async def _has(unit: CaseUnit, table: type[Account | Contact | Entitlement], key: str | None) -> bool:
    """Whether the case names this record already, by its slug or id; None: names none."""
    ids: dict[type[Any], UUID | None] = {
        Account: unit.case.account_id,
        Contact: unit.case.contact_id,
        Entitlement: unit.case.entitlement_id,
    }
    present = await named(unit.session, table, ids[table])
    return key is None if present is None else key in (present.slug, str(present.id))


async def _sla(unit: CaseUnit, body: ChangeBody, *, entitlement_changed: bool) -> None:
    case = unit.case
    given = "sla" in body.model_fields_set and body.sla != case.sla
    if given and (body.sla is not None or case.sla_source == SlaSource.MANUAL):
        known = (await unit.tools.definitions.active(unit.session, DefinitionKind.SLA))[DefinitionKind.SLA]
        if body.sla is not None and body.sla not in known:
            raise refused(
                ProblemType.NOT_FOUND,
                said("there is no active SLA {sla!r}.", sla=body.sla),
                field="sla",
                allowed=tuple(known),
            )
        case.sla, case.sla_version = body.sla, None
        case.sla_source = SlaSource.MANUAL if body.sla else None
        await choose(unit)
    elif entitlement_changed or "apply_sla" in body.model_fields_set:
        await choose(unit, manual_is_older=True)
