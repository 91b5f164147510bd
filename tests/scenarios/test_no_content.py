"""Temporal carries identifiers and small facts, never content (design): every history of the scenario is searched."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from desk.refusals import Faulted
from models.messages.api_cases import ActivityBody, ChangeBody, NoteBody, ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CommandKind
from models.messages.mailflow import DeliveryKind
from models.messages.names import case_workflow_id
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from tests.support.correspondence import CUSTOMER, SUPPORT, heard, must_hear, receive, tell
from tests.support.desks import WARM, Desk, DeskFactory
from tests.support.faults import missing
from tests.support.scenario import CONFIRMATION, QUESTION, RESOLUTION, Scenario

SUBJECT = "My headphones"
WORDS = {
    "note": "Between us, they sat on them.",
    "reply": "Dear Casey, hold the button a little longer.",
    "subject": "Whistling noises",
    "title": "Headphones whistle at night",
    "activity": "Ring the workshop about the button",
    "stranger": "mallory@elsewhere.example",
    "broken": "What a failed statement carried.",
    "failure": "550 5.1.1 no such user here",
}
SECRET = (
    *(QUESTION, CONFIRMATION, RESOLUTION, SUBJECT, CUSTOMER, SUPPORT, "grace@desk.example", "boss@desk.example"),
    *("Hold the button for seven seconds", "Casey", "Aurora", *WORDS.values()),
)


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(cached=WARM) as made:
        yield made


async def test_no_history_holds_what_people_wrote(desk: Desk) -> None:
    number = await Scenario(desk).play()
    await life_after(desk, number)
    histories = [history async for history in all_histories(desk)]
    assert len(histories) >= 4
    whole = "\n".join(histories)
    assert number in whole, "the search would find what is there"
    assert [word for word in SECRET if word.lower() in whole.lower()] == []


async def life_after(desk: Desk, number: str) -> None:
    """Everything else with content in it: notes, replies, failures, changed titles, refusals, late mail."""
    send = desk.send
    await send("grace", number, CommandKind.NOTE, NoteBody(text=WORDS["note"]))
    await receive(desk, number, text=QUESTION, sender=WORDS["stranger"], subject=WORDS["subject"])
    await send("grace", number, CommandKind.REACTIVATE, ReactivateBody())
    await send("grace", number, CommandKind.CHANGE, ChangeBody(title=WORDS["title"]))
    reply = await send("grace", number, CommandKind.REPLY, ReplyBody(text=WORDS["reply"], to=(WORDS["stranger"],)))
    async with missing(desk, "timeline_entry"):
        with pytest.raises(Faulted):
            await send("grace", number, CommandKind.NOTE, NoteBody(text=WORDS["broken"]))
    await send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title=WORDS["activity"]))
    assert reply.resource is not None
    message_id = UUID(reply.resource)
    async with desk.house.database.write() as session:
        refused = {"state": "failed", "last_error": WORDS["failure"]}
        await session.execute(update(Outbox).where(Outbox.message_id == message_id).values(**refused))
    delivery = await must_hear(desk, number, message_id, DeliveryKind.SEND_FAILED)
    await tell(desk, await desk.case(number), delivery)
    await heard(desk, delivery.id)
    body = ResolveBody(resolution=RESOLUTION, cancel_open_activities=True)
    await send("grace", number, CommandKind.RESOLVE, body)
    async with desk.house.database.read() as session:
        kept = " ".join([*await session.scalars(select(Case.title)), *await session.scalars(select(EmailMessage.text))])
    assert all(WORDS[name] in kept for name in ("title", "reply")), "the rows have it"


async def all_histories(desk: Desk) -> AsyncIterator[str]:
    """As text, whatever is encoded in it decoded."""
    for number in await desk.numbers():
        async for run in desk.house.client.list_workflows(f"WorkflowId = '{case_workflow_id(number)}'"):
            handle = desk.house.client.get_workflow_handle(run.id, run_id=run.run_id)
            yield "\n".join(texts((await handle.fetch_history()).to_json_dict()))


def texts(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names included, and what base64 hides in it."""
    match value:
        case dict():
            for name, inner in value.items():
                yield name
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)
        case str():
            yield value
            try:
                hidden = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return
            yield hidden
            if hidden[:1] in ("{", "["):
                yield from texts(json.loads(hidden))
        case _:
            pass  # Numbers, truths and nulls hold no text.


def test_what_is_encoded_is_read() -> None:
    inner = json.dumps({"data": base64.b64encode(b"a secret").decode()})
    assert "a secret" in list(texts([{"payload": base64.b64encode(inner.encode()).decode()}]))
