"""What the stream of a signed-in browser says, and to whom."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from desk.sessions import end_all
from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind
from tests.support.desks import DeskFactory
from tests.support.organisations import queue
from tests.support.streams import listening, live_of, served
from tests.support.waiting import until

NOTE = NoteBody(text="Something has happened.")


async def test_a_stream_tells_what_is_committed_by_whichever_process_and_hides_what_one_may_not_see(
    open_desk: DeskFactory,
) -> None:
    async with open_desk() as desk, served(desk) as (first, here), served(desk) as (_, there):
        open_case, private = await desk.open(), await desk.open()
        await desk.send("mona", private, CommandKind.ROUTE, target_id=(await queue(desk, "private")).id)
        async with (
            listening(desk, here, "sam") as stranger,
            listening(desk, here, "grace") as member,
            listening(desk, there, "grace") as elsewhere,
        ):
            await until(lambda: member.heard("here") and stranger.heard("here") and elsewhere.heard("here"))
            await desk.send("grace", private, CommandKind.NOTE, NOTE)
            await desk.send("grace", open_case, CommandKind.NOTE, NOTE)
            version = (await desk.case(open_case)).version
            await until(lambda: all(version in each.versions(open_case) for each in (stranger, member, elsewhere)))
            await until(lambda: member.heard("cases", private) and elsewhere.heard("cases", private))
            assert not stranger.heard("cases", private)
            assert NOTE.text not in json.dumps(member.said)

            # The end of the session is the end of the stream, and of nobody else's.
            async with desk.house.database.write() as session:
                await end_all(session, (await desk.agent("sam")).agent_id, actor="sam", now=datetime.now(UTC))
            await desk.send("grace", open_case, CommandKind.NOTE, NOTE)
            await until(lambda: stranger.ended)
            assert stranger.said[-1][0] == "over"
            assert not member.ended

        # Nobody listens: nothing is looked at.
        live = live_of(first)
        await until(lambda: not live.listeners)
        looks = live.looks
        await asyncio.sleep(2.5 * live.every)
        assert live.looks == looks
