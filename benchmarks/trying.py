"""A rule set that is tried on the past of a desk that has been at work for three years.

`python -m benchmarks.trying [cases] [postgresql]` fills a database, tries the version that decided all of it and a draft of
other rules, and prints a line for each. The first must differ from what happened in nothing; it exits with 1 if it does.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update

from benchmarks.arguments import filling
from benchmarks.filling import AT_ONCE, FIRST, QUEUES, YEARS, filled
from cases.facts import facts_of
from desk.trying.past import RecordsThen, rewound
from desk.trying.routing import COLUMNS, try_routing
from models.messages.api_trying import RoutingTried
from models.messages.routing import RoutingRuleSet
from models.records.base import new_id, table_of
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Account, Audit, DefinitionRecord, Mailbox
from models.records.timeline import TimelineEntry
from policies.moments import Moment
from policies.routing import route
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.migrate import upgrade_async

YEAR = YEARS / 3 + timedelta(days=1)
"""The cases' three years, pressed into one: no longer time can be tried."""
_WANTED = select(
    Case.id, Case.number, Case.created_on, *(getattr(Case, name) for name in COLUMNS if name != "created_on")
)
AIM = 60.0
"""Seconds that trying 100,000 cases may take."""
TIERS = ("gold", "silver", "bronze")
OTHER_STEPS = ("kpi-created", "acknowledged", "picked", "mail", "reply", "kpi-succeeded", "note", "resolved")
"""What else stands on a timeline, with changes that no rule asks for."""
SUBJECTS = ("Router", "Headphones", "Kopfhörer", "Charger")


def rule_set(gold: str = "queue-1") -> RoutingRuleSet:
    """Rules of all kinds: fields, records and mails, and the clock. `gold`: the queue of customers with that tier."""

    def to(place: int) -> str:
        return f"queue-{place % QUEUES}"

    subjects = [
        {
            "name": word,
            "when": {"any": [{"field": "email.subject", "op": "contains", "value": word}]},
            "queue": to(2 + n),
        }
        for n, word in enumerate(SUBJECTS[:3])
    ]
    urgent = [{"field": "case.priority", "value": "high"}, {"field": "account.tier", "value": "gold"}]
    rules = [
        {"name": "Gold and urgent", "when": {"all": urgent}, "queue": to(0)},
        {"name": "Gold", "when": {"all": [{"field": "account.tier", "value": "gold"}]}, "queue": gold},
        *subjects,
        {"name": "Weekend", "when": {"all": [{"field": "now.weekday", "op": "in", "value": ["saturday"]}]}, "queue": to(6)},
        {"name": "Device", "when": {"all": [{"field": "case.custom.device", "value": "d7"}]}, "queue": to(7)},
        {"name": "Rest", "queue": to(8)},
    ]  # fmt: skip
    return RoutingRuleSet.model_validate({"slug": "house", "name": "House", "rules": rules})


async def fill(database: Database, count: int) -> None:
    """Cases that were routed by the first version, and have changed since, as have their accounts."""
    await filled(database, count)
    chance = random.Random(4)
    in_force, draft = rule_set(), rule_set(gold="queue-9")
    async with database.write() as session:
        box = new_id()
        await session.execute(
            insert(Mailbox), {"id": box, "slug": "m", "address": "m@house.example", "display_name": "M", "settings": {}}
        )
        for version, status, body in ((1, "active", in_force), (2, "draft", draft)):
            await session.execute(
                insert(DefinitionRecord),
                {
                    "id": new_id(), "kind": "routing-rule-set", "slug": "house", "version": version, "status": status,
                    "body": body.model_dump(mode="json"), "activated_on": FIRST if version == 1 else None,
                },
            )  # fmt: skip
        await _tiers(session, chance)
        cases = iter((await session.execute(select(Case.id).order_by(Case.id))).scalars().all())
    while some := list(islice(cases, AT_ONCE)):
        async with database.write() as session:
            await _past(session, chance, some, box, in_force)


async def _tiers(session: Any, chance: random.Random) -> None:
    """A tier for each account, and one in twenty had another one in the first half of the time."""
    table, told = table_of(Account), []
    tiers = {slug: chance.choice(TIERS) for slug in await session.scalars(select(Account.slug))}
    given = [{"account": slug, "given": tier} for slug, tier in tiers.items()]
    await session.execute(
        update(table).where(table.c.slug == bindparam("account")).values(tier=bindparam("given")), given
    )
    for slug, tier in tiers.items():
        if chance.random() < 0.05:
            changed = {"tier": [chance.choice(TIERS), tier]}
            entry = {"id": new_id(), "at": FIRST + YEAR / 2, "kind": "account", "object_id": slug, "action": "change"}
            told.append(entry | {"actor": "mona", "changes": changed})
    await session.execute(insert(Audit), told)


