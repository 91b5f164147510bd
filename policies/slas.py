"""Which SLA a case gets (domain 4.6): manual over automation over entitlement over default."""

from __future__ import annotations

from models.messages.base import Message
from models.messages.said import said
from models.messages.slas import SlaSource
from models.messages.telling import Sentence


class SlaChoice(Message):
    """The SLA's slug and who chose it; both None: no SLA applies. `reason` is for people."""

    sla: str | None
    source: SlaSource | None
    reason: Sentence


def choose_sla(
    manual: str | None,
    automation: str | None,
    entitlement: str | None,
    default: str | None,
    *,
    replace_manual: bool = False,
    manual_is_older: bool = False,
) -> SlaChoice:
    """Slugs of active SLAs, or None where a source names none.

    `replace_manual` is the organisation's switch "apply SLA after manual override". It matters only if
    `manual_is_older`, that is, was there before the change now decided on: set together with another source, manual
    wins regardless. What replaces it is an automation's or entitlement's SLA, never the mere default.
    """
    if manual is not None:
        stronger = automation or entitlement
        if not (replace_manual and manual_is_older and stronger):
            kept = manual_is_older and stronger
            reason = said("set by hand and is kept") if kept else said("set by hand")
            return SlaChoice(sla=manual, source=SlaSource.MANUAL, reason=reason)
    if automation is not None:
        return SlaChoice(sla=automation, source=SlaSource.AUTOMATION, reason=said("set by an automation"))
    if entitlement is not None:
        return SlaChoice(
            sla=entitlement, source=SlaSource.ENTITLEMENT, reason=said("the SLA of the case's entitlement")
        )
    if default is not None:
        return SlaChoice(sla=default, source=SlaSource.DEFAULT, reason=said("the default SLA"))
    return SlaChoice(sla=None, source=None, reason=said("no applicable SLA"))
