"""Whether the sender of a case's opening mail gets the rule's automatic answer (RFC 3834; email promises 6, 7, 13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Row, bindparam, exists, func, select

from letters.senders import SENDERS, Sender
from models.messages.addresses import canonical_address
from models.messages.mail_facts import DMARC_FAILED, OutgoingKind
from models.records.base import UtcInstant, looked_for, table_of
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox, Suppression

AN_HOUR = timedelta(hours=1)


class Withheld(Exception):
    """Why a case gets no acknowledgement although its rule has one: told on its timeline."""


_messages, _letters, _cases = table_of(EmailMessage).c, table_of(Outbox).c, table_of(Case).c
_suppressions = table_of(Suppression).c
# Found by the sender's mails of the last hour, which are few, and not by our letters: those have no index by address.
# Wall time, as a loop runs in it.
_RECENT = (
    select(_letters.id)
    .join_from(table_of(Outbox), table_of(Case), _cases.id == _letters.case_id)
    .join(table_of(EmailMessage), _messages.id == _cases.opening_mail_id)
    .where(
        _messages.sender == looked_for("sender"),
        _messages.recorded_at >= bindparam("since", type_=UtcInstant()),
        _messages.case_id == _cases.id,
        _letters.kind == OutgoingKind.ACKNOWLEDGEMENT,
    )
    .limit(bindparam("most", type_=Integer()))
)
ANSWERING = SENDERS.add_columns(
    select(func.count()).select_from(_RECENT.subquery()).scalar_subquery().label("recent"),
    exists(select(_suppressions.id).where(_suppressions.address == looked_for("address"))).label("suppressed"),
)
"""As `SENDERS`, and what withholds an answer to `sender`."""


def check_answerable(mail: EmailMessage, sender: Sender, known: Row[*tuple[Any, ...]], most: int) -> None:
    """Raises `Withheld`. `known`: a row of `ANSWERING`; `most`: answers to one address within an hour."""
    if mail.automatic is not None:
        raise Withheld(f"the mail is automatic ({mail.automatic})")
    if mail.unanswerable is not None:
        raise Withheld(f"the mail must not be answered automatically ({mail.unanswerable})")
    if not mail.sender or canonical_address(mail.sender) in sender.own_addresses:
        raise Withheld("the mail names no sender of another house")
    if DMARC_FAILED in mail.defects:
        raise Withheld("the sender is not proven (DMARC failed, or several From fields)")
    if known.suppressed:
        raise Withheld("the sender's address is on the suppression list")
    if known.recent >= most:
        raise Withheld(f"{most} automatic replies to this address within an hour, which is the most that it gets")
