"""All rows that the mails' ways leave, in memory: a few hundred mails are few."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from models.records import Record
from models.records.cases import Case, QueueItem
from models.records.commands import Delivery
from models.records.mails import Attachment, EmailMessage, InboundMail, Outbox, Suppression
from models.records.processes import ProcessInstance
from models.records.promises import KpiRow, LedgerEntry
from models.records.reference import Entitlement
from models.records.timeline import TimelineEntry
from storage.engines import Database

R = TypeVar("R", bound=Record)


@dataclass
class RunRows:
    cases: list[Case]
    messages: list[EmailMessage]
    inbound: list[InboundMail]
    outbox: list[Outbox]
    deliveries: list[Delivery]
    items: list[QueueItem]
    kpis: list[KpiRow]
    processes: list[ProcessInstance]
    timeline: list[TimelineEntry]
    ledger: list[LedgerEntry]
    attachments: list[Attachment]
    entitlements: list[Entitlement]
    suppressions: list[Suppression]

    @classmethod
    async def read(cls, database: Database) -> RunRows:
        async with database.read() as session:

            async def all_of(record: type[R]) -> list[R]:
                return list(await session.scalars(select(record)))

            return cls(
                cases=await all_of(Case),
                messages=await all_of(EmailMessage),
                inbound=await all_of(InboundMail),
                outbox=await all_of(Outbox),
                deliveries=await all_of(Delivery),
                items=await all_of(QueueItem),
                kpis=await all_of(KpiRow),
                processes=await all_of(ProcessInstance),
                timeline=await all_of(TimelineEntry),
                ledger=await all_of(LedgerEntry),
                attachments=await all_of(Attachment),
                entitlements=await all_of(Entitlement),
                suppressions=await all_of(Suppression),
            )

    def survivor(self, case_id: object) -> Case | None:
        """The case, or the one that it was merged into; None if there is no such row."""
        case = next((each for each in self.cases if each.id == case_id), None)
        while case is not None and case.merged_into is not None:
            case = next((each for each in self.cases if each.number == case.merged_into), None)
        return case


def of_case(rows: Iterable[Any], case: Case) -> list[Any]:
    return [row for row in rows if row.case_id == case.id]
