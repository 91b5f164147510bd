"""Opening a case that did not come by mail: looked up, checked against the contract, inserted, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from cases.fields import checked
from cases.ledger import FREED_NOTE
from cases.opener import NewCase, insert_case
from desk.commands import body_hash, checked_key, command_id
from desk.contracts import check_contract
from desk.errors import Invalid
from desk.identity import Identity
from desk.reference.references import Names
from desk.refusals import KeyReused
from engine.dispatch import CaseDispatcher
from models.messages.api_cases import NewCaseBody, stored
from models.messages.case_fields import WrongValue, names
from models.messages.cases import CaseStatus
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.records.cases import Case
from models.records.commands import Command
from models.records.reference import Contact
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database

OPEN_WITHIN = 5.0
"""Seconds that a caller waits for the case to be routed and promised; then they get it as it is, still opening."""
TOLD_WITHIN = 2.0
"""Seconds for reaching the engine; housekeeping repeats what fails."""
OPEN = "open"
"""The kind of the command row that remembers an opening by its key."""

OPENED = frozenset(names(lambda field: field.opening and field.stored)) - {"sla", "custom"}
"""Fields that a case is opened with as they are given."""

log = structlog.get_logger(__name__)


BodyOf = Callable[[AsyncSession], Awaitable[NewCaseBody | NewCase]]
"""Reads what the case is opened with; a `NewCase` has been looked up already, and needs no contract to be opened."""


@dataclass(frozen=True, slots=True)
class Opened:
    number: str
    replayed: bool = False


class CaseOpenings:
    def __init__(self, database: Database, client: Client, definitions: Definitions) -> None:
        self.database, self.definitions = database, definitions
        self.dispatcher = CaseDispatcher(client)

    async def open(
        self,
        identity: Identity,
        body: NewCaseBody | BodyOf,
        now: datetime,
        *,
        key: str | None = None,
        asked: str | None = None,
        also: Callable[[AsyncSession, Case], Awaitable[None]] | None = None,
    ) -> Opened:
        """Insert the case and have its workflow open it, once a key. The row survives an engine that does not answer.

        A body that is read from rows is read once a key, too: they may have changed when it is asked again. `asked` is the
        hash of what the caller has asked for then; else that of the body. `also`: what the transaction does beside the
        case that it inserts.

        `Invalid` names a field that names nothing; `Conflict` `entitlement-exhausted` if a restricted contract has no
        terms left.
        """
        key = checked_key(key)
        command = command_id(identity.agent_id, key)
        digest = asked or body_hash("", OPEN, stored(cast(NewCaseBody, body)))
        try:
            case, replayed = await self._insert(identity, body, now, key, command, digest, also)
        except IntegrityError:
            # The same key at the same moment: the other one's case is there now.
            case, replayed = await self._insert(identity, body, now, key, command, digest, also)
        if case.status == CaseStatus.OPENING:
            await self._tell(case)
            await self._until_open(case.id)
        return Opened(case.number, replayed)

    async def _insert(
        self,
        identity: Identity,
        body: NewCaseBody | BodyOf,
        now: datetime,
        key: str,
        command: UUID,
        digest: str,
        also: Callable[[AsyncSession, Case], Awaitable[None]] | None,
    ) -> tuple[Case, bool]:
        async with self.database.write() as session:
            known = await session.get(Command, command)
            if known is not None:
                if known.body_hash != digest:
                    raise KeyReused
                return await session.get_one(Case, known.case_id), True
            read = body if isinstance(body, NewCaseBody) else await body(session)
            organisation = await self.definitions.organisation(session)
            if isinstance(read, NewCase):
                new = read
            else:
                new = await check_contract(session, await looked_up(session, read, organisation), organisation, now)
            case, _ = await insert_case(session, new, now, prefix=organisation.case_prefix)
            if also is not None:
                await also(session, case)
            session.add(
                Command(
                    id=command,
                    case_id=case.id,
                    actor_id=identity.agent_id,
                    key=key,
                    kind=OPEN,
                    body=stored(read) if isinstance(read, NewCaseBody) else {},
                    body_hash=digest,
                    state="done",
                    result={"version": 0, "resource": case.number},
                    applied_on=now,
                    applied_version=0,
                )
            )
            await session.flush()
            return case, False

    async def _tell(self, case: Case) -> None:
        try:
            await asyncio.wait_for(self.dispatcher.open(case.id, case.number, case.origin), TOLD_WITHIN)
        except (RPCError, TimeoutError, WorkflowAlreadyStartedError) as error:
            # Nothing is lost: the delivery row is there, and the sweep makes the delivery.
            log.warning("case not told yet", number=case.number, error=type(error).__name__)

    async def _until_open(self, case_id: UUID) -> None:
        loop = asyncio.get_running_loop()
        ends, wait = loop.time() + OPEN_WITHIN, 0.02
        while loop.time() < ends:
            async with self.database.read() as session:
                if await session.scalar(select(Case.status).where(Case.id == case_id)) != CaseStatus.OPENING:
                    return
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, 0.25)


async def looked_up(session: AsyncSession, body: NewCaseBody, organisation: OrganisationSettings) -> NewCase:
    """The body with ids for slugs. `Invalid` names the first field that names nothing, or not this customer's."""
    try:
        plain = await checked(session, organisation, {name: getattr(body, name) for name in OPENED})
    except WrongValue as error:
        raise Invalid(error.field, error.rule) from None
    known = Names(session)
    await known.require(DefinitionKind.SLA, body.sla, "sla")
    account, contact = await _customer(session, known, body)
    return NewCase(
        **plain,
        account_id=account,
        contact_id=contact,
        custom={name: value for name, value in stored(body).get("custom", {}).items() if value is not None},
        entitlement_id=await known.require("entitlement", body.entitlement, "entitlement"),
        entitlement_note=FREED_NOTE if "entitlement" in body.model_fields_set and body.entitlement is None else None,
        sla=body.sla,
    )


async def _customer(session: AsyncSession, names: Names, body: NewCaseBody) -> tuple[UUID | None, UUID | None]:
    """Account and contact of the case (domain 1.1). A contact as the customer brings their account along."""
    account = await names.find("account", body.customer)
    if account is None:
        contact_id = await names.find("contact", body.customer)
        if contact_id is None:
            raise Invalid(
                "customer", said("there is no active account or contact {customer!r}", customer=body.customer)
            )
        if body.contact is not None and await names.require("contact", body.contact, "contact") != contact_id:
            raise Invalid("contact", said("the customer is a contact already; leave this out"))
        return (await session.get_one(Contact, contact_id)).account_id, contact_id
    person = await names.require("contact", body.contact, "contact")
    if person is not None and (await session.get_one(Contact, person)).account_id != account:
        raise Invalid(
            "contact", said("{contact!r} is no contact of {customer!r}", contact=body.contact, customer=body.customer)
        )
    return account, person
