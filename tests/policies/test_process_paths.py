"""Branched processes as a whole, and walks through them (domain 7; checklist 38): definitions are made at random."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.reference.process_faults import process_faults
from models.messages.cases import ProblemType, Refusal
from models.messages.processes import ProcessDefinition, ProcessState
from policies.process import ahead, begin, finish, next_stage, previous, set_active
from policies.process_paths import apart, depths, meeting, reachable, ways_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def stage(slug: str, *to: str, last: bool = False, next: str | None = None) -> dict[str, Any]:
    """A stage that branches to each of `to` if the case's priority is that word."""
    branches = [{"when": {"all": [{"field": "case.priority", "value": each}]}, "to": each} for each in to]
    return {"slug": slug, "name": slug.title(), "branches": branches, "last": last, "next": next}


def process(*stages: dict[str, Any]) -> ProcessDefinition:
    return ProcessDefinition.model_validate({"slug": "p", "name": "P", "stages": list(stages)})


def faults(definition: ProcessDefinition) -> dict[tuple[str | int, ...], str]:
    return dict(process_faults(definition))


DIAMOND = process(stage("a", "c", next="b"), stage("b", next="d"), stage("c", next="d"), stage("d"))
SKIP = process(stage("a", "c"), stage("b"), stage("c"))
FORKS = process(stage("a", "c", next="b"), stage("b", last=True), stage("c", last=True))
NESTED = process(
    stage("a", "e", next="b"),
    stage("b", "d", next="c"),
    stage("c", next="f"),
    stage("d", next="f"),
    stage("e"),
    stage("f"),
)
HALF = process(stage("a", "b", "c", next="d"), stage("b", next="d"), stage("c", last=True), stage("d"))


@pytest.mark.parametrize("definition", [DIAMOND, SKIP, FORKS, NESTED], ids=["diamond", "skip", "forks", "nested"])
def test_ways_that_meet_again_or_all_end_are_sound(definition: ProcessDefinition) -> None:
    assert faults(definition) == {}


def test_some_ways_that_meet_and_others_that_end_are_a_fault_that_names_the_stage() -> None:
    (fault,) = faults(HALF).items()
    assert fault[0] == ("stages", 0, "branches")
    assert fault[1].startswith("stage 'a': its ways must all meet again")
    assert "meet in 'd'" in fault[1]


def test_where_ways_meet_and_how_deep_they_nest() -> None:
    ways = ways_of(NESTED)
    assert meeting(ways, ways["a"]) == "f"
    assert meeting(ways, ways["b"]) == "f"
    assert depths(ways) == {"b": 1, "a": 2}
    assert meeting(ways_of(FORKS), ("b", "c")) is None
    assert apart(ways_of(FORKS), ("b", "c")) is None
    assert apart(ways_of(DIAMOND), ("b", "c")) == ("b", "c", "d")


def deep(levels: int) -> ProcessDefinition:
    """Each stage of the first `levels` leads to an end of its own, or deeper."""
    inner = [stage(f"s{level}", f"e{level}") for level in range(levels)]
    ends = [stage(f"e{level}", last=True) for level in range(levels)]
    return process(*inner, stage("bottom", last=True), *ends)


def test_at_most_five_branches_lie_within_each_other() -> None:
    assert faults(deep(5)) == {}
    (fault,) = faults(deep(6)).items()
    assert fault == (
        ("stages", 0, "branches"),
        "stage 's0': branches lie 6 deep within each other, and at most 5 are allowed",
    )


def test_thirty_stages_and_thirty_steps_are_the_most() -> None:
    step = {"label": "L"}
    full = {"steps": [{**step, "field": f"custom.f{n}"} for n in range(30)]}
    most = process(*({**stage(f"s{n}"), **full} for n in range(30)))
    assert faults(most) == {}
    for stages in (
        [stage(f"s{n}") for n in range(31)],
        [{**full, "steps": [*full["steps"], {**step, "field": "title"}]}],
    ):
        with pytest.raises(ValueError, match="at most 30"):
            process(*({**stage("x"), **each} for each in stages))


