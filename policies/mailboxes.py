"""What the figures of a mailbox come to: one word, and what to do about it (email promise 14)."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.messages.mailbox_status import MailboxFigures, MailboxState, MailboxTrouble
from models.messages.said import said

UNREAD_AFTER = timedelta(minutes=5)
"""A reader looks into an idle mailbox every 20 seconds, and if it cannot, it writes down why at least once a minute."""
LATE_AFTER = timedelta(minutes=5)
"""How long mail may lie on the server, or wait to be sent, before the mailbox counts as behind."""

UNSENT_AFTER = timedelta(minutes=1)
"""How long a letter may wait for an SMTP server that had trouble, before the trouble counts as present."""

ADVICE = {
    MailboxState.OK: said("Nothing to do."),
    MailboxState.UNTIDY: said(
        "Mail is taken in, but the IMAP server does not let it be flagged or moved: last_error says "
        "why; correct the folder or its rights, or set `after` in the mailbox's `imap`."
    ),
    MailboxState.BEHIND: said(
        "Mail waits for more than five minutes: see that backlog and due letters become fewer; "
        "if they grow, start another worker or look at the database."
    ),
    MailboxState.CANNOT_SEND: said(
        "Letters wait, because the SMTP server does not take them: last_error says why; "
        "correct the mailbox's `smtp`. They leave by themselves once it works."
    ),
    MailboxState.SEND_REFUSED: said(
        "Letters wait, because the SMTP server refuses this mailbox: last_error has its words. "
        "Correct the login, the right to send as its address, or wait for the quota; a changed mailbox is tried at once, else "
        "one letter at least every five minutes."
    ),
    MailboxState.NOT_READ: said(
        "Nobody has read it for five minutes: see that a worker runs and polls `mail-in`, and that "
        "Temporal answers (GET /healthz); to activate it once more starts what is missing."
    ),
    MailboxState.CANNOT_CONNECT: said(
        "The IMAP server cannot be reached, or does not do what it should: last_error says "
        "why; correct the mailbox's `imap`. It is tried again at least once a minute."
    ),
    MailboxState.AUTH_FAILED: said(
        "The IMAP server refuses the login: correct user or password of the mailbox. "
        "It is tried again at least once a minute."
    ),
    MailboxState.CANNOT_STORE: said(
        "Nothing can be kept, because the disk of the house is full or takes no writes: free some "
        "space. Mail waits on its server meanwhile, and is taken in by itself."
    ),
    MailboxState.INACTIVE: said("It is switched off: nothing is read or sent until it is activated."),
}


def mailbox_state(figures: MailboxFigures, now: datetime, *, storing: bool = True) -> MailboxState:
    """If several states hold, the first of them in this order: what hides the others is said before them.

    `storing`: whether the house takes writes. Where it does not, its stored facts cannot say so."""
    if not figures.active:
        return MailboxState.INACTIVE
    if not storing:
        return MailboxState.CANNOT_STORE
    if figures.trouble is MailboxTrouble.LOGIN:
        return MailboxState.AUTH_FAILED
    if figures.trouble is MailboxTrouble.READING:
        return MailboxState.CANNOT_CONNECT
    if figures.last_success is None or now - figures.last_success > UNREAD_AFTER:
        return MailboxState.NOT_READ
    unfetched, due = figures.oldest_unfetched, figures.send_queue.due_since
    if figures.trouble is MailboxTrouble.REFUSED and due is not None:
        return MailboxState.SEND_REFUSED
    if figures.trouble is MailboxTrouble.SENDING and due is not None and now - due > UNSENT_AFTER:
        return MailboxState.CANNOT_SEND
    if any(since is not None and now - since > LATE_AFTER for since in (unfetched, due)):
        return MailboxState.BEHIND
    return MailboxState.UNTIDY if figures.trouble is MailboxTrouble.TIDYING else MailboxState.OK
