"""`allowed` of a case names what would really be done now: each verb is tried in each state, and taken back.

The verbs come from their registry; the states are made by the steps that other tests of them take as well.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from cases.commands import VERBS, _apply
from cases.settling import settle
from cases.snapshots import standing_of
from cases.unit import CaseTools, Refused
from desk.queries.cases import case_view
from models.messages.api_activities import ChangeActivityBody, CloseActivityBody
from models.messages.api_cases import (
    ActivityBody,
    CancelBody,
    ChangeBody,
    FirstResponseBody,
    HoldBody,
    LinkArticleBody,
    NoteBody,
    ReactivateBody,
    ReplyBody,
    ResolveBody,
    StageBody,
    SwitchBody,
)
from models.messages.base import Message
from models.messages.cases import CommandKind
from models.messages.families import ChildBody, MergeBody, SplitBody
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from models.records.timeline import Activity
from policies.lifecycle import refuse
from tests.cases.test_step_faults import steps_of
from tests.support.correspondence import mail
from tests.support.desks import Desk
from tests.support.hands import PRESENT, Hands
from tests.support.steps import COMMANDS, Step

K = CommandKind
FILLED: dict[str | None, dict[str, Any]] = {
    "identify": {"case_type": "problem"},
    "research": {"custom.article_sent": True},
    "resolve": {"custom.confirmed": True},
}
"""What the stages of the tests' process ask for."""
TO_THE_END = (
    (K.STAGE_NEXT, StageBody(data=FILLED["identify"])),
    (K.STAGE_NEXT, StageBody(data=FILLED["research"])),
)
STATES: dict[str, tuple[Step, ...]] = {
    "opened": (),
    "in the last stage": TO_THE_END,
    "finished": (*TO_THE_END, (K.PROCESS_FINISH, StageBody(data=FILLED["resolve"]))),
    "waiting for details": ((K.HOLD, HoldBody(status_reason="waiting-for-details")),),
    "cancelled": ((K.CANCEL, CancelBody()),),
    "resolved with an open task": (
        (K.RESOLVE, ResolveBody(resolution="Done.")),
        (K.ADD_ACTIVITY, ActivityBody(title="Call")),
    ),
    "replied and resolved": ((K.REPLY, ReplyBody(text="Hold it.", resolve=ResolveBody(resolution="Paired."))),),
    **{
        f"after {kind}": COMMANDS[kind]
        for kind in (
            *(K.PICK, K.ROUTE, K.REMOVE_FROM_QUEUE, K.STAGE_NEXT, K.PROCESS_ABANDON, K.PROCESS_SWITCH, K.REPLY),
            *(
                K.ADD_CHILD,
                K.SPLIT,
                K.UNDO_REPLY,
                K.ADD_ACTIVITY,
                K.COMPLETE_ACTIVITY,
                K.ATTACH_ARTICLE,
                K.DETACH_ARTICLE,
                K.RESOLVE,
            ),
        )
    },
}
"""Every state on which what is offered depends, and one of each thing that a verb can act on, before and after."""


class TakenBack(Exception):
    """It would have been done."""


