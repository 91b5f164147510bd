"""A record creation rule, tried on the mails of a past period (domain 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case as when
from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.facts import facts_of, mail_facts
from desk.errors import Invalid
from desk.trying.past import RecordsThen, changes_of, noted, rewound
from desk.trying.periods import AT_ONCE, MOST, Tell, check_period, chosen_version, nobody
from desk.trying.routing import COLUMNS, columns_asked
from desk.trying.tally import Tally
from letters.addresses import addressed_queue
from mail.subjects import subject_stem
from mailroom.creating import arriving_facts, entitled, ids_of
from models.messages.api_trying import CreationTried, MailDifference, MailOutcome, TriedOutcome
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.mail_facts import CreationVerdict, FileReason, MailFacts
from models.messages.mailflow import HoldReason, MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.said import said
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage, InboundMail
from models.records.reference import Mailbox
from models.records.timeline import TimelineEntry
from policies.record_creation import decide_new, decide_related
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.sqlite import aside

BECAME = {
    MailVerdict.OPENED: CreationVerdict.OPEN,
    MailVerdict.HELD: CreationVerdict.HOLD,
    MailVerdict.FILED: CreationVerdict.FILE,
}
BY_RULE = frozenset(
    {
        *(HoldReason.NO_SENDER, HoldReason.BLANK, HoldReason.NO_RULE, HoldReason.SENDER_UNKNOWN),
        *(HoldReason.NO_ENTITLEMENT, FileReason.AUTOMATIC, FileReason.BY_ITEM, FileReason.NO_ITEM),
    }
)
"""Why a rule holds or files. What has another reason, no rule was asked about."""
_MAIL = ("id", "sender", "subject", "recipients", "automatic", "unanswerable", "via")
_CASE = tuple(dict.fromkeys((*COLUMNS, "id", "number", "title", "status", "resolved_on")))
_SOME_TEXT = 1_000
"""Letters of a mail without a subject that are looked at: whether it says anything at all."""


class _Mail(NamedTuple):
    entry: Any
    """Its row of the log, with the number of its case."""
    message: Any
    queue: str | None


async def try_creation(
    database: Database,
    key: str,
    version: int | None,
    since: datetime,
    until: datetime,
    most: int = MOST,
    tell: Tell = nobody,
) -> CreationTried:
    """What a version would have made of the mails to its queue; without one the latest, which is the draft if there is one.

    `NotFound` for an unknown rule or version, `Invalid` for a period that is none, and for a rule about activities.
    """
    check_period(since, until)
    definitions = Definitions()
    async with database.read() as session:
        chosen, rule = await chosen_version(
            session, DefinitionKind.RECORD_CREATION_RULE, key, version, RecordCreationRule
        )
        if rule.source != MAIL:
            raise Invalid("source", said("only rules about mail are tried; this one is about activities"))
        organisation = await definitions.organisation(session)
        mailboxes = {row.id: row for row in await session.scalars(select(Mailbox))}
        trial = _Trial(rule, organisation, mailboxes)
        with aside():
            await trial.then.begin(session, since)
    after: UUID | None = None
    while trial.decisions < most:
        async with database.read() as session:
            with aside():
                mails = await _mails(session, mailboxes, since, until, after)
                await trial.judge(session, [mail for mail in mails if mail.queue == rule.queue])
        if len(mails) < AT_ONCE:
            return trial.tried(chosen, complete=True)
        after = mails[-1].entry.id
        tell(trial.decisions, mails[-1].entry.received_on)
        await asyncio.sleep(0)
    return trial.tried(chosen, complete=False)


class _Trial(Tally[MailOutcome, MailDifference]):
    def __init__(self, rule: RecordCreationRule, organisation: OrganisationSettings, mailboxes: Mapping[UUID, Mailbox]):
        super().__init__()
        self.rule, self.organisation, self.mailboxes, self.then = rule, organisation, mailboxes, RecordsThen()
        self.asked = columns_asked(rule) | {"title", "status", "resolved_on", "account_id", "contact_id"}

    async def judge(self, session: AsyncSession, mails: Sequence[_Mail]) -> None:
        contacts = await self.then.senders(session, {mail.message.sender for mail in mails})
        told = await _told(session, [mail for mail in mails if mail.entry.verdict == MailVerdict.ATTACHED])
        ids = {entry.case_id for entry in told.values()}
        today = await _cases(session, ids)
        changes, known = await changes_of(session, ids, self.asked), await noted(session, ids)
        stood = {
            id: rewound(today[entry.case_id], (each for key, each in changes[entry.case_id] if key >= entry.id))
            for id, entry in told.items()
        }
        await self.then.load(session, list(stood.values()))
        for mail in mails:
            if mail.entry.id in told and told[mail.entry.id].data["outcome"] == MailVerdict.OPENED:
                continue  # It was attached, and somebody has split it off since: the case that it opened is no rule's work.
            # A contact that was made of this very mail did not know it.
            before = [id for id in contacts.get(mail.message.sender, ()) if id < mail.message.id]
            sender = self.then.sender(before, mail.message.sender, mail.entry.received_on)
            if (entry := told.get(mail.entry.id)) is not None:
                self.uncertain += entry.case_id not in known
                await self._related(session, mail, stood[mail.entry.id], entry, known_sender=sender[0] is not None)
            elif mail.entry.verdict == MailVerdict.OPENED or mail.entry.reason in BY_RULE:
                await self._new(session, mail, *sender)

    async def _new(self, session: AsyncSession, mail: _Mail, contact: Any, account: Any) -> None:
        message = mail.message
        said = {**mail_facts(message), "email.has_attachments": message.has_attachments}
        facts = arriving_facts(said, contact, account, mail.queue)
        asked = MailFacts(
            sender=message.sender or None,
            automatic=message.automatic,
            has_subject=bool(message.subject.strip()),
            has_text=bool(message.some_text.strip()),
            has_attachments=message.has_attachments,
            known_sender=contact is not None,
        )
        decision = decide_new(self.rule, asked, facts)
        if decision.action is CreationVerdict.OPEN and self.rule.require_entitlement:
            self.uncertain += 1
            at = mail.entry.received_on
            if not await entitled(session, self.organisation, self.rule, decision.item, ids_of(contact), at):
                decision = decide_new(self.rule, asked.model_copy(update={"entitled": False}), facts)
        would = MailOutcome(
            outcome=decision.action, reason=decision.reason, item=decision.item.name if decision.item else None
        )
        entry = mail.entry
        did = MailOutcome(outcome=BECAME[MailVerdict(entry.verdict)], reason=entry.reason, item=entry.item)
        self._decided(mail, did, would, entry.rule, decision.why())

    async def _related(self, session: AsyncSession, mail: _Mail, case: Any, told: Any, *, known_sender: bool) -> None:
        named = {kind: self.then.named(case, kind, told.at) for kind in ("account", "contact", "entitlement")}
        facts = facts_of(case, owner=self.then.owner(case), mail=mail.message, **named)
        covered = True
        if self.rule.require_entitlement:
            self.uncertain += 1
            covered = await entitled(session, self.organisation, self.rule, None, ids_of(named["contact"]), told.at)
        decision = decide_related(
            self.rule,
            CaseStatus(case.status),
            case.resolved_on,
            told.at,
            mail.message.automatic is not None,
            {**facts, "email.has_attachments": mail.message.has_attachments},
            entitled=covered,
            known_sender=self.rule.allow_unknown_senders or known_sender,
            subject_changed=await self._another_subject(session, mail, case),
        )
        did, would = MailOutcome(outcome=told.data["outcome"]), MailOutcome(outcome=decision.action)
        self._decided(mail, did, would, mail.entry.rule, decision.why())

    async def _another_subject(self, session: AsyncSession, mail: _Mail, case: Any) -> bool:
        """Asked only where the rule minds, as a case does when it hears of the mail."""
        if not self.rule.new_case_on_changed_subject or case.status not in OPEN_STATUSES:
            return False
        of_case = (EmailMessage.case_id == case.id, EmailMessage.id < mail.message.id)
        known = await session.scalars(select(EmailMessage.subject).where(*of_case))
        stems = {subject_stem(subject, case.number) for subject in (case.title, *known)}
        return subject_stem(mail.message.subject, case.number) not in stems

    def _decided(self, mail: _Mail, did: MailOutcome, would: MailOutcome, did_by: str | None, why: str) -> None:
        self.add(
            did,
            would,
            lambda: MailDifference(
                mailbox=self.mailboxes[mail.entry.mailbox_id].slug,
                entry=mail.entry.id,
                case=mail.entry.case_number,
                at=mail.entry.received_on,
                did=did,
                did_by=did_by,
                would=would,
                why=why,
            ),
        )

    def tried(self, version: int, *, complete: bool) -> CreationTried:
        return CreationTried(
            slug=self.rule.slug,
            version=version,
            decisions=self.decisions,
            complete=complete,
            outcomes=self.ends(TriedOutcome),
            **self.told(),
        )


async def _mails(
    session: AsyncSession, mailboxes: Mapping[UUID, Mailbox], since: datetime, until: datetime, after: UUID | None
) -> list[_Mail]:
    log = ("id", "mailbox_id", "received_on", "verdict", "reason", "rule", "item")
    no_subject = func.trim(EmailMessage.subject) == ""
    wanted = (
        select(
            *(getattr(InboundMail, name) for name in log),
            *(getattr(EmailMessage, name).label(f"mail_{name}") for name in _MAIL),
            *(InboundMail.case_id, Case.number.label("case_number"), Case.linked_case_id),
            when((no_subject, func.substr(EmailMessage.text, 1, _SOME_TEXT)), else_="").label("mail_some_text"),
            exists().where(Attachment.message_id == EmailMessage.id).label("mail_has_attachments"),
        )
        .join(EmailMessage, EmailMessage.id == InboundMail.message_id)
        .outerjoin(Case, Case.id == InboundMail.case_id)
        .where(
            InboundMail.received_on >= since,
            InboundMail.received_on < until,
            or_(InboundMail.verdict.in_(BECAME), InboundMail.verdict == MailVerdict.ATTACHED),
        )
        .order_by(InboundMail.id)
        .limit(AT_ONCE)
    )
    rows = await session.execute(wanted if after is None else wanted.where(InboundMail.id > after))
    found = []
    for row in rows:
        message = SimpleNamespace(
            **{name: getattr(row, f"mail_{name}") for name in (*_MAIL, "some_text", "has_attachments")}
        )
        named = [*message.recipients.get("to", ()), *message.recipients.get("cc", ())]
        found.append(_Mail(row, message, addressed_queue(mailboxes[row.mailbox_id], named)))
    return found


async def _told(session: AsyncSession, mails: Sequence[_Mail]) -> dict[UUID, Any]:
    """What the cases told of these mails, by the row of the log. A mail of which a case of its own was made is told of by the
    case that this one is linked to."""
    if not mails:
        return {}
    by_key = {f"mail/{mail.message.id}": mail.entry for mail in mails}
    cases = {id for mail in mails for id in (mail.entry.case_id, mail.entry.linked_case_id) if id}
    columns = (TimelineEntry.id, TimelineEntry.case_id, TimelineEntry.key, TimelineEntry.at, TimelineEntry.data)
    wanted = select(*columns).where(TimelineEntry.case_id.in_(cases), TimelineEntry.key.in_(by_key))
    # What went up in another case is told of by that one as well, in the words of the first.
    rows = await session.execute(wanted.order_by(TimelineEntry.id.desc()))
    return {by_key[row.key].id: row for row in rows if "outcome" in row.data}


async def _cases(session: AsyncSession, ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    columns = [getattr(Case, name) for name in _CASE]
    return {
        row["id"]: dict(row) for row in (await session.execute(select(*columns).where(Case.id.in_(ids)))).mappings()
    }
