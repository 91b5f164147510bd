"""What keeps a record from being switched off, and edits that meet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.errors import Conflict, Invalid, Stale
from desk.organisation import apply_file
from desk.reference.kinds import AGENTS, MAILBOXES, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import Edit
from models.records.base import new_id
from models.records.cases import Case, QueueItem
from storage.engines import Database
from storage.secrets import Keyring

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples"
KEYRING = Keyring("k1", {"k1": b"k" * 32})


async def apply_example(database: Database, name: str) -> list[str]:
    report = await apply_file(database, EXAMPLES / name, now=NOW, keyring=KEYRING, secret=lambda _source, _name: "x")
    return report.lines


@pytest.mark.parametrize("name", ["faults.yaml", "bench.yaml"])
async def test_the_other_examples_come_into_force_too(database: Database, name: str) -> None:
    assert len(await apply_example(database, name)) > 100
    assert await apply_example(database, name) == ["nothing changed"]


async def test_who_holds_open_cases_is_not_switched_off(database: Database) -> None:
    await apply_example(database, "demo.yaml")
    async with database.write() as session:
        grace, gold = await AGENTS.row(session, "grace"), await QUEUES.row(session, "gold")
        case = Case(
            id=new_id(), number="CAS-1", title="t", origin="email", status="active", status_reason="in-progress",
            created_on=NOW, modified_on=NOW, custom={}, owner_id=grace.id,
        )  # fmt: skip
        session.add(case)
        await session.flush()
        session.add(QueueItem(id=new_id(), case_id=case.id, queue_id=gold.id, worked_by=grace.id, entered_on=NOW))
        edit = Edit(session, "ada", NOW)
        for kind, slug in ((AGENTS, "grace"), (QUEUES, "gold")):
            with pytest.raises(Conflict) as raised:
                await kind.deactivate(edit, slug)
            assert (raised.value.type, raised.value.missing) == ("transfer-needed", ("transfer_to",))
            way = f"in the console, or by POST /{kind.name}s/{slug}/deactivate with transfer_to"
            assert way in raised.value.detail, (
                "said also where no case can be handed over: by a file, and on the command line"
            )
        with pytest.raises(Conflict, match="the queue 'gold' at owner; the queue 'standard' at owner"):
            await AGENTS.deactivate(edit, "mona")
        assert not (await TEAMS.deactivate(edit, "gold-team")).active
        with pytest.raises(Conflict, match="the queue 'gold' at mailbox; the queue 'standard' at mailbox"):
            await MAILBOXES.deactivate(edit, "support")


async def test_a_subject_does_not_become_its_own_ancestor(database: Database) -> None:
    await apply_example(database, "demo.yaml")
    async with database.write() as session:
        with pytest.raises(Invalid, match="lies below"):
            await SUBJECTS.change(Edit(session, "ada", NOW), "audio", {"parent": "bluetooth"}, '"v1"')
        with pytest.raises(Stale):
            await SUBJECTS.change(Edit(session, "ada", NOW), "audio", {"name": "Sound"}, '"v7"')


async def test_a_password_given_again_is_sealed_with_the_key_of_today(database: Database) -> None:
    await apply_example(database, "demo.yaml")
    newer = Keyring("k2", {"k1": b"k" * 32, "k2": b"n" * 32})
    async with database.write() as session:
        row = await MAILBOXES.row(session, "support")
        assert row.secret.startswith("k1:")
        await MAILBOXES.change(Edit(session, "ada", NOW, newer), "support", {"password": "x"}, "*")
        assert newer.decrypt(row.secret) == "x"
        assert row.secret.startswith("k2:")
        sealed, version = row.secret, row.version
        await MAILBOXES.change(Edit(session, "ada", NOW, newer), "support", {"password": "x"}, "*")
        assert (row.secret, row.version) == (sealed, version)


async def test_with_the_keys_lost_a_password_can_be_given_anew(database: Database) -> None:
    await apply_example(database, "demo.yaml")
    other = Keyring("k1", {"k1": b"o" * 32})
    async with database.write() as session:
        row = await MAILBOXES.row(session, "support")
        await MAILBOXES.change(Edit(session, "ada", NOW, other), "support", {"password": "x"}, "*")
        assert other.decrypt(row.secret) == "x"


async def test_a_mailbox_keeps_the_groups_and_forms_that_it_declares(database: Database) -> None:
    await apply_example(database, "demo.yaml")
    declared = {"groups": ["Help@XN--BCHER-KVA.example", "all@groups.example"], "forms": ["noreply@shop.example"]}
    async with database.write() as session:
        await MAILBOXES.change(Edit(session, "ada", NOW, keyring=KEYRING), "support", declared, "*")
    async with database.read() as session:
        row = await MAILBOXES.row(session, "support")
        (body,) = await MAILBOXES.bodies(session, [row])
    assert (body.groups, body.forms) == (("help@bücher.example", "all@groups.example"), ("noreply@shop.example",))
    assert row.settings["groups"] == list(body.groups)
    async with database.write() as session:
        with pytest.raises(Invalid, match="groups"):
            await MAILBOXES.change(Edit(session, "ada", NOW, keyring=KEYRING), "support", {"groups": ["nobody"]}, "*")
