"""What can be done with the case now, and why something cannot: said in words, where its button would stand."""

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
OF_NO_USE: dict[str, str] = {
    "pick": N_("You work on it already."),
    "hold": N_("It is on hold. What it waits for is its status reason."),
    "escalate": N_("It is escalated already."),
    "first-response": REASONS["first-response"],
}
OF_QUEUE = ("pick", "release", "remove-from-queue")


def offered(found: Shown, slug: str) -> bool:
    """Whether the verb has a button: its command is allowed, and would change something."""
    return found.allows(BY_SLUG[slug].kind.value) and not _of_no_use(found, slug)


def why_not(found: Shown) -> list[tuple[str, str]]:
    """Button and reason, of each verb that could have a button and has none now."""
    return [(BY_SLUG[slug].button, _reason(found, slug)) for slug in (*FIRST, *MENU) if not offered(found, slug)]


def _of_no_use(found: Shown, slug: str) -> bool:
    """It is so already, or leads nowhere. Escalating is a change of a field, which closed cases take of others."""
    case = found.case
    match slug:
        case "pick":
            return found.mine
        case "hold":
            return found.allows("resume")
        case "escalate":
            return case.escalated or case.status != "active"
        case "first-response":
            return case.first_response_sent
        case "process-set-active":
            return len(found.process.path) < 2
        case "process-switch":
            return not found.process.others
        case _:
            return False


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
    words = OF_NO_USE if found.allows(BY_SLUG[slug].kind.value) else REASONS
    return words.get(slug, CLOSED)
