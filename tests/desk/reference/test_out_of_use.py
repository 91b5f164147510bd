"""What still serves somebody is not taken out of use: customers, subjects and mailboxes; all of it together may be."""

from __future__ import annotations

import pytest

from desk.errors import Conflict, Invalid
from desk.organisation import OrganisationErrors
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.kinds import ACCOUNTS, CONTACTS, MAILBOXES, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import AnyKind, Edit
from models.records.base import new_id
from models.records.cases import Case
from storage.engines import Database
from tests.desk.organisation.test_elsewhere import LATER, applied, exported

DESK = """\
organisation: {name: Shop}
agents: [{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}]
subjects:
  - {slug: devices, name: Devices}
  - {slug: radios, name: Radios, parent: devices}
products:
  - {slug: sound, name: Sound, kind: family}
  - {slug: radio, name: Radio, family: sound}
accounts: [{slug: birke, name: Birke}]
contacts: [{slug: britta, name: Britta, email: britta@birke.example, account: birke}]
entitlements:
  - {slug: care, name: Care, account: birke, start: 2026-01-01, end: 2027-12-31, total_terms: 5}
  - {slug: own, name: Own, contact: britta, start: 2027-01-01, end: 2027-12-31, total_terms: 5}
queues: [{slug: mail, name: Mail, owner: ada, mailbox: help}]
mailboxes:
  - slug: help
    address: help@shop.example
    display_name: Help
    queue: mail
    imap: {host: mail.shop.example, port: 993, user: help}
    smtp: {host: mail.shop.example, port: 465, user: help}
    password_env: HOME
"""


async def test_a_mailbox_by_which_a_queue_sends(database: Database) -> None:
    await applied(database, DESK)
    async with database.write() as session:
        edit = Edit(session, "ada", LATER)
        with pytest.raises(
            Conflict, match="the mailbox 'help' is named by what is in force: the queue 'mail' at mailbox"
        ):
            await MAILBOXES.deactivate(edit, "help")
        await QUEUES.change(edit, "mail", {"mailbox": None}, "*")
        assert not (await MAILBOXES.deactivate(edit, "help")).active


async def test_a_subject_above_others(database: Database) -> None:
    await applied(database, DESK)
    async with database.write() as session:
        edit = Edit(session, "ada", LATER)
        with pytest.raises(Conflict, match="the subject 'radios' at parent"):
            await SUBJECTS.deactivate(edit, "devices")
        await SUBJECTS.deactivate(edit, "radios")
        assert not (await SUBJECTS.deactivate(edit, "devices")).active


@pytest.mark.parametrize(
    ("kind", "slug", "contract"), [(ACCOUNTS, "birke", "care"), (CONTACTS, "britta", "own")], ids=["account", "contact"]
)
async def test_a_customer_who_is_served(database: Database, kind: AnyKind, slug: str, contract: str) -> None:
    await applied(database, DESK)
    async with database.write() as session:
        edit = Edit(session, "ada", LATER)
        with pytest.raises(Conflict, match=f"the entitlement '{contract}' at {kind.name}"):
            await kind.deactivate(edit, slug)
        await ENTITLEMENTS.cancel(edit, contract)
        row = await kind.row(session, slug)
        case = Case(
            id=new_id(), number="CAS-1", title="t", origin="email", status="active", status_reason="in-progress",
            created_on=LATER, modified_on=LATER, custom={}, **{f"{kind.name}_id": row.id},
        )  # fmt: skip
        session.add(case)
        await session.flush()
        with pytest.raises(Conflict, match=f"the {kind.name} '?{slug}'? still has open cases, such as CAS-1"):
            await kind.deactivate(edit, slug)
        case.status = "resolved"
        await session.flush()
        assert not (await kind.deactivate(edit, slug)).active


async def test_a_file_takes_what_needs_each_other_out_of_use_together(database: Database) -> None:
    """Also where it lists what lies below before what lies above."""
    await applied(database, DESK)
    leaving = DESK.replace(
        """  - {slug: devices, name: Devices}
  - {slug: radios, name: Radios, parent: devices}
""",
        """  - {slug: radios, name: Radios, parent: devices, active: false}
  - {slug: devices, name: Devices, active: false}
""",
    ).replace(
        """  - {slug: sound, name: Sound, kind: family}
  - {slug: radio, name: Radio, family: sound}
""",
        """  - {slug: radio, name: Radio, family: sound, active: false}
  - {slug: sound, name: Sound, kind: family, active: false}
""",
    )
    leaving = leaving.replace("mailbox: help}", "mailbox: help, active: false}")
    leaving = leaving.replace("    queue: mail\n", "    queue: mail\n    active: false\n")
    told = [str(change) for change in (await applied(database, leaving)).changes]
    named = ("mailbox help", "queue mail", "subject devices", "subject radios", "product radio", "product sound")
    assert sorted(told) == sorted(f"{each}: deactivated" for each in named)
    assert (await applied(database, leaving)).changes == ()
    assert len((await applied(database, DESK)).changes) == len(named)


async def test_a_file_that_takes_out_what_serves_is_told_its_line(database: Database) -> None:
    text = DESK.replace("{slug: birke, name: Birke}", "{slug: birke, name: Birke, active: false}")
    with pytest.raises(OrganisationErrors) as raised:
        await applied(database, text)
    line = 1 + text[: text.index("accounts:")].count("\n")
    assert f"mine.yaml:{line}: accounts[0].active: the account 'birke' is named by what is in force" in str(
        raised.value
    )


async def test_a_house_from_before_is_exported_as_what_can_be_applied(database: Database) -> None:
    """There the account of a contract could be out of use: its contract counts, so it is written as in use."""
    await applied(database, DESK)
    async with database.write() as session:
        (await ACCOUNTS.row(session, "birke")).active = False
    now = await exported(database)
    assert "active: false" not in now.text
    assert "care" in now.text
    assert any(note.startswith("account birke is written without its active:") for note in now.notes), now.notes


async def test_who_has_left_keeps_nobody_from_changing_the_rest(database: Database) -> None:
    people = (
        "agents: [{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}, "
        "{slug: bo, name: Bo, email: bo@shop.example, active: false}]\n"
    )
    await applied(
        database,
        f"{people}teams: [{{slug: t, name: T, members: [ada, bo]}}]\n"
        "queues: [{slug: mail, name: Mail, owner: ada, members: [bo, ada]}, {slug: bills, name: Bills, owner: ada}]\n",
    )
    async with database.write() as session:
        edit = Edit(session, "ada", LATER)
        queue = await QUEUES.change(edit, "mail", {"name": "Letters"}, "*")
        assert (queue.body.name, set(queue.body.members)) == ("Letters", {"ada", "bo"})
        assert (await QUEUES.change(edit, "mail", {"members": ["bo"]}, "*")).body.members == ("bo",)
        assert (await TEAMS.change(edit, "t", {"name": "U"}, "*")).body.name == "U"
        with pytest.raises(Invalid, match="there is no active agent 'bo'"):
            await QUEUES.change(edit, "bills", {"members": ["bo"]}, "*")
