"""A draft of a routing rule set on past routings: what was active then decides as it did, whatever has changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from desk.errors import Invalid, NotFound
from desk.reference import definitions
from desk.reference.kinds import ACCOUNTS
from desk.reference.records import Edit
from desk.trying import routing
from desk.trying.routing import try_routing
from models.messages.api_cases import ChangeBody
from models.messages.api_trying import RoutingTried
from models.messages.cases import CommandKind
from storage.definitions import DefinitionKind
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.hands import PRESENT, Hands

HOUR = timedelta(hours=1)
LATER = PRESENT + HOUR


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


async def tried(desk: Desk, version: int | None = None, **options: Any) -> RoutingTried:
    return await try_routing(desk.house.database, "by-tier", version, OPENED_ON - HOUR, OPENED_ON + HOUR, **options)


async def edited(desk: Desk, key: str, patch: dict[str, Any]) -> None:
    async with desk.house.database.write() as session:
        await ACCOUNTS.change(Edit(session, "mona", LATER), key, patch, "*")


async def draft(desk: Desk, *rules: dict[str, Any]) -> None:
    async with desk.house.database.write() as session:
        edit = Edit(session, "mona", LATER)
        await definitions.change(edit, DefinitionKind.ROUTING_RULE_SET, "by-tier", {"rules": list(rules)}, "*")


async def three_cases(desk: Desk) -> list[str]:
    """Opened with other fields than they have now; and of an account that was gold then."""
    numbers = []
    for priority in ("high", "normal", "high"):
        hands = await Hands.opened(desk, priority=priority, custom={"device": priority})
        change = {"priority": "low", "custom": {"device": "other"}, "title": "Now another"}
        await hands.do(CommandKind.CHANGE, ChangeBody.model_validate(change))
        numbers.append(hands.case.number)
    return numbers


HIGH = {"name": "High", "when": {"all": [{"field": "case.custom.device", "value": "high"}]}, "queue": "standard"}
REST = {"name": "Rest", "queue": "gold"}


async def test_what_was_active_decides_as_it_did_and_a_draft_says_what_would_differ(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await three_cases(desk)
    case = await desk.case(numbers[0])
    async with desk.house.database.read() as session:
        (account,) = [each for each in (await ACCOUNTS.list(session))[0] if each.id == case.account_id]
    await edited(desk, account.body.slug, {"tier": "lead"})
    monkeypatch.setattr(routing, "AT_ONCE", 2)

    same = await tried(desk, version=1)
    assert (same.decisions, same.differing, same.uncertain, same.complete) == (3, 0, 0, True)
    (target,) = same.targets
    assert (target.would, target.did) == (3, 3)

    await draft(desk, HIGH, REST)
    written = []
    engine = desk.house.database.writer.sync_engine

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if not text.startswith(("SELECT", "BEGIN", "SET LOCAL", "WITH")):
            written.append(text)

    event.listen(engine, "before_cursor_execute", statement)
    try:
        other = await tried(desk)
    finally:
        event.remove(engine, "before_cursor_execute", statement)
    assert written == []
    assert (other.slug, other.version, other.decisions) == ("by-tier", 2, 3)
    assert {rule.rule: rule.cases for rule in other.rules} == {"High": 2, "Rest": 1}
    went = target.queue
    would = {each.queue: (each.would, each.did) for each in other.targets}
    expected = {"standard": (2, 0), "gold": (1, 0)}
    expected[went or ""] = (expected[went or ""][0], 3)
    assert would == expected
    differing = {
        number for number, queue in zip(numbers, ("standard", "gold", "standard"), strict=True) if queue != went
    }
    assert {each.case for each in other.differences} == differing
    assert other.differing == len(differing)
    first = other.differences[0]
    assert (first.did.queue, first.would_by) == (went, "High" if first.would.queue == "standard" else "Rest")
    assert "case.custom.device eq 'high'" in first.why

    some = await tried(desk, most=2)
    assert (some.decisions, some.complete) == (2, False)


async def test_what_cannot_be_tried_is_said(desk: Desk) -> None:
    database = desk.house.database
    for until in (OPENED_ON, OPENED_ON + timedelta(days=401)):
        with pytest.raises(Invalid):
            await try_routing(database, "by-tier", None, OPENED_ON, until)
    with pytest.raises(NotFound):
        await try_routing(database, "unknown", None, OPENED_ON, OPENED_ON + HOUR)
    with pytest.raises(NotFound):
        await try_routing(database, "by-tier", 9, OPENED_ON, OPENED_ON + HOUR)
    nothing = await try_routing(database, "by-tier", None, OPENED_ON, OPENED_ON + HOUR)
    assert (nothing.decisions, nothing.targets, nothing.complete) == (0, (), True)
