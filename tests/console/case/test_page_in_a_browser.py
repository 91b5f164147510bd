"""The page of a case in a real browser: where it opens, where the focus goes, and what stays typed."""

from __future__ import annotations

from models.messages.api_cases import ChangeBody, NoteBody
from models.messages.cases import CommandKind
from models.messages.families import ChildBody
from tests.support.correspondence import open_by_mail, receive
from tests.support.windows import Windows

K = CommandKind
IN_VIEW = """id => { const it = document.getElementById(id).getBoundingClientRect();
return it.top >= 0 && it.top < window.innerHeight }"""


async def test_a_case_opens_at_its_first_unread_entry_in_view(windows: Windows) -> None:
    desk = windows.desk
    number = await open_by_mail(desk)
    for line in range(6):
        await desk.send("mona", number, K.NOTE, NoteBody(text=f"Note {line}\n" * 15))
    async with windows.of("grace") as window:
        await window.open(f"/cases/{number}")
        assert await window.page.locator("#new").count() == 0
        await receive(desk, number, text="It is broken again.")
        await desk.send("mona", number, K.NOTE, NoteBody(text="Called them."))
        for _ in range(2):
            await window.open(f"/cases/{number}")
            await window.page.wait_for_function(IN_VIEW, arg="new")
            entry = "() => document.getElementById('new').nextElementSibling.getBoundingClientRect().top"
            assert await window.page.evaluate(entry) < window.page.viewport_size["height"]  # type: ignore[index]
            # The other way round it opens at the oldest of them, below what was read.
            await window.page.click("#case-timeline form[action$='/order'] button")
            await window.page.wait_for_load_state()
            await desk.send("mona", number, K.NOTE, NoteBody(text="One more."))


async def test_a_form_that_opens_takes_the_focus_and_gives_it_back_and_a_faulty_one_shows_why(windows: Windows) -> None:
    number = await open_by_mail(windows.desk)
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.fill("#field-severity", "is being typed")
        await page.click("#do-resolve")
        await page.wait_for_function("() => document.activeElement.id === 'heading-resolve'")
        await page.fill("#ask-billable_minutes", "a while")
        await page.click("#send-resolve")
        await page.wait_for_function("() => document.activeElement.matches('#panel .faults')")
        assert await page.input_value("#ask-billable_minutes") == "a while"
        await page.click("#panel .faults a >> nth=0")
        assert await page.evaluate("() => document.activeElement.id") == "ask-resolution"
        await page.click("[data-closes=panel]")
        assert await page.evaluate("() => document.activeElement.id") == "do-resolve"
        # What stands elsewhere on the page stays typed over a deed that exchanges its regions.
        await page.click("#do-pick")
        await page.wait_for_selector("#panel .notice.good")
        await page.wait_for_function("() => document.activeElement.matches('#panel .notice')")
        assert await page.input_value("#field-severity") == "is being typed"
        assert await page.locator("#do-pick").count() == 0
        assert await page.locator("#case-timeline", has_text="Picked from").count() == 1
        assert [said for said in window.complaints if "422" not in said] == []


async def test_next_leads_to_what_is_missing_and_announces_the_new_stage(windows: Windows) -> None:
    number = await windows.desk.open()
    async with windows.of("grace") as window:
        page = window.page
        await window.open(f"/cases/{number}")
        await page.click("#do-process-next")
        await page.wait_for_function("() => document.activeElement.matches('#case-process .faults')")
        await page.click("#case-process .faults a")
        assert await page.evaluate("() => document.activeElement.id") == "ask-case_type"
        await page.select_option("#ask-case_type", "problem")
        await page.click("#do-process-next")
        await page.wait_for_function("() => document.activeElement.matches('#panel .notice')")
        assert "Stage 2 of 3: Research" in await page.inner_text("#panel")
        assert "Research" in await page.inner_text("#case-process [aria-current=step]")


async def test_a_property_saves_by_itself_and_shows_what_somebody_else_has_put_there(windows: Windows) -> None:
    desk = windows.desk
    number = await open_by_mail(desk)
    async with windows.of("grace") as window, windows.of("mona") as other:
        for each in (window, other):
            await each.page.route("**/part/live", lambda route: route.abort())
            await each.open(f"/cases/{number}")
        await window.page.select_option("#field-priority", "high")
        await window.page.wait_for_selector("#property-priority .saved")
        assert (await desk.case(number)).priority == "high"
        await other.page.select_option("#field-case_type", "request")
        await other.page.wait_for_selector("#property-case_type .saved")
        await other.page.select_option("#field-priority", "low")
        await other.page.wait_for_function("() => document.activeElement.matches('#property-priority .faults')")
        said = await other.page.inner_text("#property-priority .faults")
        assert "Grace changed this" in said
        assert "high" in said
        assert "low" in said
        row = await desk.case(number)
        assert (row.priority, row.case_type) == ("high", "request")
        await other.page.click("#save-priority")
        await other.page.wait_for_selector("#property-priority .saved")
        assert (await desk.case(number)).priority == "low"
        await desk.send("grace", number, K.CHANGE, ChangeBody(priority="normal"))


