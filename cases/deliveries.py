"""What a case hears of: its mail, letters of its own that could not be sent, and that it is part of another's thread."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from cases import families, incidents, kpis, opening, process_actions, reminders, surveys, work_events
from cases.attempts import FIRST, Attempt
from cases.facts import mail_facts
from cases.fields import of_item
from cases.incidents import SET_ASIDE, delivery_key
from cases.ledger import is_covered
from cases.merging import adopt, pass_on, retire
from cases.opener import NewCase
from cases.sendings import send_failed, webhook_ended
from cases.settling import settle
from cases.survey_answers import REOPENED_REASON, said_solved, survey_answered
from cases.unit import Because, CaseTools, CaseUnit
from cases.verbs.lifecycle import reopen
from engine.failpoints import failpoint
from letters.addresses import addressed_queue
from mail.subjects import subject_stem
from models.messages.cases import OPEN_STATUSES, CaseStatus, DeliveryInput, Outcome
from models.messages.incidents import IncidentState, StepFault
from models.messages.mail_facts import LinkMethod, RelatedAction
from models.messages.mailflow import DeliveryKind, HoldReason
from models.messages.names import arrival_name
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.said import said
from models.messages.storable import is_blank
from models.records.cases import Case
from models.records.commands import Delivery, Incident
from models.records.mails import Attachment, EmailMessage, InboundMail
from models.records.reference import Agent, Mailbox
from policies.record_creation import RelatedDecision, decide_related, rule_for
from storage.definitions import DefinitionKind
from storage.repositories import mails


class CaseDeliveries:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    async def apply_delivery(self, given: DeliveryInput, attempt: Attempt = FIRST) -> Outcome:
        """Apply once: the row says `done` in the same transaction. Another case that must hear of it is told afterwards."""
        async with self.tools.unit(given.case_id, given.now, attempt) as unit:
            delivery = await unit.session.get(Delivery, given.delivery_id)
            if delivery is None or delivery.done:
                return Outcome(snapshot=await unit.snapshot())
            unit.is_as_known(given.version)  # what follows is decided by the rows alone, also where they are ahead
            await _apply(unit, delivery)
            delivery.done = True
            snapshot = await settle(unit, done=delivery_key(delivery.id))
            failpoint("delivery.written")
        failpoint("delivery.committed")
        await self.tools.tell_onward(unit)
        return Outcome(snapshot=snapshot)

    async def set_aside(self, given: DeliveryInput, error: Exception) -> Outcome:
        """The case goes on without having heard of it; the incident says so, and can be tried again."""
        async with self.tools.unit(given.case_id, given.now) as unit:
            delivery = await unit.session.get_one(Delivery, given.delivery_id)
            step = arrival_name(DeliveryKind(delivery.kind))
            if delivery.kind == DeliveryKind.RETRY:
                incident = await _failed_again(unit, delivery, error)
            else:
                incident = await unit.set_aside(delivery_key(delivery.id), step, error, delivery.id)
            delivery.done, delivery.outcome = True, SET_ASIDE
            snapshot = await unit.snapshot()
        return Outcome(snapshot=snapshot, fault=StepFault(step=step, incident=incident))


async def _apply(unit: CaseUnit, delivery: Delivery) -> None:
    match DeliveryKind(delivery.kind):
        case DeliveryKind.OPEN:
            delivery.outcome = "opened"
        case DeliveryKind.RETRY:
            await _again(unit, delivery)
        case DeliveryKind.DISMISS:
            await _dismissed(unit, delivery)
        case DeliveryKind.RETIRE:
            await retire(unit, delivery)
        case DeliveryKind.WEBHOOK:
            await webhook_ended(unit, delivery)
        case DeliveryKind.GO_UP:
            await families.go_up(unit, delivery)
        case DeliveryKind.CLOSE:
            await families.close_with_parent(unit, delivery)
        case DeliveryKind.LINK:
            await families.become_child(unit, delivery)
        case DeliveryKind.NEW_PARENT:
            await families.take_new_parent(unit, delivery)
        case _ if unit.case.merged_into is not None:
            await pass_on(unit, delivery)
        case DeliveryKind.ADOPT:
            await adopt(unit, delivery)
        case DeliveryKind.MAIL:
            await _mail(unit, delivery)
        case DeliveryKind.BRAKED:
            await _braked(unit, delivery)
        case DeliveryKind.SURVEY_ANSWER:
            await survey_answered(unit, delivery)
        case DeliveryKind.SOLVED:
            await said_solved(unit, delivery)
        case DeliveryKind.SEND_FAILED:
            await send_failed(unit, delivery)


async def _again(unit: CaseUnit, delivery: Delivery) -> None:
    """What had been left out or set aside, as its incident's key says; commands are sent again by the desk."""
    incident = await unit.session.get_one(Incident, delivery.subject_id)
    incident.retries += 1
    if incident.state == IncidentState.OPEN:
        kind, _, name = incident.key.partition("/")
        match f"{kind}/":
            case kpis.ACTION:
                await kpis.action_again(unit, name)
            case reminders.REMINDER:
                await reminders.remind_again(unit, name)
            case work_events.NOTICES:
                await work_events.again(unit, name)
            case process_actions.ACTION:
                await process_actions.action_again(unit, name)
            case surveys.ASKING:
                await surveys.ask_again(unit, name)
            case opening.OPENING:
                await opening.part_again(unit, name)
            case "delivery/":
                set_aside = await unit.session.get_one(Delivery, UUID(name))
                await _apply(unit, set_aside)
                set_aside.done = True
            case _:
                pass  # Promises and deadlines are judged anew by the end of every write.
        incidents.close(unit.case, incident, IncidentState.DONE, unit.now)
        unit.tell(f"incident/{incident.key}/done/{incident.retries}", "incident-done", subject_id=incident.id)
    delivery.outcome = "retried"


