from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages.case_fields import WrongValue
from models.messages.cases import ProblemType, Refusal
from models.messages.processes import DataStep, DataValue, ProcessDefinition, ProcessState, ProcessStatus
from policies.process import (
    abandon,
    ahead,
    begin,
    finish,
    next_stage,
    previous,
    reactivate,
    set_active,
    stage_view,
    switch,
)
from policies.process_steps import check_value

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

PHONE_TO_CASE = ProcessDefinition.model_validate(
    {
        "slug": "phone-to-case",
        "name": "Phone to Case",
        "stages": [
            {
                "slug": "identify",
                "name": "Identify",
                "steps": [
                    {"field": "customer", "label": "Customer", "required": True},
                    {"field": "custom.notes", "label": "Notes"},
                ],
            },
            {
                "slug": "research",
                "name": "Research",
                "steps": [
                    {"field": "custom.checked", "label": "Checked", "kind": "yes-no", "required": True},
                    {"field": "custom.score", "label": "Score", "required": True, "read_only": True, "kind": "number"},
                    {"field": "custom.secret", "label": "Secret", "required": True, "hidden": True},
                ],
                "branches": [
                    {"when": {"all": [{"field": "case.custom.vendor", "value": True}]}, "to": "vendor"},
                    {"when": {"all": [{"field": "case.priority", "value": "low"}]}, "to": "thanks"},
                ],
                "next": "resolve",
            },
            {"slug": "vendor", "name": "Vendor"},
            {
                "slug": "resolve",
                "name": "Resolve",
                "last": True,
                "steps": [{"field": "title", "label": "Title", "required": True}],
            },
            {"slug": "thanks", "name": "Thanks"},
        ],
    }
)
FULL: dict[str, DataValue] = {"customer": "acme", "custom.checked": True, "custom.score": 0, "title": "Printer"}


def at(*path: str, status: ProcessStatus = ProcessStatus.ACTIVE) -> ProcessState:
    return ProcessState(
        definition="phone-to-case", version=3, status=status, stage=path[-1], path=path, stage_entered_on=NOW
    )


def forward(state: ProcessState, values: dict[str, DataValue], facts: dict[str, Any] | None = None) -> Any:
    return next_stage(PHONE_TO_CASE, state, values, facts or {}, LATER)


def test_begins_on_the_first_stage() -> None:
    assert begin(PHONE_TO_CASE, 3, NOW) == at("identify")


@pytest.mark.parametrize("value", [None, "", "   "])
def test_an_empty_required_step_blocks(value: DataValue) -> None:
    refusal = forward(at("identify"), {"customer": value})
    assert refusal.type is ProblemType.DATA_STEP_MISSING
    assert refusal.missing == ("customer",)
    assert "Customer (customer)" in refusal.detail


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"custom.checked": None}, ("custom.checked",)),
        ({"custom.checked": False}, ("custom.checked",)),
        ({"custom.checked": "yes"}, ("custom.checked",)),
        ({"custom.score": None}, ("custom.score",)),
        ({"custom.checked": None, "custom.score": None}, ("custom.checked", "custom.score")),
        ({"custom.secret": None}, ()),
        ({"customer": None}, ()),
    ],
    ids=str,
)
def test_the_gate_of_research(changes: dict[str, DataValue], missing: tuple[str, ...]) -> None:
    answer = forward(at("identify", "research"), FULL | changes)
    if missing:
        assert answer.type is ProblemType.DATA_STEP_MISSING
        assert answer.missing == missing
    else:
        assert answer.stage == "resolve"


@pytest.mark.parametrize(
    ("values", "facts", "to"),
    [
        ({}, {}, "resolve"),
        ({}, {"case.priority": "high"}, "resolve"),
        ({}, {"case.priority": "low"}, "thanks"),
        ({}, {"case.custom.vendor": True}, "vendor"),
        ({"custom.vendor": True}, {}, "vendor"),
        ({"custom.vendor": True}, {"case.priority": "low"}, "vendor"),
        ({"custom.vendor": False}, {"case.custom.vendor": True}, "resolve"),
    ],
)
def test_branches_are_evaluated_live_and_in_order(values: dict[str, DataValue], facts: dict[str, Any], to: str) -> None:
    state = at("identify", "research")
    after = forward(state, FULL | values, facts)
    assert (after.path, after.stage, after.stage_entered_on) == (("identify", "research", to), to, LATER)
    assert ahead(PHONE_TO_CASE, state, FULL | values, facts)[0] == to


def test_without_branch_or_next_the_list_goes_on() -> None:
    assert forward(at("identify"), FULL).stage == "research"
    assert forward(at("identify", "research", "vendor"), FULL).path == ("identify", "research", "vendor", "resolve")


