"""A customer's links on the page of their case: agents see them and close one, and it opens nothing from then on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from models.messages.api_cases import ReplyBody
from models.messages.cases import CommandKind
from models.records.surveys import CustomerLink
from tests.support.correspondence import open_by_mail
from tests.support.desks import Desk
from tests.support.pages import letters, link_in, reading, with_pages
from tests.support.signed import signed_in
from tests.support.windows import Windows

K = CommandKind


async def answered(desk: Desk) -> tuple[str, str]:
    """A case and the path of the link in its answer."""
    await with_pages(desk, customer_view=True)
    number = await open_by_mail(desk)
    await desk.send("grace", number, K.REPLY, ReplyBody(text="Hold the button."))
    return number, link_in(desk, (await letters(desk, "reply"))[-1][0])


@pytest.mark.parametrize("way", [{}, {"java_script_enabled": False}], ids=["scripts", "no scripts"])
async def test_a_link_is_closed_and_the_next_letter_has_another(windows: Windows, way: dict[str, Any]) -> None:
    desk = windows.desk
    number, link = await answered(desk)
    async with windows.of("grace", **way) as window, reading(desk) as customer:
        assert (await customer.get(link)).status_code == 200
        page = window.page
        await window.open(f"/cases/{number}")
        await page.get_by_role("link", name="Links of the customer").click()
        await expect(page.locator("main")).to_contain_text("good until")
        await page.get_by_role("button", name="Close this link").click()
        await expect(page.locator("main")).to_contain_text("by Grace")
        if not way:
            await page.wait_for_function("() => document.activeElement.matches('#panel .notice.good')")
            assert await window.faults() == []
        assert await page.get_by_role("button", name="Close this link").count() == 0
        closed = await customer.get(link)
        assert (closed.status_code, "This link was closed" in closed.text) == (410, True)
        await desk.send("grace", number, K.REPLY, ReplyBody(text="And once more."))
        assert (await customer.get(link_in(desk, (await letters(desk, "reply"))[-1][0]))).status_code == 200


async def test_what_opens_nothing_any_more_says_why_and_has_no_button(windows: Windows) -> None:
    desk = windows.desk
    number, _ = await answered(desk)
    case = await desk.case(number)
    async with signed_in(desk, "grace") as reader:
        assert "Close this link" in await reader.page(f"/cases/{number}/customer-links")
        async with desk.house.database.write() as session:
            over = datetime.now(UTC) - timedelta(days=1)
            await session.execute(update(CustomerLink).where(CustomerLink.case_id == case.id).values(expires_on=over))
        html = await reader.page(f"/cases/{number}/customer-links")
        assert ("over since" in html, "Close this link" in html) == (True, False)


async def test_a_link_of_another_case_cannot_be_closed_from_here(windows: Windows) -> None:
    desk = windows.desk
    number, _ = await answered(desk)
    other, link = await answered(desk)
    async with signed_in(desk, "grace") as reader, reading(desk) as customer:
        html = await reader.page(f"/cases/{other}/customer-links")
        found = re.search(r'action="/cases/[^/]+/customer-links/([^"]+)"', html)
        form = re.search(r'name="form" value="([^"]+)"', html)
        assert found is not None
        assert form is not None
        for id in (found[1], str(uuid4()), "none"):
            sent = await reader.client.post(f"/cases/{number}/customer-links/{id}", data={"form": form[1]})
            assert sent.status_code == 404, id
        assert (await customer.get(link)).status_code == 200
