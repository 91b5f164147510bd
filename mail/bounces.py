"""Reports that a mail of ours did not arrive: RFC 3464, and the forms that servers use instead of it."""

import re
from typing import Literal

from mail.charsets import decode, header_text
from mail.message import AutomaticReason, Model, ParsedMail

REPORTERS = {AutomaticReason.REPORT, AutomaticReason.NULL_SENDER, AutomaticReason.ROBOT_SENDER}
STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<!\d)([45])\d\d[ -]")
MESSAGE_ID = re.compile(r"^\s*message-id\s*:\s*<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,255}")
QMAIL = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:\s*$", re.MULTILINE)
LOOKED_AT = 50_000
"""Characters of a body that are searched."""

# The mail failed, but through no fault of the address: full or closed mailbox, the system, the way, policy (RFC 3463).
NOT_THE_ADDRESS = {"2", "3", "4", "5", "6", "7"}


class FailedRecipient(Model):
    """`status` is the enhanced code ("5.1.1") or None; `address` in lower case."""

    address: str
    outcome: Literal["failed", "delayed"]
    status: str | None = None
    diagnostic: str = ""

    @property
    def hard(self) -> bool:
        """Whether the address itself is bad, so that nothing more should be sent to it."""
        if self.outcome == "delayed" or (self.status or "").startswith("4"):
            return False
        return self.status is None or self.status.split(".")[1] not in NOT_THE_ADDRESS


class Bounce(Model):
    original_message_id: str | None
    """Of the mail that failed, without brackets; None if the report does not tell."""
    recipients: tuple[FailedRecipient, ...]


def bounce(mail: ParsedMail) -> Bounce | None:
    """What the report says failed or is delayed; None if the mail is no such report."""
    reports = any(each.content_type in STATUS_PARTS for each in mail.attachments)
    if not (reports or mail.automatic_reason in REPORTERS or mail.return_path == "" or _listed(mail)):
        return None
    recipients = _from_status(mail) or _from_text(mail)
    if not recipients:
        return None
    return Bounce(original_message_id=_original(mail), recipients=tuple(recipients))


def _from_status(mail: ParsedMail) -> list[FailedRecipient]:
    found = []
    for attachment in mail.attachments:
        if attachment.content_type not in STATUS_PARTS:
            continue
        text, _ = decode(attachment.content, None)
        for block in re.split(r"\r?\n\s*\r?\n", text[:LOOKED_AT]):
            fields = _fields(block)
            action = fields.get("action", "").lower()
            address = ADDRESS.search(fields.get("final-recipient") or fields.get("original-recipient") or "")
            if address is None or action not in ("failed", "delayed"):
                continue
            status = STATUS.search(fields.get("status", ""))
            found.append(
                FailedRecipient(
                    address=address[0].lower(),
                    outcome="delayed" if action == "delayed" else "failed",
                    status=status[0] if status else None,
                    diagnostic=fields.get("diagnostic-code", "")[:500],
                )
            )
    return found


def _fields(block: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block)
    pairs = (line.split(":", 1) for line in unfolded.splitlines() if ":" in line)
    return {name.strip().lower(): header_text(value) for name, value in pairs}


def _from_text(mail: ParsedMail) -> list[FailedRecipient]:
    """Exim names the addresses in X-Failed-Recipients, qmail on lines of their own. Both say "failed" for good."""
    text = mail.text[:LOOKED_AT]
    addresses = _listed(mail) or (QMAIL.findall(text) if "qmail" in text or "Undeliver" in mail.subject else [])
    status = STATUS.search(text)
    code = REPLY_CODE.search(text)
    told = status[0] if status else f"{code[1]}.0.0" if code else None
    outcome: Literal["failed", "delayed"] = "delayed" if told is not None and told.startswith("4") else "failed"
    return [
        FailedRecipient(address=address.lower(), outcome=outcome, status=told) for address in dict.fromkeys(addresses)
    ]


def _listed(mail: ParsedMail) -> list[str]:
    return [each for value in mail.headers.get("x-failed-recipients", ()) for each in ADDRESS.findall(value)]


def _original(mail: ParsedMail) -> str | None:
    """The Message-ID in what the report returns of our mail: a part, or text below it."""
    kinds = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
    returned = [decode(each.content, None)[0] for each in mail.attachments if each.content_type in kinds]
    match = next((match for text in (*returned, mail.text) if (match := MESSAGE_ID.search(text[:LOOKED_AT]))), None)
    return match[1] if match else None
