"""Letters: what leaves the house, written as rows in the case's own transaction; the outbox sends it (email promise 12)."""

from __future__ import annotations

import hashlib
import html as html_entities
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import Integer, Row, Uuid, bindparam, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.addresses import own_addresses
from letters.words import personal_name, your_message
from mail.compose import subject_reply, thread
from mail.keys import message_id_hash
from mail.tokens import ReplyTokens
from models.messages.addresses import ascii_domain, canonical_address, domain_of
from models.messages.mail_facts import DMARC_FAILED, UNPROVEN_SENDER, LinkMethod, OutgoingKind, SenderProof
from models.messages.mailflow import OutboxState
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.messages.templates import MailTemplate, TemplateText
from models.records.base import UtcInstant, looked_for, new_id, table_of, values_of
from models.records.cases import Case, TimelineEntry
from models.records.mails import Attachment, EmailMessage, Outbox, Suppression
from models.records.reference import Account, Agent, Contact, Mailbox, Queue
from storage.definitions import DefinitionKind, Definitions
from storage.kept import named

AN_HOUR = timedelta(hours=1)
AUTO_REPLIED, AUTO_GENERATED = "auto-replied", "auto-generated"
"""What RFC 3834 calls mail that no human wrote."""


COMPILED_TEMPLATES = 200
LONGEST_SUBJECT = 900
"""Characters before our number, so that the header's line stays within 998 (RFC 5322 2.1.1) and the number on it."""


class NoMailbox(LookupError):
    """No active mailbox that the letter could leave by."""


class _Withheld(Exception):
    """Why a case gets no acknowledgement although its rule has one: told on its timeline."""


class _Mailbox(NamedTuple):
    id: UUID
    address: str
    display_name: str
    queue: str | None
    settings: dict[str, Any]
    active: bool


class _Queue(NamedTuple):
    name: str
    signature: str | None
    mailbox_id: UUID | None


@dataclass(frozen=True)
class _Sender:
    """The mailbox that a letter leaves by, and the queue that signs it."""

    mailbox: _Mailbox
    queue: _Queue | None
    own_addresses: frozenset[str]


@dataclass(frozen=True)
class _Draft:
    kind: str
    key: str
    subject: str
    text: str
    html: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    automatic: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    not_before: datetime | None = None


# Built once: an acknowledgement is written for nearly every case.
_mailboxes, _queues, _messages = table_of(Mailbox).c, table_of(Queue).c, table_of(EmailMessage).c
_letters, _cases, _suppressions = table_of(Outbox).c, table_of(Case).c, table_of(Suppression).c
_SENDERS = (
    select(
        select(_letters.message_id).where(_letters.key == looked_for("key")).scalar_subquery().label("written"),
        *(_mailboxes[name] for name in _Mailbox._fields),
        *(_queues[name] for name in _Queue._fields),
    )
    .select_from(table_of(Mailbox).outerjoin(table_of(Queue), _queues.slug == looked_for("case_queue")))
    .order_by(_mailboxes.slug)
)
"""What was written under a key before, and every mailbox beside the case's queue."""
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
_ANSWERING = _SENDERS.add_columns(
    select(func.count()).select_from(_RECENT.subquery()).scalar_subquery().label("recent"),
    exists(select(_suppressions.id).where(_suppressions.address == looked_for("address"))).label("suppressed"),
)
_THREAD = (
    select(
        *(_messages[name] for name in ("direction", "message_id", "references", "automatic", "link_method")),
    )
    .where(_messages.case_id == bindparam("case", type_=Uuid()), _messages.message_id != "")
    .order_by(_messages.id)
)
_MESSAGE, _LETTER, _TOLD = insert(table_of(EmailMessage)), insert(table_of(Outbox)), insert(table_of(TimelineEntry))


