"""Letters as shortcuts, the palette, and Escape, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.async_api import Page

from desk.preferences import Preferences, save_preferences
from desk.shortcuts import Shortcut
from tests.support.trial_pages import frame_of, show
from tests.support.windows import Windows

CHOICES = """
<h1>Choices</h1>
<p id="said" aria-label="What was pressed"></p>
<textarea id="text" aria-label="A text"></textarea>
<a id="do-assign" href="#assigned">Assign</a>
<button type="button" id="do-resolve" data-does="resolve">Resolve</button>
<label for="field-priority">Priority</label><select id="field-priority"><option>low</option><option>high</option></select>
<details id="first" data-folds><summary id="first-summary">First</summary><p>One</p></details>
<details id="second" data-folds><summary id="second-summary">Second</summary><input id="inside" aria-label="Inside"></details>
<a id="opens" href="#" hx-get="/part/panel-of-a-trial" hx-target="#panel">Open the panel</a>
<div id="panel"></div>
"""
PANEL = '<h2 id="panel-title" data-takes-focus>A panel</h2><a href="/" data-closes="panel" id="closes">Close</a>'
SHIFT = 8


async def german(page: Page, key: str, code: str, modifiers: int = 0) -> None:
    """Press a key as a German keyboard has it: the character, and the place where an American one has another."""
    session = await page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        text = {"text": key} if kind == "keyDown" else {}
        await session.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": key, "code": code, "modifiers": modifiers, **text}
        )
    await session.detach()


async def focuses(page: Page, id: str) -> None:
    """Wait until that element has the focus: what a script does comes a moment after what it answers to."""
    await page.wait_for_function("id => document.activeElement.id === id", arg=id)


async def test_keys_work_on_a_german_layout_and_not_while_typing_or_when_off(windows: Windows) -> None:
    frame = await frame_of(windows.desk, "grace")
    async with windows.of("grace") as window:
        page = window.page
        await show(window, frame, CHOICES)
        await german(page, "/", "Digit7", SHIFT)
        await focuses(page, "find")
        await page.keyboard.type("ae?")
        assert await page.input_value("#find") == "ae?"
        assert await page.locator("dialog").count() == 0
        await page.evaluate("() => document.activeElement.blur()")

        await german(page, "?", "Minus", SHIFT)
        await page.wait_for_selector("dialog#key-help")
        said = await page.inner_text("dialog#key-help")
        assert all(word in said for word in ("Assign", "Resolve", "Ctrl+K"))
        assert "Note" not in said  # there is nothing to press for it on this page
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")

        await page.keyboard.press("p")
        await focuses(page, "field-priority")
        await page.keyboard.press("a")  # in a list of choices a letter chooses
        assert not page.url.endswith("#assigned")
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("a")
        await page.wait_for_url("**#assigned")
        await page.focus("#text")
        await page.keyboard.type("get ze")
        assert await page.input_value("#text") == "get ze"
        assert page.url.endswith("/trial#assigned")

        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("g")
        await page.keyboard.press("d")
        await page.wait_for_url(windows.base + "/")

        await prefers(windows, "grace", Preferences(keys=False))
        await show(window, await frame_of(windows.desk, "grace"), CHOICES)
        for key in ("/", "?", "p", "a"):
            await page.keyboard.press(key)
        await focuses(page, "")
        assert await page.locator("dialog").count() == 0
        await page.keyboard.press("Control+k")  # no single letter: it stays
        await page.wait_for_selector("dialog#palette")


async def test_keys_that_somebody_has_changed_do_what_they_chose_and_the_usual_ones_rest(windows: Windows) -> None:
    own = {
        Shortcut.ASSIGN: "\u00e4",
        Shortcut.PRIORITY: "#",
        Shortcut.GO: "t",
        Shortcut.HOME_PAGE: "a",
        Shortcut.HELP: "1",
    }
    await prefers(windows, "sam", Preferences(own_keys=own))
    async with windows.of("sam") as window:
        page = window.page
        await show(window, await frame_of(windows.desk, "sam"), CHOICES)
        for usual in ("a", "p", "?"):
            await page.keyboard.press(usual)
        await focuses(page, "")
        assert page.url.endswith("/trial")
        assert await page.locator("dialog").count() == 0
        await page.keyboard.press("1")
        await page.wait_for_selector("dialog#key-help")
        keys = await page.locator("dialog#key-help dt").all_inner_texts()
        assert {"\u00c4", "#", "E", "1", "Ctrl+K"} <= set(keys)
        assert ["T", "A"] in [each.split() for each in keys]
        assert not {"P", "?"} & set(keys)
        assert await page.get_attribute("dialog#key-help .hint a", "href") == "/me#own-keys"
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        await german(page, "#", "Backslash")
        await focuses(page, "field-priority")
        await page.evaluate("() => document.activeElement.blur()")
        await german(page, "\u00e4", "Quote")
        await page.wait_for_url("**#assigned")
        await page.keyboard.press("t")
        await page.keyboard.press("a")
        await page.wait_for_url(windows.base + "/")
        assert window.complaints == []


async def test_keys_are_changed_without_javascript(windows: Windows) -> None:
    """The form is all that it takes; the fault stands beside its field."""
    async with windows.of("mona", java_script_enabled=False) as window:
        page = window.page
        await window.open("/me")
        await page.fill("#key-reply", "n")
        await page.click("text=Keep keys")
        clash = page.locator("#key-reply-fault")
        assert await clash.inner_text() == "This is the key of \u201cNext stage\u201d too."
        assert await page.get_attribute("#key-reply", "aria-describedby") == "keys-hint key-reply-fault"
        await page.fill("#key-reply", "y")
        await page.click("text=Keep keys")
        await page.wait_for_url("**/me?said=keys**")
        assert await page.input_value("#key-reply") == "y"
        await page.click("text=Back to the usual keys")
        assert await page.input_value("#key-reply") == "r"


async def prefers(windows: Windows, agent: str, wanted: Preferences) -> None:
    identity = await windows.desk.agent(agent)
    async with windows.desk.house.database.write() as session:
        await save_preferences(session, identity.agent_id, wanted, now=datetime.now(UTC))


async def test_escape_closes_the_last_thing_opened_and_returns_focus(windows: Windows) -> None:
    frame = await frame_of(windows.desk, "mona")
    async with windows.of("mona") as window:
        page = window.page
        await page.route("**/part/panel-of-a-trial", lambda route: route.fulfill(body=PANEL, content_type="text/html"))
        await show(window, frame, CHOICES)
        await page.click("#first-summary")
        await page.click("#second-summary")
        await page.click("#opens")
        await page.wait_for_selector("#closes")
        await focuses(page, "panel-title")
        await page.keyboard.press("Control+k")
        await page.wait_for_selector("dialog#palette")

        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        await focuses(page, "panel-title")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#closes", state="detached")
        await focuses(page, "opens")
        await page.focus("#inside")
        await page.keyboard.press("Escape")
        await focuses(page, "second-summary")
        assert await page.evaluate("() => [first.open, second.open]") == [True, False]
        await page.keyboard.press("Escape")
        await focuses(page, "first-summary")
        assert not await page.evaluate("() => first.open")


async def test_the_palette_finds_what_the_page_has_and_is_used_by_keyboard_alone(windows: Windows) -> None:
    frame = await frame_of(windows.desk, "mona")
    async with windows.of("mona") as window:
        page = window.page
        await show(window, frame, CHOICES)
        await page.keyboard.press("Control+k")
        await page.keyboard.type("assi")
        assert await page.inner_text('[role=option][aria-selected="true"]') == "Assign"
        assert await window.faults() == []
        await page.keyboard.press("Enter")
        await page.wait_for_url("**#assigned")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("cas-01042-a1b2c3")
        assert await page.inner_text('[role=option][aria-selected="true"]') == "Open case CAS-01042-A1B2C3"
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        assert window.complaints == []
