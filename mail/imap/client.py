"""What Caseloom asks of an IMAP server, and nothing more: one narrow interface, one module per library behind it.

A client is used by one task at a time. After any error but `ImapRefused` the connection is gone: open another.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from mail.account import ImapAccount
from mail.server_words import told

BATCH = 100
"""Messages per command."""


class ImapError(Exception):
    """The connection failed, or the server broke the protocol. The text names no secret, and can be stored whatever the
    server says."""

    def __init__(self, text: str = "") -> None:
        super().__init__(told(text))


class ImapTimeout(ImapError):
    """The server was silent for longer than the deadline."""


class ImapAuthFailed(ImapError):
    """The server refused the user or the password."""


class ImapRefused(ImapError):
    """The server answered NO or BAD to a command; the connection can still be used."""


class Selected(NamedTuple):
    """A folder as it was when it was selected. `uidnext` is 0 where the server does not tell it."""

    uidvalidity: int
    uidnext: int
    exists: int
    keywords: bool
    """Whether the server keeps keywords of our own naming (PERMANENTFLAGS with `\\*`)."""


class ImapClient(Protocol):
    """A logged-in connection. UIDs are those of the selected folder; they mean nothing under another `uidvalidity`."""

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[str]:
        """What the server offers after the login, in upper case."""

    @property
    @abstractmethod
    def moves(self) -> bool:
        """Whether `move` is possible: the server has MOVE (RFC 6851), or COPY and UID EXPUNGE (RFC 4315)."""

    @property
    @abstractmethod
    def notice(self) -> str | None:
        """What the server wants people to read (`[ALERT]`, RFC 3501 7.1), the last of it on this connection."""

    @abstractmethod
    async def select(self, folder: str, *, read_only: bool = False) -> Selected:
        """Opens a folder for all that follows, also the one that is open. ImapRefused: there is none of that name.

        `read_only`: nothing of it is changed, not even which messages are "recent".
        """

    @abstractmethod
    async def search_after(self, uid: int) -> list[int]:
        """The UIDs above `uid`, ascending. (`UID SEARCH UID 9:*` names the last message even if that is below 9.)

        What a server numbers beyond `mail.imap.syntax.MOST` is named as the number after that.
        """

    @abstractmethod
    async def search_up_to(self, uid: int) -> list[int]:
        """The UIDs up to `uid`, ascending."""

    @abstractmethod
    async def lists(self, uid: int) -> bool:
        """Whether a new search names the message. Only if not, it is gone: a `FETCH` may leave out what is there."""

    @abstractmethod
    async def search_unflagged(self, flag: str) -> list[int]:
        """The UIDs of the messages that do not carry `flag` (`\\Flagged`, or a keyword), ascending."""

    @abstractmethod
    async def fetch(self, uid: int) -> bytes | None:
        """The raw message, without setting `\\Seen`; None if it is gone."""

    @abstractmethod
    async def fetch_many(self, uids: Sequence[int], size: int = 0) -> dict[int, bytes]:
        """The raw messages, at most `BATCH` at a time; those that the server leaves out are left out. More: ValueError.

        All are held in memory at once: sum up `fetch_sizes` first where large ones are to be expected. `size`: that sum
        in bytes, with which the time that the server is given grows.
        """

    @abstractmethod
    async def fetch_begin(self, uid: int, size: int) -> bytes | None:
        """The first `size` bytes of a message, or all of a shorter one; None if the server leaves it out."""

    @abstractmethod
    async def fetch_sizes(self, uids: Iterable[int]) -> dict[int, int]:
        """The sizes in bytes, so that one too large is never fetched; those that the server leaves out are left out."""

    @abstractmethod
    async def fetch_flags(self, uids: Iterable[int]) -> dict[int, frozenset[str]]:
        """The flags and keywords of any number of messages."""

    @abstractmethod
    async def internal_date(self, uid: int) -> datetime | None:
        """When the message came to the server (RFC 3501 2.3.3), in UTC; None if it is gone."""

    @abstractmethod
    async def add_flag(self, uids: Iterable[int], flag: str) -> None:
        """Sets `flag` on any number of messages; those that are gone are passed over."""

    @abstractmethod
    async def move(self, uids: Iterable[int], folder: str) -> None:
        """Moves any number of messages into `folder`, which is made if it does not exist; those gone are passed over.

        ImapRefused: it cannot be made, or the server does not move (`moves`). Where the server has no MOVE, a death
        between copying and removing leaves a message in both folders.
        """

    @abstractmethod
    async def append(self, raw: bytes, folder: str, flags: Iterable[str] = ()) -> None:
        """Files `raw` in `folder`, which must exist."""

    @abstractmethod
    async def noop(self) -> None:
        """Proves that the server is alive."""

    @abstractmethod
    async def idle_wait(self, seconds: float) -> bool:
        """Waits until something happens in the folder (True) or the time is up (False).

        True says only "search again". Search *before* the first wait. What a server announces during another command it
        does not announce again: then this returns at once. Without IDLE on the server it waits a while and says True.
        """

    @abstractmethod
    async def logout(self) -> None:
        """Says goodbye and closes."""

    @abstractmethod
    async def close(self) -> None:
        """Drops the connection, whatever its state. Never fails, and may be called twice."""


class Connect(Protocol):
    """Opens a logged-in client for the length of a context; ImapError, ImapTimeout or ImapAuthFailed if it cannot."""

    def __call__(self, account: ImapAccount) -> AbstractAsyncContextManager[ImapClient]: ...


def uid_sets(uids: Iterable[int]) -> list[str]:
    """The UIDs as IMAP sequence sets of at most `BATCH` messages each: [3, 4, 5, 9] -> ["3:5,9"]."""
    ordered = sorted(set(uids))
    return [_ranges(ordered[start : start + BATCH]) for start in range(0, len(ordered), BATCH)]


def _ranges(uids: Sequence[int]) -> str:
    ranges: list[tuple[int, int]] = []
    for uid in uids:
        if ranges and ranges[-1][1] == uid - 1:
            ranges[-1] = (ranges[-1][0], uid)
        else:
            ranges.append((uid, uid))
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ranges)
