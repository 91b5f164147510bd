from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages.cases import ProblemType
from models.messages.entitlements import (
    Allocation,
    ChannelBalance,
    CoveredCase,
    DecreaseOn,
    EntitlementFacts,
    EntitlementStatus,
    LifecycleEvent,
    Movement,
    NotApplicable,
)
from policies.entitlements import (
    applicable,
    in_words,
    is_entitled,
    movement,
    problem_of,
    renewal_dates,
    status_on,
    why_not,
    why_not_by,
)

START, END, DAY = date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 2)
ACME, OTHER, ANNA = UUID(int=1), UUID(int=2), UUID(int=3)
APPLIED, CLEARED, RESOLVED = LifecycleEvent.APPLIED, LifecycleEvent.CLEARED, LifecycleEvent.RESOLVED
CANCELLED, REACTIVATED = LifecycleEvent.CANCELLED, LifecycleEvent.REACTIVATED
CREATION, RESOLUTION = DecreaseOn.CREATION, DecreaseOn.RESOLUTION


def contract(slug: str = "gold", **changes: Any) -> EntitlementFacts:
    facts: dict[str, Any] = {
        "id": UUID(int=100),
        "slug": slug,
        "status": EntitlementStatus.ACTIVE,
        "start": START,
        "end": END,
        "account_id": ACME,
        "remaining_terms": Decimal(15),
        "default": True,
    }
    return EntitlementFacts.model_validate(facts | changes)


def phone(total: int, remaining: int) -> tuple[ChannelBalance, ...]:
    return (ChannelBalance(origin="phone", total_terms=Decimal(total), remaining_terms=Decimal(remaining)),)


def case(**changes: Any) -> CoveredCase:
    return CoveredCase.model_validate(
        {"account_id": ACME, "contact_id": ANNA, "contact": "anna", "origin": "phone"} | changes
    )


# ---- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), EntitlementStatus.WAITING),
        (START, EntitlementStatus.ACTIVE),
        (END, EntitlementStatus.ACTIVE),
        (date(2027, 1, 1), EntitlementStatus.EXPIRED),
    ],
)
def test_the_state_follows_the_day(day: date, expected: EntitlementStatus) -> None:
    assert status_on(START, END, day) is expected
    assert status_on(START, END, day, activated=False) is EntitlementStatus.DRAFT
    assert status_on(START, END, day, cancelled=True) is EntitlementStatus.CANCELLED


def test_a_renewal_is_as_long_as_the_old_one() -> None:
    assert renewal_dates(START, END, date(2027, 2, 1)) == (date(2027, 2, 1), date(2028, 1, 31))


