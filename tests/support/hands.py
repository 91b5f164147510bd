"""A case that is worked by hand: its activities are called directly, without a workflow, as a retry would call them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select, update
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from desk.commands import body_hash
from models.messages.api_cases import LinkArticleBody, stored
from models.messages.base import Message
from models.messages.cases import CaseCommand, CommandInput, CommandKind, Outcome, StepInput
from models.records.articles import Article
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Command
from models.records.reference import Agent, Queue
from tests.support.desks import OPENED_ON, Desk

Body = Message | Callable[["Hands"], Awaitable[Message | None]] | None
"""What is said; what names a row of the case is made when there is the case."""
PRESENT = OPENED_ON + timedelta(minutes=1)


def activities(desk: Desk) -> dict[str, Callable[..., Awaitable[Any]]]:
    """All that the workers register, by name."""
    return {activity.__name__: activity for queue in desk.house.activities.values() for activity in queue}


async def run(activity: Callable[..., Awaitable[Any]], *argument: Any) -> Any:
    environment = ActivityEnvironment()
    environment.payload_converter = pydantic_data_converter.payload_converter
    # The long activities look whether they are cancelled as often as their heartbeat asks for.
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=1))
    return await environment.run(activity, *argument)


class Hands:
    """One open case at version 1, and an agent at work on it."""

    def __init__(self, desk: Desk, case: Case, agent: str) -> None:
        self.desk, self.case, self.agent = desk, case, agent
        self.made: UUID | None = None
        """The row that the last command made."""

    @classmethod
    async def opened(cls, desk: Desk, agent: str = "grace", now: datetime = OPENED_ON, **fields: Any) -> Self:
        case = await desk.insert(now, **fields)
        given = StepInput(case_id=case.id, now=now)
        await run(activities(desk)["open_case"], given)
        return cls(desk, await desk.case(case.number), agent)

    async def do(self, kind: CommandKind, body: Body = None, target: str = "", stage: str = "") -> Outcome:
        given = await self.ask(kind, body, target, stage)
        outcome: Outcome = await run(activities(self.desk)["apply_command"], given)
        assert outcome.refusal is None, outcome.refusal
        if outcome.resource and not outcome.resource.startswith("CAS-"):
            self.made = UUID(outcome.resource)
        return outcome

    async def ask(self, kind: CommandKind, body: Body = None, target: str = "", stage: str = "") -> CommandInput:
        """What the workflow would give to `apply_command`, with its row written as the desk writes it.

        Without a body, an article to attach is the one about pairing, mailed.
        """
        if kind is CommandKind.ATTACH_ARTICLE and body is None:
            body = await self.article()
        if callable(body):
            body = await body(self)
        actor = (await self.desk.agent(self.agent)).agent_id
        self.case = await self.desk.case(self.case.number)
        content = stored(body) if body is not None else {}
        command = CaseCommand(
            id=new_id(),
            kind=kind,
            actor_id=actor,
            key=str(new_id()),
            body_hash=body_hash(self.case.number, kind, content),
            target_id=await self._target(target),
            stage=stage or None,
        )
        command = self.desk.house.sender.proof.sign(command, self.case.id)
        if body is not None:
            async with self.desk.house.database.write() as session:
                session.add(
                    Command(
                        id=command.id,
                        case_id=self.case.id,
                        actor_id=actor,
                        key=command.key,
                        kind=kind,
                        body=content,
                        body_hash=command.body_hash,
                        state="pending",
                    )
                )
        return CommandInput(case_id=self.case.id, now=PRESENT, version=self.case.version, command=command)

    async def article(self) -> LinkArticleBody:
        async with self.desk.house.database.read() as session:
            number = (await session.scalars(select(Article.number).where(Article.slug == "pairing"))).one()
        return LinkArticleBody(article=number, send="content")

    async def _parent(self) -> UUID:
        """Another case, whose child this one is from now on."""
        parent = (await Hands.opened(self.desk)).case.id
        async with self.desk.house.database.write() as session:
            await session.execute(update(Case).where(Case.id == self.case.id).values(parent_id=parent))
        return parent

    async def _target(self, name: str) -> UUID | None:
        kind, _, slug = name.partition(" ")
        if kind == "parent":
            return await self._parent()
        if kind == "case":
            return (await self.desk.case(slug)).id
        tables: dict[str, Any] = {"agent": Agent, "queue": Queue, "article": Article}
        if kind in tables:
            async with self.desk.house.database.read() as session:
                found: UUID = (await session.scalars(select(tables[kind].id).where(tables[kind].slug == slug))).one()
                return found
        return self.made if kind == "made" else None
