"""Cases told in a line each, and written as the rows that a desk would have left.

    "3 09:00 email high ito support | pick 10 berta | answer 30 berta | resolve 120 berta"

The head says the day of March 2031 (`-2`: two days before the first), the time in Berlin, the origin, the priority, the customer
(`-` for none) and the queue. Each step that follows happened so many minutes after the opening. `STEPS` says what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.base import new_id
from models.records.cases import Case, CaseResolution, QueueItem
from models.records.mails import EmailMessage
from models.records.promises import KpiRow
from models.records.reference import Account, Agent, Contact, DefinitionRecord, Mailbox, Queue
from models.records.surveys import SurveyAnswer, SurveyRequest
from models.records.timeline import Activity, TimelineEntry
from policies.zones import zone
from storage.engines import Database

ZONE = "Europe/Berlin"
AGENTS, QUEUES, ACCOUNTS = ("berta", "carl", "mona"), ("support", "gold", "billing"), ("ito", "aurora")
STEPS = ("pick", "move", "answer", "unanswer", "mail", "machine", "call", "did", "resolve", "reopen", "cancel", "merge")
SURVEYS = ("csat", "nps", "ces")


@dataclass
class Told:
    """A case as far as it has been told."""

    id: UUID
    number: str
    opened: datetime
    origin: str
    status: str = "active"
    life: int = 0
    queue: str | None = None
    item: UUID | None = None
    answered: bool = False
    opening_mail: UUID | None = None
    asked: set[int] = field(default_factory=set)
    """Lives about whose resolution a survey was answered."""


@dataclass
class World:
    database: Database
    agents: dict[str, UUID] = field(default_factory=dict)
    queues: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    mailbox: UUID = field(default_factory=new_id)
    cases: list[Told] = field(default_factory=list)
    contact: UUID = field(default_factory=new_id)

    async def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            head, *steps = (part.split() for part in line.split("|"))
            async with self.database.write() as session:
                told = await self.open(session, head)
                for step in steps:
                    await self.step(session, told, step)

    async def open(self, session: AsyncSession, head: list[str]) -> Told:
        day, clock, origin, priority, customer, queue = head[:6]
        hours, minutes = (int(part) for part in clock.split(":"))
        local = datetime(2031, 3, 1, hours, minutes, tzinfo=zone(ZONE))
        opened = (local.replace(tzinfo=None) + timedelta(days=int(day) - 1)).replace(tzinfo=zone(ZONE)).astimezone(UTC)
        told = Told(new_id(), f"CAS-{len(self.cases) + 1:05d}-AAAAAA", opened, origin)
        if origin == "email":
            told.opening_mail = await self.letter(session, told, "ann@customer.example", None)
        session.add(
            Case(
                id=told.id,
                number=told.number,
                title="The router is slow",
                origin=origin,
                status="active",
                status_reason="in-progress",
                priority=priority,
                account_id=self.accounts.get(customer),
                opening_mail_id=told.opening_mail,
                created_on=opened,
                modified_on=opened,
                version=1,
            )
        )
        await session.flush()
        if told.opening_mail is not None:
            await session.execute(
                update(EmailMessage).where(EmailMessage.id == told.opening_mail).values(case_id=told.id)
            )
        self.entry(session, told, opened, "opened", status=["opening", "active"])
        if queue != "-":
            await self.enter(session, told, queue, opened)
        self.cases.append(told)
        return told

    async def step(self, session: AsyncSession, told: Told, step: list[str]) -> None:
        """One step, as a write of the case: it raises its version."""
        verb, after, *words = step
        at = told.opened + timedelta(minutes=int(after))
        match verb:
            case "pick":
                await self.pick(session, told, at, words[0])
            case "move":
                await self.leave(session, told, at)
                await self.enter(session, told, words[0], at)
                self.entry(session, told, at, "routed")
            case "answer" | "unanswer":
                told.answered = verb == "answer"
                actor = self.agents[words[0]] if words else None
                change = [not told.answered, told.answered]
                self.entry(session, told, at, "reply", actor=actor, first_response_sent=change)
                await self.change(session, told, first_response_sent=told.answered)
            case "mail" | "machine":
                letter = await self.letter(
                    session, told, "ann@customer.example", "vacation" if verb == "machine" else None
                )
                await session.execute(update(EmailMessage).where(EmailMessage.id == letter).values(case_id=told.id))
                self.entry(session, told, at, "mail", subject=letter)
            case "call":
                session.add(self.activity(told, "phone-call", at, sender="+49 30 1"))
            case "did":
                who, kind, minutes = words
                done = self.activity(told, kind, at, owner_id=self.agents[who], duration_minutes=int(minutes))
                done.status, done.closed_on = "completed", at
                session.add(done)
            case "resolve":
                await self.resolve(session, told, at, words[0])
            case "reopen":
                told.status, told.life = "active", told.life + 1
                self.entry(session, told, at, "reactivated", status=["resolved", "active"])
                await self.change(session, told, status="active", life=told.life, resolved_on=None, reactivated_on=at)
            case "cancel" | "merge":
                await self.leave(session, told, at)
                told.status = "cancelled"
                kind = "cancelled" if verb == "cancel" else "merged"
                self.entry(session, told, at, kind, status=["active", "cancelled"])
                await self.change(session, told, status="cancelled", merged_into=words[0] if words else None)
            case "kpi":
                name, status = words
                session.add(KpiRow(id=new_id(), case_id=told.id, kpi=name, status=status, body={}, failure_at=at))
            case "escalate":
                await self.change(session, told, escalated=True, escalated_on=at)
            case "set":
                await self.change(session, told, **dict(word.split("=") for word in words))
            case survey:
                assert survey in SURVEYS
                await self.survey(session, told, survey, int(words[0]), at)
        await self.change(session, told, version=Case.version + 1)

    async def adopt(self, session: AsyncSession, retired: Told, number: str) -> None:
        """Later the survivor takes over mails and activities, and tells of the mails; the retired case is not written again."""
        survivor = next((told for told in self.cases if told.number == number and told is not retired), None)
        if survivor is None:
            return
        for record in (EmailMessage, Activity):
            moved = update(record).where(record.case_id == retired.id).values(case_id=survivor.id)
            await session.execute(moved.execution_options(synchronize_session=False))
        if retired.opening_mail is not None:
            self.entry(session, survivor, retired.opened, "mail", subject=retired.opening_mail)
        await self.change(session, survivor, version=Case.version + 1)

    async def resolve(self, session: AsyncSession, told: Told, at: datetime, who: str) -> None:
        await self.leave(session, told, at)
        minutes = await session.scalar(
            select(func.coalesce(func.sum(Activity.duration_minutes), 0)).where(
                Activity.case_id == told.id, Activity.status == "completed"
            )
        )
        session.add(
            CaseResolution(
                id=new_id(),
                case_id=told.id,
                life=told.life,
                resolution_type="problem-solved",
                resolution="It was the cable.",
                total_minutes=minutes,
                billable_minutes=0,
                resolved_on=at,
                agent_id=self.agents[who],
            )
        )
        told.status = "resolved"
        self.entry(session, told, at, "resolved", actor=self.agents[who], status=["active", "resolved"])
        await self.change(session, told, status="resolved", resolved_on=at)

    async def pick(self, session: AsyncSession, told: Told, at: datetime, who: str) -> None:
        changed = update(QueueItem).where(QueueItem.id == told.item).values(worked_by=self.agents[who], picked_on=at)
        await session.execute(changed)
        self.entry(session, told, at, "picked", actor=self.agents[who])
        await self.change(session, told, owner_id=self.agents[who])

    async def enter(self, session: AsyncSession, told: Told, queue: str, at: datetime) -> None:
        told.item, told.queue = new_id(), queue
        session.add(QueueItem(id=told.item, case_id=told.id, queue_id=self.queues[queue], entered_on=at))
        await self.change(session, told, queue=queue)

    async def leave(self, session: AsyncSession, told: Told, at: datetime) -> None:
        if told.item is not None:
            await session.flush()
            gone = update(QueueItem).where(QueueItem.id == told.item).values(live=False, left_on=at, worked_by=None)
            await session.execute(gone)
            told.item, told.queue = None, None
            await self.change(session, told, queue=None)

    async def survey(self, session: AsyncSession, told: Told, kind: str, score: int, at: datetime) -> None:
        """Whoever opened the case answers about its last resolution; each is asked about once."""
        told.asked.add(told.life)
        last = select(CaseResolution.id).where(CaseResolution.case_id == told.id, CaseResolution.life == told.life)
        resolution = await session.scalar(last)
        request = new_id()
        of_it = {"case_id": told.id, "resolution_id": resolution, "survey": "after", "kind": kind}
        session.add(
            SurveyRequest(
                id=request,
                contact_id=self.contact,
                version=1,
                language="en",
                state="answered",
                ask_on=at,
                expires_on=at,
                **of_it,
            )
        )
        await session.flush()
        session.add(SurveyAnswer(id=new_id(), request_id=request, score=score, answered_on=at, **of_it))

    async def change(self, session: AsyncSession, told: Told, **values: Any) -> None:
        await session.flush()
        await session.execute(update(Case).where(Case.id == told.id).values(**values))

    async def letter(self, session: AsyncSession, told: Told, sender: str, automatic: str | None) -> UUID:
        id = new_id()
        session.add(
            EmailMessage(
                id=id,
                direction="in",
                mailbox_id=self.mailbox,
                message_id=f"{id}@customer.example",
                message_id_hash=id.hex,
                content_hash=id.hex,
                references=[],
                sender=sender,
                recipients={},
                subject="Slow",
                text="It is slow.",
                automatic=automatic,
                defects=[],
            )
        )
        await session.flush()
        return id

    def activity(self, told: Told, kind: str, at: datetime, **values: Any) -> Activity:
        given = {"status": "open", "title": "Call", "created_on": at}
        return Activity(id=new_id(), case_id=told.id, kind=kind, **(given | values))

    def entry(
        self,
        session: AsyncSession,
        told: Told,
        at: datetime,
        kind: str,
        *,
        actor: UUID | None = None,
        subject: UUID | None = None,
        **changes: Any,
    ) -> None:
        id = new_id()
        session.add(
            TimelineEntry(
                id=id,
                case_id=told.id,
                key=f"{kind}/{id}",
                at=at,
                kind=kind,
                actor_id=actor,
                subject_id=subject,
                data={},
                changes=changes or None,
            )
        )


async def world_of(database: Database, **settings: Any) -> World:
    """A house with three agents, three queues and two customers, in Berlin; `settings` of its organisation."""
    world = World(database)
    async with database.write() as session:
        session.add(
            DefinitionRecord(
                id=new_id(),
                kind="organisation",
                slug="organisation",
                version=1,
                status="active",
                body={"time_zone": ZONE, **settings},
            )
        )
        for slug in AGENTS:
            world.agents[slug] = new_id()
            address = f"{slug}@house.example"
            session.add(Agent(id=world.agents[slug], slug=slug, name=slug.title(), email=address, roles=["agent"]))
        session.add(
            Mailbox(id=world.mailbox, slug="support", address="support@house.example", display_name="S", settings={})
        )
        await session.flush()
        for slug in QUEUES:
            world.queues[slug] = new_id()
            owner = world.agents["mona"]
            session.add(Queue(id=world.queues[slug], slug=slug, name=slug.title(), owner_id=owner))
        for slug in ACCOUNTS:
            world.accounts[slug] = new_id()
            session.add(Account(id=world.accounts[slug], slug=slug, name=slug.title()))
        session.add(Contact(id=world.contact, name="Ann", email="ann@customer.example"))
    return world


def day(of_march: int) -> date:
    return date(2031, 3, 1) + timedelta(days=of_march - 1)
