"""The organisation of docs/contracts.md is applied to a real database: once, and not again; its contract is as the page says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from desk.organisation import apply, load
from desk.organisation.exporting import export
from desk.reference.entitlements import ENTITLEMENTS
from storage.engines import Database
from storage.secrets import Keyring

PAGE = (Path(__file__).parents[3] / "docs" / "contracts.md").read_text(encoding="utf-8")
NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


async def applied(database: Database, text: str, folder: Path) -> int:
    keyring = Keyring.load(folder / "keys")
    return len(await apply(database, load(text, "docs/contracts.md"), "test", NOW, keyring=keyring))


async def test_the_page_can_be_copied(sqlite_url: str, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    database = Database(sqlite_url)
    try:
        assert await applied(database, text, tmp_path) > 0
        assert await applied(database, text, tmp_path) == 0
        async with database.read() as session:
            contract = await ENTITLEMENTS.get(session, "aurora-gold")
            exported = await export(session)
        assert (contract.body.start, contract.body.end) == (date(2031, 3, 3), date(2032, 3, 2))
        assert (contract.facts["status"], contract.facts["template"]) == ("active", "gold-year")
        assert (int(contract.body.total_terms), contract.body.restricted, len(contract.body.warnings)) == (20, True, 3)
        assert exported.notes == ()
        assert await applied(database, exported.text, tmp_path) == 0, "what is exported says the same"
    finally:
        await database.close()
