"""What can be wrong with a server that we start. Each message is one sentence that a user can act upon."""

from __future__ import annotations

from pathlib import Path

TAIL_LINES = 15


class ServerError(Exception):
    """A server beside us could not be started; `str()` is the sentence to show."""


class PortTaken(ServerError):
    """Another program listens where this server should."""


class BinaryMissing(ServerError):
    """The server's program is not installed in this environment."""


class ServerFailed(ServerError):
    """The server ended, or did not answer in time; `log_tail` holds the last lines that it wrote."""

    def __init__(self, what: str, log_file: Path) -> None:
        self.log_tail = tail(log_file)
        super().__init__(f"{what} Its log ({log_file}) ends:\n{self.log_tail}" if self.log_tail else what)


def tail(log_file: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, or nothing when it was never written."""
    if not log_file.exists():
        return ""
    return "\n".join(log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
