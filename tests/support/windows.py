"""One desk, one browser and one server for all tests of a file: starting them takes longer than most tests."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from temporalio.testing import WorkflowEnvironment

from tests.support.browsers import Screen, browsing
from tests.support.databases import sqlite_address
from tests.support.desks import Desk, desk_at
from tests.support.signed import window_of


@dataclass
class Windows:
    desk: Desk
    browser: Browser
    base: str

    def of(self, agent: str, **options: Any) -> AbstractAsyncContextManager[Screen]:
        """A window with cookies of its own, in which `agent` is signed in."""
        return window_of(self.desk, self.browser, self.base, agent, **options)


@pytest.fixture(scope="module")
async def windows(
    temporal: WorkflowEnvironment, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Windows]:
    """Of the tests' organisation, on SQLite."""
    folder = tmp_path_factory.mktemp("windows")
    async with _desk(temporal, sqlite_template, folder) as desk, browsing(desk) as (browser, base):
        yield Windows(desk, browser, base)
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _desk(temporal: WorkflowEnvironment, template: Path, folder: Path) -> AsyncIterator[Desk]:
    file = folder / "caseloom.db"
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
    async with desk_at(temporal, sqlite_address(file), folder) as desk:
        yield desk
