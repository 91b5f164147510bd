"""A letter of an agent's from a case to its customer (domain 1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cases.answers import answered, customer_addresses, reaches_customer
from cases.unit import CaseUnit, refused
from letters.senders import NoMailbox
from models.messages.cases import CaseCommand, CaseStatus, ProblemType
from models.messages.organisation import EMAIL
from models.messages.said import of_error, said, whole
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Agent
from storage.repositories.suppressions import suppressed_among


async def send(
    unit: CaseUnit,
    command: CaseCommand,
    *,
    kind: str,
    text: str,
    html: str | None = None,
    to: tuple[str, ...] | None = None,
    cc: tuple[str, ...] = (),
    attachments: list[Attachment] | None = None,
    send_after: int | None = None,
) -> EmailMessage:
    """Write from the case. If it reaches the customer, the first response is now: the instant that the agent pressed
    send (domain 1.1)."""
    if unit.case.status != CaseStatus.ACTIVE:
        raise refused(
            ProblemType.CASE_NOT_ACTIVE, said("Mail leaves from an active case only."), allowed=("reactivate",)
        )
    customer = await customer_addresses(unit.session, unit.case)
    recipients = to or customer[:1]
    if not recipients:
        raise refused(
            ProblemType.NO_RECIPIENT, said("the case has no contact; name the recipients."), field="to", missing=("to",)
        )
    if await suppressed_among(unit.session, (*recipients, *cc)):
        # The desk names the address before it sends the command; here it came onto the list meanwhile, and a refusal
        # travels through Temporal, which carries no addresses.
        raise refused(ProblemType.RECIPIENT_SUPPRESSED, said("A recipient has just come onto the suppression list."))
    seconds = unit.organisation.undo_send_seconds if send_after is None else send_after
    agent = await unit.session.get_one(Agent, command.actor_id)
    try:
        message = await unit.tools.letters.letter(
            unit.session,
            unit.case,
            kind=kind,
            key=f"{kind}/{command.id}",
            text=text,
            html=html,
            to=recipients,
            cc=cc,
            agent=agent,
            attachments=tuple(attachments or ()),
            now=unit.now,
            not_before=datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None,
        )
    except NoMailbox as error:
        raise refused(ProblemType.NO_MAILBOX, whole(of_error(error))) from None
    if await reaches_customer(unit.session, unit.case, kind, (*recipients, *cc)):
        answered(unit, EMAIL)
        unit.case.customer_replied_last = False
    return message
