"""The verbs of a contract's life: done, or only foreseen, so that one sees what they would make of it (domain 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.reference.contract_extending import extend
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit, Item
from models.messages.entitlements import EntitlementDefinition, ExtendBody
from storage.engines import Database

Contract = Item[EntitlementDefinition]


class ContractVerb(StrEnum):
    ACTIVATE = "activate"
    EXTEND = "extend"
    SET_DEFAULT = "set-default"
    DEACTIVATE = "deactivate"
    CANCEL = "cancel"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A contract as it is, and as the verb would leave it: of `renew` the new draft."""

    before: Contract
    after: Contract


class _Undone(Exception):
    pass


async def perform(edit: Edit, key: str, verb: ContractVerb, extension: ExtendBody | None = None) -> Contract:
    """Do it. Raises what the desk refuses: the state, the body, another default."""
    match verb:
        case ContractVerb.EXTEND:
            return await extend(edit, key, extension or ExtendBody.model_construct())
        case ContractVerb.ACTIVATE:
            return await ENTITLEMENTS.activate(edit, key)
        case ContractVerb.DEACTIVATE:
            return await ENTITLEMENTS.deactivate(edit, key)
        case ContractVerb.SET_DEFAULT:
            return await ENTITLEMENTS.set_default(edit, key)
        case ContractVerb.CANCEL:
            return await ENTITLEMENTS.cancel(edit, key)
        case ContractVerb.RENEW:
            return await ENTITLEMENTS.renew(edit, key)


async def foreseen(
    database: Database, actor: str, now: datetime, key: str, verb: ContractVerb, extension: ExtendBody | None = None
) -> Foreseen:
    """What the verb would make of it: it is done and taken back, so that nothing is reckoned twice. Raises as `perform`."""
    found: list[Contract] = []
    try:
        async with database.write() as session:
            edit = Edit(session, actor, now)
            found.append(await ENTITLEMENTS.get(session, key))
            found.append(await perform(edit, key, verb, extension))
            raise _Undone
    except _Undone:
        return Foreseen(*found)
