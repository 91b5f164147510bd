from __future__ import annotations

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from models.messages.cases import HOUSE_VERBS, CaseCommand, CaseSnapshot, CaseStatus, CommandKind, ProblemType, Refusal
from models.messages.organisation import OrganisationSettings, StatusReason
from models.messages.processes import ProcessStatus
from policies.lifecycle import (
    CLOSED_VERBS,
    allowed_verbs,
    on_hold,
    reason_follows,
    reason_for,
    refuse,
    status_of_reason,
)

ME, OTHER = UUID(int=1), UUID(int=2)
CLOSED = (CaseStatus.RESOLVED, CaseStatus.CANCELLED)


def case(status: CaseStatus = CaseStatus.ACTIVE, **changes: Any) -> CaseSnapshot:
    facts: dict[str, Any] = {
        "case_id": UUID(int=9),
        "number": "CAS-01042-A1B2C3",
        "origin": "email",
        "status": status,
        "status_reason": "in-progress",
        "version": 7,
        "priority": "normal",
        "queue": "gold",
        "process_status": "active",
        "stage": "research",
    }
    return CaseSnapshot.model_validate(facts | changes)


def command(kind: CommandKind, **changes: Any) -> CaseCommand:
    return CaseCommand.model_validate(
        {"id": UUID(int=3), "kind": kind, "actor_id": ME, "key": "k", "body_hash": "h"} | changes
    )


def problem(refusal: Refusal | None) -> ProblemType | None:
    return refusal.type if refusal else None


@pytest.mark.parametrize("kind", list(CommandKind))
def test_an_opening_case_refuses_every_verb(kind: CommandKind) -> None:
    opening = case(CaseStatus.OPENING)
    assert problem(refuse(opening, command(kind))) is ProblemType.CASE_OPENING
    assert problem(refuse(opening, command(kind, if_version=1))) is ProblemType.CASE_OPENING
    assert allowed_verbs(opening, ORGANISATION) == ()


@pytest.mark.parametrize(("status", "kind"), list(product(CLOSED, CommandKind)))
def test_a_closed_case_takes_only_what_wraps_up(status: CaseStatus, kind: CommandKind) -> None:
    closed = case(status, queue=None, open_activities=2)
    refusal = refuse(closed, command(kind))
    if kind in CLOSED_VERBS or kind is CommandKind.FOLLOW_CUSTOMER:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.type is ProblemType.CASE_NOT_ACTIVE
        # Whether a letter still waits to be taken back, the state does not say.
        assert set(refusal.allowed) == CLOSED_VERBS - {CommandKind.UNDO_REPLY}
    assert set(allowed_verbs(closed, ORGANISATION)) == CLOSED_VERBS


@pytest.mark.parametrize("kind", list(CommandKind))
def test_a_merged_case_cannot_be_woken_and_says_where_its_survivor_is_named(kind: CommandKind) -> None:
    merged = case(CaseStatus.CANCELLED, merged_into="CAS-00001-FFFFFF")
    refusal = refuse(merged, command(kind))
    if kind in (CommandKind.NOTE, CommandKind.FOLLOW_CUSTOMER):
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.type is ProblemType.CASE_NOT_ACTIVE
        assert "merged_into" in refusal.detail
        assert "CAS-00001-FFFFFF" not in refusal.detail, "who asks may not know of it"


