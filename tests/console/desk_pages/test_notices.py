"""Notices: what concerns an agent of a case, one line a case, never their own acts, read by their reading alone."""

from __future__ import annotations

from models.messages.api_cases import AssignBody, NoteBody
from models.messages.cases import CommandKind
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from tests.support.correspondence import heard, must_hear, open_by_mail, receive, tell
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import Reader, hidden_of, signed_in


async def test_own_acts_make_no_notice_an_assignment_does(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "grace") as grace, signed_in(desk, "mona") as mona:
        case = await open_by_mail(desk)
        await desk.send("grace", case, CommandKind.PICK)
        await desk.send("grace", case, CommandKind.NOTE, NoteBody(text="@grace remember this"))
        assert await waiting(grace) == ""
        assert "You have read all there is." in await grace.page("/notices")

        await assigned(desk, case, "mona")
        await assigned(desk, case, "grace")
        assert (await waiting(grace), await waiting(mona)) == ("1", "")
        assert "Mona assigned this case to you" in await grace.page("/notices")

        await receive(desk, case, times=2)
        await desk.send("mona", case, CommandKind.NOTE, NoteBody(text="See it, @grace and @mona?"))
        page = await grace.page("/notices")
        assert (await waiting(grace), await waiting(mona)) == ("1", ""), "one line a case"
        assert "Mona mentions you" in page
        assert "and 2 more" in page, "a letter that is told twice counts once"

        await mona.page(f"/cases/{case}")
        assert await waiting(grace) == "1", "others' reading is not one's own"
        await grace.page(f"/cases/{case}")
        assert await waiting(grace) == ""
        assert case in await grace.page("/notices?show=all")
        await receive(desk, case)
        assert "The customer wrote" in await grace.page("/notices")
        solved = await must_hear(desk, case, new_id(), DeliveryKind.SOLVED)
        await tell(desk, await desk.case(case), solved, times=2)
        await heard(desk, solved.id)
        assert "The customer says it is solved" in await grace.page("/notices")
        await grace.send("/notices", "/notices/read")
        assert await waiting(grace) == ""
        given = hidden_of(await grace.page("/cases?queue=gold&status=active"), "/cases/bulk")
        back = await grace.client.post(f"/cases/{case}/unread", data=given)
        assert back.headers["location"] == f"/cases?queue=gold&status=active#case-{case}", "where one was"
        assert case in await grace.page("/cases?view=unread&agent=grace")


async def assigned(desk: Desk, case: str, to: str) -> None:
    target = (await desk.agent(to)).agent_id
    await desk.send("mona", case, CommandKind.ASSIGN, AssignBody(agent=to), target_id=target)


async def waiting(reader: Reader) -> str:
    return (await reader.page("/part/notices/count")).strip()
