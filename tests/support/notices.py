"""What people choose to be told of, and what they were told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from models.messages.cases import DeliveryInput
from models.records.mails import EmailMessage, Outbox
from models.records.notices import NoticeChoiceRow
from models.records.reference import Agent
from tests.support.correspondence import mail, must_hear
from tests.support.desks import Desk
from tests.support.hands import PRESENT, activities, run

GRACE, SAM, MONA, ADA = (f"{name}@desk.example" for name in ("grace", "sam", "mona", "ada"))


async def choose(desk: Desk, **ways: str) -> None:
    """By agent, of all kinds at once: `grace="daily"`, or of one: `grace="mention daily"`."""
    async with desk.house.database.write() as session:
        await session.execute(delete(NoticeChoiceRow))
        for slug, said in ways.items():
            agent = (await session.scalars(select(Agent.id).where(Agent.slug == slug))).one()
            kind, _, way = said.rpartition(" ")
            for each in (
                [kind] if kind else ["new-case", "assigned", "reply", "answer-to-closed", "mention", "deadline"]
            ):
                session.add(NoticeChoiceRow(kind=each, agent_id=agent, way=way))


async def told(desk: Desk) -> list[tuple[str, str]]:
    """Subjects up to the colon, and to whom, of the notices since the last time that this was asked."""
    async with desk.house.database.write() as session:
        rows = select(EmailMessage).join(Outbox, Outbox.message_id == EmailMessage.id).where(Outbox.kind == "notice")
        found = list(await session.scalars(rows.order_by(EmailMessage.id)))
        await session.execute(update(Outbox).where(Outbox.kind == "notice").values(kind="seen"))
        return [(each.subject.partition(":")[0], to) for each in found for to in each.recipients["to"]]


async def hears(desk: Desk, number: str, **fields: Any) -> None:
    letter = await mail(desk, **fields)
    delivery = await must_hear(desk, number, letter.id)
    case = await desk.case(number)
    given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    for _ in range(2):
        await run(activities(desk)["apply_delivery"], given)
