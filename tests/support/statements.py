"""What SQLAlchemy makes of a statement is kept for all databases of a run.

Each test has a database of its own, and thus an engine, which would compile every statement anew: an eighth of the processor
time of a test that opens a desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.util import LRUCache

MOST = 5000
"""Statements; the whole of the tests has about half as many."""

COMPILED: LRUCache[Any, Any] = LRUCache(MOST)


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """SQLAlchemy finds a compiled statement by its dialect, so the dialects of all engines of one kind count as the same."""
    with pytest.MonkeyPatch.context() as patch:
        for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
            patch.setattr(dialect, "__eq__", _alike)
            patch.setattr(dialect, "__hash__", _kind)
        # An engine sets its own, which is not taken.
        patch.setattr(Engine, "_compiled_cache", property(lambda _: COMPILED, lambda _, __: None), raising=False)
        yield


def _alike(one: Dialect, other: object) -> bool:
    return type(one) is type(other) and one.statement_compiler is other.statement_compiler


def _kind(dialect: Dialect) -> int:
    return hash((type(dialect), dialect.statement_compiler))
