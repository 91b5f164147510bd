"""What a narrow window does to words: labels of days stay whole, and a notice keeps off the mark beside it."""

from __future__ import annotations

from models.messages.api_cases import AssignBody
from models.messages.cases import CommandKind
from tests.support.windows import Windows

PHONE = {"width": 320, "height": 640}
BROKEN = r"""() => [...document.querySelectorAll('label.inline')].flatMap(each => {
const text = each.firstChild, range = document.createRange();
if (text.nodeType !== Node.TEXT_NODE) return [];
return [...text.data.matchAll(/\S+/g)].filter(word => {
range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
return range.getClientRects().length > 1 }).map(word => word[0]) })"""


async def test_the_labels_of_days_are_not_broken_within_a_word(windows: Windows) -> None:
    async with windows.of("mona", viewport=PHONE, locale="de-DE") as window:
        for address in ("/figures", "/contracts/care", "/figures?from=2026-02-01&to=2026-01-01"):
            await window.open(address)
            assert await window.page.evaluate(BROKEN) == [], address
            assert not await window.is_cut(), address


async def test_an_unread_notice_keeps_off_its_mark(windows: Windows) -> None:
    desk = windows.desk
    number = await desk.open(title="It hums")
    grace = (await desk.agent("grace")).agent_id
    await desk.send("mona", number, CommandKind.ASSIGN, AssignBody(agent="grace"), target_id=grace)
    async with windows.of("grace", viewport=PHONE) as window:
        await window.open("/notices")
        left = "() => parseFloat(getComputedStyle(document.querySelector('li.unread')).paddingInlineStart)"
        assert await window.page.evaluate(left) > 3, "the mark is three pixels wide"
