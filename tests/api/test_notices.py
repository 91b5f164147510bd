"""What people are told of by mail is each one's own choice (domain 11.1)."""

from __future__ import annotations

import pytest

from tests.support.asking import asked, problem
from tests.support.desks import DeskFactory
from tests.support.notices import SAM, told
from tests.support.organisations import settings
from tests.support.waiting import until


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what differs between them is tested where the rows are written."""
    return sqlite_url


async def test_each_chooses_of_what_and_how_they_are_told(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        await settings(desk, notices=[{"on": "assigned", "to": "owner"}, {"on": "reply", "to": "manager"}])

        async def mine() -> dict[str, tuple[str, str, bool]]:
            view = (await http("sam", "GET", "/me/notices")).json()
            return {each["kind"]: (each["way"], each["default"], each["chosen"]) for each in view["notices"]}

        assert await mine() == {
            "new-case": ("off", "off", False),
            "assigned": ("at-once", "at-once", False),
            "reply": ("off", "off", False),
            "answer-to-closed": ("at-once", "at-once", False),
            "mention": ("at-once", "at-once", False),
            "deadline": ("off", "off", False),
            "review": ("at-once", "at-once", False),
        }
        number = await http.open()
        await http("grace", "POST", f"/cases/{number}/assign", {"agent": "sam"})
        assert await told(desk) == [("Assigned to you", SAM)]
        for wrong in ({"ways": {"assigned": "weekly"}}, {"ways": {"lunch": "daily"}}, {"assigned": "off"}):
            assert problem(await http("sam", "PUT", "/me/notices", wrong)) == (422, "invalid")
        chosen = await http("sam", "PUT", "/me/notices", {"ways": {"mention": "daily", "assigned": "off"}})
        assert chosen.status_code == 200, chosen.text
        assert (await mine())["mention"] == ("daily", "at-once", True)
        await http("grace", "POST", f"/cases/{number}/notes", {"text": "@sam, have a look."})

        async def waits() -> bool:
            return bool((await http("sam", "GET", "/me/notices")).json()["waiting"])

        await until(waits)
        assert await told(desk) == []
        # Whoever does not want it any more is not told of what waited either; what is not named is as it was.
        again = (await http("sam", "PUT", "/me/notices", {"ways": {"mention": "off"}})).json()
        assert (again["waiting"], (await mine())["assigned"]) == (0, ("at-once", "at-once", False))
        audit = (await http("mona", "GET", "/audit?kind=agent")).json()["items"]
        changes = [row["changes"] for row in audit if row["action"] == "notices"]
        assert {"mention": [None, "daily"], "assigned": [None, "off"]} in changes
