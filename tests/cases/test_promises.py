"""What promises do by themselves, each once, and who chooses the SLA (domain 4.1, 4.6): written by hand, step after step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.messages.api_cases import (
    CancelBody,
    ChangeBody,
    FirstResponseBody,
    HoldBody,
    ReactivateBody,
    ReplyBody,
    ResolveBody,
    StageBody,
    SwitchBody,
)
from models.messages.base import Message
from models.messages.cases import CommandKind, LapseInput
from models.records.cases import Case
from models.records.mails import Outbox
from models.records.promises import KpiAction, KpiRow
from models.records.reference import Entitlement
from models.records.webhooks import Webhook
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import Hands, activities, run
from tests.support.organisations import add, settings

K = CommandKind
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RESOLVED = {"all": [{"field": "case.status", "value": "resolved"}]}
DEEDS: list[dict[str, Any]] = [
    {"do": "notify", "to": "manager", "template": "late"},
    {"do": "escalate"},
    {"do": "set-priority", "value": "high"},
    {"do": "set", "values": {"severity": "s1", "custom.late": True}},
    {"do": "assign", "agent": "grace"},
    {"do": "route", "queue": "standard"},
    {"do": "webhook", "url": "https://hooks.example/late"},
]
STEPS: list[dict[str, Any]] = [
    {"after": "10 minutes", "actions": [{"do": "set", "values": {"custom.step": 1}}, {"do": "assign", "team": "lab"}]},
    {"after": "20 minutes", "actions": [{"do": "notify", "to": "team:lab"}, {"do": "set-sla", "sla": "calm"}]},
]


def item(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "kpi": "resolution", "success": RESOLVED, "fail_after": "1 hour", **fields}


FAILED = [{"on": "failure", **deed} for deed in DEEDS]
NEXT = {"name": "Next", "kpi": "next-update", "applicable_from": "answered_on", "repeats": True, "success": RESOLVED}
SLAS: list[dict[str, Any]] = [
    {"slug": "busy", "name": "Busy", "items": [item("All deeds", actions=FAILED)]},
    {"slug": "calm", "name": "Calm", "items": [item("Calm", fail_after="100 hours")]},
    {"slug": "steps", "name": "Steps", "items": [item("Steps", escalation=STEPS)]},
    {
        "slug": "updates",
        "name": "Updates",
        "items": [
            NEXT | {"fail_after": "4 hours"},
            item("Again", applicable_from="last_resolved_on", fail_after="48 hours"),
        ],
    },
]
MORE: dict[str, Any] = {
    "kpis": [{"slug": "next-update", "name": "Next update"}],
    "slas": SLAS,
    "templates": [{
        "slug": "late", "name": "Late",
        "texts": {"en": {
            "subject": "{{ promise.event }} of {{ case.number }}",
            "body": "Due {{ promise.deadline }}. {{ owner.name }} {{ queue.name }} {{ case.link }}",
        }},
    }],
}  # fmt: skip


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: tests/activities/test_twice.py writes such rows on both."""
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await add(desk, MORE)
    await settings(desk, case_url="https://desk.example/{number}")
    return desk


class Life(Hands):
    """A case whose commands are given at their own instants, and whose deadlines come before them, each told twice."""

    async def at(self, now: datetime, kind: CommandKind, body: Message | None = None, target: str = "") -> None:
        await self.passes(now)
        given = (await self.ask(kind, body, target)).model_copy(update={"now": now})
        outcome = await run(activities(self.desk)["apply_command"], given)
        assert outcome.refusal is None, outcome.refusal
        await run(activities(self.desk)["apply_command"], given)
        if outcome.resource and not outcome.resource.startswith("CAS-"):
            self.made = outcome.resource

    async def passes(self, now: datetime) -> None:
        while (due := await self.desk.next_clock(self.case.number)) is not None and due <= now:
            for _ in range(2):
                await run(activities(self.desk)["lapse_clocks"], LapseInput(case_id=self.case.id, now=due))

    async def row(self) -> Case:
        return await self.desk.case(self.case.number)

    async def chosen(self) -> tuple[str | None, str | None]:
        case = await self.row()
        return case.sla, case.sla_source

    async def promises(self, kpi: str = "resolution") -> list[tuple[str, str, datetime]]:
        """Item, status and deadline of each instance."""
        found = (await self.desk.kpis(self.case.number)).get(kpi, [])
        return [(each["item_name"], each["status"], datetime.fromisoformat(each["failure_at"])) for each in found]


