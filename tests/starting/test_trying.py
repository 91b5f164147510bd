"""`mail try`: what would become of a mail, by a house, by a file alone or by nothing; and that nothing is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bootstrap import considering, keyring
from desk.organisation import load, put_in_force
from settings import Settings
from starting.failures import Unusable
from starting.show import Show
from starting.trying import try_mails
from storage.engines import Database
from storage.migrate import upgrade_async
from tests.mail.test_fixtures import EXPECTED, MAILS
from tests.support.mailroom import open_mailroom

EXAMPLE = Path(__file__).parents[2] / "examples" / "two-mailboxes.yaml"
CASEY, STRANGER = "Casey <casey@aurora.example>", "Kim <kim@home.example>"


def mail(
    sender: str = CASEY, to: str = "hilfe@nordlicht.example", subject: str = "Brake squeals", **headers: str
) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"From: {sender}\nTo: {to}\nSubject: {subject}\n{more}\nIt squeals.\n\n> It did before.\n".encode()


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def files(folder: Path, mails: Mapping[str, bytes]) -> list[Path]:
    for name, raw in mails.items():
        (folder / name).write_bytes(raw)
    return [folder / name for name in mails]


async def tried(capsys: pytest.CaptureFixture[str], paths: list[Path], **how: Any) -> list[dict[str, Any]]:
    settings = how.pop("settings", None) or Settings()
    await try_mails(settings, Show(), paths, as_json=True, **how)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


# By sender, address and headers: verdict, reason, queue, rule, item.
BY_FILE: list[tuple[dict[str, str], tuple[str, str | None, str, str | None, str | None]]] = [
    ({}, ("opened", None, "help", "mail-to-help", "Alles andere")),
    ({"sender": STRANGER}, ("opened", None, "help", "mail-to-help", "Alles andere")),
    ({"to": "notfall@nordlicht.example"}, ("opened", None, "night", "mail-to-the-night", "Jede Nachricht")),
    ({"to": "rechnung@nordlicht.example"}, ("opened", None, "billing", "mail-to-billing", "Jede Nachricht")),
    (
        {"to": "rechnung@nordlicht.example", "sender": STRANGER},
        ("held", "sender-unknown", "billing", "mail-to-billing", "Jede Nachricht"),
    ),
    ({"subject": "Our newsletter"}, ("filed", "by-item", "help", "mail-to-help", "Rundschreiben")),
    ({"Auto_Submitted": "auto-replied"}, ("filed", "automatic", "help", "mail-to-help", None)),
    ({"sender": "hilfe@nordlicht.example"}, ("filed", "loop", "help", None, None)),
]


async def test_by_an_organisation_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = files(tmp_path, {f"{at}.eml": mail(**given) for at, (given, _) in enumerate(BY_FILE)})
    found = await tried(capsys, paths, organisation=EXAMPLE)
    for told, (given, right) in zip(found, BY_FILE, strict=True):
        said = told["verdict"], told["reason"], told["queue"], told["rule"], told["item"]
        assert said == right, given
    first, held = found[0], found[4]
    assert (first["visible"], first["answerable"], first["class"]) == ("It squeals.", True, "person")
    assert [(each["item"], each["holds"]) for each in first["why"]] == [
        ("Rundschreiben", False),
        ("Alles andere", True),
    ]
    assert [(clause["clause"], clause["held"]) for clause in first["why"][0]["clauses"]] == [
        ("email.sender_domain eq 'news.example' (was 'aurora.example')", False),
        ("email.subject contains 'newsletter' (was 'Brake squeals')", False),
    ]
    assert held["why"][0]["holds"] is True
    assert found[6]["answerable"] is False


# Of those that open a case: where it goes and why, contract, SLA and why, its promise.
OF_GOLD = "aurora-gold", "gold", "the SLA of the case's entitlement", "In 15 Minuten"
AHEAD: list[tuple[str, str, str | None, str, str, str]] = [
    ("gold", "rule 'Gold' matched: account.tier eq 'gold'", *OF_GOLD),
    ("help", "rule 'Alle anderen' matched: always", None, "standard", "the default SLA", "In vier Arbeitsstunden"),
    ("night", "rule 'Nacht' matched: queue.slug eq 'night'", *OF_GOLD),
    ("billing", "rule 'Rechnungen' matched: queue.slug eq 'billing'", *OF_GOLD),
]


async def test_it_looks_ahead_at_the_case_that_would_be_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = files(tmp_path, {f"{at}.eml": mail(**given) for at, (given, _) in enumerate(BY_FILE)})
    found = await tried(capsys, paths, organisation=EXAMPLE)
    assert [("ahead" in told) == (told["verdict"] == "opened") for told in found] == [True] * len(found)
    ahead = [told["ahead"] for told in found if "ahead" in told]
    assert [
        (
            each["queue"],
            each["routing_why"],
            each["entitlement"],
            each["sla"],
            each["sla_why"],
            *(promise["item"] for promise in each["promises"]),
        )
        for each in ahead
    ] == AHEAD
    assert ahead[1]["entitlement_why"] == "no-entitlement"
    assert all(promise["fails_on"] for each in ahead for promise in each["promises"])

    await try_mails(Settings(), Show(), paths[:1], organisation=EXAMPLE)
    said = capsys.readouterr().out
    for words in (
        "goes to     gold",
        "matched: account.tier",
        "contract    aurora-gold",
        "SLA         gold, version 1",
    ):
        assert words in said


async def test_a_mailbox_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = files(tmp_path, {"a.eml": mail(to="somebody@else.example")})
    (told,) = await tried(capsys, paths, organisation=EXAMPLE, mailbox="billing")
    assert (told["mailbox"], told["addressed"], told["queue"]) == ("billing", False, "billing")
    with pytest.raises(Unusable, match="there is no mailbox 'nowhere'"):
        await tried(capsys, paths, organisation=EXAMPLE, mailbox="nowhere")


async def test_with_neither_it_is_read_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["plain", "bounce-of-gmail", "winmail-dat", "vacation-of-exchange", "format-flowed", "filename-eight-bit"]
    found = await tried(capsys, files(tmp_path, {f"{name}.eml": MAILS[name] for name in names}))
    for name, told in zip(names, found, strict=True):
        expected = EXPECTED[name]
        assert (told["subject"], told["text"]) == (expected["subject"], expected["text"])
        assert [[each["name"], each["type"], each["kind"], each["bytes"]] for each in told["files"]] == expected[
            "attachments"
        ]
        assert "verdict" not in told
    assert found[1]["bounce"]["recipients"][0]["address"] == "gone@example.net"


async def everything(database: Database) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with database.read() as session:
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = list(await session.scalars(text(listed)))
        return {name: sorted(map(repr, await session.execute(text(f'SELECT * FROM "{name}"')))) for name in names}  # noqa: S608


def stored(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("caseloom.db")}


async def test_of_a_house_nothing_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    (settings.data / "format").write_text("1\n")
    await upgrade_async(settings.database)
    database = Database(settings.database)
    file = load(EXAMPLE.read_text("utf-8"), "two-mailboxes.yaml")
    now = datetime.now(UTC)
    await put_in_force(database, file, "ada", now, keyring=keyring(settings), secret=lambda _source, name: name)
    before, kept = await everything(database), stored(settings.data)
    given = {f"{name}.eml": raw for name, raw in MAILS.items()}
    given |= {f"of-the-desk-{at}.eml": mail(**words) for at, (words, _) in enumerate(BY_FILE)}
    (tmp_path / "mails").mkdir()
    files(tmp_path / "mails", given)
    found = await tried(capsys, [tmp_path / "mails"], settings=settings)
    assert len(found) == len(given)
    assert {told["verdict"] for told in found} >= {"opened", "filed", "held"}
    assert await everything(database) == before
    assert stored(settings.data) == kept
    await database.close()


async def test_an_answer_is_told_its_case(sqlite_url: str, tmp_path: Path) -> None:
    """The same answer, tried and then taken in: both join the case; trying it told nobody."""
    async with open_mailroom(sqlite_url, tmp_path) as room:
        await room.rule("support")
        first = await room.arrives(message_id="<first@customer.example>", subject="Broken")
        (entry,) = await room.taken_in(1)
        trying = considering(Settings(data=tmp_path / "data"), room.database, room.keyring)
        raw = b"From: ada@customer.example\nTo: support@house.example\nSubject: Re: Broken\n"
        raw += b"Message-ID: <second@customer.example>\nIn-Reply-To: <first@customer.example>\n\nStill.\n"
        answer = await trying.consider(raw, datetime.now(UTC))
        assert (answer.verdict.verdict, answer.case) == ("attached", room.told.opened[0])
        again = await trying.consider(first, datetime.now(UTC))
        assert again.verdict.verdict == "duplicate"
        await room.hub.deliver("support@house.example", raw)
        log = await room.taken_in(2)
        assert [(row.verdict, row.case_id) for row in log] == [("opened", entry.case_id), ("attached", entry.case_id)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        ({}, "is a folder without mails"),
    ],
)
async def test_what_is_no_mail_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any, words: str
) -> None:
    path = tmp_path / "given"
    if content == {}:
        path.mkdir()
        with pytest.raises(Unusable, match=words):
            await try_mails(Settings(), Show(), [path])
        return
    if content is not None:
        path.write_bytes(content)
    assert await try_mails(Settings(), Show(), [path, *files(tmp_path, {"good.eml": mail()})]) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert "Brake squeals" in shown.out, "the others are told all the same"


BY_NIGHT = """\
organisation: {name: Nordlicht, time_zone: Europe/Berlin, default_sla: standard}
agents: [{slug: ada, name: Ada, email: ada@nordlicht.example}]
mailboxes:
  - slug: help
    address: hilfe@nordlicht.example
    display_name: Hilfe
    queue: help
    imap: {host: mail.nordlicht.example, port: 993, user: hilfe@nordlicht.example}
    smtp: {host: mail.nordlicht.example, port: 465, user: hilfe@nordlicht.example}
