"""What an operator does with a mail that is on no case: every state that a mail can be in, every action, over HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mailroom.arrival import LARGEST_MAIL, read_mail
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Mailbox
from tests.api.conftest import AT
from tests.api.mail_decisions.room import HOME, STATES, Room, State, deep
from tests.support.mailroom import letter


async def can_be_released(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    status, done = await room.does(state, id, "release")
    assert (status, done["verdict"]) == (200, "opened"), done
    (message,) = await room.mails_of(done["case"])
    assert await room.told_of(done["case"]) == 1
    status, refused = await room.does(state, id, "release")
    assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert done["case"] in refused["detail"]
    for action in ("rerun", "dismiss"):
        assert (await room.does(state, id, action))[0] == 409
    assert await room.audited(id) == ["release"]
    await follows(room, state, message, done["case"])


async def can_be_filed_on_a_case(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    case = await room.world.case()
    for _ in range(2):  # the second time nothing changes
        status, done = await room.does(state, id, "attach", {"case": case.number.lower()})
        assert (status, done["verdict"], done["case"]) == (200, "attached", case.number), done
    (message,) = await room.mails_of(case.number)
    assert message.link_method == "operator"
    assert await room.told_of(case.number) == 1
    assert await room.audited(id) == ["attach"]
    status, refused = await room.does(state, id, "attach", {"case": (await room.world.case()).number})
    assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert case.number in refused["detail"]
    await follows(room, state, message, case.number)


async def can_be_filed_without_one(room: Room, state: State) -> None:
    id, raw = await room.arrives(state)
    status, done = await room.does(state, id, "dismiss", {"reason": "nobody\nneeds it"})
    assert (status, done["verdict"], done["reason"], done["case"]) == (200, "filed", "dismissed", None)
    assert done["explanation"].startswith(f"was {state.verdict} as {state.reason}")
    assert done["explanation"].endswith("; filed because: nobody needs it")
    status, again = await room.does(state, id, "dismiss", {"reason": "an advertisement"})
    assert (status, again["explanation"].count("filed because")) == (200, 1)
    assert again["explanation"].endswith("an advertisement")
    status, done = await room.does(state, id, "release")  # and comes back
    assert (status, done["verdict"]) == (200, "opened")
    assert await room.audited(id) == ["release", "dismiss", "dismiss"]
    async with room.house.database.read() as session:
        entry = await session.get_one(InboundMail, id)
    assert await room.house.files.get(entry.raw_sha256) == raw


async def can_be_run_again(room: Room, state: State) -> None:
    id, _ = await room.arrives(state)
    status, done = await room.does(state, id, "rerun")
    assert status == 200
    same = (done["verdict"], done["reason"]) == (state.verdict, state.reason)
    read_by_now = state.refused is not None or state.rule == "braked"
    assert same or read_by_now, done
    assert await room.audited(id) == ["rerun"]


async def can_be_read(room: Room, state: State) -> None:
    id, raw = await room.arrives(state)
    status, shown = await room.does(state, id, "", method="GET")
    assert (status, shown["verdict"], shown["reason"], shown["uid"]) == (200, state.verdict, state.reason, room.uid)
    if state.refused is None and state.raw is not deep:
        assert shown["text"] is not None
    path = f"/api/v1/mailboxes/{room.box(state)}/quarantine/{id}/raw"
    async with room.world.http("mona") as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.content) == (200, raw) or (state.elsewhere and answer.status_code == 409)


async def follows(room: Room, state: State, message: EmailMessage, number: str) -> None:
    """An answer to a mail that was put on a case by hand joins that case."""
    if not message.message_id or not message.sender.endswith(HOME):
        return
    answer = letter(from_=message.sender, in_reply_to=f"<{message.message_id}>")
    room.uid += 1
    async with room.house.database.read() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == room.box(state)))).one()
    rules = await room.placing.house_rules(mailbox)
    arrived = await read_mail(room.uid, answer, room.house.files, rules.own_addresses, LARGEST_MAIL)
    news = await room.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT)
    assert news is not None
    assert news.number == number


ACTIONS = (can_be_released, can_be_filed_on_a_case, can_be_filed_without_one, can_be_run_again, can_be_read)


@pytest.mark.parametrize("state", STATES)
async def test_in_every_state_every_action_is_possible(room: Room, state: str) -> None:
    for action in ACTIONS:
        await action(room, STATES[state])
