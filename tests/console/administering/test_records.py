"""People, queues and the like: made, changed, switched off and on again by forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import pytest

from desk import audit
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


async def test_pages(desk: Desk) -> None:
    async with signed_in(desk, "ada") as ada:
        for page in ("/admin", "/admin/queues", "/admin/queues/gold", "/admin/new/queues", "/admin/agents/grace",
                     "/admin/mailboxes/support", "/admin/new/entitlements", "/admin/entitlements/care"):
            html = await ada.page(page)
            print(page, len(html))
            open(f"/tmp/w/admin_{page.replace('/', '_')}.html", "w").write(html)
