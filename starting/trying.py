"""`mail try`: what would become of mails, by the rules of a house or of an organisation file, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bootstrap import considering, keyring
from desk.organisation.applying import put_in_force
from desk.organisation.checking import NO_KEYS, Secrets
from letters.templates import shown_in
from mail.bounces import bounce
from mail.message import Address, AutomaticReason, ParsedMail, UnanswerableReason, UnreadableMail
from mail.parse import parse
from mail.quotes import strip_quote
from mailroom.ahead import Ahead
from mailroom.considering import Considered, Considering, NoSuchMailbox
from models.messages.base import counted
from models.messages.mailflow import MailVerdict
from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from starting.organisation import read_organisation
from starting.rows import database_of
from starting.show import Show, plain
from storage.throwaway import throwaway_database

MOST_LINES = 8
"""Of the text of a mail."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a file; the mailroom holds a mail long before."""
Told = dict[str, Any]


async def try_mails(
    settings: Settings,
    show: Show,
    files: Sequence[Path],
    *,
    organisation: Path | None = None,
    mailbox: str | None = None,
    at: datetime | None = None,
    as_json: bool = False,
) -> int:
    """0: each could be read; 1: one could not be, and a sentence says why. `at`: as if they came then, else now."""
    found: list[Told] = []
    failed = False
    async with _rules(settings, organisation, at) as rules:
        for file in _each(files):
            try:
                raw = _bytes_of(file)
            except Unusable as why:
                print(f"starter.py: {why}", file=sys.stderr)
                failed = True
                continue
            told: Told = {"file": str(file)}
            if rules is None:
                told |= _read(raw)
            else:
                try:
                    told |= _decided(await rules.consider(raw, at or datetime.now(UTC), mailbox))
                except NoSuchMailbox as error:
                    raise Unusable(f"{error}: nothing decides about mail.") from None
            failed = failed or "unreadable" in told
            found.append(told)
            if not as_json:
                for line in _lines(told):
                    show.say(line)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    return 1 if failed else 0


@asynccontextmanager
async def _rules(
    settings: Settings, organisation: Path | None, at: datetime | None
) -> AsyncIterator[Considering | None]:
    """What decides: a file alone, the house of the settings, or nothing."""
    if organisation is not None:
        file = read_organisation(organisation)
        async with throwaway_database() as database:
            await put_in_force(database, file, "try", at or datetime.now(UTC), keyring=NO_KEYS, secret=Secrets())
            yield considering(settings, database, NO_KEYS)
    elif settings.database_url is not None or DataFolder(settings.data).is_complete:
        async with database_of(settings) as database:
            yield considering(settings, database, keyring(settings))
    else:
        yield None


def _each(files: Sequence[Path]) -> Iterator[Path]:
    for file in files:
        if file.is_dir():
            within = sorted(file.rglob("*.eml"))
            if not within:
                raise Unusable(f"{file} is a folder without mails: their names end in .eml.")
            yield from within
        else:
            yield file


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise Unusable(f"the mail {file} cannot be read: {error.strerror}.") from None
    if not raw:
        raise Unusable(f"the mail {file} is empty.")
    if len(raw) > LARGEST:
        raise Unusable(f"the mail {file} is larger than {LARGEST // 1024 // 1024} MB: such a mail stays on its server.")
    return raw


# ---- what is told ----------------------------------------------------------------------------------------------------


def _read(raw: bytes) -> Told:
    try:
        mail = parse(raw)
        return _told(mail, mail.from_, mail.automatic_reasons, next(iter(mail.unanswerable_reasons), None))
    except UnreadableMail as why:
        return {"unreadable": str(why)}


def _told(
    mail: ParsedMail,
    sender: Address | None,
    automatic: Sequence[AutomaticReason],
    unanswerable: UnanswerableReason | None,
    via: str | None = None,
) -> Told:
    """What was read of a mail, and who wrote it."""
    report = bounce(mail)
    told: Told = {
        "sender": {"address": sender.address, "name": sender.name} if sender else None,
        "to": [each.address for each in (*mail.to, *mail.cc)],
        "subject": mail.subject,
        "text": mail.text,
        "visible": strip_quote(mail.text, mail.subject, mail.in_reply_to)[0].rstrip(),
        "files": [
            {"name": each.filename, "type": each.content_type, "kind": each.kind.value, "bytes": each.size}
            for each in mail.attachments
        ],
        "via": via,
        "class": automatic[0].value if automatic else "person",
        "automatic": bool(automatic),
        "answerable": not automatic and unanswerable is None and sender is not None,
        "unanswerable": unanswerable.value if unanswerable else None,
        "defects": list(mail.defects),
    }
    if report is not None:
        told["bounce"] = {
            "original": report.original_message_id,
            "recipients": [each.model_dump(mode="json") for each in report.recipients],
        }
    return told