ACTIVE_CASES: list[tuple[CommandKind, dict[str, Any], dict[str, Any], ProblemType | None]] = [
    (CommandKind.PICK, {}, {}, None),
    (CommandKind.PICK, {"worked_by": ME}, {}, None),
    (CommandKind.PICK, {"worked_by": OTHER}, {}, ProblemType.ALREADY_PICKED),
    (CommandKind.PICK, {"queue": None}, {}, ProblemType.NO_QUEUE_ITEM),
    (CommandKind.RELEASE, {"worked_by": ME}, {}, None),
    (CommandKind.RELEASE, {"worked_by": OTHER}, {}, None),
    (CommandKind.RELEASE, {}, {}, ProblemType.NOT_PICKED),
    (CommandKind.RELEASE, {"queue": None}, {}, ProblemType.NO_QUEUE_ITEM),
    (CommandKind.REMOVE_FROM_QUEUE, {}, {}, None),
    (CommandKind.REMOVE_FROM_QUEUE, {"queue": None}, {}, ProblemType.NO_QUEUE_ITEM),
    (CommandKind.ASSIGN, {"queue": None}, {}, None),
    (CommandKind.ROUTE, {"queue": None}, {}, None),
    (CommandKind.APPLY_ROUTING, {"queue": None}, {}, None),
    (CommandKind.CHANGE, {}, {}, None),
    (CommandKind.REPLY, {}, {}, None),
    (CommandKind.REACTIVATE, {}, {}, ProblemType.CASE_NOT_CLOSED),
    (CommandKind.RESOLVE, {}, {}, None),
    (CommandKind.RESOLVE, {"open_activities": 1}, {}, ProblemType.OPEN_ACTIVITIES),
    (CommandKind.RESOLVE, {"open_activities": 1}, {"cancel_open_activities": True}, None),
    (CommandKind.CANCEL, {}, {}, None),
    (CommandKind.CANCEL, {"open_activities": 1}, {}, ProblemType.OPEN_ACTIVITIES),
    (CommandKind.CANCEL, {"open_activities": 1}, {"cancel_open_activities": True}, ProblemType.OPEN_ACTIVITIES),
    (CommandKind.NOTE, {}, {"if_version": 7}, None),
    (CommandKind.NOTE, {}, {"if_version": 6}, ProblemType.STALE_VERSION),
    (CommandKind.NOTE, {}, {"if_version": 8}, ProblemType.STALE_VERSION),
    (CommandKind.PROCESS_SWITCH, {"process_status": None}, {}, None),
    (CommandKind.PROCESS_SWITCH, {"process_status": "finished"}, {}, None),
]


@pytest.mark.parametrize(("kind", "state", "asked", "expected"), ACTIVE_CASES)
def test_an_active_case(
    kind: CommandKind, state: dict[str, Any], asked: dict[str, Any], expected: ProblemType | None
) -> None:
    assert problem(refuse(case(**state), command(kind, **asked))) is expected


RUNNING = (
    CommandKind.STAGE_NEXT,
    CommandKind.STAGE_PREVIOUS,
    CommandKind.STAGE_SET_ACTIVE,
    CommandKind.PROCESS_FINISH,
    CommandKind.PROCESS_ABANDON,
)


@pytest.mark.parametrize("status", [None, *ProcessStatus])
def test_process_verbs_follow_the_process(status: ProcessStatus | None) -> None:
    snapshot = case(process_status=status)
    for kind in RUNNING:
        expected = {None: ProblemType.NO_PROCESS, ProcessStatus.ACTIVE: None}.get(
            status, ProblemType.PROCESS_NOT_ACTIVE
        )
        assert problem(refuse(snapshot, command(kind))) is expected
    expected = {None: ProblemType.NO_PROCESS, ProcessStatus.ACTIVE: ProblemType.STAGE_FORBIDDEN}.get(status)
    assert problem(refuse(snapshot, command(CommandKind.PROCESS_REACTIVATE))) is expected


def test_a_refused_pick_names_nobody() -> None:
    refusal = refuse(case(worked_by=OTHER, owner="bob"), command(CommandKind.PICK))
    assert refusal is not None
    assert "bob" not in refusal.detail
    assert str(OTHER) not in refusal.model_dump_json()


@pytest.mark.parametrize(("count", "words"), [(1, "1 open activity. Close it"), (3, "3 open activities. Close them")])
def test_open_activities_are_counted(count: int, words: str) -> None:
    for kind in (CommandKind.RESOLVE, CommandKind.CANCEL):
        refusal = refuse(case(open_activities=count), command(kind))
        assert refusal is not None
        assert words in refusal.detail


STATES = [
    case(status, queue=queue, worked_by=worked_by, open_activities=count, process_status=process)
    for status, queue, worked_by, count, process in product(
        CaseStatus, (None, "gold"), (None, ME, OTHER), (0, 2), (None, *ProcessStatus)
    )
]


@pytest.mark.parametrize("kind", list(CommandKind))
def test_every_state_has_an_answer_to_every_verb(kind: CommandKind) -> None:
    for state in STATES:
        refusal = refuse(state, command(kind))
        verbs = allowed_verbs(state, ORGANISATION)
        assert set(verbs) <= set(CommandKind)
        if refusal is not None:
            assert refusal.detail
            assert kind.value not in refusal.allowed
            assert kind.value not in verbs or kind is CommandKind.RESOLVE, "it may cancel open activities"
        elif kind not in NOT_OF_THE_STATE:
            assert kind.value in verbs


