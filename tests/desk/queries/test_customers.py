"""Cases are found by the names and addresses of their customers, in any case and Unicode form, on both databases."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from desk.identity import Identity
from desk.queries import walks
from desk.queries.cases import CaseFilter, list_cases
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.reference import Account, Contact
from storage.definitions import Definitions
from storage.engines import Database

AT = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
MANAGER = Identity(new_id(), "mona", "Mona", frozenset({Role.MANAGER}))
CUSTOMERS = (
    ("MÜLLER & Söhne", "Jürgen ÅSTRÖM", "juergen.astroem@mueller.example"),
    (unicodedata.normalize("NFD", "Café Élysée"), "Zoë", "zoe+orders@elysee.example"),
    ("ΑΘΗΝΑ ΑΕ", "Οδυσσεύς", "info@athena.example"),
    ("ООО Ёлка", "ИВАН Петров", "ivan@elka.example"),
    ("株式会社返品", "田中", "tanaka@henpin.example"),
    ("100% _Plain_ 'Ltd'", 'O"Neil', "o'neil@plain.example"),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as session:
        for place, (account, name, email) in enumerate(CUSTOMERS):
            ids = new_id(), new_id()
            session.add(Account(id=ids[0], slug=f"a-{place}", name=account))
            await session.flush()
            session.add(Contact(id=ids[1], slug=f"c-{place}", name=name, email=email, account_id=ids[0]))
            await session.flush()
            session.add(case(place, account_id=ids[0], contact_id=ids[1]))
            session.add(case(place + 20, account_id=None, contact_id=ids[1]))
        session.add(case(50, title="Müller's printer", account_id=None, contact_id=None))
    yield made
    await made.close()


def case(place: int, *, account_id: UUID | None, contact_id: UUID | None, title: str = "It does not pair") -> Case:
    return Case(
        id=new_id(),
        number=f"CAS-{place:05}-AAAAAA",
        title=title,
        account_id=account_id,
        contact_id=contact_id,
        origin="email",
        status="active",
        status_reason="in-progress",
        created_on=AT,
        modified_on=AT,
    )


async def found(database: Database, q: str, **wanted: str) -> list[int]:
    async with database.read() as session:
        page = await list_cases(session, Definitions(), MANAGER, CaseFilter(q=q, **wanted), sort="number")  # type: ignore[arg-type]
    return [int(line.number.split("-")[1]) for line in page.items]


BOTH_WAYS: list[tuple[str, list[int]]] = [
    ("müller söhne", [0]),
    ("MULLER sohne", [0]),
    ("muller", [0, 20, 50]),
    (unicodedata.normalize("NFD", "Müller"), [0, 20, 50]),
    ("åström jürgen", [0, 20]),
    ("juergen.astroem@mueller.example", [0, 20]),
    ("JUERGEN.ASTROEM@MUELLER.EXAMPLE", [0, 20]),
    ("astroem@", [0, 20]),
    ("café", [1]),
    ("elysee", [1, 21]),
    ("zoe+orders", [1, 21]),
    ("αθηνα", [2]),
    ("οδυσσευσ", [2, 22]),
    ("елка", [3]),
    ("ЁЛКА", [3]),
    ("петров иван", [3, 23]),
    ("返品", [4]),
    ("田中", [4, 24]),
    ("100% _plain_", [5]),
    ("o'neil", [5, 25]),
    ('o"neil', [5, 25]),
    ("ltd ivan", []),
    ("pair müller", []),
    ("nobody@nowhere.example", []),
]


@pytest.mark.parametrize("few", [walks.FEW_FOUND, 0], ids=["from the index", "case by case"])
async def test_whatever_way_a_customer_is_typed(database: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(walks, "FEW_FOUND", few)
    for q, numbers in BOTH_WAYS:
        assert await found(database, q) == numbers, q
    assert await found(database, "muller", customer="a-0") == [0]
    assert await found(database, "muller", owner="none") == [0, 20, 50]
    assert await found(database, "CAS-00021") == [21]


async def test_the_index_follows_the_customers(database: Database) -> None:
    async with database.write() as session:
        (await session.scalars(select(Account).where(Account.slug == "a-0"))).one().name = "Nordlicht"
        (await session.scalars(select(Contact).where(Contact.slug == "c-1"))).one().email = "new@address.example"
        await session.execute(update(Case).where(Case.number.like("CAS-00002%")).values(account_id=None))
    assert await found(database, "söhne") == []
    assert await found(database, "NORDLICHT") == [0]
    assert await found(database, "orders") == []
    assert await found(database, "new@address") == [1, 21]
    assert await found(database, "αθηνα") == []
