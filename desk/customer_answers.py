"""What a customer says on the page of their case: it counts like a mail of theirs, once for each form (domain 6.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.attachments import media_type, safe_filename
from desk.customer_view import Opened, opened, solved_in_this_life
from desk.errors import Conflict, Invalid
from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint
from letters.links import LinkSigner
from letters.senders import SENDERS, NoMailbox, sender_of
from mail.keys import message_id_hash
from mail.tokens import ReplyTokens, TokenKeys
from models.messages.addresses import ascii_domain, domain_of
from models.messages.cases import CaseStatus
from models.messages.mail_facts import LinkMethod, SenderProof
from models.messages.mailflow import DeliveryKind
from models.messages.said import said
from models.messages.storable import is_blank, text_fault
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FileStore
from storage.fulltext.entries import keep, of_mail, people_of
from storage.kept import named
from storage.repositories.customers import addresses_for
from storage.repositories.outbox import add_delivery
from storage.secrets import Keyring

LONGEST_TEXT = 20_000
MOST_FILES = 5
LARGEST_FILES = 20 * 1024 * 1024
"""Bytes of all files of one answer together."""


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content_type: str
    content: bytes


class CustomerAnswers:
    """One for the process."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        files: FileStore,
        keyring: Keyring,
        dispatcher: CaseDispatcher,
    ) -> None:
        self.database, self.definitions, self.files, self.dispatcher = database, definitions, files, dispatcher
        self.links = LinkSigner(keyring.current, keyring.keys)
        self.tokens = ReplyTokens(TokenKeys(current=keyring.current, keys=keyring.keys))

    async def write(self, token: str, text: str, uploads: Sequence[Upload], form: str, now: datetime) -> None:
        """Have the case take the answer in, once for each `form`: then what is sent again changes nothing.

        `Invalid` names `text` or `files`; `Conflict` where too much was written within a while, or the house has no mailbox;
        `LinkClosed`.
        """
        words = _words(text, uploads)
        kept = [(each, await self.files.put(each.content)) for each in uploads]
        try:
            async with self.database.write() as session:
                found = await opened(session, self.definitions, self.links, token, now)
                news = await self._take_in(session, found, words, kept, form, now)
                failpoint("customer.answer.written")
        except IntegrityError:
            return  # The same form at the same moment: the other one is there.
        failpoint("customer.answer.committed")
        if news is not None:
            await self.dispatcher.tell(news)

    async def solved(self, token: str, now: datetime) -> None:
        """The customer says that the matter is done: told once in each life of the case. `LinkClosed`."""
        async with self.database.write() as session:
            case = (await opened(session, self.definitions, self.links, token, now)).case
            if case.status != CaseStatus.ACTIVE:
                return
            made = await add_delivery(session, case.id, DeliveryKind.SOLVED, solved_in_this_life(case))
        if made is not None:
            await self.dispatcher.tell(ToTell(case.id, made.number, made.origin, made.id, DeliveryKind.SOLVED))

    async def _take_in(
        self,
        session: AsyncSession,
        found: Opened,
        words: str,
        kept: Sequence[tuple[Upload, str]],
        form: str,
        now: datetime,
    ) -> ToTell | None:
        case, contact = found.case, found.contact
        unique = hashlib.sha256(f"{found.link}/{form}".encode()).hexdigest()[:24]
        rows = (await session.execute(SENDERS, {"key": f"page/{unique}", "case_queue": case.queue})).all()
        opening = await named(session, EmailMessage, case.opening_mail_id)
        try:
            mailbox = sender_of(rows, opening).mailbox
        except NoMailbox as error:
            raise Conflict("no-mailbox", str(error)) from None
        message_id = self.tokens.message_id(case.number, f"page-{unique}", ascii_domain(domain_of(mailbox.address)))
        hashed = message_id_hash(message_id)
        known = await session.scalar(
            select(EmailMessage.id).where(EmailMessage.direction == "in", EmailMessage.message_id_hash == hashed)
        )
        if known is not None:
            return None
        sender = next(iter(await addresses_for(session, contact.id, case.id)), contact.email)
        await self._brake(session, case.id, sender, now)
        message = EmailMessage(
            id=new_id(),
            direction="in",
            case_id=None,
            mailbox_id=mailbox.id,
            message_id=message_id,
            message_id_hash=hashed,
            content_hash=hashed,
            references=[],
            sender=sender,
            sender_name=contact.name[:200],
            recipients={"to": [mailbox.address], "cc": []},
            subject=f"{case.title[:900]} [{case.number}]",
            text=words,
            html=None,
            date=now,
            automatic=None,
            sender_proof=SenderProof.PROVEN.value,
            link_method=LinkMethod.PAGE.value,
            defects=[],
        )
        session.add(message)
        await session.flush()
        people = people_of(sender, message.sender_name, message.recipients)
        keep(session, of_mail(message.id, case.id, message.subject, words, people))
        for position, (upload, digest) in enumerate(kept):
            session.add(
                Attachment(
                    id=new_id(),
                    message_id=message.id,
                    position=position,
                    filename=safe_filename(upload.filename),
                    content_type=media_type(upload.content_type),
                    content_id=None,
                    size=len(upload.content),
                    sha256=digest,
                    uploaded_by=None,
                )
            )
        made = await add_delivery(session, case.id, DeliveryKind.MAIL, message.id)
        await session.flush()
        return None if made is None else ToTell(case.id, made.number, made.origin, made.id, DeliveryKind.MAIL)

    async def _brake(self, session: AsyncSession, case_id: UUID, sender: str, now: datetime) -> None:
        """As much as mail may (email promise 7)."""
        caps = await self.definitions.organisation(session)
        since = now - timedelta(minutes=caps.sender_window_minutes)
        written = await session.scalar(
            select(func.count())
            .select_from(EmailMessage)
            .where(EmailMessage.sender == sender, EmailMessage.recorded_at >= since, EmailMessage.direction == "in")
        )
        if (written or 0) >= caps.mails_per_sender_and_case:
            raise Conflict(
                "too-many-answers",
                said(
                    "at most {mails_per_sender_and_case} within a while",
                    mails_per_sender_and_case=caps.mails_per_sender_and_case,
                ),
            )


def _words(text: str, uploads: Sequence[Upload]) -> str:
    words = text.replace("\r\n", "\n").strip()
    if is_blank(words) and not uploads:
        raise Invalid("text", said("empty"))
    rule = text_fault(words, LONGEST_TEXT)
    if rule is not None:
        raise Invalid("text", rule)
    if len(uploads) > MOST_FILES:
        raise Invalid("files", said("at most {most_files} files", most_files=MOST_FILES))
    if sum(len(each.content) for each in uploads) > LARGEST_FILES:
        raise Invalid("files", said("at most {largest_files} MB together", largest_files=LARGEST_FILES // 1024 // 1024))
    return words
