"""Reports that a mail of ours did not arrive: RFC 3464, and the forms that servers use instead of it."""

import re
from typing import Literal

from mail.charsets import decode, header_text
from mail.message import AutomaticReason, Model, ParsedMail

REPORTERS = {AutomaticReason.REPORT, AutomaticReason.NULL_SENDER, AutomaticReason.ROBOT_SENDER}
STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<!\d)([45])\d\d[ -]")
MESSAGE_ID = re.compile(r"^[ \t>]{0,20}message-id[ \t]{0,9}:\s{0,9}<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,255}")
NAMED = re.compile(r"^[ \t]{0,20}<?([^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,255}?)>?(?:[ \t]*$|:| on \d)", re.MULTILINE)
"""Where a report in words names an address: alone on its line (Exim, Sendmail, Gmail), before a colon (qmail, Yahoo,
Postfix) or before the date (Exchange)."""
FAILED = re.compile(
    r"undeliver|not (be )?delivered|unable to deliver|deliver\w{0,9} (has )?fail|failure notice|returned mail|fatal error|"
    r"did not reach|cannot be reached|mail system|qmail|address not found|unzustellbar|non remis|no se ha podido entregar",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"delay(ed)?\b|not yet been|warning message only|(be|being) retried|(still|continue) (to try|trying)", re.IGNORECASE
)
COPY = re.compile(
    r"^(-{2,}.{0,100}(copy|below this line|original|returned|unsent)|[ \t]{0,20}message-id[ \t]{0,9}:)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where our own mail begins in such a report."""
LOOKED_AT = 50_000
"""Characters of a body that are searched."""
MOST_ADDRESSES = 100

DEAD = re.compile(
    r"5\.(?:"
    r"1\.(?![78]$)\d+"  # bad destination mailbox or system; .7 and .8 speak of the sender
    r"|2\.1"  # mailbox disabled
    r"|4\.(?:4|310)"  # the domain has no host, or is none (Postfix; Exchange Online)
    r")"
)
"""Enhanced codes that say that the address itself is dead (RFC 3463). All others are about the mail, the way, a full
mailbox, size, policy or content."""
DEAD_IN_WORDS = re.compile(
    r"\b(no such (user|mailbox|recipient|address|domain)|(user|recipient|address|mailbox)( \S+)? "
    r"(is )?(unknown|not found|does not exist|doesn't exist|disabled|inactive)|"
    r"(unknown|invalid|nonexistent|non-existent) (user|recipient|mailbox|address|local part)|no mailbox( here)? by that name|"
    r"does not have an? .{0,40}account|domain not found|host not found|unrouteable address|account (is )?disabled)\b",
    re.IGNORECASE,
)


class FailedRecipient(Model):
    """`status` is the enhanced code ("5.1.1") or None; `address` in lower case."""

    address: str
    outcome: Literal["failed", "delayed"]
    status: str | None = None
    diagnostic: str = ""

    @property
    def hard(self) -> bool:
        """Whether the address itself is dead, so that nothing more should be sent to it."""
        return self.outcome == "failed" and is_dead(self.status, self.diagnostic)


class Bounce(Model):
    original_message_id: str | None
    """Of the mail that failed, without brackets; None if the report does not tell."""
    recipients: tuple[FailedRecipient, ...]


def is_dead(status: str | None, words: str) -> bool:
    """Whether a final refusal says that the address is dead. `status`: its enhanced code; without one, or if the code
    says nothing ("5.0.0"), the server's words decide: an address must not be lost for a mail that was not liked."""
    if status is not None and not status.startswith("5.0."):
        return DEAD.fullmatch(status) is not None
    return DEAD_IN_WORDS.search(words) is not None


def answered_dead(code: int | None, words: str) -> bool:
    """The same of an answer to RCPT: "550 5.1.1 <ada@x.example> no such user here" (RFC 5321 4.2.2)."""
    if code is None or not 500 <= code < 600:
        return False
    status = STATUS.search(words)
    return is_dead(status[0] if status else None, words)


def bounce(mail: ParsedMail) -> Bounce | None:
    """What the report says failed or is delayed; None if the mail is no such report."""
    reports = any(each.content_type in STATUS_PARTS for each in mail.attachments)
    if not (reports or not REPORTERS.isdisjoint(mail.automatic_reasons) or mail.return_path == "" or _listed(mail)):
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
        for block in re.split(r"\n[ \t]*\n", text[:LOOKED_AT].replace("\r", "")):
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
    """Exim and Gmail name the addresses in X-Failed-Recipients, others on lines of their own."""
    text = mail.text[:LOOKED_AT]
    copy = COPY.search(text)
    text = text[: copy.start()] if copy else text
    told_of = f"{mail.subject}\n{text}"
    tells = FAILED.search(told_of) or DELAYED.search(told_of)
    addresses = _listed(mail) or (NAMED.findall(text) if tells else [])
    status = STATUS.search(text)
    code = REPLY_CODE.search(text)
    told = status[0] if status else f"{code[1]}.0.0" if code else None
    outcome: Literal["failed", "delayed"] = "failed"
    if told.startswith("4") if told is not None else DELAYED.search(told_of):
        outcome = "delayed"
    return [
        FailedRecipient(address=address.lower(), outcome=outcome, status=told, diagnostic=_words(text, address))
        for address in dict.fromkeys(addresses[:MOST_ADDRESSES])
    ]


def _words(text: str, address: str) -> str:
    """What stands below an address in a report without parts: on qmail's and Exim's next lines, to the blank one."""
    _, _, after = text.partition(address)
    return " ".join(after.partition("\n\n")[0].split())[:500]


def _listed(mail: ParsedMail) -> list[str]:
    return [each for value in mail.headers.get("x-failed-recipients", ()) for each in ADDRESS.findall(value)]


def _original(mail: ParsedMail) -> str | None:
    """The Message-ID in what the report returns of our mail: a part, or text below it."""
    kinds = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
    returned = [decode(each.content, None)[0] for each in mail.attachments if each.content_type in kinds]
    match = next((match for text in (*returned, mail.text) if (match := MESSAGE_ID.search(text[:LOOKED_AT]))), None)
    return match[1] if match else None
