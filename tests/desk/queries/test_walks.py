"""Every list that the API offers goes along an index, and shows what a plain search through all rows would show."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from benchmarks.filling import Population, filled
from benchmarks.lists import FILTERS
from benchmarks.plans import Plan, plans_of
from desk.identity import Identity
from desk.queries import walks
from desk.queries.cases import CaseFilter, list_cases
from desk.queries.walks import ORDERS
from models.messages.api_case_views import CaseLine
from models.messages.cases import CaseStatus
from models.messages.organisation import OrganisationSettings
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.reference import DefinitionRecord, Queue
from servers.postgres import PostgresServer
from storage.definitions import Definitions
from storage.engines import Database
from storage.migrate import upgrade_async
from tests.support.databases import sqlite_address

CASES = 1500
PAGE = 20


@dataclass
class Filled:
    database: Database
    people: Population
    _listed: dict[tuple[str, str], list[CaseLine]] = field(default_factory=dict)

    async def page(
        self, wanted: CaseFilter, sort: str, cursor: str | None = None, limit: int = PAGE, who: Identity | None = None
    ) -> tuple[list[CaseLine], str | None]:
        async with self.database.read() as session:
            identity = who or self.people.identity
            page = await list_cases(session, Definitions(), identity, wanted, sort=sort, cursor=cursor, limit=limit)
            return list(page.items), page.next

    async def all(self, wanted: CaseFilter, sort: str, who: Identity | None = None) -> list[CaseLine]:
        """By pages of 200, to the end."""
        found, cursor = await self.page(wanted, sort, limit=200, who=who)
        while cursor is not None:
            more, cursor = await self.page(wanted, sort, cursor, 200, who)
            found += more
        return found

    async def listed(self, name: str, sort: str) -> list[CaseLine]:
        """All of a list as it was when the desk was filled, asked for once: for tests that change nothing."""
        if (name, sort) not in self._listed:
            self._listed[name, sort] = await self.all(drawn(name, self), sort)
        return self._listed[name, sort]

    async def plans(self, wanted: CaseFilter, sort: str, cursor: str | None = None) -> list[Plan]:
        async with self.database.read() as session:
            if not self.database.sqlite:
                # These are so few that PostgreSQL reads and sorts them all now and then. Told not to, it does so all the
                # same where there is no other way.
                for way in ("seqscan", "bitmapscan", "sort"):
                    await session.execute(text(f"SET LOCAL enable_{way} = off"))
            with plans_of(session, "service_case") as plans:
                await list_cases(
                    session, Definitions(), self.people.identity, wanted, sort=sort, cursor=cursor, limit=PAGE
                )
        return plans


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> AsyncIterator[Filled]:
    if request.param == "sqlite":
        url = sqlite_address(Path(tmp_path_factory.mktemp("walks")) / "walks.db")
    else:
        url = await postgres.create_database("walks")
    await upgrade_async(url)
    database = Database(url)
    try:
        yield Filled(database, await filled(database, CASES))
    finally:
        await database.close()
    if request.param == "postgres":
        await postgres.drop_database("walks")


LISTS = [(name, sort) for name in FILTERS for sort in ORDERS]


def drawn(name: str, desk: Filled) -> CaseFilter:
    return FILTERS[name](random.Random(3), desk.people)


@pytest.mark.parametrize(("name", "sort"), LISTS)
async def test_a_list_goes_along_an_index_from_its_first_page_to_a_deep_one(desk: Filled, name: str, sort: str) -> None:
    wanted = drawn(name, desk)
    _, cursor = await desk.page(CaseFilter(), sort, limit=200)
    for place in (None, cursor):
        plans = await desk.plans(wanted, sort, place)
        assert plans
        for plan in plans:
            assert plan.scanned == [], plan.statement
            assert plan.indexes, plan.statement


EXACT = [
    (name, sort)
    for name, orders in {
        **dict.fromkeys(("none", "status", "two statuses", "queue", "queue and status"), tuple(ORDERS)),
        **dict.fromkeys(
            ("agent", "agent and status", "team", "nobody's", "large account", "contact", "priority", "SLA state"),
            ("next_due",),
        ),
    }.items()
    for sort in orders
]


@pytest.mark.parametrize(("name", "sort"), EXACT)
async def test_what_an_index_serves_whole_is_not_sorted(desk: Filled, name: str, sort: str) -> None:
    wanted = drawn(name, desk)
    _, cursor = await desk.page(CaseFilter(), sort, limit=200)
    for place in (None, cursor):
        for plan in await desk.plans(wanted, sort, place):
            # The arms of several statuses are merged: at most a page of each. What is read of a page's cases may be sorted.
            assert set(plan.sorts) <= {"arms"} or " AS value" not in plan.statement, plan.statement


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)  # PostgreSQL knows by its statistics
async def test_sqlite_takes_the_index_that_it_is_told(desk: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    for few in ("FEW", "FEW_FOUND"):  # so that a filter leaves more than few, as it does among many cases
        monkeypatch.setattr(walks, few, 10)
    for name in ("agent", "large account", "priority", "SLA state", "common word", "agent and SLA state"):
        for sort, order in ORDERS.items():
            for plan in await desk.plans(drawn(name, desk), sort):
                if " AS value" in plan.statement:
                    used = [index for index in plan.indexes if index.startswith("ix_service_case")]
                    assert used, plan.statement
                    assert all(index.endswith(f"_{order.index}") for index in used), (name, sort, used)
                    assert set(plan.sorts) <= {"arms"}, plan.statement


def passes(line: CaseLine, wanted: CaseFilter) -> bool:
    """The filters in plain words."""
    customer = {each.slug for each in (line.customer.account, line.customer.contact) if each is not None}
    owner = None if line.owner is None else line.owner.slug
    title = line.title.lower().replace("ö", "o").replace("ß", "ss")
    words = (wanted.q or "").lower().replace("ö", "o").replace("ß", "ss").split()
    return (
        wanted.queue in (None, line.queue)
        and (not wanted.status or line.status in wanted.status)
        and (wanted.owner is None or (owner or "none") == wanted.owner)
        and (wanted.customer is None or wanted.customer in customer)
        and wanted.priority in (None, line.priority)
        and wanted.sla in (None, line.sla_state)
        and (all(word in title for word in words) or line.number.lower().startswith(f"{wanted.q}-"))
    )


@pytest.mark.parametrize("name", list(FILTERS))
async def test_a_filter_leaves_what_it_says(desk: Filled, name: str) -> None:
    wanted = drawn(name, desk)
    everything = await desk.listed("none", "number")
    assert len(everything) == CASES
    expected = {line.number for line in everything if passes(line, wanted)}
    for sort in ORDERS:
        shown = [line.number for line in await desk.listed(name, sort)]
        assert len(shown) == len(set(shown))
        assert set(shown) == expected, sort


def in_order(lines: Sequence[CaseLine], sort: str) -> bool:
    ranks = {"high": 0, "normal": 1, "low": 2}

    def key(line: CaseLine) -> tuple[Any, ...]:
        match sort:
            case "next_due":
                return (line.next_due is None, line.next_due or 0, line.id)
            case "created" | "-created":
                return (line.created_on, line.id)
            case "modified":
                return (line.modified_on, line.id)
            case "number":
                return (line.number,)
            case _:
                return (ranks[line.priority], line.id)

    keys = [key(line) for line in lines]
    return keys == sorted(keys, reverse=sort in ("-created", "modified"))


@pytest.mark.parametrize("sort", list(ORDERS))
@pytest.mark.parametrize("name", ["none", "two statuses", "queue", "agent", "large account", "common word"])
async def test_a_list_is_in_order(desk: Filled, name: str, sort: str) -> None:
    assert in_order(await desk.listed(name, sort), sort)


async def test_priorities_follow_the_organisation_at_once(desk: Filled) -> None:
    async def put(words: tuple[str, ...]) -> None:
        async with desk.database.write() as session:
            await session.execute(text("DELETE FROM definition WHERE kind = 'organisation'"))
            body = OrganisationSettings(priorities=words).model_dump(mode="json")
            session.add(
                DefinitionRecord(
                    id=new_id(), kind="organisation", slug="organisation", version=1, status="active", body=body
                )
            )

    async def order() -> list[str]:
        lines = await desk.all(CaseFilter(status=(CaseStatus.OPENING,)), "priority")
        return list(dict.fromkeys(line.priority for line in lines))

    assert await order() == ["high", "normal", "low"]
    await put(("low", "urgent", "high"))
    assert await order() == ["low", "high", "normal"], "a word that is no longer listed comes last"
    await put(("high", "normal", "low"))
    assert await order() == ["high", "normal", "low"]


async def test_a_private_queue_is_kept_from_strangers_in_every_list(desk: Filled) -> None:
    async with desk.database.write() as session:
        private = Queue(id=new_id(), slug="private", name="Private", private=True, owner_id=desk.people.agents[1])
        session.add(private)
        await session.flush()
        everything = await desk.all(CaseFilter(), "number")
        moved = [line.id for line in everything if line.status == CaseStatus.OPENING]
        # One half is in the queue, the other was closed there. All others have been in another one.
        await session.execute(update(Case).where(Case.id.in_(moved[::2])).values(queue="private"))
        await session.execute(update(Case).where(Case.id.in_(moved[1::2])).values(queue=None))
        other = await session.scalar(select(Queue.id).where(Queue.slug == "queue-0"))
        items = [
            {
                "id": new_id(),
                "case_id": line.id,
                "queue_id": private.id if line.id in moved else other,
                "live": line.id in moved[::2],
                "entered_on": line.created_on,
            }
            for line in everything
        ]
        await session.execute(insert(QueueItem), items)
        await session.execute(text("ANALYZE"))
    stranger = Identity(new_id(), "stranger", "Stranger", frozenset({Role.AGENT}))
    manager = replace(stranger, roles=frozenset({Role.MANAGER}))
    for sort in ORDERS:
        for wanted in (CaseFilter(), CaseFilter(q="router"), CaseFilter(status=(CaseStatus.OPENING,))):
            every = await desk.all(wanted, sort, manager)
            assert {line.id for line in every} & set(moved)
            shown = await desk.all(wanted, sort, stranger)
            assert [line.id for line in shown] == [line.id for line in every if line.id not in moved]
    async with desk.database.read() as session:
        with plans_of(session, "service_case") as plans:
            await list_cases(session, Definitions(), stranger, CaseFilter(), limit=PAGE)
    assert all(plan.scanned == [] for plan in plans)
    # By the case, or on PostgreSQL by the hidden queues once for all.
    used = set(chain.from_iterable(plan.indexes for plan in plans))
    assert used & {"ix_queue_item_case", "ix_queue_item_queue"}
