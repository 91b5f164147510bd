"""Taking mail in: one IMAP connection per mailbox, held by one heartbeating activity (design, "A mail's way", 1 and 2).

What is committed is flagged or moved on the server afterwards, and told to its case afterwards; a death between any two
steps repeats harmlessly, because the log, the message and the delivery each have their unique key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from engine.dispatch import CaseDispatcher
from engine.watching import SIX_HOURS, Watch
from letters.accounts import MailboxUnusable, imap_account, imap_server
from mail.imap.aioimaplib_client import connect as connect_imap
from mail.imap.client import Connect, ImapError
from mail.tokens import ReplyTokens
from mailroom.arrival import LARGEST_MAIL
from mailroom.correlating import Correlating
from mailroom.fetching import Fetched, fetch_alone, not_delivered
from mailroom.placing import Placing
from mailroom.quarantine import Quarantine
from mailroom.reader import MailboxReader
from mailroom.telling import telling
from models.messages.mailflow import MailboxJob
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FileStore
from storage.repositories import mails
from storage.secrets import Keyring, KeyringError

ASKED_FIRST = timedelta(minutes=1)


class MailIntake:
    """Takes in the mail of mailboxes.

    Args:
        trusted_servers: authserv-ids whose Authentication-Results are believed (email promise 11).
        connect: opens an IMAP connection.
        largest_mail: bytes; a larger one is held.
        longest: after which the activity returns by itself.
        asked_first: the shortest pause before a mail that was not delivered is asked for again.
    """

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        files: FileStore,
        dispatcher: CaseDispatcher,
        tokens: ReplyTokens,
        keyring: Keyring,
        *,
        trusted_servers: Iterable[str] = (),
        connect: Connect = connect_imap,
        largest_mail: int = LARGEST_MAIL,
        longest: timedelta = SIX_HOURS,
        asked_first: timedelta = ASKED_FIRST,
    ) -> None:
        self.database, self.files, self.dispatcher, self.keyring = database, files, dispatcher, keyring
        self.connect, self.largest_mail, self.longest = connect, largest_mail, longest
        self.asked_first = asked_first
        self.placing = Placing(database, definitions, Correlating(tokens, trusted_servers))
        self.quarantine = Quarantine(database, files, self.placing, dispatcher, largest_mail=largest_mail, ask=self.ask)

    async def watch(self, job: MailboxJob, watch: Watch) -> bool:
        """Until the hours are over or another reader took the mailbox (True), or it is gone or inactive (False)."""
        async with self.database.write() as session:
            mailbox = await mails.take_epoch(session, job.mailbox_id)
        if mailbox is None or not mailbox.active:
            return False
        async with telling(self.dispatcher) as teller:
            return await MailboxReader(self, mailbox, watch, teller).run()

    async def ask(self, mailbox: Mailbox, entry: InboundMail) -> Fetched | None:
        """Asks once more, over a connection of its own, for a mail that is not here; None if it is gone.

        It is flagged or moved when the mailbox's reader connects the next time.
        """
        try:
            async with self.connect(imap_account(mailbox, self.keyring)) as client:
                folder = await client.select(imap_server(mailbox).folder, read_only=True)
                if folder.uidvalidity != entry.uidvalidity:
                    return None
                return await fetch_alone(client, entry.uid, begin=True)
        except (ImapError, MailboxUnusable, KeyringError) as error:
            return Fetched(entry.uid, entry.raw_size, refusal=not_delivered(str(error)))
