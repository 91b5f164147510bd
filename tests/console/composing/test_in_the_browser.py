"""The composer and mails in frames in a real browser: one desk and one browser, promise after promise."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import select

from models.messages.api_cases import ChangeBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.families import MergeBody
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage
from tests.support.browsers import WIDE, Screen, browsing
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import letters
from tests.support.signed import window_of
from tests.support.waiting import until

K = CommandKind
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"
)
PASTE = """(count) => { const data = new DataTransfer();
for (let at = 1; at <= count; at += 1)
  data.items.add(new File([new Uint8Array([137, 80, 78, 71, at])], 'image.png', {type: 'image/png'}));
document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }"""
WORDS = {"subject": "S", "body": "the number on its back"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_writing(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        await add(desk, {"templates": [{"slug": "back", "name": "On its back", "texts": {"en": WORDS}}]})
        options: dict[str, Any] = {"viewport": WIDE, "locale": "en-GB"}
        async with window_of(desk, browser, base, "grace", **options) as window:
            await a_killed_browsers_draft_is_there_on_another_machine(desk, browser, base, options)
            await a_template_enters_at_the_cursor(desk, window)
            await nine_pasted_pictures_arrive_or_the_missing_one_is_named(desk, window)
            await a_double_click_sends_once_and_undo_restores_all(desk, window)
            await others_changes_and_merges_leave_typed_text_alone(desk, window)
            assert window.dialogs == []
            assert window.asked <= {base.partition("://")[2]}


async def test_mails_in_frames(open_desk: DeskFactory) -> None:
    async with (
        open_desk() as desk,
        browsing(desk) as (browser, base),
        window_of(desk, browser, base, "grace", viewport=WIDE) as window,
    ):
        await inline_pictures_show_remote_ones_only_when_asked_for(desk, window)
        await a_100vh_mail_has_a_steady_height(desk, window)


async def comes(window: Screen, expression: str) -> None:
    """Wait until it is so. Playwright's own way evaluates in the page, which our policy forbids."""
    await until(lambda: window.page.evaluate(f"Boolean({expression})"))


def text_of(window: Screen, kind: str = "reply") -> Any:
    return window.page.locator(f"#{kind}-text")


async def saved(window: Screen, kind: str = "reply") -> None:
    await window.page.locator(f"#writing-{kind} [data-saved]", has_text="Saved").wait_for()


async def a_killed_browsers_draft_is_there_on_another_machine(
    desk: Desk, browser: Any, base: str, options: Any
) -> None:
    number = await open_by_mail(desk)
    async with window_of(desk, browser, base, "grace", **options) as killed:
        await killed.open(f"/cases/{number}")
        await text_of(killed).fill("Dear Casey, this took me an hour to wri")
        await saved(killed)
    async with window_of(desk, browser, base, "grace", **options) as window:
        await window.open(f"/cases/{number}")
        assert await text_of(window).input_value() == "Dear Casey, this took me an hour to wri"
        # Each kind is a draft of its own, in its own colour and with its own button.
        await window.page.press("#write-note", "Enter")
        assert await text_of(window, "note").input_value() == ""
        assert not await text_of(window).is_visible()
        await text_of(window, "note").fill("Ask the lab")
        await saved(window, "note")
        await window.page.press("#write-reply", "Enter")
        assert await text_of(window).input_value() == "Dear Casey, this took me an hour to wri"


async def a_template_enters_at_the_cursor(desk: Desk, window: Screen) -> None:
    await window.open(f"/cases/{await open_by_mail(desk)}")
    await text_of(window).fill("Please read  to me.")
    await text_of(window).evaluate("it => it.setSelectionRange(12, 12)")
    await window.page.locator("#writing-reply .helps summary").press("Enter")
    await window.page.select_option("#reply-template", "back")
    await window.page.press("#writing-reply [data-puts-in=template]", "Enter")
    await comes(window, "document.querySelector('#reply-text').value.includes('back')")
    assert await text_of(window).input_value() == "Please read the number on its back to me."
    assert (await window.focused())["id"] == "reply-text"
    await saved(window)


