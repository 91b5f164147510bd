"""Whether the customer's contract lets a case be opened by hand; the opening step decides for real."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.ledger import FREED_NOTE
from cases.opener import NewCase
from desk.errors import Conflict, Invalid
from models.messages.cases import CaseStatus, ProblemType
from models.messages.entitlements import DecreaseOn, EntitlementFacts, NotApplicable
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.records.cases import Case
from models.records.reference import Entitlement
from policies.entitlements import applicable, in_words, problem_of, why_not
from policies.zones import local_day
from storage.repositories.contracts import candidates, covered_case, facts, locked


async def check_contract(
    session: AsyncSession, new: NewCase, organisation: OrganisationSettings, now: datetime
) -> NewCase:
    """409 `entitlement-exhausted` if the named or the default entitlement has no terms left and is restricted.

    422 `entitlement-not-applicable` if the named one does not cover this case; a default one that does not is left out.
    The answer is the case to insert in the same transaction: it names the contract whose term it speaks for.
    """
    case = await covered_case(
        session,
        account_id=new.account_id,
        contact_id=new.contact_id,
        origin=new.origin,
        product=new.product,
        decrement=new.decrement,
    )
    day = local_day(now, organisation.time_zone)
    theirs = await _unspoken_for(session, await candidates(session, case))
    if new.entitlement_id is not None:
        named = next((each for each in theirs if each.id == new.entitlement_id), None)
        if named is None:
            slug = await session.scalar(select(Entitlement.slug).where(Entitlement.id == new.entitlement_id))
            raise _not_covered(slug or "", said("it belongs to another customer"))
        _check(why_not(named, case, day), named, new.origin)
    elif organisation.apply_default_entitlement and new.entitlement_note != FREED_NOTE:
        choice = applicable(theirs, case, day)
        if choice.reason is NotApplicable.EXHAUSTED:
            _check(choice.reason, next(each for each in theirs if each.slug == choice.slug), new.origin)
        if choice.entitlement_id is not None and any(
            _is_scarce(each) for each in theirs if each.id == choice.entitlement_id
        ):
            return new.model_copy(update={"entitlement_id": choice.entitlement_id})
    return new


def _is_scarce(entitlement: EntitlementFacts) -> bool:
    """Whether an opening can take the last term: those that come at once must see each other."""
    return entitlement.restricted and entitlement.decrease_on is DecreaseOn.CREATION


async def _unspoken_for(session: AsyncSession, theirs: list[EntitlementFacts]) -> list[EntitlementFacts]:
    """The contracts with what no case that is about to be opened speaks for; scarce ones are locked, in id order."""
    scarce = sorted(each.id for each in theirs if _is_scarce(each))
    if not scarce:
        return theirs
    fresh = {id: facts(*await locked(session, id)) for id in scarce}
    spoken = await session.execute(
        select(Case.entitlement_id, Case.origin, func.count())
        .where(Case.entitlement_id.in_(scarce), Case.status == CaseStatus.OPENING, Case.decrement)
        .group_by(Case.entitlement_id, Case.origin)
    )
    for id, origin, count in spoken:
        if id is not None:
            fresh[id] = _less(fresh[id], origin, count)
    return [fresh.get(each.id, each) for each in theirs]


def _less(entitlement: EntitlementFacts, origin: str, terms: int) -> EntitlementFacts:
    channels = tuple(
        line.model_copy(update={"remaining_terms": line.remaining_terms - terms}) if line.origin == origin else line
        for line in entitlement.channels
    )
    remaining = entitlement.remaining_terms - terms
    return entitlement.model_copy(update={"remaining_terms": remaining, "channels": channels})


def _check(reason: NotApplicable | None, entitlement: EntitlementFacts, origin: str) -> None:
    if reason is None:
        return
    kind, why = problem_of(reason), in_words(reason, entitlement, origin)
    if kind is ProblemType.ENTITLEMENT_EXHAUSTED:
        detail = said(
            "The entitlement {entitlement!r} is restricted, and {why}. Name another entitlement, or null to open the case"
            " without one, or open it with 'decrement': false, which counts on none.",
            entitlement=entitlement.slug,
            why=why,
        )
        raise Conflict(kind.value, detail, missing=("entitlement", "decrement"))
    raise _not_covered(entitlement.slug, why)


def _not_covered(slug: str, why: str) -> Invalid:
    kind = ProblemType.ENTITLEMENT_NOT_APPLICABLE
    return Invalid("entitlement", said("{slug!r} does not cover this case: {why}", slug=slug, why=why), type=kind.value)
