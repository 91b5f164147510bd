"""What could be done with a case now: the verbs that its state and its rows admit, as every view of it names them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.answers import LETTERS
from cases.facts import case_facts
from models.messages.cases import CaseSnapshot, CaseStatus, CommandKind
from models.messages.mailflow import OutboxState
from models.messages.processes import ProcessDefinition, ProcessState
from models.messages.routing import RoutingRuleSet
from models.records.cases import Case, ProcessInstance
from models.records.mails import Outbox
from models.records.reference import ArticleVersion, Mailbox
from policies.lifecycle import allowed_verbs
from policies.process import is_last_stage
from policies.process_choice import applies
from policies.routing import route
from storage.definitions import ACTIVE_FINGERPRINT, FINGERPRINT, DefinitionKind, Definitions

_waiting = exists().where(
    Outbox.case_id == Case.id, Outbox.kind.in_(LETTERS), Outbox.state == OutboxState.QUEUED, Outbox.attempts == 0
)
_readable = exists().where(ArticleVersion.status.in_(("published", "expired")))
BESIDE = (
    _waiting.correlate(Case).label("waiting_letter"),
    exists().where(Mailbox.active).label("any_mailbox"),
    _readable.label("any_article"),
    ACTIVE_FINGERPRINT.label("fingerprint"),
)
"""Columns of a statement that reads a case, for `allowed_now`. It also needs `has_articles`."""


async def allowed_now(
    session: AsyncSession,
    definitions: Definitions,
    case: Case,
    standing: CaseSnapshot,
    process: ProcessState | None,
    beside: Row[*tuple[Any, ...]],
) -> tuple[str, ...]:
    """The verbs that would be done now, with a fitting body, for an agent of the queue with room for another case."""
    session.info[FINGERPRINT] = beside.fingerprint
    found = {
        CommandKind.UNDO_REPLY: beside.waiting_letter,
        CommandKind.REPLY: beside.any_mailbox,
        CommandKind.ATTACH_ARTICLE: beside.any_article,
        CommandKind.DETACH_ARTICLE: beside.has_articles,
    }
    idle = {verb for verb, there in found.items() if not there}
    if standing.status is CaseStatus.ACTIVE:
        idle |= await _stages(session, definitions, process, case)
        if not await _has_rule(session, definitions, case):
            idle.add(CommandKind.APPLY_ROUTING)
    return allowed_verbs(standing, await definitions.organisation(session), idle)


async def _stages(
    session: AsyncSession, definitions: Definitions, state: ProcessState | None, case: Case
) -> set[CommandKind]:
    """Moves of the process that lead nowhere from where it stands."""
    idle = set()
    if not await _has_another(session, definitions, state, case):
        idle.add(CommandKind.PROCESS_SWITCH)
    if state is None:
        return idle
    definition = await definitions.pinned(
        session, DefinitionKind.PROCESS, state.definition, state.version, ProcessDefinition
    )
    idle.add(CommandKind.STAGE_NEXT if is_last_stage(definition, state) else CommandKind.PROCESS_FINISH)
    if len(state.path) < 2:
        idle.add(CommandKind.STAGE_PREVIOUS)
    return idle


async def _has_another(session: AsyncSession, definitions: Definitions, state: ProcessState | None, case: Case) -> bool:
    """Whether there is a process that the case could be switched to."""
    known = (await definitions.active(session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
    others = [
        each.body
        for slug, each in known.items()
        if isinstance(each.body, ProcessDefinition) and (state is None or slug != state.definition)
    ]
    # Most processes ask nothing, and then nothing needs to be read.
    if any(body.applies_when is None for body in others):
        return True
    if others:
        facts = await case_facts(session, case)
        if any(applies(body, facts) is None for body in others):
            return True
    waiting = select(ProcessInstance.id).where(ProcessInstance.case_id == case.id, ~ProcessInstance.current).limit(1)
    return await session.scalar(waiting) is not None


async def _has_rule(session: AsyncSession, definitions: Definitions, case: Case) -> bool:
    """Whether some routing rule would match the case."""
    sets = (await definitions.active(session, DefinitionKind.ROUTING_RULE_SET))[DefinitionKind.ROUTING_RULE_SET]
    rule_set = next((each.body for each in sets.values() if isinstance(each.body, RoutingRuleSet)), None)
    if rule_set is None or not case.route:
        return False
    # Most rule sets end with a rule for everybody else, and then nothing needs to be read.
    return any(rule.when is None for rule in rule_set.rules) or (
        route(rule_set, await case_facts(session, case)).rule is not None
    )
