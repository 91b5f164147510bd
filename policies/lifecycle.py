"""The case's state machine: what its state alone allows, and which status reason may follow which (domain 1.1-1.3).

Everything here is decided from the snapshot that the workflow holds. What only the database knows (membership,
capacity, balance, a stage's data steps, the state of one activity) is decided where it is written.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from models.messages.cases import (
    HOUSE_VERBS,
    OPEN_STATUSES,
    QUEUE_VERBS,
    CaseCommand,
    CaseSnapshot,
    CaseStatus,
    CommandKind,
    ProblemType,
    Refusal,
)
from models.messages.organisation import ClosedUpdates, OrganisationSettings
from models.messages.processes import ProcessStatus
from models.messages.said import joined, of_field, said, word

CLOSED_VERBS = frozenset(
    {
        CommandKind.REACTIVATE,
        CommandKind.UNDO_REPLY,
        CommandKind.CHANGE,
        CommandKind.NOTE,
        CommandKind.ADD_ACTIVITY,
        CommandKind.CHANGE_ACTIVITY,
        CommandKind.COMPLETE_ACTIVITY,
        CommandKind.CANCEL_ACTIVITY,
        CommandKind.ATTACH_ARTICLE,
        CommandKind.DETACH_ARTICLE,
    }
)
"""What may be done on a closed case: reactivate it, or complete its record (domain 1.2). A reply is work, so the case has
to be reactivated first; one that still waits in the outbox can be taken back."""

CLOSED_FIELDS = frozenset({"title", "description", "priority", "severity", "case_type", "subject", "product", "custom"})
"""What may change of a closed case: what it was about. Whose it was, its contract, its promises and its state stay."""

MERGED_VERBS = frozenset({CommandKind.NOTE})
"""A merged case cannot be unmerged (domain 1.5); its activities and mails are the survivor's."""

_NEED_ITEM = frozenset({CommandKind.PICK, CommandKind.RELEASE, CommandKind.REMOVE_FROM_QUEUE, *QUEUE_VERBS})
_NEED_ACTIVITY = frozenset({CommandKind.CHANGE_ACTIVITY, CommandKind.COMPLETE_ACTIVITY, CommandKind.CANCEL_ACTIVITY})
_LEAD_TO_A_REASON = frozenset(
    {CommandKind.RESOLVE, CommandKind.CANCEL, CommandKind.REACTIVATE, CommandKind.HOLD, CommandKind.RESUME}
)
_NEED_RUNNING_PROCESS = frozenset(
    {
        CommandKind.STAGE_NEXT,
        CommandKind.STAGE_PREVIOUS,
        CommandKind.STAGE_SET_ACTIVE,
        CommandKind.PROCESS_FINISH,
        CommandKind.PROCESS_ABANDON,
    }
)


def refuse(snapshot: CaseSnapshot, command: CaseCommand) -> Refusal | None:
    """Why the case's state forbids the command; None if it does not. That a case is opening is said before all else."""
    if snapshot.status is CaseStatus.OPENING:
        return Refusal(
            type=ProblemType.CASE_OPENING, detail=said("The case is still being opened; try again in a moment.")
        )
    if command.if_version is not None and command.if_version != snapshot.version:
        return Refusal(
            type=ProblemType.STALE_VERSION,
            detail=said(
                "The case is at version {version}, not {if_version}; read it again.",
                version=snapshot.version,
                if_version=command.if_version,
            ),
        )
    return _refuse(snapshot, command.kind, command.actor_id, command.cancel_open_activities)


UPDATES = CLOSED_VERBS - {CommandKind.REACTIVATE, CommandKind.UNDO_REPLY}
"""What completes the record of a closed case."""


