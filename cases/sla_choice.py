"""Which SLA promises on a case (domain 4.6): chosen by hand, by an automation, by the contract, or by default."""

from __future__ import annotations

from cases.unit import CaseUnit
from models.messages.said import said
from models.messages.slas import SlaSource
from models.records.reference import Entitlement
from policies.slas import choose_sla
from storage.definitions import DefinitionKind
from storage.kept import named


async def choose(unit: CaseUnit, *, manual_is_older: bool = False) -> None:
    """Set the case's SLA from manual, automation, entitlement or default, and pin its active version.

    Nobody but an agent's hand chooses for a case that is to have none (`apply_sla`), or while the organisation has SLAs
    switched off. `manual_is_older`: it was there before what is now decided on.
    """
    case, organisation = unit.case, unit.organisation
    known = (await unit.tools.definitions.active(unit.session, DefinitionKind.SLA))[DefinitionKind.SLA]

    def usable(slug: str | None) -> str | None:
        return slug if slug in known else None

    by_itself = case.apply_sla and not organisation.slas_off
    entitlement = await named(unit.session, Entitlement, case.entitlement_id) if by_itself else None
    choice = choose_sla(
        usable(case.sla) if case.sla_source == SlaSource.MANUAL else None,
        usable(case.automatic_sla) if by_itself else None,
        usable(entitlement.sla) if entitlement else None,
        usable(organisation.default_sla) if by_itself else None,
        replace_manual=organisation.replace_manual_sla,
        manual_is_older=manual_is_older,
    )
    case.sla_source = choice.source.value if choice.source else None
    if choice.sla == case.sla and case.sla_version is not None:
        return
    case.sla = choice.sla
    case.sla_version = known[choice.sla].version if choice.sla else None
    again = f"/{unit.sla_choices}" if unit.sla_choices else ""
    unit.sla_choices += 1
    unit.tell(f"sla/{case.version}{again}", "sla", sla=choice.sla, version=case.sla_version, why=choice.reason)


async def choose_by_automation(unit: CaseUnit, sla: str) -> str | None:
    """A rule, a process or a promise has chosen this SLA. Why it does not promise now, if so."""
    unit.case.automatic_sla = sla
    await choose(unit, manual_is_older=not unit.is_opening)
    if unit.case.sla == sla:
        return None
    if unit.case.sla_source == SlaSource.MANUAL:
        return said("The SLA {sla!r} was set by hand, and stays.", sla=unit.case.sla)
    if unit.organisation.slas_off or not unit.case.apply_sla:
        return said("SLAs are switched off, or the case is to have none.")
    return said("There is no active SLA {sla!r}.", sla=sla)
