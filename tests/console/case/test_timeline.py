"""The timeline on the page of a case and on paper: what is new, in which order, and no more at once than is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

from sqlalchemy import event, select

from desk.queries.list_marks import Marks, marks_of
from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CommandKind
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage
from models.records.timeline import TimelineEntry
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import OPENED_ON, Desk
from tests.support.signed import signed_in
from tests.support.windows import Windows

K = CommandKind


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    engine = desk.house.database._reader.sync_engine
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_case_of_3000_entries_opens_like_one_of_30(windows: Windows) -> None:
    desk = windows.desk
    sizes, counts, page = [], [], ""
    async with signed_in(desk, "mona") as reader:
        for entries in (30, 3_000):
            case = await open_by_mail(desk)
            row = await desk.case(case)
            async with desk.house.database.write() as session:
                session.add_all(
                    TimelineEntry(
                        id=new_id(),
                        case_id=row.id,
                        key=f"note/{number}",
                        at=OPENED_ON + timedelta(minutes=number + 1),
                        kind="note",
                        text=f"Note number {number:05d}.",
                        data={},
                    )
                    for number in range(entries)
                )
            with statements(desk) as asked:
                page = await reader.page(f"/cases/{case}")
            sizes.append(len(page.encode()))
            counts.append(len(asked))
            assert f"Note number {entries - 1:05d}." in page
        assert page.count('class="entry note') == 30
        assert abs(counts[1] - counts[0]) <= 2
        assert sizes[1] < 1.1 * sizes[0] < 100_000
        # The older ones come on request, and so on to the first.
        older = re.search(r'href="(/cases/[^"]*\?older=[^"]*)"', page)
        assert older is not None
        second = await reader.page(unescape(older[1]))
        assert "Note number 02969." in second
        assert "Note number 02970." not in second


async def test_a_case_opens_at_its_first_unread_entry(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "mona") as reader:
        case = await open_by_mail(desk)
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        await desk.send("mona", case, K.NOTE, NoteBody(text="My own note."))
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        await receive(desk, case, text="It is broken again.")
        await desk.send("grace", case, K.NOTE, NoteBody(text="Called them."))
        # What a script fetches by itself is no reading.
        await reader.get(f"/part/cases/{case}?live=yes", headers={"HX-Request": "true"})
        page = await reader.page(f"/cases/{case}")
        assert in_order(page, 'id="new"', "Called them.", "It is broken again.", "My own note.")
        assert re.search(r'href="#new"[^>]*>2 new<', page)
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        # What follows from one's own deed, such as a promise that is met, is no news either.
        await desk.send("mona", case, K.REPLY, ReplyBody(text="We look at it."))
        page = await reader.page(f"/cases/{case}")
        assert "Promise met" in page
        assert 'id="new"' not in page
        # Marked by hand it is unread until it is opened.
        mona, row = await desk.agent("mona"), await desk.case(case)

        async def is_unread() -> bool:
            async with desk.house.database.read() as session:
                return (await marks_of(session, mona, [row.id], OPENED_ON)).get(row.id, Marks()).unread

        assert not await is_unread()
        await reader.send(f"/cases/{case}", f"/cases/{case}/unread", follow=False)
        assert await is_unread()
        await reader.page(f"/cases/{case}")
        assert not await is_unread()


def in_order(page: str, *texts: str) -> bool:
    """Whether the timeline says these one after the other."""
    timeline = page[page.index('id="entries"') :]
    places = [timeline.index(text) for text in texts]
    return places == sorted(places)


async def test_a_timeline_runs_the_way_that_its_reader_likes(windows: Windows) -> None:
    async with signed_in(windows.desk, "ada") as reader:
        case = await open_by_mail(windows.desk)
        await windows.desk.send("mona", case, K.NOTE, NoteBody(text="Later on."))
        page = await reader.page(f"/cases/{case}")
        assert in_order(page, "Later on.", "They do not pair.")
        page = (await reader.send(page, f"/cases/{case}/order")).text
        assert in_order(page, "They do not pair.", "Later on.")


async def test_a_printed_case_is_whole_with_notes_only_when_ticked(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk, "The first mail.\n\n> what it quotes")
        await picture(desk, case)
        await desk.send("grace", case, K.NOTE, NoteBody(text="Not for the customer."))
        await desk.send("grace", case, K.REPLY, ReplyBody(text="Our answer."))
        paper = await reader.page(f"/cases/{case}/print")
        for text in ("The first mail.", "what it quotes", "Our answer.", "2031", "Central European Time"):
            assert text in paper, text
        assert "Not for the customer." not in paper
        assert "Picked from" not in paper
        (address,) = re.findall(r'<img src="(/cases/[^"]*/pictures/[^"]*)"', paper)
        shown = await reader.get(address)
        assert shown.headers["content-type"] == "image/png"
        assert "sandbox" in shown.headers["content-security-policy"]
        ticked = await reader.page(f"/cases/{case}/print?notes=yes&events=yes")
        assert "Not for the customer." in ticked
        assert "Routed to" in ticked


async def picture(desk: Desk, case: str) -> None:
    content = b"\x89PNG\r\n\x1a\n"
    digest = await desk.house.files.put(content)
    row = await desk.case(case)
    async with desk.house.database.write() as session:
        letter = await session.scalar(select(EmailMessage).where(EmailMessage.case_id == row.id))
        assert letter is not None
        session.add(
            Attachment(
                id=new_id(),
                message_id=letter.id,
                position=0,
                filename="light.png",
                content_type="image/png",
                content_id=None,
                size=len(content),
                sha256=digest,
            )
        )
