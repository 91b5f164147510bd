"""One of each: every kind of command and of delivery, with what has to be there before it can be applied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from models.messages.api_activities import ChangeActivityBody, CloseActivityBody
from models.messages.api_cases import (
    ActivityBody,
    CancelBody,
    ChangeBody,
    FirstResponseBody,
    HoldBody,
    NoteBody,
    ReactivateBody,
    ReplyBody,
    ResolveBody,
    StageBody,
    SwitchBody,
)
from models.messages.cases import CommandKind, DeliveryInput
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case, Delivery, Incident, ProcessInstance
from models.records.mails import Outbox
from models.records.webhooks import Webhook
from tests.support.correspondence import mail, must_hear
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import PRESENT, Hands, activities, run

K = CommandKind

Step = tuple[Any, ...]
"""Kind, body, target, stage, as `Hands.do` takes them; the last one of a kind is run twice."""
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
        case DeliveryKind.RETIRE | DeliveryKind.ADOPT:
            younger = await Hands.opened(desk, opening_mail_id=(await mail(desk)).id)
            retire = await must_hear(desk, younger.case.number, hands.case.id, DeliveryKind.RETIRE)
            if kind is DeliveryKind.RETIRE:
                return retire
            given = DeliveryInput(case_id=younger.case.id, now=PRESENT, version=1, delivery_id=retire.id)
            await run(activities(desk)["apply_delivery"], given)
            (found,) = [row for row in await desk.deliveries() if row.number == number and row.kind == kind]
            return found
        case DeliveryKind.RETRY | DeliveryKind.DISMISS:
            (incident,) = await desk.incidents(number) or [await left_out(hands)]
            return await must_hear(desk, number, incident.id, kind)
        case unknown:
            raise AssertionError(f"a kind of delivery without an entry: {unknown}")


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
