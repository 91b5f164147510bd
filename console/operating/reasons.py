"""Why a mail is on no case, in words: what each reason means, and what to do about it (docs/operators.md says more)."""

from __future__ import annotations

from dataclasses import dataclass

from console.languages import N_
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason


@dataclass(frozen=True, slots=True)
class Why:
    """`name`: of lists; `means` and `to_do`: a sentence each, `to_do` empty where there is nothing to do."""

    name: str
    means: str
    to_do: str = ""


READ_AND_DECIDE = N_("Look at it as it came; then file it, take it in, or put it on its case.")
TAKE_IN_AS_A_FILE = N_("Take it in: the case has it as a file.")

REASONS: dict[str, Why] = {
    HoldReason.UNPARSEABLE: Why(N_("Unreadable"), N_("It could not be read as a mail."), TAKE_IN_AS_A_FILE),
    HoldReason.TOO_LARGE: Why(
        N_("Too large"),
        N_("It is larger than what is taken in by itself."),
        N_("Take it in; what was too large to be fetched still lies on the mail server."),
    ),
    HoldReason.TOO_DEEP: Why(
        N_("Nested too deeply"), N_("Its parts lie in each other more often than is read."), TAKE_IN_AS_A_FILE
    ),
    HoldReason.TOO_MANY_PARTS: Why(N_("Too many parts"), N_("It has more parts than are read."), TAKE_IN_AS_A_FILE),
    HoldReason.NO_SENDER: Why(N_("No sender"), N_("It names no sender to whom one could answer."), READ_AND_DECIDE),
    HoldReason.BLANK: Why(N_("Empty"), N_("It has no text, no subject and no file."), READ_AND_DECIDE),
    HoldReason.LOOP: Why(
        N_("Too much mail of one sender"),
        N_("Its sender has written more in a short time than is let in, or our own mail came back."),
        N_("See who it is: if it is a customer, take it in."),
    ),
    HoldReason.SENDER_UNKNOWN: Why(
        N_("Unknown sender"),
        N_("No contact has this address, and the rule asks for one."),
        N_("Take it in; or add the contact, and decide again."),
    ),
    HoldReason.NO_ENTITLEMENT: Why(
        N_("No contract"),
        N_("The rule asks for a contract that covers the sender, and there is none."),
        N_("Take it in; or add the contract, and decide again."),
    ),
    HoldReason.NO_RULE: Why(
        N_("No rule"),
        N_("No record creation rule in force watches the queue of this mailbox, or the mailbox has no queue."),
        N_("Have an administrator put one in force, and decide again."),
    ),
    HoldReason.FOREIGN_TOKEN: Why(
        N_("Speaks of a case without proof"),
        N_("It speaks of a case, but nothing proves that its sender is who they say they are."),
        N_("If you vouch for it, take it in: it gets a case of its own, linked to that one."),
    ),
    HoldReason.INTAKE_FAILED: Why(
        N_("Failed on our side"),
        N_("It could not be taken in by a fault of ours."),
        N_("Decide again after an update; the log has more."),
    ),
    HoldReason.NOT_DELIVERED: Why(
        N_("Not given by the mail server"),
        N_("The mail server lists it and does not give it."),
        N_("Nothing: it is asked for again by itself."),
    ),
    FileReason.AUTOMATIC: Why(N_("Automatic"), N_("A machine wrote it, and it belongs to no case.")),
    FileReason.BY_ITEM: Why(N_("By a rule"), N_("A line of the rule makes no case of such mail.")),
    FileReason.NO_ITEM: Why(N_("No line fits"), N_("No line of the rule fits it.")),
    FileReason.DISMISSED: Why(N_("Filed by hand"), N_("Somebody found nothing in it that anybody must see.")),
    FileReason.GONE: Why(N_("Gone"), N_("It was held because the mail server did not give it, and it never will.")),
    "bounce": Why(N_("Report about a letter"), N_("It reports what became of a letter of ours.")),
}
"""By the code that the log has."""


def why_of(reason: str | None) -> Why:
    """In words; a code that a later version has written stands for itself."""
    return REASONS.get(reason or "", Why(reason or "", ""))


def detail_of(reason: str | None, explanation: str | None) -> str:
    """What the log explains beyond the code, which its sentence may begin with."""
    said = explanation or ""
    for verdict in ("hold", "file"):
        said = said.removeprefix(f"{verdict}: {reason}")
    return said.removeprefix("; ").strip()
