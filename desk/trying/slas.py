"""An SLA, tried on the cases of a past period: their lives are lived once more under its promises (domain 4)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.trying.lives import Moment, TermsThen, life, told_of
from desk.trying.past import RecordsThen
from desk.trying.periods import AT_ONCE, MOST, Tell, check_period, chosen_version, nobody
from desk.trying.routing import COLUMNS
from desk.trying.tally import Tally
from models.messages.api_trying import PromiseEnd, PromiseOutcome, SlaDifference, SlaTried, TriedPromise
from models.messages.cases import OPEN_STATUSES
from models.messages.said import joined, said, word
from models.messages.slas import KpiInstance, KpiRole, Pin, SlaDefinition, role_of
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.promises import KpiRow
from models.records.reference import DefinitionRecord
from policies import kpi as policy
from policies.business_time import NoWorkingTime
from policies.conditions import evaluate
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.sqlite import aside

_COLUMNS = tuple(
    dict.fromkeys(
        (*COLUMNS, "id", "number", "status", "sla", "stage", "first_response_sent", "opening_mail_id", "modified_on")
    )
)
NOTHING = PromiseOutcome()


async def try_sla(
    database: Database,
    key: str,
    version: int | None,
    since: datetime,
    until: datetime,
    now: datetime,
    instead_of: str | None = None,
    most: int = MOST,
    tell: Tell = nobody,
) -> SlaTried:
    """What a version would have promised the cases that were opened in the period under `instead_of`, by default under the
    same SLA, and what would have become of it until `now`; without a version the latest, which is the draft if there is one.

    `NotFound` for an unknown SLA or version; `Invalid` for a period that is none, an `instead_of` that is no SLA, and where
    it is missing for an SLA that was never in force.
    """
    check_period(since, until)
    definitions = Definitions()
    async with database.read() as session:
        chosen, sla = await chosen_version(session, DefinitionKind.SLA, key, version, SlaDefinition)
        of = await _cases_of(session, key, instead_of)
        terms = TermsThen(Pin(slug=sla.slug, version=chosen), sla, await definitions.organisation(session))
        await terms.begin(session, definitions)
        trial = _Trial(terms, of, now)
        with aside():
            await trial.then.begin(session, since)
    after: tuple[datetime, UUID] | None = None
    while trial.cases < most:
        async with database.read() as session:
            with aside():
                rows = await _cases(session, since, until, after)
                await trial.judge(session, rows)
        if len(rows) < AT_ONCE:
            return trial.tried(chosen, complete=True)
        after = (rows[-1]["created_on"], rows[-1]["id"])
        tell(trial.cases, rows[-1]["created_on"])
        await asyncio.sleep(0)
    return trial.tried(chosen, complete=False)


async def _cases_of(session: AsyncSession, key: str, instead_of: str | None) -> str:
    """The slug of the SLA whose cases it is tried on. `Invalid` where none of them can have had it."""
    of = instead_of or key
    version = (DefinitionRecord.kind == DefinitionKind.SLA, DefinitionRecord.slug == of)
    ever = select(DefinitionRecord.id).where(*version, DefinitionRecord.activated_on.is_not(None)).limit(1)
    if await session.scalar(ever) is None:
        raise Invalid(
            "instead_of", said("names the SLA whose cases are looked at; {of!r} is none that was ever in force", of=of)
        )
    return of


class _Trial(Tally[PromiseEnd, SlaDifference]):
    def __init__(self, terms: TermsThen, of: str, now: datetime) -> None:
        super().__init__()
        self.terms, self.of, self.now, self.then = terms, of, now, RecordsThen()
        self.cases = 0

    async def judge(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
        ids = {row["id"] for row in rows}
        happened = await _promises(session, ids, self.of)
        told = await told_of(session, ids)
        await self.then.load_all(session, rows, told)
        mails = await _mails(session, {row["opening_mail_id"] for row in rows} - {None})
        for row in rows:
            did = happened[row["id"]]
            if row["id"] not in told:
                if did or row["sla"] == self.of:
                    self.cases += 1
                    self.uncertain += 1
                continue
            moments = list(life(row, told[row["id"]], self.then, mails.get(row["opening_mail_id"])))
            if did or any(moment.case.sla == self.of for moment in moments):
                self.cases += 1
                self._compare(row["number"], did, self._live(row["id"], moments), moments)

    def _live(self, case: UUID, moments: Sequence[Moment]) -> dict[str, KpiInstance]:
        """The promises, the latest of each KPI, as they stand at the end."""
        standing: tuple[KpiInstance, ...] = ()
        was_answered = False
        try:
            for moment in moments:
                terms = self.terms.at(moment.at, applies=moment.case.sla == self.of)
                answered = bool(moment.case.first_response_sent)
                if was_answered and not answered and moment.case.status in OPEN_STATUSES:
                    for kpi, last in _latest(standing).items():
                        role = role_of(kpi, terms.kpis.get(kpi))
                        if role is KpiRole.FIRST_RESPONSE and last.succeeded_on is not None:
                            standing = policy.after(standing, policy.reinstate(terms, last, moment.at))
                was_answered = answered
                changes = policy.evaluate_kpis(terms, standing, moment.facts, moment.at, case=case)
                standing = policy.after(standing, changes)
            terms = self.terms.at(self.now, applies=True)
            standing = policy.after(standing, policy.lapse(terms, standing, max(self.now, moments[-1].at)))
        except NoWorkingTime:
            return {}  # such an SLA stays unapplied (domain 4.5)
        return _latest(standing)

    def _compare(
        self, number: str, did: Mapping[str, KpiInstance], would: Mapping[str, KpiInstance], moments: Sequence[Moment]
    ) -> None:
        for kpi in dict.fromkeys((*did, *would)):
            self._decided(number, kpi, did.get(kpi), would.get(kpi), moments)

    def _decided(
        self,
        number: str,
        kpi: str,
        did: KpiInstance | None,
        would: KpiInstance | None,
        moments: Sequence[Moment],
    ) -> None:
        then, now = _outcome(did), _outcome(would)
        self.add(
            PromiseEnd(kpi=kpi, item=then.item, status=then.status),
            PromiseEnd(kpi=kpi, item=now.item, status=now.status),
            lambda: SlaDifference(case=number, kpi=kpi, did=then, would=now, why=self._why(kpi, would, moments)),
            differs=(then.item, then.status, then.due) != (now.item, now.status, now.due),
        )

    def _why(self, kpi: str, instance: KpiInstance | None, moments: Sequence[Moment]) -> str:
        began = moments[0] if instance is None else next(m for m in moments if m.at >= instance.began_on)
        looked = []
        for item in self.terms.sla.items:
            if item.kpi == kpi:
                explanation = evaluate(item.applicable_when, began.facts)
                looked.append(said("item {item!r} {why}", item=item.name, why=explanation.why()))
                if explanation.holds:
                    break
        words = looked or [said("the SLA promises no {kpi!r}", kpi=kpi)]
        return joined(words if instance is None else [*words, word(instance.reason)], "; ")

    def tried(self, version: int, *, complete: bool) -> SlaTried:
        return SlaTried(
            slug=self.terms.sla.slug,
            version=version,
            instead_of=self.of,
            cases=self.cases,
            complete=complete,
            promises=tuple(sorted(self.ends(TriedPromise), key=lambda each: each.kpi)),
            **self.told(),
        )


def _latest(standing: Sequence[KpiInstance]) -> dict[str, KpiInstance]:
    return {instance.kpi: instance for instance in standing}


def _outcome(instance: KpiInstance | None) -> PromiseOutcome:
    if instance is None:
        return NOTHING
    return PromiseOutcome(
        item=instance.item_name,
        status=instance.status,
        due=instance.failure_at,
        ended_on=instance.succeeded_on or instance.failed_on or instance.cancelled_on,
        calendar=instance.calendar.slug if instance.calendar else None,
        calendar_version=instance.calendar.version if instance.calendar else None,
    )


async def _cases(
    session: AsyncSession, since: datetime, until: datetime, after: tuple[datetime, UUID] | None
) -> list[Mapping[str, Any]]:
    wanted = select(*(getattr(Case, name) for name in _COLUMNS))
    wanted = wanted.where(Case.created_on >= since, Case.created_on < until)
    if after is not None:
        wanted = wanted.where(or_(Case.created_on > after[0], (Case.created_on == after[0]) & (Case.id > after[1])))
    rows = await session.execute(wanted.order_by(Case.created_on, Case.id).limit(AT_ONCE))
    return [dict(row) for row in rows.mappings()]


async def _promises(session: AsyncSession, cases: set[UUID], sla: str) -> dict[UUID, dict[str, KpiInstance]]:
    """The latest promise of each KPI that the SLA made."""
    rows = (await session.execute(select(KpiRow.case_id, KpiRow.body).where(KpiRow.case_id.in_(cases)))).all()
    found: defaultdict[UUID, dict[str, KpiInstance]] = defaultdict(dict)
    for case_id, body in rows:
        instance = KpiInstance.model_validate(body)
        last = found[case_id].get(instance.kpi)
        if instance.sla.slug == sla and (last is None or last.ordinal < instance.ordinal):
            found[case_id][instance.kpi] = instance
    return found


async def _mails(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Any]:
    names = ("id", "sender", "subject", "recipients", "automatic", "unanswerable", "via")
    wanted = select(*(getattr(EmailMessage, name) for name in names)).where(EmailMessage.id.in_(ids))
    return {row.id: row for row in await session.execute(wanted)}
