"""A customer's link whose time is over: the page says so and sends a new one, to the contact's own address and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from models.records.surveys import CustomerLink
from tests.console.test_customer import answered, write
from tests.support.correspondence import CUSTOMER
from tests.support.desks import Desk, DeskFactory
from tests.support.pages import form_of, letters, link_in, reading, with_pages

NEVER = f"/my/{'0' * 32}.k1.{'a' * 32}"
OFFERED = "Send me a new link"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        await with_pages(made, customer_view=True)
        yield made


async def change(desk: Desk, **values: object) -> None:
    async with desk.house.database.write() as session:
        await session.execute(update(CustomerLink).values(**values))


async def test_a_link_that_is_over_offers_a_new_one_by_mail_and_says_nothing_else(desk: Desk) -> None:
    number, link = await answered(desk)
    async with reading(desk) as browser:
        open_page = form_of((await browser.get(link)).text)
        await change(desk, expires_on=datetime.now(UTC) - timedelta(seconds=1))
        over = await browser.get(link)
        assert (over.status_code, OFFERED in over.text) == (410, True)
        for hidden in (number, CUSTOMER, "Casey", "My headphones"):
            assert hidden not in over.text, hidden
        assert "Neuen Link" in (await browser.get(link, params={"lang": "de"})).text
        # What somebody wrote while their link ran out is there to be copied.
        late = await write(browser, link, "It pairs now.", form=open_page)
        assert (late.status_code, OFFERED in late.text, "It pairs now.</textarea>" in late.text) == (410, True, True)
        assert OFFERED in (await browser.post(f"{link}/solved", data={"form": open_page})).text

        # One form is one letter, however often and at whichever moment it is sent.
        form = {"form": form_of(over.text)}
        answers = await asyncio.gather(*(browser.post(f"{link}/new", data=form) for _ in range(3)))
        assert [(each.status_code, each.headers["location"]) for each in answers] == [(303, f"{link}/new")] * 3
        ((letter, outgoing),) = await letters(desk, "notice")
        assert outgoing.envelope_to == [CUSTOMER]
        assert "My headphones" not in letter.subject + letter.text
        anew = await browser.get(link_in(desk, letter))
        assert (anew.status_code, number in anew.text, "You have asked for a new link" in anew.text) == (
            200,
            True,
            False,
        )
        assert OFFERED in (await browser.get(link)).text

        # Whoever asks of a link that never was is answered alike.
        said = [(await browser.get(f"{each}/new")).text.replace(each, "") for each in (link, NEVER)]
        assert said[0] == said[1]
        told = [await browser.post(f"{each}/new", data={"form": "none"}) for each in (link, NEVER)]
        assert [(each.status_code, each.headers["location"]) for each in told] == [
            (303, f"{each}?said=stale") for each in (link, NEVER)
        ]
        assert OFFERED not in (await browser.get(NEVER)).text
        assert "open for a long time" in (await browser.get(f"{link}?said=stale")).text

        # So often and no more; and never for a link that was closed, or while customers are shown no cases.
        for _ in range(4):
            await browser.post(f"{link}/new", data={"form": form_of((await browser.get(link)).text)})
        assert len(await letters(desk, "notice")) == 3
        other, elsewhere = await answered(desk)
        await change(desk, expires_on=datetime.now(UTC) - timedelta(seconds=1))
        form = {"form": form_of((await browser.get(elsewhere)).text)}
        await with_pages(desk, customer_view=False)
        await browser.post(f"{elsewhere}/new", data=form)
        assert OFFERED not in (await browser.get(elsewhere)).text
        await with_pages(desk, customer_view=True)
        await change(desk, revoked_on=datetime.now(UTC))
        sent = await browser.post(f"{elsewhere}/new", data=form)
        assert sent.headers["location"] == f"{elsewhere}/new"
        closed = await browser.get(elsewhere)
        assert ("link was closed" in closed.text, OFFERED in closed.text) == (True, False)
        assert len(await letters(desk, "notice")) == 3, other
        # Nor for an older one, once the last one was closed.
        await change(desk, revoked_on=None)
        async with desk.house.database.write() as session:
            case = await desk.case(number)
            last = select(func.max(CustomerLink.id)).where(CustomerLink.case_id == case.id).scalar_subquery()
            await session.execute(
                update(CustomerLink).where(CustomerLink.id == last).values(revoked_on=datetime.now(UTC))
            )
        assert "link was closed" in (await browser.get(link)).text
