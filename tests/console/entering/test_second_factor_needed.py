"""Where the organisation asks for a second factor of a role, whoever holds it and has none reaches nothing but its setting up."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
import pytest

from console.cookies import COOKIE
from desk.identity import create_token
from desk.sessions import begin
from models.messages.reference import Role
from tests.support.desks import Desk, DeskFactory
from tests.support.doors import chosen, outside, sign_in
from tests.support.entering import PASSWORD
from tests.support.organisations import settings
from tests.support.signed import Reader, hidden_of, signed_in

SET_UP = "/me/second-factor"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_who_needs_a_second_factor_sets_it_up_before_anything_else(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, outside(desk) as mona, signed_in(desk, "grace") as grace:
        await chosen(desk, mona, "mona")
        mark = hidden_of(await mona.page("/me"), "/me/preferences")["form"]
        await settings(desk, second_factor=["manager", "administrator"])
        await nothing_else_is_reached(mona, str(mark))
        assert (await grace.get("/")).status_code == 200, "her role needs none"
        await programs_and_whom_a_provider_vouches_for_are_left_alone(desk)

        page = await mona.get("/team?wanted=1", follow_redirects=True)
        assert (page.url.path, page.status_code) == (SET_UP, 200)
        wrong = await mona.send(page.text, SET_UP, {"present": "wrong"})
        assert (wrong.status_code, 'href="#factor-present"' in wrong.text, 'href="/cases"' in wrong.text) == (
            422,
            True,
            False,
        )
        prepared = await mona.send(wrong.text, SET_UP, {"present": PASSWORD})
        assert (prepared.url.path, 'class="secret"' in prepared.text) == (SET_UP, True)
        assert (await mona.get(f"{SET_UP}.svg")).headers["content-type"].startswith("image/svg+xml")
        await nothing_else_is_reached(mona, str(mark))
        secret = prepared.text.partition('class="secret">')[2].partition("<")[0]
        code = pyotp.TOTP(secret).now()
        codes = await mona.send(prepared.text, f"{SET_UP}/confirm", {"code": code})
        recovery = [each.partition("<")[0] for each in codes.text.split("<li><code>")[1:]]
        assert len(recovery) == 10
        assert '<a class="button" href="/team?wanted=1">' in codes.text, "one goes on to where one wanted to go"
        assert (await mona.get("/")).status_code == 200
        assert (await mona.get(SET_UP)).headers["location"] == "/me#second-factor"

        # Who gives it up sets up another one.
        off = await mona.send("/me", f"{SET_UP}/off", {"code": recovery[0]})
        assert off.url.path == SET_UP
        out = await mona.send(off.text, "/sign-out")
        assert out.url.path == "/sign-in"
        await sign_in(mona, "mona")
        assert (await mona.get("/team")).headers["location"] == f"{SET_UP}?next=%2Fteam", (
            "the rule holds for each sign-in with a password"
        )
        await settings(desk, second_factor=[])
        assert (await mona.get("/team")).status_code == 200


async def nothing_else_is_reached(browser: Reader, mark: str) -> None:
    for path in ("/", "/cases", "/team", "/me", "/admin", "/operations", "/notices"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, SET_UP), path
    for path in ("/part/notices/count", "/part/live", "/part/cases/CAS-1"):
        assert (await browser.get(path)).status_code == 403, path
    for path in (
        "/me/preferences",
        "/me/keys",
        "/me/password",
        f"{SET_UP}/codes",
        "/cases",
        "/admin/organisation/change",
    ):
        answer = await browser.client.post(path, data={"form": mark})
        assert (answer.status_code, "Set up your second factor first" in answer.text) in {(403, True), (405, False)}, (
            path
        )


async def programs_and_whom_a_provider_vouches_for_are_left_alone(desk: Desk) -> None:
    now, mona = datetime.now(UTC), await desk.agent("mona")
    async with desk.house.database.write() as session:
        token = await create_token(session, "mona", Role.MANAGER, actor="root", now=now)
        where = {"address": "192.0.2.7", "program": "a test"}
        secret = await begin(session, mona.agent_id, now=now, **where, by_provider=True)
    async with outside(desk) as browser:
        program = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert program.status_code == 200
        browser.client.cookies.set(COOKIE, secret)
        assert (await browser.get("/team")).status_code == 200