class Letters:
    """Writes letters; every method works inside the caller's transaction and is repeat-safe by the outbox's key."""

    def __init__(self, definitions: Definitions, tokens: ReplyTokens) -> None:
        self.definitions, self.tokens = definitions, tokens
        # Compiling takes longer than rendering, and a template's text changes once in months.
        self._plain = lru_cache(maxsize=COMPILED_TEMPLATES)(_templates(escaped=False).from_string)
        self._rich = lru_cache(maxsize=COMPILED_TEMPLATES)(_templates(escaped=True).from_string)

    # ---- letters -----------------------------------------------------------------------------------------------------

    async def letter(
        self,
        session: AsyncSession,
        case: Case,
        *,
        kind: str,
        key: str,
        text: str,
        to: Sequence[str],
        now: datetime,
        html: str | None = None,
        cc: Sequence[str] = (),
        subject: str | None = None,
        agent: Agent | None = None,
        attachments: Sequence[Attachment] = (),
        not_before: datetime | None = None,
    ) -> EmailMessage:
        """The letter of this key, written now or before; `kind` is one of `OutgoingKind`.

        A notice goes to people of the house, outside the thread. `agent` signs with their name. `not_before`: wall
        time before which it does not leave. Raises NoMailbox.
        """
        rows = (await session.execute(_SENDERS, {"key": key, "case_queue": case.queue})).all()
        if rows and rows[0].written is not None:
            return await session.get_one(EmailMessage, rows[0].written)
        opening = await named(session, EmailMessage, case.opening_mail_id)
        sender = _sender(rows, opening)
        notice = OutgoingKind(kind) is OutgoingKind.NOTICE
        text, html = _signed(text, html, None if notice else _signature(sender, agent))
        in_reply_to, references = (None, ()) if notice else await _thread(session, case)
        draft = _Draft(
            kind=kind,
            key=key,
            subject=_with_number(subject or _subject(case, opening), case.number),
            text=text,
            html=html,
            to=tuple(dict.fromkeys(to)),
            cc=tuple(address for address in dict.fromkeys(cc) if address not in to),
            automatic=AUTO_GENERATED if notice else None,
            in_reply_to=in_reply_to,
            references=references,
            not_before=not_before,
        )
        return await self._write(session, case, sender, draft, now, attachments)

    async def acknowledgement(self, session: AsyncSession, case: Case, now: datetime) -> EmailMessage | None:
        """The auto-reply of the case's opening rule, to the sender of its opening mail; None if there is to be none.

        Why one was withheld, or failed, stands on the case's timeline: it never stops the opening.
        """
        mail = await named(session, EmailMessage, case.opening_mail_id)
        if case.opening_rule is None or mail is None:
            return None
        key = f"ack/{case.id}"
        most = (await self.definitions.organisation(session)).automatic_replies_per_hour
        since = datetime.now(UTC) - AN_HOUR
        asked = {"sender": mail.sender, "address": canonical_address(mail.sender), "since": since, "most": most}
        rows = (await session.execute(_ANSWERING, {"key": key, "case_queue": case.queue, **asked})).all()
        if rows and rows[0].written is not None:
            return await session.get_one(EmailMessage, rows[0].written)
        try:
            sender = _sender(rows, mail)
            draft = await self._acknowledgement(session, case, key, mail, sender, rows[0])
        except (_Withheld, NoMailbox) as reason:
            entry = {"key": "opening/not-acknowledged", "at": now, "kind": "not-acknowledged", "text": str(reason)}
            await session.execute(_TOLD, {"id": new_id(), "case_id": case.id, "data": {}, **entry})
            return None
        return None if draft is None else await self._write(session, case, sender, draft, now)

    # ---- acknowledgements --------------------------------------------------------------------------------------------

    async def _acknowledgement(
        self,
        session: AsyncSession,
        case: Case,
        key: str,
        mail: EmailMessage,
        sender: _Sender,
        known: Row[*tuple[Any, ...]],
    ) -> _Draft | None:
        kinds = (DefinitionKind.ORGANISATION, DefinitionKind.RECORD_CREATION_RULE, DefinitionKind.TEMPLATE)
        active = await self.definitions.active(session, *kinds)
        rule = active[DefinitionKind.RECORD_CREATION_RULE].get(case.opening_rule or "")
        slug = rule.body.auto_reply_template if rule and isinstance(rule.body, RecordCreationRule) else None
        if slug is None:
            return None
        template = active[DefinitionKind.TEMPLATE].get(slug)
        if template is None or not isinstance(template.body, MailTemplate):
            raise _Withheld(f"the rule's template {slug!r} is not active")
        contact = await named(session, Contact, case.contact_id)
        found = active[DefinitionKind.ORGANISATION].get("organisation")
        organisation = found.body if found and isinstance(found.body, OrganisationSettings) else OrganisationSettings()
        _check(mail, sender, known, organisation.automatic_replies_per_hour)
        account = await named(session, Account, contact.account_id if contact else None)
        wanted = (contact.language if contact else None) or (account.language if account else None)
        language, text = _in_language(template.body, wanted, organisation.language)
        facts = _template_facts(case, mail, contact, sender.queue, organisation, language)
        body = self._render(self._plain, text.body, facts)
        rich = None if text.html is None else self._render(self._rich, text.html, facts)
        body, rich = _signed(body.rstrip(), rich, _signature(sender, None))
        in_reply_to, references = _answer_to(mail.message_id, [*mail.references, mail.message_id])
        return _Draft(
            kind=OutgoingKind.ACKNOWLEDGEMENT,
            key=key,
            subject=_with_number(self._render(self._plain, text.subject, facts), case.number),
            text=body,
            html=rich,
            to=(mail.sender,),
            automatic=AUTO_REPLIED,
            in_reply_to=in_reply_to,
            references=references,
        )

    def _render(self, compiled: Callable[[str], Template], source: str, facts: dict[str, Any]) -> str:
        try:
            return compiled(source).render(facts)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise _Withheld(f"the template cannot be rendered: {error}") from None

    # ---- rows --------------------------------------------------------------------------------------------------------

    async def _write(
        self,
        session: AsyncSession,
        case: Case,
        sender: _Sender,
        draft: _Draft,
        now: datetime,
        attachments: Sequence[Attachment] = (),
    ) -> EmailMessage:
        """The message with the Message-ID that it will always have, and its place in the outbox."""
        mailbox = sender.mailbox
        unique = hashlib.sha256(draft.key.encode()).hexdigest()[:20]
        message_id = self.tokens.message_id(case.number, unique, ascii_domain(domain_of(mailbox.address)))
        message = EmailMessage(
            id=new_id(),
            direction="out",
            case_id=case.id,
            mailbox_id=mailbox.id,
            message_id=message_id,
            message_id_hash=message_id_hash(message_id),
            content_hash=hashlib.sha256(f"{draft.subject}\0{draft.text}\0{draft.html or ''}".encode()).hexdigest(),
            in_reply_to=draft.in_reply_to,
            references=list(draft.references),
            sender=mailbox.address,
            sender_name=mailbox.display_name,
            recipients={"to": list(draft.to), "cc": list(draft.cc)},
            subject=draft.subject,
            text=draft.text,
            html=draft.html,
            date=now,
            automatic=draft.automatic,
            defects=[],
        )
        await session.execute(_MESSAGE, values_of(message))
        for position, attachment in enumerate(attachments):
            attachment.message_id, attachment.position = message.id, position
        await session.execute(
            _LETTER,
            {
                "id": new_id(),
                "key": draft.key,
                "mailbox_id": mailbox.id,
                "case_id": case.id,
                "message_id": message.id,
                "envelope_from": mailbox.address,
                "envelope_to": [*draft.to, *draft.cc],
                "state": OutboxState.QUEUED,
                "kind": draft.kind,
                "not_before": draft.not_before,
            },
        )
        return message