def refuse_update(settings: OrganisationSettings, status: CaseStatus, kind: CommandKind) -> Refusal | None:
    """Whether the organisation keeps such a closed case as it is (domain 1.3, `updates_when_closed`)."""
    if status in OPEN_STATUSES or kind not in UPDATES:
        return None
    wanted = ClosedUpdates.RESOLVED if status is CaseStatus.RESOLVED else ClosedUpdates.CANCELLED
    if settings.updates_when_closed in (ClosedUpdates.ALL, wanted):
        return None
    return Refusal(
        type=ProblemType.CASE_NOT_ACTIVE,
        detail=said(
            "The case is {status}, and the organisation allows no updates of such cases.", status=word(status.value)
        ),
        allowed=(CommandKind.REACTIVATE.value,),
    )


def refuse_fields(status: CaseStatus, given: Collection[str]) -> Refusal | None:
    """Whether a change of these fields is more than a closed case takes (domain 1.3)."""
    more = sorted(set(given) - CLOSED_FIELDS)
    if status in OPEN_STATUSES or not more:
        return None
    return Refusal(
        type=ProblemType.CASE_NOT_ACTIVE,
        detail=(
            said(
                "{more}: the case is {status}; of a closed case only these change: {closed_fields}. Reactivate "
                "it for the others.",
                more=more[0],
                status=word(status.value),
                closed_fields=joined(sorted(CLOSED_FIELDS)),
            )
        ),
        field=more[0],
        allowed=(CommandKind.REACTIVATE.value,),
    )


def allowed_verbs(
    snapshot: CaseSnapshot, settings: OrganisationSettings, idle: Collection[CommandKind] = ()
) -> tuple[str, ...]:
    """The verbs that would be done now for somebody who does not work on the case, in the order of `CommandKind`.

    `idle`: those that find nothing to act on in the case's rows, such as undo without a letter that waits. `resolve` is
    named with open activities too, since it may cancel them; `pick` only while nobody works on the case. Whether a
    certain agent may (membership, capacity) is not of the case, and is not asked.
    """
    if snapshot.status is CaseStatus.OPENING:
        return ()
    return tuple(
        kind.value
        for kind in CommandKind
        if kind not in HOUSE_VERBS
        and kind not in idle
        and _refuse(snapshot, kind, None, True) is None
        and not (kind in _NEED_ACTIVITY and not snapshot.open_activities)
        and not _no_reason(settings, kind, snapshot.status_reason)
        and refuse_update(settings, snapshot.status, kind) is None
    )


def _no_reason(settings: OrganisationSettings, kind: CommandKind, current: str) -> bool:
    """Whether the verb changes the status reason, and none that fits it may follow the present one."""
    return kind in _LEAD_TO_A_REASON and isinstance(reason_for(settings, kind, current, None), Refusal)


def _refuse(snapshot: CaseSnapshot, kind: CommandKind, actor: UUID | None, cancel_open: bool) -> Refusal | None:
    if snapshot.status is not CaseStatus.ACTIVE:
        return _refuse_closed(snapshot, kind)
    if kind in _NEED_ITEM and snapshot.queue is None:
        return Refusal(
            type=ProblemType.NO_QUEUE_ITEM,
            detail=said("The case is in no queue."),
            allowed=(CommandKind.ROUTE.value, CommandKind.APPLY_ROUTING.value, CommandKind.ASSIGN.value),
        )
    match kind:
        case CommandKind.REACTIVATE:
            return Refusal(type=ProblemType.CASE_NOT_CLOSED, detail=said("The case is active already."))
        case CommandKind.PICK if snapshot.worked_by is not None and snapshot.worked_by != actor:
            return Refusal(
                type=ProblemType.ALREADY_PICKED,
                detail=said("Somebody else is working on the case."),
                allowed=(CommandKind.ASSIGN.value, CommandKind.ROUTE.value, CommandKind.RELEASE.value),
            )
        case CommandKind.RELEASE if snapshot.worked_by is None:
            return Refusal(
                type=ProblemType.NOT_PICKED,
                detail=said("Nobody is working on the case."),
                allowed=(CommandKind.PICK.value,),
            )
        case CommandKind.RESOLVE if snapshot.open_activities and not cancel_open:
            one = snapshot.open_activities == 1
            close = said("Close it, or resolve with cancel_open_activities.")
            return _open_activities(
                snapshot, close if one else said("Close them, or resolve with cancel_open_activities.")
            )
        case CommandKind.CANCEL if snapshot.open_activities:
            one = snapshot.open_activities == 1
            close = said("Close it before cancelling the case.")
            return _open_activities(snapshot, close if one else said("Close them before cancelling the case."))
        case _:
            return _refuse_process(snapshot, kind)


