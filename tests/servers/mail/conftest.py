"""The embedded pair of mail servers, running."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from servers.mail.hub import MailHub
from tests.mail.servers import USERS


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[MailHub]:
    async with MailHub(tmp_path / "hub", USERS) as running:
        yield running
