"""The organisation of docs/assignment.md is applied to a real database: once, and not again; and exported as it was."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.errors import Conflict
from desk.organisation import apply, load
from desk.organisation.exporting import export
from desk.reference.definitions import deactivate
from desk.reference.records import Edit
from models.messages.assignment import AssignmentRule
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.secrets import Keyring

PAGE = (Path(__file__).parents[3] / "docs" / "assignment.md").read_text(encoding="utf-8")
BLOCK = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


async def applied(database: Database, text: str, folder: Path) -> int:
    keyring = Keyring.load(folder / "keys")
    return len(await apply(database, load(text, "docs/assignment.md"), "test", NOW, keyring=keyring))


async def test_the_page_can_be_copied(database_url: str, tmp_path: Path) -> None:
    (text,) = BLOCK
    database = Database(database_url)
    try:
        assert await applied(database, text, tmp_path) > 0
        assert await applied(database, text, tmp_path) == 0
        async with database.read() as session:
            found = await Definitions().one(session, DefinitionKind.ASSIGNMENT_RULE, "gold-by-turns", AssignmentRule)
            exported = await export(session)
        assert found is not None
        assert found.overflow is not None
        assert str(found.overflow.longest_wait) == "2 hours"
        assert exported.notes == ()
        assert await applied(database, exported.text, tmp_path) == 0, "what is exported says the same"
        async with database.write() as session:
            # Agents name the calendar by their working hours, the rules by their own.
            with pytest.raises(Conflict) as refused:
                await deactivate(Edit(session, "test", NOW), DefinitionKind.CALENDAR, "office")
        assert "the agent 'grace' at calendar" in refused.value.detail
        assert "'gold-by-turns' at overflow.out_of_hours" in refused.value.detail
    finally:
        await database.close()