def _decided(found: Considered) -> Told:
    verdict = found.verdict
    mail, refusal = found.arrived.mail, found.arrived.refusal
    told: Told = {"unreadable": refusal.explanation if refusal else None}
    if mail is not None:
        told = _told(mail.parsed, mail.author, mail.reasons, mail.unanswerable, mail.via)
    told |= {
        "mailbox": found.mailbox,
        "addressed": found.addressed,
        "queue": found.queue,
        "verdict": verdict.verdict.value,
        "reason": str(verdict.reason) if verdict.reason else None,
        "explanation": verdict.explanation,
        "case": found.case,
        "case_status": found.case_status,
        "rule": verdict.rule,
        "item": verdict.item,
        "why": [],
    }
    if found.ahead is not None:
        told["ahead"] = TypeAdapter(Ahead).dump_python(found.ahead, mode="json")
    if verdict.decision is not None:
        told["why"] = [
            {
                "item": looked.item,
                "holds": looked.explanation.holds,
                "clauses": [
                    {"clause": str(clause), "held": clause.held, "decisive": clause.decisive}
                    for clause in looked.explanation.clauses
                ],
            }
            for looked in verdict.decision.looked_at
        ]
    return told


BECOMES = {
    MailVerdict.OPENED: "a case of its own",
    MailVerdict.ATTACHED: "part of a case",
    MailVerdict.FILED: "filed without a case",
    MailVerdict.HELD: "held in quarantine",
    MailVerdict.DUPLICATE: "nothing: this mail is known already",
}


def _lines(told: Told) -> Iterator[str]:
    yield plain(told["file"])
    rows = [*_what_was_read(told), *_what_becomes(told)]
    for name, value in rows:
        first, *others = value.splitlines() or [""]
        yield f"  {name:<11} {plain(first)}"
        for each in others:
            yield f"  {'':<11} {plain(each)}"
    yield ""


def _what_was_read(told: Told) -> Iterator[tuple[str, str]]:
    if "sender" not in told:
        yield "unreadable", str(told["unreadable"])
        return
    sender = told["sender"]
    yield "sender", f"{sender['name']} <{sender['address']}>".strip() if sender else "none"
    yield "to", ", ".join(told["to"]) or "nobody"
    yield "subject", told["subject"] or "none"
    lines = told["visible"].splitlines()
    more = [f"... {counted(len(lines) - MOST_LINES, 'line')} more"] if len(lines) > MOST_LINES else []
    yield "text", "\n".join([*lines[:MOST_LINES], *more]) or "none"
    files = [f"{each['name']} ({each['type']}, {each['bytes']} bytes)" for each in told["files"]]
    yield "files", "\n".join(files) or "none"
    yield "written by", "a person" if told["class"] == "person" else f"a machine: {told['class']}"
    if told["via"]:
        yield "by way of", told["via"]
    why = f" ({told['unanswerable']})" if told["unanswerable"] else ""
    yield "answerable", "an automatic reply may be sent" if told["answerable"] else f"no automatic reply is sent{why}"
    if "bounce" in told:
        each = [
            " ".join(str(part) for part in (it["address"], it["outcome"], it["status"]) if part)
            for it in told["bounce"]["recipients"]
        ]
        yield "report", "\n".join(each) or "of a letter that it does not name"
    if told["defects"]:
        yield "made do with", ", ".join(told["defects"])


def _what_becomes(told: Told) -> Iterator[tuple[str, str]]:
    if "verdict" not in told:
        return
    place = f"mailbox {told['mailbox']}, queue {told['queue'] or 'none'}"
    yield "arrives in", place if told["addressed"] else f"{place} (none of its addresses is named)"
    case = f" ({told['case']}, {told['case_status']})" if told["case"] else ""
    yield (
        "becomes",
        f"{BECOMES[MailVerdict(told['verdict'])]}{case}" + (f": {told['reason']}" if told["reason"] else ""),
    )
    if told["rule"]:
        yield "rule", told["rule"] + (f", item {told['item']!r}" if told["item"] else "")
    why: list[str] = []
    for each in told["why"]:
        held = "always holds" if not each["clauses"] else "holds" if each["holds"] else "does not hold"
        why.append(f"item {each['item']!r} {held}")
        why += [f"    {'yes' if clause['held'] else 'no '}  {clause['clause']}" for clause in each["clauses"]]
    if why or told["explanation"]:
        yield "why", "\n".join(why or [told["explanation"]])
    if told.get("ahead"):
        yield from _what_is_ahead(told["ahead"])


def _what_is_ahead(ahead: Told) -> Iterator[tuple[str, str]]:
    """Of the case that the mail would open."""
    to = ahead["agent"] or ahead["team"] or ahead["queue"] or "no queue"
    yield "goes to", f"{to}\n{ahead['routing_why']}".rstrip()
    yield "contract", f"{ahead['entitlement'] or 'none'}\n{ahead['entitlement_why']}".rstrip()
    version = f", version {ahead['sla_version']}" if ahead["sla_version"] else ""
    yield "SLA", f"{ahead['sla'] or 'none'}{version}\n{ahead['sla_why']}".rstrip()
    promises = [
        f"{each['kpi']} ({each['item']}): {_by_the_house(each['fails_on'], ahead['time_zone'])}"
        for each in ahead["promises"]
    ]
    yield "promises", "\n".join(promises) or "none"
    yield "process", ahead["process"] or "none"


def _by_the_house(instant: str | None, time_zone: str) -> str:
    return shown_in(datetime.fromisoformat(instant), time_zone) if instant else "not running"
