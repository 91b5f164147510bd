"""Mail servers for the tests of `mail/`: the embedded pair, a certificate of our own, and servers that misbehave."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from servers.mail.hub import MailHub
from tests.mail.servers import USERS, Certificate, Proxy, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[MailHub]:
    async with MailHub(tmp_path / "hub", USERS) as running:
        yield running


@pytest.fixture
async def proxy(hub: MailHub) -> AsyncIterator[Proxy]:
    """Stands between a client and the hub's IMAP server, and breaks the connection in the ways networks do."""
    async with Proxy(hub.imap_port) as running:
        yield running
