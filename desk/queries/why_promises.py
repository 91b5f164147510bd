"""Why a case's promises are due when they are: read from what is kept of them, and worked out by the same policies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.snapshots import kpi_instances
from desk.queries.visibility import Sight
from models.messages.api_promises import (
    MOST_INTERVALS,
    ChosenSla,
    Counted,
    CountedInterval,
    HoldWhy,
    PromisesWhy,
    PromiseWhy,
)
from models.messages.calendars import Calendar
from models.messages.kpi import SlaTerms
from models.messages.said import said, word
from models.messages.slas import KpiInstance, SlaDefinition
from models.messages.telling import told_again
from models.records.cases import Case
from models.records.timeline import TimelineEntry
from policies.explaining import HoldMoved, active, counted, ended_on, holds_of
from storage.definitions import DefinitionKind, Definitions


async def why_promises(
    session: AsyncSession, definitions: Definitions, sight: Sight, case: Case, now: datetime
) -> PromisesWhy:
    """All that the case was ever promised, the oldest first."""
    instances = await kpi_instances(session, case)
    terms = await pinned_terms(session, definitions, instances)
    chosen = await session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.case_id == case.id, TimelineEntry.kind == "sla")
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
    )
    return PromisesWhy(
        case=case.number,
        sla=case.sla,
        source=case.sla_source,
        chosen=tuple(
            ChosenSla(at=entry.at, sla=data.get("sla"), version=data.get("version"), why=data.get("why") or "")
            for entry in chosen
            for data in (told_again(entry.data),)
        ),
        promises=tuple(_why(terms, sight, instance, now) for instance in instances),
    )


async def pinned_terms(session: AsyncSession, definitions: Definitions, instances: list[KpiInstance]) -> SlaTerms:
    """The definitions that the instances began with."""
    slas = {
        pin: await definitions.pinned(session, DefinitionKind.SLA, pin.slug, pin.version, SlaDefinition)
        for pin in {instance.sla for instance in instances}
    }
    calendars = {
        pin: await definitions.pinned(session, DefinitionKind.CALENDAR, pin.slug, pin.version, Calendar)
        for pin in {instance.calendar for instance in instances if instance.calendar is not None}
    }
    return SlaTerms(in_force=None, slas=slas, calendars=calendars)


def _why(terms: SlaTerms, sight: Sight, instance: KpiInstance, now: datetime) -> PromiseWhy:
    item, calendar = terms.item(instance), terms.calendar(instance.calendar)
    holds = holds_of(terms, instance, now)
    return PromiseWhy(
        id=instance.id,
        kpi=instance.kpi,
        item=instance.item_name,
        status=instance.status.value,
        because=_because(terms, instance, holds),
        matched=_seen(sight, instance.matched),
        sla=instance.sla,
        calendar=instance.calendar,
        counts_from=item.applicable_from,
        applicable_from=instance.applicable_from,
        warn_after=None if item.warn_after is None else str(item.warn_after),
        fail_after=str(item.fail_after),
        warning_at=instance.warning_at,
        failure_at=instance.failure_at,
        ended_on=ended_on(instance),
        counted=counted_view(calendar, instance.applicable_from, instance.failure_at),
        holds=tuple(
            HoldWhy(
                began=hold.began,
                ended=hold.ended,
                minutes=_minutes(hold.worked.total_seconds()),
                moved_from=hold.moved_from,
                moved_to=hold.moved_to,
            )
            for hold in holds
        ),
        active_minutes=_minutes(active(terms, instance, now).total_seconds()),
        held_minutes=_minutes(sum(hold.worked.total_seconds() for hold in holds)),
        escalation=instance.escalation,
        reason=instance.reason,
    )


def _seen(sight: Sight, words: str) -> str:
    """A clause may ask for a queue that is private to others."""
    return "" if any(slug in words.casefold() for slug in sight.hidden_slugs) else words


def _because(terms: SlaTerms, instance: KpiInstance, holds: list[HoldMoved]) -> str:
    item, pin = terms.item(instance), instance.calendar
    by = (
        said("of the calendar {calendar!r}, version {version},", calendar=pin.slug, version=pin.version)
        if pin
        else said("around the clock")
    )
    words = said(
        "due {due} because {fail_after} {by} are over then, counted from {applicable_from} at {since}",
        due=instance.failure_at.isoformat(),
        fail_after=item.fail_after.words,
        by=by,
        applicable_from=word(item.applicable_from),
        since=instance.applicable_from.isoformat(),
    )
    ended = [hold for hold in holds if hold.ended is not None]
    held = format(_minutes(sum(hold.worked.total_seconds() for hold in ended)), "g")
    if len(ended) == 1:
        words = said("{words}, and 1 hold moved it by {held} minutes", words=words, held=held)
    elif ended:
        words = said("{words}, and {count} holds moved it by {held} minutes", words=words, count=len(ended), held=held)
    if len(ended) == len(holds):
        return words
    return said("{words}; it stands still now, and the end of the hold will move it", words=words)


def counted_view(calendar: Calendar | None, since: datetime, until: datetime) -> Counted:
    found = counted(calendar, since, until)
    return Counted(
        intervals=tuple(
            CountedInterval(begins=begin, ends=end, minutes=_minutes((end - begin).total_seconds()))
            for begin, end in found[:MOST_INTERVALS]
        ),
        more_intervals=max(0, len(found) - MOST_INTERVALS),
        minutes=_minutes(sum((end - begin).total_seconds() for begin, end in found)),
    )


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 2)
