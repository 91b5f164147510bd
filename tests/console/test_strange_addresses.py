"""No word in an address is a fault of ours: what nothing can be named is not there, and what cannot be asked is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from console.staff import StaffRoute
from starting.web import site
from tests.console.every_page import PAGES
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import Reader, signed_in

NUL, SURROGATE, LONG = "%00", "%ED%A0%80", "x" * 5_000
HOLE = re.compile(r"\{\w+(?::\w+)?\}")
SOMETHING = "gold"
HREF, GET_FORM = re.compile(r'href="(/[^"#]*)'), re.compile(r'<form\b[^>]*method="get"[^>]*>.*?</form>', re.DOTALL)
ACTION, NAME = re.compile(r'\baction="([^"]*)"'), re.compile(r'\bname="([^"]*)"')


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_no_strange_word_in_an_address_is_a_fault_of_ours(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk:
        wrong = []
        async with signed_in(desk, "ada") as ada:
            for path in strange_paths(desk):
                answer = await ada.get(path)
                if answer.status_code >= 500 or (NUL in path and answer.status_code == 200):
                    wrong.append((answer.status_code, path[:80]))
            for path in ("/admin/slas/%00", "/admin/agents/%00"):
                assert (await ada.get(path)).status_code == 404, path
            answer = await ada.get("/admin/audit?object=%00")
            assert (answer.status_code, "NUL" in answer.text) == (422, True)
        async with signed_in(desk, "mona") as mona:
            for path in ("/cases/%00", "/customers/%00", "/articles/%00", "/contracts/%00"):
                assert (await mona.get(path)).status_code == 404, path
        tried: set[tuple[str, str]] = set()
        for agent in dict.fromkeys(agent for agent, _ in PAGES):
            async with signed_in(desk, agent) as reader:
                parameters = await known_parameters(desk, reader, agent)
                asked = {alike: one for alike, one in parameters.items() if alike not in tried}
                tried |= set(asked)
                for path, name in asked.values():
                    for value in (NUL, SURROGATE, LONG):
                        answer = await reader.get(f"{path}?{name}={value}")
                        if answer.status_code >= 500:
                            wrong.append((answer.status_code, f"{path}?{name}={value[:20]}"))
        assert len(tried) > 60, "the parameters are not where this test looks for them"
        assert wrong == []


def pages(desk: Desk) -> list[StaffRoute]:
    routes = [route for route in site(desk.house).router.routes if isinstance(route, StaffRoute)]
    return [route for route in routes if "GET" in (route.methods or ())]


def strange_paths(desk: Desk) -> Iterator[str]:
    """Every page and part, with each strange word in each place where an address names something."""
    for route in pages(desk):
        holes = len(HOLE.findall(route.path))
        for at in range(holes):
            for strange in (NUL, SURROGATE, LONG):
                words = iter([strange if place == at else SOMETHING for place in range(holes)])
                yield HOLE.sub(lambda _, words=words: next(words), route.path)  # type: ignore[misc]


async def known_parameters(desk: Desk, reader: Reader, agent: str) -> dict[tuple[str, str], tuple[str, str]]:
    """What the links and the forms of the pages ask with: by route and name of one parameter, an address and that name."""
    routes = pages(desk)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for address in (address for who, address in PAGES if who == agent and "{case}" not in address):
        answer = await reader.get(address, follow_redirects=True)
        html = answer.text
        links = [urlsplit(unescape(each)) for each in [*HREF.findall(html), address]]
        asked = [(link.path, name) for link in links for name, _ in parse_qsl(link.query, keep_blank_values=True)]
        for form in GET_FORM.findall(html):
            action = ACTION.search(form)
            path = urlsplit(unescape(action[1])).path if action else urlsplit(address).path
            asked += [(path, name) for name in NAME.findall(form) if name]
        for path, name in asked:
            route = next((each.path for each in routes if each.path_regex.match(path)), path)
            found.setdefault((route, name), (path, name))
    return found
