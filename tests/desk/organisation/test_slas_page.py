"""The SLA that docs/slas.md shows is applied to a real database, and what the page says of its deadlines holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from desk.organisation import load, put_in_force
from desk.trying.due import due
from models.messages.api_promises import DueBody
from storage.definitions import Definitions
from storage.engines import Database
from storage.secrets import Keyring

PAGE = (Path(__file__).parents[3] / "docs" / "slas.md").read_text(encoding="utf-8")
(FILE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
KEYRING = Keyring("k1", {"k1": b"k" * 32})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


async def test_the_example_is_applied_and_promises_what_it_says(database: Database) -> None:
    file = load(FILE, "slas.yaml")
    first, again = [
        await put_in_force(
            database, file, "mona", at("2026-10-03T10:00+02:00"), keyring=KEYRING, secret=lambda _, name: name
        )
        for _ in range(2)
    ]
    assert len(first.changes) > 5
    assert again.changes == ()
    async with database.read() as session:
        told = await due(session, Definitions(), "care", None, DueBody(created_on=at("2026-12-18T16:00+01:00")))
    promises = {each.kpi: each for each in told.promises}
    # Friday from 16:00; Saturday, the 19th, would be worked in this week, but for the stocktaking; Monday until 12:00.
    assert promises["first-response"].failure_at == at("2026-12-21T12:00+01:00")
    assert promises["first-response"].warning_at == at("2026-12-21T11:12+01:00")
    assert promises["resolution"].failure_at == at("2026-12-23T16:00+01:00")
    assert (promises["next-update"].item, promises["next-update"].failure_at) == (None, None)
