"""The administrator's day in a real browser: a process, a promise, a contract, people, the file, and the audit of it all."""

from __future__ import annotations

import re

from playwright.async_api import Page

from desk.audit import KINDS
from tests.support.browsers import Screen
from tests.support.windows import Windows

RETURNS = """\
slug: returns
name: Returns of devices, with a name that is much longer than a stage of the drawing is wide
order: 10
applies_when: {all: [{field: case.title, op: contains, value: Return}]}
stages:
  - slug: look
    name: Look at it
    guidance: |
      Ask for the serial number.
      Then look it up.
    steps:
      - {field: custom.serial, label: Serial number, required: true}
      - {field: custom.broken, label: Is it broken?, kind: yes-no}
    branches: [{when: {all: [{field: case.custom.broken, value: true}]}, to: repair}]
    next: swap
  - {slug: repair, name: Repair, next: done, on_entry: [{do: set, values: {priority: urgent}}]}
  - {slug: swap, name: Swap}
  - {slug: done, name: Wrap up}
"""
STAGES = "() => [...document.querySelectorAll('.stages li')].map(each => each.className)"


def field(name: str) -> str:
    return f'[id="f-{name}"]'


async def save(page: Page, button: str) -> None:
    await page.click(f"#main button:text-is('{button}'):visible >> nth=-1")


async def put_in_force(page: Page) -> None:
    await save(page, "Put in force")
    await page.wait_for_selector("text=It is in force from now on.")


async def new(window: Screen, plural: str, **values: str) -> None:
    """Open the form of a new one, and fill in these fields, `__` for a dot."""
    await window.open(f"/admin/new/{plural}")
    for name, value in values.items():
        control = window.page.locator(field(name.replace("__", ".")))
        if await control.evaluate("each => each.tagName") == "SELECT":
            await control.select_option(value)
        else:
            await control.fill(value)


async def test_a_process_is_drawn_mended_and_followed_by_a_case(windows: Windows) -> None:
    async with windows.of("ada", locale="en-GB") as window:
        page = window.page
        await window.open("/admin/new/processes?as=text")
        await page.fill("textarea[name=text]", RETURNS)
        await save(page, "Save the draft")
        await page.wait_for_selector("text=The draft is made.")
        assert "Then look it up." in await page.inner_text(".reading")

        # What stands in the way leads to its field, also where that is folded and of a word and its value.
        await save(page, "Check")
        await page.click(".faults li a")
        at = field("stages.1.on_entry.0.values.0.value")
        await page.wait_for_selector(f"{at}:focus")
        await page.fill(at, "high")
        await save(page, "Save the draft")
        await page.wait_for_selector("text=The draft is saved.")
        assert re.search(r"serial number\.\s*\n\s*Then look", await page.inner_text(".reading")), "lines became one"
        await put_in_force(page)
        drawn = await page.text_content("svg") or ""
        assert "Repair" in drawn
        assert "Wrap up" in drawn

        # A new case gets it by its condition; what its first stage asks decides the way.
        await window.open("/cases/new?customer=casey")
        await page.fill("#ask-title", "Return of a speaker")
        await page.click("#open-case")
        await page.wait_for_selector(".stages")
        assert await page.evaluate(STAGES) == ["current", "maybe", "ahead", "ahead"]
        await page.select_option('[id="ask-custom.broken"]', "yes")
        await page.click("#do-process-next")
        await page.wait_for_selector("#case-process >> text=This is still needed before the next stage.")
        await page.fill('[id="ask-custom.serial"]', "SN-4711")
        await page.click("#do-process-next")
        await page.wait_for_selector(".stages li.current:has-text('Repair')")
        assert await page.input_value("#field-priority") == "high"
        await window.open("/search?q=SN-4711")
        assert "Return of a speaker" in await page.inner_text("#main")


