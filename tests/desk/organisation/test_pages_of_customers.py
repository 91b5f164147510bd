"""The organisations of docs/surveys.md and docs/customers-view.md are applied to a real database: once, and not again.
They are exported as they were, and what the pages say of them holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.organisation import apply, load
from desk.organisation.exporting import export
from models.messages.surveys import SurveyDefinition
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.secrets import Keyring

DOCS = Path(__file__).parents[3] / "docs"
NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["surveys.md", "customers-view.md"])
async def test_the_page_can_be_copied(sqlite_url: str, tmp_path: Path, name: str) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", (DOCS / name).read_text(), re.MULTILINE | re.DOTALL)
    keyring = Keyring.load(tmp_path / "keys")
    database = Database(sqlite_url)

    async def applied(text: str) -> int:
        return len(await apply(database, load(text, name), "test", NOW, keyring=keyring))

    try:
        assert await applied(text) > 0
        assert await applied(text) == 0
        async with database.read() as session:
            exported = await export(session)
            organisation = await Definitions().organisation(session)
            survey = await Definitions().one(session, DefinitionKind.SURVEY, "after-resolution", SurveyDefinition)
        assert exported.notes == ()
        assert await applied(exported.text) == 0, "what is exported says the same"
        pages = organisation.pages
        assert pages.address == "https://help.northwind.example"
        if name == "customers-view.md":
            assert (pages.customer_view, pages.show_promises, pages.link_days, pages.help) == (True, True, 30, True)
            assert pages.words["en"].footer == "Northwind Audio, Hamburg"
            assert survey is None
        else:
            assert survey is not None
            (rule,) = survey.rules
            assert (survey.sample_percent, survey.quiet_days, survey.expires_days) == (50, 30, 14)
            assert (rule.at_most, rule.reopen, rule.notify) == (2, True, "manager")
    finally:
        await database.close()
