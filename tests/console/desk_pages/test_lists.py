"""Lists of cases: one address, one list; pages that never stop short; counts by the list's own question."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from desk.queries.case_lists import PAGE, list_page
from desk.queries.list_questions import CaseList, ListView
from desk.queries.neighbours import neighbours
from desk.queries.walks import ORDERS
from models.messages.cases import CaseStatus
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from models.records.drafts import ReplyDraft
from models.records.notices import AgentNotice
from models.records.reference import Queue
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
        await many(desk)
        async with signed_in(desk, "grace") as reader, signed_in(desk, "sam") as other:
            await a_views_address_shows_a_colleague_the_same_list(reader, other)
            await paging_never_stops_short(reader, other)
            await each_views_count_equals_its_rows(reader, other)
            await filters_take_several_values(reader)
            await a_live_row_is_the_row_of_the_list(reader, other)
            await a_page_of_a_list_weighs_little(reader)
            await empty_and_wrong_lists_say_what_to_do(reader)
        await neighbours_follow_the_list(desk)


async def many(desk: Desk) -> None:
    """Sixty cases of different owners, queues, deadlines and marks."""
    grace, sam = await desk.agent("grace"), await desk.agent("sam")
    for n in range(60):
        await laid(
            desk,
            f"Case {n}",
            priority=("high", "normal", "low")[n % 3],
            owner_id=(grace.agent_id, sam.agent_id, None)[n % 3],
            queue=("gold", "standard", "private")[n % 3],
            next_due=NOW + timedelta(minutes=20 * n - 100) if n % 4 else None,
            sla_state="noncompliant" if n % 5 == 0 else "in-progress",
            status_reason="on-hold" if n % 7 == 0 else "in-progress",
            customer_replied_last=n % 2 == 0,
            reactivated_on=NOW if n % 6 == 0 else None,
            created_on=NOW - timedelta(hours=n % 10),
        )
    async with desk.house.database.write() as session:
        ids = list(await session.scalars(select(Case.id).order_by(Case.number)))
        queue = await session.scalar(select(Queue.id).where(Queue.slug == "gold"))
        for id in ids[:9]:
            item = QueueItem(id=new_id(), case_id=id, queue_id=queue, live=True, entered_on=NOW)
            item.worked_by = grace.agent_id if id in ids[:2] else None
            session.add(item)
        session.add(
            ReplyDraft(id=new_id(), case_id=ids[4], agent_id=grace.agent_id, body={"text": "Dear"}, saved_on=NOW)
        )
        session.add(
            AgentNotice(agent_id=grace.agent_id, case_id=ids[5], kind="mention", key="a", at=NOW, actor_id=sam.agent_id)
        )


async def a_views_address_shows_a_colleague_the_same_list(reader: Reader, other: Reader) -> None:
    answer = await reader.get("/cases?view=mine&status=&q=&priority=high&column=", follow_redirects=True)
    assert answer.url.query == b"view=mine&agent=grace&priority=high", "one list has one address"
    assert len(listed(answer.text)) == 20
    theirs = await other.page(str(answer.url))
    assert listed(theirs) == listed(answer.text)
    assert "Cases of Grace" in theirs


async def paging_never_stops_short(reader: Reader, other: Reader) -> None:
    for sort in ("next_due", "-created", "created", "modified", "priority", "number"):
        found = await every_page(reader, f"/cases?sort={sort}")
        assert len(found) == len(set(found)) == 60, sort
        assert len(await every_page(other, f"/cases?sort={sort}")) == 40, "what is hidden leaves no gap"


async def each_views_count_equals_its_rows(reader: Reader, other: Reader) -> None:
    part, told, rows = "", dict[str, int](), dict[str, int]()
    for one in (reader, other):
        part = await one.page("/part/cases/counts?view=mine&agent=sam")
        links = re.findall(r'<a href="(/cases[^"]*)"[^>]*>[^<]+<span class="count">([0-9,+]+)</span>', part)
        assert len(links) == len(ListView)
        told = {address: int(count) for address, count in links}
        rows = {address: len(await every_page(one, address.replace("&amp;", "&"))) for address in told}
        assert told == rows
    assert (told["/cases?view=available"], told["/cases?view=breached"]) == (4, 8), "of what the other may see"
    mine = rows["/cases?view=mine&amp;agent=sam"]
    assert f'id="here-count" class="count" hx-swap-oob="true">{mine}<' in await other.page(
        "/part/cases/counts?view=mine&agent=sam"
    )


async def filters_take_several_values(reader: Reader) -> None:
    for query, expected in (
        ("queue=gold&queue=private", 40),
        ("owner=grace&owner=none", 40),
        ("owner=none&priority=low", 20),
        ("priority=high&priority=low&sort=priority", 40),
        ("sla=noncompliant&sla=paused&status=active", 12),
        ("reason=on-hold&reason=researching", 9),
        ("customer=aurora&origin=phone&queue=gold", 20),
        ("status=resolved", 0),
        ("view=mine&status=resolved", 0),
        ("q=case&priority=high&queue=gold&queue=standard", 20),
    ):
        assert len(await every_page(reader, f"/cases?{query}")) == expected, query


async def a_live_row_is_the_row_of_the_list(reader: Reader, other: Reader) -> None:
    page = await reader.page("/cases")
    some = listed(page)[:3]
    part = await reader.page(f"/part/cases/rows?ids={','.join(some)},CAS-99999-NOWHER")
    assert sorted(listed(part)) == sorted(some)
    rows = {number: re.search(rf'<tr id="case-{number}".*?</tr>', page, re.DOTALL) for number in some}
    assert all(row is not None and row[0] in part for row in rows.values())
    assert 1 <= len(listed(await other.page(f"/part/cases/rows?ids={','.join(some)}"))) < 3, "none that is out of sight"
    shown = listed(page)
    assert "show" not in await reader.page(f"/part/cases/news?ids={','.join(shown)}")
    turned = [*shown[2:], *shown[:1]]
    assert "1 new, 1 moved" in await reader.page(f"/part/cases/news?ids={','.join(turned)}")


async def a_page_of_a_list_weighs_little(reader: Reader) -> None:
    html = await reader.page(
        "/cases?queue=gold&queue=standard&queue=private&status=active&priority=high&priority=normal&priority=low"
    )
    assert len(listed(html)) == PAGE
    assert len(html.encode()) < 100_000


async def empty_and_wrong_lists_say_what_to_do(reader: Reader) -> None:
    assert "Clear the filters" in await reader.page("/cases?q=nothinghasthisword")
    assert "See what is available" in await reader.page("/cases?view=mine&agent=ada")
    for wrong in (
        "queue=nowhere",
        "sort=colour",
        "priority=hihg",
        "view=none",
        "cursor=abc",
        "agent=who&view=mine",
        "q=%00",
        "created_from=9999-99-99",
        "page=9..9",
    ):
        answer = await reader.get(f"/cases?{wrong}", follow_redirects=True)
        assert answer.status_code == 422, wrong
        assert "Begin again without filters" in answer.text
        if wrong in ("sort=colour", "view=none"):
            assert ("Newest first" if "sort" in wrong else "My cases, Unread") in answer.text.split("one of:")[1][:200]
        # What its counts are put into is not on a page without rows.
        assert 'id="all-count"' not in answer.text
        assert "rows=yes" not in answer.text
    assert 'id="all-count"' not in await reader.page("/part/cases/counts?")
    assert 'id="all-count"' in await reader.page("/part/cases/counts?&rows=yes")


async def neighbours_follow_the_list(desk: Desk) -> None:
    """By every order, from every row, both ways; also from the place of a case that has left the list."""
    identity, definitions = await desk.agent("sam"), desk.house.definitions
    async with desk.house.database.read() as session:
        for wanted in map(of_order, ORDERS):
            page = await list_page(session, definitions, identity, wanted, NOW, limit=100)
            numbers = [row.case.number for row in page.rows]
            for at, row in enumerate(page.rows):
                beside = await neighbours(session, definitions, identity, wanted, row.place, row.case.number, NOW)
                before, after = (None if each is None else each[0] for each in (beside.previous, beside.next))
                assert before == (numbers[at - 1] if at else None), (wanted.sort, at)
                assert after == (numbers[at + 1] if at + 1 < len(numbers) else None), (wanted.sort, at)
        page = await list_page(session, definitions, identity, CaseList(), NOW, limit=100)
        numbers, row = [each.case.number for each in page.rows], page.rows[10]
        gone = CaseList(priorities=tuple({"high", "normal", "low"} - {row.case.priority}))
        beside = await neighbours(session, definitions, identity, gone, row.place, row.case.number, NOW)
        assert beside.previous is not None
        assert beside.next is not None
        assert beside.previous[0] in numbers[:10]
        assert beside.next[0] in numbers[11:]


def of_order(sort: str) -> CaseList:
    return CaseList(sort=sort)


async def test_a_list_without_cases_says_how_they_come(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "grace") as reader:
        assert "Open the first case" in await reader.page("/cases")
        assert "No case is yours now" in await reader.page("/")
        nothing = await reader.send("/", "/pick-next")
        assert "Nothing is left to pick" in nothing.text
