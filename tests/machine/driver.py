"""The state machine: random commands of several agents, some of them at once, and a look at everything after each round.

A driver of its own and no rule-based machine of Hypothesis: what is driven lives in an event loop with a server, a worker
and a database, and begins anew for each example there; here one desk takes thousands of commands. What is drawn follows from the
seed; what races at once does not repeat, so that a violation is told with the requests of its round.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Self
from uuid import UUID

import httpx
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from cases.pending import PendingCommands, Pursuit
from cases.sweeps import DeliverySweep, OperationSweep
from engine.operations import OperationStarter
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.mailflow import DeliveryKind
from models.messages.reference import Role
from models.records.cases import Case
from models.records.commands import Command, Delivery
from models.records.operations import LEFT, BulkOperation
from models.records.reference import TeamMember
from policies.lifecycle import allowed_verbs
from tests.machine import invariants, whole
from tests.machine.deeds import NEW, QUEUES, WORKERS, Known, Request, on_a_case
from tests.machine.report import Report, brief, named, state_of
from tests.machine.seen import Past, Seen, look
from tests.support.asking import Http, asked
from tests.support.correspondence import mail, must_hear, tell
from tests.support.desks import Desk
from tests.support.organisations import add

PEOPLE = {**dict.fromkeys(("grace", "sam", "lee", "kit"), Role.AGENT), "mona": Role.MANAGER, "ada": Role.ADMINISTRATOR}
FEWEST, MOST = 12, 24
"""Cases at work: fewer open ones are added to, and more let the oldest closed ones rest."""
LONG = 150
"""Entries of a timeline from which a case is not worked on any more, because each look reads all of it."""
REST_WITHIN = 150.0
"""Seconds in which all is decided, heard and worked off after a round; generous, because the machine may be busy."""
LOOKS = (0.0, 0.2, 0.5, 2.0, 6.0)
"""Seconds before each look: a queue that assigns by itself may be at work during one, and then the next decides."""
WHOLE_EVERY = 10
"""Rounds between two looks at what concerns all cases, and at the runs of some."""


class Machine:
    """A desk that is driven. `on` a desk, then `run`."""

    def __init__(self, desk: Desk, http: Http, seed: int) -> None:
        self.desk, self.http, self.report = desk, http, Report(seed)
        self.rng = Random(seed)
        self.numbers: list[str] = []
        """The cases at work."""
        self.past: dict[str, Past] = {}
        self.links: dict[str, list[str]] = {}
        self.last: UUID | None = None
        """The youngest case that was taken notice of."""
        self.teams: dict[UUID, set[UUID]] = {}
        self.seen: Seen | None = None
        """All cases at work, each as the last look at it has found it."""
        self.now: Seen | None = None
        """What the last look has looked at."""
        self.told: set[str] = set()
        """Faults that were reported: what is wrong once stays so."""
        self.rounds = self.sent = 0
        house = desk.house
        self.sweeps = (
            DeliverySweep(house.database, house.dispatcher),
            OperationSweep(house.database, OperationStarter(house.client)),
            PendingCommands(Pursuit(house.database, house.sender)),
        )

    @classmethod
    @asynccontextmanager
    async def on(cls, desk: Desk, seed: int) -> AsyncIterator[Self]:
        await add(desk, "tests/organisations/machine.yaml")
        async with asked(desk, PEOPLE) as http:
            yield cls(desk, http, seed)

    async def run(self, commands: int, tell: Callable[[Report], None] | None = None) -> Report:
        """At least so many commands, and a look at everything in the end."""
        return await self._go(lambda: self.report.commands >= commands, tell)

    async def _go(self, enough: Callable[[], bool], tell: Callable[[Report], None] | None = None) -> Report:
        began = time.monotonic()
        async with self.desk.house.database.read() as session:
            for row in await session.scalars(select(TeamMember)):
                self.teams.setdefault(row.team_id, set()).add(row.agent_id)
        for agent in ("lee", "kit"):
            await self._send(Request("presence", agent, "PUT", "/me/presence", {"presence": "online"}))
        while not enough():
            await self._round()
            self.report.seconds = time.monotonic() - began
            if tell is not None:
                tell(self.report)
        await self._look("at the end", everything=True)
        self.report.seconds = time.monotonic() - began
        return self.report

    # ---- a round -----------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        self.rounds += 1
        drawn = await self._drawn()
        before = dict(self._states())
        statuses = await asyncio.gather(*(self._send(each) for each in drawn))
        for request, status in zip(drawn, statuses, strict=True):
            self.report.ways.add((before.get(request.case or ""), request.deed, status))
        said = "; ".join(f"{brief(each)} -> {status}" for each, status in zip(drawn, statuses, strict=True))
        await self._rest(said)
        await self._look(said, everything=self.rounds % WHOLE_EVERY == 0, about=named(drawn))

    async def _drawn(self) -> list[Request]:
        if self.seen is None or sum(case.status == "active" for case in self.seen.cases.values()) < FEWEST:
            return [self._opening() for _ in range(self.rng.choice((1, 3)))]
        alone = self.rng.random()
        if alone < 0.02:
            return [self._setting()]
        if alone < 0.06:
            return [Request("time", "", "", "", case=self.rng.choice(self.numbers))]
        known = Known(self.rng, self.numbers, self.seen, self.links)
        wanted = self.rng.choice((1, 1, 2, 3, 5))
        drawn: list[Request] = []
        number = self.rng.choice(self.numbers)
        while len(drawn) < wanted:
            request = self._one(known, number)
            if request is not None:
                drawn.append(request)
                if known.often(0.06):
                    drawn.append(request)  # a caller who asks twice at once, with the same key
            number = number if known.often(0.6) else self.rng.choice(self.numbers)
        return drawn

    def _one(self, known: Known, number: str) -> Request | None:
        assert self.seen is not None
        kind = self.rng.choices(("case", "mail", "next", "open", "presence"), (84, 7, 4, 3, 2))[0]
        if kind == "mail":
            subject = self.rng.choice(("My headphones", "Not again", "I thank you"))
            return Request("mail", "", "", "", subject, number)
        if kind == "next":
            path = f"/queues/{self.rng.choice(QUEUES)}/next"
            return self._keyed(Request("pick-next", self.rng.choice(WORKERS), "POST", path))
        if kind == "open":
            return self._opening()
        if kind == "presence":
            said = {"presence": self.rng.choice(("online", "online", "away"))}
            return Request("presence", self.rng.choice(("lee", "kit")), "PUT", "/me/presence", said)
        case = self.seen.cases[number]
        if case.status in OPEN_STATUSES and len(self.seen.timeline[case.id]) > LONG:
            body: dict[str, Any] = {"resolution": "Enough.", "cancel_open_activities": True, "billable_minutes": 1}
            return self._keyed(Request("resolve", "mona", "POST", f"/cases/{number}/resolve", body, number))
        allowed = allowed_verbs(self.seen.snapshots[number], self.organisation)
        request = on_a_case(known, number, allowed)
        return None if request is None else self._keyed(request)

    def _keyed(self, request: Request) -> Request:
        self.sent += 1
        key = ("Idempotency-Key", f"{self.report.seed}/{self.sent}")
        return Request(**{**vars(request), "headers": (*request.headers, key)})

    def _opening(self) -> Request:
        body = {
            "title": "It does not pair",
            **self.rng.choice(NEW),
            "origin": self.rng.choice(("phone", "email", "web")),
            "priority": self.rng.choice(("normal", "high")),
            "case_type": self.rng.choice(("question", "request")),
            "decrement": self.rng.random() < 0.9,
            "route": self.rng.random() < 0.95,
        }
        return self._keyed(Request("open", self.rng.choice(WORKERS), "POST", "/cases", body))

    def _setting(self) -> Request:
        body = self.rng.choice(
            (
                *({"closing_parents": mode} for mode in ("independent", "block", "cascade")),
                *({"updates_when_closed": which} for which in ("all", "resolved", "none")),
                {"recalculate_sla_on_terminal": self.rng.random() < 0.5},
                {"take_over": self.rng.choice(("anybody", "members"))},
            )
        )
        return Request("setting", "ada", "PATCH", "/organisation", body, headers=(("If-Match", "*"),))

    # ---- sending -----------------------------------------------------------------------------------------------------

    async def _send(self, request: Request) -> int:
        """The status of the answer, once it is decided; 0 of what nobody answers."""
        self.report.commands += 1
        match request.deed:
            case "mail":
                status = await self._mail(request)
            case "time":
                status = await self._time(request)
            case _:
                status = await self._ask(request)
        self.report.answers[request.deed, status] += 1
        return status

    async def _ask(self, request: Request) -> int:
        headers = dict(request.headers)
        client = self.http.agents[request.who]
        answer = await client.request(request.method, f"/api/v1{request.path}", json=request.body, headers=headers)
        if answer.status_code == 202:
            answer = await self._decided(client, answer)
        if answer.status_code >= 500 or answer.status_code in (400, 401, 405, 428):
            self._blame(f"{brief(request)} was answered {answer.status_code}: {answer.text[:300]}")
        if answer.is_success and request.deed == "attach-article" and request.case is not None:
            self.links.setdefault(request.case, []).append(answer.json()["id"])
        return answer.status_code

    async def _decided(self, client: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
        ends = time.monotonic() + REST_WITHIN
        while time.monotonic() < ends:
            told = await client.get(answer.headers["location"])
            if told.status_code != 200 or told.json()["state"] not in ("pending", "cancelling"):
                return told
            await asyncio.sleep(0.1)
        self._blame(f"{answer.headers['location']} was not decided in {REST_WITHIN:g} s")
        return answer

    async def _mail(self, request: Request) -> int:
        assert request.case is not None
        letter = await mail(self.desk, text=f"Mail {self.report.commands}.", subject=request.body)
        delivery = await must_hear(self.desk, request.case, letter.id, DeliveryKind.MAIL)
        await tell(self.desk, await self.desk.case(request.case), delivery, self.rng.choice((1, 1, 2)))
        return 0

    async def _time(self, request: Request) -> int:
        """The case's own clock goes past its next deadline."""
        assert self.seen is not None
        assert request.case is not None
        clocks = self.seen.snapshots[request.case].clocks
        if clocks:
            await self.desk.forward_to(request.case, clocks[0].due)
        return 0

    # ---- looking -----------------------------------------------------------------------------------------------------

    async def _rest(self, said: str) -> None:
        """Until nothing is left to decide, to hear or to work off."""
        ends, pause = time.monotonic() + REST_WITHIN, 0.01
        while await self._left():
            if time.monotonic() > ends:
                self._blame(f"after {said}: no rest, {await self._left()} are left")
                return
            for sweep in self.sweeps:
                await sweep.sweep()
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.3)

    async def _left(self) -> int:
        async with self.desk.house.database.read() as session:
            counts = [
                await session.scalar(select(func.count()).select_from(Delivery).where(~Delivery.done)),
                await session.scalar(select(func.count()).select_from(Command).where(Command.state == "pending")),
                await session.scalar(select(func.count()).select_from(BulkOperation).where(sql(LEFT))),
                await session.scalar(select(func.count()).select_from(Case).where(Case.status == CaseStatus.OPENING)),
            ]
        return sum(count or 0 for count in counts)

    async def _look(self, said: str, *, everything: bool, about: frozenset[str] = frozenset()) -> None:
        """At the cases that were named, and at those that were written; at all of them now and then."""
        found: list[str] = []
        for pause in LOOKS:
            await asyncio.sleep(pause)
            async with self.desk.house.database.read() as session:
                if not self.desk.house.database.sqlite:
                    # All that one look reads is of one moment, as it is on SQLite by itself.
                    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                found = await self.faults(session, everything=everything, about=about)
            if not found:
                break
        for fault in found:
            if fault not in self.told:
                self.told.add(fault)
                self._blame(f"after {said}: {fault}")
        assert self.seen is not None
        assert self.now is not None
        self.past |= invariants.remembered(self.now)
        self.report.states.update(self._states().values())
        self._let_rest()

    async def faults(
        self, session: AsyncSession, *, everything: bool, about: frozenset[str] = frozenset()
    ) -> list[str]:
        """What does not hold of the rows that this session reads, and of the runs of their cases."""
        self.organisation = await self.desk.house.definitions.organisation(session)
        young = select(Case.id, Case.number).order_by(Case.id)
        for id, number in await session.execute(young if self.last is None else young.where(Case.id > self.last)):
            self.last = id
            self.numbers.append(number)
            self.report.cases += 1
        versions = select(Case.number, Case.version).where(Case.number.in_(self.numbers))
        written = [
            number
            for number, version in await session.execute(versions)
            if everything or number in about or number not in self.past or self.past[number].version != version
        ]
        self.now = await look(session, written)
        found = list(invariants.all_of(self.now, self.past, self.teams))
        if everything:
            found += [fault async for fault in whole.faults(session, self.organisation.most_children)]
            for case in self.now.cases.values():
                if fault := await whole.run_of(self.desk, session, case):
                    found.append(f"{case.number}: {fault}")
        if self.seen is None:
            self.seen = self.now
        else:
            self.seen.take(self.now)
        mode = self.organisation.closing_parents
        return [*found, *invariants.closures(self.now, self.seen, self.past, mode)]

    def _let_rest(self) -> None:
        assert self.seen is not None
        closed = [number for number in self.numbers if self.seen.cases[number].status not in OPEN_STATUSES]
        for number in closed[: max(0, len(self.numbers) - MOST)]:
            self.numbers.remove(number)
            del self.past[number]
            self.seen.forget(number)

    def _states(self) -> dict[str, tuple[Any, ...]]:
        return {} if self.seen is None else {each: state_of(self.seen, each) for each in self.seen.cases}

    def _blame(self, what: str) -> None:
        self.report.violations.append(f"seed {self.report.seed}, round {self.rounds}: {what}")
