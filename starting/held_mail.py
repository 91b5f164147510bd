"""`mail held`, `filed`, `show`, `raw`, `rerun`, `release`, `attach` and `dismiss`: what is on no case, from the machine that
holds the database."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bootstrap import House
from desk import quarantine
from desk.errors import Conflict
from desk.identity import Identity, agent_identity
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.messages.reference import Role
from settings import Settings
from starting.failures import Unusable
from starting.houses import house_beside
from starting.rows import database_of
from starting.show import Show, plain
from storage.files import FolderStore

OPERATORS = (Role.MANAGER, Role.ADMINISTRATOR)
PAGE = 100


async def listed(
    settings: Settings,
    show: Show,
    mailbox: str | None,
    reason: HoldReason | FileReason | None,
    verdict: MailVerdict = MailVerdict.HELD,
    *,
    as_json: bool,
) -> int:
    """All that is held, or was filed without a case, the oldest first."""
    async with database_of(settings) as database, database.read() as session:
        found = await _waiting(session, mailbox, reason, verdict)
    if as_json:
        print(json.dumps(found, indent=2, default=_word))
        return 0
    for mail in found:
        show.say(f"{mail['id']}  {mail['received_on']:%Y-%m-%d %H:%M:%S} UTC  {mail['mailbox']}  {mail['reason']}")
        show.say(f"    {plain(mail['explanation'] or 'no explanation')}")
        if mail["sender"] or mail["subject"]:
            show.say(f"    {plain(mail['sender'] or 'nobody')}: {plain(mail['subject'] or 'no subject')}")
    show.say(f"{len(found)} {verdict}.")
    return 0


async def shown(settings: Settings, show: Show, id: UUID, *, as_json: bool) -> int:
    """One mail as it was understood."""
    async with database_of(settings) as database, database.read() as session:
        mail = await quarantine.read(session, await quarantine.mailbox_of(session, id), id)
    if as_json:
        print(json.dumps(mail, indent=2, default=_word))
        return 0
    for name in (
        "received_on",
        "mailbox",
        "uid",
        "verdict",
        "reason",
        "explanation",
        "case",
        "sender",
        "subject",
        "automatic",
    ):
        if mail[name] is not None:
            show.say(f"{name + ':':<13}{plain(_word(mail[name]))}")
    for file in mail["attachments"]:
        show.say(f"{'file:':<13}{plain(file['filename'])} ({plain(file['content_type'])}, {file['size']} bytes)")
    show.say("")
    for line in (mail["text"] or "It could not be read: `mail raw` writes it as it came.").splitlines():
        show.say(plain(line))
    return 0


async def raw(settings: Settings, id: UUID) -> int:
    """The mail as it came, on standard output."""
    if sys.stdout.isatty():
        raise Unusable("a held mail may hold anything, and is not for a terminal: add `> held.eml`.")
    async with database_of(settings) as database:
        async with database.read() as session:
            mailbox = await quarantine.mailbox_of(session, id)
        content = await quarantine.raw(database, FolderStore(settings.data / "files"), mailbox, id)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0


async def decide(
    settings: Settings, show: Show, agent: str, id: UUID, *, release: bool = False, onto: str | None = None
) -> int:
    """Run one mail again, release it, or file it on a case. 1 if it is held still."""
    async with house_beside(settings) as house:
        async with house.database.read() as session:
            operator = await agent_identity(session, agent, *OPERATORS)
            mailbox = await quarantine.mailbox_of(session, id)
        if onto is not None:
            now = datetime.now(UTC)
            decided = await quarantine.attach(house.database, house.quarantine, operator, mailbox, id, onto, now)
        else:
            decided = await _rerun(house, operator, mailbox, id, release=release)
    show.say(_words(decided))
    return 1 if decided["verdict"] == MailVerdict.HELD else 0


async def dismiss(settings: Settings, show: Show, agent: str, id: UUID, because: str = "") -> int:
    """File one mail without a case."""
    async with database_of(settings) as database:
        async with database.read() as session:
            operator = await agent_identity(session, agent, *OPERATORS)
            mailbox = await quarantine.mailbox_of(session, id)
        show.say(_words(await quarantine.dismiss(database, operator, mailbox, id, datetime.now(UTC), because)))
    return 0


async def rerun_all(settings: Settings, show: Show, agent: str, mailbox: str | None, reason: HoldReason | None) -> int:
    """Run all again that was held when we came, each in its own transaction."""
    counts: Counter[str] = Counter()
    async with house_beside(settings) as house:
        async with house.database.read() as session:
            operator = await agent_identity(session, agent, *OPERATORS)
            waiting = await _waiting(session, mailbox, reason)
        for mail in waiting:
            try:
                decided = await _rerun(house, operator, mail["mailbox"], mail["id"])
            except Conflict as refused:  # decided by somebody else meanwhile, or never fetched: the others go on
                show.say(f"{mail['id']}  {refused.detail}")
                counts["left alone"] += 1
                continue
            show.say(_words(decided))
            counts[decided["verdict"]] += 1
    show.say(f"{len(waiting)} run again" + "".join(f", {count} {word}" for word, count in sorted(counts.items())) + ".")
    return 0


async def _waiting(
    session: AsyncSession,
    mailbox: str | None,
    reason: HoldReason | FileReason | None,
    verdict: MailVerdict = MailVerdict.HELD,
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: UUID | None = None
    while True:
        page, after = await quarantine.waiting(session, mailbox, after, PAGE, reason, verdict)
        found += page
        if after is None:
            return found


async def _rerun(house: House, operator: Identity, mailbox: str, id: UUID, *, release: bool = False) -> dict[str, Any]:
    now = datetime.now(UTC)
    return await quarantine.rerun(house.database, house.quarantine, operator, mailbox, id, now, release=release)


def _words(decided: dict[str, Any]) -> str:
    """`<id>  opened, CAS-00001-4JYRVZ`, `<id>  held still, sender-unknown: ...`"""
    verdict = "held still" if decided["verdict"] == MailVerdict.HELD else str(decided["verdict"])
    words = f"{decided['id']}  {verdict}"
    words += "".join(f", {decided[name]}" for name in ("case", "reason") if decided[name])
    return words + (f": {plain(decided['explanation'])}" if decided["explanation"] else "")


def _word(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