def test_a_required_step_that_nobody_can_fill_is_a_fault() -> None:
    shown = {"field": "custom.cause", "label": "Cause", "required": True, "read_only": True}
    asked = {"field": "custom.cause", "label": "Cause"}
    alone = process(stage("a"), {**stage("b"), "steps": [shown]})
    assert faults(alone) == {
        ("stages", 1, "steps", 0, "read_only"): (
            "stage 'b': custom.cause is required and read-only, and no earlier stage and no action fills it: "
            "nobody could go on"
        )
    }
    setting = {"do": "set", "values": {"custom.cause": "unknown"}}
    for filled in (
        process({**stage("a"), "steps": [asked]}, {**stage("b"), "steps": [shown]}),
        process({**stage("a"), "on_exit": [setting]}, {**stage("b"), "steps": [shown]}),
        process(stage("a"), {**stage("b"), "steps": [{**shown, "field": "priority", "kind": "text"}]}),
        process(stage("a"), {**stage("b"), "steps": [{**shown, "hidden": True}]}),
    ):
        assert faults(filled) == {}
    later = process({**stage("a"), "steps": [shown]}, {**stage("b"), "steps": [asked]})
    assert list(faults(later)) == [("stages", 0, "steps", 0, "read_only")]


# ---- walks -----------------------------------------------------------------------------------------------------------


@st.composite
def definitions(draw: st.DrawFn) -> ProcessDefinition:
    """Any ways that lead forward, sound or not."""
    slugs = [f"s{n}" for n in range(draw(st.integers(1, 8)))]
    stages = []
    for position, slug in enumerate(slugs):
        later = slugs[position + 1 :]
        to = draw(st.lists(st.sampled_from(later), max_size=3, unique=True)) if later else []
        following = draw(st.none() | st.sampled_from(later)) if later else None
        stages.append(stage(slug, *to, next=following, last=not to and following is None and draw(st.booleans())))
    return process(*stages)


@given(
    definition=definitions(),
    moves=st.lists(st.sampled_from(["next", "next", "next", "previous", "back", "forward"]), max_size=25),
    data=st.data(),
)
def test_any_walk_goes_forward_by_next_alone_and_back_along_its_path(
    definition: ProcessDefinition, moves: list[str], data: st.DataObject
) -> None:
    ways, slugs = ways_of(definition), [each.slug for each in definition.stages]
    state, now = begin(definition, 1, NOW), NOW
    for move in moves:
        now += timedelta(minutes=1)
        facts = {"case.priority": data.draw(st.sampled_from(slugs), label="priority")}
        expected = ahead(definition, state, {}, facts)
        answer: ProcessState | Refusal
        match move:
            case "next":
                answer = next_stage(definition, state, {}, facts, now)
                assert isinstance(answer, ProcessState) is bool(ways[state.stage])
                if isinstance(answer, ProcessState):
                    assert answer.stage == expected[0]
                    assert answer.stage in ways[state.stage]
                    assert answer.path == (*state.path, answer.stage)
                else:
                    assert isinstance(finish(definition, state, {}, now), ProcessState)
            case "previous":
                answer = previous(definition, state, now)
                assert isinstance(answer, Refusal) or answer.path == state.path[:-1]
            case "back":
                answer = set_active(state, data.draw(st.sampled_from(state.path)), now)
                assert isinstance(answer, ProcessState)
            case _:
                beyond = sorted(set(slugs) - set(state.path))
                if not beyond:
                    continue
                answer = set_active(state, data.draw(st.sampled_from(beyond)), now)
                assert isinstance(answer, Refusal)
                assert answer.type is ProblemType.STAGE_FORBIDDEN
        if isinstance(answer, ProcessState):
            state = answer
        assert state.path[0] == slugs[0]
        assert state.path[-1] == state.stage
        assert all(after in ways[before] for before, after in zip(state.path, state.path[1:], strict=False))
        assert sum(state.spent.values()) == (state.stage_entered_on - NOW).total_seconds()


@given(definition=definitions())
def test_where_ways_meet_every_way_leads(definition: ProcessDefinition) -> None:
    """Against all paths, written out."""
    ways = ways_of(definition)

    def paths(slug: str) -> list[tuple[str, ...]]:
        return [(slug, *rest) for each in ways[slug] for rest in paths(each)] or [(slug,)]

    for slug, peers in ways.items():
        written = paths(slug)
        assert reachable(ways, slug) == {each for path in written for each in path}
        if len(peers) > 1:
            common = set.intersection(*(set(path) for path in written)) - {slug}
            assert meeting(ways, peers) == next((each for each in ways if each in common), None)
