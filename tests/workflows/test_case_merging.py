"""Parts of one thread become one case: the younger retires, the older adopts its mails (domain 1.5, email promise 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from cases.sweeps import DeliverySweep
from models.messages.api_cases import CancelBody, ReplyBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.slas import OPEN_KPI_STATUSES
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.drafts import ReplyDraft
from models.records.mails import EmailMessage, Outbox
from tests.support.correspondence import CUSTOMER, heard, mail, mails_of, must_hear, open_by_mail, outcomes, tell
from tests.support.desks import OPENED_ON, WARM, Desk
from tests.support.waiting import until

RETIRE, ADOPT = DeliveryKind.RETIRE, DeliveryKind.ADOPT
RESOLVE = ResolveBody(resolution="Paired.")


@pytest.fixture
def cached() -> int:
    """Warm on both databases: two cases at work at once are beyond a cache of none, see `Desk.settled`."""
    return WARM


async def told(desk: Desk, number: str, other: str, kind: DeliveryKind = RETIRE, times: int = 2) -> Delivery:
    """The case is told of the other one as often as asked, and has heard of it."""
    delivery = await must_hear(desk, number, (await desk.case(other)).id, kind)
    await tell(desk, await desk.case(number), delivery, times)
    return await heard(desk, delivery.id)


async def adopted(desk: Desk, number: str, other: str) -> None:
    """The other case's mails are on this one."""

    async def done() -> bool:
        return any(entry.data["related"] == other for entry in await desk.timeline(number, "adopted"))

    await until(done)
    await desk.settled(number)


async def test_the_younger_case_goes_up_in_the_older(desk: Desk) -> None:
    older, younger = await open_by_mail(desk, "One."), await open_by_mail(desk, "Two.")
    version = (await desk.case(older)).version
    assert (await told(desk, younger, older, times=3)).outcome == "retired"
    await adopted(desk, older, younger)
    loser, survivor = await desk.case(younger), await desk.case(older)
    assert (loser.status, loser.status_reason, loser.merged_into) == (CaseStatus.CANCELLED, "merged", older)
    assert (survivor.status, survivor.version, survivor.customer_replied_last) == (CaseStatus.ACTIVE, version + 1, True)
    assert not [item for item in await desk.items(younger) if item.live]
    kpis = [body["status"] for bodies in (await desk.kpis(younger)).values() for body in bodies]
    assert kpis
    assert not set(kpis) & set(OPEN_KPI_STATUSES)
    assert (await mails_of(desk, younger), await mails_of(desk, older)) == (0, 2)
    assert (await mails_of(desk, younger, "out"), await mails_of(desk, older, "out")) == (0, 2)
    assert await outcomes(desk, older) == ["opened", "opened"]
    last = (await desk.timeline(older, "mail"))[-1]
    assert last.data["adopted_from"] == younger
    assert last.at == (await desk.timeline(younger, "mail"))[0].at
    assert len(await desk.timeline(older, "acknowledgement")) == 2
    # An agent answers both from one case, to the thread.
    await desk.send("grace", older, CommandKind.REPLY, ReplyBody(text="To both of your mails."))
    assert await mails_of(desk, older, "out") == 3


@pytest.mark.parametrize("work", ["pick", "draft", "the older is resolved", "it is resolved"])
async def test_a_case_that_is_worked_on_stays(desk: Desk, work: str) -> None:
    older, younger = await open_by_mail(desk), await open_by_mail(desk)
    match work:
        case "pick":
            await desk.send("grace", younger, CommandKind.PICK)
        case "draft":
            grace, case = await desk.agent("grace"), await desk.case(younger)
            async with desk.house.database.write() as session:
                session.add(
                    ReplyDraft(case_id=case.id, agent_id=grace.agent_id, body={"text": "D"}, saved_on=OPENED_ON)
                )
        case "the older is resolved":
            await desk.send("grace", older, CommandKind.RESOLVE, RESOLVE)
        case _:
            await desk.send("grace", younger, CommandKind.RESOLVE, RESOLVE)
    before = (await desk.case(younger)).status
    assert (await told(desk, younger, older)).outcome == "kept"
    kept = await desk.case(younger)
    assert (kept.status, kept.merged_into) == (before, None)
    (entry,) = await desk.timeline(younger, "kept")
    assert entry.data["related"] == older
    assert entry.data["why"]
    assert not [row for row in await desk.deliveries() if row.kind == ADOPT]
    assert (await mails_of(desk, younger), await mails_of(desk, older)) == (1, 1)


async def test_a_case_that_an_agent_opened_stays(desk: Desk) -> None:
    older, younger = await open_by_mail(desk), await desk.open()
    assert (await told(desk, younger, older)).outcome == "kept"


async def merged(desk: Desk, number: str, into: str) -> None:
    """Its rows after it was merged, while the survivor has not heard of that yet."""
    await desk.send("grace", number, CommandKind.CANCEL, CancelBody())
    async with desk.house.database.write() as session:
        values = {"merged_into": into, "status_reason": "merged"}
        await session.execute(update(Case).where(Case.number == number).values(**values))


async def test_a_closed_survivor_is_woken_and_only_adopts(desk: Desk) -> None:
    older, younger = await open_by_mail(desk), await open_by_mail(desk)
    await merged(desk, younger, older)
    await desk.send("grace", older, CommandKind.RESOLVE, RESOLVE)
    assert (await told(desk, older, younger, ADOPT, times=3)).outcome == "adopted"
    survivor = await desk.case(older)
    assert (survivor.status, survivor.customer_replied_last, survivor.life) == (CaseStatus.RESOLVED, True, 0)
    assert (await mails_of(desk, younger), await mails_of(desk, older)) == (0, 2)