@pytest.mark.parametrize("path", [("identify", "research", "resolve"), ("identify", "research", "thanks")])
def test_only_a_last_stage_finishes_and_leads_nowhere(path: tuple[str, ...]) -> None:
    refusal = forward(at(*path), FULL)
    assert (refusal.type, refusal.allowed) == (ProblemType.STAGE_FORBIDDEN, ("process-finish",))
    ended = finish(PHONE_TO_CASE, at(*path), FULL, LATER)
    assert isinstance(ended, ProcessState)
    assert (ended.status, ended.path, ended.spent) == (ProcessStatus.FINISHED, path, {path[-1]: 300.0})
    assert ahead(PHONE_TO_CASE, at(*path), FULL, {}) == ()


def test_finish_elsewhere_is_refused_and_the_last_gate_applies() -> None:
    refusal = finish(PHONE_TO_CASE, at("identify"), FULL, LATER)
    assert isinstance(refusal, Refusal)
    assert (refusal.type, refusal.allowed) == (ProblemType.STAGE_FORBIDDEN, ("process-next",))
    gated = finish(PHONE_TO_CASE, at("identify", "research", "resolve"), FULL | {"title": ""}, LATER)
    assert isinstance(gated, Refusal)
    assert gated.missing == ("title",)


def test_previous_follows_the_path_not_the_list() -> None:
    back = previous(PHONE_TO_CASE, at("identify", "research", "thanks"), LATER)
    assert isinstance(back, ProcessState)
    assert (back.stage, back.path, back.stage_entered_on) == ("research", ("identify", "research"), LATER)
    refusal = previous(PHONE_TO_CASE, at("identify"), LATER)
    assert isinstance(refusal, Refusal)
    assert refusal.type is ProblemType.STAGE_FORBIDDEN


@pytest.mark.parametrize(
    ("stage", "path"),
    [
        ("identify", ("identify",)),
        ("research", ("identify", "research")),
        ("thanks", ("identify", "research", "thanks")),
        ("resolve", None),
        ("vendor", None),
        ("nonsense", None),
    ],
)
def test_set_active_goes_back_only(stage: str, path: tuple[str, ...] | None) -> None:
    answer = set_active(at("identify", "research", "thanks"), stage, LATER)
    if path is None:
        assert isinstance(answer, Refusal)
        assert (answer.type, answer.allowed) == (ProblemType.STAGE_FORBIDDEN, ("identify", "research"))
    else:
        assert isinstance(answer, ProcessState)
        assert answer.path == path


def test_an_ended_process_moves_only_when_reactivated() -> None:
    for status in (ProcessStatus.FINISHED, ProcessStatus.ABANDONED):
        ended = at("identify", "research", "resolve", status=status)
        answers = [
            forward(ended, FULL),
            previous(PHONE_TO_CASE, ended, LATER),
            set_active(ended, "identify", LATER),
            finish(PHONE_TO_CASE, ended, FULL, LATER),
            abandon(ended, LATER),
        ]
        for answer in answers:
            assert isinstance(answer, Refusal)
            assert answer.type is ProblemType.PROCESS_NOT_ACTIVE
        again = reactivate(ended, LATER)
        assert isinstance(again, ProcessState)
        assert (again.status, again.path, again.stage_entered_on) == (ProcessStatus.ACTIVE, ended.path, LATER)
    running = reactivate(at("identify"), LATER)
    assert isinstance(running, Refusal)
    assert running.type is ProblemType.STAGE_FORBIDDEN


def test_abandon_ignores_the_gate() -> None:
    ended = abandon(at("identify"), LATER)
    assert isinstance(ended, ProcessState)
    assert (ended.status, ended.path) == (ProcessStatus.ABANDONED, ("identify",))


def test_the_time_in_a_stage_adds_up_over_its_visits() -> None:
    minutes = [NOW + timedelta(minutes=minute) for minute in range(0, 60, 10)]
    state = begin(PHONE_TO_CASE, 1, minutes[0])
    for now, move in zip(minutes[1:], ("next", "previous", "next", "abandon", "reactivate"), strict=True):
        match move:
            case "next":
                answer = next_stage(PHONE_TO_CASE, state, FULL, {}, now)
            case "previous":
                answer = previous(PHONE_TO_CASE, state, now)
            case "abandon":
                answer = abandon(state, now)
            case _:
                answer = reactivate(state, now)
        assert isinstance(answer, ProcessState)
        state = answer
    assert state.spent == {"identify": 1200.0, "research": 1200.0}
    assert (state.moves, state.stage_entered_on) == (5, minutes[5]), "the time after an end begins anew"


def test_switch_parks_with_state_and_finds_it_again() -> None:
    other = ProcessDefinition.model_validate(
        {"slug": "returns", "name": "Returns", "stages": [{"slug": "ask", "name": "Ask"}]}
    )
    parked = at("identify", "research")
    assert switch(None, PHONE_TO_CASE, 3, None, NOW) == at("identify")
    began = switch(parked, other, 1, None, LATER)
    assert isinstance(began, ProcessState)
    assert (began.definition, began.stage) == ("returns", "ask")
    assert switch(began, PHONE_TO_CASE, 4, parked, LATER) == parked
    assert isinstance(switch(parked, PHONE_TO_CASE, 4, parked, LATER), Refusal)