def _refuse_closed(snapshot: CaseSnapshot, kind: CommandKind) -> Refusal | None:
    if kind is CommandKind.FOLLOW_CUSTOMER:
        return None  # Whose a case was is so whatever its state.
    verbs, detail = CLOSED_VERBS, said("The case is {state}.", state=word(snapshot.status.value))
    if snapshot.merged_into is not None:
        # Into which, its page says to those who may know of that one.
        verbs, detail = MERGED_VERBS, said("The case is merged into another one: `merged_into` names it.")
    if kind in verbs:
        return None
    # Whether a letter still waits to be taken back, the state does not say.
    doable = verbs - {CommandKind.UNDO_REPLY} - (frozenset() if snapshot.open_activities else _NEED_ACTIVITY)
    return Refusal(
        type=ProblemType.CASE_NOT_ACTIVE,
        detail=detail,
        allowed=tuple(verb.value for verb in CommandKind if verb in doable),
    )


def _open_activities(snapshot: CaseSnapshot, way_on: str) -> Refusal:
    count = snapshot.open_activities
    return Refusal(
        type=ProblemType.OPEN_ACTIVITIES,
        detail=said("The case has {count} open activity. {way_on}", count=count, way_on=way_on)
        if count == 1
        else said("The case has {count} open activities. {way_on}", count=count, way_on=way_on),
        allowed=(CommandKind.COMPLETE_ACTIVITY.value, CommandKind.CANCEL_ACTIVITY.value),
    )


def _refuse_process(snapshot: CaseSnapshot, kind: CommandKind) -> Refusal | None:
    status = snapshot.process_status
    if kind not in _NEED_RUNNING_PROCESS and kind is not CommandKind.PROCESS_REACTIVATE:
        return None
    if status is None:
        return Refusal(
            type=ProblemType.NO_PROCESS,
            detail=said("The case has no process."),
            allowed=(CommandKind.PROCESS_SWITCH.value,),
        )
    running = status == ProcessStatus.ACTIVE
    if kind is CommandKind.PROCESS_REACTIVATE and running:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=said("The process is running; there is nothing to reactivate."),
            allowed=(CommandKind.PROCESS_ABANDON.value,),
        )
    if kind is not CommandKind.PROCESS_REACTIVATE and not running:
        return Refusal(
            type=ProblemType.PROCESS_NOT_ACTIVE,
            detail=said("The process is {status}.", status=word(status)),
            allowed=(CommandKind.PROCESS_REACTIVATE.value, CommandKind.PROCESS_SWITCH.value),
        )
    return None


_USUAL_REASON = {
    CommandKind.CANCEL: "cancelled",
    CommandKind.REACTIVATE: "in-progress",
    CommandKind.RESUME: "in-progress",
}
"""The default reasons of these verbs (domain 1.1, 1.3), which every organisation has. Of other verbs the default is the first
reason of the organisation's list that fits."""

# ---- status reasons --------------------------------------------------------------------------------------------------


def status_of_reason(settings: OrganisationSettings, reason: str) -> CaseStatus | None:
    """The state that a status reason belongs to; None if the organisation does not know the reason."""
    known = settings.reason(reason)
    return CaseStatus(known.status) if known else None


