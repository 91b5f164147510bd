"""What a log tells of a mail server's error: its kind and the codes of the answer. A server's words repeat whom a mail is for."""

from __future__ import annotations

import re

_CODES = re.compile(
    r"(?<![\w.@:/-])(?:[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?|\[[A-Z][A-Z-]{2,30}\]|NO|BAD|BYE)(?![\w.@-])"
)
"""Of SMTP (RFC 5321 4.2, RFC 3463) and of IMAP (RFC 9051 7.1)."""
MOST = 3


def in_codes(error: BaseException) -> str:
    """`SmtpAuthFailed 535 5.7.8`, `ImapRefused NO [LIMIT]`."""
    return " ".join((type(error).__name__, *codes_in(str(error))))


def codes_in(words: str) -> list[str]:
    """The first codes of what a server said; none where it gave none."""
    return _CODES.findall(words)[:MOST]
