"""Every activity run twice changes nothing the second time, and answers the same (design, "Every write is idempotent").

Generated from what the workers register: a new activity, or a new kind of command or delivery, without an entry fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter

from cases import family_orders
from desk.reference.article_life import approve, publish
from desk.reference.article_writing import create
from desk.reference.records import Edit
from letters.posting import Poster
from models.messages.api_cases import (
    ReplyBody,
    ResolveBody,
)
from models.messages.articles import ArticleBody, KeepArticle, PublishBody
from models.messages.assigning import Looked, LookInput
from models.messages.cases import CommandKind, DeliveryInput, LapseInput, Outcome, StepInput, StepKind
from models.messages.entitlements import KeepInput
from models.messages.families import FamilyProgress, FamilyRun
from models.messages.mailflow import DeliveryKind
from models.messages.operations import OperationProgress, OperationRun
from models.records.base import Record, new_id
from models.records.commands import Delivery
from models.records.mails import InboundMail, Outbox
from models.records.operations import BulkItem, BulkOperation
from models.records.webhooks import Webhook
from tests.support.assignment import QUEUE, people, staffed
from tests.support.correspondence import CUSTOMER, SUPPORT, mail, must_hear
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.mailboxes import arrived, mail_server, served
from tests.support.mailroom import letter
from tests.support.organisations import rule
from tests.support.receiver import receiving
from tests.support.steps import COMMANDS, undone_delivery, webhook

K = CommandKind
NOISE = {"*": {"recorded_at"}, "mailbox": {"intake_epoch", "outbox_epoch", "last_success"}}
"""Wall time for operators, and the fence: each reader of a mailbox takes a new epoch."""
SHORT = timedelta(seconds=2)


@pytest.fixture
async def desk(open_desk: DeskFactory, tmp_path: Path) -> AsyncIterator[Desk]:
    """Without a worker; the runs that activities start on the server are ended."""
    async with open_desk(work=False) as made:
        yield made
        await made.clear()


async def rows(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for the noise."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with desk.house.database.read() as session:
        for table in Record.metadata.sorted_tables:
            noise = NOISE["*"] | NOISE.get(table.name, set())
            columns = [column for column in table.columns if column.name not in noise]
            result = await session.execute(select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in result]
    return found


async def twice(desk: Desk, name: str, *argument: Any, writes: bool = True) -> Any:
    """Run it, and run it again: the same answer, and not a row differs. `writes`: the first run had work to do."""
    activity, before = activities(desk)[name], await rows(desk)
    first = await run(activity, *argument)
    once = await rows(desk)
    assert (once != before) is writes, f"{name} was to write: {writes}"
    assert _said(await run(activity, *argument)) == _said(first)
    again = await rows(desk)
    for table in once:
        assert again[table] == once[table], f"{name} run a second time changed {table}"
    return first


def _said(answer: Any) -> Any:
    """What it answered, but for when it had ended; and a queue that has asked looks again because nobody has answered yet."""
    match answer:
        case Outcome():
            return answer.model_copy(update={"ended_on": None})
        case Looked():
            return answer.model_copy(update={"next_look": None})
        case _:
            return answer


# ---- one entry an activity -------------------------------------------------------------------------------------------


async def load_case(desk: Desk, folder: Path) -> None:
    hands = await Hands.opened(desk)
    await twice(desk, "load_case", StepInput(case_id=hands.case.id, now=PRESENT), writes=False)


async def step(desk: Desk, folder: Path) -> None:
    """The one activity for all business names; what each kind does has its own entry below."""
    case = await desk.insert()
    given = StepInput(case_id=case.id, now=OPENED_ON)
    await twice(desk, "step", [raw(StepKind.OPEN.value), raw(given)])
    await twice(desk, "step", [raw(StepKind.LOAD.value), raw(given)], writes=False)


def raw(value: Any) -> RawValue:
    return RawValue(pydantic_data_converter.payload_converter.to_payload(value))


async def open_case(desk: Desk, folder: Path) -> None:
    case = await desk.insert()
    await twice(desk, "open_case", StepInput(case_id=case.id, now=OPENED_ON))


async def apply_command(desk: Desk, folder: Path) -> None:
    assert set(COMMANDS) == set(CommandKind), "a kind of command without an entry"
    for kind, steps in COMMANDS.items():
        hands = await Hands.opened(desk)
        *before, asked = steps
        for step in before:
            await hands.do(*step)
        outcome = await twice(desk, "apply_command", await hands.ask(*asked))
        assert outcome.refusal is None, f"{kind}: {outcome.refusal}"
        if hands.case.status == "active":
            # The next case must find the agent with nothing to do.
            await run(activities(desk)["apply_command"], await hands.ask(K.REMOVE_FROM_QUEUE))
    hands = await Hands.opened(desk)
    outcome = await twice(desk, "apply_command", await hands.ask(K.RESUME))
    assert outcome.refusal is not None, "what is refused is written once too"


async def lapse_clocks(desk: Desk, folder: Path) -> None:
    for minutes in (10, 15, 60 * 24 * 7):
        hands = await Hands.opened(desk)
        late = OPENED_ON + timedelta(minutes=minutes)
        await twice(desk, "lapse_clocks", LapseInput(case_id=hands.case.id, now=late))


async def apply_delivery(desk: Desk, folder: Path) -> None:
    for kind in DeliveryKind:
        hands = await Hands.opened(desk)
        await _deliver(hands, await undone_delivery(hands, kind))
    reopen = {"name": "Reopen", "action": "reopen", "when": {"all": [{"field": "email.subject", "value": "Reopen"}]}}
    await rule(desk, items=[reopen, {"name": "Rest", "action": "open-case"}], new_case_after_resolved=True)
    for subject in ("Reopen", "Something else"):
        hands = await Hands.opened(desk)
        await hands.do(K.RESOLVE, ResolveBody(resolution="Paired."))
        message = await mail(desk, subject=subject)
        await _deliver(hands, await must_hear(desk, hands.case.number, message.id))


async def _deliver(hands: Hands, delivery: Delivery) -> None:
    case = await hands.desk.case(delivery.number)
    given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    await twice(hands.desk, "apply_delivery", given)


async def keep_house(desk: Desk, folder: Path) -> None:
    case = await desk.insert()
    async with desk.house.database.write() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        await session.execute(update(Delivery).where(Delivery.case_id == case.id).values(recorded_at=long_ago))
    desk.house.housekeeper.longest = SHORT
    # What it writes is what the figures count of the case.
    await twice(desk, "keep_house")
    assert (await desk.handle(case.number).describe()).id.endswith(case.number)


async def keep_entitlement(desk: Desk, folder: Path) -> None:
    """Into force, out of force, and where there is nothing to do."""
    contract = await desk.entitlement("care")
    begins = datetime(contract.start.year, 1, 1, tzinfo=UTC)
    for moments in (timedelta(minutes=1), timedelta(days=366 * 20)):
        await twice(desk, "keep_entitlement", KeepInput(entitlement_id=contract.id, now=begins + moments))
    late = KeepInput(entitlement_id=contract.id, now=begins + timedelta(days=366 * 30))
    await twice(desk, "keep_entitlement", late, writes=False)
    assert await twice(desk, "keep_entitlement", KeepInput(entitlement_id=new_id(), now=begins), writes=False) is None


async def keep_article(desk: Desk, folder: Path) -> None:
    """Published at its instant, expired at its own, and where there is nothing to do."""
    at = datetime.now(UTC) + timedelta(days=1)
    async with desk.house.database.write() as session:
        edit = Edit(session, "mona", datetime.now(UTC))
        made = await create(edit, ArticleBody(slug="new", title="New", content="Words"), None)
        await approve(edit, "new")
        await publish(edit, "new", PublishBody(at=at, expires_on=at + timedelta(days=1)))
    for moments in (timedelta(minutes=1), timedelta(days=1, minutes=1)):
        await twice(desk, "keep_article", KeepArticle(article_id=made.root.id, now=at + moments))
    late = KeepArticle(article_id=made.root.id, now=at + timedelta(days=366))
    await twice(desk, "keep_article", late, writes=False)
    assert await twice(desk, "keep_article", KeepArticle(article_id=new_id(), now=at), writes=False) is None


async def order_family(desk: Desk, folder: Path) -> None:
    """Told twice, a case decides once; without a worker none decides, and the round ends by itself."""
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(family_orders, "WAITS", SHORT / 10)
    hands = await Hands.opened(desk)
    delivery = await undone_delivery(hands, DeliveryKind.GO_UP)
    given = FamilyRun(kind="merge", command_id=delivery.subject_id, number=hands.case.number)
    assert await twice(desk, "order_family", given, writes=False) == FamilyProgress(total=1, done=0)
    await _deliver(hands, delivery)
    (adopt,) = [row for row in await desk.deliveries() if row.kind == DeliveryKind.ADOPT and not row.done]
    await _deliver(hands, adopt)
    assert await twice(desk, "order_family", given, writes=False) == FamilyProgress(total=2, done=2)
    monkeypatch.undo()


async def work_operation(desk: Desk, folder: Path) -> None:
    """What the state forbids is decided without a run, and written once."""
    hands = await Hands.opened(desk)
    await hands.do(K.RESOLVE, ResolveBody(resolution="Paired."))
    async with desk.house.database.write() as session:
        row = BulkOperation(
            id=new_id(),
            actor_id=(await desk.agent("grace")).agent_id,
            key="k",
            action="cancel",
            body={},
            body_hash="x",
            state="pending",
            total=1,
            asked_on=PRESENT,
        )
        session.add(row)
        await session.flush()
        item = {"position": 0, "number": hands.case.number, "case_id": hands.case.id, "state": "pending"}
        session.add(BulkItem(operation_id=row.id, **item))
    progress = await twice(desk, "work_operation", OperationRun(operation_id=row.id))
    assert progress == OperationProgress(total=1, decided=1, ended=True)


async def look_at_queue(desk: Desk, folder: Path) -> None:
    """One that gives a case, which here has no worker to decide: the command waits in its row for whoever takes it up."""
    await staffed(desk, people(1))
    hands = await Hands.opened(desk)
    desk.house.looks.patience = SHORT / 4
    given = LookInput(id=new_id(), slug=QUEUE, now=PRESENT)
    looked = await twice(desk, "look_at_queue", given)
    (item,) = await desk.items(hands.case.number)
    assert looked.failed == (item.id,)
    idle = await twice(desk, "look_at_queue", LookInput(id=new_id(), slug="gold", now=PRESENT), writes=False)
    assert not idle.in_force


async def watch_mailbox(desk: Desk, folder: Path) -> None:
    async with mail_server(folder) as hub:
        job = await served(desk, hub)
        known, stranger = letter(to=SUPPORT, from_=CUSTOMER), letter(to=SUPPORT, from_="stranger@elsewhere.example")
        machine, nobody = letter(to=SUPPORT, auto_submitted="auto-replied"), letter(to=SUPPORT, from_="")
        for raw in (known, stranger, machine, nobody):
            await hub.deliver(SUPPORT, raw)
        desk.house.intake.longest = SHORT
        assert await twice(desk, "watch_mailbox", job) is True
        async with desk.house.database.read() as session:
            taken = list(await session.scalars(select(InboundMail).order_by(InboundMail.uid)))
        assert [(row.verdict, row.flagged) for row in taken] == [
            ("opened", True),
            ("opened", True),
            ("filed", True),
            ("held", True),
        ]
        assert len(await desk.numbers()) == 2


async def drain_outbox(desk: Desk, folder: Path) -> None:
    async with mail_server(folder) as hub:
        job = await served(desk, hub)
        hands = await Hands.opened(desk)
        await hands.do(K.REPLY, ReplyBody(text="Hold the button."))
        await hands.do(K.REPLY, ReplyBody(text="Longer.", to=("nobody@customer.example",)))
        desk.house.outbox.longest = SHORT
        assert await twice(desk, "drain_outbox", job) is True
        async with desk.house.database.read() as session:
            assert list(await session.scalars(select(Outbox.state).order_by(Outbox.id))) == ["sent", "failed"]
        assert len(arrived(folder, CUSTOMER)) == 1


async def send_webhooks(desk: Desk, folder: Path) -> None:
    """One that is delivered, and one to an address of the house's own network."""
    hands = await Hands.opened(desk)
    async with receiving() as receiver:
        desk.house.webhooks.poster = Poster(("127.0.0.1",))
        await webhook(desk, hands.case.id, receiver.url("/200"))
        await webhook(desk, hands.case.id, receiver.url("/200", "localhost"))
        desk.house.webhooks.longest = SHORT
        await twice(desk, "send_webhooks")
        async with desk.house.database.read() as session:
            states = list(await session.scalars(select(Webhook.state).order_by(Webhook.id)))
        assert (states, len(receiver.told)) == (["delivered", "failed"], 1)


ENTRIES: dict[str, Callable[[Desk, Path], Awaitable[None]]] = {
    entry.__name__: entry
    for entry in (
        step,
        load_case,
        open_case,
        apply_command,
        lapse_clocks,
        apply_delivery,
        keep_house,
        keep_entitlement,
        keep_article,
        order_family,
        work_operation,
        look_at_queue,
        watch_mailbox,
        drain_outbox,
        send_webhooks,
    )
}


async def test_every_activity_has_an_entry(desk: Desk) -> None:
    assert set(activities(desk)) == set(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
async def test_run_twice_it_changes_nothing_the_second_time(desk: Desk, name: str, tmp_path: Path) -> None:
    await ENTRIES[name](desk, tmp_path)
