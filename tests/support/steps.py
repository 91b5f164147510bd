"""One of each: every kind of command and of delivery, with what has to be there before it can be applied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from models.messages.api_activities import ChangeActivityBody, CloseActivityBody
from models.messages.api_cases import (
    ActivityBody,
    CancelBody,
    ChangeBody,
    FirstResponseBody,
    HoldBody,
    NoteBody,
    ReactivateBody,
    RecomputeBody,
    ReplyBody,
    ResolveBody,
    StageBody,
    SwitchBody,
)
from models.messages.assigning import OverflowBody, PassedOver, QueueAssignBody
from models.messages.assignment import AssignmentMethod, Presence
from models.messages.base import Message
from models.messages.cases import CommandKind, DeliveryInput
from models.messages.families import ChildBody, MergeBody, SplitBody
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Delivery, Incident
from models.records.mails import Outbox
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow
from models.records.surveys import SurveyAnswer, SurveyRequest
from models.records.webhooks import Webhook
from tests.support.correspondence import mail, must_hear
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.organisations import add, settings

K = CommandKind

Step = tuple[Any, ...]
"""Kind, body, target, stage, as `Hands.do` takes them; the last one of a kind is run twice. A body that names a row of the case
is made when there is the case."""


async def _item(hands: Hands) -> UUID:
    (item,) = [each for each in await hands.desk.items(hands.case.number) if each.live]
    return item.id


async def another_case(hands: Hands) -> Message:
    """To be merged into the one at hand."""
    loser = await Hands.opened(hands.desk, parent_id=hands.case.parent_id)
    return MergeBody(losers=(loser.case.number,))


async def further_mail(hands: Hands) -> Message:
    message = await mail(hands.desk, case_id=hands.case.id)
    return SplitBody(message=message.id)


async def given_by_queue(hands: Hands) -> Message:
    return QueueAssignBody(
        item=await _item(hands),
        method=AssignmentMethod.ROUND_ROBIN,
        presences=tuple(Presence),
        turn_on=PRESENT,
        why="got their last case the longest time ago of those who can take it",
        passed_over=(PassedOver(agent="sam", why="offline"),),
    )


async def sent_on(hands: Hands) -> Message:
    return OverflowBody(item=await _item(hands), why="it has waited 2 hours")


async def escalated(desk: Desk, case_id: UUID, steps: int = 1) -> None:
    """The case's promise to resolve has failed a while ago, and steps of its escalation are still to come."""
    async with desk.house.database.write() as session:
        row = (await session.scalars(select(KpiRow).where(KpiRow.case_id == case_id, KpiRow.kpi == "resolution"))).one()
        failed = {"status": "noncompliant", "failed_on": row.body["failure_at"]}
        row.body = {**row.body, **failed, "escalation": {"done": steps, "next_at": "2091-01-01T00:00:00Z"}}
        row.status, row.escalating = "noncompliant", True


async def missed(hands: Hands) -> None:
    await escalated(hands.desk, hands.case.id)


