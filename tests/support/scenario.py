"""The scenario of the design, played at a desk: a gold customer's mail becomes a resolved case, 14 of 15 remain."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from models.messages.api_cases import LinkArticleBody, ResolveBody, StageBody
from models.messages.cases import CommandKind
from models.records.articles import Article
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import Desk

QUESTION = "My new headphones refuse to pair with the phone."
CONFIRMATION = "Seven seconds did it, thank you!"
RESOLUTION = "Paired after a reset of the button."


class Scenario:
    """Eight steps; `events` says how many history events each of them took."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.number = ""
        self.events: dict[str, int] = {}

    async def play(self) -> str:
        """The number of the case, resolved."""
        desk = self.desk
        article = await article_number(desk, "pairing")
        self.number = await open_by_mail(desk, QUESTION)
        await self._count("opening, acknowledgement")
        await self._send("pick", CommandKind.PICK)
        await self._send("next", CommandKind.STAGE_NEXT, StageBody(data={"case_type": "problem"}))
        await self._send(
            "article by mail", CommandKind.ATTACH_ARTICLE, LinkArticleBody(article=article, send="content")
        )
        await self._send("next again", CommandKind.STAGE_NEXT, StageBody(data={"custom.article_sent": True}))
        await receive(desk, self.number, text=CONFIRMATION)
        await self._count("customer's reply")
        await self._send("finish", CommandKind.PROCESS_FINISH, StageBody(data={"custom.confirmed": True}))
        resolve = ResolveBody(resolution_type="problem-solved", resolution=RESOLUTION, billable_minutes=10)
        await self._send("resolve", CommandKind.RESOLVE, resolve)
        return self.number

    async def _send(self, step: str, kind: CommandKind, body: object = None) -> None:
        await self.desk.send("grace", self.number, kind, body)  # type: ignore[arg-type]
        await self._count(step)

    async def _count(self, step: str) -> None:
        history = await self.desk.settled(self.number)
        self.events[step] = len(history.events) - sum(self.events.values())


def kinds(history: WorkflowHistory) -> Counter[str]:
    """How often each kind of event occurs, by its short name: `WORKFLOW_TASK_COMPLETED`."""
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)


async def article_number(desk: Desk, slug: str) -> str:
    async with desk.house.database.read() as session:
        number = await session.scalar(select(Article.number).where(Article.slug == slug))
        assert number is not None, f"no article {slug}"
        return number