async def test_a_word_of_120_letters_wraps_wherever_it_stands(windows: Windows) -> None:
    desk, long = windows.desk, "L" + "o" * 117 + "ng"
    number = await open_by_mail(desk, title=long)
    await open_by_mail(desk, title=long)
    await desk.send("grace", number, K.NOTE, NoteBody(text=long))
    await desk.send("grace", number, K.ADD_CHILD, ChildBody(title=long))
    async with windows.of("grace") as window:
        for width in (1280, 1024, 360):
            await window.page.set_viewport_size({"width": width, "height": 740})
            for address in (f"/cases/{number}", f"/cases/{number}/merge", f"/cases/{number}/print", "/cases", "/"):
                await window.open(address)
                assert not await window.is_cut(), (width, address)


async def test_on_a_phone_the_process_is_one_line_that_unfolds(windows: Windows) -> None:
    number = await windows.desk.open()
    async with windows.of("grace", viewport={"width": 360, "height": 740}) as window:
        page = window.page
        await window.open(f"/cases/{number}")
        assert await page.is_visible(".fold summary")
        assert (await page.inner_text(".fold summary")).startswith("1 of 3, Identify")
        assert not await page.is_visible(".stages")
        await page.click(".fold summary")
        assert await page.is_visible(".stages")
        # The countdowns stay in view while one reads on.
        await page.evaluate("() => window.scrollTo(0, 1500)")
        head = await page.evaluate("() => document.querySelector('.case-head .due').getBoundingClientRect().top")
        assert 0 <= head < 200
        assert not await window.is_cut()


async def test_on_a_phone_each_countdown_says_which_promise_it_counts(windows: Windows) -> None:
    case = await windows.desk.open(title="It is silent")
    async with windows.of("grace", viewport={"width": 360, "height": 740}) as phone:
        await phone.open(f"/cases/{case}")
        names = phone.page.locator("#case-head .promise > .quiet")
        assert await names.count() == 2
        assert [await name.is_visible() for name in await names.all()] == [True, True]
        assert not await phone.is_cut()
        # Eight hours of working time can be three days by the calendar: what counts is said.
        said = await phone.page.eval_on_selector_all(
            "#case-head .due",
            "all => all.map(each => [each.innerText.includes('of working time'), each.dataset.wholeDays])",
        )
        assert [words for words, _ in said] == [days != "yes" for _, days in said]
        assert any(words for words, _ in said)


async def test_no_promise_has_its_name_broken_within_a_word(windows: Windows) -> None:
    case = await windows.desk.open(title="It hums")
    async with windows.of("grace") as window:
        for width in (1280, 1024, 360):
            await window.page.set_viewport_size({"width": width, "height": 740})
            await window.open(f"/cases/{case}")
            assert await window.page.evaluate(BROKEN) == [], width


BROKEN = r"""() => [...document.querySelectorAll('.promised > span:first-child')].flatMap(each => {
const text = each.firstChild, range = document.createRange();
return [...text.data.matchAll(/\S+/g)].filter(word => {
range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
return range.getClientRects().length > 1 }).map(word => word[0]) })"""


async def test_what_has_the_focus_lies_below_the_head_that_stays_in_view(windows: Windows) -> None:
    case = await open_by_mail(windows.desk, subject="It crackles")
    for line in range(4):
        await windows.desk.send("mona", case, K.NOTE, NoteBody(text=f"Note {line}\n" * 12))
    for size in ({"width": 360, "height": 700}, {"width": 1280, "height": 800}):
        async with windows.of("grace", viewport=size, locale="de-DE") as window:
            page = window.page
            await window.open(f"/cases/{case}/reply")
            await page.fill("#reply-text", "Please try once more.\n" * 8)
            await page.keyboard.press("Control+Enter")
            await page.wait_for_selector(".undo button")
            await page.wait_for_function("() => document.activeElement.matches('.undo')")
            assert await page.evaluate(BELOW_HEAD), size
            entry = page.locator(".entry", has=page.locator(".undo button")).first
            assert (await entry.inner_text()).split()[0] == "Antwort", "a letter is no button"
            await page.evaluate("() => [...document.querySelectorAll('#entries a')].at(-1).focus()")
            for _ in range(10):
                await page.keyboard.press("Shift+Tab")
                assert await page.evaluate(BELOW_HEAD), size


BELOW_HEAD = """() => { const it = document.activeElement, head = document.querySelector('.case-head');
return head.contains(it) || it.getBoundingClientRect().top >= head.getBoundingClientRect().bottom - 1 }"""
