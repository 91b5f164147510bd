"""Who wrote a mail that a group or a form of ours passed on, and which mail is our own (email promise 6).

A group may keep From, or put itself there and name the writer in X-Original-Sender or Reply-To. A form writes from the
address of the house, or from one that nobody reads, and names the writer in Reply-To. Anybody can write such headers, so a
writer who was found by them is unproven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from letters.addresses import Addressed, declared, without_detail
from mail.automatic import LOOP_HEADER
from mail.message import Address, AutomaticReason, ParsedMail, UnanswerableReason
from mail.tokens import TOKEN, ReplyTokens
from mailroom.arrival import Incoming
from models.messages.addresses import canonical_address, domain_of

LIST_NAME = re.compile(r"<([^<>\s]{1,255})>|^\s*([^<>\s]{1,255})\s*$")
ADDRESS = re.compile(r"[^\s<>,;:?\"()]{1,64}@[^\s<>,;:?\"()]{1,255}")
VIA = re.compile(
    r"^['\"]?(.{1,150}?)['\"]?(?<!\s)\s++(?:- )?"
    r"(?:via|über|par|vía|a través de|mediante|tramite|por meio de|door|genom|gjennom|gennem|przez|"
    r"za pośrednictwem|přes|prin|через|通过|透過)\s.+$",
    re.IGNORECASE,
)
"""What groups make of the writer's name: "'Robin Hale' via Support"."""
AUTO_GENERATED = "auto-generated"
BY_WORDS = {
    UnanswerableReason.AWAY: AutomaticReason.OUT_OF_OFFICE,
    UnanswerableReason.RECEIPT: AutomaticReason.AUTORESPONDER,
}
"""What a mail says of itself, and what that makes of it where it answers us."""
NO_REPLY = UnanswerableReason.NO_REPLY
"""True of the form's address, and not of who filled it in."""


def understood(
    mail: Incoming, mailbox: Addressed, own: frozenset[str], tokens: ReplyTokens, *, answers_ours: bool = False
) -> Incoming:
    """The mail with its writer, what passed it on, and why no person wrote it or nothing automatic may answer it.

    `own`: the addresses of all mailboxes, canonical. `answers_ours`: it names a letter of ours; then the words by which a
    program says that somebody is away, or that a mail came, are its answer to that, else it is a mail like others.
    """
    parsed = mail.parsed
    groups, forms = declared(mailbox, "groups"), declared(mailbox, "forms")
    from_ = parsed.from_.address if parsed.from_ else None
    group = _group(parsed, groups, own)
    writer: Address | None = None
    reasons = list(parsed.automatic_reasons)
    if from_ is not None and _among(from_, groups | forms | own):
        candidates = (parsed.original_sender, *parsed.reply_to) if group or from_ in groups else parsed.reply_to
        others = (each for each in candidates if each and not _among(each.address, groups | forms | own))
        writer = next(others, None)
        if _among(from_, own) and AutomaticReason.OWN_ADDRESS not in reasons:
            reasons.insert(0, AutomaticReason.OWN_ADDRESS)
    if writer is not None:
        reasons = [reason for reason in reasons if not _of_the_form(reason, parsed)]
    if not reasons and answers_ours:
        reasons = [reason for words, reason in BY_WORDS.items() if words in parsed.unanswerable_reasons][:1]
    if _signed(tokens, *parsed.headers.get(LOOP_HEADER.lower(), ())):
        reasons.insert(0, AutomaticReason.OWN_LOOP)
    return replace(
        mail,
        writer=None if writer is None else _named(writer, parsed),
        via=group or (from_ if writer is not None else None),
        reasons=tuple(reasons),
        unanswerable=next((each for each in parsed.unanswerable_reasons if each is not NO_REPLY or not writer), None),
        came_back=AutomaticReason.OWN_ADDRESS in reasons or _signed(tokens, parsed.message_id or ""),
    )


def _among(address: str, known: frozenset[str]) -> bool:
    """With a detail behind a plus (RFC 5233) it is the same mailbox."""
    return address in known or without_detail(address) in known


def _of_the_form(reason: AutomaticReason, parsed: ParsedMail) -> bool:
    """What says that a program sent the mail, and not that no person filled in what it sends."""
    if reason is AutomaticReason.AUTO_SUBMITTED:
        return all(
            value.strip().lower().startswith(AUTO_GENERATED) for value in parsed.headers.get("auto-submitted", ())
        )
    return reason is AutomaticReason.OWN_ADDRESS


def _signed(tokens: ReplyTokens, *values: str) -> bool:
    """Whether one of them begins with a token that we signed. Whoever saw it in a letter of ours can copy it, and harms
    nobody but themselves: their own mail is filed."""
    found = (TOKEN.match(value.strip()) for value in values)
    return any(tokens.verify(match[0]) is not None for match in found if match)


def _named(writer: Address, parsed: ParsedMail) -> Address:
    if writer.name or parsed.from_ is None:
        return writer
    told = next((each.name for each in parsed.reply_to if each.address == writer.address), "")
    via = VIA.match(parsed.from_.name)
    return Address(name=told or (via[1] if via else ""), address=writer.address)


def _group(parsed: ParsedMail, groups: frozenset[str], own: frozenset[str]) -> str | None:
    """The group that passed the mail on: a declared one, or one in a domain of ours, which somebody of the house made."""
    known, domains = groups | own, {domain_of(address) for address in own}
    for address in _lists(parsed, known, domains):
        if address in known or domain_of(address) in domains:
            return address
    senders = (each for value in parsed.headers.get("sender", ()) for each in ADDRESS.findall(value))
    return next((each for each in map(canonical_address, senders) if each in known), None)


def _lists(parsed: ParsedMail, known: frozenset[str], domains: set[str]) -> Iterator[str]:
    """Addresses that the headers of lists name."""
    for value in parsed.headers.get("list-id", ()):
        match = LIST_NAME.search(value)
        name = canonical_address((match[1] or match[2]) if match else "")
        yield from (address for address in known if address.replace("@", ".") == name)
        yield from (f"{name.removesuffix(f'.{domain}')}@{domain}" for domain in domains if name.endswith(f".{domain}"))
    for header in ("mailing-list", "list-post", "x-beenthere"):
        for value in parsed.headers.get(header, ()):
            yield from map(canonical_address, ADDRESS.findall(value))
