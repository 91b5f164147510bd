"""A form's command on a case: sent with the form's own key, and what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from console.staff import Staff
from console.visitor import Visitor
from desk.commands import ANSWER_WITHIN, CommandAnswer
from desk.families import SEVERAL, all_have_done
from models.messages.base import Message
from models.messages.cases import CommandKind


async def command(
    staff: Staff,
    me: Visitor,
    number: str,
    kind: CommandKind,
    body: Message | None = None,
    *,
    key: str,
    target_id: UUID | None = None,
    stage: str | None = None,
    if_version: int | None = None,
) -> CommandAnswer:
    """Have the case do it, once for each form. `version` None: it is under way, also where other cases have not done their
    part of it yet. Raises refusals as the desk does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await staff.services.cases.command(
        me.identity, number, kind, body, key=key, target_id=target_id, stage=stage, if_version=if_version
    )
    if answer.version is None or kind not in SEVERAL:
        return answer
    done = await all_have_done(staff.database, answer.command_id, ANSWER_WITHIN - (loop.time() - began))
    return answer if done else replace(answer, version=None)
