"""A case's processes, as its page shows them: the one that is shown, those that wait, and those that it may be switched to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.facts import case_facts
from cases.fields import values
from desk.identity import Identity
from models.messages.api_case_views import Ref
from models.messages.api_process_views import ProcessInstanceItem, ProcessView, StageItem, StepItem
from models.messages.processes import MOST_INSTANCES, ProcessDefinition, ProcessState
from models.messages.reference import Role
from models.records.cases import Case
from models.records.processes import ProcessInstance
from models.records.reference import Agent
from policies.process import ahead, stage_view
from policies.process_choice import applies, may_use
from storage.definitions import DefinitionKind, Definitions


async def process_view(session: AsyncSession, case: Case, definitions: Definitions, identity: Identity) -> ProcessView:
    """The current instance in the version that it began with, its stages with what their data steps hold now."""
    rows = list(
        await session.scalars(
            select(ProcessInstance).where(ProcessInstance.case_id == case.id).order_by(ProcessInstance.id)
        )
    )
    facts = await case_facts(session, case)
    instances = tuple(_item(row) for row in rows)
    others = await _others(session, definitions, rows, facts, identity)
    row = next((row for row in rows if row.current), None)
    if row is None:
        return ProcessView(
            definition=None,
            version=None,
            status=None,
            stage=None,
            stage_entered_on=None,
            path=(),
            ahead=(),
            stages=(),
            instances=instances,
            others=others,
        )
    state = ProcessState.model_validate(row.state)
    definition = await definitions.pinned(
        session, DefinitionKind.PROCESS, row.definition, row.version, ProcessDefinition
    )
    return ProcessView(
        definition=state.definition,
        version=state.version,
        status=state.status,
        stage=state.stage,
        stage_entered_on=state.stage_entered_on,
        path=state.path,
        ahead=ahead(definition, state, values(case), facts),
        stages=tuple(
            StageItem(
                slug=stage.slug,
                name=stage.name,
                category=stage.category,
                reached=stage.reached,
                active=stage.active,
                last=stage.last,
                guidance=stage.guidance,
                seconds=state.spent.get(stage.slug, 0.0),
                steps=tuple(StepItem.model_validate(step.model_dump()) for step in stage.steps),
            )
            for stage in stage_view(definition, state, values(case))
        ),
        instances=instances,
        others=others,
    )


def _item(row: ProcessInstance) -> ProcessInstanceItem:
    state = ProcessState.model_validate(row.state)
    return ProcessInstanceItem(
        definition=row.definition,
        version=row.version,
        status=state.status,
        stage=state.stage,
        current=row.current,
        started_on=row.started_on,
        ended_on=row.ended_on,
    )


async def _others(
    session: AsyncSession,
    definitions: Definitions,
    rows: Sequence[ProcessInstance],
    facts: Mapping[str, Any],
    identity: Identity,
) -> tuple[Ref, ...]:
    """Those that wait, and those that could be begun: as `switch` decides."""
    begun = {row.definition: row for row in rows}
    found: dict[str, ProcessDefinition] = {}
    for slug, row in begun.items():
        if not row.current:
            found[slug] = await definitions.pinned(
                session, DefinitionKind.PROCESS, slug, row.version, ProcessDefinition
            )
    if len(begun) < MOST_INSTANCES:
        active = (await definitions.active(session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
        for slug, each in active.items():
            if slug not in begun and isinstance(each.body, ProcessDefinition) and applies(each.body, facts) is None:
                found[slug] = each.body
    # All that the agent may be, as the case asks it: a command carries who sends it, and not by which token.
    roles = await session.scalar(select(Agent.roles).where(Agent.id == identity.agent_id)) or ()
    usable = [body for body in found.values() if may_use(body, tuple(Role(role) for role in roles)) is None]
    return tuple(
        Ref(slug=body.slug, name=body.name) for body in sorted(usable, key=lambda body: (body.order, body.slug))
    )