async def busy(desk: Desk, **fields: Any) -> Life:
    return await Life.opened(desk, sla="busy", **fields)


async def count(desk: Desk, case: Case, *counted: Any) -> int:
    async with desk.house.database.read() as session:
        return await session.scalar(select(func.count()).where(*counted)) or 0


# ---- deeds -----------------------------------------------------------------------------------------------------------


async def test_every_deed_of_a_failure_is_done_once(desk: Desk) -> None:
    life = await busy(desk)
    await life.passes(OPENED_ON + HOUR)
    case = await life.row()
    assert (case.escalated, case.priority, case.severity, case.custom) == (True, "high", "s1", {"late": True})
    grace = await desk.agent("grace")
    assert (case.owner_id, case.queue) == (grace.agent_id, "standard")
    hooks = await count(desk, case, Webhook.case_id == case.id)
    notices = await count(desk, case, Outbox.case_id == case.id, Outbox.kind == "notice")
    actions = await count(desk, case, KpiAction.case_id == case.id)
    assert (hooks, notices, actions) == (1, 1, len(DEEDS))
    async with desk.house.database.read() as session:
        hook = (await session.scalars(select(Webhook).where(Webhook.case_id == case.id))).one()
    assert (hook.body["type"], hook.body["data"]["kpi"]) == ("promise.failure", "resolution")
    assert hook.body["data"]["case"] == case.number


async def test_an_escalation_takes_its_steps_and_ends_with_another_sla(desk: Desk) -> None:
    life = await Life.opened(desk, sla="steps")
    await life.passes(OPENED_ON + HOUR)
    assert await desk.next_clock(life.case.number) == OPENED_ON + HOUR + 10 * MINUTE
    await life.passes(OPENED_ON + HOUR + 10 * MINUTE)
    case = await life.row()
    assert (case.custom, case.owner_id, case.owner_team_id is not None) == ({"step": 1}, None, True)
    assert await desk.next_clock(life.case.number) == OPENED_ON + HOUR + 30 * MINUTE
    assert case.next_due == OPENED_ON + HOUR, "what was missed is owed still"
    await life.passes(OPENED_ON + 5 * HOUR)
    assert await count(desk, case, KpiAction.case_id == case.id) == 4
    # The SLA was chosen by hand, and stays.
    assert await life.chosen() == ("steps", "manual")
    (told,) = await desk.timeline(case.number, "sla-not-set")
    assert told.text == "The SLA 'steps' was set by hand, and stays."
    async with desk.house.database.read() as session:
        row = (
            await session.scalars(select(KpiRow).where(KpiRow.case_id == case.id, KpiRow.escalates_at.is_not(None)))
        ).all()
    assert row == []


async def test_acknowledged_no_further_step_is_taken(desk: Desk) -> None:
    life = await Life.opened(desk, sla="steps")
    await life.at(OPENED_ON + HOUR + 5 * MINUTE, K.ACKNOWLEDGE)
    await life.passes(OPENED_ON + 9 * HOUR)
    assert await count(desk, life.case, KpiAction.case_id == life.case.id) == 0
    assert [status for _, status, _ in await life.promises()] == ["noncompliant"]


# ---- which SLA -------------------------------------------------------------------------------------------------------


async def routed_to(desk: Desk, sla: str | None) -> None:
    rule = {"name": "All", "queue": "gold", **({"sla": sla} if sla else {})}
    await add(desk, {"routing_rule_sets": [{"slug": "by-tier", "name": "By tier", "rules": [rule]}]})


