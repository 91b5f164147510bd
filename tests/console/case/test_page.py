"""The page of a case over HTTP: what it shows, what can be done on it, and what becomes of faulty forms."""

from __future__ import annotations

import pytest

from models.messages.api_cases import NoteBody, ReplyBody
from models.messages.cases import CaseStatus, CommandKind
from tests.support.correspondence import open_by_mail
from tests.support.desks import DeskFactory
from tests.support.signed import signed_in

K = CommandKind


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_case_is_read_picked_and_resolved_without_scripts(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        address = f"/cases/{case}"
        page = await reader.page(address)
        assert "They do not pair." in page
        answer = await reader.send(page, f"{address}/pick")
        assert answer.status_code == 200
        assert (await desk.case(case)).owner_id == (await desk.agent("grace")).agent_id
        await desk.send("grace", case, K.NOTE, NoteBody(text="A note"))
        await desk.send("grace", case, K.REPLY, ReplyBody(text="We look at it."))
        assert "A note" in await reader.page(address)
        faulty = await reader.send(f"{address}/resolve", f"{address}/resolve", {"resolution": " "})
        assert faulty.status_code == 422
        assert 'href="#field-resolution"' in faulty.text
        done = await reader.send(f"{address}/resolve", f"{address}/resolve", {"resolution": "A new battery."})
        assert done.status_code == 200
        assert (await desk.case(case)).status == CaseStatus.RESOLVED