# ---- scope -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entitlement", "asking", "expected"),
    [
        ({}, {}, None),
        ({"account_id": OTHER}, {}, NotApplicable.OTHER_CUSTOMER),
        ({"account_id": None, "contact_id": ANNA}, {}, None),
        ({"account_id": None, "contact_id": OTHER}, {}, NotApplicable.OTHER_CUSTOMER),
        ({}, {"account_id": None}, NotApplicable.OTHER_CUSTOMER),
        ({}, {"account_id": None, "parent_account_id": ACME}, None),
        ({}, {"account_id": OTHER, "parent_account_id": ACME}, NotApplicable.OTHER_CUSTOMER),
        ({"status": "draft"}, {}, NotApplicable.NOT_ACTIVE),
        ({"status": "cancelled"}, {}, NotApplicable.NOT_ACTIVE),
        ({"status": "waiting"}, {}, None),
        ({"start": date(2026, 4, 1)}, {}, NotApplicable.WAITING),
        ({"end": date(2026, 3, 1)}, {}, NotApplicable.EXPIRED),
        ({"contacts": ["anna"]}, {}, None),
        ({"contacts": ["bob"]}, {}, NotApplicable.CONTACT_NOT_LISTED),
        ({"contacts": ["bob"]}, {"account_id": None, "parent_account_id": ACME}, NotApplicable.CONTACT_NOT_LISTED),
        ({"contacts": ["bob"]}, {"contact": None, "contact_id": None}, NotApplicable.CONTACT_NOT_LISTED),
        ({"products": ["printer"]}, {"product": "printer"}, None),
        ({"products": ["printer"]}, {"product": "scanner"}, NotApplicable.PRODUCT_NOT_LISTED),
        ({"products": ["printer"]}, {}, NotApplicable.PRODUCT_NOT_LISTED),
        ({"products": ["devices"]}, {"product": "printer", "families": ["office", "devices"]}, None),
        ({"products": ["phones"]}, {"product": "printer", "families": ["devices"]}, NotApplicable.PRODUCT_NOT_LISTED),
        ({"channels": phone(5, 5)}, {}, None),
        ({"channels": phone(5, 0)}, {}, NotApplicable.EXHAUSTED),
        ({"channels": phone(5, 0)}, {"origin": "email"}, None),
        ({"channels": phone(5, 0), "restricted": False}, {}, None),
        ({"channels": phone(0, 0)}, {}, NotApplicable.CHANNEL_FORBIDDEN),
        ({"channels": phone(0, 0), "restricted": False}, {}, NotApplicable.CHANNEL_FORBIDDEN),
        ({"remaining_terms": 0}, {}, NotApplicable.EXHAUSTED),
        ({"remaining_terms": "0.5"}, {}, NotApplicable.EXHAUSTED),
        ({"remaining_terms": "0.5", "allocation": "hours"}, {}, None),
        ({"remaining_terms": 0, "allocation": "hours"}, {}, NotApplicable.EXHAUSTED),
        ({"remaining_terms": 0, "restricted": False}, {}, None),
        ({"remaining_terms": 0}, {"decrement": False}, None),
    ],
    ids=str,
)
def test_scope(entitlement: dict[str, Any], asking: dict[str, Any], expected: NotApplicable | None) -> None:
    facts = contract(**entitlement)
    assert why_not(facts, case(**asking), DAY) is expected
    assert is_entitled([facts], case(**asking), DAY) is (expected is None)


def test_the_default_of_the_closest_customer_applies() -> None:
    own, personal, above = (
        contract("own", id=UUID(int=101)),
        contract("personal", id=UUID(int=102), account_id=None, contact_id=ANNA),
        contract("above", id=UUID(int=103), account_id=OTHER),
    )
    everything = [above, personal, own]
    assert applicable(everything, case(parent_account_id=OTHER), DAY).slug == "own"
    assert applicable(everything, case(account_id=None, parent_account_id=OTHER), DAY).slug == "personal"
    assert applicable([above], case(account_id=None, parent_account_id=OTHER), DAY).slug == "above"
    chosen = applicable([own.model_copy(update={"remaining_terms": Decimal(0)}), personal], case(), DAY)
    assert (chosen.slug, chosen.entitlement_id, chosen.reason) == ("personal", UUID(int=102), None)


@pytest.mark.parametrize(
    ("candidates", "asking", "reason"),
    [
        ([], {}, NotApplicable.NONE),
        ([contract(account_id=OTHER)], {}, NotApplicable.NONE),
        ([contract(default=False)], {}, NotApplicable.NO_DEFAULT),
        ([contract()], {"decrement": False}, NotApplicable.SWITCHED_OFF),
        ([contract(remaining_terms=0)], {}, NotApplicable.EXHAUSTED),
        ([contract(end=date(2026, 3, 1))], {}, NotApplicable.EXPIRED),
        # One that is not in force, whatever its slug, hides none that is.
        ([contract(slug="a", status="draft"), contract(slug="b", remaining_terms=0)], {}, NotApplicable.EXHAUSTED),
        (
            [contract(slug="a", end=date(2026, 3, 1)), contract(slug="b", remaining_terms=0)],
            {},
            NotApplicable.EXHAUSTED,
        ),
    ],
    ids=str,
)
def test_why_no_default_applies(
    candidates: list[EntitlementFacts], asking: dict[str, Any], reason: NotApplicable
) -> None:
    choice = applicable(candidates, case(**asking), DAY)
    assert (choice.entitlement_id, choice.reason) == (None, reason)


