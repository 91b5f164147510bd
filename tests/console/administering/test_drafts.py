"""Definitions in the console: drafted as a form or as text, checked, tried on the past, and put in force."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from playwright.async_api import Route

from desk.reference import definitions
from storage.definitions import DefinitionKind
from tests.support.browsers import browsing
from tests.support.desks import Desk, DeskFactory
from tests.support.filled import fill, given, sent_of
from tests.support.signed import signed_in, window_of

RULES = "/admin/routing-rule-sets/by-tier"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def versions(desk: Desk, kind: DefinitionKind, slug: str) -> list[definitions.Version]:
    async with desk.house.database.read() as session:
        return await definitions.versions(session, kind, slug)


async def test_a_rule_is_drafted_tried_activated_and_the_audit_shows_it(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        case = await desk.open()
        (routed,) = await desk.timeline(case, "routed")
        first, last = (str((routed.at + timedelta(days=days)).date()) for days in (-1, 1))
        async with window_of(desk, browser, base, "mona", locale="en-GB") as window:
            page = window.page
            # Copied to a draft, and edited: a rule is put before the others, by buttons that leave all else as it was typed.
            await window.open(RULES)
            await page.click("text=Copy to a draft")
            await page.click("button[value='add:rules']")
            await page.wait_for_selector("#f-rules\\.2\\.name:focus")
            await page.fill("#f-rules\\.2\\.name", "Calls to the inbox")
            await page.select_option("#f-rules\\.2\\.queue", "inbox")
            await page.select_option("#f-rules\\.2\\.when\\.is", "all")
            await page.fill("#f-rules\\.2\\.when\\.0\\.field", "case.origin")
            await page.fill("#f-rules\\.2\\.when\\.0\\.value", "phone")
            for place in (2, 1):
                await page.click(f"button[value='up:rules.{place}']")
                await page.wait_for_selector(f"#f-rules\\.{place - 1}\\.name:focus")
            await page.fill("#f-rules\\.0\\.name", "")
            await page.click(".save button")
            await page.wait_for_selector(".faults:focus")
            await page.click(".faults a")
            assert (await window.focused())["id"] == "f-rules.0.name"
            await page.keyboard.type("Calls to the inbox")
            await page.click(".save button")
            await page.wait_for_selector("text=The draft is saved")
            assert "Rules Calls to the inbox" in await page.inner_text("#main")
            await page.click("button:text-is('Check')")
            await page.wait_for_selector("text=It can be put in force.")

            # Tried on the past: the one routing would have gone elsewhere, and why.
            await page.click("text=Try on the past")
            await page.fill("#from", first)
            await page.fill("#to", last)
            await page.click("button:text-is('Try')")
            await page.wait_for_selector("#found h2:focus")
            found = await page.inner_text("#found")
            for said in ("1 would be different", case, "Queue Gold", "Queue Inbox", "Calls to the inbox"):
                assert said in found, said
            assert f"from={first}" in page.url

            # Put in force: the next case goes by it.
            await page.click("text=Back to it")
            await page.click("button:text-is('Put in force')")
            await page.wait_for_selector("text=It is in force from now on.")
            await page.click("text=Who changed what")
            told = await page.inner_text("table")
            for said in (
                "put in force, version 2",
                "created, version 2",
                "taken out of force, version 1",
                "mona",
                "Calls to the inbox",
            ):
                assert said in told, said
            opened = (await desk.case(case)).created_on.date()
            await window.open(f"/admin/slas/gold/try?from={opened}&to={opened}")
            assert "First response, First response: " in await page.inner_text("#found-head ~ .scroll"), "KPI and item"
            # What an action needs is asked for as soon as it is chosen; a group of clauses stands within a condition.
            await window.open("/admin/slas/gold/edit")
            # What is typed while an answer is under way stays, and so does the place at which one types.
            answered = asyncio.Event()

            async def late(route: Route) -> None:
                await answered.wait()
                await route.continue_()

            await page.route("**/admin/slas/gold/change**", late)
            await page.click("button[value='add:items.1.actions']")
            await page.fill("#f-name", "Gold, typed meanwhile")
            answered.set()
            await page.wait_for_selector("#f-items\\.1\\.actions\\.1\\.do")
            assert await page.input_value("#f-name") == "Gold, typed meanwhile"
            assert (await window.focused())["id"] == "f-name"
            await page.unroute("**/admin/slas/gold/change**", late)
            await page.select_option("#f-items\\.1\\.actions\\.1\\.do", "notify")
            await page.fill("#f-items\\.1\\.actions\\.1\\.to", "owner")
            await page.select_option("#f-items\\.1\\.actions\\.1\\.on", "success")
            await page.click("button[value='group:items.1.success']")
            await page.fill("#f-items\\.1\\.success\\.1\\.0\\.field", "case.severity")
            await page.fill("#f-items\\.1\\.success\\.1\\.0\\.value", "none")
            await page.click(".save button")
            await page.wait_for_selector("text=The draft is saved")
            assert "Notify" in await page.inner_text("#main")
            assert [each for each in window.complaints if "422" not in each] == []
        (draft, _) = await versions(desk, DefinitionKind.SLA, "gold")
        (_, resolution) = draft.body.items  # type: ignore[attr-defined]
        assert [(each.on, each.do) for each in resolution.actions] == [
            ("failure", "set-priority"),
            ("success", "notify"),
        ]
        assert [each.field for each in resolution.success.all[1].any] == ["case.severity"]
        assert (await desk.case(await desk.open())).queue == "inbox"


async def test_definitions_are_written_as_forms_and_as_text(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "mona") as mona:
        # A form that nobody touches changes nothing: no draft is made of it.
        for at in (RULES, "/admin/slas/gold", "/admin/processes/three-stages", "/admin/calendars/lunch-break"):
            same = await fill(mona, f"{at}/edit", f"{at}/change")
            assert same.status_code == 303, same.text
            assert "version=1" in same.headers["location"]

        # As text: every fault with its line, and nothing is written.
        text = "slug: silver\nname: Silver\nitems:\n  - name: Reply\n"
        text += "    kpi: first-response\n    fail_after: soonish\n    sucess: 1\n"
        wrong = await fill(mona, "/admin/new/slas?as=text", "/admin/new/slas", {"text": text})
        assert wrong.status_code == 422
        for said in ('data-line="6"', 'data-line="7"', "fail_after", "did you mean &#39;success&#39;?"):
            assert said in wrong.text, said
        assert ("text", text) in sent_of(wrong.text, "/admin/new/slas")
        text = text.replace("soonish", "4 business hours").replace(
            "sucess: 1", "success: {all: [{field: case.first_response_sent, value: true}]}"
        )
        text = text.replace("kpi: first-response", "kpi: none-such\n    business_hours: lunch-break")
        made = await fill(mona, wrong.text, "/admin/new/slas", {"text": text})
        assert made.headers["location"] == "/admin/slas/silver?version=1&said=made"

        # Checked: all that stands in its way; then mended in the form, and in force.
        checked = await fill(mona, "/admin/slas/silver", "/admin/slas/silver/check")
        assert (checked.status_code, "none-such" in checked.text) == (422, True)
        refused = await fill(mona, "/admin/slas/silver", "/admin/slas/silver/activate")
        assert (refused.status_code, "none-such" in refused.text) == (422, True)
        saved = await fill(
            mona, "/admin/slas/silver/edit", "/admin/slas/silver/change", {"items.0.kpi": "first-response"}
        )
        assert saved.status_code == 303
        checked = await fill(mona, "/admin/slas/silver", "/admin/slas/silver/check")
        assert (checked.status_code, "It can be put in force." in checked.text) == (200, True)
        assert [each.status for each in await versions(desk, DefinitionKind.SLA, "silver")] == ["draft"]
        assert (await fill(mona, "/admin/slas/silver", "/admin/slas/silver/activate")).status_code == 303
        (silver,) = await versions(desk, DefinitionKind.SLA, "silver")
        assert (silver.status, silver.body.items[0].kpi) == ("active", "first-response")  # type: ignore[attr-defined]

        # Two at one draft: who comes late is told, and what they typed stands.
        await fill(mona, f"{RULES}/edit", f"{RULES}/change", {"name": "By tier and more"})
        draft = await mona.page(f"{RULES}/edit?version=2")
        await fill(mona, f"{RULES}/edit?version=2", f"{RULES}/change", {"rules.0.name": "Golden customers"})
        late = await fill(mona, draft, f"{RULES}/change", {"rules.1.name": "The others"})
        assert (late.status_code, "Somebody else has changed this" in late.text) == (412, True)
        assert ("rules.1.name", "The others") in sent_of(late.text, f"{RULES}/change")

        # Holidays are brought in as the file that a calendar program gives out.
        days = (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20310501\nSUMMARY:May Day\nEND:VEVENT\nEND:VCALENDAR\n"
        )
        at = "/admin/calendars/lunch-break"
        assert (await fill(mona, f"{at}/edit", f"{at}/change", {"holidays": days})).status_code == 303
        newest = (await versions(desk, DefinitionKind.CALENDAR, "lunch-break"))[0]
        assert [day.name for day in newest.body.holidays] == ["A Tuesday off", "May Day"]  # type: ignore[attr-defined]
        assert "No promise would move." in await mona.page(f"{at}/recompute")

        # What a preview says: when it would be due, and how a letter would look.
        due = await mona.page("/admin/slas/silver/due?created_on=2031-03-27T09:00&fact=case.priority&value=high")
        assert "2 h" in due or "4 h" in due
        assert "March 27, 2031, 1" in due, "a preview says the time too"
        unknown = await mona.get("/admin/slas/silver/due?created_on=2031-03-27T09:00&fact=case.colour&value=red")
        assert (unknown.status_code, "is no fact of a case" in unknown.text) == (422, True)
        letter = await mona.page("/admin/templates/acknowledgement/preview")
        assert "Dear Casey, this is case CAS-01042-A1B2C3." in letter
        assert "<svg" in await mona.page("/admin/processes/three-stages")

        # A trial of nothing says so, to scripts line by line; a period that is none is refused.
        lines = (await mona.page(f"/part{RULES}/try?version=2&from=2031-01-01&to=2031-01-31")).splitlines()
        assert "There was nothing to try it on" in json.loads(lines[-1])["html"]
        # It is of the version that stands on its page, which says so; without one in the address, of the draft.
        period = "from=2031-01-01&to=2031-01-31"
        for asked, said in (("", "version 2, the draft"), ("version=1&", "version 1, which is in force")):
            assert f"Tried was {said}." in await mona.page(f"{RULES}/try?{asked}{period}")
            lines = (await mona.page(f"/part{RULES}/try?{asked}{period}")).splitlines()
            assert f"Tried was {said}." in json.loads(lines[-1])["html"]
        assert f'href="{RULES}/try?version=2"' in await mona.page(RULES)
        wrong_days = await mona.get(f"{RULES}/try?version=2&from=2031-02-01&to=2031-01-01")
        assert (wrong_days.status_code, "after" in wrong_days.text) == (422, True)
        far = "between the years 2000 and 2200"
        for address, said in {
            f"{RULES}/try?version=2&from=0001-01-01&to=2031-01-31": far,
            f"{RULES}/try?version=2&from=2031-01-01&to=9999-12-31": far,
            f"/part{RULES}/try?version=2&from=2031-01-01&to=9999-12-31": far,
            f"{RULES}/try?version=2&from=2031-01-01&to=": "such as 2031-03-28",
            "/admin/slas/gold/due?created_on=0001-01-01T00:00": far,
            "/admin/audit?from=9999-12-31": far,
            "/admin/audit?to=9999-99-99": "such as 2031-03-28",
            "/admin/audit?before=x": "begin again without it",
            f"{RULES}?version=x": "such as 2",
        }.items():
            answer = await mona.get(address)
            assert (answer.status_code, said in answer.text) == (422, True), (address, answer.status_code)


async def test_the_organisation_is_taken_out_and_brought_in_as_a_file(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "ada") as ada, signed_in(desk, "mona") as mona:
        assert (await mona.get("/admin/file")).status_code == 403
        text = (await ada.get("/admin/file/export")).text
        assert "organisation:" in text
        fields = given(sent_of(await ada.page("/admin/file"), "/admin/file"))
        nothing = await ada.client.post("/admin/file", data={**fields, "text": text, "do": "check"})
        assert (nothing.status_code, "Nothing." in nothing.text) == (200, True)
        changed = text.replace("name: Everybody else", "name: All the others")
        told = await ada.client.post("/admin/file", data={**fields, "text": changed, "do": "check"})
        assert "All the others" in told.text
        assert len(await versions(desk, DefinitionKind.ROUTING_RULE_SET, "by-tier")) == 1
        files = {"file": ("mine.yaml", changed.encode(), "application/yaml")}
        done = await ada.client.post("/admin/file", data={**fields, "text": "", "do": "apply"}, files=files)
        assert (done.status_code, "Applied" in done.text) == (200, True)
        assert len(await versions(desk, DefinitionKind.ROUTING_RULE_SET, "by-tier")) == 2
        # A file that comes by a browser opens no file of the machine.
        secret = changed.replace("password_env: TEST_MAILBOX_PASSWORD", "password_file: /etc/hostname")
        assert secret != changed
        kept = await ada.client.post("/admin/file", data={**fields, "text": secret, "do": "apply"})
        assert (kept.status_code, "Nothing." in kept.text) == (200, True)
        broken = await ada.client.post(
            "/admin/file", data={**fields, "text": "queues:\n  - slug: X Y\n", "do": "apply"}
        )
        assert (broken.status_code, 'data-line="2"' in broken.text) == (422, True)

        # The settings count at once.
        settings = await fill(ada, "/admin/organisation", "/admin/organisation/change", {"name": "Another Desk"})
        assert settings.status_code == 303
        assert "Another Desk" in await ada.page("/admin/organisation")
        taken = await fill(ada, "/admin/organisation", "/admin/organisation/change", {"default_process": "none-such"})
        assert (taken.status_code, "none-such" in taken.text) == (422, True)
        assert (await mona.client.post("/admin/organisation/change", data=fields)).status_code == 403
