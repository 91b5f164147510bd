"""A mail as expectations speak of it.

sender, subject, text, attachments (name, type, kind, bytes), class ("person", or why no person wrote it)
    unanswerable    why nothing automatic may answer it, where a person may have written it
visible         where the display folds a quote or a signature away
bounce          (recipient, outcome, status, hard), and `original`, the Message-ID of the mail that failed
defects         what was made do with
unreadable      why it is not read at all
anything else   a field of ParsedMail
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mail.bounces import bounce
from mail.message import ParsedMail, UnreadableMail
from mail.parse import parse
from mail.quotes import strip_quote

ALWAYS = ("sender", "subject", "text", "attachments", "class")


def told(mail: ParsedMail) -> dict[str, Any]:
    """Everything that an expectation may name."""
    report = bounce(mail)
    return {
        **mail.model_dump(mode="json"),
        "sender": mail.from_
        and (f"{mail.from_.name} <{mail.from_.address}>" if mail.from_.name else mail.from_.address),
        "visible": strip_quote(mail.text, mail.subject, mail.in_reply_to)[0].rstrip(),
        "attachments": [[each.filename, each.content_type, each.kind, each.size] for each in mail.attachments],
        "class": mail.automatic_reason or "person",
        "unanswerable": next(iter(mail.unanswerable_reasons), None),
        "bounce": report and [[each.address, each.outcome, each.status, each.hard] for each in report.recipients],
        "original": report and report.original_message_id,
        "defects": list(mail.defects),
    }


def told_of(raw: bytes, own_addresses: frozenset[str]) -> dict[str, Any]:
    """As `told`; of a mail that is not read, `unreadable` alone."""
    try:
        return told(parse(raw, own_addresses))
    except UnreadableMail as why:
        return {"unreadable": why.reason.value}


def completed(expected: Mapping[str, Any]) -> dict[str, Any]:
    """With what is expected of every mail, unless it says otherwise: no bounce, no defect, nothing folded away."""
    if "unreadable" in expected:
        return dict(expected)
    whole = {"bounce": None, "defects": [], "unanswerable": None, **expected}
    if "visible" in whole or "text" in whole:
        whole["visible"] = str(whole.get("visible", whole.get("text"))).rstrip()
    return whole


def draft(found: Mapping[str, Any]) -> dict[str, Any]:
    """What was read, in the form of an expectation: to be looked through by a person."""
    if "unreadable" in found:
        return dict(found)
    made = {name: found[name] for name in ALWAYS}
    if found["visible"] != str(found["text"]).rstrip():
        made["visible"] = found["visible"]
    if found["bounce"] is not None:
        made |= {"bounce": found["bounce"], "original": found["original"]}
    if found["unanswerable"] is not None:
        made["unanswerable"] = found["unanswerable"]
    if found["defects"]:
        made["defects"] = found["defects"]
    return {name: _plain(value) for name, value in made.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value