def _sender(rows: Sequence[Row[*tuple[Any, ...]]], opening: EmailMessage | None) -> _Sender:
    """The queue's mailbox; else the one that the case came through; else the first active one. `rows`: of `_SENDERS`."""
    mailboxes = [_Mailbox._make(row[1 : 1 + len(_Mailbox._fields)]) for row in rows]
    active = {mailbox.id: mailbox for mailbox in mailboxes if mailbox.active}
    queue = _Queue._make(rows[0][1 + len(_Mailbox._fields) :][: len(_Queue._fields)]) if rows else None
    queue = queue if queue and queue.name is not None else None
    wanted = [queue.mailbox_id if queue else None, opening.mailbox_id if opening else None, *active]
    chosen = next((active[id] for id in wanted if id in active), None)
    if chosen is None:
        raise NoMailbox("no mailbox is active: nothing can be sent")
    return _Sender(chosen, queue, own_addresses(mailboxes))


def _check(mail: EmailMessage, sender: _Sender, known: Row[*tuple[Any, ...]], most: int) -> None:
    """RFC 3834, and brakes that need no header (email promises 6, 7, 13). `known`: of `_ANSWERING`."""
    if mail.automatic is not None:
        raise _Withheld(f"the mail is automatic ({mail.automatic})")
    if mail.unanswerable is not None:
        raise _Withheld(f"the mail must not be answered automatically ({mail.unanswerable})")
    if not mail.sender or canonical_address(mail.sender) in sender.own_addresses:
        raise _Withheld("the mail names no sender of another house")
    if DMARC_FAILED in mail.defects:
        raise _Withheld("the sender is not proven (DMARC failed, or several From fields)")
    if known.suppressed:
        raise _Withheld("the sender's address is on the suppression list")
    if known.recent >= most:
        raise _Withheld(f"{most} automatic replies to this address within an hour, which is the most that it gets")