def test_the_gate_takes_any_entitlement() -> None:
    assert is_entitled([contract(default=False)], case(), DAY)
    assert not is_entitled([], case(), DAY)


def test_problem_types() -> None:
    assert problem_of(NotApplicable.EXHAUSTED) is ProblemType.ENTITLEMENT_EXHAUSTED
    assert problem_of(NotApplicable.PRODUCT_NOT_LISTED) is ProblemType.ENTITLEMENT_NOT_APPLICABLE


def test_a_contact_that_mail_made_is_listed_by_its_id() -> None:
    listed = contract(contacts=[str(ANNA)])
    assert why_not(listed, case(contact=None), DAY) is None
    assert why_not(listed, case(contact="anna"), DAY) is None, "it has got a slug since"
    assert why_not(contract(contacts=["anna"]), case(), DAY) is None
    other = case(contact=None, contact_id=UUID(int=4))
    assert why_not(listed, other, DAY) is NotApplicable.CONTACT_NOT_LISTED


FULL, LACKING, FORBIDDEN = phone(5, 5), phone(5, 0), phone(0, 0)


@pytest.mark.parametrize(
    ("entitlement", "asking", "expected"),
    [
        ({}, {}, None),
        ({"status": "draft"}, {}, None),
        ({"status": "cancelled"}, {}, None),
        ({"end": START}, {}, None),
        ({"remaining_terms": 0}, {}, None),
        ({"remaining_terms": -3}, {}, None),
        ({"products": ["p"]}, {}, None),
        ({"channels": FULL}, {}, None),
        ({"channels": LACKING}, {}, NotApplicable.EXHAUSTED),
        ({"channels": LACKING}, {"decrement": False}, None),
        ({"channels": LACKING, "restricted": False}, {}, None),
        ({"channels": LACKING, "remaining_terms": 0}, {}, None),
        ({"channels": LACKING}, {"origin": "web"}, None),
        ({"channels": FORBIDDEN}, {}, NotApplicable.CHANNEL_FORBIDDEN),
        ({"channels": FORBIDDEN, "status": "draft", "remaining_terms": 0}, {}, NotApplicable.CHANNEL_FORBIDDEN),
    ],
)
def test_a_corrected_origin_is_held_to_its_own_line_alone(
    entitlement: dict[str, Any], asking: dict[str, Any], expected: NotApplicable | None
) -> None:
    assert why_not_by(contract(**entitlement), case(**asking)) is expected


@pytest.mark.parametrize(
    ("entitlement", "words"),
    [
        (
            {"remaining_terms": 18, "channels": phone(6, 0)},
            "it has no terms left for the channel 'phone', though 18 for",
        ),
        ({"remaining_terms": 18, "channels": phone(6, -2)}, "for the channel 'phone', though 18 for others"),
        ({"remaining_terms": 0, "channels": phone(6, 0)}, "it has no terms left"),
        ({"remaining_terms": 0}, "it has no terms left"),
        ({"remaining_terms": "0.5"}, "it has no terms left"),
    ],
)
def test_what_is_exhausted_is_named(entitlement: dict[str, Any], words: str) -> None:
    said = in_words(NotApplicable.EXHAUSTED, contract(**entitlement), "phone")
    assert words in said
    assert ("channel" in said) == ("channel" in words)


def test_why_a_contract_does_not_cover_a_case_is_a_sentence() -> None:
    told = {reason: in_words(reason, contract(), "phone") for reason in NotApplicable}
    named = {NotApplicable.NONE, NotApplicable.NO_DEFAULT, NotApplicable.SWITCHED_OFF}
    assert [reason for reason, words in told.items() if reason not in named and not words.startswith("it")] == []
    assert told[NotApplicable.EXPIRED] == f"its last day was {contract().end}"
    assert told[NotApplicable.WAITING] == f"its first day is {contract().start}"