COMMANDS: dict[CommandKind, tuple[Step, ...]] = {
    K.PICK: ((K.PICK,),),
    K.RELEASE: ((K.PICK,), (K.RELEASE,)),
    K.ASSIGN: ((K.ASSIGN, None, "agent sam"),),
    K.ROUTE: ((K.PICK,), (K.ROUTE, None, "queue standard")),
    K.APPLY_ROUTING: ((K.ROUTE, None, "queue standard"), (K.APPLY_ROUTING,)),
    K.REMOVE_FROM_QUEUE: ((K.PICK,), (K.REMOVE_FROM_QUEUE,)),
    K.CHANGE: ((K.CHANGE, ChangeBody(title="Anew", sla="around-the-clock", entitlement=None, origin="web")),),
    K.STAGE_NEXT: ((K.STAGE_NEXT, StageBody(data={"case_type": "problem"})),),
    K.STAGE_PREVIOUS: ((K.STAGE_NEXT, StageBody(data={"case_type": "problem"})), (K.STAGE_PREVIOUS, StageBody())),
    K.STAGE_SET_ACTIVE: (
        (K.STAGE_NEXT, StageBody(data={"case_type": "problem"})),
        (K.STAGE_SET_ACTIVE, None, "", "identify"),
    ),
    K.PROCESS_FINISH: ((K.PROCESS_SWITCH, SwitchBody(process="short")), (K.PROCESS_FINISH, StageBody())),
    K.PROCESS_ABANDON: ((K.PROCESS_ABANDON,),),
    K.PROCESS_REACTIVATE: ((K.PROCESS_ABANDON,), (K.PROCESS_REACTIVATE,)),
    K.PROCESS_SWITCH: ((K.PROCESS_SWITCH, SwitchBody(process="short")),),
    K.REPLY: ((K.REPLY, ReplyBody(text="Hold the button.")),),
    K.UNDO_REPLY: ((K.REPLY, ReplyBody(text="Hold the button.", send_after_seconds=60)), (K.UNDO_REPLY, None, "made")),
    K.FIRST_RESPONSE: ((K.FIRST_RESPONSE, FirstResponseBody(reason="At the counter.")),),
    K.NOTE: ((K.NOTE, NoteBody(text="Looks like the button.")),),
    K.ADD_ACTIVITY: ((K.ADD_ACTIVITY, ActivityBody(title="Call back")),),
    K.CHANGE_ACTIVITY: (
        (K.ADD_ACTIVITY, ActivityBody(title="Call back")),
        (K.CHANGE_ACTIVITY, ChangeActivityBody(title="Call them back", owner="sam"), "made"),
    ),
    K.COMPLETE_ACTIVITY: (
        (K.ADD_ACTIVITY, ActivityBody(title="Call back")),
        (K.COMPLETE_ACTIVITY, CloseActivityBody(duration_minutes=5), "made"),
    ),
    K.CANCEL_ACTIVITY: ((K.ADD_ACTIVITY, ActivityBody(title="Call back")), (K.CANCEL_ACTIVITY, None, "made")),
    K.ATTACH_ARTICLE: ((K.ATTACH_ARTICLE,),),
    K.DETACH_ARTICLE: ((K.ATTACH_ARTICLE,), (K.DETACH_ARTICLE, None, "article pairing")),
    K.RESOLVE: (
        (K.PICK,),
        (K.ADD_ACTIVITY, ActivityBody(title="Call back")),
        (K.RESOLVE, ResolveBody(resolution="Paired.", cancel_open_activities=True)),
    ),
    K.CANCEL: ((K.CANCEL, CancelBody()),),
    K.REACTIVATE: ((K.RESOLVE, ResolveBody(resolution="Paired.")), (K.REACTIVATE, ReactivateBody())),
    K.HOLD: ((K.HOLD, HoldBody()),),
    K.RESUME: ((K.HOLD, HoldBody()), (K.RESUME,)),
    K.ACKNOWLEDGE: ((K.ACKNOWLEDGE, missed),),
    K.RECOMPUTE: ((K.RECOMPUTE, RecomputeBody(calendar="lunch-break")),),
    K.MERGE: ((K.MERGE, another_case),),
    K.ADD_CHILD: ((K.ADD_CHILD, ChildBody(title="The second one")),),
    K.LEAVE_PARENT: ((K.LEAVE_PARENT, None, "parent"),),
    K.SPLIT: ((K.SPLIT, further_mail),),
    K.QUEUE_ASSIGN: ((K.QUEUE_ASSIGN, given_by_queue, "agent grace"),),
    K.OVERFLOW: ((K.OVERFLOW, sent_on, "queue standard"),),
    K.FOLLOW_CUSTOMER: ((K.FOLLOW_CUSTOMER,),),
}


async def undone_delivery(hands: Hands, kind: DeliveryKind) -> Delivery:
    """One of this kind, not done yet."""
    desk, number = hands.desk, hands.case.number
    match kind:
        case DeliveryKind.OPEN:
            (found,) = [row for row in await desk.deliveries() if row.number == number]
            async with desk.house.database.write() as session:
                await session.execute(update(Delivery).where(Delivery.id == found.id).values(done=False, outcome=None))
            return found
        case DeliveryKind.MAIL | DeliveryKind.BRAKED:
            return await must_hear(desk, number, (await mail(desk)).id, kind)
        case DeliveryKind.SEND_FAILED:
            await hands.do(K.REPLY, ReplyBody(text="Hold the button."))
            assert hands.made is not None
            async with desk.house.database.write() as session:
                await session.execute(update(Outbox).where(Outbox.message_id == hands.made).values(state="failed"))
            return await must_hear(desk, number, hands.made, kind)
        case DeliveryKind.WEBHOOK:
            return await must_hear(desk, number, (await webhook(desk, hands.case.id, state="delivered")).id, kind)
        case DeliveryKind.SOLVED:
            return await must_hear(desk, number, new_id(), kind)
        case DeliveryKind.SURVEY_ANSWER:
            return await must_hear(desk, number, await survey_answer(hands), kind)
        case DeliveryKind.RETIRE | DeliveryKind.ADOPT:
            younger = await Hands.opened(desk, opening_mail_id=(await mail(desk)).id)
            retire = await must_hear(desk, younger.case.number, hands.case.id, DeliveryKind.RETIRE)
            if kind is DeliveryKind.RETIRE:
                return retire
            given = DeliveryInput(case_id=younger.case.id, now=PRESENT, version=1, delivery_id=retire.id)
            await run(activities(desk)["apply_delivery"], given)
            (found,) = [row for row in await desk.deliveries() if row.number == number and row.kind == kind]
            return found
        case DeliveryKind.GO_UP | DeliveryKind.CLOSE | DeliveryKind.LINK | DeliveryKind.NEW_PARENT:
            return await of_a_family(hands, kind)
        case DeliveryKind.RETRY | DeliveryKind.DISMISS:
            (incident,) = await desk.incidents(number) or [await left_out(hands)]
            return await must_hear(desk, number, incident.id, kind)
        case unknown:
            raise AssertionError(f"a kind of delivery without an entry: {unknown}")


