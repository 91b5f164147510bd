"""What could be done with a case now: the verbs that its state and its rows admit, as every view of it names them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cases.answers import LETTERS
from cases.facts import case_facts
from cases.queue_rows import calendars_in_force
from cases.snapshots import AROUND, CASE, Around, snapshot
from cases.verbs.reply_and import AND_MORE
from models.messages.cases import OPEN_STATUSES, CaseSnapshot, CaseStatus, CommandKind
from models.messages.mailflow import OutboxState
from models.messages.organisation import ClosingParents
from models.messages.processes import ProcessDefinition, ProcessState
from models.messages.routing import RoutingRuleSet
from models.records.articles import ArticleVersion
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow
from models.records.reference import Mailbox
from models.records.timeline import CaseArticle, TimelineEntry
from policies.lifecycle import allowed_verbs
from policies.moments import Moment
from policies.process import is_last_stage
from policies.process_choice import applies
from policies.routing import route
from storage.definitions import ACTIVE_FINGERPRINT, FINGERPRINT, DefinitionKind, Definitions

_waiting = exists().where(
    Outbox.case_id == Case.id, Outbox.kind.in_(LETTERS), Outbox.state == OutboxState.QUEUED, Outbox.attempts == 0
)
# Of a closed case the reply that closed it, at the same instant, can be taken back, and no other.
_closing = (
    exists()
    .where(
        *(Outbox.case_id == Case.id, Outbox.state == OutboxState.QUEUED, Outbox.attempts == 0),
        *(TimelineEntry.case_id == Case.id, TimelineEntry.subject_id == Outbox.message_id),
        *(TimelineEntry.key.startswith(AND_MORE, autoescape=True), TimelineEntry.at == Case.resolved_on),
    )
    .correlate(Case)
)
_readable = exists().where(ArticleVersion.status.in_(("published", "expired")))
_other = aliased(Case)
BESIDE = (
    _waiting.correlate(Case).label("waiting_letter"),
    _closing.label("closed_by_waiting_letter"),
    exists().where(Mailbox.active).label("any_mailbox"),
    _readable.label("any_article"),
    exists().where(_other.parent_id == Case.id, _other.status.in_(OPEN_STATUSES)).label("has_open_child"),
    exists()
    .where(
        EmailMessage.case_id == Case.id,
        EmailMessage.direction == "in",
        EmailMessage.id.is_distinct_from(Case.opening_mail_id),
    )
    .label("has_further_mail"),
    exists().where(ProcessInstance.case_id == Case.id, ~ProcessInstance.current).label("has_parked_process"),
    exists().where(KpiRow.case_id == Case.id, KpiRow.escalating).label("escalating"),
    ACTIVE_FINGERPRINT.label("fingerprint"),
)
"""Columns of a statement that reads a case, for `allowed_now`. It also needs `HAS_ARTICLES`."""
HAS_ARTICLES = exists().where(CaseArticle.case_id == Case.id).label("has_articles")
STANDING = select(Case, *AROUND, HAS_ARTICLES, *BESIDE).where(Case.id == CASE)
VERBS = frozenset(kind.value for kind in CommandKind)


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
        CommandKind.UNDO_REPLY: (
            beside.waiting_letter if standing.status is CaseStatus.ACTIVE else beside.closed_by_waiting_letter
        ),
        CommandKind.REPLY: beside.any_mailbox,
        CommandKind.ATTACH_ARTICLE: beside.any_article,
        CommandKind.DETACH_ARTICLE: beside.has_articles,
        CommandKind.ACKNOWLEDGE: beside.escalating,
        CommandKind.SPLIT: beside.has_further_mail,
        CommandKind.LEAVE_PARENT: case.parent_id is not None,
        CommandKind.ADD_CHILD: case.parent_id is None,
    }
    organisation = await definitions.organisation(session)
    if organisation.closing_parents is ClosingParents.BLOCK and beside.has_open_child:
        found |= {CommandKind.RESOLVE: False, CommandKind.CANCEL: False}
    idle = {verb for verb, there in found.items() if not there}
    if standing.status is CaseStatus.ACTIVE:
        idle |= await _stages(session, definitions, process, case)
        if not beside.has_parked_process and not await _has_another(session, definitions, process, case):
            idle.add(CommandKind.PROCESS_SWITCH)
        if not await _has_rule(session, definitions, case):
            idle.add(CommandKind.APPLY_ROUTING)
    return allowed_verbs(standing, organisation, idle)


async def really_allowed(
    session: AsyncSession, definitions: Definitions, case_id: UUID, named: Sequence[str]
) -> tuple[str, ...]:
    """Of the verbs that a refusal names as ways on, those that would be done now. Other words (reasons, stages) stay."""
    if not named or not set(named) <= VERBS:
        return tuple(named)
    row = (await session.execute(STANDING, {"case": case_id})).one()
    around = Around._make(row[1 : 1 + len(AROUND)])
    process = ProcessState.model_validate(around.process) if around.process else None
    now = await allowed_now(session, definitions, row[0], snapshot(row[0], around), process, row)
    return tuple(verb for verb in named if verb in now)


async def _stages(
    session: AsyncSession, definitions: Definitions, state: ProcessState | None, case: Case
) -> set[CommandKind]:
    """Moves of the process that lead nowhere from where it stands."""
    if state is None:
        return set()
    idle = set()
    definition = await definitions.pinned(
        session, DefinitionKind.PROCESS, state.definition, state.version, ProcessDefinition
    )
    idle.add(CommandKind.STAGE_NEXT if is_last_stage(definition, state) else CommandKind.PROCESS_FINISH)
    if len(state.path) < 2:
        idle.add(CommandKind.STAGE_PREVIOUS)
    return idle


async def _has_another(session: AsyncSession, definitions: Definitions, state: ProcessState | None, case: Case) -> bool:
    """Whether there is a process that the case has not begun, and could be switched to."""
    known = (await definitions.active(session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
    others = [
        each.body
        for slug, each in known.items()
        if isinstance(each.body, ProcessDefinition) and (state is None or slug != state.definition)
    ]
    # Most processes ask nothing, and then nothing needs to be read.
    if any(body.applies_when is None for body in others):
        return True
    if not others:
        return False
    facts = await case_facts(session, case)
    return any(applies(body, facts) is None for body in others)


async def _now(session: AsyncSession, definitions: Definitions) -> Moment:
    """Where a rule looks at the instant, what it would say in this one."""
    calendars = await calendars_in_force(session, definitions)
    return Moment(datetime.now(UTC), (await definitions.organisation(session)).time_zone, calendars)


async def _has_rule(session: AsyncSession, definitions: Definitions, case: Case) -> bool:
    """Whether some routing rule would match the case."""
    sets = (await definitions.active(session, DefinitionKind.ROUTING_RULE_SET))[DefinitionKind.ROUTING_RULE_SET]
    rule_set = next((each.body for each in sets.values() if isinstance(each.body, RoutingRuleSet)), None)
    if rule_set is None or not case.route:
        return False
    # Most rule sets end with a rule for everybody else, and then nothing needs to be read.
    return any(rule.when is None for rule in rule_set.rules) or (
        route(rule_set, await case_facts(session, case), await _now(session, definitions)).rule is not None
    )
