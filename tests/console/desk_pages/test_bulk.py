"""One action on many cases of a list, and lists that are kept by a name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from console.desk_pages.bulk import heading_of
from console.sayings import in_words
from desk.errors import Conflict
from models.messages.api_cases import ActivityBody, CancelBody, ResolveBody
from models.messages.base import Message
from models.messages.cases import CommandKind
from tests.support.desks import Desk, DeskFactory
from tests.support.signed import Reader, hidden_of, signed_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_bulk(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "grace") as reader:
        numbers = [await desk.open(title=f"Case {n}") for n in range(4)]
        await desk.send("grace", numbers[0], CommandKind.PICK)
        await nothing_selected_is_said(reader)
        await bulk_on_all_that_match_gives_each_a_result(desk, reader, numbers)
        await a_form_that_is_sent_twice_counts_once(desk, reader, numbers)
        await what_is_wrong_stands_beside_its_field_and_nothing_is_done(reader, numbers)
        await bulk_meets_the_same_checks_as_one_case(desk, reader, numbers)


async def nothing_selected_is_said(reader: Reader) -> None:
    answer = await reader.send("/cases?status=active", "/cases/bulk", {"action": "assign"})
    assert answer.status_code == 422
    assert "Select some cases first" in answer.text


async def bulk_on_all_that_match_gives_each_a_result(desk: Desk, reader: Reader, numbers: list[str]) -> None:
    """The last one cannot be resolved: an answer for each all the same."""
    form = await reader.send("/cases?status=active", "/cases/bulk", {"action": "assign", "all": "yes"})
    assert "All 4 that match" in form.text
    done = await reader.send(form.text, "/cases/bulk/do", {"who": "agent:grace", "all": "yes"})
    assert done.status_code == 200, done.text
    assert results(done.text) == dict.fromkeys(numbers, "done")
    assert 'value="4"' in done.text
    assert (await desk.case(numbers[3])).owner_id == (await desk.agent("grace")).agent_id


async def a_form_that_is_sent_twice_counts_once(desk: Desk, reader: Reader, numbers: list[str]) -> None:
    form = await reader.send("/cases", "/cases/bulk", {"action": "change", "numbers": numbers[:2]})
    given: dict[str, Any] = {**hidden_of(form.text, "/cases/bulk/do"), "priority": "high", "all": "no"}
    addresses = [(await reader.client.post("/cases/bulk/do", data=given)).headers["location"] for _ in range(2)]
    assert addresses[0] == addresses[1]
    shown = await reader.page(addresses[0])
    assert results(shown) == dict.fromkeys(numbers[:2], "done")
    assert "<h1>Change the priority of cases</h1>" in shown
    assert heading_of("change", {"priority": "high", "title": "A"}) == "Change cases"
    assert [(await desk.case(number)).priority for number in numbers] == ["high", "high", "normal", "normal"]


async def what_is_wrong_stands_beside_its_field_and_nothing_is_done(reader: Reader, numbers: list[str]) -> None:
    form = await reader.send("/cases", "/cases/bulk", {"action": "resolve", "numbers": numbers})
    wrong = await reader.send(form.text, "/cases/bulk/do", {"billable_minutes": "many", "all": "no"})
    assert wrong.status_code == 422
    assert 'href="#field-resolution"' in wrong.text
    assert 'value="many"' in wrong.text, "what was typed stays"


async def bulk_meets_the_same_checks_as_one_case(desk: Desk, reader: Reader, numbers: list[str]) -> None:
    """What is still to be done stops two of them, each with its reason; the others are done."""
    held = numbers[:2]
    for number in held:
        await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(kind="task", title="Call them"))
    alone: tuple[tuple[CommandKind, Message, list[str]], ...] = (
        (CommandKind.CANCEL, CancelBody(), held),
        (CommandKind.RESOLVE, ResolveBody(resolution="Done."), numbers),
    )
    for kind, body, chosen in alone:
        with pytest.raises(Conflict) as refused:
            await desk.send("grace", held[0], kind, body)
        form = await reader.send("/cases", "/cases/bulk", {"action": kind.value, "numbers": chosen})
        done = await reader.send(form.text, "/cases/bulk/do", {"resolution": "Done.", "all": "no"})
        assert results(done.text) == {number: "refused" if number in held else "done" for number in chosen}
        assert done.text.count(f'<bdi class="small">{in_words("en", refused.value.detail)}</bdi>') == len(held)
    assert [(await desk.case(number)).status for number in numbers] == ["active", "active", "resolved", "resolved"]
    form = await reader.send("/cases", "/cases/bulk", {"action": "resolve", "numbers": held})
    done = await reader.send(form.text, "/cases/bulk/do", {"resolution": "Done.", "open": "cancel", "all": "no"})
    assert results(done.text) == dict.fromkeys(held, "done")


async def test_a_list_is_kept_shared_and_removed(open_desk: DeskFactory) -> None:
    async with open_desk(work=False) as desk, signed_in(desk, "grace") as grace, signed_in(desk, "sam") as sam:
        kept = await grace.send("/cases?priority=high&sort=priority", "/cases/views", {"name": " Urgent  first "})
        assert str(kept.url.query, "ascii") == "priority=high&sort=priority", "one is back at the list"
        assert ">Urgent first<" in kept.text
        assert "Urgent first" not in await sam.page("/cases")
        page = await grace.page("/cases/views")
        share = re.search(r'action="(/cases/views/[^"]+/share)"', page)
        assert share is not None
        await grace.send(page, share[1])
        seen = await sam.page("/cases")
        assert 'href="/cases?priority=high&amp;sort=priority"' in seen.replace("&#38;", "&amp;")
        assert "/share" not in await sam.page("/cases/views"), "only its owner changes it"
        given = hidden_of(page, share[1])
        assert (await sam.client.post(share[1], data=given)).status_code == 422, "a form of somebody else's"
        faulty = await grace.send("/cases", "/cases/views", {"name": "x" * 81})
        assert faulty.status_code == 422
        assert "x" * 81 in faulty.text
        page = await grace.page("/cases/views")
        await grace.send(page, share[1].replace("/share", "/remove"))
        assert "Urgent first" not in await grace.page("/cases")


def results(html: str) -> dict[str, str]:
    """State by case."""
    found = re.findall(r'<a href="/cases/(CAS-[^"]+)">.*?<span class="badge [a-z]*">([^<]+)</span>', html, re.DOTALL)
    return dict(found)
