"""Each letter by its bytes: once in the mail log, in the one case of its conversation, with its files; or filed, or held."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faults.letters import Letter, LetterKind
from faults.rows import RunRows
from faults.verdict import Harm, RunVerdict
from models.messages.mail_facts import FileReason
from models.messages.mailflow import MailVerdict
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail

TAKEN = {
    LetterKind.NEW: {MailVerdict.OPENED, MailVerdict.ATTACHED},
    LetterKind.REPLY: {MailVerdict.OPENED, MailVerdict.ATTACHED},
    LetterKind.REUSED: {MailVerdict.OPENED},
    LetterKind.BOUNCE: {MailVerdict.FILED},
    LetterKind.POISON: {MailVerdict.HELD},
}
"""What intake may make of letters of each kind, in whatever order they arrived. An automatic mail is not listed, because what
becomes of it depends on what it answers."""


@dataclass
class Conversation:
    """What was found of a thread: its mails, and the cases that they ended in."""

    messages: list[EmailMessage] = field(default_factory=list)
    survivors: dict[str, Case] = field(default_factory=dict)


def check_mails(
    verdict: RunVerdict, rows: RunRows, files: Path, letters: Sequence[Letter], uidvalidity: int
) -> dict[int, Conversation]:
    """`files`: the folder of the file store. Answers the conversations by their number."""
    copies = Counter(letter.raw for letter in letters)
    entries = _entries(verdict, rows, files, set(copies))
    conversations: dict[int, Conversation] = defaultdict(Conversation)
    verdict.entered = len(rows.inbound)
    for letter in {letter.raw: letter for letter in sorted(letters, key=_copies_first)}.values():
        found = entries[letter.raw]
        now = sum(entry.uidvalidity == uidvalidity for entry in found)
        fault = Harm.LOST if now < copies[letter.raw] else Harm.DOUBLED
        verdict.expect(fault, f"{_name(letter)}: rows in the mail log", copies[letter.raw], now)
        _check_letter(verdict, rows, files, letter, found, conversations)
    _check_conversations(verdict, rows, letters, conversations)
    return conversations


def _copies_first(letter: Letter) -> bool:
    """Sorts copies to the front, so that of the same bytes the letter itself is what is looked at, not its copy."""
    return letter.kind is not LetterKind.DUPLICATE


def _name(letter: Letter) -> str:
    return f"{letter.kind} {letter.message_id or letter.subject}"


def _entries(verdict: RunVerdict, rows: RunRows, files: Path, written: set[bytes]) -> dict[bytes, list[InboundMail]]:
    """The rows of the mail log, by the bytes that the customer handed in; the server put its two trace lines before them."""
    handed_in: dict[str, bytes] = {}
    # What the server did not deliver before it numbered its mail anew was read again under its new UID.
    inbound = [entry for entry in rows.inbound if entry.reason != FileReason.GONE]
    for sha256 in {entry.raw_sha256 for entry in inbound}:
        path = files / sha256[:2] / sha256
        kept = path.read_bytes() if sha256 and path.is_file() else b""
        if hashlib.sha256(kept).hexdigest() != sha256:
            verdict.add(Harm.HALF_WRITTEN, f"the raw mail {sha256 or '(none)'} is not there, or has other bytes")
        handed_in[sha256] = b"\r\n".join(kept.split(b"\r\n", 2)[2:])
        if kept and handed_in[sha256] not in written:
            verdict.add(Harm.HALF_WRITTEN, f"the raw mail {sha256} is none that was sent")
    found: dict[bytes, list[InboundMail]] = defaultdict(list)
    for entry in inbound:
        found[handed_in[entry.raw_sha256]].append(entry)
    return found


def _check_letter(
    verdict: RunVerdict,
    rows: RunRows,
    files: Path,
    letter: Letter,
    found: Sequence[InboundMail],
    conversations: dict[int, Conversation],
) -> None:
    first = [entry for entry in found if entry.verdict != MailVerdict.DUPLICATE]
    if len(first) != 1:
        words = [f"{entry.verdict} ({entry.reason}, {entry.explanation})" for entry in first]
        verdict.add(Harm.DOUBLED if first else Harm.LOST, f"{_name(letter)} was taken in {len(first)} times: {words}")
        return
    entry = first[0]
    known = {each.raw_sha256 for each in found}
    messages = [row for row in rows.messages if row.direction == "in" and row.raw_sha256 in known]
    if len(messages) > 1:
        verdict.add(Harm.DOUBLED, f"{_name(letter)}: {len(messages)} messages")
    if entry.verdict not in TAKEN.get(letter.kind, {entry.verdict}):
        why = f"{entry.verdict} ({entry.reason}, {entry.explanation})"
        verdict.add(Harm.LOST, f"{_name(letter)} should be {' or '.join(sorted(TAKEN[letter.kind]))}, and is {why}")
    if letter.kind is LetterKind.POISON:
        verdict.held[entry.reason or "?"] = verdict.held.get(entry.reason or "?", 0) + 1
        if entry.reason not in letter.reasons:
            verdict.add(Harm.LOST, f"{_name(letter)} should be held for {sorted(letter.reasons)}: {entry.reason}")
        return
    if not messages:
        verdict.add(Harm.LOST, f"{_name(letter)}: no message")
        return
    if letter.kind is not LetterKind.BOUNCE:  # the parts of a report are kept as its files
        _check_files(verdict, rows, files, letter, messages[0])
    if letter.kind is LetterKind.BOUNCE or letter.thread is None:
        verdict.expect(Harm.DOUBLED, f"{_name(letter)}: verdict", MailVerdict.FILED, entry.verdict)
        return
    conversation = conversations[letter.thread]
    conversation.messages.append(messages[0])
    case = rows.survivor(messages[0].case_id)
    if case is None:
        verdict.add(Harm.LOST, f"{_name(letter)} is in no case")
    else:
        conversation.survivors[case.number] = case


def _check_files(verdict: RunVerdict, rows: RunRows, files: Path, letter: Letter, message: EmailMessage) -> None:
    attached = sorted((a for a in rows.attachments if a.message_id == message.id), key=lambda a: a.position)
    kept = tuple(attachment.sha256 for attachment in attached)
    verdict.expect(Harm.HALF_WRITTEN, f"{_name(letter)}, files attached", letter.files, kept)
    for sha256 in {*letter.files, *kept}:
        path = files / sha256[:2] / sha256
        if not path.is_file():
            verdict.add(Harm.LOST, f"{_name(letter)}: the file {sha256} is not there")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            verdict.add(Harm.HALF_WRITTEN, f"{_name(letter)}: the file {sha256} has other bytes")


def _check_conversations(
    verdict: RunVerdict, rows: RunRows, letters: Sequence[Letter], conversations: dict[int, Conversation]
) -> None:
    """Each conversation has one case, and each case belongs to a conversation."""
    begun: dict[str, int] = {}
    for thread in sorted({letter.thread for letter in letters if letter.thread is not None}):
        numbers = sorted(conversations[thread].survivors)
        if not numbers:
            verdict.add(Harm.LOST, f"conversation {thread} has no case")
        elif len(numbers) > 1:
            verdict.add(Harm.DOUBLED, f"conversation {thread} has the cases {', '.join(numbers)}")
        for number in numbers:
            if begun.setdefault(number, thread) != thread:
                verdict.add(Harm.LOST, f"{number} has the conversations {begun[number]} and {thread}")
    survivors = [case for case in rows.cases if case.merged_into is None]
    verdict.cases, verdict.merged = len(survivors), len(rows.cases) - len(survivors)
    for case in survivors:
        if case.number not in begun:
            verdict.add(Harm.DOUBLED, f"{case.number} is the case of no letter of this run")
