"""Intake or the outbox in a process of its own, which dies at a failpoint as by `kill -9`.

These processes are forked from one that has loaded all modules once: to load them takes longer than everything else.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from pathlib import Path
from typing import Literal
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from activities.mailbox import MailboxActivities
from activities.outbox import OutboxActivities
from engine.failpoints import arm
from letters.outbox import OutboxSender
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.intake import MailIntake
from models.messages.mailflow import MailboxJob
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FolderStore
from storage.secrets import Keyring
from tests.support.mailroom import KEYS, Mailroom, Told
from tests.support.waiting import BOUND

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload([__name__])


async def killed_at(room: Mailroom, what: Literal["intake", "outbox"], point: str) -> None:
    """Run the activity of the mailbox "support" in a process of its own until it dies at that failpoint."""
    mailbox = room.jobs["support"].mailbox_id
    child = FORKING.Process(target=_run, args=(what, room.database.url, room.files.folder, mailbox, point))
    await asyncio.to_thread(child.start)
    await asyncio.to_thread(child.join, BOUND)
    assert child.exitcode == -signal.SIGKILL


def _run(what: str, url: str, files: Path, mailbox: UUID, point: str) -> None:
    arm(point)
    database, store, told = Database(url), FolderStore(files), Told()
    keyring, tokens = Keyring("k1", KEYS), ReplyTokens(TokenKeys(current="k1", keys=KEYS))
    if what == "intake":
        work = MailboxActivities(MailIntake(database, Definitions(), store, told, tokens, keyring)).watch_mailbox
    else:
        work = OutboxActivities(OutboxSender(database, store, told, keyring)).drain_outbox
    asyncio.run(ActivityEnvironment().run(work, MailboxJob(mailbox_id=mailbox, slug="support")))