async def _past(session: Any, chance: random.Random, ids: Sequence[UUID], box: UUID, in_force: RoutingRuleSet) -> None:
    rows = [dict(row) for row in (await session.execute(_WANTED.where(Case.id.in_(ids)))).mappings()]
    then = RecordsThen()
    await then.begin(session, FIRST - timedelta(days=1))
    mails, entries, openings = [], [], []
    for row in rows:
        mail = {
            "id": new_id(), "direction": "in", "case_id": row["id"], "mailbox_id": box, "message_id": "x",
            "message_id_hash": row["id"].hex, "content_hash": row["id"].hex, "references": [], "sender": "a@customer.example",
            "recipients": {}, "subject": f"{chance.choice(SUBJECTS)} {row['number']}", "text": "", "defects": [],
        }  # fmt: skip
        mails.append(mail)
        openings.append({"case": row["id"], "mail": mail["id"], "said": {"device": f"d{chance.randrange(10)}"}})
        row["custom"] = openings[-1]["said"]
    await session.execute(insert(EmailMessage), mails)
    table = table_of(Case)
    placed = update(table).where(table.c.id == bindparam("case"))
    await session.execute(placed.values(opening_mail_id=bindparam("mail"), custom=bindparam("said")), openings)
    changes = [_changes(chance, row) for row in rows]
    cases = [rewound(row, each) for row, each in zip(rows, changes, strict=True)]
    await then.load(session, cases)
    for row, mail, case, told in zip(rows, mails, cases, changes, strict=True):
        at = FIRST + (row["created_on"] - FIRST) / 3
        named = {kind: then.named(case, kind, at) for kind in ("account", "contact", "entitlement")}
        facts = facts_of(case, owner=None, mail=_Row(automatic=None, unanswerable=None, via=None, **mail), **named)
        decision = route(in_force, facts, Moment(at, "UTC", {}))
        data = {"by": "rule", "rule": decision.rule, "queue": decision.queue, "why": decision.why()}
        entries += _entries(row["id"], at, data, told)
    await session.execute(insert(TimelineEntry), entries)


class _Row:
    def __init__(self, **values: Any) -> None:
        vars(self).update(values)


def _changes(chance: random.Random, row: dict[str, Any]) -> list[dict[str, list[Any]]]:
    """What was changed of it, the newest first: the last is what its routing did."""
    found: list[dict[str, list[Any]]] = []
    if chance.random() < 0.3:
        found.append({"priority": [chance.choice(["high", "normal", "low"]), row["priority"]]})
    if chance.random() < 0.1:
        found.append({"custom": [{"device": f"d{chance.randrange(10)}"}, row["custom"]]})
    return [
        *found,
        {"queue": [None, row["queue"]], "owner_id": [None, str(row["owner_id"]) if row["owner_id"] else None]},
    ]


def _entries(case: UUID, at: Any, data: dict[str, Any], told: list[dict[str, list[Any]]]) -> list[dict[str, Any]]:
    def entry(kind: str, place: int, changes: Any, data: Any = None) -> dict[str, Any]:
        when = at + timedelta(minutes=place)
        kept = {"id": new_id(), "case_id": case, "key": f"{kind}/{place}", "at": when, "kind": kind}
        return kept | {"data": data or {}, "changes": changes}

    *others, routed = told
    steps = [entry("opened", 0, None), entry("routed", 0, routed, data)]
    unasked = {"sla_state": ["none", "in-progress"], "next_due": [None, at.isoformat()]}
    steps += [entry(kind, place, unasked) for place, kind in enumerate(OTHER_STEPS, 1)]
    return steps + [entry("changed", 20 + place, changes) for place, changes in enumerate(reversed(others))]


async def tried(url: str, count: int) -> AsyncIterator[tuple[str, RoutingTried, float, float]]:
    await upgrade_async(url)
    database = Database(url)
    try:
        began = time.perf_counter()
        await fill(database, count)
        if not database.sqlite:
            async with database.write() as session:
                await session.execute(text("ANALYZE"))
        print(f"{count:,} cases filled in {time.perf_counter() - began:.0f} s", flush=True)
        for name, version in (("the version that decided", 1), ("a draft of other rules", 2)):
            began, worked = time.perf_counter(), time.process_time()
            found = await try_routing(database, "house", version, FIRST, FIRST + YEAR)
            yield name, found, time.perf_counter() - began, time.process_time() - worked
    finally:
        await database.close()


async def main(count: int, *, postgresql: bool) -> int:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="caseloom-bench-")))
        url = f"sqlite:///{folder / 'trying.db'}"
        if postgresql:
            url = await (await stack.enter_async_context(PostgresServer(folder))).create_database("trying")
        wrong = False
        async for name, found, took, worked in tried(url, count):
            figures = f"{found.decisions:,} routings in {took:.1f} s ({worked:.1f} s of processor time)"
            print(f"{name}: {figures}, {found.differing:,} differ; aim: {AIM:.0f} s for 100,000", flush=True)
            wrong |= name == "the version that decided" and (found.differing > 0 or found.decisions < count)
        return int(wrong)


if __name__ == "__main__":
    asked = filling(__doc__, "cases")
    sys.exit(asyncio.run(main(asked.count, postgresql=asked.postgresql)))
