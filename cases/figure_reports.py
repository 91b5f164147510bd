"""Reports of figures: when one is due, its letter is written with the figures as they are counted then, once for each period.

Housekeeping looks for them. A report that fell due while the house was away leaves when it is back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.composing import Letters
from letters.figure_page import page, plain_page
from letters.figure_table import as_csv
from letters.figure_words import WORDS, spoken
from letters.senders import NoMailbox
from models.messages.figures import FigureReport
from models.messages.organisation import OrganisationSettings
from models.records.base import new_id
from models.records.figures import FigureFact as Fact
from models.records.mails import Attachment, Outbox
from models.records.reference import DefinitionRecord
from policies.reports import DueReport, due_between
from storage.definitions import IS_ACTIVE, DefinitionKind, Definitions
from storage.engines import Database
from storage.figures.counting import lock, uncounted_since
from storage.figures.registry import BY_NAME
from storage.figures.viewing import Period, view
from storage.files import FileStore
from storage.repositories.languages import languages_of
from storage.sqlite import aside

EVERY = 30.0
"""Seconds between two looks."""
LOOKS_BACK = timedelta(days=31)
"""A report that fell due earlier than this is not written any more."""
WAITS_FOR_COUNTING = timedelta(hours=1)

log = structlog.get_logger(__name__)


class ReportSweep:
    """Writes the letters of reports that are due. Safe to repeat, and by two workers at once."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        letters: Letters,
        files: FileStore,
        *,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.definitions, self.letters, self.files = database, definitions, letters, files
        self.every, self.clock, self.now = every, clock, now
        self._looked: float | None = None

    async def sweep(self) -> int:
        """How many were written."""
        looked = self.clock()
        if self._looked is not None and looked - self._looked < self.every:
            return 0
        self._looked = looked
        now = self.now()
        async with self.database.read() as session:
            due = await self._due(session, now)
            if due and await _lags(session, due, now):
                return 0
        written = 0
        for report, each in due:
            try:
                with aside():
                    await self._write(report, each, now)
                written += 1
            except NoMailbox:
                log.warning("a report of figures has no mailbox to leave by", report=report.slug)
        return written

    async def _due(self, session: AsyncSession, now: datetime) -> list[tuple[FigureReport, DueReport]]:
        """Those that are due and were not written. One that was put in force later is not of what was before."""
        zone = (await self.definitions.organisation(session)).time_zone
        active = (await self.definitions.active(session, DefinitionKind.FIGURE_REPORT))[DefinitionKind.FIGURE_REPORT]
        began = await session.execute(
            select(DefinitionRecord.slug, DefinitionRecord.activated_on).where(
                DefinitionRecord.kind == DefinitionKind.FIGURE_REPORT, IS_ACTIVE
            )
        )
        found: list[tuple[FigureReport, DueReport]] = []
        for slug, activated_on in began:
            report = active[slug].body if slug in active else None
            if isinstance(report, FigureReport):
                after = max(activated_on or now, now - LOOKS_BACK)
                found += [(report, each) for each in due_between(report, zone, after, now)]
        keys = [key_of(report, each) for report, each in found]
        written = set(await session.scalars(select(Outbox.key).where(Outbox.key.in_(keys)))) if keys else set()
        return [each for each, key in zip(found, keys, strict=True) if key not in written]

    async def _write(self, report: FigureReport, due: DueReport, now: datetime) -> None:
        async with self.database.read() as session:
            organisation = await self.definitions.organisation(session)
            where = [] if report.queue is None else [Fact.queue == report.queue]
            period = Period(due.since, due.until)
            views = [
                await view(session, BY_NAME[name], organisation, period, report.by, where) for name in report.figures
            ]
            readers = await _by_language(session, report, organisation.language)
        tables = {language: as_csv(views, language).encode() for language in readers}
        digests = {language: await self.files.put(table) for language, table in tables.items()}
        async with self.database.write() as session:
            await lock(session)
            if await session.scalar(select(Outbox.id).where(Outbox.key == key_of(report, due))) is not None:
                return  # Another worker was faster.
            for position, (language, to) in enumerate(readers.items()):
                attached = Attachment(
                    id=new_id(),
                    position=0,
                    filename=f"{report.slug}-{due.since}.csv",
                    content_type="text/csv",
                    size=len(tables[language]),
                    sha256=digests[language],
                )
                session.add(attached)
                said = (
                    report.name,
                    period_in_words(organisation, due, language),
                    views,
                    organisation.currency,
                    language,
                )
                await self.letters.letter_of_no_case(
                    session,
                    # The first one says by its key that all of them are written.
                    key=key_of(report, due) if position == 0 else f"{key_of(report, due)}/{language}",
                    subject=WORDS[language].subject.format(name=report.name, first=due.since, last=_last(due)),
                    text=plain_page(*said),
                    html=page(*said),
                    to=to,
                    queue=report.queue,
                    attachments=[attached],
                    now=now,
                )


async def _by_language(session: AsyncSession, report: FigureReport, usual: str) -> dict[str, list[str]]:
    """Whoever reads one language gets one letter."""
    known = await languages_of(session, report.recipients)
    readers: dict[str, list[str]] = {}
    for address in report.recipients:
        readers.setdefault(spoken(known.get(address.lower()), usual), []).append(address)
    return readers


def key_of(report: FigureReport, due: DueReport) -> str:
    """One letter for each report and period, whichever version of the report it was written by."""
    return f"figures/{report.slug}/{report.period}/{due.since}"


def period_in_words(organisation: OrganisationSettings, due: DueReport, language: str) -> str:
    return WORDS[language].period.format(
        organisation=organisation.name, first=due.since, last=_last(due), zone=organisation.time_zone
    )


def _last(due: DueReport) -> date:
    return due.until - timedelta(days=1)


async def _lags(session: AsyncSession, due: Iterable[tuple[FigureReport, DueReport]], now: datetime) -> bool:
    """Whether what happened before is still being counted. After an hour a report leaves with what is there."""
    oldest = await uncounted_since(session)
    return oldest is not None and any(oldest <= each.due and now - each.due < WAITS_FOR_COUNTING for _, each in due)
