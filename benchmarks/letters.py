"""Customers' mails, put into the mailbox over SMTP before anybody reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import uuid4

from aiosmtplib import SMTP

from benchmarks.site import Site
from servers.ports import LOCALHOST

ADDRESS = "bench@desk.example"
TEXT = "Hello,\n\nthe speaker does not pair with my phone any more, since yesterday.\n\n" * 5


def letter(number: int, reply_to: str | None = None) -> EmailMessage:
    """A mail of about a kilobyte, from one of the hundred customers."""
    message = EmailMessage()
    message["From"] = f"Customer {number % 100:03} <c{number % 100:03}@customers.example>"
    message["To"] = ADDRESS
    message["Subject"] = f"Does not pair ({number})"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid4().hex}@customers.example>"
    if reply_to is not None:
        message["In-Reply-To"] = message["References"] = reply_to
    message.set_content(TEXT)
    return message


async def post(site: Site, letters: Iterable[EmailMessage]) -> None:
    async with SMTP(hostname=LOCALHOST, port=site.smtp_port, use_tls=False, start_tls=False) as connection:
        for each in letters:
            await connection.send_message(each)
