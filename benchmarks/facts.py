"""The facts of very many cases at once, made by PostgreSQL from the house's own statements (`storage.figures.facts`).

The house counts some hundred cases in a transaction, and a million in a quarter of an hour. What it does beside the statements,
in Python, is little for the cases of `benchmarks.life`: their figures go by no calendar, and none was reopened. `check` compares
with what the house counts of some of them, fact by fact.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, select, true
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.visitors import replacement_traverse

from benchmarks.bulk import bare, key
from benchmarks.filling import CASE
from models.records.base import table_of
from models.records.figures import FigureFact
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures.counting import basis, read_facts
from storage.figures.facts import FIRST_CONTACT, FURTHER_CONTACT, OF_CASES, STATEMENTS, FactKind

COMPARED = 300
"""Cases of which every fact is compared."""
OF_CASE = ("account_id", "priority", "product", "stage")
OWN_ELSE_CASE = ("queue", "agent_id", "channel")
SECOND_CONTACT = (
    "SELECT case_id, (array_agg(at ORDER BY at))[2] AS second FROM figure_fact"
    f" WHERE kind = '{FactKind.CONTACT.value}' GROUP BY case_id"
)
"""Contacts are counted before resolutions."""
OWN = ("detail", "outcome", "amount")


async def make(database: Database, definitions: Definitions, begin: int, count: int) -> int:
    """The facts of the cases from number `begin` until before `count`, which have none; how many there are. Raises
    `AssertionError` if they are others than the house would have counted."""
    async with database.write() as session, bare(session, "figure_fact"):
        connection = await session.connection()
        of_all = f"CREATE TEMPORARY TABLE of_case ON COMMIT DROP AS {_sql(OF_CASES)}"
        await connection.exec_driver_sql(of_all)
        await connection.exec_driver_sql(f"DELETE FROM of_case WHERE id < '{key(CASE, begin)}'")
        await connection.exec_driver_sql("ANALYZE of_case")
        made = 0
        zone = (await basis(session, definitions)).organisation.time_zone
        for kind, statement in STATEMENTS.items():
            made += (await connection.exec_driver_sql(_insert(kind, statement, zone))).rowcount
        days = "INSERT INTO figure_due (day) SELECT DISTINCT day FROM figure_fact ON CONFLICT DO NOTHING"
        await connection.exec_driver_sql(days)
    async with database.read() as session:
        await check(session, definitions, begin, count)
    return made


async def check(session: AsyncSession, definitions: Definitions, begin: int, count: int) -> None:
    places = range(begin, count, max((count - begin) // COMPARED, 1))
    ids = [key(CASE, place) for place in places]
    counted = await read_facts(session, await basis(session, definitions), ids)
    facts = table_of(FigureFact)
    names = [column.name for column in facts.c if column.name != "id"]
    wanted = select(*(facts.c[name] for name in names)).where(facts.c.case_id.in_(ids))
    kept = (await session.execute(wanted)).all()
    differing = Counter(tuple(fact[name] for name in names) for fact in counted)
    differing.subtract(Counter(tuple(row) for row in kept))
    wrong = [(times, fact) for fact, times in differing.items() if times]
    assert counted
    assert not wrong, wrong[:4]


def _insert(kind: FactKind, statement: Any, zone: str) -> str:
    told = _of_all(statement).subquery()
    has = set(told.c.keys())
    timed = {"began", "ended"} <= has
    took = "greatest(floor(extract(epoch FROM f.ended - f.began)), 0)"
    seconds = f"CASE WHEN f.began IS NOT NULL AND f.ended IS NOT NULL THEN {took} END" if timed else "NULL"
    values = {
        "case_id": "f.case_id",
        "kind": f"'{kind.value}'",
        "at": "f.at",
        "day": f"CAST(f.at AT TIME ZONE '{zone}' AS DATE)",
        **{name: f"c.{name}" for name in OF_CASE},
        **{name: f"coalesce(f.{name}, c.{name})" if name in has else f"c.{name}" for name in OWN_ELSE_CASE},
        **{name: f"f.{name}" if name in has else "NULL" for name in OWN},
        "seconds": seconds,
        "business_seconds": seconds,
    }
    if kind is FactKind.RESOLVED:
        values["outcome"] = f"CASE WHEN k.second <= f.at THEN '{FURTHER_CONTACT}' ELSE '{FIRST_CONTACT}' END"
    columns, told_values = ", ".join(values), ", ".join(values.values())
    rows = f"({_sql(statement)}) f JOIN of_case c ON c.id = f.case_id"
    if kind is FactKind.RESOLVED:
        rows += f" LEFT JOIN ({SECOND_CONTACT}) k ON k.case_id = f.case_id"
    return f"INSERT INTO figure_fact ({columns}) SELECT {told_values} FROM {rows}"


def _of_all(statement: Any) -> Any:
    """The statement without its list of cases."""

    def replaced(element: Any, **_: Any) -> Any:
        listed = isinstance(element, BinaryExpression) and isinstance(element.right, BindParameter)
        return true() if listed and element.right.key == "cases" else None

    return replacement_traverse(statement, {}, replaced)


def _sql(statement: Any) -> str:
    dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives its makers no types
    return str(_of_all(statement).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