async def nine_pasted_pictures_arrive_or_the_missing_one_is_named(desk: Desk, window: Screen) -> None:
    number = await open_by_mail(desk)
    await window.open(f"/cases/{number}")
    failed = 0

    async def lose(route: Any) -> None:
        nonlocal failed
        failed += 1
        await (route.abort() if failed == 4 else route.continue_())

    await window.page.route("**/attachments", lose)
    await text_of(window).fill("Nine pictures")
    await text_of(window).focus()
    await window.page.evaluate(PASTE, 9)
    await window.page.locator("#writing-reply .file.lost").wait_for()
    # Send waits for the others, and then names the one that is missing.
    await window.page.press("#writing-reply [data-send]", "Enter")
    status = window.page.locator("#writing-reply [data-uploads]")
    await status.filter(has_text="Please try again with these files").wait_for()
    name = (await window.page.locator("#writing-reply .file.lost").inner_text()).split()[0]
    assert name in await status.inner_text()
    assert await letters(desk, "reply") == []
    await window.page.locator("#writing-reply .file.lost").get_by_text("Try again").press("Enter")
    await comes(window, "document.querySelectorAll('#writing-reply [name=attachments]').length === 9")
    await window.page.unroute("**/attachments")
    await window.page.press("#writing-reply [data-send]", "Enter")
    await window.page.wait_for_url("**sent=**")
    (message, _) = (await letters(desk, "reply"))[-1]
    async with desk.house.database.read() as session:
        files = list(await session.scalars(select(Attachment.filename).where(Attachment.message_id == message.id)))
    assert len(set(files)) == 9


async def a_double_click_sends_once_and_undo_restores_all(desk: Desk, window: Screen) -> None:
    number = await open_by_mail(desk)
    before = len(await letters(desk, "reply"))
    await window.open(f"/cases/{number}")
    await text_of(window).fill("Hold the button.")
    await window.page.fill("#reply-cc", "second@other.example")
    assert "second@other.example" in await window.page.locator("#reply-new").inner_text()
    await window.page.locator("#writing-reply [data-send]").evaluate("it => { it.click(); it.click() }")
    await window.page.wait_for_url("**sent=**")
    assert len(await letters(desk, "reply")) == before + 1
    assert await text_of(window).input_value() == ""
    await window.page.locator("[data-undo]").press("Enter")
    await window.page.wait_for_url("**undone=**")
    assert await text_of(window).input_value() == "Hold the button."
    assert await window.page.input_value("#reply-cc") == "second@other.example"
    # By key, from within the text; the kind of draft stays.
    await text_of(window).focus()
    await window.page.keyboard.press("Control+Enter")
    await window.page.wait_for_url("**sent=**")
    assert await window.page.locator("#write-reply").get_attribute("aria-current") == "true"
    assert len(await letters(desk, "reply")) == before + 2


async def others_changes_and_merges_leave_typed_text_alone(desk: Desk, window: Screen) -> None:
    number, survivor = await open_by_mail(desk), await open_by_mail(desk, "Once more.")
    await window.open(f"/cases/{number}")
    await text_of(window).fill("What I am typing")
    await desk.send("mona", number, K.CHANGE, ChangeBody(priority="high"))
    await desk.send("sam", number, K.PICK)
    await window.page.evaluate("htmx.ajax('GET', location.pathname.replace('/cases', '/part/cases'), '#panel')")
    await comes(window, "document.querySelector('#case-head').textContent.includes('Sam')")
    assert await text_of(window).input_value() == "What I am typing"
    await saved(window)
    await desk.send("sam", number, K.RELEASE)
    await desk.send("mona", survivor, K.MERGE, MergeBody(losers=(number,)))
    await desk.until_status(number, CaseStatus.CANCELLED)
    await text_of(window).press_sequentially(", and more")
    await window.page.press("#writing-reply [data-send]", "Enter")
    notice = window.page.locator("#writing-reply .notice", has_text=survivor)
    await notice.wait_for()
    assert await text_of(window).input_value() == "What I am typing, and more"
    assert (await letters(desk, "reply"))[-1][0].text.startswith("Hold the button.")