async def test_manual_before_automation_before_entitlement_before_default(desk: Desk) -> None:
    await settings(desk, default_sla="around-the-clock")
    await routed_to(desk, "calm")
    bare: dict[str, Any] = {"account_id": None, "contact_id": None}
    by_hand = await Life.opened(desk, sla="steps")
    assert await by_hand.chosen() == ("steps", "manual")
    automatic = await Life.opened(desk)
    assert await automatic.chosen() == ("calm", "automation")
    assert [name for name, _, _ in await automatic.promises()] == ["Calm"], "only the one that was chosen last promises"
    await routed_to(desk, None)
    contract = await Life.opened(desk)
    assert await contract.chosen() == ("gold", "entitlement")
    assert await (await Life.opened(desk, **bare)).chosen() == ("around-the-clock", "default")

    # Cleared by hand, the next strongest applies; and a contract that goes leaves the automation's.
    await by_hand.at(OPENED_ON + MINUTE, K.CHANGE, ChangeBody(sla=None))
    assert await by_hand.chosen() == ("calm", "automation")
    await by_hand.at(OPENED_ON + 2 * MINUTE, K.CHANGE, ChangeBody(entitlement=None))
    assert await by_hand.chosen() == ("calm", "automation")
    await contract.at(OPENED_ON + MINUTE, K.CHANGE, ChangeBody(entitlement=None))
    assert await contract.chosen() == ("around-the-clock", "default")
    await contract.at(OPENED_ON + 2 * MINUTE, K.CHANGE, ChangeBody(sla="steps"))
    assert await contract.chosen() == ("steps", "manual")


async def test_what_was_set_by_hand_is_replaced_only_if_the_organisation_says_so(desk: Desk) -> None:
    life = await Life.opened(desk)
    await life.at(OPENED_ON + MINUTE, K.CHANGE, ChangeBody(sla="steps"))
    await routed_to(desk, "calm")
    await life.at(OPENED_ON + 2 * MINUTE, K.APPLY_ROUTING)
    assert await life.chosen() == ("steps", "manual")
    await settings(desk, replace_manual_sla=True)
    await life.at(OPENED_ON + 3 * MINUTE, K.APPLY_ROUTING)
    assert await life.chosen() == ("calm", "automation")
    both = await Life.opened(desk, sla="steps")
    assert await both.chosen() == ("steps", "manual"), "set together, the hand wins"


async def test_a_process_and_a_rule_of_record_creation_choose_too(desk: Desk) -> None:
    await add(desk, {"processes": [{
        "slug": "acting", "name": "Acting", "stages": [{"slug": "a", "name": "A"}, {
            "slug": "b", "name": "B", "on_entry": [{"do": "set-sla", "sla": "calm"}],
        }],
    }]})  # fmt: skip
    life = await Life.opened(desk)
    await life.at(OPENED_ON + MINUTE, K.PROCESS_SWITCH, SwitchBody(process="acting"))
    assert await life.chosen() == ("gold", "entitlement")
    await life.at(OPENED_ON + 2 * MINUTE, K.STAGE_NEXT, StageBody())
    assert await life.chosen() == ("calm", "automation")
    (told,) = await desk.timeline(life.case.number, "sla-set")
    assert told.data["sla"] == "calm"
    # What an item of a record creation rule gives with `sla:` comes with the new case.
    assert await (await Life.opened(desk, automatic_sla="calm")).chosen() == ("calm", "automation")


async def test_switched_off_nothing_new_is_promised_and_what_runs_runs_on(desk: Desk) -> None:
    before = await busy(desk)
    await settings(desk, slas_off=True)
    imported = await Life.opened(desk)
    assert (await imported.chosen(), await imported.promises()) == ((None, None), [])
    await imported.at(OPENED_ON + MINUTE, K.CHANGE, ChangeBody(priority="low"))
    assert await imported.promises() == []
    await before.passes(OPENED_ON + HOUR)
    assert [status for _, status, _ in await before.promises()] == ["noncompliant"]
    await settings(desk, slas_off=False)
    alone = await Life.opened(desk, apply_sla=False)
    assert (await alone.chosen(), await alone.promises()) == ((None, None), [])
    await alone.at(OPENED_ON + MINUTE, K.CHANGE, ChangeBody(apply_sla=True))
    assert await alone.chosen() == ("gold", "entitlement")
    await alone.at(OPENED_ON + 2 * MINUTE, K.CHANGE, ChangeBody(apply_sla=False))
    assert (await alone.chosen(), {status for _, status, _ in await alone.promises()}) == ((None, None), {"cancelled"})


# ---- what promises count from ----------------------------------------------------------------------------------------


