"""A routing rule set, tried on the routings of a past period (domain 5.1)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.facts import CASE_FACTS, facts_of
from cases.queue_rows import calendars_in_force
from desk.reference.clauses import clauses
from desk.trying.past import RecordsThen, changes_of, noted, rewound
from desk.trying.periods import AT_ONCE, MOST, Tell, check_period, chosen_version, nobody
from desk.trying.tally import Tally
from models.messages.api_trying import Difference, RoutingTried, TriedRule, TriedTarget, WentTo
from models.messages.base import Message
from models.messages.routing import RoutingRuleSet
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.timeline import TimelineEntry
from policies.moments import Moment
from policies.routing import RoutingDecision, route
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.sqlite import aside

ROUTED, BY_RULE = "routed", "rule"

COLUMNS = tuple(
    dict.fromkeys((*CASE_FACTS, *["custom", "owner_id", "account_id", "contact_id", "entitlement_id", "queue"]))
)


async def try_routing(
    database: Database,
    key: str,
    version: int | None,
    since: datetime,
    until: datetime,
    most: int = MOST,
    tell: Tell = nobody,
) -> RoutingTried:
    """What a version would have decided; without one the latest, which is the draft if there is one.

    `NotFound` for an unknown rule set or version, `Invalid` for a period that is none.
    """
    check_period(since, until)
    async with database.read() as session:
        chosen, rule_set = await chosen_version(session, DefinitionKind.ROUTING_RULE_SET, key, version, RoutingRuleSet)
        then = RecordsThen()
        with aside():
            await then.begin(session, since)
    tally, in_force = _Tally(rule_set), Definitions()
    after: UUID | None = None
    while tally.decisions < most:
        async with database.read() as session:
            with aside():
                routings = await _routings(session, since, until, after)
                decided = [each for each in routings if each.entry.data.get("by") == BY_RULE]
                await _judge(session, in_force, then, tally, decided)
        if len(routings) < AT_ONCE:
            return tally.tried(chosen, complete=True)
        after = routings[-1].entry.id
        tell(tally.decisions, routings[-1].entry.at)
        await asyncio.sleep(0)
    return tally.tried(chosen, complete=False)


class _Mail(NamedTuple):
    sender: str
    subject: str
    recipients: dict[str, Any]
    automatic: str | None
    unanswerable: str | None
    via: str | None


class _Routing(NamedTuple):
    """An entry of a timeline that tells of a routing, with the case as it is today, and the mail that opened it."""

    entry: Any
    case: dict[str, Any]
    mail: _Mail | None


class _Tally(Tally[WentTo, Difference]):
    def __init__(self, rule_set: RoutingRuleSet) -> None:
        super().__init__()
        self.rule_set, self.asked = rule_set, columns_asked(rule_set)
        self.rules: Counter[str | None] = Counter()

    def decided(self, number: str, entry: Any, decision: RoutingDecision, *, certain: bool) -> None:
        did = WentTo(**{name: entry.data.get(name) for name in WentTo.model_fields})
        would = WentTo(queue=decision.queue, agent=decision.agent, team=decision.team)
        self.uncertain += not certain
        self.rules[decision.rule] += 1
        self.add(
            did,
            would,
            lambda: Difference(
                case=number,
                at=entry.at,
                did=did,
                did_by=entry.data.get("rule"),
                would=would,
                would_by=decision.rule,
                why=decision.why(),
            ),
        )

    def tried(self, version: int, *, complete: bool) -> RoutingTried:
        return RoutingTried(
            slug=self.rule_set.slug,
            version=version,
            decisions=self.decisions,
            complete=complete,
            targets=self.ends(TriedTarget),
            rules=tuple(TriedRule(rule=rule, cases=count) for rule, count in self.rules.most_common()),
            **self.told(),
        )


async def _routings(session: AsyncSession, since: datetime, until: datetime, after: UUID | None) -> list[_Routing]:
    entry = (TimelineEntry.id, TimelineEntry.case_id, TimelineEntry.at, TimelineEntry.data)
    case = [getattr(Case, name).label(f"case_{name}") for name in COLUMNS]
    mail = [getattr(EmailMessage, name).label(f"mail_{name}") for name in ("id", *_Mail._fields)]
    wanted = (
        select(*entry, Case.number, *case, *mail)
        .join(Case, Case.id == TimelineEntry.case_id)
        .outerjoin(EmailMessage, EmailMessage.id == Case.opening_mail_id)
        .where(TimelineEntry.kind == ROUTED, TimelineEntry.at >= since, TimelineEntry.at < until)
        .order_by(TimelineEntry.id)
        .limit(AT_ONCE)
    )
    rows = await session.execute(wanted if after is None else wanted.where(TimelineEntry.id > after))
    return [
        _Routing(
            row,
            {name: getattr(row, f"case_{name}") for name in COLUMNS},
            _Mail(*(getattr(row, f"mail_{name}") for name in _Mail._fields)) if row.mail_id else None,
        )
        for row in rows
    ]


async def _judge(
    session: AsyncSession, in_force: Definitions, then: RecordsThen, tally: _Tally, routings: Sequence[_Routing]
) -> None:
    if not routings:
        return
    ids = {each.entry.case_id for each in routings}
    changes, known = await changes_of(session, ids, tally.asked), await noted(session, ids)
    cases = []
    for each in routings:
        told = changes[each.entry.case_id]
        cases.append(rewound(each.case, (change for id, change in told if id >= each.entry.id)))
    await then.load(session, cases)
    calendars = await calendars_in_force(session, in_force)
    zone = (await in_force.organisation(session)).time_zone
    for each, case in zip(routings, cases, strict=True):
        named = {kind: then.named(case, kind, each.entry.at) for kind in ("account", "contact", "entitlement")}
        facts = facts_of(case, owner=then.owner(case), mail=each.mail, **named)
        # Calendars have no past: what was worked then is read from those of today.
        decision = route(tally.rule_set, facts, Moment(each.entry.at, zone, calendars))
        tally.decided(each.entry.number, each.entry, decision, certain=each.entry.case_id in known)


def columns_asked(definition: Message) -> frozenset[str]:
    """The columns of a case that its conditions look at, or that name a record which they look at."""
    found = {"route"}
    for located in clauses(definition):
        of, _, name = located.clause.field.partition(".")
        match of:
            case "case":
                name = name.partition(".")[0]
                found.add(f"{name}_id" if name in ("owner", "entitlement") else name)
            case "account" | "contact" | "entitlement":
                found.add(f"{of}_id")
            case "customer":
                found |= {"account_id", "contact_id"}
            case _:
                found.add("queue")  # the queue's own; what a mail says never changes
    return frozenset(found)