def reason_follows(
    settings: OrganisationSettings, current: str, to: str, *, field: str = "status_reason"
) -> Refusal | None:
    """The transition graph (domain 1.1): it binds resolve, cancel, reactivate, hold and resume too.

    Staying is always allowed. A current reason that the organisation no longer knows binds nothing: else its cases
    could never leave it. `field` is the one of the body that names the reason.
    """
    if to == current:
        return None
    if settings.reason(to) is None:
        known = joined(reason.slug for reason in settings.status_reasons)
        return Refusal(
            type=ProblemType.INVALID,
            detail=of_field(field, said("unknown {to!r}; known: {known}.", to=to, known=known)),
            field=field,
        )
    here = settings.reason(current)
    if here is None or here.next is None or to in here.next:
        return None
    return Refusal(
        type=ProblemType.STATUS_REASON_FORBIDDEN,
        detail=said("Status reason {to!r} may not follow {current!r}.", to=to, current=current),
        allowed=here.next,
    )


def on_hold(settings: OrganisationSettings, reason: str) -> bool:
    """Whether the reason is on the organisation's list of on-hold reasons (domain 4.4)."""
    known = settings.reason(reason)
    return known is not None and known.pauses


def may_resume(settings: OrganisationSettings, reason: str) -> bool:
    """Whether the case may be on hold by this reason. One that the organisation no longer knows may have been on that list:
    what the case promises stands still until something is done with it."""
    return settings.reason(reason) is None or on_hold(settings, reason)


def reason_for(settings: OrganisationSettings, kind: CommandKind, current: str, wanted: str | None) -> str | Refusal:
    """The status reason that a verb leads to: the one asked for, else the organisation's first that fits the verb.

    `change` leads to reasons of active cases alone: a case is only resolved by resolving it (domain 1.2).
    """
    field = "resolution_type" if kind is CommandKind.RESOLVE else "status_reason"
    fitting = _fitting(settings, kind, current)
    if kind is CommandKind.RESUME and not may_resume(settings, current):
        return Refusal(type=ProblemType.STATUS_REASON_FORBIDDEN, detail=said("The case is not on hold."))
    if kind is CommandKind.CHANGE and wanted in (None, current):
        return current
    if wanted is None:
        if not fitting:
            return Refusal(
                type=ProblemType.INVALID,
                detail=of_field(field, said("the organisation has none for {kind}.", kind=word(kind.value))),
                field=field,
            )
        usual = sorted(fitting, key=lambda slug: slug != _USUAL_REASON.get(kind))
        # The first reason that the graph allows, so that the default is refused only if no reason would be allowed.
        wanted = next((slug for slug in usual if reason_follows(settings, current, slug) is None), usual[0])
    refusal = reason_follows(settings, current, wanted, field=field)
    if refusal is not None:
        return refusal
    if wanted not in fitting:
        return Refusal(
            type=ProblemType.INVALID,
            detail=of_field(
                field,
                said(
                    "{wanted!r} does not fit {kind}; one of: {fitting}.",
                    wanted=wanted,
                    kind=word(kind.value),
                    fitting=joined(fitting),
                ),
            ),
            field=field,
            allowed=tuple(fitting),
        )
    return wanted


def _fitting(settings: OrganisationSettings, kind: CommandKind, current: str) -> list[str]:
    """The reasons that a verb can lead to, whatever the graph says of them."""
    known = settings.status_reasons
    match kind:
        case CommandKind.RESOLVE:
            return [reason.slug for reason in known if reason.status == CaseStatus.RESOLVED.value]
        case CommandKind.CANCEL:
            # No command sets `merged`: only the merging of cases does.
            return [r.slug for r in known if r.status == CaseStatus.CANCELLED.value and r.slug != "merged"]
        case CommandKind.HOLD:
            return [reason.slug for reason in known if reason.status == CaseStatus.ACTIVE.value and reason.pauses]
        case CommandKind.REACTIVATE | CommandKind.RESUME:
            return [reason.slug for reason in known if reason.status == CaseStatus.ACTIVE.value and not reason.pauses]
        case CommandKind.CHANGE:
            # Of a closed case no change takes a reason. What the list says of the present one today is no matter.
            return [reason.slug for reason in known if reason.status == CaseStatus.ACTIVE.value]
        case _:
            raise ValueError(f"{kind} changes no status reason")
