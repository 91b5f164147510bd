"""When an SLA's promises would be due of a case that there is not (domain 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid, NotFound
from desk.queries.why_promises import counted_view
from desk.reference import definitions as reference
from desk.reference.clauses import record_of, value_fault
from desk.reference.references import Names
from models.messages.api_promises import DueBody, DuePreview, PreviewedPromise
from models.messages.base import GivenInstant
from models.messages.calendars import Calendar
from models.messages.cases import CaseStatus
from models.messages.conditions import FIELDS, OF_ACTIVITIES, OF_THE_INSTANT
from models.messages.kpi import ChangeKind, SlaTerms
from models.messages.organisation import OrganisationSettings
from models.messages.said import joined, of_error, said, word
from models.messages.slas import ApplicableFrom, Pin, SlaDefinition
from models.messages.work_hours import ALWAYS
from policies.business_time import NoWorkingTime
from policies.conditions import evaluate
from policies.kpi import evaluate_kpis
from policies.sla_items import applicable, instant_of, matched
from storage.definitions import DefinitionKind, Definitions

NOBODYS = UUID(int=0)
INSTANTS = frozenset(f"case.{name}" for name in ApplicableFrom)
_INSTANT: TypeAdapter[Any] = TypeAdapter(GivenInstant)


async def due(
    session: AsyncSession, definitions: Definitions, key: str, version: int | None, body: DueBody
) -> DuePreview:
    """By the version named, or the active one, or else the latest. Nothing is written.

    `NotFound` for an unknown SLA or version; `Invalid` for a fact that no case has, for a value that no case could have, as
    `POST /cases` refuses it, and for a calendar that there is not.
    """
    chosen = await reference.get(session, DefinitionKind.SLA, key, version)
    if not isinstance(chosen.body, SlaDefinition):
        raise TypeError(f"{key} is no SLA")
    sla = _counting_by(chosen.body, body.calendar)
    pin = Pin(slug=sla.slug, version=chosen.version)
    calendars = await _calendars(session, sla, asked=body.calendar)
    terms = SlaTerms(
        in_force=pin,
        slas={pin: sla},
        calendars=calendars,
        calendar_versions={calendar.slug: calendar.version for calendar in calendars},
    )
    facts = _facts(body)
    await _possible(session, await definitions.organisation(session), body)
    promises = tuple(_promise(terms, pin, kpi, facts, body) for kpi in sla.kpis)
    return DuePreview(sla=sla.slug, version=chosen.version, created_on=body.created_on, promises=promises)


def _promise(terms: SlaTerms, pin: Pin, kpi: str, facts: Mapping[str, Any], body: DueBody) -> PreviewedPromise:
    sla = terms.slas[pin]
    why = matched(sla, kpi, facts)
    index = applicable(sla, kpi, facts)
    if index is None:
        return PreviewedPromise(kpi=kpi, why=why)
    item = sla.items[index]
    if instant_of(item, facts) is None:
        return PreviewedPromise(
            kpi=kpi,
            why=said(
                "{why}; {applicable_from} is empty, and nothing is promised without it",
                why=why,
                applicable_from=word(item.applicable_from),
            ),
        )
    if evaluate(item.success, facts).holds:
        return PreviewedPromise(
            kpi=kpi, why=said("{why}; it is kept already, and there is nothing to promise", why=why)
        )
    alone = sla.model_copy(update={"items": tuple(each for each in sla.items if each.kpi == kpi)})
    alone_terms = terms.model_copy(update={"slas": {pin: alone}})
    try:
        changes = evaluate_kpis(alone_terms, (), facts, body.created_on, case=NOBODYS)
    except NoWorkingTime as error:
        return PreviewedPromise(kpi=kpi, item=item.name, why=joined((why, of_error(error)), "; "))
    made = next((change.instance for change in changes if change.kind is ChangeKind.CREATED), None)
    if made is None:
        return PreviewedPromise(
            kpi=kpi,
            item=item.name,
            why=said(
                "{why}; of a case that is {status} nothing is promised", why=why, status=word(facts["case.status"])
            ),
        )
    return PreviewedPromise(
        kpi=kpi,
        item=item.name,
        why=why,
        calendar=made.calendar,
        applicable_from=made.applicable_from,
        warning_at=made.warning_at,
        failure_at=made.failure_at,
        counted=counted_view(terms.calendar(made.calendar), made.applicable_from, made.failure_at),
    )


def _counting_by(sla: SlaDefinition, calendar: str | None) -> SlaDefinition:
    if calendar is None:
        return sla
    items = tuple(item.model_copy(update={"business_hours": calendar}) for item in sla.items)
    for item in items if calendar == ALWAYS else ():
        if found := next((span for _, span in item.spans if span.unit.is_business), None):
            raise Invalid(
                "calendar",
                said(
                    "the item {item!r} promises {found!r}, which needs working hours", item=item.name, found=str(found)
                ),
            )
    return sla.model_copy(update={"items": items})


async def _calendars(session: AsyncSession, sla: SlaDefinition, *, asked: str | None) -> dict[Pin, Calendar]:
    found: dict[Pin, Calendar] = {}
    for position, item in enumerate(sla.items):
        slug = sla.calendar_of(item)
        if slug is None:
            continue
        try:
            version = await reference.get(session, DefinitionKind.CALENDAR, slug)
        except NotFound:
            field = "calendar" if asked is not None else f"items[{position}].business_hours"
            raise Invalid(
                field, said("there is no calendar {slug!r}; or write {always!r}", slug=slug, always=ALWAYS)
            ) from None
        if isinstance(version.body, Calendar):
            found[Pin(slug=slug, version=version.version)] = version.body
    return found


def _facts(body: DueBody) -> dict[str, Any]:
    """As `cases.facts` finds them of a case: what nobody said is empty."""
    facts: dict[str, Any] = dict.fromkeys((*FIELDS, *INSTANTS))
    facts |= {"case.status": "active", "case.status_reason": "in-progress", "case.first_response_sent": False}
    facts |= {"case.created_on": body.created_on, "case.modified_on": body.created_on}
    for name, value in body.facts.items():
        unasked = name in OF_THE_INSTANT or name.startswith(OF_ACTIVITIES)
        if (name not in facts and not name.startswith("case.custom.")) or unasked:
            known = sorted(name for name in facts if name not in OF_THE_INSTANT and not name.startswith(OF_ACTIVITIES))
            raise _wrong(name, said("is no fact of a case; one of: {known}, case.custom.*", known=joined(known)))
        if name == "case.created_on":
            raise _wrong(name, said("is given as 'created_on'"))
        if name == "case.status" and value not in set(CaseStatus):
            raise _wrong(name, said("one of: {casestatus}", casestatus=joined(CaseStatus)))
        facts[name] = _instant(name, value) if name in INSTANTS else value
    return facts


async def _possible(session: AsyncSession, organisation: OrganisationSettings, body: DueBody) -> None:
    """`Invalid` for a word of none of the organisation's lists, and for a record that there is not: of such a case an SLA
    would promise what it promises of no other."""
    names = Names(session)
    for fact, given in body.facts.items():
        for value in given if isinstance(given, tuple) else (given,):
            if value is None:
                continue
            if (rule := value_fault(fact, value, organisation)) is not None:
                raise _wrong(fact, rule)
            kind = record_of(fact)
            if kind is not None and await names.find(kind, str(value)) is None:
                raise _wrong(fact, said("there is no active {kind} {key!r}", kind=word(kind), key=str(value)))


def _instant(name: str, value: object) -> Any:
    if value is None:
        return None
    try:
        return _INSTANT.validate_python(value)
    except ValidationError:
        raise _wrong(name, said("is an instant with its zone, as 2031-03-27T09:00:00Z")) from None


def _wrong(fact: str, rule: str) -> Invalid:
    return Invalid(f"facts.{fact}", rule, path=("facts", fact))
