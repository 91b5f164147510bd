"""The page of a case over HTTP, as somebody without scripts reads it and works on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, select

from desk.queries.list_marks import Marks, marks_of
from models.messages.api_cases import CancelBody, ChangeBody, HoldBody, NoteBody, ReplyBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.articles import Article
from models.records.base import new_id
from models.records.cases import TimelineEntry
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Queue
from tests.support.correspondence import open_by_mail, receive
from tests.support.desks import OPENED_ON, Desk
from tests.support.signed import Reader, hidden_of, signed_in
from tests.support.windows import Windows

K = CommandKind


async def fields_of(reader: Reader, case: str, name: str) -> dict[str, str]:
    """The hidden fields of the form of one property, as somebody's page has them."""
    page = await reader.page(f"/cases/{case}")
    form = re.search(rf'<form[^>]*action="/cases/{case}/fields/{re.escape(name)}".*?</form>', page, re.DOTALL)
    assert form is not None
    return {key: unescape(value) for key, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])}


async def test_a_case_is_read_picked_and_resolved_without_scripts(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        address = f"/cases/{case}"
        page = await reader.page(address)
        assert "They do not pair." in page
        assert (await reader.send(page, f"{address}/pick")).status_code == 200
        assert (await desk.case(case)).owner_id == (await desk.agent("grace")).agent_id
        page = await reader.page(address)
        assert f'action="{address}/pick"' not in page
        done = await reader.send(f"{address}/resolve", f"{address}/resolve", {"resolution": "A new battery."})
        assert done.status_code == 200
        assert (await desk.case(case)).status == CaseStatus.RESOLVED
        assert "The case is closed. Reactivate it first." in done.text


async def test_a_faulty_form_keeps_what_was_typed_and_focuses_the_summary(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await open_by_mail(windows.desk)
        address = f"/cases/{case}/resolve"
        typed = {"resolution": " ", "billable_minutes": "a while", "resolution_type": "information-provided"}
        faulty = await reader.send(address, address, typed)
        assert faulty.status_code == 422
        summary = re.search(r'<div class="faults"[^>]*>', faulty.text)
        assert summary is not None
        assert "autofocus" in summary[0]
        assert 'tabindex="-1"' in summary[0]
        for field in ("resolution", "billable_minutes"):
            assert f'href="#ask-{field}"' in faulty.text
            assert re.search(rf'id="ask-{field}"[^>]*aria-invalid="true"', faulty.text)
        assert 'value="a while"' in faulty.text
        assert 'value="information-provided" selected' in faulty.text
        assert (await windows.desk.case(case)).status == CaseStatus.ACTIVE
        # Mended and sent again it is done.
        done = await reader.send(
            faulty.text, address, {"resolution": "It works.", "billable_minutes": "15"}, follow=False
        )
        assert done.status_code == 303


async def test_a_hidden_case_is_404_as_page_part_and_print(windows: Windows) -> None:
    desk = windows.desk
    case = await open_by_mail(desk)
    async with signed_in(desk, "sam") as reader:
        assert (await reader.get(f"/cases/{case}")).status_code == 200
        page = await reader.page(f"/cases/{case}")
        await desk.send("mona", case, K.ROUTE, target_id=await queue_id(desk, "private"))
        for path in ("", "/print", "/resolve", "/why/promises", "/fields/priority", f"/files/{new_id()}"):
            assert (await reader.get(f"/cases/{case}{path}")).status_code == 404, path
        for path in ("", "/resolve", "/suggested", "/older", "/why/promises"):
            assert (await reader.get(f"/part/cases/{case}{path}")).status_code == 404, path
        for path in ("/pick", "/unread", "/fields/priority"):
            assert (await reader.send(page, f"/cases/{case}{path}", follow=False)).status_code == 404, path
    assert (await desk.case(case)).owner_id != (await desk.agent("sam")).agent_id


async def queue_id(desk: Desk, slug: str) -> Any:
    async with desk.house.database.read() as session:
        return await session.scalar(select(Queue.id).where(Queue.slug == slug))


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    engine = desk.house.database._reader.sync_engine
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_case_of_3000_entries_opens_like_one_of_30(windows: Windows) -> None:
    desk = windows.desk
    sizes, counts, page = [], [], ""
    async with signed_in(desk, "mona") as reader:
        for entries in (30, 3_000):
            case = await open_by_mail(desk)
            row = await desk.case(case)
            async with desk.house.database.write() as session:
                session.add_all(
                    TimelineEntry(
                        id=new_id(),
                        case_id=row.id,
                        key=f"note/{number}",
                        at=OPENED_ON + timedelta(minutes=number + 1),
                        kind="note",
                        text=f"Note number {number:05d}.",
                        data={},
                    )
                    for number in range(entries)
                )
            with statements(desk) as asked:
                page = await reader.page(f"/cases/{case}")
            sizes.append(len(page.encode()))
            counts.append(len(asked))
            assert f"Note number {entries - 1:05d}." in page
        assert page.count('class="entry note') == 30
        assert abs(counts[1] - counts[0]) <= 2
        assert sizes[1] < 1.1 * sizes[0] < 100_000
        # The older ones come on request, and so on to the first.
        older = re.search(r'href="(/cases/[^"]*\?older=[^"]*)"', page)
        assert older is not None
        second = await reader.page(unescape(older[1]))
        assert "Note number 02969." in second
        assert "Note number 02970." not in second


async def test_next_names_what_is_missing_and_leads_there(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open()
        address = f"/cases/{case}"
        page = await reader.page(address)
        next_button = re.search(r'<button[^>]*id="do-process-next"[^>]*>', page)
        assert next_button is not None
        assert "disabled" not in next_button[0]
        assert "Ask what it is about." in page
        early = await reader.send(page, f"{address}/process-next", {"case_type": ""})
        assert early.status_code == 409
        assert 'href="#ask-case_type"' in early.text
        assert 'id="ask-case_type"' in early.text
        on = await reader.send(early.text, f"{address}/process-next", {"case_type": "problem"})
        assert on.status_code == 200
        # "Must be Yes" is among what is missing.
        early = await reader.send(on.text, f"{address}/process-next", {"custom.article_sent": "no"})
        assert 'href="#ask-custom.article_sent"' in early.text
        assert "This must be Yes before the next stage." in early.text
        on = await reader.send(early.text, f"{address}/process-next", {"custom.article_sent": "yes"})
        # Finishing the flow and resolving the case stand side by side.
        assert 'id="do-process-finish"' in on.text
        assert 'id="resolve-beside"' in on.text
        given = hidden_of(on.text, f"{address}/process-next") | {"custom.confirmed": "yes"}
        finished = await reader.client.post(f"{address}/process-finish", data=given, follow_redirects=True)
        assert 'aria-current="step"' not in finished.text, "a finished process stands nowhere"
        assert "<summary>Process finished</summary>" in finished.text
        assert finished.text.count('<li class="done"') == 3


async def test_the_last_stage_speaks_of_the_end_of_the_process_and_of_no_next_stage(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open(case_type="problem")
        address = f"/cases/{case}"
        on = await reader.send(await reader.page(address), f"{address}/process-next", {"case_type": "problem"})
        assert "Must be Yes before the next stage." in on.text
        last = await reader.send(on.text, f"{address}/process-next", {"custom.article_sent": "yes"})
        assert "Must be Yes before the process is finished." in last.text
        early = await reader.client.post(
            f"{address}/process-finish", data=hidden_of(last.text, f"{address}/process-next"), follow_redirects=True
        )
        assert "This must be Yes before the process is finished." in early.text
        assert "before the next stage" not in last.text + early.text


async def test_a_step_names_what_it_offers_as_the_properties_do(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace", **{"Accept-Language": "de"}) as reader:
        case = await windows.desk.open(case_type="problem")
        process = (await reader.page(f"/cases/{case}")).partition('id="case-process"')[2].partition("</section>")[0]
        assert re.findall(r'<option value="(\w+)"[^>]*>(\w+)', process) == [
            ("question", "Frage"),
            ("problem", "Problem"),
            ("request", "Anfrage"),
        ]


async def test_the_current_stage_is_announced_by_name_and_place(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await windows.desk.open(case_type="problem")
        page = await reader.page(f"/cases/{case}")
        assert stage_of(page) == "Stage 1 of 3: Identify current"
        on = await reader.send(page, f"/cases/{case}/process-next", {"case_type": "problem"})
        assert stage_of(on.text) == "Stage 2 of 3: Research current"
        assert "done" in on.text
        assert "ahead" in on.text
        assert "2 of 3, Research" in on.text
        back = await reader.send(on.text, f"/cases/{case}/process-previous")
        assert stage_of(back.text).startswith("Stage 1 of 3: Identify")


def stage_of(page: str) -> str:
    (found,) = re.findall(r'<li[^>]*aria-current="step"[^>]*>(.*?)</li>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split()).partition(",")[0]


async def test_the_customer_of_a_case_is_chosen_by_name(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        page = await reader.page(f"/cases/{case}")
        field = re.search(r'<select id="field-customer".*?</select>', page, re.DOTALL)
        assert field is not None
        assert re.search(r'<option value="aurora" selected>Aurora</option>', field[0])
        hidden = await fields_of(reader, case, "customer")
        assert hidden["old"] == "aurora"


async def test_of_more_customers_than_a_list_holds_the_present_one_is_named_beside_its_field(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.case_pages.properties.MOST_OFFERED", 0)
    async with signed_in(windows.desk, "grace") as reader:
        case = await open_by_mail(windows.desk)
        page = await reader.page(f"/cases/{case}")
        field = re.search(r'<input id="field-customer".*?</form>', page, re.DOTALL)
        assert field is not None
        assert '<p class="hint"><bdi>Aurora</bdi></p>' in field[0]


async def test_a_stage_saved_with_nothing_in_it_says_what_to_do(windows: Windows) -> None:
    async with signed_in(windows.desk, "grace") as reader:
        case = await open_by_mail(windows.desk)
        page = await reader.page(f"/cases/{case}")
        mark = hidden_of(page, f"/cases/{case}/process-next")
        nothing = await reader.client.post(f"/cases/{case}/process-save", data=mark)
        assert nothing.status_code == 422
        assert "Nothing was saved: fill in what is to be kept." in nothing.text


async def test_two_fields_changed_at_once_both_hold_one_field_shows_both_values(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        priority, kind = await fields_of(reader, case, "priority"), await fields_of(reader, case, "case_type")
        await desk.send("mona", case, K.CHANGE, ChangeBody(priority="high"))
        # Another field: both hold.
        done = await reader.client.post(
            f"/cases/{case}/fields/case_type", data=kind | {"value": "problem"}, follow_redirects=True
        )
        assert done.status_code == 200
        row = await desk.case(case)
        assert (row.priority, row.case_type) == ("high", "problem")
        # The same field: both values, with who and when, and nothing is written.
        conflict = await reader.client.post(f"/cases/{case}/fields/priority", data=priority | {"value": "low"})
        assert conflict.status_code == 409
        said = " ".join(re.sub(r"<[^>]+>", " ", conflict.text).split())
        assert "Mona changed this at" in said
        assert "Now high Yours low" in said
        assert (await desk.case(case)).priority == "high"
        # Saved once more it takes the place of what was shown.
        again = await reader.send(conflict.text, f"/cases/{case}/fields/priority", {"value": "low"})
        assert again.status_code == 200
        assert (await desk.case(case)).priority == "low"


async def test_a_case_opens_at_its_first_unread_entry(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "mona") as reader:
        case = await open_by_mail(desk)
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        await desk.send("mona", case, K.NOTE, NoteBody(text="My own note."))
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        await receive(desk, case, text="It is broken again.")
        await desk.send("grace", case, K.NOTE, NoteBody(text="Called them."))
        # What a script fetches by itself is no reading.
        await reader.get(f"/part/cases/{case}?live=yes", headers={"HX-Request": "true"})
        page = await reader.page(f"/cases/{case}")
        assert in_order(page, 'id="new"', "Called them.", "It is broken again.", "My own note.")
        assert re.search(r'href="#new"[^>]*>2 new<', page)
        assert 'id="new"' not in await reader.page(f"/cases/{case}")
        # What follows from one's own deed, such as a promise that is met, is no news either.
        await desk.send("mona", case, K.REPLY, ReplyBody(text="We look at it."))
        page = await reader.page(f"/cases/{case}")
        assert "Promise met" in page
        assert 'id="new"' not in page
        # Marked by hand it is unread until it is opened.
        mona, row = await desk.agent("mona"), await desk.case(case)

        async def is_unread() -> bool:
            async with desk.house.database.read() as session:
                return (await marks_of(session, mona, [row.id], OPENED_ON)).get(row.id, Marks()).unread

        assert not await is_unread()
        await reader.send(f"/cases/{case}", f"/cases/{case}/unread", follow=False)
        assert await is_unread()
        await reader.page(f"/cases/{case}")
        assert not await is_unread()


def in_order(page: str, *texts: str) -> bool:
    """Whether the timeline says these one after the other."""
    timeline = page[page.index('id="entries"') :]
    places = [timeline.index(text) for text in texts]
    return places == sorted(places)


async def test_a_timeline_runs_the_way_that_its_reader_likes(windows: Windows) -> None:
    async with signed_in(windows.desk, "ada") as reader:
        case = await open_by_mail(windows.desk)
        await windows.desk.send("mona", case, K.NOTE, NoteBody(text="Later on."))
        page = await reader.page(f"/cases/{case}")
        assert in_order(page, "Later on.", "They do not pair.")
        page = (await reader.send(page, f"/cases/{case}/order")).text
        assert in_order(page, "They do not pair.", "Later on.")


async def test_a_printed_case_is_whole_with_notes_only_when_ticked(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk, "The first mail.\n\n> what it quotes")
        await picture(desk, case)
        await desk.send("grace", case, K.NOTE, NoteBody(text="Not for the customer."))
        await desk.send("grace", case, K.REPLY, ReplyBody(text="Our answer."))
        paper = await reader.page(f"/cases/{case}/print")
        for text in ("The first mail.", "what it quotes", "Our answer.", "2031", "Central European Time"):
            assert text in paper, text
        assert "Not for the customer." not in paper
        assert "Picked from" not in paper
        (address,) = re.findall(r'<img src="(/cases/[^"]*/pictures/[^"]*)"', paper)
        shown = await reader.get(address)
        assert shown.headers["content-type"] == "image/png"
        assert "sandbox" in shown.headers["content-security-policy"]
        ticked = await reader.page(f"/cases/{case}/print?notes=yes&events=yes")
        assert "Not for the customer." in ticked
        assert "Routed to" in ticked


async def picture(desk: Desk, case: str) -> None:
    content = b"\x89PNG\r\n\x1a\n"
    digest = await desk.house.files.put(content)
    row = await desk.case(case)
    async with desk.house.database.write() as session:
        letter = await session.scalar(select(EmailMessage).where(EmailMessage.case_id == row.id))
        assert letter is not None
        session.add(
            Attachment(
                id=new_id(),
                message_id=letter.id,
                position=0,
                filename="light.png",
                content_type="image/png",
                content_id=None,
                size=len(content),
                sha256=digest,
            )
        )


async def test_what_is_held_says_since_when_by_whom_and_for_what(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await windows.desk.open()
        await desk.send("grace", case, K.HOLD, HoldBody(status_reason="waiting-for-details"))
        page = await reader.page(f"/cases/{case}")
        due = re.findall(r'<span class="due paused".*?</p>', page, re.DOTALL)
        said = " ".join(re.sub(r"<[^>]+>", " ", due[0]).split())
        assert re.search(r"Paused since .* by Grace: Waiting for Details", said), said
        assert ('id="do-resume"' in page, 'id="do-hold"' in page) == (True, False)
        assert "It is on hold. What it waits for is its status reason." in page
        done = await reader.send(page, f"/cases/{case}/resume")
        assert 'class="due paused"' not in done.text
        assert ('id="do-resume"' in done.text, 'id="do-hold"' in done.text) == (False, True)
        # The same of everything that is so already.
        for verb, becomes in (("pick", {}), ("escalate", {}), ("first-response", {"reason": "By phone."})):
            assert f'id="do-{verb}"' in done.text, verb
            done = await reader.send(
                f"/cases/{case}/{verb}" if becomes else done.text, f"/cases/{case}/{verb}", becomes
            )
            done = await reader.get(f"/cases/{case}")
            assert f'id="do-{verb}"' not in done.text, verb


async def test_families_activities_and_articles_are_worked_by_forms(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        parent, other = await open_by_mail(desk), await open_by_mail(desk)
        at = f"/cases/{parent}"
        empty = await reader.send(f"{at}/add-child", f"{at}/add-child", {"description": "It hums."})
        assert empty.status_code == 422
        assert re.search(r'id="ask-title"[^>]*aria-invalid="true"', empty.text)
        assert "It hums." in empty.text
        assert 'id="family-heading"' not in await reader.page(at)
        page = (await reader.send(f"{at}/add-child", f"{at}/add-child", {"case": other})).text
        assert f'href="/cases/{other}"' in page
        assert re.search(r'<bdi>[^<]*</bdi> <span class="badge">Active</span></dd>', page)
        child = (await reader.send(f"/cases/{other}", f"/cases/{other}/leave-parent")).text
        assert "<dt>Parent</dt>" not in child
        wrong = await reader.send(f"{at}/merge", f"{at}/merge", {"numbers": "CAS-99999-AAAAAA"})
        assert wrong.status_code == 422
        assert 'href="#ask-numbers"' in wrong.text
        nonsense = await reader.send(f"{at}/merge", f"{at}/merge", {"numbers": f"{other} CAS_1 ?"})
        assert (nonsense.status_code, 'href="#ask-numbers"' in nonsense.text, "CAS_1, ?" in nonsense.text) == (
            422,
            True,
            True,
        )
        assert "written as it should be" not in nonsense.text
        merged = await reader.send(f"{at}/merge", f"{at}/merge", {"numbers": other})
        assert "Merged" in merged.text
        assert (await desk.case(other)).merged_into == parent

        task = {"kind": "task", "title": "Look it up", "due": "2031-04-01T09:00"}
        page = (await reader.send(f"{at}/add-activity", f"{at}/add-activity", task)).text
        (complete,) = set(re.findall(rf'href="({at}/complete-activity/[^"]*)"', page))
        page = (await reader.send(complete, complete, {"duration_minutes": "20"})).text
        assert "Completed" in page
        assert "20 min" in page
        page = (
            await reader.send(f"{at}/add-time", f"{at}/add-time", {"title": "Thought", "duration_minutes": "5"})
        ).text
        assert "Thought" in page
        missing = await reader.send(f"{at}/link-article", f"{at}/link-article", {"article": "KA-99999"})
        assert missing.status_code in (409, 422)
        number = await article_number(desk)
        page = (await reader.send(f"{at}/link-article", f"{at}/link-article", {"article": number})).text
        assert f'href="/articles/{number}"' in page
        (unlink,) = set(re.findall(rf'action="({at}/unlink-article/[^"]*)"', page))
        page = (await reader.send(page, unlink)).text
        assert f'href="/articles/{number}"' not in page


async def article_number(desk: Desk) -> str:
    async with desk.house.database.read() as session:
        return str(await session.scalar(select(Article.number).order_by(Article.number).limit(1)))


async def test_the_same_form_sent_twice_is_one_command(windows: Windows) -> None:
    desk = windows.desk
    async with signed_in(desk, "grace") as reader:
        case = await open_by_mail(desk)
        at = f"/cases/{case}/add-activity"
        page = await reader.page(at)
        for _ in range(2):
            assert (await reader.send(page, at, {"kind": "task", "title": "Only once"})).status_code == 200
        assert len(await desk.timeline(case, "activity")) == 1


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
