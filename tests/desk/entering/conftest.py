"""Signing in over a migrated database, on both engines; no Temporal is needed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.entering.own import OwnAccessDesk
from storage.engines import Database
from storage.secrets import Keyring
from tests.support.entering import Door, add_agent, made


@pytest.fixture
async def door(database: Database, tmp_path: Path) -> Door:
    keyring = Keyring.load(tmp_path / "keys")
    signing_in = made(database, keyring)
    return Door(database, keyring, signing_in, OwnAccessDesk(signing_in), await add_agent(database, "ada"))
