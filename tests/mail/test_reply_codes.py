"""A log tells of a mail server's error its kind and its codes, and none of its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from letters.refusals import RefusedUs
from mail.imap.client import ImapAuthFailed, ImapError, ImapRefused, ImapTimeout
from mail.reply_codes import in_codes
from mail.smtp import SmtpAuthFailed, SmtpUnavailable

ROOT = Path(__file__).parents[2]
CUSTOMER = "casey.marker@customer.example"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SmtpAuthFailed(f"535 5.7.8 {CUSTOMER} is not known"), "SmtpAuthFailed 535 5.7.8"),
        (SmtpUnavailable(f"421-4.7.0 try again, {CUSTOMER}"), "SmtpUnavailable 421-4.7.0"),
        (RefusedUs(f"550 5.7.60 SMTP; no right to send as {CUSTOMER}"), "RefusedUs 550 5.7.60"),
        (SmtpUnavailable(f"mail.customer.example:587 does not answer for {CUSTOMER}"), "SmtpUnavailable"),
        (ImapAuthFailed(f"NO [AUTHENTICATIONFAILED] {CUSTOMER} unknown"), "ImapAuthFailed NO [AUTHENTICATIONFAILED]"),
        (ImapRefused(f"NO [LIMIT] too many for <{CUSTOMER}>"), "ImapRefused NO [LIMIT]"),
        (ImapError(f"BYE see you, {CUSTOMER}"), "ImapError BYE"),
        (ImapTimeout(""), "ImapTimeout"),
        (ImapError("550@customer.example 212 wrote. [Casey] NO-ONE x550 5501 550.1"), "ImapError 212"),
    ],
)
def test_the_codes_of_an_answer_and_none_of_its_words(error: Exception, told: str) -> None:
    assert in_codes(error) == told


def test_no_log_line_of_ours_has_the_words_of_an_error() -> None:
    rooms = ("letters", "mailroom", "mail", "cases", "engine", "activities", "workflows", "desk")
    lines = []
    for room in rooms:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
                    said = ast.unparse(node)
                    lines.append(said)
                    assert "str(error)" not in said, f"{file.relative_to(ROOT)}:{node.lineno}"
                    assert "{error" not in said, f"{file.relative_to(ROOT)}:{node.lineno}"
    assert len(lines) > 15
