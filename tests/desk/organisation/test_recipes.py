"""Each recipe of docs/recipes.md is applied to a real database, beside the small desk that the page begins with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from desk.organisation import load, put_in_force
from desk.reference import definitions
from desk.reference.entitlements import ENTITLEMENTS
from models.messages.calendars import Calendar, Span
from models.records.reference import Agent
from policies.business_time import add_business
from policies.moments import Moment
from policies.routing import route
from storage.definitions import DefinitionKind
from storage.engines import Database
from storage.secrets import Keyring

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPES: dict[str, str] = dict(re.findall(r"^## ([^\n]+)\n.*?^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
FIRST, *OTHERS = RECIPES
NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
KEYRING = Keyring("k1", {"k1": b"k" * 32})


async def applied(database: Database, name: str) -> list[str]:
    """The small desk, then the recipe, then the recipe once more, which changes nothing."""
    changed: list[str] = []
    for recipe in dict.fromkeys((FIRST, name)):
        file = load(RECIPES[recipe], f"{recipe}.yaml")
        first, again = [
            await put_in_force(database, file, "ada", NOW, keyring=KEYRING, secret=lambda _source, name: name)
            for _ in range(2)
        ]
        assert again.changes == ()
        changed = [str(change) for change in first.changes]
    return changed


async def in_force(database: Database, kind: DefinitionKind, slug: str) -> Any:
    async with database.read() as session:
        return (await definitions.get(session, kind, slug)).body


@pytest.mark.parametrize("recipe", RECIPES)
async def test_it_can_be_applied(database: Database, recipe: str) -> None:
    assert await applied(database, recipe)


def test_every_section_has_its_recipe() -> None:
    assert list(RECIPES) == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert len(RECIPES) >= 15


async def test_a_night_goes_past_midnight_and_a_short_friday_ends_early(database: Database) -> None:
    await applied(database, "A night team")
    night: Calendar = await in_force(database, DefinitionKind.CALENDAR, "night")
    ten = datetime(2026, 11, 2, 22, tzinfo=UTC)  # 23:00 in Berlin
    assert add_business(night, ten, Span.parse("3 business hours")) - ten == timedelta(hours=3)

    await applied(database, "A short Friday, and holidays")
    office: Calendar = await in_force(database, DefinitionKind.CALENDAR, "office")
    friday = datetime(2026, 11, 6, 11, tzinfo=UTC)  # noon in Berlin, an hour before the end
    assert add_business(office, friday, Span.parse("2 business hours")) == datetime(2026, 11, 9, 9, tzinfo=UTC)
    christmas = datetime(
        2026, 12, 24, 10, tzinfo=UTC
    )  # Thursday, an hour before the end of half a day; Friday is a holiday
    assert add_business(office, christmas, Span.parse("2 business hours")) == datetime(2026, 12, 28, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recipe", "slug", "tier", "queue"),
    [
        ("Gold customers first", "by-tier", "gold", "gold"),
        ("Gold customers first", "by-tier", None, "support"),
        ("A branch office", "by-office", "tokyo", "tokyo"),
        ("A branch office", "by-office", "gold", "support"),
    ],
)
async def test_it_routes(database: Database, recipe: str, slug: str, tier: str | None, queue: str) -> None:
    await applied(database, recipe)
    rules = await in_force(database, DefinitionKind.ROUTING_RULE_SET, slug)
    assert route(rules, {"account.tier": tier}).queue == queue


@pytest.mark.parametrize(
    ("contact", "account", "queue"),
    [("de", None, "german"), (None, "de", "german"), ("en", "de", "support"), (None, None, "support")],
)
async def test_it_routes_by_language(database: Database, contact: str | None, account: str | None, queue: str) -> None:
    await applied(database, "German mails to German speakers")
    rules = await in_force(database, DefinitionKind.ROUTING_RULE_SET, "by-language")
    assert route(rules, {"contact.language": contact, "account.language": account}).queue == queue


@pytest.mark.parametrize(
    ("hour", "facts", "queue"),
    [
        (23, {"account.tier": "gold"}, "gold"),
        (23, {"case.queue": "billing"}, "billing"),
        (23, {}, "night"),
        (3, {}, "night"),
        (12, {}, "support"),
    ],
)
async def test_it_routes_by_the_hour(database: Database, hour: int, facts: dict[str, Any], queue: str) -> None:
    await applied(database, "At night to the night team")
    rules = await in_force(database, DefinitionKind.ROUTING_RULE_SET, "by-hour")
    night = await in_force(database, DefinitionKind.CALENDAR, "night")
    now = datetime(2026, 11, 2, hour, tzinfo=ZoneInfo("Europe/Berlin"))
    assert route(rules, facts, Moment(now, "Europe/Berlin", {"night": night})).queue == queue


async def test_terms_are_those_of_the_channels(database: Database) -> None:
    await applied(database, "Terms of each channel")
    async with database.read() as session:
        shown = (await ENTITLEMENTS.get(session, "aurora-care")).shown
    assert (shown["status"], shown["remaining_terms"], [each["total_terms"] for each in shown["channels"]]) == (
        "active",
        15,
        [10, 5],
    )


async def test_whoever_leaves_is_out_of_use(database: Database) -> None:
    assert "agent sam: deactivated" in await applied(database, "Somebody leaves")
    async with database.read() as session:
        active = {agent.slug: agent.active for agent in await session.scalars(select(Agent))}
    assert active["sam"] is False
    assert active["grace"] is True
