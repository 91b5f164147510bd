"""People, queues and the like: made, changed, switched off and on again by forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from desk.reference.kinds import MAILBOXES, QUEUES, TEAMS
from desk.reference.records import Item, Kind
from tests.support.desks import Desk, DeskFactory
from tests.support.filled import fill, given, sent_of
from tests.support.signed import signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made


async def item(desk: Desk, kind: Kind[Any], slug: str) -> Item[Any]:
    async with desk.house.database.read() as session:
        return await kind.get(session, slug)


async def test_records_are_made_changed_and_switched_by_forms(desk: Desk) -> None:
    """One desk for all of it: what a form says, who may send it, and what stands in its way."""
    async with signed_in(desk, "mona") as mona, signed_in(desk, "ada") as ada, signed_in(desk, "grace") as grace:
        # A queue is made; what is wrong is told beside its fields, and what was typed stays.
        wrong = await fill(
            mona, "/admin/new/queues", "/admin/new/queues", {"slug": "Not A Slug", "name": "Night shift"}
        )
        assert wrong.status_code == 422
        assert 'href="#f-slug"' in wrong.text
        assert ("slug", "Not A Slug") in sent_of(wrong.text, "/admin/new/queues")
        unknown = await fill(mona, wrong.text, "/admin/new/queues", {"slug": "night", "owner": "nobody"})
        assert (unknown.status_code, 'href="#f-owner"' in unknown.text) == (422, True)
        filled = given(sent_of(unknown.text, "/admin/new/queues"), owner="mona", members=["sam", "grace"])
        for _ in range(2):
            made = await mona.client.post("/admin/new/queues", data=filled)
            assert (made.status_code, made.headers["location"]) == (303, "/admin/queues/night?said=made")
        night = await item(desk, QUEUES, "night")
        assert (night.body.members, night.body.private, night.version) == (("sam", "grace"), False, 1)
        taken = await fill(
            mona, "/admin/new/queues", "/admin/new/queues", {"slug": "night", "name": "N", "owner": "mona"}
        )
        assert (taken.status_code, "has &#39;night&#39; already" in taken.text) == (409, True)

        # Two at once: what only the other has changed is taken over, and both values of one field are shown.
        seen = await mona.page("/admin/queues/night")
        await fill(ada, "/admin/queues/night", "/admin/queues/night/change", {"name": "Nights", "private": "yes"})
        late = await fill(mona, seen, "/admin/queues/night/change", {"name": "Late shift"})
        assert late.status_code == 412
        for shown in ("ada", "Nights", "Late shift"):
            assert shown in late.text
        again = await fill(mona, late.text, "/admin/queues/night/change")
        assert again.status_code == 303
        night = await item(desk, QUEUES, "night")
        assert (night.body.name, night.body.private, night.version) == ("Late shift", True, 3)

        # Out of use only if nothing in force names it, and back again.
        named = await fill(mona, "/admin/queues/gold", "/admin/queues/gold/deactivate")
        assert (named.status_code, "is named by what is in force" in named.text) == (409, True)
        gone = await fill(mona, "/admin/queues/night", "/admin/queues/night/deactivate")
        assert gone.status_code == 303, gone.text
        assert not (await item(desk, QUEUES, "night")).active
        assert (await fill(mona, "/admin/queues/night", "/admin/queues/night/activate")).status_code == 303

        # A team without members stays one; a mailbox keeps the password that nobody sees.
        await fill(ada, "/admin/teams/lab", "/admin/teams/lab/change", {"members": None})
        assert (await item(desk, TEAMS, "lab")).body.members == ()
        page = await ada.page("/admin/mailboxes/support")
        assert "a mailbox password" not in page
        changed = await fill(ada, page, "/admin/mailboxes/support/change", {"imap.port": "993", "imap.tls": "tls"})
        assert changed.status_code == 303
        support = await item(desk, MAILBOXES, "support")
        assert (support.body.imap.port, support.facts["has_password"]) == (993, True)
        number = await fill(ada, "/admin/mailboxes/support", "/admin/mailboxes/support/change", {"imap.port": "many"})
        assert (number.status_code, 'href="#f-imap.port"' in number.text) == (422, True)

        # Who may what: agents nothing, managers no people and mailboxes.
        assert (await grace.get("/admin")).status_code == 403
        assert (await grace.get("/admin/queues/gold")).status_code == 403
        assert "Only administrators change this" in await mona.page("/admin/agents/grace")
        assert (await mona.get("/admin/new/agents")).status_code == 403
        form = given(sent_of(await ada.page("/admin/agents/grace"), "/admin/agents/grace/change"))
        assert (await mona.client.post("/admin/agents/grace/change", data=form)).status_code == 403
        assert (await mona.get("/admin/queues/none")).status_code == 404
