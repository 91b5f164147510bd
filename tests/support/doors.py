"""The console's door as a browser without scripts finds it: nobody is signed in, and links are handed out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from desk.entering.links import hand_out
from desk.entering.ways import Ways
from models.records.reference import Agent
from tests.support.desks import Desk
from tests.support.entering import PASSWORD
from tests.support.pages import reading, signer
from tests.support.signed import Reader


@asynccontextmanager
async def outside(desk: Desk) -> AsyncIterator[Reader]:
    """A browser in which nobody is signed in."""
    async with reading(desk) as client:
        yield Reader(client)


async def invitation(desk: Desk, slug: str = "grace") -> str:
    """The path of a link that was handed out."""
    async with desk.house.database.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.slug == slug))).one()
        link = await hand_out(session, signer(desk), Ways(), agent, actor="root", now=datetime.now(UTC))
    return urlsplit(link).path


async def chosen(desk: Desk, browser: Reader, slug: str = "grace", password: str = PASSWORD) -> httpx.Response:
    """They choose a password by a link; where that leads."""
    link = await invitation(desk, slug)
    return await browser.send(link, link, {"password": password, "again": password}, follow=False)


async def sign_in(
    browser: Reader, name: str = "grace", password: str = PASSWORD, at: str = "/sign-in"
) -> httpx.Response:
    return await browser.send(at, at, {"name": name, "password": password}, follow=False)
