"""The pages in a real browser: with and without scripts, by keyboard alone, light and dark, wide and narrow, and attacked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.messages.api_cases import ReplyBody, ResolveBody
from models.messages.cases import CommandKind
from models.records.mails import Attachment, EmailMessage
from models.records.surveys import SurveyAnswer
from tests.support.browsers import PHONE, WIDE, Screen, browsing, screen
from tests.support.correspondence import open_by_mail
from tests.support.desks import DeskFactory
from tests.support.organisations import add
from tests.support.pages import letters, link_in, survey_link, with_pages

K = CommandKind
WAYS: list[dict[str, Any]] = [
    {"java_script_enabled": True, "color_scheme": "light", "viewport": WIDE},
    {"java_script_enabled": False, "color_scheme": "dark", "viewport": PHONE, "reduced_motion": "reduce"},
    {"java_script_enabled": True, "color_scheme": "dark", "viewport": PHONE, "locale": "de-DE"},
]
RUN = "window.attacked=1;alert(1)"
VECTORS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"\"'><svg/onload={RUN}>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<a href='javascript:{RUN}'>click</a>",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"<form action=https://evil.example><button formaction=javascript:{RUN}>x</button></form>",
    "<style>@import 'https://evil.example/a.css';</style><link rel=stylesheet href=https://evil.example/b.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/><img src=https://evil.example/p.png>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"{{{{ 7*7 }}}}{{% for x in () %}}{{% endfor %}}<input autofocus onfocus={RUN}>",
    f"\u202e<video><source onerror={RUN}>",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


LINES = """(of) => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(of));
  return range.getClientRects().length;
}"""
"""How many lines the words of an element stand in."""


async def found_good(window: Screen, what: str, *, scripts: bool) -> None:
    """Nothing is cut, nothing comes from elsewhere, nothing breaks the policy, and axe has nothing to say."""
    if scripts:
        assert not await window.is_cut(), what
        assert await window.faults() == [], what
    assert window.asked <= {window.base.partition("://")[2]}, what
    assert window.complaints == [], what


async def test_a_survey_is_answered_by_keyboard_in_every_browser(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        await with_pages(desk, {"kind": "nps", "quiet_days": 0}, colour="#ffd700")
        for number, way in enumerate(WAYS):
            case = await desk.open()
            await desk.send("grace", case, K.RESOLVE, ResolveBody(resolution="Paired."))
            link, scripts = await survey_link(desk), bool(way["java_script_enabled"])
            async with screen(browser, base, **way) as window:
                await window.open(link)
                await found_good(window, "survey", scripts=scripts)
                if scripts:
                    await window.tab_to(id="score-0")
                    for _ in range(number + 3):
                        await window.page.keyboard.press("ArrowRight")
                    await window.tab_to(id="comment")
                    await window.page.keyboard.type("Quick <b>help</b>")
                    await window.page.keyboard.press("Tab")
                    await window.page.keyboard.press("Enter")
                else:
                    await window.page.check(f"#score-{number + 3}")
                    await window.page.fill("#comment", "Quick <b>help</b>")
                    await window.page.click("button[type=submit]")
                await window.page.wait_for_selector("[role=status]")
                await found_good(window, "answered", scripts=scripts)
        async with desk.house.database.read() as session:
            given = list(await session.scalars(select(SurveyAnswer).order_by(SurveyAnswer.id)))
        assert [(each.score, each.comment) for each in given] == [(n + 3, "Quick <b>help</b>") for n in range(3)]


async def test_a_case_is_read_and_answered_and_no_letter_can_attack_its_reader(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, browsing(desk) as (browser, base):
        await with_pages(desk, customer_view=True)
        case = await open_by_mail(desk, "\n".join(VECTORS), title=VECTORS[0])
        async with desk.house.database.write() as session:
            letter = (await session.scalars(select(EmailMessage).where(EmailMessage.direction == "in"))).one()
            letter.html, letter.subject, letter.sender_name = "".join(VECTORS), VECTORS[0], VECTORS[1]
            given = {"content_type": "text/html", "size": 1, "sha256": "0" * 64, "position": 0}
            session.add(Attachment(message_id=letter.id, filename=f'"{VECTORS[1]}.html', **given))
        await desk.send("grace", case, K.REPLY, ReplyBody(text="\n".join(VECTORS), html="".join(VECTORS)))
        link = link_in(desk, (await letters(desk, "reply"))[-1][0])
        for way in WAYS:
            async with screen(browser, base, **way) as window:
                await window.open(link)
                scripts = bool(way["java_script_enabled"])
                await found_good(window, "case", scripts=scripts)
                shown = await window.page.locator(".letter .text").all_inner_texts()
                assert any(VECTORS[1] in text for text in shown), "letters are shown as they were written"
                if not scripts:
                    await window.page.fill("#text", "Without a script.")
                    await window.page.click("text=Send the answer")
                else:
                    assert await window.page.evaluate("() => window.attacked") is None
                    await window.tab_to(id="text")
                    await window.page.keyboard.type(VECTORS[6])
                    await window.page.keyboard.press("Tab")
                    await window.page.keyboard.press("Tab")
                    await window.page.keyboard.press("Enter")
                await window.page.wait_for_selector("[role=status]")
                await found_good(window, "answered", scripts=scripts)
                assert (window.dialogs, "evil.example" in str(window.asked)) == ([], False)


async def test_help_and_refusals_in_the_browser(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, browsing(desk) as (browser, base):
        await with_pages(desk, help=True)
        content = f"Turn it down.\n\n{VECTORS[0]} and https://example.com/a"
        await add(desk, {"articles": [{"slug": "loud", "title": f"Too loud? {VECTORS[1]}", "content": content}]})
        for way in WAYS:
            async with screen(browser, base, **way) as window:
                scripts = bool(way["java_script_enabled"])
                await window.open("/help")
                await found_good(window, "help", scripts=scripts)
                assert not scripts or await window.page.evaluate(LINES, ".search button") == 1, "a word is torn"
                await window.page.fill("#q", "loud")
                await window.page.keyboard.press("Enter")
                await window.page.wait_for_selector("article.hit a")
                await found_good(window, "found", scripts=scripts)
                await window.page.click("article.hit a")
                await window.page.wait_for_selector(".article")
                await found_good(window, "article", scripts=scripts)
                window.complaints.clear()
                await window.open("/survey/wrong")
                assert "404" in str(window.complaints), "the browser says that the page is not there"
                window.complaints.clear()
                await found_good(window, "refusal", scripts=scripts)
                assert window.dialogs == []
