"""A contract passes its first day and the end of its last by a durable timer (domain 3.2, checklist 17).

Berlin's midnights are at 22:00 or 23:00 UTC. Each run's clock is moved by itself; time stands still otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bootstrap import make_workers, sandbox
from cases.sweeps import ContractSweep
from desk.errors import Conflict
from desk.organisation import apply, load
from desk.reference.entitlements import ENTITLEMENTS
from engine.contracts import ContractTeller
from models.messages.names import CASES_QUEUE, ENTITLEMENT_CHANGED
from models.records.reference import Entitlement
from tests.support.contracts import Contracts
from tests.support.desks import COLD, Desk, DeskFactory
from tests.support.waiting import until
from workflows.run_length import MOST_EVENTS

DAY = timedelta(days=1)


def today() -> datetime:
    """Noon of this day where the organisation is, whose days contracts count by: the runs' clocks begin at the server's time."""
    return datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=12, minute=0, second=0, microsecond=0)


def day(offset: int) -> str:
    return (today() + offset * DAY).date().isoformat()


@pytest.fixture
async def contracts(desk: Desk) -> AsyncIterator[Contracts]:
    made = Contracts(desk, datetime.now(UTC))
    yield made
    await made.replay()


async def test_it_waits_is_active_and_expires(contracts: Contracts) -> None:
    id = await contracts.make("year", day(10), day(20))
    waiting = await contracts.stands("year", "waiting")
    assert waiting.due_on is not None
    assert waiting.due_on.hour in (22, 23), "midnight in Berlin"
    assert await contracts.forward_to(id, waiting.due_on - timedelta(minutes=5))
    assert (await contracts.row("year")).status == "waiting", "not before its instant"
    await contracts.forward_to(id, waiting.due_on)
    active = await contracts.stands("year", "active")
    assert active.due_on is not None
    assert (active.due_on - waiting.due_on).days in (10, 11), "its last day is in force, too"
    await contracts.forward_to(id, active.due_on)
    await contracts.stands("year", "expired", timed=False)
    await contracts.is_over(id)
    assert await contracts.audited("year") == [
        ("mona", "create"),
        ("mona", "activate"),
        ("timer", "active"),
        ("timer", "expired"),
    ]


async def test_it_is_renewed_and_the_new_one_keeps_its_own_time(contracts: Contracts) -> None:
    old = await contracts.make("care-1", day(-30), day(3))
    due = (await contracts.stands("care-1", "active")).due_on
    assert due is not None
    await contracts.forward_to(old, due)
    await contracts.stands("care-1", "expired", timed=False)
    contracts.now = due + timedelta(hours=1)
    renewed = await contracts.change(lambda edit: ENTITLEMENTS.renew(edit, "care-1"))
    assert renewed.body.slug == "care-2"
    # The new run has a clock of its own, which has not come so far yet.
    await contracts.activate("care-2")
    ahead = await contracts.stands("care-2", "waiting")
    assert ahead.due_on == due
    await contracts.forward_to(renewed.id, due)
    row = await contracts.stands("care-2", "active")
    assert row.due_on is not None
    assert (row.due_on - due).days in (33, 34), "as long as the old one"
    assert (await contracts.row("care-1")).status == "expired"


async def test_dates_changed_while_it_waits(contracts: Contracts) -> None:
    id = await contracts.make("moved", day(10), day(20))
    first = (await contracts.stands("moved", "waiting")).due_on
    await contracts.deactivate("moved")
    await contracts.is_over(id)
    dates = {"start": day(2), "end": day(4)}
    await contracts.change(lambda edit: ENTITLEMENTS.change(edit, "moved", dates, "*"))
    await contracts.activate("moved")
    second = (await contracts.stands("moved", "waiting")).due_on
    assert first is not None
    assert second is not None
    assert (first - second).days in (7, 8)
    await contracts.forward_to(id, second)
    await contracts.stands("moved", "active")


async def test_dates_changed_at_once_reach_a_run_that_waits(contracts: Contracts) -> None:
    """As an organisation file changes a contract in force: the run is told, and sets its timer anew."""
    id = await contracts.make("file", day(10), day(20))
    first = await contracts.stands("file", "waiting")
    lines = {"slug": "file", "name": "file", "account": "aurora", "total_terms": 5, "start": day(5), "end": day(6)}
    desk = contracts.desk
    file = load(f"entitlements: [{lines}]".replace("'", '"'), "file")
    await apply(desk.house.database, file, "test", datetime.now(UTC), keyring=desk.house.keyring, overwrite=True)
    assert (await contracts.row("file")).due_on is None, "nobody has looked at it since"
    sweep = ContractSweep(desk.house.database, ContractTeller(desk.house.client))
    await sweep.sweep()

    async def moved() -> bool:
        due = (await contracts.row("file")).due_on
        return due is not None and first.due_on is not None and due < first.due_on - 4 * DAY

    await until(moved)
    second = await contracts.row("file")
    assert second.due_on is not None
    await contracts.forward_to(id, second.due_on)
    await contracts.stands("file", "active")


async def test_deactivated_or_cancelled_while_it_waits_it_is_left_alone(contracts: Contracts) -> None:
    idle = await contracts.make("idle", day(10), day(20))
    gone = await contracts.make("gone", day(10), day(20))
    await contracts.stands("idle", "waiting")
    await contracts.stands("gone", "waiting")
    await contracts.deactivate("idle")
    await contracts.change(lambda edit: ENTITLEMENTS.cancel(edit, "gone"), tell=True)
    await contracts.is_over(idle)
    await contracts.is_over(gone)
    assert [(await contracts.row(slug)).status for slug in ("idle", "gone")] == ["draft", "cancelled"]


async def test_many_at_one_instant_and_a_default_that_gives_way(contracts: Contracts, cached: int) -> None:
    with pytest.raises(Conflict, match="'care' is the default of the same customer from"):
        await contracts.make("too-soon", day(10), day(20), default=True)
    async with contracts.desk.house.database.write() as session:
        await session.execute(
            update(Entitlement).where(Entitlement.slug == "care").values(end=date.fromisoformat(day(9)))
        )

    async def stands_before_the_next(slug: str, status: str) -> None:
        # Of two runs at work at once, a cache of none cancels one, which waits ten seconds; some do so for a minute.
        if cached == COLD:
            await contracts.stands(slug, status)

    ids = {}
    for number in range(12):
        slug = f"many-{number}"
        ids[slug] = await contracts.make(slug, day(10), day(20), default=number == 7)
        await stands_before_the_next(slug, "waiting")
    due = {(await contracts.stands(slug, "waiting")).due_on for slug in ids}
    assert len(due) == 1
    (instant,) = due
    assert instant is not None
    assert (await contracts.row("care")).is_default
    for slug, id in ids.items():
        await contracts.forward_to(id, instant)
        await stands_before_the_next(slug, "active")
    for slug in ids:
        await contracts.stands(slug, "active")
    assert (await contracts.row("many-7")).is_default
    assert not (await contracts.row("care")).is_default, "a customer has one default contract"
    assert ("timer", "set-default") in await contracts.audited("care")
    with pytest.raises(Conflict, match="'many-7' is the default"):
        await contracts.make("overlaps", day(20), day(30), default=True)
    await contracts.make("follows", day(21), day(30), default=True)
    await contracts.change(lambda edit: ENTITLEMENTS.set_default(edit, "many-7"))
    assert (await contracts.row("follows")).is_default, "its days are its own"


async def test_a_machine_that_was_dead_over_the_instant(open_desk: DeskFactory, cached: int) -> None:
    async with open_desk(work=False, cached=cached) as desk:
        contracts = Contracts(desk, datetime.now(UTC) - 3 * DAY)
        id = await contracts.make("late", day(-2), day(-1), active=False)
        item = await contracts.change(lambda edit: ENTITLEMENTS.activate(edit, "late"))
        assert item.facts["status"] == "waiting"
        # The desk died before it could tell the run; nobody worked for days. Whoever wakes up first finds it.
        sweep = ContractSweep(desk.house.database, ContractTeller(desk.house.client))
        async with desk.house.database.write() as session:
            await session.execute(update(Entitlement).where(Entitlement.slug != "late").values(status="cancelled"))
        assert await sweep.sweep() == 1
        (worker,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
        async with worker:
            await contracts.stands("late", "expired", timed=False)
            await contracts.is_over(id)
            assert await sweep.sweep() == 0, "there is nothing left to tell"
        await contracts.replay()


async def test_one_that_is_told_of_changes_all_the_time_goes_on_in_a_new_run(contracts: Contracts) -> None:
    id = await contracts.make("busy", day(-1), day(20))
    due = (await contracts.stands("busy", "active")).due_on
    assert due is not None
    handle = contracts.handle(id)
    first = (await handle.describe()).run_id

    async def gone_on() -> bool:
        await handle.signal(ENTITLEMENT_CHANGED)
        return (await handle.describe()).run_id != first

    await until(gone_on)
    ended = contracts.desk.house.client.get_workflow_handle(handle.id, run_id=first)
    assert MOST_EVENTS <= len((await ended.fetch_history()).events) < 1000
    await contracts.forward_to(id, due)
    await contracts.stands("busy", "expired", timed=False)


async def test_another_zone_of_the_organisation_moves_the_instant(contracts: Contracts) -> None:
    await contracts.make("zone", day(10), day(20))
    berlin = (await contracts.stands("zone", "waiting")).due_on
    desk = contracts.desk
    file = load("organisation: {name: Test Desk, time_zone: Pacific/Kiritimati, default_process: three-stages}", "zone")
    await apply(desk.house.database, file, "test", datetime.now(UTC), keyring=desk.house.keyring)
    await ContractSweep(desk.house.database, ContractTeller(desk.house.client)).sweep()

    async def moved() -> bool:
        due = (await contracts.row("zone")).due_on
        return due is not None and due != berlin

    await until(moved)
    due = (await contracts.row("zone")).due_on
    assert berlin is not None
    assert due is not None
    assert timedelta(hours=11) < berlin - due < timedelta(hours=14)