async def test_the_next_update_is_promised_anew_with_each_answer_and_an_undone_one_brings_the_old_back(
    desk: Desk,
) -> None:
    life = await Life.opened(desk, sla="updates")
    assert await life.promises("next-update") == []
    await life.at(OPENED_ON + HOUR, K.FIRST_RESPONSE, FirstResponseBody(reason="By phone."))
    first = ("Next", "succeeded", OPENED_ON + 5 * HOUR)
    assert await life.promises("next-update") == [("Next", "in-progress", OPENED_ON + 5 * HOUR)]
    await life.at(OPENED_ON + 2 * HOUR, K.REPLY, ReplyBody(text="Hold the button.", send_after_seconds=100))
    assert await life.promises("next-update") == [first, ("Next", "in-progress", OPENED_ON + 6 * HOUR)]
    await life.at(OPENED_ON + 2 * HOUR + MINUTE, K.UNDO_REPLY, target="made")
    assert await life.promises("next-update") == [
        first,
        ("Next", "cancelled", OPENED_ON + 6 * HOUR),
        ("Next", "in-progress", OPENED_ON + 5 * HOUR),
    ]
    await life.passes(OPENED_ON + 5 * HOUR)
    assert (await life.promises("next-update"))[-1][1] == "noncompliant"


async def test_a_reactivated_case_counts_from_its_last_resolution(desk: Desk) -> None:
    life = await Life.opened(desk, sla="updates")
    assert await life.promises() == []
    await life.at(OPENED_ON + HOUR, K.RESOLVE, ResolveBody(resolution="Paired."))
    await life.at(OPENED_ON + 2 * HOUR, K.REACTIVATE, ReactivateBody())
    assert await life.promises() == [("Again", "in-progress", OPENED_ON + 49 * HOUR)]
    await life.at(OPENED_ON + 3 * HOUR, K.CANCEL, CancelBody())
    assert [status for _, status, _ in await life.promises()] == ["cancelled"]


async def test_who_waits_for_a_missed_answer_is_due_since_then_until_it_is_given_or_the_case_waits(desk: Desk) -> None:
    life, calm = await Life.opened(desk), await Life.opened(desk)
    case = await life.row()
    missed, late = case.first_response_by, case.resolve_by
    assert missed is not None
    assert late is not None
    await calm.at(OPENED_ON + MINUTE, K.FIRST_RESPONSE, FirstResponseBody(reason="By phone."))
    for each in (life, calm):
        await each.passes(missed)
    order = select(Case.number).where(Case.id.in_([life.case.id, calm.case.id])).order_by(Case.next_due)
    async with desk.house.database.read() as session:
        assert list(await session.scalars(order)) == [life.case.number, calm.case.number]
    assert ((await life.row()).next_due, (await calm.row()).next_due) == (
        missed,
        await desk.next_clock(calm.case.number),
    )
    await life.at(missed + MINUTE, K.HOLD, HoldBody())
    assert (await life.row()).next_due is None
    await life.at(missed + 2 * MINUTE, K.RESUME)
    assert (await life.row()).next_due == missed
    await life.at(missed + 3 * MINUTE, K.REPLY, ReplyBody(text="We look at it."))
    assert (await life.row()).next_due == await desk.next_clock(life.case.number) != missed
    # A resolution that was missed is owed until the case is closed.
    await life.passes(late + HOUR)
    assert (await life.row()).next_due == (await life.row()).resolve_by
    await life.at(late + 2 * HOUR, K.RESOLVE, ResolveBody(resolution="Paired."))
    assert (await life.row()).next_due is None


async def test_held_an_escalation_waits(desk: Desk) -> None:
    life = await Life.opened(desk, sla="steps")
    await life.at(OPENED_ON + HOUR + 5 * MINUTE, K.HOLD, HoldBody())
    assert (await life.row()).next_due is None
    await life.at(OPENED_ON + 3 * HOUR, K.RESUME)
    assert await desk.next_clock(life.case.number) == OPENED_ON + 3 * HOUR + 5 * MINUTE
    assert (await life.row()).next_due == OPENED_ON + HOUR


async def test_an_sla_that_a_contract_no_longer_has_is_not_chosen(desk: Desk) -> None:
    async with desk.house.database.write() as session:
        await session.execute(update(Entitlement).where(Entitlement.slug == "care").values(sla="gone"))
    assert await (await Life.opened(desk)).chosen() == (None, None)
