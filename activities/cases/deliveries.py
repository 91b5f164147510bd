"""What a case hears of: mail that belongs to it, and letters of its own that could not be sent."""

from __future__ import annotations

from sqlalchemy import select, update
from temporalio import activity

from activities.cases.lifecycle_verbs import reopen
from activities.cases.settling import settle
from activities.cases.unit import CaseTools, CaseUnit
from activities.facts import mail_facts
from activities.failpoints import failpoint
from activities.ledger import is_covered
from activities.opener import NewCase, insert_case
from activities.snapshots import snapshot_of
from models.messages.cases import OPEN_STATUSES, CaseSnapshot, CaseStatus, DeliveryInput
from models.messages.mail_facts import RelatedAction
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.record_creation import RecordCreationRule
from models.records.base import new_id
from models.records.cases import Case, Delivery
from models.records.mails import EmailMessage, InboundMail, Outbox
from models.records.reference import Mailbox
from policies.record_creation import RelatedDecision, decide_related
from storage.definitions import DefinitionKind

REOPENED_REASON = "in-progress"


class CaseDeliveries:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    @activity.defn
    async def apply_delivery(self, given: DeliveryInput) -> CaseSnapshot:
        """Apply once: the row says `done` in the same transaction. A case made of it is started afterwards."""
        onward: tuple[Case, Delivery] | None = None
        async with self.tools.unit(given.case_id, given.now) as unit:
            delivery = await unit.session.get(Delivery, given.delivery_id)
            if delivery is None or delivery.done:
                return await snapshot_of(unit.session, unit.case)
            unit.is_as_known(given.version)  # what follows is decided by the rows alone, also where they are ahead
            reinstate: str | None = None
            match DeliveryKind(delivery.kind):
                case DeliveryKind.OPEN:
                    delivery.outcome = "opened"
                case DeliveryKind.MAIL:
                    onward = await _mail(unit, delivery)
                case DeliveryKind.SEND_FAILED:
                    reinstate = await _send_failed(unit, delivery)
            delivery.done = True
            snapshot = await settle(unit, reinstate=reinstate)
            failpoint("delivery.written")
        failpoint("delivery.committed")
        if onward is not None:
            case, made = onward
            if made.kind == DeliveryKind.OPEN:
                await self.tools.dispatcher.open(case.id, case.number, case.origin)
            else:
                await self.tools.dispatcher.deliver(case.id, case.number, case.origin, made.id)
        return snapshot


async def _mail(unit: CaseUnit, delivery: Delivery) -> tuple[Case, Delivery] | None:
    """Attach, reopen, or open a related case (domain 6.4): decided here, under the case's lock."""
    case, session = unit.case, unit.session
    message = await session.get_one(EmailMessage, delivery.subject_id)
    if case.merged_into is not None:
        return await _pass_on(unit, delivery, message)
    mailbox = await session.get_one(Mailbox, message.mailbox_id)
    rule = await _rule(unit, mailbox)
    decision = decide_related(
        rule,
        CaseStatus(case.status),
        case.resolved_on,
        unit.now,
        message.automatic is not None,
        {**await unit.facts(), **mail_facts(message)},
        entitled=await _entitled(unit, rule),
    )
    made: tuple[Case, Delivery] | None = None
    if decision.action is RelatedAction.NEW_CASE:
        made = await _related_case(unit, message, decision)
    else:
        message.case_id = case.id
        if decision.action is RelatedAction.REOPEN:
            await reopen(unit, REOPENED_REASON)
        if message.automatic is None:
            case.customer_replied_last = True
    delivery.outcome = decision.action.value
    unit.tell(
        f"mail/{message.id}",
        "mail",
        subject_id=message.id,
        outcome=decision.action.value,
        automatic=message.automatic,
        method=message.link_method,
        why=decision.why(),
        related=made[0].number if made else None,
    )
    return made


async def _rule(unit: CaseUnit, mailbox: Mailbox) -> RecordCreationRule | None:
    active = await unit.tools.definitions.active(unit.session, DefinitionKind.RECORD_CREATION_RULE)
    bodies = [found.body for found in active[DefinitionKind.RECORD_CREATION_RULE].values()]
    return next((b for b in bodies if isinstance(b, RecordCreationRule) and b.queue == mailbox.queue), None)


async def _entitled(unit: CaseUnit, rule: RecordCreationRule | None) -> bool:
    """Asked only where the rule requires an entitlement for a new case (domain 6.3)."""
    if rule is None or not rule.require_entitlement:
        return True
    return await is_covered(unit)


async def _related_case(unit: CaseUnit, message: EmailMessage, decision: RelatedDecision) -> tuple[Case, Delivery]:
    """A new case of the same customer, linked to the closed one that the mail spoke of."""
    item = decision.item
    new = NewCase(
        title=message.subject[:300] or "(no subject)",
        description=message.text,
        origin="email",
        account_id=unit.case.account_id,
        contact_id=unit.case.contact_id,
        priority=(item.priority if item else None) or "normal",
        case_type=item.case_type if item else None,
        subject=item.subject if item else None,
        product=item.product if item else None,
        opening_rule=decision.rule,
        opening_mail_id=message.id,
        linked_case_id=unit.case.id,
    )
    made, delivery = await insert_case(unit.session, new, unit.now, prefix=unit.organisation.case_prefix)
    message.case_id = made.id
    await unit.session.execute(update(InboundMail).where(InboundMail.message_id == message.id).values(case_id=made.id))
    return made, delivery


async def _pass_on(unit: CaseUnit, delivery: Delivery, message: EmailMessage) -> tuple[Case, Delivery] | None:
    """A mail to a merged case belongs to its survivor (domain 1.5)."""
    survivor = await unit.session.scalar(select(Case).where(Case.number == unit.case.merged_into))
    if survivor is None:
        raise LookupError(f"{unit.case.number} was merged into {unit.case.merged_into}, which has no row")
    delivery.outcome = "passed-on"
    unit.tell(f"mail/{message.id}", "mail", subject_id=message.id, outcome="passed-on", related=survivor.number)
    onward = await unit.session.scalar(
        select(Delivery).where(
            Delivery.case_id == survivor.id, Delivery.kind == DeliveryKind.MAIL, Delivery.subject_id == message.id
        )
    )
    if onward is None:
        onward = Delivery(
            id=new_id(),
            case_id=survivor.id,
            number=survivor.number,
            kind=DeliveryKind.MAIL,
            subject_id=message.id,
        )
        unit.session.add(onward)
    return survivor, onward


async def _send_failed(unit: CaseUnit, delivery: Delivery) -> str | None:
    """A letter was refused for good. If it was the only answer, the first response has not been given after all."""
    letter = await unit.session.scalar(select(Outbox).where(Outbox.message_id == delivery.subject_id))
    delivery.outcome = "send-failed"
    unit.tell(
        f"send-failed/{delivery.subject_id}",
        "send-failed",
        subject_id=delivery.subject_id,
        letter=letter.kind if letter else None,
        text=letter.last_error if letter else None,
    )
    if not unit.case.first_response_sent or unit.case.status not in OPEN_STATUSES:
        return None
    answered = await unit.session.scalar(
        select(Outbox.id)
        .where(
            Outbox.case_id == unit.case.id,
            Outbox.kind.in_(("reply", "article")),
            Outbox.state != OutboxState.FAILED,
        )
        .limit(1)
    )
    if answered is not None:
        return None
    unit.case.first_response_sent = False
    return "first-response"
