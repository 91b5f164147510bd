"""The backstop: no column takes what it cannot hold, on either database, and the refusal names the column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from models.messages.storable import Unstorable
from models.records import Record
from models.records.base import Document, String, new_id
from models.records.cases import Case
from models.records.reference import Account, Entitlement
from storage.engines import Database

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


def case(**fields: Any) -> dict[str, Any]:
    given = {"id": new_id(), "number": "CAS-00001-AAAAAA", "title": "A", "origin": "phone", "status": "active"}
    return {**given, "status_reason": "in-progress", "created_on": AT, "modified_on": AT, "custom": {}, **fields}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "a" * 301),
        ("title", "a\x00b"),
        ("title", "\ud800"),
        ("description", "\ud800"),
        ("priority", "p" * 64),
        ("version", 2**31),
        ("created_on", datetime(9500, 1, 1, tzinfo=UTC)),
        ("custom", {"x": ["\ud800"]}),
        ("custom", {"x": float("inf")}),
        ("custom", {"x": 2**64}),
    ],
)
async def test_a_value_is_refused_by_its_column(database_url: str, field: str, value: Any) -> None:
    database = Database(database_url)
    given = case(**{field: value})

    async def by_record() -> None:
        async with database.write() as session:
            session.add(Case(**given))

    async def by_statement() -> None:
        async with database.write() as session:
            await session.execute(insert(Case), given)

    try:
        for write in (by_record, by_statement):
            with pytest.raises(Unstorable) as caught:
                await write()
            assert caught.value.field.startswith(f"service_case.{field}")
        async with database.read() as session:
            assert await session.scalar(select(Case.id)) is None
    finally:
        await database.close()


async def test_terms_and_days_have_their_bounds(database_url: str) -> None:
    database = Database(database_url)
    given = {
        "slug": "care",
        "name": "Care",
        "start": date(2031, 1, 1),
        "end": date(2031, 12, 31),
        "restricted": True,
        "allocation": "cases",
        "decrease_on": "creation",
        "total_terms": Decimal(1),
        "remaining_terms": Decimal(1),
        "status": "draft",
        "products": [],
        "contacts": [],
    }

    async def write(values: dict[str, Any]) -> None:
        async with database.write() as session:
            session.add(Entitlement(**values))

    try:
        for field, value in (
            ("total_terms", Decimal("1E+1000000")),
            ("total_terms", Decimal("0.00001")),
            ("remaining_terms", Decimal(10) ** 17),
            ("end", date.max),
        ):
            with pytest.raises(Unstorable) as caught:
                await write({**given, field: value})
            assert caught.value.field == f"entitlement.{field}"
    finally:
        await database.close()


async def test_what_is_only_looked_for_may_be_longer_than_anything_there_is(database_url: str) -> None:
    database = Database(database_url)
    try:
        async with database.read() as session:
            assert await session.scalar(select(Account).where(Account.slug == "a" * 500)) is None
            assert await session.scalar(select(Account).where(Account.slug.in_(["a" * 500]))) is None
            with pytest.raises(Unstorable):
                await session.scalar(select(Account).where(Account.slug == "a\x00"))
    finally:
        await database.close()


def test_every_column_of_text_or_json_is_checked_and_knows_its_name() -> None:
    columns = [column for table in Record.metadata.tables.values() for column in table.columns]
    assert len(columns) > 200
    for column in columns:
        if column.type.python_type in (str, dict, list):
            assert isinstance(column.type, String | Document), column
            assert column.type.column == str(column)


async def test_the_zone_of_the_databases_session_changes_no_instant_and_no_day(postgres_url: str) -> None:
    database = Database(postgres_url)
    due = datetime(2031, 3, 29, 23, 30, tzinfo=UTC)
    try:
        for place, zone in enumerate(("UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin")):
            account, id = new_id(), new_id()
            row = {
                "id": id, "slug": f"e{place}", "name": "E", "account_id": account, "start": date(2031, 3, 30),
                "end": date(2031, 10, 26), "restricted": True, "allocation": "cases", "decrease_on": "creation",
                "total_terms": Decimal(1), "remaining_terms": Decimal(1), "is_default": False, "status": "waiting",
                "products": [], "contacts": [], "version": 1, "due_on": due,
            }  # fmt: skip
            async with database.write() as session:
                await session.execute(text(f"SET TIME ZONE '{zone}'"))
                await session.execute(
                    insert(Account).values(id=account, slug=f"a{place}", name="A", version=1, active=True)
                )
                await session.execute(insert(Entitlement).values(**row))
            async with database.read() as session:
                await session.execute(text("SET TIME ZONE 'Asia/Kathmandu'"))
                found = (await session.scalars(select(Entitlement).where(Entitlement.id == id))).one()
                assert (found.due_on, found.start, found.end) == (due, date(2031, 3, 30), date(2031, 10, 26)), zone
                assert await session.scalar(
                    select(Entitlement.id).where(Entitlement.id == id, Entitlement.due_on <= due)
                )
    finally:
        await database.close()
