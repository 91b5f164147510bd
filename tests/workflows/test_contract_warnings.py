"""Warnings of contracts: by the contract's own timer when time runs low, by its run when terms do, each once (domain 3.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cases.contract_times import ContractTimes
from cases.sweeps import ContractSweep
from desk.errors import Conflict
from desk.organisation import OrganisationErrors
from desk.reference import definitions
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit
from engine.contracts import ContractTeller
from models.messages.api_cases import CancelBody
from models.messages.cases import CommandKind
from models.messages.entitlements import KeepInput
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Entitlement, Mailbox, WarnedRecord
from storage.definitions import DefinitionKind
from tests.support.contracts import Contracts
from tests.support.desks import Desk
from tests.support.organisations import add
from tests.support.waiting import until
from tests.workflows.test_entitlement import day

LOW = {
    "slug": "runs-low",
    "name": "Runs low",
    "texts": {
        "en": {
            "subject": "{{ contract.name }} has {{ contract.remaining }} of {{ contract.total }}",
            "body": "{{ owner.name }}{{ contract.channel }}",
        }
    },
}


MANAGERS = ("ada@desk.example", "mona@desk.example")


@pytest.fixture
async def contracts(desk: Desk) -> AsyncIterator[Contracts]:
    made = Contracts(desk, datetime.now(UTC))
    async with desk.house.database.write() as session:  # no other contract is to be told of
        await session.execute(update(Entitlement).values(status="cancelled"))
    yield made
    await made.replay()


async def letters(desk: Desk) -> list[tuple[str, str]]:
    """Address and subject of every warning, the oldest first."""
    async with desk.house.database.read() as session:
        rows = await session.execute(
            select(EmailMessage.recipients, EmailMessage.subject)
            .join(Outbox, Outbox.message_id == EmailMessage.id)
            .where(Outbox.key.startswith("notice/contract/"))
            .order_by(EmailMessage.id)
        )
        return [(to["to"][0], subject) for to, subject in rows]


async def noted(desk: Desk, slug: str) -> dict[str, tuple[int, str | None]]:
    async with desk.house.database.read() as session:
        rows = await session.scalars(
            select(WarnedRecord)
            .join(Entitlement, Entitlement.id == WarnedRecord.entitlement_id)
            .where(Entitlement.slug == slug)
            .order_by(WarnedRecord.id)
        )
        return {row.key: (row.told, row.unsent) for row in rows}


async def test_before_its_end_by_its_timer_each_once(contracts: Contracts) -> None:
    desk = contracts.desk
    warnings = [{"days_left": 10, "to": "manager"}, {"days_left": 30}, {"days_left": 100, "to": "x@y.example"}]
    id = await contracts.make("soon", day(-10), day(40), owner="grace", warnings=warnings)
    due = (await contracts.stands("soon", "active")).due_on
    assert due is not None
    await contracts.forward_to(id, due - timedelta(minutes=5))
    assert await letters(desk) == [], "not before its instant"
    await contracts.forward_to(id, due)
    await until(lambda: _is_told(desk, 1))
    await contracts.settled(id)
    assert await letters(desk) == [("grace@desk.example", "soon: 30 days left")]
    second = (await contracts.row("soon")).due_on
    assert second is not None
    assert (second - due).days in (19, 20), "the next one, and not the end"
    await contracts.forward_to(id, second)
    await until(lambda: _is_told(desk, 3))
    await contracts.settled(id)
    end = (await contracts.row("soon")).due_on
    assert end is not None
    assert (end - second).days in (9, 10)
    # Run again at the same instant, as after a kill between its commit and its answer: nothing is said twice.
    times = ContractTimes(desk.house.database, desk.house.definitions, desk.house.letters)
    for _ in range(2):
        standing = await times.keep(KeepInput(entitlement_id=id, now=second + timedelta(seconds=1)))
        assert standing is not None
        assert (standing.due, standing.warns) == (end, False)
    assert [to for to, _ in await letters(desk)] == ["grace@desk.example", *MANAGERS]
    await contracts.forward_to(id, end)
    await contracts.stands("soon", "expired", timed=False)
    await contracts.is_over(id)
    assert len(await noted(desk, "soon")) == 2, "no longer than 100 days in all, it is not warned of those"


async def _is_told(desk: Desk, count: int) -> bool:
    return len(await letters(desk)) >= count


async def test_when_terms_run_low_once_for_each_threshold(contracts: Contracts) -> None:
    desk = contracts.desk
    await add(desk, {"templates": [LOW]})
    fields: dict[str, Any] = {
        "total_terms": 4,
        "decrease_on": "creation",
        "restricted": False,
        "channels": [{"origin": "phone", "total_terms": 2}],
        "warnings": [
            {"remaining_terms": 2, "to": "sales@desk.example", "template": "runs-low"},
            {"remaining_percent": 25},
            {"remaining_terms": 0, "origin": "phone", "to": "team:nobody-yet"},
        ],
    }
    await add(desk, {"teams": [{"slug": "nobody-yet", "name": "Nobody yet"}]})
    id = await contracts.make("few", day(-10), day(300), **fields)
    await contracts.stands("few", "active")
    assert await noted(desk, "few") == {}

    async def looked_at() -> None:
        # One that remembers when it told last would wait for a few seconds.
        await ContractSweep(desk.house.database, ContractTeller(desk.house.client)).sweep()
        await contracts.stands("few", "active")

    numbers = [await desk.open(entitlement_id=id) for _ in range(2)]
    assert (await contracts.row("few")).due_on is None, "a threshold was crossed, and nobody has looked since"
    await looked_at()
    assert await letters(desk) == [("sales@desk.example", "few has 2 of 4")]
    assert (await noted(desk, "few"))["terms/0/of/2/phone/to/team:nobody-yet"] == (0, "nobody to tell")
    # Given back and taken again: the threshold is crossed anew, and was told of.
    await desk.send("grace", numbers[0], CommandKind.CANCEL, CancelBody())
    await desk.open(entitlement_id=id)
    await looked_at()
    assert len(await letters(desk)) == 1
    await desk.open(entitlement_id=id)
    await looked_at()
    assert [to for to, _ in await letters(desk)] == ["sales@desk.example", *MANAGERS], "it has no owner"
    assert (await letters(desk))[-1][1] == "few: 1 of 4 terms left"

    # Who agrees on more terms is warned of those anew.
    await contracts.deactivate("few")
    await contracts.change(lambda edit: ENTITLEMENTS.change(edit, "few", {"total_terms": 8}, "*"))
    await contracts.activate("few")
    await contracts.stands("few", "active")
    assert len(await letters(desk)) == 3
    for _ in range(3):
        await desk.open(entitlement_id=id)
    await looked_at()
    assert [subject for _, subject in await letters(desk)][3:] == ["few has 2 of 8", *["few: 2 of 8 terms left"] * 2]

    # Named by a contract in force, the template stays; a letter that cannot leave is noted, and stops nothing.
    async with desk.house.database.write() as session:
        with pytest.raises(Conflict, match=r"the entitlement 'few' at warnings\[0\]\.template"):
            await definitions.deactivate(Edit(session, "mona", contracts.now), DefinitionKind.TEMPLATE, "runs-low")
        await session.execute(update(Mailbox).values(active=False))
    of_cases = {**LOW, "texts": {"en": {"subject": "{{ case.number }}", "body": "B"}}}
    with pytest.raises(OrganisationErrors, match=r"'case' is not known to a warning of a contract, as which .* 'few'"):
        await add(desk, {"templates": [of_cases]})
    late = await contracts.make("late", day(-20), day(5), warnings=[{"days_left": 20}])
    await contracts.stands("late", "active")
    ((told, why),) = (await noted(desk, "late")).values()
    assert (told, why) == (0, "no mailbox is active: nothing can be sent")
    assert (await contracts.row("late")).id == late
