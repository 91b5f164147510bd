"""Whether the customer's contract lets a case be opened by hand; the opening step decides for real."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from activities.opener import NewCase
from desk.errors import Conflict, Invalid
from models.messages.cases import ProblemType
from models.messages.entitlements import NotApplicable
from models.messages.organisation import OrganisationSettings
from policies.entitlements import applicable, problem_of, why_not
from storage.repositories.contracts import candidates, covered_case


async def check_contract(
    session: AsyncSession, new: NewCase, organisation: OrganisationSettings, now: datetime
) -> None:
    """409 `entitlement-exhausted` if the named or the default entitlement has no terms left and is restricted.

    422 `entitlement-not-applicable` if the named one does not cover this case; a default one that does not is left out.
    """
    case = await covered_case(
        session,
        account_id=new.account_id,
        contact_id=new.contact_id,
        origin=new.origin,
        product=new.product,
        decrement=new.decrement,
    )
    day = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    theirs = await candidates(session, case)
    if new.entitlement_id is not None:
        named = next((each for each in theirs if each.id == new.entitlement_id), None)
        _check(
            why_not(named, case, day) if named else NotApplicable.OTHER_CUSTOMER,
            named.slug if named else str(new.entitlement_id),
        )
    elif organisation.apply_default_entitlement:
        choice = applicable(theirs, case, day)
        if choice.reason is NotApplicable.EXHAUSTED:
            _check(choice.reason, choice.slug or "")


def _check(reason: NotApplicable | None, slug: str) -> None:
    if reason is None:
        return
    kind = problem_of(reason)
    if kind is ProblemType.ENTITLEMENT_EXHAUSTED:
        raise Conflict(kind.value, f"The entitlement {slug!r} is restricted and has no terms left.")
    raise Invalid("entitlement", f"{slug!r} does not cover this case: {reason.value}", type=kind.value)