async def test_a_promise_is_made_and_a_contract_lives_by_it(windows: Windows) -> None:
    async with windows.of("ada", locale="en-GB") as window:
        page = window.page
        await new(window, "calendars", slug="office", name="Office", time_zone="Europe/Berlin", hours__thursday="9-17")
        await save(page, "Save the draft")
        await page.wait_for_selector(f"{field('hours.thursday-fault')}:visible")
        await page.fill(field("hours.thursday"), "09:00-17:00")
        await page.click("button[value='add:holidays']")
        await page.fill(field("holidays.0.date"), "2031-05-01")
        await save(page, "Save the draft")
        await page.wait_for_selector("text=The draft is made.")
        await put_in_force(page)

        promise = {"items__0__name": "Answer", "items__0__kpi": "first-response", "items__0__success__is": "all"}
        promise |= {"items__0__success__0__field": "case.first_response_sent", "items__0__success__0__value": "true"}
        promise |= {"items__0__warn_after": "5 hours", "items__0__fail_after": "4 hours"}
        await new(window, "slas", slug="silver", name="Silver", calendar="office", **promise)
        await save(page, "Save the draft")
        await page.wait_for_selector(f"{field('items.0.warn_after-fault')}:visible")
        await page.fill(field("items.0.warn_after"), "3 hours")
        await save(page, "Save the draft")
        await page.wait_for_selector("text=The draft is made.")
        await put_in_force(page)
        # The hour that is left on this Thursday, and three of the next but one: the one between is a holiday.
        await window.open("/admin/slas/silver/due?created_on=2031-04-24T16:00")
        assert "May 8, 2031, 12:00:00" in await page.inner_text("#main")

        await new(window, "entitlement-templates", slug="basic", name="Basic care", total_terms="3", sla="silver")
        await page.fill(field("months"), "12")
        await save(page, "Save the draft")
        await page.wait_for_selector("text=The draft is made.")
        await put_in_force(page)
        await page.click("text=Make a contract of it")
        await page.wait_for_selector(field("account"))
        assert "ann@example.com" not in await page.inner_text("#main"), "an example of nothing"
        await page.fill(field("slug"), "aurora-basic")
        await save(page, "Save")
        # Of two fields of which one is needed the first is marked.
        await page.wait_for_selector(f"{field('account-fault')}:visible")
        await page.select_option(field("account"), "aurora")
        await save(page, "Save")
        await page.wait_for_selector("text=It is made.")
        await window.open("/contracts/aurora-basic/activate")
        await save(page, "Take into use")
        await page.wait_for_selector("text=The contract is in use.")
        told = await page.inner_text("#main")
        assert "By Ada." in told
        assert "Silver" in told
        assert "silver" not in told
        await window.open("/contracts/aurora-basic/cancel")
        await save(page, "Cancel the contract")
        await page.wait_for_selector("text=The contract is cancelled.")
        await window.open("/contracts/aurora-basic/renew")
        await save(page, "Make the draft")
        await page.wait_for_selector("text=A draft that follows on the old contract.")


async def test_who_leaves_keeps_a_name_and_the_file_and_the_audit_are_read_in_german(windows: Windows) -> None:
    async with windows.of("ada", locale="de-DE") as window, windows.of("ada", locale="en-GB") as english:
        page = english.page
        await new(english, "agents", slug="zoe", name="Zoë Brontë", email="zoe@desk.example")
        await save(page, "Save")
        await page.wait_for_selector("text=It is made.")
        await save(page, "Make a token")
        token = re.search(r"caseloom_\w+", await page.inner_text("#main"))
        assert token is None or token[0] not in (await page.content()).replace(token[0], "", 1)
        await page.wait_for_selector("text=it is shown this once")
        await page.reload()
        assert "caseloom_" not in await page.inner_text("#main")
        await new(english, "teams", slug="night", name="Night")
        await page.check("input[name=members][value=zoe]")
        await save(page, "Save")
        await page.wait_for_selector("text=It is made.")
        await english.open("/admin/agents/zoe")
        await save(page, "Take out of use")
        await page.wait_for_selector("text=It is out of use.")
        await english.open("/admin/teams/night")
        assert "Zoë Brontë" in await page.inner_text("#f-members")

        page = window.page
        answer = await page.context.request.get(f"{windows.base}/admin/file/export")
        text = await answer.text()
        await window.open("/admin/file")
        assert "Die Datei" in await page.inner_text("#main form")
        await page.fill("#text", text)
        await page.click("button[value=check]")
        await page.wait_for_selector("#report")
        assert "Nichts." in await page.inner_text("[aria-labelledby=report]")
        await page.fill("#text", text.replace("name: Night", "name: Nacht"))
        await page.click("button[value=check]")
        await page.wait_for_selector("text=Nacht")
        assert "Team Night: geändert" in await page.inner_text("[aria-labelledby=report]")

        await window.open("/admin/audit")
        offered = await page.evaluate("() => [...document.querySelectorAll('#kind option')].map(each => each.value)")
        assert {*offered} - {""} == KINDS
        await page.select_option("#kind", "token")
        await page.click("button:text-is('Zeigen')")
        await page.wait_for_selector("text=Alle zeigen")
        told = await page.inner_text("tbody")
        assert re.search(
            r"Zugangsschlüssel .* erstellt .*: nichts → Zoë Brontë .*: nichts → Bearbeiter", " ".join(told.split())
        )
        await window.open("/admin/audit?kind=agent&object=zoe")
        assert "außer Gebrauch genommen" in await page.inner_text("tbody")