queues:
  - {slug: help, name: Hilfe, owner: ada, mailbox: help}
  - {slug: night, name: Nacht, owner: ada, mailbox: help}
calendars:
  - {slug: office, time_zone: Europe/Berlin, country: DE, hours: {thursday: [{from: "09:00", to: "17:00"}]}}
  - {slug: night, time_zone: Europe/Berlin, hours: {thursday: [{from: "20:00", to: "06:00"}]}}
kpis: [{slug: first-response, name: First response}]
slas:
  - slug: standard
    name: Standard
    calendar: office
    items:
      - name: In 4 hours
        kpi: first-response
        success: {all: [{field: case.first_response_sent, value: true}]}
        fail_after: 4 business hours
routing_rule_sets:
  - slug: by-hour
    name: By the hour
    rules:
      - {name: At night, when: {all: [{field: now.within, value: night}]}, queue: night}
      - {name: By day, queue: help}
record_creation_rules:
  - {slug: all, name: All, queue: help, allow_unknown_senders: true, items: [{name: Every mail}]}
"""


@pytest.mark.parametrize(
    ("at", "queue", "due"),
    [
        ("2026-12-17T10:00+01:00", "help", "2026-12-17 14:00 CET"),
        ("2026-12-17T22:30+01:00", "night", "2026-12-24 13:00 CET"),
        ("2026-12-18T05:00+01:00", "night", "2026-12-24 13:00 CET"),
        ("2026-07-02T09:30+02:00", "help", "2026-07-02 13:30 CEST"),
    ],
)
async def test_as_if_it_came_at_another_instant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, queue: str, due: str
) -> None:
    """By the rules of that hour, and told by the clock of the house."""
    file = tmp_path / "night.yaml"
    file.write_text(BY_NIGHT, encoding="utf-8")
    instant = datetime.fromisoformat(at)
    await try_mails(Settings(), Show(), files(tmp_path, {"a.eml": mail()}), organisation=file, at=instant)
    told = capsys.readouterr().out
    assert f"goes to     {queue}\n" in told
    assert f"first-response (In 4 hours): {due}\n" in told
