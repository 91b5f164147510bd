"""Assignment decided over rows (domain 5.2, checklist 33): tables for each rule, and properties for all of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages.assigning import AgentFacts, Proposal, WaitingItem
from models.messages.assignment import AssignmentRule, Presence
from models.messages.calendars import Calendar
from policies.assignment import begins_work, order, propose, room

NOW = datetime(2031, 3, 3, 10, 0, tzinfo=UTC)
"""A Monday."""
HOURS = [{"from": "09:00", "to": "17:00"}]
OFFICE = Calendar.model_validate(
    {"slug": "office", "time_zone": "UTC", "hours": dict.fromkeys(("monday", "tuesday"), HOURS)}
)


def rule(method: str = "round-robin", **more: Any) -> AssignmentRule:
    return AssignmentRule.model_validate({"slug": "r", "name": "R", "queue": "gold", "method": method, **more})


def agent(slug: str, **more: Any) -> AgentFacts:
    id = UUID(int=sum(ord(sign) << 8 * place for place, sign in enumerate(slug)))
    given: dict[str, Any] = {"id": id, "slug": slug, "load": 0, "capacity": 3, "presence": Presence.ONLINE, **more}
    return AgentFacts(**given)


def item(number: int, **more: Any) -> WaitingItem:
    entered = NOW - timedelta(minutes=100 - number)
    given: dict[str, Any] = {"id": UUID(int=number), "rank": 1, "entered_on": entered, "place": number, **more}
    return WaitingItem(**given)


def given_to(proposals: tuple[Proposal, ...]) -> list[tuple[int, str]]:
    return [(each.item.int, each.slug) for each in proposals]


def whys(proposal: Proposal) -> dict[str, str]:
    return {each.agent: each.why for each in proposal.passed_over}


# ---- who -------------------------------------------------------------------------------------------------------------


def test_round_robin_asks_the_one_whose_last_case_is_the_oldest() -> None:
    people = [
        agent("ann", last_assigned_on=NOW - timedelta(minutes=1)),
        agent("ben", last_assigned_on=NOW - timedelta(minutes=9)),
        agent("cas"),
    ]
    proposals = propose(rule(), [item(1), item(2), item(3), item(4)], people, NOW)
    assert given_to(proposals) == [(1, "cas"), (2, "ben"), (3, "ann"), (4, "cas")]
    assert whys(proposals[0]) == dict.fromkeys(("ann", "ben"), "got their last case later")


def test_the_least_loaded_gets_it_and_ties_go_to_the_oldest_last_assignment() -> None:
    people = [
        agent("ann", load=1, last_assigned_on=NOW - timedelta(minutes=1)),
        agent("ben", load=1, last_assigned_on=NOW - timedelta(minutes=9)),
        agent("cas", load=2),
    ]
    proposals = propose(rule("least-loaded"), [item(1), item(2)], people, NOW)
    assert given_to(proposals) == [(1, "ben"), (2, "ann")]
    assert proposals[0].why == "works on the fewest cases (1) of those who can take it"
    assert whys(proposals[0]) == {"ann": "got their last case later", "cas": "works on 2, not 1"}


def test_by_hand_nobody_gets_anything() -> None:
    assert propose(rule("manual"), [item(1)], [agent("ann")], NOW) == ()


@pytest.mark.parametrize(
    ("other", "needed", "why"),
    [
        ({"load": 3}, {}, "works on 3 of 3"),
        ({"capacity": 0}, {}, "works on 0 of 0"),
        ({"presence": "offline"}, {}, "offline"),
        ({"presence": "busy"}, {}, "busy"),
        ({"calendar": OFFICE.model_copy(update={"time_zone": "Asia/Tokyo"})}, {}, "outside the hours of 'office'"),
        ({}, {"german": 2}, "does not hold 'german'"),
        ({"skills": {"german": 1}}, {"german": 2}, "holds 'german' at 1, not 2"),
    ],
)
def test_who_cannot_take_it_is_passed_over_and_told_why(
    other: dict[str, Any], needed: dict[str, int], why: str
) -> None:
    people = [agent("ann", **other), agent("ben", skills={"german": 2}, last_assigned_on=NOW, calendar=OFFICE)]
    (proposal,) = propose(rule(), [item(1, skills=needed)], people, NOW)
    assert proposal.slug == "ben"
    assert whys(proposal) == {"ann": why}


def test_who_gave_a_case_back_does_not_get_that_one_again() -> None:
    ann, ben = agent("ann"), agent("ben", last_assigned_on=NOW)
    proposals = propose(rule(), [item(1, released_by=ann.id), item(2)], [ann, ben], NOW)
    assert given_to(proposals) == [(1, "ben"), (2, "ann")]
    assert whys(proposals[0]) == {"ann": "gave this case back"}
    assert propose(rule(), [item(1, released_by=ann.id)], [ann], NOW) == ()


def test_a_queue_may_take_other_presences_and_not_ask_for_hours() -> None:
    away = agent("ann", presence="away", calendar=OFFICE)
    assert propose(rule(), [item(1)], [away], NOW) == ()
    open_to_all = rule(presences=["online", "away"], working_hours=False)
    assert given_to(propose(open_to_all, [item(1)], [away], NOW + timedelta(hours=12))) == [(1, "ann")]


def test_at_most_twenty_are_named() -> None:
    people = [agent(f"a-{n:02}") for n in range(30)]
    (proposal,) = propose(rule(), [item(1)], people, NOW)
    assert (proposal.slug, len(proposal.passed_over), proposal.more_passed_over) == ("a-00", 20, 9)


def test_the_next_beginning_of_hours_is_of_those_who_could_take_something() -> None:
    evening = NOW.replace(hour=20)
    people = [
        agent("ann", calendar=OFFICE),
        agent("ben", calendar=OFFICE, load=3),
        agent("cas", calendar=OFFICE, presence="offline"),
    ]
    assert begins_work(rule(), people, evening) == datetime(2031, 3, 4, 9, 0, tzinfo=UTC)
    assert begins_work(rule(), people, NOW) is None, "ann works already"
    assert begins_work(rule(), people[1:], evening) is None
    assert room(rule(), people, NOW) == 3
    assert room(rule(), [*people, agent("dan", capacity=None)], NOW) is None


# ---- which first -----------------------------------------------------------------------------------------------------


def test_the_higher_priority_comes_first_then_the_older() -> None:
    items = [item(3, rank=0), item(1), item(2), item(4, rank=2)]
    proposals = propose(rule(), items, [agent("ann", capacity=None)], NOW)
    assert [each.item.int for each in proposals] == [3, 1, 2, 4]


def test_a_case_that_waits_long_rises_by_a_priority_for_each_span() -> None:
    low = item(1, rank=2, entered_on=NOW - timedelta(minutes=59))
    high = item(2, rank=0, entered_on=NOW - timedelta(minutes=1))
    aged = rule(ageing="30 minutes")
    assert order(aged, high, NOW) < order(aged, low, NOW), "one priority higher, which is not enough"
    later = NOW + timedelta(minutes=1)
    assert order(aged, low, later) < order(aged, high, later), "as high, and older"
    assert order(rule(), high, later) < order(rule(), low, later)


# ---- properties ------------------------------------------------------------------------------------------------------

SKILLS = st.dictionaries(st.sampled_from(["german", "billing"]), st.integers(1, 3), max_size=2)
INSTANTS = st.none() | st.integers(0, 500).map(lambda minutes: NOW - timedelta(minutes=minutes))
AGENTS = st.lists(
    st.builds(
        lambda n, load, room, skills, presence, last: agent(
            f"agent-{n}",
            load=load,
            capacity=None if room is None else load + room,
            skills=skills,
            presence=presence,
            last_assigned_on=last,
        ),
        st.integers(0, 10_000),
        st.integers(0, 5),
        st.none() | st.integers(0, 4),
        SKILLS,
        st.sampled_from(list(Presence)),
        INSTANTS,
    ),
    max_size=6,
    unique_by=lambda each: each.slug,
)
ITEMS = st.lists(
    st.builds(
        lambda n, rank, skills: item(n, rank=rank, skills=skills), st.integers(0, 10_000), st.integers(0, 2), SKILLS
    ),
    max_size=15,
    unique_by=lambda each: each.id,
)
METHODS = st.sampled_from(["round-robin", "least-loaded"])


@given(METHODS, ITEMS, AGENTS)
def test_nobody_gets_more_than_their_capacity_and_nothing_is_given_twice(
    method: str, items: list[WaitingItem], people: list[AgentFacts]
) -> None:
    proposals = propose(rule(method), items, people, NOW)
    assert len({each.item for each in proposals}) == len(proposals)
    got, by_slug = Counter(each.slug for each in proposals), {each.slug: each for each in people}
    for slug, count in got.items():
        one = by_slug[slug]
        assert one.presence is Presence.ONLINE
        assert one.capacity is None or one.load + count <= one.capacity
    for each in proposals:
        needed = next(one for one in items if one.id == each.item).skills
        assert all(by_slug[each.slug].skills.get(skill, 0) >= level for skill, level in needed.items())
        assert len(each.passed_over) + each.more_passed_over == len(people) - 1
    turns = [each.turn_on for each in proposals]
    assert turns == sorted(set(turns)), "no turn is as old as another"


@given(METHODS, ITEMS, AGENTS)
def test_nobody_who_fits_is_idle_while_something_waits(
    method: str, items: list[WaitingItem], people: list[AgentFacts]
) -> None:
    proposals = propose(rule(method), items, people, NOW)
    got, given_out = Counter(each.slug for each in proposals), {each.item for each in proposals}
    for left in (each for each in items if each.id not in given_out):
        for one in people:
            idle = one.capacity is None or one.load + got[one.slug] < one.capacity
            fits = all(one.skills.get(skill, 0) >= level for skill, level in left.skills.items())
            assert not (idle and fits and one.presence is Presence.ONLINE), f"{one.slug} could take {left.id}"


@given(st.integers(1, 6), st.integers(0, 40))
def test_round_robin_is_fair_to_one_case(agents: int, items: int) -> None:
    people = [agent(f"agent-{n}", capacity=None) for n in range(agents)]
    got = Counter(each.slug for each in propose(rule(), [item(n) for n in range(items)], people, NOW))
    counts = [got[one.slug] for one in people]
    assert max(counts) - min(counts) <= 1


@given(METHODS, ITEMS, AGENTS, st.integers(1, 5))
def test_a_look_in_pieces_gives_out_what_one_look_does(
    method: str, items: list[WaitingItem], people: list[AgentFacts], most: int
) -> None:
    """What a look leaves to the next one is given out as if there had been one look, once the rows say what it did."""
    whole = given_to(propose(rule(method), items, people, NOW))
    pieces: list[tuple[int, str]] = []
    waiting, standing = list(items), {one.slug: one for one in people}
    while found := propose(rule(method), waiting, list(standing.values()), NOW, most=most):
        for each in found:
            one = standing[each.slug]
            taken = {"load": one.load + 1, "last_assigned_on": each.turn_on}
            standing[each.slug] = one.model_copy(update=taken)
        gone = {each.item for each in found}
        waiting = [each for each in waiting if each.id not in gone]
        pieces += given_to(found)
    assert pieces == whole
