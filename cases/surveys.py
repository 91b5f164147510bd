"""Asking the customer how we did: written with the resolution, taken back if the case is open again first (domain 10).

The letter waits in the outbox for the delay that the survey wants, so that nothing else has to remember it: what a crash
interrupts is either written with the resolution or not at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, update

from cases.unit import CaseUnit
from engine.failpoints import failpoint
from letters.case_people import language_of
from letters.links import LinkKind, address_of
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.survey_words import OF_SURVEYS, question_of
from letters.templates import CannotRender
from models.messages.mail_facts import OutgoingKind
from models.messages.said import said
from models.messages.surveys import RequestState, SurveyDefinition
from models.records.base import new_id
from models.records.cases import CaseResolution
from models.records.mails import Outbox
from models.records.reference import Contact
from models.records.surveys import SurveyRequest
from policies.surveys import asked_too_lately, is_sampled, survey_for
from storage.definitions import DefinitionKind, Versioned
from storage.repositories.customers import addresses_for
from storage.repositories.outbox import take_back
from storage.repositories.suppressions import suppressed_among

ASKING = "survey/"
"""What the keys of letters, entries and incidents of asking begin with, before the resolution's id."""


async def ask(unit: CaseUnit, resolution_id: UUID) -> None:
    """With the resolution. That it could not be asked stands on the timeline, and keeps nothing from being resolved."""
    if unit.organisation.pages.address is None:
        return
    active = (await unit.tools.definitions.active(unit.session, DefinitionKind.SURVEY))[DefinitionKind.SURVEY]
    if active:
        await unit.part(f"{ASKING}{resolution_id}", "survey", partial(_ask, unit, active, resolution_id), None)


async def ask_again(unit: CaseUnit, name: str) -> None:
    """What had to be left out, done later. Raises LookupError for a resolution that the case does not have."""
    resolution = await unit.session.get(CaseResolution, UUID(name))
    if resolution is None or resolution.case_id != unit.case.id:
        raise LookupError(f"{unit.case.number} has no resolution {name}")
    known = await unit.session.scalar(select(SurveyRequest.id).where(SurveyRequest.resolution_id == resolution.id))
    if known is None and resolution.life == unit.case.life and unit.case.resolved_on is not None:
        active = (await unit.tools.definitions.active(unit.session, DefinitionKind.SURVEY))[DefinitionKind.SURVEY]
        await _ask(unit, active, resolution.id)


async def withdraw(unit: CaseUnit) -> None:
    """The case is open again: a letter that has not left is not sent. One that has left stays, and can be answered."""
    waiting = await unit.session.scalars(
        select(SurveyRequest).where(
            SurveyRequest.case_id == unit.case.id, SurveyRequest.state == RequestState.ASKED.value
        )
    )
    for request in waiting.all():
        letter = await unit.session.scalar(
            select(Outbox.id).where(Outbox.key == f"{ASKING}{request.resolution_id}", Outbox.case_id == unit.case.id)
        )
        if letter is not None and await take_back(unit.session, letter):
            await unit.session.execute(
                update(SurveyRequest)
                .where(SurveyRequest.id == request.id)
                .values(state=RequestState.WITHDRAWN.value)
                .execution_options(synchronize_session=False)
            )
            unit.tell(f"{ASKING}{request.resolution_id}/withdrawn", "survey-withdrawn", survey=request.survey)


async def _ask(unit: CaseUnit, active: dict[str, Versioned], resolution_id: UUID) -> None:
    bodies = [each.body for each in active.values() if isinstance(each.body, SurveyDefinition)]
    survey = survey_for(bodies, await unit.facts())
    if survey is None:
        return
    delay = timedelta(minutes=float(survey.delay.minutes)) if survey.delay is not None else timedelta()
    ask_on = datetime.now(UTC) + max(delay, timedelta(seconds=unit.organisation.undo_send_seconds))
    why_not: str | None = None if is_sampled(survey, resolution_id) else said("not drawn into the sample")
    if why_not is None:
        why_not = await _asked(unit, survey, active[survey.slug].version, resolution_id, ask_on)
    kind = "survey-asked" if why_not is None else "survey-not-asked"
    unit.tell(f"{ASKING}{resolution_id}", kind, survey=survey.slug, why=why_not, ask_on=ask_on.isoformat())


async def _asked(
    unit: CaseUnit, survey: SurveyDefinition, version: int, resolution_id: UUID, ask_on: datetime
) -> str | None:
    """Why not; None if the letter waits."""
    session, case, address = unit.session, unit.case, unit.organisation.pages.address
    # Locked, so that of two cases of one customer that are resolved at once, one asks.
    contact = (
        await session.get(Contact, case.contact_id, with_for_update={"key_share": True}) if case.contact_id else None
    )
    if contact is None or address is None:
        return said("the case has no contact")
    to = next(iter(await addresses_for(session, contact.id, case.id)), contact.email)
    if await suppressed_among(session, (to,)):
        return said("the contact's address is on the suppression list")
    last = await session.scalar(
        select(func.max(SurveyRequest.ask_on)).where(
            SurveyRequest.contact_id == contact.id, SurveyRequest.state != RequestState.WITHDRAWN.value
        )
    )
    if asked_too_lately(survey, ask_on, last):
        return said("the contact was asked within the last {quiet_days} days", quiet_days=survey.quiet_days)
    language = await language_of(session, contact) or unit.organisation.language
    request = SurveyRequest(
        id=new_id(),
        case_id=case.id,
        resolution_id=resolution_id,
        contact_id=contact.id,
        survey=survey.slug,
        version=version,
        kind=survey.kind.value,
        language=language,
        state=RequestState.ASKED.value,
        ask_on=ask_on,
        expires_on=ask_on + timedelta(days=survey.expires_days),
    )
    link = address_of(address, LinkKind.SURVEY, request.id)
    notice = Notice(
        f"{ASKING}{resolution_id}",
        survey.template,
        OF_SURVEYS,
        {"survey": {"question": question_of(survey, language), "link": link}},
        kind=OutgoingKind.SURVEY,
        not_before=ask_on,
    )
    # The resolution that the request names is among the rows that are still to be sent.
    await unit.flush()
    session.add(request)
    await session.flush()
    try:
        reader = NoticeReader(to, language=language, customer=True)
        await unit.tools.letters.notice(session, case, notice, (reader,), unit.now)
    except (NoMailbox, CannotRender) as error:
        await session.delete(request)
        await session.flush()
        return str(error)
    failpoint("survey.asked.written")
    return None
