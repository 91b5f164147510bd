"""The page of a case says why: of promises, of routes and of refusals, in the reader's language."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

from models.messages.api_cases import CancelBody, ReplyBody
from models.messages.cases import CommandKind
from tests.support.correspondence import open_by_mail
from tests.support.signed import signed_in
from tests.support.windows import Windows

K = CommandKind


async def test_why_tells_what_became_of_each_promise(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "mona") as reader:

        async def outcomes(number: str) -> list[str]:
            return re.findall(r"Outcome (.*?) Ran ", words(await reader.page(f"/cases/{number}/why/promises")))

        case = await desk.open()
        assert await outcomes(case) == ["Not given yet, runs"] * 2
        due = [
            datetime.fromisoformat(kpi["failure_at"]) for of_kpi in (await desk.kpis(case)).values() for kpi in of_kpi
        ]
        await desk.forward_to(case, min(due))
        missed, runs = await outcomes(case)
        assert re.fullmatch(r"Missed: it had not been given by .*\d", missed), missed
        assert runs == "Not given yet, runs"
        await desk.send("mona", case, K.CANCEL, CancelBody())
        assert re.fullmatch(r"No longer promised since .*\d", (await outcomes(case))[1])

        answered = await open_by_mail(desk)
        await desk.send("mona", answered, K.REPLY, ReplyBody(text="We look at it."))
        assert re.fullmatch(r"Met on .*\d.*", (await outcomes(answered))[0])


async def test_a_german_page_gives_the_reasons_of_refusals_and_decisions_in_german(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace", **{"Accept-Language": "de"}) as reader:
        case = await open_by_mail(desk)
        at = f"/cases/{case}"
        page = unescape(await reader.page(at))
        # Why it was routed there, and why its promises are due when they are.
        assert re.search(r"Warum</dt>\s*<dd[^>]*>Regel „[^“]+“ passt: ", page), words(page)
        why = words(await reader.page(f"{at}/why/promises"))
        assert re.search(
            r"fällig am \d+\. .*, weil dann \d+ Arbeitsstunden .* vorbei sind, gezählt ab „Eröffnet“, ", why
        ), why
        assert not re.search(r"\d-\d\dT\d", why + words(page)), "instants are the reader's"
        # What the desk refuses: a field of the form.
        unknown = await reader.send(f"{at}/merge", f"{at}/merge", {"numbers": "CAS-99999-AAAAAA"})
        assert "es gibt keinen Fall „CAS-99999-AAAAAA“" in words(unknown.text)
        # What the case's own run refuses, and what a write of its rows does.
        held = await reader.send(f"{at}/hold", f"{at}/hold", {"status_reason": "resolved-by-magic"})
        assert "„resolved-by-magic“ ist unbekannt" in words(held.text), words(held.text)
        await desk.send("mona", case, K.CANCEL, CancelBody())
        closed = await reader.send(page, f"{at}/pick")
        assert closed.status_code == 409
        assert "Der Fall ist storniert." in words(closed.text)


def words(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