async def _failed_again(unit: CaseUnit, delivery: Delivery, error: Exception) -> UUID:
    incident = await unit.session.get_one(Incident, delivery.subject_id)
    incident.retries += 1
    return await unit.set_aside(incident.key, incident.step, error, incident.subject_id)


async def _dismissed(unit: CaseUnit, delivery: Delivery) -> None:
    incident = await unit.session.get_one(Incident, delivery.subject_id)
    incidents.close(unit.case, incident, IncidentState.DISMISSED, unit.now)
    unit.tell(f"incident/{incident.key}/dismissed", "incident-dismissed", subject_id=incident.id, step=incident.step)
    delivery.outcome = "dismissed"


async def _mail(unit: CaseUnit, delivery: Delivery) -> None:
    """Attach, reopen, or open a related case (domain 6.4): decided here, under the case's lock."""
    case, session = unit.case, unit.session
    unit.because = Because("mail")
    message = await session.get_one(EmailMessage, delivery.subject_id)
    queue = await _queue(unit, message)
    rule = await _rule(unit, queue)
    decision = decide_related(
        rule,
        CaseStatus(case.status),
        case.resolved_on,
        unit.now,
        message.automatic is not None,
        {**await unit.facts(), **await _mail_facts(unit, rule, message)},
        entitled=await _entitled(unit, rule),
        known_sender=await _known(unit, rule, message),
        subject_changed=await _subject_changed(unit, rule, message),
    )
    made: Case | None = None
    if decision.action is RelatedAction.NEW_CASE and message.link_method == LinkMethod.OPERATOR:
        here = RelatedAction.ATTACH if case.status in OPEN_STATUSES else RelatedAction.ATTACH_ONLY
        decision = decision.model_copy(update={"action": here, "reason": said("an operator filed it here")})
    if decision.action is RelatedAction.NEW_CASE:
        made = await _related_case(unit, message, decision, queue, rule)
    else:
        message.case_id = case.id
        if decision.action is RelatedAction.REOPEN:
            await reopen(unit, REOPENED_REASON)
        if message.automatic is None:
            case.customer_replied_last = True
            await work_events.answered(unit, message, closed=decision.action is RelatedAction.ATTACH_ONLY)
    delivery.outcome = decision.action.value
    unit.tell(
        f"mail/{message.id}",
        "mail",
        subject_id=message.id,
        outcome=decision.action.value,
        automatic=message.automatic,
        method=message.link_method,
        why=decision.why(),
        related=made.number if made else None,
    )