NOT_OF_THE_STATE = HOUSE_VERBS | {
    CommandKind.PICK,
    CommandKind.RESUME,
    CommandKind.CHANGE_ACTIVITY,
    CommandKind.COMPLETE_ACTIVITY,
    CommandKind.CANCEL_ACTIVITY,
}
"""Who works on a case may pick it again, but that is not offered. The others need a hold, or an open activity; and what the
house decides, nobody is offered."""


@pytest.mark.parametrize(
    ("reason", "hold", "resume"),
    [
        ("in-progress", True, False),
        ("on-hold", True, True),
        ("waiting-for-details", True, True),
        ("researching", True, False),
        ("gone", True, True),
    ],
)
def test_resume_is_offered_while_it_would_end_a_hold(reason: str, hold: bool, resume: bool) -> None:
    """One that the organisation has no longer may have been a hold, and its promises stand still until something is done."""
    verbs = allowed_verbs(case(status_reason=reason), ORGANISATION)
    assert (CommandKind.HOLD in verbs, CommandKind.RESUME in verbs) == (hold, resume)


def test_a_verb_that_no_reason_lets_through_is_not_offered() -> None:
    at_work = allowed_verbs(case(), STRICT)
    assert {CommandKind.RESOLVE, CommandKind.CANCEL}.isdisjoint(at_work)
    assert {CommandKind.RESOLVE, CommandKind.CANCEL} <= set(allowed_verbs(case(status_reason="testing"), STRICT))
    ended = case(CaseStatus.RESOLVED, status_reason="problem-solved")
    assert CommandKind.REACTIVATE not in allowed_verbs(ended, STRICT)


@pytest.mark.parametrize("idle", [CommandKind.UNDO_REPLY, CommandKind.DETACH_ARTICLE, CommandKind.STAGE_PREVIOUS])
def test_what_finds_nothing_to_act_on_is_not_offered(idle: CommandKind) -> None:
    assert idle in allowed_verbs(case(), ORGANISATION)
    assert idle not in allowed_verbs(case(), ORGANISATION, {idle})


# ---- status reasons --------------------------------------------------------------------------------------------------

ORGANISATION = OrganisationSettings()
STRICT = OrganisationSettings(
    status_reasons=(
        StatusReason(slug="in-progress", name="In Progress", status="active", next=("on-hold", "testing")),
        StatusReason(slug="on-hold", name="On Hold", status="active", pauses=True, next=("in-progress",)),
        StatusReason(slug="testing", name="Testing", status="active", next=("information-provided", "cancelled")),
        StatusReason(slug="problem-solved", name="Problem Solved", status="resolved", next=()),
        StatusReason(slug="information-provided", name="Information", status="resolved", next=("testing",)),
        StatusReason(slug="cancelled", name="Cancelled", status="cancelled"),
        StatusReason(slug="merged", name="Merged", status="cancelled"),
    )
)


def test_without_a_graph_everything_follows() -> None:
    slugs = [reason.slug for reason in ORGANISATION.status_reasons]
    for current, to in product(slugs, slugs):
        assert reason_follows(ORGANISATION, current, to) is None


@pytest.mark.parametrize(
    ("current", "to", "expected", "allowed"),
    [
        ("in-progress", "on-hold", None, ()),
        ("in-progress", "in-progress", None, ()),
        ("in-progress", "problem-solved", ProblemType.STATUS_REASON_FORBIDDEN, ("on-hold", "testing")),
        ("problem-solved", "in-progress", ProblemType.STATUS_REASON_FORBIDDEN, ()),
        ("cancelled", "in-progress", None, ()),
        ("gone", "in-progress", None, ()),
        ("in-progress", "gone", ProblemType.INVALID, ()),
    ],
)
def test_the_graph(current: str, to: str, expected: ProblemType | None, allowed: tuple[str, ...]) -> None:
    refusal = reason_follows(STRICT, current, to)
    assert problem(refusal) is expected
    assert (refusal.allowed if refusal else ()) == allowed


