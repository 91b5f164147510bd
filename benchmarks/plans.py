"""How a database goes about what it is asked: each statement's plan, taken beside the statement itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession

LARGE = ("service_case", "search_entry")
"""Tables with a row for every case. Others may be so small that reading them whole is the best plan."""
_BY_INDEX = re.compile(r"INDEX (\w+)")


@dataclass
class Plan:
    """Of one statement: the indexes that it goes by, which of the large tables it reads whole, and what it sorts."""

    statement: str
    indexes: list[str] = field(default_factory=list)
    scanned: list[str] = field(default_factory=list)
    sorts: list[str] = field(default_factory=list)
    """What is sorted: the tables below the sort, `arms` for the joined arms of a list, each of which is limited."""


@contextmanager
def plans_of(session: AsyncSession, table: str) -> Iterator[list[Plan]]:
    """The plans of all statements within the block that name `table`, sent by whoever uses the session's engine."""
    engine = session.get_bind()
    found: list[Plan] = []
    explaining = False

    def explain(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        nonlocal explaining
        if explaining or not re.search(rf"\b{table}\b", statement) or not statement.startswith(("SELECT", "WITH")):
            return
        explaining = True
        try:
            found.append(_explained(connection, statement, parameters))
        finally:
            explaining = False

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def _explained(connection: Connection, statement: str, parameters: Any) -> Plan:
    plan = Plan(statement)
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        _of_sqlite(plan, [(row[0], row[1], row[3]) for row in rows])
    else:
        (told,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalars()
        _of_postgresql(plan, (told if isinstance(told, list) else json.loads(told))[0]["Plan"])
    return plan


def _of_sqlite(plan: Plan, rows: list[tuple[int, int, str]]) -> None:
    for _, parent, told in rows:
        words = told.split()
        if (by := _BY_INDEX.search(told)) is not None:
            plan.indexes.append(by[1])
        elif words[0] == "SCAN" and words[1] in LARGE:
            plan.scanned.append(words[1])
        if "TEMP B-TREE" in told:
            below = [
                each.split()[1] for _, other, each in rows if other == parent and each.startswith(("SCAN", "SEARCH"))
            ]
            plan.sorts += [table if table in LARGE else "arms" for table in below]


def _of_postgresql(plan: Plan, node: dict[str, Any]) -> None:
    if "Index Name" in node:
        plan.indexes.append(node["Index Name"])
    elif node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
        plan.scanned.append(node["Relation Name"])
    if node["Node Type"] in ("Sort", "Incremental Sort"):
        plan.sorts += _sorted(node)
    for below in node.get("Plans", ()):
        _of_postgresql(plan, below)


def _sorted(node: dict[str, Any]) -> list[str]:
    if node["Node Type"] in ("Append", "Merge Append"):
        return ["arms"]
    if "Relation Name" in node:
        return [node["Relation Name"]]
    return [name for below in node.get("Plans", ()) for name in _sorted(below)]
