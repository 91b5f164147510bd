"""A newcomer's desk, written from the documents alone (examples/two-mailboxes.yaml): checked, started, and a day of mails.

The mailboxes lie on a real Dovecot; what leaves goes to the customers' own mailboxes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from servers.mail.hub import MailHub
from tests.starting.started import OWN_PORTS, standing, starter
from tests.support.dovecot import Dovecot, dovecot_program
from tests.support.mailboxes import arrived
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)  # a whole start

EXAMPLE = Path(__file__).parents[2] / "examples" / "two-mailboxes.yaml"
HELP, BILLING = "hilfe@nordlicht.example", "rechnung@nordlicht.example"
NIGHT = "notfall@nordlicht.example"
CASEY, BRITTA, BOB = "casey@aurora.example", "britta@birke.example", "bob@birke.example"
STRANGER, SLEEPLESS, PEDLAR = "kim@home.example", "luca@home.example", "rene@offers.example"
NEWS = "paper@news.example"
PASSWORDS = {"HELP_PASSWORD": "one for help", "BILLING_PASSWORD": "one for bills"}
BERLIN = ZoneInfo("Europe/Berlin")
GERMAN, ENGLISH = "danke für Ihre Nachricht", "thank you for your message"
GOLD, AT_NIGHT, IN_HOURS = timedelta(minutes=15), timedelta(minutes=30), None
"""How long a first response may take; None: four hours of the office."""


@dataclass(frozen=True)
class Expected:
    """A mail of the day, and what is right: queue, contract, length of the promise, words of the acknowledgement."""

    sender: str
    box: str
    to: str
    subject: str
    queue: str
    entitlement: str | None
    promise: timedelta | None
    words: str
    priority: str = "normal"


DAY = [
    Expected(CASEY, HELP, HELP, "Brake squeals", "gold", "aurora-gold", GOLD, ENGLISH),
    Expected(BRITTA, HELP, HELP, "Kette springt", "help", "birke-single", IN_HOURS, GERMAN),
    Expected(BOB, BILLING, BILLING, "Invoice of May", "billing", None, IN_HOURS, ENGLISH),
    Expected(STRANGER, HELP, "help@nordlicht.example", "Do you mend tandems?", "help", None, IN_HOURS, GERMAN),
    Expected(SLEEPLESS, HELP, NIGHT, "Ausgesperrt", "night", None, AT_NIGHT, GERMAN, "high"),
]
OTHERS = [
    (HELP, NEWS, HELP, "Our newsletter", {}),
    (HELP, STRANGER, HELP, "Away until Monday", {"Auto-Submitted": "auto-replied"}),
    (BILLING, PEDLAR, BILLING, "An offer for you", {}),
]


def letter(sender: str, to: str, subject: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{abs(hash((sender, subject)))}@customer.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Bitte um Hilfe. Please help.\n")
    return mail.as_bytes()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Dovecot, Path]]:
    """The example, checked and started as its reader would, with the hosts of this test."""
    users = {HELP: PASSWORDS["HELP_PASSWORD"], BILLING: PASSWORDS["BILLING_PASSWORD"]}
    people = dict.fromkeys((CASEY, BRITTA, BOB, STRANGER, SLEEPLESS), "theirs")
    async with Dovecot(dovecot_program(), users) as dovecot, MailHub(folder / "mail", {**users, **people}) as hub:
        text = EXAMPLE.read_text(encoding="utf-8").replace("mail.nordlicht.example", "127.0.0.1")
        text = text.replace("port: 993, tls: tls", f"port: {dovecot.port}, tls: none")
        text = text.replace("port: 465, tls: tls", f"port: {hub.smtp_port}, tls: none")
        file = folder / "desk.yaml"
        file.write_text(text, encoding="utf-8")
        checked = await starter("check", file, cwd=folder, **PASSWORDS)
        assert (checked.code, checked.err) == (0, ""), checked.err
        options: list[str | Path] = ["up", "--organisation", file, "--data", folder / "data", *OWN_PORTS]
        async with standing(*options, cwd=folder, until="Temporal UI  ", **PASSWORDS) as up:
            lines = up.out.splitlines()
            token = lines[lines.index("The administrator's token, shown this once:") + 1]
            base = next(line.split()[-1] for line in lines if line.lstrip().startswith("API ") and "/api/v1" in line)
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as api:
                yield api, dovecot, folder


async def items(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def log(api: httpx.AsyncClient, mailbox: str) -> list[dict[str, Any]]:
    return await items(api, f"/mailboxes/{mailbox}/log")


def letters_to(folder: Path, address: str) -> list[Any]:
    return [message_from_bytes(file.read_bytes(), policy=default) for file in arrived(folder, address)]


async def test_a_day_of_mails(tmp_path: Path) -> None:
    async with running(tmp_path) as (api, dovecot, folder):
        for each in DAY:
            await dovecot.deliver(each.box, letter(each.sender, each.to, each.subject))
        for box, sender, to, subject, headers in OTHERS:
            await dovecot.deliver(box, letter(sender, to, subject, **headers))

        async def all_in() -> bool:
            counted = len(await log(api, "help")) + len(await log(api, "billing"))
            cases = await items(api, "/cases")
            return counted == len(DAY) + len(OTHERS) and all(case["status"] == "active" for case in cases)

        await until(all_in)
        cases = {
            case["title"]: (await api.get(f"/cases/{case['number']}")).json() for case in await items(api, "/cases")
        }
        assert set(cases) == {each.subject for each in DAY}
        for each in DAY:
            await as_expected(each, cases[each.subject], folder)
        # Birke's contract pays for one case: for whichever of the two was opened first.
        of_birke = [contract_of(cases[each.subject]) for each in DAY if each.sender in (BRITTA, BOB)]
        assert sorted(of_birke, key=str) == [None, "birke-single"]

        assert {row["reason"] for row in await log(api, "help") if row["verdict"] == "filed"} >= {"by-item"}
        filed = [row for row in await log(api, "help") if row["verdict"] == "filed"]
        assert len(filed) == 2
        (held,) = await items(api, "/mailboxes/billing/quarantine")
        assert held["reason"] == "sender-unknown"

        await an_answer_joins(api, dovecot, folder, cases["Brake squeals"]["number"])


async def as_expected(each: Expected, case: dict[str, Any], folder: Path) -> None:
    assert case["queue"] == each.queue, each
    assert case["priority"] == each.priority, each
    assert case["process_status"] == "active"
    if each.sender not in (BRITTA, BOB):
        assert contract_of(case) == each.entitlement, each
    created, due = (datetime.fromisoformat(case[name]) for name in ("created_on", "first_response_by"))
    if each.promise is not None:
        assert due - created == each.promise, each
    else:
        assert due == in_office_hours(created, timedelta(hours=4)), each

    async def acknowledged() -> bool:
        return len(letters_to(folder, each.sender)) == 1

    await until(acknowledged)
    (letter,) = letters_to(folder, each.sender)
    text = letter.get_body().get_content()
    assert each.words in text, each
    assert case["number"] in letter["Subject"]
    address = BILLING if each.box == BILLING else HELP
    assert letter["From"].addresses[0].addr_spec == address


def contract_of(case: dict[str, Any]) -> str | None:
    slug: str | None = (case["entitlement"] or {}).get("slug")
    return slug


def in_office_hours(start: datetime, length: timedelta) -> datetime:
    """The slow way: minute by minute, Monday to Thursday 9 to 17, Friday 9 to 13, on the clock of Berlin."""
    at, left = start.astimezone(UTC), length
    holidays = {date(2026, 12, 25), date(2027, 1, 1)}
    while True:
        local = at.astimezone(BERLIN)
        ends = {4: 13, 5: 0, 6: 0}.get(local.weekday(), 17)
        works = 9 <= local.hour < ends and local.date() not in holidays
        step = timedelta(minutes=1) - timedelta(seconds=at.second, microseconds=at.microsecond)
        if works and left <= step:
            return at + left
        left -= step if works else timedelta(0)
        at += step


async def an_answer_joins(api: httpx.AsyncClient, dovecot: Dovecot, folder: Path, number: str) -> None:
    (acknowledgement,) = letters_to(folder, CASEY)
    answer = letter(CASEY, HELP, f"Re: {acknowledgement['Subject']}", In_Reply_To=acknowledgement["Message-ID"])
    await dovecot.deliver(HELP, answer)

    async def joined() -> bool:
        return any(row["verdict"] == "attached" for row in await log(api, "help"))

    await until(joined)
    assert len(await items(api, "/cases")) == len(DAY)
    timeline = await items(api, f"/cases/{number}/timeline")
    assert any(entry["kind"] == "mail" for entry in timeline)
