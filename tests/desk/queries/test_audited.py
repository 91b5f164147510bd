"""The kinds of which the audit has entries: others are neither written nor looked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import record
from desk.errors import Invalid
from desk.queries.audited import audited


async def test_a_kind_that_there_is_not_is_neither_written_nor_looked_for() -> None:
    async with AsyncSession() as session:
        with pytest.raises(TypeError, match="nonsense"):
            record(session, datetime.now(UTC), "mona", "nonsense", "x", "create", {})
        with pytest.raises(Invalid, match="'nonsense' is none of: "):
            await audited(session, "nonsense")