@pytest.mark.parametrize(
    ("settings", "kind", "current", "wanted", "expected"),
    [
        (ORGANISATION, CommandKind.RESOLVE, "in-progress", None, "problem-solved"),
        (ORGANISATION, CommandKind.RESOLVE, "on-hold", "information-provided", "information-provided"),
        (ORGANISATION, CommandKind.RESOLVE, "in-progress", "cancelled", ProblemType.INVALID),
        (ORGANISATION, CommandKind.RESOLVE, "in-progress", "nonsense", ProblemType.INVALID),
        (ORGANISATION, CommandKind.CANCEL, "in-progress", None, "cancelled"),
        (ORGANISATION, CommandKind.CANCEL, "in-progress", "merged", ProblemType.INVALID),
        (ORGANISATION, CommandKind.REACTIVATE, "problem-solved", None, "in-progress"),
        (ORGANISATION, CommandKind.REACTIVATE, "problem-solved", "researching", "researching"),
        (ORGANISATION, CommandKind.HOLD, "in-progress", None, "on-hold"),
        (ORGANISATION, CommandKind.HOLD, "on-hold", "waiting-for-details", "waiting-for-details"),
        (ORGANISATION, CommandKind.HOLD, "in-progress", "researching", ProblemType.INVALID),
        (ORGANISATION, CommandKind.RESUME, "on-hold", None, "in-progress"),
        (ORGANISATION, CommandKind.RESUME, "in-progress", None, ProblemType.STATUS_REASON_FORBIDDEN),
        (ORGANISATION, CommandKind.RESUME, "gone", None, "in-progress"),
        (ORGANISATION, CommandKind.CHANGE, "in-progress", "researching", "researching"),
        (ORGANISATION, CommandKind.CHANGE, "problem-solved", "information-provided", ProblemType.INVALID),
        (ORGANISATION, CommandKind.CHANGE, "in-progress", "problem-solved", ProblemType.INVALID),
        (ORGANISATION, CommandKind.CHANGE, "in-progress", None, "in-progress"),
        (STRICT, CommandKind.RESOLVE, "in-progress", None, ProblemType.STATUS_REASON_FORBIDDEN),
        (STRICT, CommandKind.RESOLVE, "testing", None, "information-provided"),
        (STRICT, CommandKind.REACTIVATE, "problem-solved", None, ProblemType.STATUS_REASON_FORBIDDEN),
        (STRICT, CommandKind.REACTIVATE, "information-provided", None, "testing"),
        (STRICT, CommandKind.HOLD, "testing", None, ProblemType.STATUS_REASON_FORBIDDEN),
    ],
)
def test_the_reason_of_a_verb(
    settings: OrganisationSettings,
    kind: CommandKind,
    current: str,
    wanted: str | None,
    expected: str | ProblemType,
) -> None:
    answer = reason_for(settings, kind, current, wanted)
    assert (answer.type if isinstance(answer, Refusal) else answer) == expected


@pytest.mark.parametrize("kind", [CommandKind.RESOLVE, CommandKind.CANCEL, CommandKind.REACTIVATE, CommandKind.HOLD])
@pytest.mark.parametrize("wanted", ["nonsense", "merged", "researching", "problem-solved", "in-progress", "on-hold"])
def test_a_wrong_reason_is_pointed_at_by_the_field_that_was_sent(kind: CommandKind, wanted: str) -> None:
    answer = reason_for(ORGANISATION, kind, "in-progress", wanted)
    if isinstance(answer, Refusal):
        field = "resolution_type" if kind is CommandKind.RESOLVE else "status_reason"
        assert answer.field == field
        assert answer.detail.startswith(f"{field}: ")


@pytest.mark.parametrize("current", ["in-progress", "on-hold", "gone", "problem-solved"])
def test_a_change_to_the_present_reason_is_none(current: str) -> None:
    assert reason_for(ORGANISATION, CommandKind.CHANGE, current, current) == current
    assert reason_for(STRICT, CommandKind.CHANGE, current, current) == current


def test_a_verb_that_changes_no_reason_is_a_fault() -> None:
    with pytest.raises(ValueError, match="pick"):
        reason_for(ORGANISATION, CommandKind.PICK, "in-progress", None)


def test_reasons_know_their_state() -> None:
    assert status_of_reason(ORGANISATION, "merged") is CaseStatus.CANCELLED
    assert status_of_reason(ORGANISATION, "gone") is None
    assert on_hold(ORGANISATION, "waiting-for-details")
    assert not on_hold(ORGANISATION, "gone")
