"""Customers as pages: found, read with their cases and contracts, made, changed, and merged."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from models.messages.cases import CommandKind
from models.records.reference import Entitlement, Queue
from tests.support.desks import Desk, DeskFactory
from tests.support.filled import fill, given, sent_of
from tests.support.signed import Reader, signed_in
from tests.support.waiting import until


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_customer_is_found_read_made_changed_and_merged(open_desk: DeskFactory) -> None:
    async with open_desk() as desk:
        case = await desk.open()
        hidden = await desk.open()
        await desk.send("mona", hidden, CommandKind.ROUTE, target_id=await queue_id(desk, "private"))
        async with signed_in(desk, "sam") as sam:
            await looked_up(sam, case, hidden)
            await made_and_changed(sam)
            await typed_is_kept(sam)
        async with signed_in(desk, "mona") as mona:
            assert hidden in await mona.page("/customers/aurora")
            await merged(desk, mona)
            contract = await mona.page("/contracts/care")
            assert "15" in contract
            assert "text/csv" in (await mona.get("/contracts/care/statement.csv")).headers["content-type"]
            assert "Aurora" in (await mona.get("/contracts/care/statement")).text
            assert (await mona.get("/contracts/care?from=2031-02-30")).status_code == 422
            assert (await mona.get("/contracts/nothing")).status_code == 404
            await contracts_live(desk, mona, case)


async def queue_id(desk: Desk, slug: str) -> UUID:
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Queue.id).where(Queue.slug == slug))).one()


async def looked_up(reader: Reader, case: str, hidden: str) -> None:
    found = await reader.page("/customers?q=aurora")
    assert 'href="/customers/aurora"' in found
    assert "Nobody is found" in await reader.page("/customers?q=nobody-of-this-name")
    page = await reader.page("/customers/aurora")
    assert case in page
    assert hidden not in page, "it is in a private queue"
    assert 'href="/contracts/care">15 of 15' in page
    assert 'href="/customers/casey"' in page
    assert "Care" in await reader.page("/customers/casey"), "a contact is covered by the account's contract"
    assert (await reader.get("/customers/nobody")).status_code == 404
    assert '<option value="aurora">Aurora</option>' in await reader.page("/part/accounts?account=aur")


async def made_and_changed(reader: Reader) -> None:
    wrong = await reader.send("/customers/new?kind=account", "/customers/new", {"name": " ", "slug": "Big Corp"})
    assert wrong.status_code == 422
    assert 'href="#name"' in wrong.text
    assert 'value="Big Corp"' in wrong.text, "what was typed stays"
    taken = await reader.send("/customers/new?kind=account", "/customers/new", {"name": "Again", "slug": "aurora"})
    assert taken.status_code == 409
    form = await reader.page("/customers/new?kind=account")
    values = {"name": "Big <b>Corp</b>", "slug": "big-corp", "phones": "+49 30 1234567", "parent": "aurora"}
    made = await reader.send(form, "/customers/new", values)
    assert made.url.path == "/customers/big-corp"
    assert "Big &lt;b&gt;Corp&lt;/b&gt;" in made.text
    again = await reader.send(form, "/customers/new", values)
    assert again.url.path == "/customers/big-corp", "the same form once more makes nothing"
    other = await reader.send(form, "/customers/new", {**values, "slug": "other"})
    assert other.status_code == 422, "the same form with something else in it is asked about"
    contact = {"name": "Kim", "slug": "", "email": "kim@big.example", "account": "big-corp"}
    made = await reader.send("/customers/new?kind=contact", "/customers/new", contact)
    assert made.status_code == 200
    changed = await reader.send(f"{made.url.path}/change", f"{made.url.path}/change", {**contact, "name": "Kim B."})
    assert "Kim B." in changed.text
    assert "kim@big.example" in changed.text


async def typed_is_kept(reader: Reader) -> None:
    """Two people change one record: the second sees what the first has saved beside what they typed."""
    mine = await reader.page("/customers/aurora/change")
    await reader.send("/customers/aurora/change", "/customers/aurora/change", {"name": "Aurora One", "tier": "gold"})
    late = await reader.send(mine, "/customers/aurora/change", {"name": "Aurora Two", "tier": "gold"})
    assert late.status_code == 412
    assert "Aurora One" in late.text
    assert 'value="Aurora Two"' in late.text
    done = await reader.send(late.text, "/customers/aurora/change", {"name": "Aurora Two", "tier": "gold"})
    assert done.status_code == 200
    assert "Aurora Two" in done.text


async def merged(desk: Desk, mona: Reader) -> None:
    new = {"name": "Kim B.", "email": "kim+sales@big.example", "account": "big-corp"}
    double = await mona.send("/customers/new?kind=contact", "/customers/new", new)
    assert "Perhaps the same" in double.text
    assert "Kim B." in await mona.page("/customers/duplicates?kind=contact")
    key = double.url.path.rpartition("/")[2]
    found = (await mona.page("/customers?q=kim")).partition('href="/customers/')[2]
    assert found
    survivor = [part.partition('"')[0] for part in (await mona.page("/customers/big-corp")).split('href="/customers/')]
    other = next(each for each in survivor if len(each) == 36 and each != key)
    answer = await mona.send(f"/customers/{other}", f"/customers/{other}/merge", {"loser": key})
    assert "kim+sales@big.example" in answer.text
    assert "gone up in another one" in await mona.page(f"/customers/{key}")


async def contracts_live(desk: Desk, mona: Reader, case: str) -> None:
    """Each verb shows the contract before and after it, and does it; open cases are exchanged to another contract."""
    care = "/contracts/care"
    page = await mona.page(care)
    for said in (f"/cases/{case}", f"{care}/extend", f"{care}/cancel", "The terms of the contract itself", "By "):
        assert said in page, said
    assert f"{care}/renew" not in page, "a contract in force is not renewed"
    refused = await mona.get(f"{care}/renew")
    assert (refused.status_code, "takes no &#39;renew&#39; now" in refused.text) == (409, True)

    # Extended: wrong values stand beside their fields, what would be is shown, and only then it is done, once.
    wrong = await fill(mona, f"{care}/extend", f"{care}/extend", {"end": "2030-01-01"})
    assert (wrong.status_code, 'href="#end"' in wrong.text) == (422, True)
    both = await fill(mona, f"{care}/extend", f"{care}/extend", {"end": "2020-01-01", "further_terms": "-3"})
    assert [both.text.count(f'href="#{field}"') for field in ("end", "further_terms")] == [1, 1]
    neither = await fill(mona, f"{care}/extend", f"{care}/extend", {"end": "", "further_terms": ""})
    assert (neither.status_code, "a later last day, further terms, or both" in neither.text) == (422, True)
    more = {"end": "2032-12-31", "further_terms": "5"}
    shown = await fill(mona, wrong.text, f"{care}/extend", {**more, "do": "show"})
    assert (shown.status_code, "<strong>20</strong>" in shown.text) == (200, True)
    assert (await contract(desk)).total_terms == 15
    form = given(sent_of(shown.text, f"{care}/extend"))
    for _ in range(2):
        done = await mona.client.post(f"{care}/extend", data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"{care}?said=extend")
    kept = await contract(desk)
    assert (int(kept.total_terms), int(kept.remaining_terms), kept.end.year, kept.status) == (20, 20, 2032, "active")

    # Exchanged: the case counts on another contract of its customer.
    other = {"slug": "more-care", "name": "More care", "account": "aurora", "start": "2026-01-01", "end": "2032-12-31"}
    new = "/admin/new/entitlements"
    assert (await fill(mona, new, new, {**other, "total_terms": "3", "decrease_on": "creation"})).status_code == 303
    assert "no case counts on it until" in await mona.page("/contracts/more-care")
    assert (await fill(mona, "/contracts/more-care/activate", "/contracts/more-care/activate")).status_code == 303
    exchange = f"{care}/exchange"
    nothing = await fill(mona, exchange, exchange)
    assert (nothing.status_code, "Choose at least one case." in nothing.text) == (422, True)
    choice = {"numbers": [case], "to": "more-care"}
    shown = await fill(mona, exchange, exchange, {**choice, "do": "show"})
    assert (shown.status_code, "<strong>2</strong>" in shown.text) == (200, True)
    begun = await fill(mona, shown.text, exchange)
    progress = await mona.page(begun.headers["location"])
    assert "<h1>Let cases count on another contract</h1>" in progress
    assert f'href="{care}">Back to the contract</a>' in progress

    async def moved() -> bool:
        page = await mona.page("/contracts/more-care")
        return case in page and "2 of 3" in page

    await until(moved)

    # Cancelled, and renewed as a draft.
    before_after = await mona.page(f"{care}/cancel")
    assert "<strong>cancelled contract</strong>" in before_after
    assert "<strong>nothing for further cases</strong>" in before_after
    assert (await fill(mona, f"{care}/cancel", f"{care}/cancel")).status_code == 303
    cancelled = await mona.page(care)
    assert "<strong>nothing for further cases</strong>" in cancelled
    assert "no case gets it any more" in cancelled
    foreseen = await mona.page(f"{care}/renew")
    assert "The new contract is called care-2." in foreseen
    renewed = await fill(mona, foreseen, f"{care}/renew")
    assert renewed.headers["location"] == "/contracts/care-2?said=renew"
    assert 'href="/contracts/care-2"' in await mona.page(care)
    async with signed_in(desk, "sam") as sam:
        assert f"{care}/renew" not in await sam.page(care)
        assert (await sam.get(f"{care}/renew")).status_code == 403


async def contract(desk: Desk) -> Entitlement:
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Entitlement).where(Entitlement.slug == "care"))).one()