def test_a_state_of_another_version_is_a_fault() -> None:
    with pytest.raises(ValueError, match="gone"):
        forward(at("gone"), {})


def test_the_view_shows_every_stage_and_what_is_missing() -> None:
    view = stage_view(PHONE_TO_CASE, at("identify", "research"), {"customer": "acme", "custom.checked": False})
    assert [(stage.slug, stage.reached, stage.active, stage.last) for stage in view] == [
        ("identify", True, False, False),
        ("research", True, True, False),
        ("vendor", False, False, False),
        ("resolve", False, False, True),
        ("thanks", False, False, True),
    ]
    assert [(step.field, step.filled, step.missing) for stage in view[:2] for step in stage.steps] == [
        ("customer", True, False),
        ("custom.notes", False, False),
        ("custom.checked", True, True),
        ("custom.score", False, True),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", " hello ", "hello"),
        ("text", "  ", None),
        ("text", None, None),
        ("text", 5, "must be text"),
        ("text", "x" * 4001, "at most 4,000"),
        ("yes-no", True, True),
        ("yes-no", "No", False),
        ("yes-no", "", None),
        ("yes-no", "perhaps", "yes or no"),
        ("yes-no", 1, "yes or no"),
        ("number", 5, 5),
        ("number", "5.50", Decimal("5.5")),
        ("number", 0.5, Decimal("0.5")),
        ("number", "1e3", 1000),
        ("number", True, "a number"),
        ("number", "five", "a number"),
        ("number", "nan", "a finite number"),
        ("number", "1e999999", "a number below"),
        ("number", "1E+1000000", "a number below"),
        ("number", "1E-1000000", "a number below"),
        ("number", "9" * 5000, "a number"),
        ("number", 2**53 + 1, "between -2"),
        ("choice", "RED", "red"),
        ("choice", "green", "one of: red, blue"),
        ("choice", 5, "one of: red, blue"),
        ("choice", " ", None),
    ],
)
def test_values_are_cleaned_or_refused(kind: str, value: object, expected: object) -> None:
    step = DataStep.model_validate({"field": "custom.x", "label": "X", "kind": kind, "choices": ("red", "blue")})
    if isinstance(expected, str) and " " in expected:
        with pytest.raises(WrongValue, match=expected) as caught:
            check_value(step, value)
        assert caught.value.field == "custom.x"
    else:
        cleaned = check_value(step, value)
        assert (type(cleaned), cleaned) == (type(expected), expected)


@pytest.mark.parametrize(
    ("choice", "value"), [("ja ", "ja"), ("ja ", "JA "), ("Gera\u0308t", "gerät"), ("A", "A"), ("a", "a")]
)
def test_what_people_take_for_a_choice_is_that_choice(choice: str, value: str) -> None:
    """Of those that differ in letter case alone, as older definitions may have them, the one that is meant."""
    step = DataStep.model_validate(
        {"field": "custom.x", "label": "X", "kind": "choice", "choices": ("ja ", "Gera\u0308t", "A", "a")}
    )
    assert check_value(step, value) == choice


def test_a_read_only_step_takes_no_value() -> None:
    with pytest.raises(WrongValue, match="read-only"):
        check_value(DataStep(field="custom.x", label="X", read_only=True), "y")


moves = st.lists(
    st.sampled_from(["next", "previous", "identify", "research", "resolve", "abandon", "reactivate", "finish"])
)


@given(moves=moves, vendor=st.booleans())
def test_any_walk_keeps_the_path_whole(moves: list[str], vendor: bool) -> None:
    state = begin(PHONE_TO_CASE, 1, NOW)
    values = FULL | {"custom.vendor": vendor}
    order = [stage.slug for stage in PHONE_TO_CASE.stages]
    for move in moves:
        match move:
            case "next":
                answer = next_stage(PHONE_TO_CASE, state, values, {}, LATER)
            case "previous":
                answer = previous(PHONE_TO_CASE, state, LATER)
            case "abandon":
                answer = abandon(state, LATER)
            case "reactivate":
                answer = reactivate(state, LATER)
            case "finish":
                answer = finish(PHONE_TO_CASE, state, values, LATER)
            case stage:
                answer = set_active(state, stage, LATER)
        if isinstance(answer, ProcessState):
            assert len(answer.path) <= len(state.path) + 1
            state = answer
        positions = [order.index(slug) for slug in state.path]
        assert state.path[0] == "identify"
        assert state.path[-1] == state.stage
        assert positions == sorted(set(positions))