def test_what_a_correction_gave_back_is_taken_again_whatever_is_left() -> None:
    for remaining in (1, 0, -1):
        again = move(APPLIED, CREATION, remaining=Decimal(remaining), corrected=True)
        assert (again.refused, again.terms) == (False, Decimal(-1)), remaining


# ---- terms -----------------------------------------------------------------------------------------------------------


def move(event: LifecycleEvent, basis: DecreaseOn, taken: str = "0", **changes: Any) -> Movement:
    return movement(
        event,
        contract(decrease_on=basis, **{k: changes.pop(k) for k in ("allocation", "restricted") if k in changes}),
        remaining=Decimal(changes.pop("remaining", 15)),
        channel_remaining=changes.pop("channel", None),
        taken=Decimal(taken),
        **changes,
    )


@pytest.mark.parametrize(
    ("event", "taken_on_creation", "on_creation", "taken_on_resolution", "on_resolution"),
    [
        ("applied", "0", "-1", "0", "0"),
        ("resolved", "1", "0", "0", "-1"),
        ("cancelled", "1", "1", "0", "0"),
        ("reactivated", "0", "-1", "0", "0"),  # from cancelled
        ("reactivated", "1", "0", "1", "1"),  # from resolved
        ("cleared", "1", "1", "0", "0"),
    ],
)
def test_the_matrix(
    event: str, taken_on_creation: str, on_creation: str, taken_on_resolution: str, on_resolution: str
) -> None:
    for channel in (None, Decimal(5)):
        for basis, taken, terms in (
            (CREATION, taken_on_creation, Decimal(on_creation)),
            (RESOLUTION, taken_on_resolution, Decimal(on_resolution)),
        ):
            moved = move(LifecycleEvent(event), basis, taken, channel=channel)
            assert moved == Movement(terms=terms, channel_terms=None if channel is None else terms)


@pytest.mark.parametrize(
    ("minutes", "terms"), [(0, "0"), (30, "-0.5"), (60, "-1"), (90, "-1.5"), (20, "-0.3333"), (50, "-0.8333")]
)
def test_hours(minutes: int, terms: str) -> None:
    moved = move(RESOLVED, RESOLUTION, allocation=Allocation.HOURS, billable_minutes=minutes)
    assert moved.terms == Decimal(terms)
    back = move(REACTIVATED, RESOLUTION, str(-moved.terms), allocation=Allocation.HOURS)
    assert back.terms == -moved.terms


def test_negative_minutes_are_a_fault() -> None:
    with pytest.raises(ValueError, match="billable_minutes"):
        move(RESOLVED, RESOLUTION, allocation=Allocation.HOURS, billable_minutes=-1)


@pytest.mark.parametrize(("event", "basis"), list(product(LifecycleEvent, DecreaseOn)))
def test_the_switch_takes_nothing_but_gives_back(event: LifecycleEvent, basis: DecreaseOn) -> None:
    for channel in (None, Decimal(0)):
        silent = move(event, basis, decrement=False, remaining=0, channel=channel)
        assert silent == Movement(terms=Decimal(0), channel_terms=channel)
    switched_off_late = move(event, basis, "1", decrement=False)
    assert switched_off_late.terms >= 0


@pytest.mark.parametrize(
    ("event", "basis", "remaining", "channel", "refused"),
    [
        (APPLIED, CREATION, 1, None, False),
        (APPLIED, CREATION, 0, None, True),
        (APPLIED, CREATION, -1, None, True),
        (APPLIED, CREATION, 5, 1, False),
        (APPLIED, CREATION, 5, 0, True),
        (APPLIED, RESOLUTION, 1, None, False),
        (APPLIED, RESOLUTION, 0, None, True),
        (APPLIED, RESOLUTION, 5, 0, True),
        (REACTIVATED, CREATION, 0, None, True),
        (REACTIVATED, CREATION, 5, 0, True),
        (REACTIVATED, RESOLUTION, 0, None, False),
        (RESOLVED, RESOLUTION, 0, None, False),
        (CANCELLED, CREATION, 0, 0, False),
        (CLEARED, CREATION, 0, 0, False),
    ],
)
def test_a_restricted_entitlement_refuses_and_an_unrestricted_one_never(
    event: LifecycleEvent, basis: DecreaseOn, remaining: int, channel: int | None, refused: bool
) -> None:
    line = None if channel is None else Decimal(channel)
    moved = move(event, basis, remaining=remaining, channel=line)
    assert moved.refused is refused
    if refused:
        assert moved.terms == 0
    assert not move(event, basis, remaining=remaining, channel=line, restricted=False).refused