async def _thread(session: AsyncSession, case: Case) -> tuple[str | None, tuple[str, ...]]:
    """In-Reply-To: what the customer wrote last, else our own last letter. References: the whole correspondence."""
    rows = await session.execute(_THREAD, {"case": case.id})
    # Notices to our own people are no part of the customer's thread, nor is what machines sent in, unless somebody found
    # that a person did.
    by_people = (None, AUTO_REPLIED)
    letters = [row for row in rows if row.automatic in by_people or row.link_method == LinkMethod.OPERATOR]
    if not letters:
        return None, ()
    theirs = [row for row in letters if row.direction == "in"]
    first = (theirs or letters)[0]
    return _answer_to((theirs or letters)[-1].message_id, [*first.references, *(row.message_id for row in letters)])


def _answer_to(message_id: str, before: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    return (message_id, thread(tuple(dict.fromkeys(before)), message_id)) if message_id else (None, ())


def _subject(case: Case, opening: EmailMessage | None) -> str:
    """ "Re:" and the stem of the mail that opened the case; the title of one that did not come by mail."""
    return subject_reply(opening.subject) if opening and opening.subject.strip() else case.title


def _with_number(subject: str, number: str) -> str:
    line = _one_line(subject)[:LONGEST_SUBJECT].rstrip()
    return line if f"[{number}]" in line else f"{line} [{number}]".strip()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _signature(sender: _Sender, agent: Agent | None) -> str | None:
    parts = [agent.name if agent else None, sender.queue.signature if sender.queue else None]
    return "\n".join(part for part in parts if part) or None


def _signed(text: str, html: str | None, signature: str | None) -> tuple[str, str | None]:
    """Both forms with the signature below; "-- " is how programs know one (RFC 3676 4.3)."""
    if signature is None:
        return text, html
    rich = None if html is None else f"{html}\n<p>-- <br>{_lines(signature)}</p>"
    return f"{text.rstrip()}\n\n-- \n{signature}", rich


def _templates(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=escaped, keep_trailing_newline=True)


def _lines(text: str) -> str:
    return html_entities.escape(text).replace("\n", "<br>")


def _in_language(template: MailTemplate, wanted: str | None, fallback: str) -> tuple[str, TemplateText]:
    """The contact's language, its base (`de` for `de-AT`), the organisation's, and whatever there is; with its name."""
    for language in (wanted, wanted and wanted.partition("-")[0], fallback, fallback.partition("-")[0]):
        if language and language in template.texts:
            return language, template.texts[language]
    return next(iter(template.texts.items()))


def _template_facts(
    case: Case,
    mail: EmailMessage,
    contact: Contact | None,
    queue: _Queue | None,
    organisation: OrganisationSettings,
    language: str,
) -> dict[str, Any]:
    """What a template may name, in words of its own language. Promise 13: nothing that an unverified sender wrote."""
    # A contact without slug was made from this or an earlier mail: nobody has vouched for what it calls itself. And what
    # a form brings may be a stranger's, whomever it names.
    verified = contact is not None and contact.slug is not None and UNPROVEN_SENDER not in mail.defects
    proven = verified or mail.sender_proof == SenderProof.PROVEN
    return {
        "case": {"number": case.number, "title": case.title if verified else your_message(language)},
        "contact": {"name": contact.name if contact and verified else mail.sender},
        "queue": {"name": queue.name if queue else organisation.name},
        "organisation": {"name": organisation.name},
        "mail": {
            "subject": mail.subject if verified else your_message(language),
            "sender_name": personal_name(mail.sender_name or "") if proven else "",
        },
    }


__all__ = ["Letters", "NoMailbox"]
