"""Lists of cases: one address, one list; pages that never stop short; counts by the list's own question."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.messages.cases import CaseStatus
from models.records.cases import Case
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import Reader, signed_in

NOW = datetime.now(UTC)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def laid(desk: Desk, title: str, **fields: Any) -> str:
    """The number of an active case as its row; no run works it."""
    case = await desk.insert(title=title)
    async with desk.house.database.write() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(status=CaseStatus.ACTIVE, **fields))
    return case.number


def listed(html: str) -> list[str]:
    """Numbers of the cases, in the list's order."""
    return re.findall(r'<tr id="case-([^"]+)"', html)


async def every_page(reader: Reader, address: str) -> list[str]:
    """All that a list has, from page to page by its own links."""
    found: list[str] = []
    while True:
        html = await reader.page(address)
        found += listed(html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            return found
        address = following[1].replace("&amp;", "&")


async def test_lists(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        grace, sam = await desk.agent("grace"), await desk.agent("sam")
        for n in range(60):
            await laid(
                desk,
                f"Case {n}",
                priority=("high", "normal", "low")[n % 3],
                owner_id=(grace.agent_id, sam.agent_id, None)[n % 3],
                queue=("gold", "standard", "private")[n % 3],
                next_due=NOW + timedelta(minutes=20 * n - 100) if n % 4 else None,
            )
        async with signed_in(desk, "grace") as reader, signed_in(desk, "sam") as other:
            await a_views_address_shows_a_colleague_the_same_list(reader, other)
            await paging_never_stops_short(reader, other)


async def a_views_address_shows_a_colleague_the_same_list(reader: Reader, other: Reader) -> None:
    answer = await reader.get("/cases?view=mine&status=&q=&priority=high&column=", follow_redirects=True)
    assert answer.url.query == b"view=mine&agent=grace&priority=high", "one list has one address"
    assert len(listed(answer.text)) == 20
    assert listed(await other.page(str(answer.url))) == listed(answer.text)


async def paging_never_stops_short(reader: Reader, other: Reader) -> None:
    for sort in ("next_due", "-created", "created", "modified", "priority", "number"):
        found = await every_page(reader, f"/cases?sort={sort}")
        assert len(found) == len(set(found)) == 60, sort
        assert len(await every_page(other, f"/cases?sort={sort}")) == 40, "what is hidden leaves no gap"
