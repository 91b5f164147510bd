"""At least 150 texts that would run a script, or ask a server, wherever they can be written, in one run of a browser."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import select, update

from console.composing.mail_frame import policy
from desk.identity import Identity
from desk.saved_views import keep_view
from mail.sanitised import Images
from models.messages.api_cases import NoteBody, ResolveBody
from models.messages.cases import CommandKind
from models.records.articles import ArticleVersion
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import Attachment
from models.records.reference import Account, Agent, Contact, Product, Queue, Subject
from models.records.timeline import TimelineEntry
from tests.support.attacks import HTML, LINES
from tests.support.browsers import WIDE, Screen, browsing
from tests.support.correspondence import mail, open_by_mail
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import form_of, reading, survey_link, with_pages
from tests.support.signed import window_of
from tests.support.waiting import until

HOUSE = (
    *("/cases/views", "/cases/new?q=casey", "/team", "/articles", "/articles?q=hacked", "/articles/KA-01001"),
    *(
        "/articles/KA-01001/change",
        "/articles/new",
        "/figures/incoming?by=queue",
        "/figures/surveys",
        "/figures/articles",
    ),
    *("/help", "/help?q=hacked", "/help/KA-01001"),
)
ADMINISTRATION = (
    *("/admin/templates", "/admin/templates/evil", "/admin/templates/evil/edit", "/admin/templates/evil/preview"),
    *(
        "/admin/queues",
        "/admin/queues/gold",
        "/admin/products",
        "/admin/subjects",
        "/admin/surveys",
        "/admin/surveys/after",
    ),
    *("/admin/new/routing-rule-sets", "/admin/audit"),
)
AT_ONCE = 28
"""Entries of a case: as many as its page shows at first."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_150_xss_vectors_run_no_script_and_send_no_request(open_desk: DeskFactory) -> None:
    assert len({*HTML, *LINES}) >= 150
    async with open_desk() as desk, browsing(desk) as (browser, base):
        cases = [await with_lines(desk, LINES[at : at + AT_ONCE]) for at in range(0, len(LINES), AT_ONCE)]
        mails = await with_bodies(desk, cases[0], HTML)
        await words_of_the_house(desk)
        answered, survey = await an_answer(desk)
        await names_of_the_house(desk)
        # The policy would stop a script that got this far: the walls are looked at one by one.
        async with window_of(desk, browser, base, "mona", viewport=WIDE, bypass_csp=True) as window:
            await no_body_runs(window, [f"/cases/{cases[0]}/mails/{id}/html?images=inline" for id in mails])
            pages = [f"/cases/{number}{below}" for number in cases for below in ("", "/reply", "/print")]
            await nothing_runs(window, [*pages, "/", "/cases?view=all", "/search?q=hacked", "/notices"])
            await words_put_in_are_text(window, cases[0])
            await nothing_runs(
                window, ["/cases", *HOUSE, f"/cases/{cases[1]}/fields/product", f"/cases/{answered}", survey]
            )
            assert window.asked <= {base.partition("://")[2]}
        async with window_of(desk, browser, base, "ada", viewport=WIDE, bypass_csp=True) as window:
            await nothing_runs(window, ADMINISTRATION)
            assert window.asked <= {base.partition("://")[2]}
        async with window_of(desk, browser, base, "mona", viewport=WIDE) as window:
            await nothing_runs(window, [f"/cases/{cases[0]}", f"/cases/{cases[0]}/mails/{mails[0]}/html"])
            assert window.asked <= {base.partition("://")[2]}


def test_a_frame_has_an_origin_of_its_own_and_loads_from_elsewhere_only_when_asked_to() -> None:
    for images in Images:
        parts = dict(each.strip().partition(" ")[::2] for each in policy(images).split(";"))
        assert parts["default-src"] == "'none'"
        assert "allow-same-origin" not in parts["sandbox"]
        assert parts["script-src"].startswith("'sha256-")
        assert ("https:" in parts.get("img-src", "")) == (images is Images.REMOTE)


async def with_lines(desk: Desk, lines: tuple[str, ...]) -> str:
    """A case whose mails, notes, files, title, description and fields are these lines."""
    number = await open_by_mail(desk)
    case = await desk.case(number)
    for at, line in enumerate(lines):
        letter = await mail(
            desk,
            f"{line}\n> {line}",
            case_id=case.id,
            subject=line,
            sender_name=line[:200],
            recipients={"to": [], "cc": []},
        )
        async with desk.house.database.write() as session:
            session.add(_entry(case, f"m{at}", "mail", letter.id, line))
            session.add(_file(letter.id, line, 0))
    await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="\n".join(lines)))
    whole = " ".join(lines)
    async with desk.house.database.write() as session:
        changed = {"title": whole[:300], "description": whole, "custom": {"device": whole}}
        await session.execute(update(Case).where(Case.id == case.id).values(**changed))
    return number


async def with_bodies(desk: Desk, number: str, bodies: tuple[str, ...]) -> list[Any]:
    case = await desk.case(number)
    made = []
    for at, body in enumerate(bodies):
        letter = await mail(desk, f"Its text {at}", case_id=case.id, html=f"<p>before</p>{body}<p>after</p>")
        made.append(letter.id)
        if at % 6 == 0:
            async with desk.house.database.write() as session:
                session.add(_entry(case, f"h{at}", "mail", letter.id, ""))
    return made