async def _queue(unit: CaseUnit, message: EmailMessage) -> str | None:
    """The one that the mail addresses, by the address of its mailbox that it names."""
    mailbox = await unit.session.get_one(Mailbox, message.mailbox_id)
    return addressed_queue(mailbox, [*message.recipients.get("to", ()), *message.recipients.get("cc", ())])


async def _rule(unit: CaseUnit, queue: str | None) -> RecordCreationRule | None:
    active = await unit.tools.definitions.active(unit.session, DefinitionKind.RECORD_CREATION_RULE)
    bodies = [found.body for found in active[DefinitionKind.RECORD_CREATION_RULE].values()]
    return rule_for((body for body in bodies if isinstance(body, RecordCreationRule)), MAIL, queue)


async def _mail_facts(unit: CaseUnit, rule: RecordCreationRule | None, message: EmailMessage) -> dict[str, Any]:
    facts = mail_facts(message)
    if rule is not None and any(item.when is not None for item in rule.items):
        files = select(Attachment.id).where(Attachment.message_id == message.id).limit(1)
        facts["email.has_attachments"] = await unit.session.scalar(files) is not None
    return facts


async def _subject_changed(unit: CaseUnit, rule: RecordCreationRule | None, message: EmailMessage) -> bool:
    """Asked only where the rule minds: whether no mail of the case has this subject, "Re:" and our number aside."""
    if rule is None or not rule.new_case_on_changed_subject:
        return False
    known = await unit.session.scalars(
        select(EmailMessage.subject).where(EmailMessage.case_id == unit.case.id, EmailMessage.id != message.id)
    )
    stems = {subject_stem(subject, unit.case.number) for subject in (unit.case.title, *known)}
    return subject_stem(message.subject, unit.case.number) not in stems


async def _known(unit: CaseUnit, rule: RecordCreationRule | None, message: EmailMessage) -> bool:
    """Asked only where the rule minds, and a new case may come of the mail (domain 6.2)."""
    if rule is None or rule.allow_unknown_senders:
        return True
    if unit.case.status in OPEN_STATUSES and not rule.new_case_on_changed_subject:
        return True
    contact, _ = await mails.customer_of(unit.session, message.sender)
    return contact is not None


async def _entitled(unit: CaseUnit, rule: RecordCreationRule | None) -> bool:
    """Asked only where the rule requires an entitlement for a new case (domain 6.3)."""
    if rule is None or not rule.require_entitlement:
        return True
    return await is_covered(unit)


async def _related_case(
    unit: CaseUnit,
    message: EmailMessage,
    decision: RelatedDecision,
    queue: str | None,
    rule: RecordCreationRule | None,
) -> Case:
    """A new case of the same customer, linked to the one that the mail spoke of, in the queue that it arrived in."""
    given, _ = await of_item(unit.session, unit.organisation, decision.item)
    owner = select(Agent.id).where(Agent.slug == rule.owner, Agent.active) if rule and rule.owner else None
    new = NewCase(
        title="(no subject)" if is_blank(message.subject) else message.subject[:300],
        description=message.text,
        origin="email",
        account_id=unit.case.account_id,
        contact_id=unit.case.contact_id,
        **given,
        owner_id=None if owner is None else await unit.session.scalar(owner),
        queue=queue,
        opening_rule=decision.rule,
        opening_mail_id=message.id,
        linked_case_id=unit.case.id,
    )
    made = await unit.opens(new)
    message.case_id = made.id
    await unit.session.execute(update(InboundMail).where(InboundMail.message_id == message.id).values(case_id=made.id))
    return made


async def _braked(unit: CaseUnit, delivery: Delivery) -> None:
    """So much mail has come that more of it waits in quarantine (email promise 7): said once, not of each."""
    message = await unit.session.get_one(EmailMessage, delivery.subject_id)
    caps = unit.organisation
    delivery.outcome = "held"
    unit.tell(
        f"braked/{message.id}",
        "mail-held",
        text=(
            said(
                "Mail of {sender} is held: at most {mails_per_sender_and_case} on one case within "
                "{sender_window_minutes} minutes are taken in",
                sender=message.sender,
                mails_per_sender_and_case=caps.mails_per_sender_and_case,
                sender_window_minutes=caps.sender_window_minutes,
            )
        ),
        reason=HoldReason.LOOP.value,
    )
