"""The page of a case over HTTP, as somebody without scripts reads it and works on it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from models.messages.api_cases import HoldBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.articles import Article
from models.records.base import new_id
from models.records.reference import Queue
from tests.support.correspondence import open_by_mail
from tests.support.desks import Desk
from tests.support.signed import signed_in
from tests.support.windows import Windows

K = CommandKind


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