async def words_of_the_house(desk: Desk) -> None:
    """What people of the house have written: names, templates, articles."""
    whole = " ".join(LINES)
    plain = whole.replace("{", "(").replace("}", ")")
    words = {"subject": plain[:200], "body": plain[:15_000]}
    await add(desk, {"templates": [{"slug": "evil", "name": LINES[0], "texts": {"en": words}}]})
    await add(desk, {"products": [{"slug": "speaker", "name": LINES[4]}]})
    async with desk.house.database.write() as session:
        await session.execute(update(Contact).values(name=LINES[2]))
        await session.execute(update(Account).values(name=LINES[1]))


async def an_answer(desk: Desk) -> tuple[str, str]:
    """The number of a case whose customer has said these lines of it, and the path of the survey."""
    await with_pages(desk, {"name": LINES[3]})
    number = await desk.open(title="It pairs")
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="\n".join(LINES)))
    link = await survey_link(desk)
    async with reading(desk) as browser:
        page = await browser.get(link)
        sent = {"form": form_of(page.text), "score": "5", "comment": "\n".join(LINES)[:1_900]}
        assert (await browser.post(link, data=sent)).status_code == 303
    return number, link


async def names_of_the_house(desk: Desk) -> None:
    """Articles, lists that are kept, queues, products and subjects: every one is named after an attack."""
    whole = " ".join(LINES)
    async with desk.house.database.write() as session:
        values = {
            "title": whole[:300],
            "content": "\n\n".join(LINES),
            "keywords": whole[:500],
            "description": whole[:500],
        }
        await session.execute(update(ArticleVersion).values(**values))
        for record in (Queue, Product, Subject):
            rows: list[Queue | Product | Subject] = list(await session.scalars(select(record)))
            assert rows, record
            for row, line in zip(rows, cycle(LINES)):
                row.name = line[:200]
        mona = (await session.scalars(select(Agent).where(Agent.slug == "mona"))).one()
        identity = Identity(mona.id, mona.slug, mona.name, frozenset())
        for line in LINES[:20]:
            await keep_view(session, identity, line[:80], "status=active", OPENED_ON, shared=True)


def _entry(case: Case, key: str, kind: str, subject: Any, text: str) -> TimelineEntry:
    return TimelineEntry(
        id=new_id(), case_id=case.id, key=key, at=OPENED_ON, kind=kind, subject_id=subject, text=text, data={}
    )


def _file(message: Any, line: str, position: int) -> Attachment:
    return Attachment(
        id=new_id(), message_id=message, position=position, filename=line[:300], content_type="image/svg+xml",
        content_id="p@x", inline=False, size=9, sha256="0" * 64,
    )  # fmt: skip


async def no_body_runs(window: Screen, addresses: list[str]) -> None:
    """All of them as frames of one page of ours."""
    await window.open("/")
    await window.page.evaluate(
        """(addresses) => Promise.all(addresses.map((address) => new Promise((done) => {
        const frame = document.createElement('iframe'); frame.src = address; frame.onload = done;
        document.body.append(frame) })))""",
        addresses,
    )
    assert len(window.page.frames) == len(addresses) + 1
    await nothing_has_run(window, "/")


async def nothing_runs(window: Screen, addresses: Iterable[str]) -> None:
    for address in addresses:
        answer = await window.page.goto(window.base + address, wait_until="load")
        assert answer is not None
        assert answer.status in (200, 404), (address, answer.status)
        await all_mails_are_loaded(window)
        await window.page.mouse.move(300, 300)
        await nothing_has_run(window, address)


async def all_mails_are_loaded(window: Screen) -> None:
    """A browser loads a mail's frame only when it comes into sight: until then its document is an empty one."""
    for element in await window.page.query_selector_all("iframe[data-mail]"):
        await element.evaluate("it => { it.loading = 'eager' }")
        frame = await element.content_frame()
        assert frame is not None
        await frame.wait_for_url("**/mails/**", wait_until="load")


async def nothing_has_run(window: Screen, address: str) -> None:
    for frame in window.page.frames:
        assert not await frame.evaluate("Boolean(globalThis.hacked)"), (address, frame.url)
        if "/mails/" in frame.url:
            marks = "document.querySelectorAll('[onerror],[onload],[style],[srcdoc],[ping],[formaction],base').length"
            assert await frame.evaluate(marks) == 0, (address, frame.url)
    assert window.dialogs == [], address


async def words_put_in_are_text(window: Screen, number: str) -> None:
    await window.open(f"/cases/{number}")
    await window.page.locator("#writing-reply .helps").evaluate("it => { it.open = true }")
    await window.page.select_option("#reply-template", "evil")
    await window.page.press("#writing-reply [data-puts-in=template]", "Enter")
    has = "document.querySelector('#reply-text').value.includes('hacked')"
    await until(lambda: window.page.evaluate(has))
    await window.page.locator("#writing-reply [data-saved]", has_text="Saved").wait_for()
    await nothing_runs(window, [f"/cases/{number}", f"/cases/{number}/reply"])
