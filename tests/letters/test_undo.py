"""Taking a reply back before it leaves: what goes back with it, and never both undone and sent. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from activities.outbox import OutboxActivities
from models.messages.api_cases import ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CommandKind, DeliveryInput, Outcome, ProblemType
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.timeline import CaseArticle
from storage.repositories import outbox as rows
from tests.support.correspondence import CUSTOMER, mail, must_hear
from tests.support.desks import Desk, DeskFactory
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.mailboxes import arrived, mail_server, served
from tests.support.organisations import settings
from tests.support.waiting import until

REPLY, UNDO = CommandKind.REPLY, CommandKind.UNDO_REPLY
LATER = ReplyBody(text="Hold the button.", send_after_seconds=100)


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk(work=False) as made:
        yield made
        await made.clear()


async def letters(hands: Hands) -> list[Outbox]:
    async with hands.desk.house.database.read() as session:
        found = select(Outbox).where(Outbox.case_id == hands.case.id).order_by(Outbox.id)
        return list(await session.scalars(found))


async def first_response(hands: Hands) -> tuple[bool, str, str]:
    """Whether one was sent, and its KPI's state and deadline."""
    (kpi,) = (await hands.desk.kpis(hands.case.number))["first-response"]
    return (await hands.desk.case(hands.case.number)).first_response_sent, kpi["status"], kpi["failure_at"]


async def undo(hands: Hands, message: UUID | None = None) -> Outcome:
    """The command as the run would decide it: by the state first, then by the rows."""
    hands.made = message or hands.made
    given = await hands.ask(UNDO, target="made")
    outcome: Outcome = await run(activities(hands.desk)["apply_command"], given)
    return outcome


def problem(outcome: Outcome) -> ProblemType | None:
    return outcome.refusal.type if outcome.refusal else None


async def receive(hands: Hands) -> None:
    """A mail of the customer reaches the case."""
    delivery = await must_hear(hands.desk, hands.case.number, (await mail(hands.desk)).id)
    case = await hands.desk.case(hands.case.number)
    given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    await run(activities(hands.desk)["apply_delivery"], given)


async def replied_last(hands: Hands) -> bool:
    return (await hands.desk.case(hands.case.number)).customer_replied_last


