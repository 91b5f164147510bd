"""The house's pages, asked over HTTP as a browser would, and links as a customer finds them in a letter."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
from sqlalchemy import select

from letters.links import LinkSigner
from models.records.mails import EmailMessage, Outbox
from starting.web import site
from tests.support.desks import Desk
from tests.support.organisations import add, settings

ADDRESS = "https://help.example"
SURVEY = {"slug": "after", "name": "After resolution", "kind": "csat"}


async def with_pages(desk: Desk, *surveys: dict[str, Any], **pages: Any) -> None:
    """The organisation has pages at `ADDRESS`, and these surveys."""
    await settings(desk, pages={"address": ADDRESS, **pages})
    if surveys:
        await add(desk, {"surveys": [SURVEY | each for each in surveys]})


@asynccontextmanager
async def reading(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A customer's browser, without any account."""
    transport = httpx.ASGITransport(site(desk.house), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
        yield client


async def letters(desk: Desk, kind: str) -> list[tuple[EmailMessage, Outbox]]:
    """Letters of this kind as they are stored, the oldest first."""
    async with desk.house.database.read() as session:
        rows = await session.execute(
            select(EmailMessage, Outbox)
            .join(Outbox, Outbox.message_id == EmailMessage.id)
            .where(Outbox.kind == kind)
            .order_by(Outbox.id)
        )
        return [(message, letter) for message, letter in rows]


def signer(desk: Desk) -> LinkSigner:
    return LinkSigner(desk.house.keyring.current, desk.house.keyring.keys)


def link_in(desk: Desk, message: EmailMessage, of: EmailMessage | None = None) -> str:
    """The path of the link that a letter leads to as it leaves. `of`: the letter whose case it is signed for."""
    case_id = (of or message).case_id
    assert case_id is not None
    sent = signer(desk).signed(message.text, ADDRESS, case_id)
    (found,) = re.findall(rf"{re.escape(ADDRESS)}(/\S+)", sent)
    return str(found)


async def survey_link(desk: Desk) -> str:
    """Of the last survey that was asked."""
    return link_in(desk, (await letters(desk, "survey"))[-1][0])


def form_of(html: str) -> str:
    """What the first form of a page carries to show that it is ours."""
    found = re.search(r'name="form" value="([^"]+)"', html)
    assert found is not None, html
    return unescape(found[1])
