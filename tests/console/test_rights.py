"""Whoever asks for any page, part or form of the console: the matrix is made from the routes themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest

from console.staff import StaffRoute
from desk.reference.references import Names
from models.messages.cases import CommandKind
from models.messages.reference import Role
from starting.web import site
from tests.support.correspondence import open_by_mail
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import reading
from tests.support.signed import Reader, hidden_of, signed_in

ROLES = {
    "grace": {Role.AGENT},
    "mona": {Role.MANAGER, Role.AGENT},
    "ada": {Role.ADMINISTRATOR, Role.MANAGER},
    "kim": {Role.KNOWLEDGE_MANAGER},
}
KIM = {"slug": "kim", "name": "Kim", "email": "kim@desk.example", "roles": ["knowledge-manager"]}
GONE = "/cases/CAS-99999-AAAAAA"
NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def routes(desk: Desk) -> list[StaffRoute]:
    found = [route for route in site(desk.house).router.routes if isinstance(route, StaffRoute)]
    assert len(found) > 150, "the routes are not where this test looks for them"
    return found


def address(route: StaffRoute, number: str = "CAS-99999-AAAAAA") -> str:
    """An address of the route: of that case, and of nothing else that there is."""
    path = route.path.replace("{number}", number)
    return re.sub(r"\{\w+(:\w+)?\}", NOWHERE, path)


def method(route: StaffRoute) -> str:
    return "POST" if "POST" in (route.methods or ()) else "GET"


def form_of(route: StaffRoute, fields: dict[str, Any]) -> dict[str, Any] | None:
    return fields if method(route) == "POST" else None


def of_cases(route: StaffRoute) -> bool:
    return route.path.startswith(("/cases/{number}", "/part/cases/{number}"))


async def mark(reader: Reader) -> dict[str, Any]:
    """What makes a form ours: the one of leaving, which stands on a page that everybody may see."""
    return hidden_of(await reader.page("/me"), "/sign-out")


async def test_without_a_session_nothing_is_shown_and_nothing_is_done(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, reading(desk) as stranger:
        case, found = await open_by_mail(desk), routes(desk)
        before = await desk.case(case)
        for route in found:
            answer = await stranger.request(method(route), address(route, case), data=form_of(route, {"text": "x"}))
            assert answer.status_code in (303, 401), (route.path, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/sign-in?next="), route.path
            assert before.title not in answer.text, route.path
        assert (await desk.case(case)).version == before.version


async def test_who_lacks_the_role_gets_no_page_and_no_deed_of_it(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        await add(
            desk,
            {"agents": [KIM]},
        )
        found = routes(desk)
        for agent, roles in ROLES.items():
            async with signed_in(desk, agent) as reader:
                for route in found:
                    if route.roles and not roles.intersection(route.roles):
                        answer = await reader.client.request(method(route), address(route))
                        assert answer.status_code == 403, (agent, route.path, answer.status_code)
        assert any(route.roles for route in found)


async def test_a_hidden_case_is_404_as_page_part_print_and_stream_and_takes_no_deed(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        case = await open_by_mail(desk)
        async with desk.house.database.read() as session:
            queue = await Names(session).require("queue", "private", "queue")
        await desk.send("mona", case, CommandKind.ROUTE, target_id=queue)
        before = await desk.case(case)
        found = list(filter(of_cases, routes(desk)))
        assert {method(route) for route in found} == {"GET", "POST"}
        async with signed_in(desk, "sam") as sam:
            form = await mark(sam)
            for route in found:
                path = address(route, case)
                answer = await sam.client.request(method(route), path, data=form_of(route, form))
                assert answer.status_code in ((404,) if method(route) == "GET" else (404, 422)), (
                    path,
                    answer.status_code,
                )
                assert before.title not in answer.text, path
            # It looks as one that is not there, and as an address that nobody has: within the frame, with ways on.
            seen = [
                await sam.get(path, headers={"Accept": "text/html"}) for path in (f"/cases/{case}", GONE, "/none/such")
            ]
            assert {answer.status_code for answer in seen} == {404}
            assert len({re.sub(r'data-now="[^"]*"', "", answer.text) for answer in seen[:2]}) == 1
            for said in ('class="top"', 'href="/cases"', "This is not there"):
                assert said in seen[0].text, said
                assert said in seen[2].text, said
        async with reading(desk) as stranger:
            public = await stranger.get("/none/such", headers={"Accept": "text/html"})
            assert (public.status_code, 'class="top"' in public.text) == (404, False)
        assert (await desk.case(case)).version == before.version
