"""Addresses that a body has the house write to: none is one of its own mailboxes', for what is written there comes back."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.mailboxes import check_not_ours
from desk.reference.process_faults import actions_of
from desk.reference.sla_faults import sla_actions
from models.messages.entitlements import ContractTerms
from models.messages.figures import FigureReport
from models.messages.organisation import OrganisationSettings
from models.messages.processes import ProcessDefinition
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, path_text
from models.messages.surveys import SurveyDefinition


async def check_readers(session: AsyncSession, body: BaseModel) -> None:
    """`Invalid` on the first address that is one of the house's own."""
    for path, reader in _readers(body):
        if reader is not None and "@" in reader:
            await check_not_ours(session, reader, path_text(path))


def _readers(body: BaseModel) -> Iterator[tuple[Path, str | None]]:
    match body:
        case SlaDefinition():
            yield from (((*path, "to"), action.to) for path, action in sla_actions(body))
        case ProcessDefinition():
            yield from (((*path, "to"), action.to) for path, action in actions_of(body))
        case SurveyDefinition():
            yield from ((("rules", position, "notify"), rule.notify) for position, rule in enumerate(body.rules))
        case OrganisationSettings():
            yield from ((("notices", position, "to"), notice.to) for position, notice in enumerate(body.notices))
        case ContractTerms():
            yield from ((("warnings", position, "to"), each.to) for position, each in enumerate(body.warnings))
        case FigureReport():
            yield from ((("recipients", position), address) for position, address in enumerate(body.recipients))
        case _:
            pass  # It writes to nobody.
