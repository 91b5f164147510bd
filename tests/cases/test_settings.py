"""What the organisation's settings do to a case, one after the other on one desk."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from cases.sweeps import ContractSweep
from desk.organisation.faults import OrganisationErrors
from models.messages.api_cases import ActivityBody, ChangeBody
from models.messages.cases import CommandKind
from models.records.reference import Entitlement
from tests.support.desks import Desk
from tests.support.hands import Hands
from tests.support.organisations import settings

REASONS = [
    {"slug": "in-progress", "name": "In progress", "status": "active"},
    {"slug": "with-supplier", "name": "With the supplier", "status": "active", "pauses": True},
    {"slug": "solved", "name": "Solved", "status": "resolved"},
    {"slug": "cancelled", "name": "Cancelled", "status": "cancelled"},
    {"slug": "merged", "name": "Merged", "status": "cancelled"},
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what the settings do is decided above the rows."""
    return sqlite_url


async def test_numbers_begin_with_the_case_prefix(desk: Desk) -> None:
    await settings(desk, case_prefix="HELP")
    async with desk.house.database.read() as session:
        assert (await desk.house.definitions.organisation(session)).case_prefix == "HELP"


async def test_a_default_process_and_a_default_sla_and_no_default_entitlement(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    assert (hands.case.sla, hands.case.stage, hands.case.entitlement_id is not None) == ("gold", "identify", True)
    await settings(desk, default_process="short", default_sla="around-the-clock", apply_default_entitlement=False)
    hands = await Hands.opened(desk)
    assert (hands.case.sla, hands.case.stage, hands.case.entitlement_id) == ("around-the-clock", "only", None)


@pytest.mark.parametrize(("replace_manual_sla", "sla"), [(False, "around-the-clock"), (True, "gold")])
async def test_an_sla_chosen_by_hand_stays_unless_the_settings_let_it_go(
    desk: Desk, replace_manual_sla: bool, sla: str
) -> None:
    await settings(desk, replace_manual_sla=replace_manual_sla)
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.CHANGE, ChangeBody(sla="around-the-clock", entitlement=None))
    await hands.do(CommandKind.CHANGE, ChangeBody(entitlement="care"))
    assert (await desk.case(hands.case.number)).sla == sla


async def test_words_of_the_lists_are_those_that_a_case_can_have(desk: Desk) -> None:
    await settings(
        desk,
        origins=["phone", "email", "letterbox"],
        priorities=["high", "normal", "whenever"],
        case_types=["question", "problem", "request", "praise"],
        activity_types=["visit"],
        first_response_channels=["email", "visit"],
        status_reasons=REASONS,
    )
    hands = await Hands.opened(desk)
    words = {"origin": "letterbox", "priority": "whenever", "case_type": "praise", "status_reason": "with-supplier"}
    await hands.do(CommandKind.CHANGE, ChangeBody(**words))
    case = await desk.case(hands.case.number)
    assert {name: getattr(case, name) for name in words} == words
    assert case.last_on_hold is not None, "the reason pauses"
    await hands.do(CommandKind.ADD_ACTIVITY, ActivityBody(kind="visit", title="Look at it"))


async def test_a_word_that_is_in_use_is_not_taken_away(desk: Desk) -> None:
    with pytest.raises(OrganisationErrors, match=r"sla 'gold' at items\[1\]\.actions\[0\]\.value"):
        await settings(desk, priorities=["normal", "low"])
    with pytest.raises(OrganisationErrors, match=r"rule 'mail-to-support' at items\[0\]\.case_type"):
        await settings(desk, case_types=["problem", "request"])


async def test_a_contract_that_was_stored_without_an_instant_is_kept_by_nobody_yet(desk: Desk) -> None:
    """As a database that an earlier release left behind."""
    async with desk.house.database.write() as session:
        await session.execute(update(Entitlement).values(due_on=None))
    (sweep,) = [each for each in desk.house.housekeeper.sweeps if isinstance(each, ContractSweep)]
    assert await sweep.sweep() == 1
    assert await sweep.sweep() == 0, "it is told again only after a while"