async def test_a_survivor_that_has_gone_up_itself_passes_the_adoption_on(desk: Desk) -> None:
    oldest, middle, youngest = [await open_by_mail(desk, text) for text in ("One.", "Two.", "Three.")]
    await merged(desk, youngest, middle)
    assert (await told(desk, middle, oldest)).outcome == "retired"
    await adopted(desk, oldest, middle)
    assert (await told(desk, middle, youngest, ADOPT)).outcome == "passed-on"
    await adopted(desk, oldest, youngest)
    assert [await mails_of(desk, number) for number in (oldest, middle, youngest)] == [3, 0, 0]
    assert len(await desk.timeline(oldest, "mail")) == 3


async def test_the_sweep_tells_what_nobody_has_told(desk: Desk) -> None:
    """As if a process had died between the commit and the telling, for either of the two cases."""
    older, younger = await open_by_mail(desk), await open_by_mail(desk)
    await must_hear(desk, younger, (await desk.case(older)).id, RETIRE)
    for half in (RETIRE, ADOPT):
        async with desk.house.database.write() as session:
            long_ago = datetime.now(UTC) - timedelta(minutes=1)
            await session.execute(update(Delivery).where(~Delivery.done).values(recorded_at=long_ago))
        await DeliverySweep(desk.house.database, desk.house.dispatcher).sweep()
        (delivery,) = [row for row in await desk.deliveries() if row.kind == half]
        await heard(desk, delivery.id)
    await adopted(desk, older, younger)


async def test_what_was_adopted_is_adopted_again(desk: Desk) -> None:
    oldest, middle, youngest = [await open_by_mail(desk, text) for text in ("One.", "Two.", "Three.")]
    await told(desk, youngest, middle)
    await adopted(desk, middle, youngest)
    await told(desk, middle, oldest)
    await adopted(desk, oldest, middle)
    assert [await mails_of(desk, number) for number in (oldest, middle, youngest)] == [3, 0, 0]
    entries = await desk.timeline(oldest, "mail")
    assert [entry.data.get("adopted_from") for entry in entries] == [None, middle, youngest]
    assert len(await desk.timeline(oldest, "acknowledgement")) == 3


async def test_two_mails_that_name_two_survivors_unite_them(desk: Desk) -> None:
    oldest, middle, youngest = [await open_by_mail(desk, text) for text in ("One.", "Two.", "Three.")]
    await told(desk, youngest, middle)
    assert (await told(desk, youngest, oldest)).outcome == "passed-on"
    await adopted(desk, oldest, middle)
    assert (await desk.case(middle)).merged_into == oldest
    assert [await mails_of(desk, number) for number in (oldest, middle, youngest)] == [3, 0, 0]


async def test_a_mail_on_its_way_to_the_younger_case_shows_once_on_the_older(desk: Desk) -> None:
    older, younger = await open_by_mail(desk, "One."), await open_by_mail(desk, "Two.")
    case = await desk.case(younger)
    on_its_way = await mail(desk, "Three.", case_id=case.id)
    delivery = await must_hear(desk, younger, on_its_way.id)
    await told(desk, younger, older)
    await adopted(desk, older, younger)
    assert await mails_of(desk, older) == 2, "of the third no case has heard"
    await tell(desk, case, delivery, 2)
    assert (await heard(desk, delivery.id)).outcome == "passed-on"
    (onward,) = [row for row in await desk.deliveries() if row.subject_id == on_its_way.id and row.number == older]
    assert (await heard(desk, onward.id)).outcome == "attach"
    assert await outcomes(desk, older) == ["opened", "opened", "attach"]
    assert await mails_of(desk, older) == 3


async def test_a_failed_acknowledgement_of_the_younger_case_is_told_to_the_older(desk: Desk) -> None:
    older, younger = await open_by_mail(desk), await open_by_mail(desk)
    case = await desk.case(younger)
    async with desk.house.database.write() as session:
        row = (await session.scalars(select(Outbox).where(Outbox.case_id == case.id))).one()
        row.state = OutboxState.FAILED
        session.add(
            Delivery(
                id=new_id(), case_id=case.id, number=younger, kind=DeliveryKind.SEND_FAILED, subject_id=row.message_id
            )
        )
    await told(desk, younger, older)
    await adopted(desk, older, younger)
    (late,) = [row for row in await desk.deliveries() if row.kind == DeliveryKind.SEND_FAILED]
    await tell(desk, case, late)
    assert (await heard(desk, late.id)).outcome == "passed-on"
    (onward,) = [
        found for found in await desk.deliveries() if found.subject_id == row.message_id and found.number == older
    ]
    await heard(desk, onward.id)
    assert [entry.subject_id for entry in await desk.timeline(older, "send-failed")] == [row.message_id]
    async with desk.house.database.read() as session:
        letter = await session.get_one(EmailMessage, row.message_id)
        outbox = await session.get_one(Outbox, row.id)
    survivor = await desk.case(older)
    assert (letter.case_id, outbox.case_id, outbox.state) == (survivor.id, survivor.id, OutboxState.FAILED)
    assert letter.recipients["to"] == [CUSTOMER]
