"""Why something cannot be done with the case now: said in words, where its button would stand."""

from __future__ import annotations

from console.case_pages.shown import Shown
from console.case_pages.verbs import BY_SLUG, FIRST, MENU
from console.languages import N_

CLOSED = N_("The case is closed. Reactivate it first.")
MERGED = N_("The case was merged into another one.")
NOT_OPEN_YET = N_("The case is still being opened.")
NO_QUEUE = N_("The case is in no queue.")
REASONS: dict[str, str] = {
    "pick": N_("Somebody works on it already."),
    "release": N_("Nobody works on it."),
    "hold": N_("No reason to hold may follow the present one."),
    "resume": N_("It is not on hold."),
    "resolve": N_("A child case is still open."),
    "cancel": N_("Activities or child cases are still open."),
    "reactivate": N_("It is active."),
    "apply-routing": N_("No routing rule matches it."),
    "add-child": N_("It is a child itself."),
    "leave-parent": N_("It has no parent."),
    "acknowledge": N_("Nothing is escalating."),
    "first-response": N_("The first response was given."),
    "link-article": N_("No article is published."),
}
OF_QUEUE = ("pick", "release", "remove-from-queue")


def why_not(found: Shown) -> list[tuple[str, str]]:
    """Button and reason, of each verb that has a button and is not open now."""
    said = []
    for slug in (*FIRST, *MENU):
        verb = BY_SLUG[slug]
        if found.allows(verb.kind.value):
            continue
        said.append((verb.button, _reason(found, slug)))
    return said


def _reason(found: Shown, slug: str) -> str:
    case = found.case
    if case.status == "opening":
        return NOT_OPEN_YET
    if slug == "reactivate" and case.status == "active":
        return REASONS[slug]
    if case.merged_into is not None:
        return MERGED
    if case.status != "active":
        return CLOSED
    if slug in OF_QUEUE and case.queue is None:
        return NO_QUEUE
    return REASONS.get(slug, CLOSED)
