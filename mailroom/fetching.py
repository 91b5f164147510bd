"""Getting messages off a server that may fail at some of them, so that those stop neither the others nor later mail.

What fails together is asked for one by one. A message that fails alone, in whatever words the server says so, is not
delivered: it is held by its UID, and asked for again later. Gone is only what a new search no longer names.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from mail.imap.client import ImapClient, ImapError, ImapRefused
from mailroom.arrival import HeldUnread
from models.messages.mailflow import HoldReason

BATCH_BYTES = 16 * 1024 * 1024
"""What a fetch may hold in memory, unless a single message is larger."""
LARGEST_FETCH = 63 * 1024 * 1024
"""Above this the IMAP client would cut the connection; such a mail stays on the server, and the log says so."""
LARGEST_BEGIN = 256 * 1024
"""Bytes that are kept of the beginning of such a mail: its header."""
LOST_WITH = 2
"""Connections that must be lost over a message asked for alone, each just after it proved alive: one may be chance."""
LEFT_OUT = "FETCH: OK, but the message is not in the answer, and SEARCH still lists it"
EMPTIED = "FETCH: OK, but the message comes without a byte of the {size} that it has by RFC822.SIZE"


@dataclass(frozen=True)
class Fetched:
    """A message by its UID: its bytes, or why there are none. `size` in bytes, 0 where the server does not tell it.

    `begin`: the first bytes of one that is too large to be had whole.
    """

    uid: int
    size: int
    raw: bytes | None = None
    refusal: HeldUnread | None = None
    begin: bytes = b""


@dataclass(frozen=True)
class _Loss:
    said: str
    times: int


class Fetcher:
    """Of one reader of a folder, under one UIDVALIDITY: knows over its connections which messages they were lost with.

    Whatever it asks, `ImapError` other than `ImapRefused` means that the connection is lost; with the next one it asks
    for less.
    """

    def __init__(self) -> None:
        self._careful_up_to = 0
        self._losses: dict[int, _Loss] = {}
        self._sizes: dict[int, int] = {}

    async def runs(self, client: ImapClient, uids: Sequence[int]) -> list[dict[int, int]]:
        """How to ask for these UIDs, ascending: runs of UID and size, which is 0 where the server did not tell it."""
        together = [uid for uid in uids if uid > self._careful_up_to]
        self._sizes = {uid: size for uid, size in self._sizes.items() if uid in uids}
        try:
            self._sizes |= await client.fetch_sizes(together)
        except ImapRefused:
            pass  # over one of them: each is asked for alone
        except ImapError:
            self._careful_up_to = together[-1]
            raise
        alone = ({uid: self._sizes.get(uid, 0)} for uid in uids if uid <= self._careful_up_to)
        return [*alone, *_runs(together, self._sizes)]

    async def fetch(self, client: ImapClient, run: dict[int, int]) -> list[Fetched]:
        """The messages of a run, ascending; those that are gone from the server left out."""
        raw = await self._together(client, run) if len(run) > 1 else {}
        found: list[Fetched | None] = []
        for uid, size in run.items():
            whole = raw.get(uid)
            found.append(Fetched(uid, size, whole) if whole else await self._alone(client, uid, size))
        return [each for each in found if each is not None]

    async def internal_date(self, client: ImapClient, uid: int) -> datetime | None:
        """When the message came to the server; None where it does not tell, or failed at it before."""
        if uid <= self._careful_up_to:
            return None
        try:
            return await client.internal_date(uid)
        except ImapRefused:
            return None
        except ImapError:
            self._careful_up_to = uid
            raise

    async def _together(self, client: ImapClient, run: dict[int, int]) -> dict[int, bytes]:
        """Nothing if the server refuses, as it does for all if it cannot deliver one."""
        try:
            return await client.fetch_many(list(run), sum(run.values()))
        except ImapRefused:
            return {}
        except ImapError:
            self._careful_up_to = max(run)
            raise

    async def _alone(self, client: ImapClient, uid: int, size: int) -> Fetched | None:
        loss = self._losses.get(uid, _Loss("", 0))
        if loss.times >= LOST_WITH:
            del self._losses[uid]
            return _not_delivered(uid, size, loss.said)
        careful = uid <= self._careful_up_to
        if careful:  # what ends a connection that stands idle is not this message
            with suppress(ImapRefused):
                await client.noop()
        try:
            found = await fetch_alone(client, uid, size)
        except ImapRefused:
            raise
        except ImapError as error:
            self._careful_up_to = max(self._careful_up_to, uid)
            self._losses[uid] = _Loss(str(error), loss.times + careful)
            raise
        self._losses.pop(uid, None)
        return found


async def fetch_alone(client: ImapClient, uid: int, size: int = 0, *, begin: bool = False) -> Fetched | None:
    """A single message; None if it is gone from the server. Raises ImapError if the connection is lost.

    `begin`: one that the server says is too large is asked for all the same, as far as it can be had. Some servers say
    so of small ones.
    """
    told: int | None = size
    try:
        told = size or (await client.fetch_sizes([uid])).get(uid)
        if told and told > LARGEST_FETCH:
            raw = await client.fetch_begin(uid, LARGEST_FETCH) if begin else b""
            if raw and len(raw) < LARGEST_FETCH:
                return Fetched(uid, len(raw), raw)
            if raw is not None:
                why = HeldUnread(HoldReason.TOO_LARGE, f"{told} bytes, left on the server")
                return Fetched(uid, told, refusal=why, begin=raw[:LARGEST_BEGIN])
        else:
            raw = (await client.fetch_many([uid], told or 0)).get(uid)
        if raw or (raw is not None and told == 0):
            return Fetched(uid, len(raw), raw)
        said = LEFT_OUT if raw is None else EMPTIED.format(size=told or "unknown number")
    except ImapRefused as error:
        said = str(error)
    return _not_delivered(uid, told or 0, said) if await _listed(client, uid) else None


async def _listed(client: ImapClient, uid: int) -> bool:
    try:
        return await client.lists(uid)
    except ImapRefused:  # who does not say that it is gone may have it
        return True


def not_delivered(said: str) -> HeldUnread:
    """`said`: the server's words, or ours for what it did."""
    return HeldUnread(HoldReason.NOT_DELIVERED, said)


def _not_delivered(uid: int, size: int, said: str) -> Fetched:
    return Fetched(uid, size, refusal=not_delivered(said))


def _runs(uids: Sequence[int], sizes: dict[int, int]) -> list[dict[int, int]]:
    """Runs whose messages together stay below `BATCH_BYTES`, or are a single one: one that is large, or that the server
    says nothing of."""
    runs: list[dict[int, int]] = []
    filled = BATCH_BYTES
    for uid in uids:
        size = sizes.get(uid, 0)
        alone = size == 0 or size > min(BATCH_BYTES, LARGEST_FETCH)
        if alone or filled + size > BATCH_BYTES:
            runs.append({})
            filled = 0
        runs[-1][uid] = size
        filled = BATCH_BYTES if alone else filled + size
    return runs
