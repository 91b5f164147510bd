"""Reports about the delivery of a mail of ours: RFC 3464, and the forms that servers use instead of it.

A report comes from a mail server. What a person forwards, quotes or asks about a report is none, nor are the other
reports that machines send: receipts (RFC 8098), complaints (RFC 5965), figures about DMARC and TLS, answers of somebody
who is away.
"""

import re
from collections.abc import Iterator

from mail.bounce_fields import RECIPIENTS, FailedRecipient, addresses, blocks, read_fields
from mail.bounce_words import ADDRESS, LOOKED_AT, MOST_ADDRESSES, Told, announces, read_words
from mail.charsets import decode
from mail.dead import answered_dead, is_dead
from mail.message import MailAttachment, Model, ParsedMail
from mail.patterns import any_of
from mail.tokens import TOKEN
from models.messages.addresses import canonical_address, domain_of

__all__ = ["Bounce", "FailedRecipient", "answered_dead", "bounce", "is_dead"]

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
TEXT_WITHIN = "text-within"
"""The defect of a mail whose text is that of the mails within it: nothing that its own writer says."""
OTHER_REPORTS = (
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "application/tlsrpt+gzip",
    "application/tlsrpt+json",
)
REFUSED = any_of(
    r"\b(?:message|e-?mail|mail|nachricht)\b.{0,200}?\b(?:was|were|is|been|wurde)\b.{0,40}?(?:reject|refus|abgelehnt|abgewiesen)",
    r"^\W{0,3}(?:automatically )?(?:rejected|abgelehnt)\b(?!.{0,200}\bread\b)|\(rejected\)",
)
"""By what a receipt says that a filter of the recipient's refuses a mail (RFC 5429 2.1)."""
UNREAD = any_of(
    r"\bdeleted without being\b|\bwithout (?:being|having been) (?:read|displayed)|ungelesen gelöscht|ohne gelesen"
)
"""By what one says that somebody has thrown it away, whatever the mail was about."""
REFUSED_STATUS = "5.7.1"
ENCLOSED = re.compile(
    rb"^content-type:[ \t]{0,9}message/(?:global-)?delivery-status[^\n]{0,200}\n(?:[^\r\n][^\n]{0,998}\n){0,9}\r?\n(.*?)^--",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
"""The part of a report that lies in a mail as a whole."""
OTHER_FIELDS = re.compile(rb"^(?:feedback-type|disposition)[ \t]{0,9}:", re.IGNORECASE | re.MULTILINE)
"""Of those reports, also in a part that is called text."""
RETURNED_PARTS = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
MESSAGE_ID = re.compile(
    r"^[ \t>|]{0,20}(?:x-)?(?:original-)?message-id[ \t]{0,9}:\s{0,9}<([^<>\s]{1,998})>", re.IGNORECASE | re.MULTILINE
)
OUR_ID = re.compile(TOKEN.pattern + r"\.[a-z0-9-]{1,64}@[^\s<>,;:\"'()\[\]=]{1,255}", re.IGNORECASE)
SERVERS = re.compile(
    r"(?:.{0,30}mailer-?daemon|mail-?daemon|mdaemon|daemon|mail[-_.]?delivery(?:[-_.](?:subsystem|system))?|delivery-(?:subsystem|system|"
    r"status|notification)|double-bounce|microsoftexchange[0-9a-f]{32}|mmdf|smtp-?daemon|noreply-?delivery|imss|"
    r".{0,40}(?:anti-?virus|anti-?spam|interscan|mail-?marshal|mail-?sweeper|smtp[-_](?:mail|gateway|service|server)|"
    r"mail[-_](?:gateway|scanner|service)).{0,40})@.*|mailer-daemon",
    re.IGNORECASE,
)
"""Senders that no person writes as."""
SERVERS_NAMES = re.compile(
    r"mailer[- ]daemon(?:@.{1,255})?|(?:internet )?mail delivery(?: (?:sub)?system)?", re.IGNORECASE
)
"""What servers call themselves in front of an address of any kind. Shops do so, too, but not with the null return path."""
NO_REPLY = re.compile(r"(?:no-?reply|do-?not-?reply)@.*", re.IGNORECASE)
SERVERS_OR_PEOPLE = re.compile(
    r"\"?(?:post-?_?master|(?:system[- ]?)?admin(?:istrator)?|hostmaster|root|mail(?:master)?|bounces?(?:[+-].{0,200})?|"
    r"delivery)\"?@.*",
    re.IGNORECASE,
)


class Bounce(Model):
    original_message_id: str | None
    """Of the mail that the report is about, without brackets; None if it does not tell."""
    recipients: tuple[FailedRecipient, ...]


def bounce(mail: ParsedMail) -> Bounce | None:
    """What a mail server reports of a mail's delivery; None if the mail is no such report."""
    if TEXT_WITHIN in mail.defects:
        mail = mail.model_copy(update={"text": ""})
    by_server = returned_to_nobody(mail) or _sent_by(mail, SERVERS)
    if _is_another_report(mail):
        return _refused_by_filter(mail) if by_server or _named_as_server(mail) else None
    is_report = _is_report(mail)
    recipients: list[FailedRecipient] = []
    status = [decode(each.content, None)[0][:LOOKED_AT] for each in _status_parts(mail)]
    if by_server or is_report or (_named_as_server(mail) and announces(mail.subject, mail.text)):
        status += [] if status else _enclosed(mail)
        recipients = [each for text in status for each in read_fields(text)]
    # Fields that name a file or a program instead of an address leave it to a header. Without that, they are all there is.
    named_apart = "x-failed-recipients" in mail.headers
    if not recipients and (named_apart or not any("action" in text.lower() for text in status)):
        recipients = _from_text(mail, sure=by_server or is_report)
    if not recipients:
        return None
    return Bounce(original_message_id=_original(mail, status), recipients=tuple(recipients[:MOST_ADDRESSES]))


def _refused_by_filter(mail: ParsedMail) -> Bounce | None:
    """A receipt that says not that the mail was read, but that a filter of the recipient's refused it (RFC 5429 2.1). The
    address lives, whatever the filter says."""
    told = f"{mail.subject}\n{mail.text[:2000]}\n{' '.join(mail.headers.get('auto-submitted', ()))}"
    if REFUSED.search(told) is None or UNREAD.search(told):
        return None
    status = [decode(each.content, None)[0][:LOOKED_AT] for each in _status_parts(mail)]
    for fields in (block for text in status for block in blocks(text)):
        named = [address for name in RECIPIENTS for address in addresses(fields.get(name, ""))]
        if named and re.search(
            r";\s{0,9}(?:deleted|failed|denied|error)\b", fields.get("disposition", ""), re.IGNORECASE
        ):
            words = " ".join(mail.text.split())[:500]
            refused = FailedRecipient(address=named[0], outcome="failed", status=REFUSED_STATUS, diagnostic=words)
            return Bounce(original_message_id=_original(mail, status), recipients=(refused,))
    return None


def _enclosed(mail: ParsedMail) -> list[str]:
    """The fields of a report that a gateway has put into a mail of its own."""
    inner = (each.content for each in mail.attachments if each.content_type == "message/rfc822")
    return [
        decode(found[1], None)[0][:LOOKED_AT]
        for content in inner
        if b"multipart/report" in content[:LOOKED_AT].lower() and (found := ENCLOSED.search(content[:LOOKED_AT]))
    ]


def returned_to_nobody(mail: ParsedMail) -> bool:
    """The null return path, also as a Sendmail rewrites it: nobody can be answered, so a server wrote it (RFC 5321 4.5.5)."""
    return mail.return_path == "" or (mail.return_path or "").partition("@")[0] == "mailer-daemon"


def written_by_server(mail: ParsedMail) -> bool:
    """Whether it has the null return path, as every report has, and is not the answer of a program in a person's name."""
    return returned_to_nobody(mail) and (_is_report(mail) or _named_as_server(mail))


def _named_as_server(mail: ParsedMail) -> bool:
    if mail.from_ is None or _sent_by(mail, SERVERS) or _sent_by(mail, SERVERS_OR_PEOPLE):
        return True
    return returned_to_nobody(mail) and SERVERS_NAMES.fullmatch(mail.from_.name.strip()) is not None


def _sent_by(mail: ParsedMail, senders: re.Pattern[str]) -> bool:
    return mail.from_ is not None and senders.fullmatch(mail.from_.address) is not None


def _is_report(mail: ParsedMail) -> bool:
    kind = _report_type(mail)
    return kind == "" or (kind is not None and kind.endswith("delivery-status"))


def _report_type(mail: ParsedMail) -> str | None:
    """ "" where a report does not tell it; None if the mail is no multipart/report."""
    declared = " ".join(mail.headers.get("content-type", ())).lower()
    if not declared.startswith("multipart/report"):
        return None
    kind = re.search(r"report-type\s{0,9}=\s{0,9}[\"']?([\w-]+)", declared)
    return kind[1] if kind else ""


def _is_another_report(mail: ParsedMail) -> bool:
    named = _report_type(mail) or ""
    if named.startswith(("disposition", "feedback", "tlsrpt")):
        return True
    return any(
        each.content_type in OTHER_REPORTS
        or (each.content_type not in (*STATUS_PARTS, *RETURNED_PARTS) and OTHER_FIELDS.search(each.content[:4000]))
        for each in mail.attachments
    )


def _status_parts(mail: ParsedMail) -> Iterator[MailAttachment]:
    """Some servers declare the part as text, or misspell its type, and give it a name."""
    for each in mail.attachments:
        if _has_fields(each):
            yield each


def _has_fields(part: MailAttachment) -> bool:
    return part.content_type in STATUS_PARTS or (
        part.content_type not in RETURNED_PARTS and b"inal-recipient:" in part.content[:4000].lower()
    )


def _from_text(mail: ParsedMail, *, sure: bool) -> list[FailedRecipient]:
    listed = [each for value in mail.headers.get("x-failed-recipients", ()) for each in ADDRESS.findall(value)]
    by_name = _named_as_server(mail)
    if not (sure or listed or (by_name and announces(mail.subject, mail.text))):
        return []
    if re.search(r"^\W{0,3}(?:final|original)-recipient\s*:", mail.text[:LOOKED_AT], re.IGNORECASE | re.MULTILINE) and (
        found := read_fields(mail.text[:LOOKED_AT])
    ):
        return found
    ours = {each.address for each in mail.to}
    returned = any(each.content_type in RETURNED_PARTS for each in mail.attachments)
    # A provider's report may come from nobody under nobody's name; only our mail beside it tells it from what a shop sends.
    by_nobody = returned and sure and _sent_by(mail, NO_REPLY)
    told = read_words(
        mail.subject,
        mail.text,
        listed,
        sure=sure and (by_name or by_nobody),
        wary=not (by_name or listed or by_nobody),
        returned=returned and by_name,
        ours=ours,
        to_nobody=returned_to_nobody(mail),
        domain=domain_of(mail.from_.address) if mail.from_ is not None and _sent_by(mail, SERVERS) else "",
    )
    return [_of_words(each) for each in told]


def _of_words(told: Told) -> FailedRecipient:
    first = canonical_address((*told.aliases, told.address)[0])
    final = canonical_address(told.address)
    return FailedRecipient(
        address=first,
        outcome=told.outcome,
        status=told.status,
        diagnostic=told.reason,
        final=final if final != first else None,
        shared=told.shared,
    )


def _original(mail: ParsedMail, status: list[str]) -> str | None:
    """The Message-ID in what the report returns of our mail: a part, text, a field; or what the report answers; or one
    that looks like ours, wherever it stands."""
    parts = sorted(mail.attachments, key=lambda each: each.content_type not in RETURNED_PARTS)
    returned = [decode(each.content[:LOOKED_AT], None)[0] for each in parts if not _has_fields(each)]
    texts = [text[:LOOKED_AT] for text in (*returned, mail.text, *status)]
    match = next((match for text in texts if (match := MESSAGE_ID.search(text))), None)
    if match is not None:
        return match[1]
    answered = mail.in_reply_to or next(reversed(mail.references), None)
    ours = next((match for text in texts if (match := OUR_ID.search(text))), None)
    return ours[0] if answered is None and ours is not None else answered