async def asked(hands: Hands, kind: CommandKind) -> tuple[Message | None, str, str]:
    """Body, target and stage that would do in the state in which the case is, if any would."""
    stage = hands.case.stage
    match kind:
        case K.ASSIGN:
            return None, "agent mona", ""
        case K.ROUTE:
            return None, "queue standard", ""
        case K.CHANGE:
            return ChangeBody(severity="grave"), "", ""
        case K.STAGE_NEXT | K.STAGE_PREVIOUS | K.PROCESS_FINISH:
            return StageBody(data=FILLED.get(stage, {})), "", ""
        case K.STAGE_SET_ACTIVE:
            return None, "", stage or "identify"
        case K.PROCESS_SWITCH:
            return SwitchBody(process="three-stages" if stage == "only" else "short"), "", ""
        case K.REPLY:
            return ReplyBody(text="Hold the button."), "", ""
        case K.NOTE:
            return NoteBody(text="Looks like the button."), "", ""
        case K.FIRST_RESPONSE:
            return FirstResponseBody(reason="At the counter."), "", ""
        case K.ADD_ACTIVITY:
            return ActivityBody(title="Call back"), "", ""
        case K.CHANGE_ACTIVITY | K.COMPLETE_ACTIVITY | K.CANCEL_ACTIVITY:
            hands.made = await one(hands, select(Activity.id).where(Activity.status == "open"), Activity.case_id)
            return ChangeActivityBody(title="Anew") if kind is K.CHANGE_ACTIVITY else CloseActivityBody(), "made", ""
        case K.UNDO_REPLY:
            waiting = select(Outbox.message_id).where(Outbox.state == "queued", Outbox.kind.in_(("reply", "article")))
            hands.made = await one(hands, waiting, Outbox.case_id)
            return None, "made", ""
        case K.ATTACH_ARTICLE:
            return LinkArticleBody(article=(await hands.article()).article), "", ""
        case K.DETACH_ARTICLE:
            return None, "article pairing", ""
        case K.RESOLVE:
            return ResolveBody(resolution="Paired.", cancel_open_activities=True), "", ""
        case K.CANCEL:
            return CancelBody(), "", ""
        case K.REACTIVATE:
            return ReactivateBody(), "", ""
        case K.HOLD:
            return HoldBody(), "", ""
        case K.MERGE:
            loser = await Hands.opened(hands.desk, parent_id=hands.case.parent_id)
            return MergeBody(losers=(loser.case.number,)), "", ""
        case K.ADD_CHILD:
            return ChildBody(title="The second one"), "", ""
        case K.SPLIT:
            further = select(EmailMessage.id).where(EmailMessage.direction == "in")
            return SplitBody(message=await one(hands, further, EmailMessage.case_id)), "", ""
        case _:
            return None, "", ""


async def one(hands: Hands, wanted: Any, case: Any) -> UUID:
    """The row of this case; if there is none, one that nobody has."""
    async with hands.desk.house.database.read() as session:
        found: UUID | None = await session.scalar(wanted.where(case == hands.case.id).limit(1))
        return found or new_id()


async def would_be_done(hands: Hands, tools: CaseTools, kind: CommandKind) -> bool:
    given = await hands.ask(kind, *await asked(hands, kind))
    command = given.command.model_copy(update={"cancel_open_activities": kind is K.RESOLVE})
    async with hands.desk.house.database.read() as session:
        if refuse(await standing_of(session, await session.get_one(Case, hands.case.id)), command) is not None:
            return False
    try:
        async with tools.unit(hands.case.id, PRESENT, command_id=given.command.id) as unit:
            await _apply(unit, command, unit.command)
            await settle(unit)
            await unit.flush()
            raise TakenBack
    except TakenBack:
        return True
    except Refused:
        return False


async def differences(desk: Desk, hands: Hands) -> dict[str, str]:
    """Verbs that are offered and refused, or the other way round. Asked by a manager, who does not work on the case."""
    hands = Hands(desk, await desk.case(hands.case.number), "mona")
    async with desk.house.database.read() as session:
        view = await case_view(session, desk.house.definitions, await desk.agent("mona"), hands.case.number)
    found = {}
    for kind in VERBS.keys() - {
        CommandKind.FOLLOW_CUSTOMER,
        CommandKind.RECOMPUTE,
    }:  # the house's own, which nobody is offered
        if await would_be_done(hands, steps_of(desk).commands.tools, kind) != (kind in view.allowed):
            found[kind.value] = "offered, and refused" if kind in view.allowed else "not offered, and would be done"
    return found


async def test_every_verb_in_every_state(desk: Desk) -> None:
    wrong = {}
    for name, steps in STATES.items():
        hands = await Hands.opened(desk)
        for step in steps:
            await hands.do(*step)
        if found := await differences(desk, hands):
            wrong[name] = found
    assert wrong == {}


async def test_every_verb_on_cases_of_other_kinds(desk: Desk) -> None:
    unrouted = await Hands.opened(desk, route=False)
    assert await differences(desk, unrouted) == {}
    child = await Hands.opened(desk)
    async with desk.house.database.write() as session:
        await session.execute(update(Case).where(Case.id == child.case.id).values(parent_id=unrouted.case.id))
    assert await differences(desk, child) == {}
    with_mail = await Hands.opened(desk)
    await mail(desk, case_id=with_mail.case.id)
    assert await differences(desk, with_mail) == {}
    merged = await Hands.opened(desk)
    async with desk.house.database.write() as session:
        gone = {"status": "cancelled", "status_reason": "merged", "merged_into": unrouted.case.number, "queue": None}
        await session.execute(update(Case).where(Case.id == merged.case.id).values(**gone))
    assert await differences(desk, merged) == {}
