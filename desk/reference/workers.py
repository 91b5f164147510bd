"""Agents whom a body makes the owners of cases: each must hold a role that works cases (domain 11), as for `assign`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict, Invalid
from desk.reference.process_faults import actions_of
from desk.reference.sla_faults import sla_actions
from desk.reference.uses import places_of
from models.messages.process_actions import ProcessAction
from models.messages.processes import ProcessDefinition
from models.messages.record_creation import RecordCreationRule
from models.messages.reference import CASE_ROLES, QueueBody
from models.messages.routing import RoutingRuleSet
from models.messages.said import said
from models.messages.sla_actions import SlaStepAction
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, path_text
from models.records.base import keyed
from models.records.reference import Agent

NEEDED = ", ".join(CASE_ROLES)


def owners(body: BaseModel) -> Iterator[tuple[Path, str]]:
    """Where a body names an agent who is to own cases, by slug."""
    match body:
        case QueueBody():
            yield ("owner",), body.owner
        case RecordCreationRule() if body.owner is not None:
            yield ("owner",), body.owner
        case RoutingRuleSet():
            for position, rule in enumerate(body.rules):
                if rule.agent is not None:
                    yield ("rules", position, "agent"), rule.agent
        case SlaDefinition():
            yield from _assigned(sla_actions(body))
        case ProcessDefinition():
            yield from _assigned(actions_of(body))
        case _:
            pass  # It gives cases to nobody.


def _assigned(actions: Iterable[tuple[Path, ProcessAction | SlaStepAction]]) -> Iterator[tuple[Path, str]]:
    for path, action in actions:
        if action.agent is not None:
            yield (*path, "agent"), action.agent


async def check_owners(session: AsyncSession, body: BaseModel) -> None:
    """`Invalid` on the first agent that could not work what they would own."""
    for path, slug in owners(body):
        await check_works_cases(session, slug, path)


async def check_works_cases(session: AsyncSession, slug: str, path: Path) -> None:
    """`Invalid` at that place if there is such an agent, who could not work what they would own."""
    roles = await session.scalar(select(Agent.roles).where(keyed(Agent, slug)))
    if roles is not None and (rule := why_no_owner(slug, roles)) is not None:
        raise Invalid(path_text(path), rule, path=path)


def why_no_owner(slug: str, roles: Iterable[str]) -> str | None:
    """Why an agent of these roles could not work what they would own."""
    if works_cases(roles):
        return None
    return said("the agent {slug!r} holds none of the roles that work cases ({needed})", slug=slug, needed=NEEDED)


async def check_not_owner(session: AsyncSession, slug: str, arriving: frozenset[tuple[str, str]]) -> None:
    """`Conflict` that lists what makes this agent an owner, of one who is to work no cases any more. `arriving`: definitions
    that the same transaction replaces."""
    places = await places_of(session, "agent", slug, arriving)
    if places:
        raise Conflict(
            "in-use",
            said(
                "the agent {slug!r} is to own cases, and needs a role that works them ({needed}): {places}",
                slug=slug,
                needed=NEEDED,
                places=places,
            ),
        )


def works_cases(roles: Iterable[str]) -> bool:
    return not frozenset(CASE_ROLES).isdisjoint(roles)
