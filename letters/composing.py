"""Letters: what leaves the house, written as rows in the case's own transaction; the outbox sends it (email promise 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Uuid, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.acknowledgements import AN_HOUR, ANSWERING, Withheld, check_answerable
from letters.case_people import language_of, owner_name
from letters.customer_links import customer_link, see_your_case
from letters.drafting import LONGEST_SUBJECT, Draft, answer_to, as_html, one_line, signed, subject_of, with_number
from letters.noticing import Notice, NoticeReader, Way, by_way
from letters.senders import SENDERS, NoMailbox, Sender, sender_of
from letters.templates import CannotRender, Facts, Rendered, Templates, case_facts, in_language, is_verified, mail_facts
from letters.words import your_message
from letters.writing import write_letter
from mail.tokens import ReplyTokens
from models.messages.addresses import canonical_address
from models.messages.mail_facts import UNPROVEN_SENDER, LinkMethod, OutgoingKind
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.messages.templates import MailTemplate
from models.records.base import new_id, table_of
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage
from models.records.reference import Agent, Contact, Queue
from models.records.timeline import TimelineEntry
from storage.definitions import DefinitionKind, Definitions
from storage.kept import named

AUTO_REPLIED, AUTO_GENERATED = "auto-replied", "auto-generated"
"""What RFC 3834 calls mail that no human wrote."""

NOBODY: Facts = {"actor": {"name": ""}}
"""Of what no person of the house did."""
UNASKED = frozenset({OutgoingKind.NOTICE, OutgoingKind.SURVEY})
"""What the engine itself says, outside the thread."""


_messages = table_of(EmailMessage).c
_THREAD = (
    select(
        *(_messages[name] for name in ("direction", "message_id", "references", "automatic", "link_method")),
    )
    .where(_messages.case_id == bindparam("case", type_=Uuid()), _messages.message_id != "")
    .order_by(_messages.id)
)
_TOLD = insert(table_of(TimelineEntry))


class Letters:
    """Writes letters; every method works inside the caller's transaction and is repeat-safe by the outbox's key."""

    def __init__(self, definitions: Definitions, tokens: ReplyTokens) -> None:
        self.definitions, self.tokens, self.templates = definitions, tokens, Templates()

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
        rows = (await session.execute(SENDERS, {"key": key, "case_queue": case.queue})).all()
        if rows and rows[0].written is not None:
            return await session.get_one(EmailMessage, rows[0].written)
        opening = await named(session, EmailMessage, case.opening_mail_id)
        sender = sender_of(rows, opening)
        notice = kind in UNASKED
        text, html = signed(text, html, None if notice else sender.signature(agent))
        if not notice:
            text, html = await self._with_link(session, case, (*to, *cc), text, html)
        in_reply_to, references = (None, ()) if notice else await _thread(session, case)
        draft = Draft(
            kind=kind,
            key=key,
            subject=with_number(subject or subject_of(case, opening), case.number),
            text=text,
            html=html,
            to=tuple(dict.fromkeys(to)),
            cc=tuple(address for address in dict.fromkeys(cc) if address not in to),
            automatic=AUTO_GENERATED if notice else None,
            in_reply_to=in_reply_to,
            references=references,
            not_before=not_before,
        )
        return await write_letter(session, self.tokens, case, sender, draft, now, attachments)

    async def _with_link(
        self, session: AsyncSession, case: Case, recipients: Sequence[str], text: str, html: str | None
    ) -> tuple[str, str | None]:
        """Below everything else, the way to the customer's own page, if they alone read the letter."""
        organisation = await self.definitions.organisation(session)
        if not organisation.pages.customer_view:
            return text, html
        contact = await named(session, Contact, case.contact_id)
        link = await customer_link(session, case, contact, recipients, organisation)
        if not link:
            return text, html
        line = f"{see_your_case(await language_of(session, contact) or organisation.language)} {link}"
        return f"{text}\n\n{line}", None if html is None else f"{html}\n<p>{as_html(line)}</p>"

    async def notice(
        self, session: AsyncSession, case: Case, notice: Notice, readers: Sequence[NoticeReader], now: datetime
    ) -> None:
        """A letter to all who read it alike. Raises NoMailbox, and CannotRender for a template that is not there."""
        ways = by_way(readers, await self.definitions.organisation(session))
        said_to = await self.said(session, case, notice, ways)
        for way, to in ways.items():
            said = said_to[way]
            await self.letter(
                session,
                case,
                kind=notice.kind,
                key=notice.key if len(ways) == 1 else f"{notice.key}/{way.zone}/{way.language}/{way.customer}",
                subject=said.subject,
                text=said.text,
                html=said.html,
                to=to,
                now=now,
                not_before=notice.not_before,
            )

    async def said(
        self, session: AsyncSession, case: Case, notice: Notice, ways: Mapping[Way, tuple[str, ...]]
    ) -> dict[Way, Rendered]:
        """The notice as each way reads it, by its addresses. Raises CannotRender for a template that is not there."""
        organisation = await self.definitions.organisation(session)
        words = await self._words(session, notice)
        contact = await named(session, Contact, case.contact_id)
        owner = await owner_name(session, case)
        queue = await session.scalar(select(Queue.name).where(Queue.slug == case.queue))
        said: dict[Way, Rendered] = {}
        for way, to in ways.items():
            language, text = in_language(words, way.language, organisation.language)
            # What stays in the house is no stranger's text to a third person.
            title = case.title if not way.customer or is_verified(contact) else your_message(language)
            facts = case_facts(case, title, contact, owner, queue, organisation, link=not way.customer)
            facts["case"]["customer_link"] = await customer_link(session, case, contact, to, organisation)
            said[way] = self.templates.render(text, NOBODY | facts | notice.facts_in(way.zone))
        return said

    async def _words(self, session: AsyncSession, notice: Notice) -> MailTemplate:
        return notice.words if notice.template is None else await self._template(session, notice.template)

    async def _template(self, session: AsyncSession, slug: str) -> MailTemplate:
        found = await self.definitions.one(session, DefinitionKind.TEMPLATE, slug, MailTemplate)
        if found is None:
            raise CannotRender(f"the template {slug!r} is not active")
        return found

    async def notice_of_no_case(
        self, session: AsyncSession, notice: Notice, reader: NoticeReader, queue: str | None, now: datetime
    ) -> None:
        """To one of the house's people, by the mailbox of that queue. Raises NoMailbox, and CannotRender."""
        said = await self.said_of_no_case(session, notice, reader)
        to = (reader.address,)
        await self.letter_of_no_case(
            session, key=notice.key, subject=said.subject, text=said.text, html=said.html, to=to, queue=queue, now=now
        )

    async def said_of_no_case(self, session: AsyncSession, notice: Notice, reader: NoticeReader) -> Rendered:
        """As that reader reads it. Raises CannotRender for a template that is not there."""
        organisation = await self.definitions.organisation(session)
        words = await self._words(session, notice)
        _, text = in_language(words, reader.language, organisation.language)
        house = {"organisation": {"name": organisation.name}}
        return self.templates.render(text, house | notice.facts_in(reader.zone or organisation.time_zone))

    async def letter_of_no_case(
        self,
        session: AsyncSession,
        *,
        key: str,
        subject: str,
        text: str,
        html: str | None,
        to: Sequence[str],
        queue: str | None,
        now: datetime,
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """To people whom the house reports to, by the mailbox of that queue. Raises NoMailbox."""
        rows = (await session.execute(SENDERS, {"key": key, "case_queue": queue})).all()
        if rows and rows[0].written is not None:
            return
        draft = Draft(
            kind=OutgoingKind.NOTICE,
            key=key,
            subject=one_line(subject)[:LONGEST_SUBJECT],
            text=text,
            html=html,
            to=tuple(dict.fromkeys(to)),
            automatic=AUTO_GENERATED,
        )
        await write_letter(session, self.tokens, None, sender_of(rows, None), draft, now, attachments)

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
        rows = (await session.execute(ANSWERING, {"key": key, "case_queue": case.queue, **asked})).all()
        if rows and rows[0].written is not None:
            return await session.get_one(EmailMessage, rows[0].written)
        try:
            sender = sender_of(rows, mail)
            draft = await self._acknowledgement(session, case, key, mail, sender, rows[0])
        except (Withheld, NoMailbox, CannotRender) as reason:
            entry = {"key": "opening/not-acknowledged", "at": now, "kind": "not-acknowledged", "text": str(reason)}
            await session.execute(_TOLD, {"id": new_id(), "case_id": case.id, "data": {}, **entry})
            return None
        return None if draft is None else await write_letter(session, self.tokens, case, sender, draft, now)

    # ---- acknowledgements --------------------------------------------------------------------------------------------

    async def _acknowledgement(
        self,
        session: AsyncSession,
        case: Case,
        key: str,
        mail: EmailMessage,
        sender: Sender,
        known: Row[*tuple[Any, ...]],
    ) -> Draft | None:
        kinds = (DefinitionKind.ORGANISATION, DefinitionKind.RECORD_CREATION_RULE, DefinitionKind.TEMPLATE)
        active = await self.definitions.active(session, *kinds)
        rule = active[DefinitionKind.RECORD_CREATION_RULE].get(case.opening_rule or "")
        slug = rule.body.auto_reply_template if rule and isinstance(rule.body, RecordCreationRule) else None
        if slug is None:
            return None
        template = active[DefinitionKind.TEMPLATE].get(slug)
        if template is None or not isinstance(template.body, MailTemplate):
            raise Withheld(f"the rule's template {slug!r} is not active")
        contact = await named(session, Contact, case.contact_id)
        found = active[DefinitionKind.ORGANISATION].get("organisation")
        organisation = found.body if found and isinstance(found.body, OrganisationSettings) else OrganisationSettings()
        check_answerable(mail, sender, known, organisation.automatic_replies_per_hour)
        owner = await owner_name(session, case)
        language, text = in_language(template.body, await language_of(session, contact), organisation.language)
        verified = is_verified(contact) and UNPROVEN_SENDER not in mail.defects
        title = case.title if verified else your_message(language)
        facts = case_facts(case, title, contact, owner, sender.queue.name if sender.queue else None, organisation)
        facts["case"]["customer_link"] = await customer_link(session, case, contact, (mail.sender,), organisation)
        said = self.templates.render(text, facts | mail_facts(mail, contact, language, verified=verified))
        body, rich = signed(said.text, said.html, sender.signature(None))
        in_reply_to, references = answer_to(mail.message_id, [*mail.references, mail.message_id])
        return Draft(
            kind=OutgoingKind.ACKNOWLEDGEMENT,
            key=key,
            subject=with_number(said.subject, case.number),
            text=body,
            html=rich,
            to=(mail.sender,),
            automatic=AUTO_REPLIED,
            in_reply_to=in_reply_to,
            references=references,
        )


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
    return answer_to((theirs or letters)[-1].message_id, [*first.references, *(row.message_id for row in letters)])
