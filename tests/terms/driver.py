"""Random commands on cases that count on contracts, killed before their commit or repeated after it, beside the oracle.

The activities are called as a retry would call them, without a server, so that thousands of commands take minutes. What is
drawn follows from the seed. After each command all balances are those of the oracle, and the ledger adds up to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.api_cases import CancelBody, ChangeBody, ReactivateBody, ResolveBody
from models.messages.base import Message
from models.messages.cases import CommandKind, DeliveryInput, Outcome, StepInput
from models.messages.mailflow import DeliveryKind
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Entitlement, EntitlementChannel
from tests.support.correspondence import must_hear
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.organisations import add
from tests.terms.oracle import Contract, Matter

K = CommandKind
ORIGINS = ("phone", "email", "web", "twitter")
AT_WORK = 10
"""Cases: fewer are added to, and beyond them the oldest rests."""
CONTRACTS: tuple[dict[str, Any], ...] = (
    {"slug": "first", "total_terms": 5, "restricted": True, "decrease_on": "creation", "lines": {"phone": 3, "web": 0}},
    {"slug": "last", "total_terms": 6, "restricted": True, "decrease_on": "resolution", "lines": {"email": 2}},
    {"slug": "open", "total_terms": 3, "restricted": False, "decrease_on": "creation", "lines": {"phone": 1}},
    {"slug": "hours", "total_terms": 4, "restricted": True, "decrease_on": "resolution", "lines": {"phone": 2}},
    {"slug": "owed", "total_terms": 2, "restricted": False, "decrease_on": "resolution", "lines": {}},
)


class Killed(BaseException):
    """The process died before it could commit."""


@dataclass
class Run:
    """What came of it."""

    commands: int = 0
    killed: int = 0
    repeated: int = 0
    movements: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Driver:
    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.rng, self.run = desk, Random(seed), Run()
        self.contracts: dict[str, Contract] = {}
        self.matters: dict[str, Matter] = {}
        self.united: set[tuple[str, str]] = set()
        """Pairs that were told to go up in each other: a case is told so once."""
        self.dies = False

    @classmethod
    async def on(cls, desk: Desk, seed: int) -> Driver:
        given = [
            {
                **{key: value for key, value in each.items() if key != "lines"},
                "name": each["slug"],
                "account": "aurora",
                "start": "2026-01-01",
                "end": "2041-12-31",
                "allocation": "hours" if each["slug"] == "hours" else "cases",
                "channels": [{"origin": origin, "total_terms": terms} for origin, terms in each["lines"].items()],
            }
            for each in CONTRACTS
        ]
        await add(desk, {"entitlements": given})
        made = cls(desk, seed)
        for each in CONTRACTS:
            lines = {origin: Decimal(terms) for origin, terms in each["lines"].items()}
            made.contracts[each["slug"]] = Contract(
                each["slug"],
                Decimal(each["total_terms"]),
                each["slug"] == "hours",
                each["decrease_on"] == "creation",
                each["restricted"],
                lines,
            )
        return made

    async def go(self, commands: int, tell: Callable[[Run], None] | None = None) -> Run:
        with self._mortal():
            while self.run.commands < commands and not self.run.wrong:
                await self._one()
                self.run.commands += 1
                self.run.wrong += [each async for each in self._faults()]
                if tell is not None:
                    tell(self.run)
        return self.run

    # ---- commands ------------------------------------------------------------------------------------------------------

    async def _one(self) -> None:
        if len(self.matters) < AT_WORK or self.rng.random() < 0.1:
            await self._open()
            return
        number = self.rng.choice(list(self.matters))
        matter = self.matters[number]
        if matter.status == "active":
            kind = self.rng.choice(("cancel", "resolve", "change", "change", "origin", "merge"))
        else:
            kind = self.rng.choice(("reactivate", "reactivate", "reactivate-with"))
        contract = self.rng.choice([*self.contracts.values(), None])
        slug = contract.slug if contract else None
        body: Message
        match kind:
            case "cancel":
                await self._command(number, kind, K.CANCEL, CancelBody(), matter.cancel)
            case "resolve":
                minutes = self.rng.choice((0, 1, 20, 30, 60, 90))
                body = ResolveBody(resolution="Done.", billable_minutes=minutes)
                await self._command(number, kind, K.RESOLVE, body, lambda: matter.resolve(minutes))
            case "change":
                body = ChangeBody(entitlement=slug)
                await self._command(number, kind, K.CHANGE, body, lambda: matter.change(contract))
            case "origin":
                origin = self.rng.choice(ORIGINS)
                await self._command(number, kind, K.CHANGE, ChangeBody(origin=origin), lambda: matter.come_by(origin))
            case "merge":
                await self._merge(number, matter)
            case "reactivate":
                await self._command(number, kind, K.REACTIVATE, ReactivateBody(), matter.reactivate)
            case _:
                body = ReactivateBody(entitlement=slug)
                await self._command(number, kind, K.REACTIVATE, body, lambda: matter.reactivate_with(contract))

    async def _open(self) -> None:
        contract, origin = self.rng.choice(list(self.contracts.values())), self.rng.choice(ORIGINS)
        row = (await self.desk.entitlement(contract.slug)).id
        case = await self.desk.insert(entitlement_id=row, origin=origin)
        await self._mortally("open_case", StepInput(case_id=case.id, now=OPENED_ON))
        matter = self.matters[case.number] = Matter("active", origin)
        matter.open(contract)
        self.run.done["open"] += 1
        if len(self.matters) > 2 * AT_WORK:
            del self.matters[next(iter(self.matters))]

    async def _command(
        self, number: str, name: str, kind: CommandKind, body: Message, expected: Callable[[], bool]
    ) -> None:
        hands = Hands(self.desk, await self.desk.case(number), "grace")
        outcome = await self._mortally("apply_command", await hands.ask(kind, body))
        is_done = expected()
        (self.run.done if is_done else self.run.refused)[name] += 1
        if is_done != (outcome.refusal is None):
            self.run.wrong.append(f"{name} of {number}: expected {is_done}, and it was told {outcome.refusal}")

    async def _merge(self, number: str, matter: Matter) -> None:
        """As when a mail shows that two cases are of one thread; not into one that has been closed."""
        other = self.rng.choice(list(self.matters))
        if other == number or (number, other) in self.united:
            return
        self.united.add((number, other))
        survivor = await self.desk.case(other)
        delivery = await must_hear(self.desk, number, survivor.id, DeliveryKind.RETIRE)
        case = await self.desk.case(number)
        given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
        await self._mortally("apply_delivery", given)
        if (await self.desk.case(number)).merged_into is not None:
            matter.cancel()
            del self.matters[number]
            self.run.done["merge"] += 1
        else:
            self.run.refused["merge"] += 1

    # ---- deaths --------------------------------------------------------------------------------------------------------

    async def _mortally(self, name: str, given: Any) -> Outcome:
        """Killed before its commit some times, done once, and some times done again because its answer was lost."""
        activity = activities(self.desk)[name]
        while self.rng.random() < 0.3:
            self.dies = True
            try:
                await run(activity, given)
            except Killed:
                self.run.killed += 1
            self.dies = False
        outcome: Outcome = await run(activity, given)
        if self.rng.random() < 0.3:
            await run(activity, given)
            self.run.repeated += 1
        return outcome

    @contextmanager
    def _mortal(self) -> Iterator[None]:
        database, write = self.desk.house.database, self.desk.house.database.write

        @asynccontextmanager
        async def writing() -> AsyncIterator[AsyncSession]:
            async with write() as session:
                yield session
                if self.dies:
                    await session.flush()
                    raise Killed

        database.write = writing  # type: ignore[method-assign]  # a process that can die
        try:
            yield
        finally:
            database.write = write  # type: ignore[method-assign]

    # ---- what must hold ------------------------------------------------------------------------------------------------

    async def _faults(self) -> AsyncIterator[str]:
        async with self.desk.house.database.read() as session:
            rows = {row.slug: row for row in await session.scalars(select(Entitlement))}
            for slug, contract in self.contracts.items():
                row = rows[slug]
                mine = LedgerEntry.entitlement_id == row.id
                added = await session.scalar(select(func.sum(LedgerEntry.terms)).where(mine)) or Decimal(0)
                if not row.remaining_terms == contract.left == row.total_terms + added:
                    yield f"{slug}: {row.remaining_terms} remain, {contract.left} expected, the ledger adds up to {added}"
                last = await session.scalar(select(LedgerEntry).where(mine).order_by(LedgerEntry.id.desc()).limit(1))
                if last is not None and last.remaining != row.remaining_terms:
                    yield f"{slug}: its last movement says that {last.remaining} remain"
                lines = select(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id)
                for line in await session.scalars(lines):
                    if line.remaining_terms != contract.left_of(line.origin):
                        yield f"{slug}/{line.origin}: {line.remaining_terms}, {contract.left_of(line.origin)} expected"
            statuses = await session.execute(
                select(Case.number, Case.status, Case.entitlement_id).where(Case.number.in_(self.matters))
            )
            for number, status, id in statuses:
                matter = self.matters[number]
                wanted = rows[matter.contract.slug].id if matter.contract else None
                if (status, id) != (matter.status, wanted):
                    yield f"{number} is {status} with {id}, expected {matter.status} with {wanted}"
            self.run.movements = await session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