async def survey_answer(hands: Hands) -> UUID:
    """The customer was asked about the resolution, and is content with nothing."""
    desk = hands.desk
    await settings(desk, pages={"address": "https://help.example"})
    rules = [{"at_most": 2, "reopen": True, "notify": "manager"}]
    await add(desk, {"surveys": [{"slug": "after", "name": "After", "quiet_days": 0, "rules": rules}]})
    await hands.do(K.RESOLVE, ResolveBody(resolution="Paired."))
    async with desk.house.database.write() as session:
        asked = await session.scalar(select(SurveyRequest).where(SurveyRequest.case_id == hands.case.id))
        assert asked is not None
        told = {"survey": asked.survey, "kind": asked.kind, "score": 1, "comment": None, "answered_on": PRESENT}
        of = {"request_id": asked.id, "case_id": asked.case_id, "resolution_id": asked.resolution_id}
        answer = SurveyAnswer(id=new_id(), **of, **told)
        session.add(answer)
        return answer.id


async def webhook(desk: Desk, case_id: UUID, url: str = "https://hooks.example/a", state: str = "queued") -> Webhook:
    """A notice to another program, as a process leaves it."""
    async with desk.house.database.write() as session:
        row = Webhook(
            id=new_id(),
            key=f"test/{new_id()}",
            case_id=case_id,
            url=url,
            body={"type": "process.entry", "data": {}},
            state=state,
            attempts=0,
            not_before=datetime.now(UTC),
            made_on=OPENED_ON,
        )
        session.add(row)
        return row


async def left_out(hands: Hands) -> Incident:
    """An open incident of the case: as if its opening had gone on without the process."""
    desk, case = hands.desk, hands.case
    async with desk.house.database.write() as session:
        await session.execute(delete(ProcessInstance).where(ProcessInstance.case_id == case.id))
        await session.execute(update(Case).where(Case.id == case.id).values(open_incidents=1, stage=None))
        row = Incident(
            id=new_id(),
            case_id=case.id,
            key="opening/process",
            step="open: process",
            error="RuntimeError",
            place="nowhere",
            state="open",
            first_on=OPENED_ON,
            last_on=OPENED_ON,
        )
        session.add(row)
        return row


async def of_a_family(hands: Hands, kind: DeliveryKind) -> Delivery:
    """What a case hears because of a command on another one, which is this one's parent or survivor."""
    desk, head = hands.desk, await Hands.opened(hands.desk)
    async with desk.house.database.write() as session:
        if kind in (DeliveryKind.CLOSE, DeliveryKind.NEW_PARENT):
            await session.execute(update(Case).where(Case.id == hands.case.id).values(parent_id=head.case.id))
    match kind:
        case DeliveryKind.GO_UP:
            await hands.do(K.ADD_ACTIVITY, ActivityBody(title="Call back"))
            await head.do(K.MERGE, MergeBody(losers=(hands.case.number,)))
        case DeliveryKind.CLOSE:
            given = await head.ask(K.CANCEL, CancelBody())
            return await must_hear(desk, hands.case.number, given.command.id, kind)
        case DeliveryKind.LINK:
            await head.do(K.ADD_CHILD, ChildBody(case=hands.case.number), f"case {hands.case.number}")
        case _:
            survivor = await Hands.opened(desk)
            async with desk.house.database.write() as session:
                gone = {"status": "cancelled", "merged_into": survivor.case.number}
                await session.execute(update(Case).where(Case.id == head.case.id).values(**gone))
            return await must_hear(desk, hands.case.number, head.case.id, kind)
    (found,) = [row for row in await desk.deliveries() if row.number == hands.case.number and row.kind == kind]
    return found