async def with_html(desk: Desk, html: str) -> str:
    """A case with a mail of this HTML and a picture of its own."""
    number = await open_by_mail(desk)
    await receive(desk, number, html=html, text="Its text.")
    case = await desk.case(number)
    digest = await desk.house.files.put(PNG)
    async with desk.house.database.write() as session:
        mail = await session.scalar(
            select(EmailMessage).where(EmailMessage.case_id == case.id).order_by(EmailMessage.id.desc()).limit(1)
        )
        assert mail is not None
        kind = {"filename": "p.png", "content_type": "image/png", "content_id": "p@x", "inline": True}
        session.add(Attachment(id=new_id(), message_id=mail.id, position=0, size=len(PNG), sha256=digest, **kind))
    return number


async def inline_pictures_show_remote_ones_only_when_asked_for(desk: Desk, window: Screen) -> None:
    number = await with_html(
        desk, "<p>See</p><img src='cid:p@x' alt='ours'><img src='https://pictures.example/x.png' alt='theirs'>"
    )
    await window.page.route(
        "https://pictures.example/**", lambda route: route.fulfill(body=PNG, content_type="image/png")
    )
    await window.open(f"/cases/{number}")
    frame = window.page.frame_locator("iframe[data-mail]")
    ours = frame.locator("img[alt=ours]")
    await ours.wait_for()
    await until(lambda: ours.evaluate("it => it.complete && it.naturalWidth === 10"))
    assert await frame.locator("img[alt=theirs]").get_attribute("src") is None
    assert "pictures.example" not in window.asked
    box = await window.page.locator("iframe[data-mail]").bounding_box()
    assert box is not None
    assert 60 < box["height"] < 200, "as high as the mail"
    await window.page.get_by_text("Show pictures of other servers").click()
    theirs = frame.locator("img[alt=theirs]")
    await until(lambda: theirs.evaluate("it => Boolean(it.src) && it.complete && it.naturalWidth === 10"))
    assert "pictures.example" in window.asked
    # The address of a picture is good for this picture, and not for ever.
    address = str(await ours.get_attribute("src"))
    got = await window.page.context.request.get(window.base + address)
    assert (got.status, got.headers["cross-origin-resource-policy"]) == (200, "cross-origin")
    id, until_, mark = address.rpartition("/")[2].split(".")
    for wrong in (
        f"{id}.{until_}.{mark[:-1]}{'b' if mark[-1] == 'a' else 'a'}",
        f"{id}.{int(until_) + 1}.{mark}",
        f"{new_id().hex}.{until_}.{mark}",
        "x",
    ):
        assert (await window.page.context.request.get(f"{window.base}/pictures/{wrong}")).status == 404


async def a_100vh_mail_has_a_steady_height(desk: Desk, window: Screen) -> None:
    number = await with_html(
        desk,
        "<style>div{height:100vh}</style><div style='height:100vh'>high</div><table height='100%'><tr><td>x</table>",
    )
    await window.open(f"/cases/{number}")
    frame = window.page.locator("iframe[data-mail]")
    await window.page.frame_locator("iframe[data-mail]").get_by_text("high").wait_for()
    height = "document.querySelector('iframe[data-mail]').offsetHeight"
    await comes(window, f"{height} < 200")
    first = await window.page.evaluate(height)
    await window.page.wait_for_timeout(500)
    assert await window.page.evaluate(height) == first
    # One that grew with every look would come to rest, at a height that the window decides.
    inside = await (await frame.element_handle()).content_frame()
    assert inside is not None
    for wrong in (39, 20_001, "1e9", None):
        await inside.evaluate("height => parent.postMessage({mailHeight: height}, '*')", wrong)
    assert await window.page.evaluate(height) == first
    for step in range(15):
        await inside.evaluate("height => parent.postMessage({mailHeight: height}, '*')", 300 + 100 * step)
    await comes(window, f"{height} < innerHeight")
    fixed = await window.page.evaluate(height)
    await inside.evaluate("parent.postMessage({mailHeight: 9999}, '*')")
    await window.page.wait_for_timeout(100)
    assert await window.page.evaluate(height) == fixed
