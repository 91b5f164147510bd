"""`check` tells what is in order by every rule, and yet would not do what its writer means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desk.organisation import OrganisationErrors
from desk.organisation.checking import check
from desk.organisation.file import read
from storage.engines import Database
from storage.throwaway import throwaway_database
from tests.desk.organisation.test_elsewhere import applied

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
DESK = """\
organisation: {name: Shop, language: de}
agents: [{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}]
queues:
  - {slug: mail, name: Mail, owner: ada, mailbox: help}
  - {slug: bills, name: Bills, owner: ada}
mailboxes:
  - slug: help
    address: help@shop.example
    display_name: Help
    queue: mail
    addresses: [{address: bills@shop.example, queue: bills}, {address: info@shop.example}]
    imap: {host: mail.shop.example, port: 993, user: help}
    smtp: {host: mail.shop.example, port: 465, user: help}
    password_env: HOME
record_creation_rules:
  - {slug: mail, name: Mail, queue: mail, auto_reply_template: ack, items: [{name: All}]}
  - {slug: bills, name: Bills, queue: bills, items: [{name: All}]}
templates:
  - slug: ack
    name: Ack
    texts: {de: {subject: Danke, body: Danke.}, en: {subject: Thanks, body: Thanks.}}
"""

UNWATCHED = (
    "mailbox help (bills@shop.example) belongs to the queue bills, which no record creation rule watches, "
    "so its mail is held and makes no case"
)
NOWHERE = (
    "mailbox help (help@shop.example, info@shop.example) belongs to no queue, so its mail is held and makes no case: "
    "give it one by 'queue'"
)


async def notes(text: str) -> tuple[str, ...]:
    async with throwaway_database() as database:
        return (await check(database, read(text, "f.yaml"), NOW)).notes


async def test_of_a_desk_that_works_nothing_is_said() -> None:
    assert await notes(DESK) == ()
    assert await notes(DESK.replace("de: {subject", "de-AT: {subject").replace("language: de", "language: de-AT")) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "  - {slug: bills, name: Bills, queue: bills, items: [{name: All}]}\n",
            "",
            [UNWATCHED],
        ),
        (
            "queue: bills, items",
            "source: phone-call, queue: bills, items",
            [UNWATCHED],
        ),
        (
            "roles: [administrator, agent]}]",
            "roles: [administrator, agent]}, {slug: bob, name: Bob, email: Ada@Shop.example, roles: [agent]}]",
            ["agents ada, bob have one address, ada@shop.example: they sign in by these names, not by the address"],
        ),
        (
            "    queue: mail\n",
            "",
            [
                NOWHERE,
                "record creation rule mail is never asked: no mailbox in use leads to its queue mail",
            ],
        ),
        (
            "de: {subject: Danke, body: Danke.}, ",
            "",
            ["template ack has no text in the organisation's language de, only in: en"],
        ),
        (
            "de: {subject: Danke",
            "de-AT: {subject: Danke",
            ["template ack has no text in the organisation's language de, only in: de-AT, en"],
        ),
    ],
)
async def test_what_would_not_do_what_is_meant_is_told(old: str, new: str, told: list[str]) -> None:
    assert DESK.count(old) == 1
    assert list(await notes(DESK.replace(old, new))) == told


async def test_a_part_is_judged_beside_what_is_in_force(database: Database) -> None:
    await applied(database, DESK)
    part = "templates: [{slug: ack, name: Ack, texts: {en: {subject: Thanks, body: Thanks.}}}]\n"
    report = await applied(database, part, "part.yaml", dry=True)
    assert report.notes == ("template ack has no text in the organisation's language de, only in: en",)
    assert (await applied(database, "teams: [{slug: t, name: T}]\n", "part.yaml", dry=True)).notes == ()


@pytest.mark.parametrize("twice", ["bills@shop.example", "BILLS@Shop.example", "help@shop.example"])
async def test_an_address_that_a_mailbox_has_twice_is_told_once(twice: str) -> None:
    file = read(DESK.replace("{address: info@shop.example}", f"{{address: {twice}}}"), "f.yaml")
    async with throwaway_database() as database:
        with pytest.raises(OrganisationErrors) as raised:
            await check(database, file, NOW)
    assert len(raised.value.faults) == 1, raised.value.lines
