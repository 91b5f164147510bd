"""How an administrator lets an agent in, and back in."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from tests.support.desks import DeskFactory
from tests.support.doors import chosen, outside
from tests.support.entering import PASSWORD
from tests.support.pages import letters
from tests.support.signed import signed_in

HERE = "/admin/agents/grace/access"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_an_administrator_invites_an_agent_and_lets_them_begin_anew(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "ada") as ada, outside(desk) as grace:
        page = await ada.page(HERE)
        assert ("none yet" in page, "nowhere" in page) == (True, True)
        assert "The invitation is on its way." in (await ada.send(page, f"{HERE}/mail")).text
        ((message, letter),) = await letters(desk, "notice")
        assert isinstance(message, EmailMessage)
        assert letter.envelope_to == ["grace@desk.example"]
        assert "/invite/" in message.text
        shown = await ada.send(page, f"{HERE}/link")
        link = urlsplit(shown.text.partition('class="link" dir="ltr">')[2].partition("<")[0]).path
        assert (await grace.send(link, link, {"password": PASSWORD, "again": PASSWORD})).status_code == 200
        page = await ada.page(HERE)
        assert ("chosen" in page, "in 1 browser" in page) == (True, True)
        await ada.send(page, f"{HERE}/anew")
        assert (await grace.get("/me")).status_code == 303
        assert "none yet" in await ada.page(HERE)
        await chosen(desk, grace)
        async with desk.house.database.write() as session:
            await session.execute(update(Mailbox).values(active=False))
        refused = await ada.send(page, f"{HERE}/mail")
        assert (refused.status_code, "No mailbox is active" in refused.text) == (409, True)
        assert (await ada.get("/admin/agents/nobody/access")).status_code == 404
        assert (await grace.get(HERE)).status_code == 403
