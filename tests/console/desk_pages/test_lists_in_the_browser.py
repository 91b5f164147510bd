"""Lists of cases in a real browser: what is ticked stays, a range by Shift, and Back leads to the row that one left."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from models.messages.cases import CaseStatus
from models.records.cases import Case
from tests.support.browsers import PHONE, Screen, browsing
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import window_of


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_lists_in_the_browser(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, browsing(desk) as (browser, base):
        numbers = [(await desk.insert(title=f"Case {n}")).number for n in range(60)]
        async with desk.house.database.write() as session:
            await session.execute(update(Case).values(status=CaseStatus.ACTIVE))
        async with window_of(desk, browser, base, "grace") as window:
            await counts_come_by_themselves(window)
            await shift_ticks_a_range(window)
            await ticks_survive_a_live_refresh_and_a_sort(desk, window, numbers)
            await what_is_ticked_on_another_page_comes_along(window)
            await back_lands_on_the_row_one_left(window)
        async with window_of(desk, browser, base, "grace", viewport=PHONE) as phone:
            await on_a_phone_a_case_is_a_few_lines_and_unfolds(phone)
            await bulk_works_on_a_phone(phone)


async def counts_come_by_themselves(window: Screen) -> None:
    await window.open("/cases?sort=number")
    await window.page.wait_for_function("() => document.getElementById('here-count').textContent === '60'")
    assert not await window.page.locator("#tick-all").is_checked()


async def shift_ticks_a_range(window: Screen) -> None:
    boxes = window.page.locator("input[name=numbers]")
    await boxes.nth(1).click()
    await boxes.nth(4).click(modifiers=["Shift"])
    assert await ticked(window) == 4
    assert await window.page.locator("[data-ticked]").inner_text() == "4 selected"
    await boxes.nth(2).click()
    assert await ticked(window) == 3


async def ticks_survive_a_live_refresh_and_a_sort(desk: Desk, window: Screen, numbers: list[str]) -> None:
    """The second and the fourth case are ticked, with the fifth: one of them changes meanwhile."""
    async with desk.house.database.write() as session:
        changed = update(Case).where(Case.number == numbers[1]).values(title="Another title", version=Case.version + 1)
        await session.execute(changed)
    await window.page.evaluate(
        "([number]) => document.dispatchEvent(new CustomEvent('live:cases', {detail: {[number]: 99}}))", [numbers[1]]
    )
    await window.page.wait_for_selector(f"#case-{numbers[1]} >> text=Another title")
    assert await ticked(window) == 3
    await window.page.locator("th a", has_text="Priority").click()
    await window.page.wait_for_url("**/cases?sort=priority")
    assert await window.page.locator("[data-ticked]").inner_text() == "3 selected"
    assert await window.page.locator(f"#tick-{numbers[1]}").is_checked()
    await window.open("/cases?priority=normal")
    assert await ticked(window) == 0, "another list"


async def what_is_ticked_on_another_page_comes_along(window: Screen) -> None:
    await window.open("/cases?sort=number")
    assert await ticked(window) == 3
    await window.page.locator("a[rel=next]").click()
    await window.page.wait_for_url("**cursor=**")
    await window.page.locator("input[name=numbers]").first.click()
    await window.page.locator("#bulk-go").click()
    await window.page.wait_for_url("**/cases/bulk?action=assign&numbers=**")
    assert "The 4 that are selected" in await window.page.inner_text("main")
    await window.page.go_back()
    await window.page.locator("#tick-none").click()
    assert await ticked(window) == 0


async def back_lands_on_the_row_one_left(window: Screen) -> None:
    await window.open("/cases?sort=number")
    row = window.page.locator("tr[data-case]").nth(35)
    number = await row.get_attribute("data-case")
    await row.locator("a").first.click()
    await window.page.wait_for_url(f"**/cases/{number}?**")
    await window.page.go_back()
    assert await in_sight(window, f"#case-{number}")
    await window.page.locator(f"#case-{number} a").first.click()
    await window.page.wait_for_url(f"**/cases/{number}?**")
    following = await window.page.locator("#way-next").get_attribute("href")
    await window.page.locator("#way-back").click()
    await window.page.wait_for_url("**/cases?sort=number**")
    assert await in_sight(window, f"#case-{number}")
    await window.page.wait_for_function("id => document.activeElement.id === id", arg=f"open-{number}")
    following_number = await window.page.locator("tr[data-case]").nth(36).get_attribute("data-case")
    assert following is not None
    assert following.startswith(f"/cases/{following_number}?")


async def on_a_phone_a_case_is_a_few_lines_and_unfolds(phone: Screen) -> None:
    await phone.open("/cases?sort=number")
    row = phone.page.locator("tr[data-case]").first
    box = await row.bounding_box()
    assert box is not None
    assert box["height"] < 125
    priority = row.locator("td[data-label=Priority]")
    assert await row.locator("td[data-label=Status]").is_visible()
    assert not await priority.is_visible()
    await row.locator("summary").click()
    assert await priority.is_visible()
    assert not await phone.is_cut()


async def bulk_works_on_a_phone(phone: Screen) -> None:
    await phone.open("/cases?sort=number")
    await phone.page.locator("input[name=numbers]").nth(1).click()
    await phone.page.locator("#bulk-action").select_option("resolve")
    await phone.page.locator("#bulk-go").click()
    await phone.page.wait_for_url("**/cases/bulk?action=resolve&numbers=**")
    chosen = phone.page.url
    await phone.page.locator("#do-bulk").click()
    await phone.page.wait_for_selector(".faults a")
    assert await phone.page.locator(".faults a").count() == 1
    assert not await phone.is_cut()
    assert await phone.faults() == []
    await back_leads_through_a_refused_form_to_the_list(phone, chosen)


async def back_leads_through_a_refused_form_to_the_list(phone: Screen, chosen: str) -> None:
    """The answer to a form that was sent cannot be fetched again: it has the address of the form."""
    await phone.page.wait_for_url(chosen)
    await phone.page.locator("#field-billable_minutes").fill("many")
    await phone.page.locator("#do-bulk").click()
    given_back = "() => document.getElementById('field-billable_minutes').defaultValue === 'many'"
    await phone.page.wait_for_function(given_back)
    await phone.page.locator("header .name").click()
    await phone.page.wait_for_url(f"{phone.base}/")
    for _ in range(3):
        await phone.page.go_back()
        assert phone.page.url == chosen
        assert "The 1 that is selected" in await phone.page.inner_text("main")
    await phone.page.go_back()
    await phone.page.wait_for_url("**/cases?sort=number")
    assert await ticked(phone) == 1, "the choice is kept"


async def ticked(window: Screen) -> int:
    return await window.page.locator("input[name=numbers]:checked").count()


async def in_sight(window: Screen, selector: str) -> bool:
    seen: bool = await window.page.locator(selector).evaluate(
        "it => { const box = it.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
    )
    return seen