@pytest.mark.parametrize(
    ("remaining", "channel", "flagged"),
    [(1, None, False), (0, None, True), (5, Decimal(0), True), (5, Decimal(1), False), (-3, None, True)],
)
def test_resolving_may_go_negative_and_says_so(remaining: int, channel: Decimal | None, flagged: bool) -> None:
    for restricted in (True, False):
        moved = move(RESOLVED, RESOLUTION, remaining=remaining, channel=channel, restricted=restricted)
        assert (moved.terms, moved.refused, moved.flagged) == (Decimal(-1), False, flagged)
    assert not move(RESOLVED, CREATION, "1", remaining=-1).flagged


def test_fifteen_cases_and_the_sixteenth() -> None:
    for basis in DecreaseOn:
        remaining = Decimal(15)
        for _ in range(15):
            applied = move(APPLIED, basis, remaining=remaining)
            assert not applied.refused
            remaining += applied.terms
            remaining += move(RESOLVED, basis, str(-applied.terms), remaining=remaining).terms
        assert remaining == 0
        assert move(APPLIED, basis, remaining=remaining).refused
        assert not move(APPLIED, basis, remaining=remaining, restricted=False).refused


def test_an_origin_edit_moves_the_term_between_lines() -> None:
    old = move(CLEARED, CREATION, "1", remaining=0, channel=Decimal(0))
    assert (old.terms, old.channel_terms) == (Decimal(1), Decimal(1))
    new = move(APPLIED, CREATION, remaining=1, channel=Decimal(2))
    assert (new.terms, new.channel_terms) == (Decimal(-1), Decimal(-1))


lives = st.lists(
    st.sampled_from(["resolve-60", "resolve-45", "cancel", "reactivate", "swap", "off", "on"]), max_size=30
)
bases = st.sampled_from([(Allocation.CASES, CREATION), (Allocation.CASES, RESOLUTION), (Allocation.HOURS, RESOLUTION)])


@given(steps=lives, basis=bases)
def test_whatever_a_case_lives_through_its_terms_add_up(steps: list[str], basis: tuple[Allocation, DecreaseOn]) -> None:
    allocation, decrease_on = basis
    total = remaining = line = Decimal(100)
    status, decrement = "active", True

    def happen(event: LifecycleEvent, minutes: int = 0) -> None:
        nonlocal remaining, line
        moved = move(
            event,
            decrease_on,
            str(total - remaining),
            allocation=allocation,
            remaining=remaining,
            channel=line,
            decrement=decrement,
            billable_minutes=minutes,
        )
        assert not moved.refused
        assert moved.channel_terms == moved.terms
        remaining += moved.terms
        line += moved.terms

    happen(APPLIED)
    for step in steps:
        match step:
            case "resolve-60" | "resolve-45" if status == "active":
                happen(RESOLVED, int(step[-2:]))
                status = "resolved"
            case "cancel" if status == "active":
                happen(CANCELLED)
                status = "cancelled"
            case "reactivate" if status != "active":
                happen(REACTIVATED)
                status = "active"
            case "swap" if status == "active":
                happen(CLEARED)
                happen(APPLIED)
            case "off" | "on":
                decrement = step == "on"
            case _:
                pass  # The case is not in a state in which this could happen.
        assert 0 <= total - remaining <= 1
    if status == "cancelled":
        assert remaining == total
    if status == "active" and decrease_on is RESOLUTION:
        assert remaining == total
