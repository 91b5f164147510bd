"""A desk's API, asked by agents through HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from api.app import create_app
from desk.identity import create_token
from models.messages.reference import Role
from tests.support.desks import Desk

NEW = {"title": "It does not pair", "customer": "aurora", "contact": "casey"}


@dataclass
class Http:
    """A desk's API, asked by several agents."""

    desk: Desk
    agents: dict[str, httpx.AsyncClient]

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.agents[who].request(method, f"/api/v1{path}", json=body, headers=given)

    async def open(self, **fields: Any) -> str:
        made = await self("grace", "POST", "/cases", NEW | fields)
        assert made.status_code == 201, made.text
        number: str = made.json()["number"]
        return number


PEOPLE = {"grace": Role.AGENT, "sam": Role.AGENT, "mona": Role.MANAGER, "ada": Role.ADMINISTRATOR}


@asynccontextmanager
async def asked(desk: Desk, people: Mapping[str, Role] = PEOPLE) -> AsyncIterator[Http]:
    """`people`: agents of the organisation, each with the role that their token gets."""
    app = create_app(desk.house)
    agents = {}
    async with desk.house.database.write() as session:
        for slug, role in people.items():
            token = await create_token(session, slug, role, actor="test", now=datetime.now(UTC))
            agents[slug] = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://caseloom",
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            )
    try:
        async with app.router.lifespan_context(app):
            yield Http(desk, agents)
    finally:
        for client in agents.values():
            await client.aclose()


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