async def test_a_reply_waits_as_long_as_the_organisation_or_the_agent_says(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    before = datetime.now(UTC)
    await hands.do(REPLY, ReplyBody(text="At once."))
    await settings(desk, undo_send_seconds=60)
    await hands.do(REPLY, ReplyBody(text="In a minute."))
    await hands.do(REPLY, ReplyBody(text="In two.", send_after_seconds=120))
    await hands.do(REPLY, ReplyBody(text="Now.", send_after_seconds=0))
    await hands.do(CommandKind.ATTACH_ARTICLE)
    waits = [None if row.not_before is None else row.not_before - before for row in await letters(hands)]
    assert (waits[0], waits[3]) == (None, None)
    for wait, seconds in ((waits[1], 60), (waits[2], 120), (waits[4], 60)):
        assert wait is not None
        assert timedelta(0) <= wait - timedelta(seconds=seconds) < timedelta(seconds=30)


async def test_an_undone_reply_was_no_first_response(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    unanswered = await first_response(hands)
    await hands.do(REPLY, LATER)
    assert (await first_response(hands))[:2] == (True, "succeeded"), "at the instant of pressing send"
    assert problem(await undo(hands)) is None
    (row,) = await letters(hands)
    assert (row.state, row.not_before, row.attempts) == ("undone", None, 0)
    assert await first_response(hands) == unanswered
    (entry,) = await desk.timeline(hands.case.number, "reply-undone")
    assert (entry.subject_id, entry.actor_id) == (row.message_id, (await desk.agent("grace")).agent_id)
    await hands.do(REPLY, ReplyBody(text="Better."))
    assert (await first_response(hands))[:2] == (True, "succeeded")


async def test_an_earlier_answer_still_counts(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await hands.do(REPLY, ReplyBody(text="Which one?"))
    await hands.do(REPLY, LATER)
    await undo(hands)
    assert (await first_response(hands))[:2] == (True, "succeeded")


async def test_a_mail_to_somebody_else_is_no_answer_that_counts(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await hands.do(REPLY, ReplyBody(text="Our lab, please look.", to=("lab@supplier.example",)))
    await hands.do(REPLY, LATER)
    await undo(hands)
    assert (await first_response(hands))[:2] == (False, "in-progress")


async def test_whose_turn_it_is_goes_back_too(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await hands.do(REPLY, ReplyBody(text="Which one?"))
    await receive(hands)
    assert await replied_last(hands)
    await hands.do(REPLY, LATER)
    assert not await replied_last(hands)
    await undo(hands)
    assert await replied_last(hands)
    await hands.do(REPLY, ReplyBody(text="Thank you."))
    await hands.do(REPLY, LATER)
    await undo(hands)
    assert not await replied_last(hands), "they were answered"


async def test_its_uploads_can_be_sent_again(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    upload = new_id()
    async with desk.house.database.write() as session:
        given: dict[str, Any] = {"content_type": "text/plain", "size": 3, "sha256": "0" * 64, "filename": "a.txt"}
        agent = (await desk.agent("grace")).agent_id
        session.add(Attachment(id=upload, position=0, uploaded_by=agent, **given))
    await hands.do(REPLY, ReplyBody(text="See there.", attachments=(upload,), send_after_seconds=100))
    await undo(hands)
    await hands.do(REPLY, ReplyBody(text="See here.", attachments=(upload,)))
    async with desk.house.database.read() as session:
        assert (await session.get_one(Attachment, upload)).message_id == hands.made


async def test_what_cannot_be_taken_back(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    other = await Hands.opened(desk)
    await hands.do(REPLY, LATER)
    assert hands.made is not None
    assert problem(await undo(other, hands.made)) is ProblemType.NOT_FOUND, "another case's"
    assert problem(await undo(hands, new_id())) is ProblemType.NOT_FOUND
    (row,) = await letters(hands)
    for changed in ({"state": "sending", "attempts": 1}, {"state": "sent"}, {"state": "queued", "attempts": 1}):
        async with desk.house.database.write() as session:
            await session.execute(update(Outbox).where(Outbox.id == row.id).values(**changed))
        assert problem(await undo(hands, row.message_id)) is ProblemType.ALREADY_SENT, changed
    async with desk.house.database.write() as session:
        await session.execute(update(Outbox).where(Outbox.id == row.id).values(state="queued", attempts=0))
    assert problem(await undo(hands, row.message_id)) is None
    assert problem(await undo(hands, row.message_id)) is ProblemType.ALREADY_UNDONE
    assert len(await desk.timeline(hands.case.number, "reply-undone")) == 1


async def test_a_mailed_article_stays_linked(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await settings(desk, undo_send_seconds=60)
    await hands.do(CommandKind.ATTACH_ARTICLE)
    await undo(hands)
    assert [row.state for row in await letters(hands)] == ["undone"]
    assert (await first_response(hands))[:2] == (False, "in-progress")
    async with desk.house.database.read() as session:
        assert await session.scalar(select(CaseArticle.id).where(CaseArticle.case_id == hands.case.id)) is not None


async def test_on_a_closed_case_it_must_be_reactivated_first(desk: Desk) -> None:
    """Its promises have ended there: nothing could run again."""
    hands = await Hands.opened(desk)
    await hands.do(REPLY, LATER)
    message = hands.made
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    refusal = (await undo(hands, message)).refusal
    assert refusal is not None
    assert refusal.type is ProblemType.CASE_NOT_ACTIVE
    assert "reactivate" in refusal.allowed
    assert [row.state for row in await letters(hands)] == ["queued"]
    await hands.do(CommandKind.REACTIVATE, ReactivateBody())
    assert problem(await undo(hands, message)) is None
    assert [row.state for row in await letters(hands)] == ["undone"]
    assert not (await desk.case(hands.case.number)).first_response_sent


# ---- against the outbox ----------------------------------------------------------------------------------------------

ROUNDS = 20


async def test_undone_and_sent_exclude_each_other(desk: Desk, tmp_path: Path) -> None:
    """Undo and claim start at one barrier, 20 times; then everything is sent, and what arrives is compared."""
    async with mail_server(tmp_path) as hub:
        job = await served(desk, hub)
        hands = await Hands.opened(desk)
        async with desk.house.database.write() as session:
            mailbox = await rows.take_epoch(session, job.mailbox_id)
        assert mailbox is not None
        barrier = asyncio.Barrier(2)
        outcomes: dict[UUID, ProblemType | None] = {}

        async def claim() -> list[rows.Claimed]:
            await barrier.wait()
            async with desk.house.database.write() as session:
                return await rows.claim(session, job.mailbox_id, mailbox.outbox_epoch, datetime.now(UTC), 10)

        async def take_back(given: Any) -> Outcome:
            await barrier.wait()
            outcome: Outcome = await run(activities(desk)["apply_command"], given)
            return outcome

        for number in range(ROUNDS):
            await hands.do(REPLY, ReplyBody(text=f"Hold the button, {number}."))
            message = hands.made
            assert message is not None
            given = await hands.ask(UNDO, target="made")
            pair = (claim(), take_back(given)) if number % 2 else (take_back(given), claim())
            results = await asyncio.gather(*pair)
            claimed, outcome = results if number % 2 else reversed(results)
            assert isinstance(claimed, list)
            outcomes[message] = problem(outcome)
            assert (len(claimed) == 1) is (outcomes[message] is ProblemType.ALREADY_SENT)
        assert set(outcomes.values()) <= {None, ProblemType.ALREADY_SENT}

        async def settled() -> bool:
            return not {row.state for row in await letters(hands)} & {"queued", "sending"}

        desk.house.outbox.longest = timedelta(seconds=2)
        drain = asyncio.create_task(run(OutboxActivities(desk.house.outbox).drain_outbox, job))
        await until(settled)
        await drain
        came = [message_from_bytes(file.read_bytes())["Message-ID"].strip() for file in arrived(tmp_path, CUSTOMER)]
        async with desk.house.database.read() as session:
            for message, refused in outcomes.items():
                id = (await session.get_one(EmailMessage, message)).message_id
                times = came.count(f"<{id}>")
                assert times == (0 if refused is None else 1), f"{refused}: came {times} times"
        assert {row.state for row in await letters(hands)} <= {"undone", "sent"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_claim_that_waited_for_the_undo_takes_nothing(desk: Desk) -> None:
    """The order that only PostgreSQL has, because SQLite's writers take turns: the claim found its row before the undo
    was committed."""
    hands = await Hands.opened(desk)
    await hands.do(REPLY, ReplyBody(text="Hold the button."))
    (row,) = await letters(hands)
    async with desk.house.database.write() as session:
        mailbox = await rows.take_epoch(session, row.mailbox_id)
    assert mailbox is not None

    async def claim() -> list[rows.Claimed]:
        async with desk.house.database.write() as session:
            return await rows.claim(session, row.mailbox_id, mailbox.outbox_epoch, datetime.now(UTC), 10)

    async with desk.house.database.write() as session:
        assert await rows.take_back(session, row.id)
        waiting = asyncio.create_task(claim())
        await until(lambda: blocked(desk))
    assert await waiting == []
    assert [each.state for each in await letters(hands)] == ["undone"]


async def blocked(desk: Desk) -> bool:
    """Somebody waits for a row of the outbox."""
    async with desk.house.database.read() as session:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE outbox%'"
        return bool(await session.scalar(text(asked)))
