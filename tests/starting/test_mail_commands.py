"""`starter.py mail` beside a Caseloom that runs; and that mailbox passwords are told nowhere."""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from desk.errors import DeskError
from servers.mail.hub import MailHub
from servers.ports import free_port
from settings import Settings
from starting import held_mail, mailboxes
from starting.failures import Unusable, sentence
from starting.options import parsed
from starting.show import Show, plain
from tests.scenarios.test_no_content import texts
from tests.starting.started import OWN_PORTS, Ended, standing, starter
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)  # a whole start, and a dozen commands beside it

PASSWORD, GUESS = "kept-to-itself-4711", "a-wrong-guess-0815"
STRANGER = "kim@home.example"

ORGANISATION = """\
agents:
  - {{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}}
  - {{slug: bo, name: Bo, email: bo@shop.example, roles: [agent]}}
mailboxes:
  - slug: help
    address: help@shop.example
    display_name: Help
    queue: mail
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: help@shop.example}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, user: help@shop.example}}
    password_env: SHOP_PASSWORD
  - slug: locked
    address: locked@shop.example
    display_name: Locked
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: help@shop.example}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, user: help@shop.example}}
    password_env: SHOP_GUESS
queues:
  - {{slug: mail, name: Mail, owner: ada, mailbox: help}}
record_creation_rules:
  - slug: known
    name: Who is known
    queue: mail
    owner: ada
    items: [{{name: Every mail, action: open-case}}]
"""


@dataclass
class Shop:
    place: list[str | Path]
    data: Path
    api: httpx.AsyncClient
    temporal: str
    hub: MailHub

    async def mail(self, *words: str) -> Ended:
        return await starter("mail", *words, *self.place, cwd=self.data.parent)

    async def decides(self, *words: str, agent: str = "ada") -> Ended:
        # The engine's port, which no setting names, is found in the data folder.
        return await self.mail(*words, "--agent", agent)

    async def held(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.api.get("/mailboxes/help/quarantine")).json()["items"]
        return items

    async def stranger_writes(self, subject: str, text: str = "Are you open?\n") -> None:
        before = len(await self.held())
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = STRANGER, "help@shop.example", subject
        mail.set_content(text)
        await asyncio.to_thread(_send, self.hub.smtp_port, mail)

        async def one_more() -> bool:
            return len(await self.held()) == before + 1

        await until(one_more)

    async def state(self, mailbox: str) -> str:
        return str((await self.api.get(f"/mailboxes/{mailbox}/status")).json()["state"])


def _send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.send_message(mail)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    async with MailHub(folder / "elsewhere", {"help@shop.example": PASSWORD, STRANGER: "kim"}) as hub:
        file, variables, data = folder / "shop.yaml", folder / "shop.env", folder / "data"
        file.write_text(ORGANISATION.format(imap=hub.imap_port, smtp=hub.smtp_port))
        variables.write_text(f"SHOP_PASSWORD={PASSWORD}\nSHOP_GUESS={GUESS}\n")
        place: list[str | Path] = ["--data", data, "--env-file", variables]
        port = str(free_port())
        options: list[str | Path] = ["up", "--organisation", file, *place, *OWN_PORTS, "--temporal-port", port]
        async with standing(*options, cwd=folder, until="Temporal UI  ") as up:
            lines = up.out.splitlines()
            token = lines[lines.index("The administrator's token, shown this once:") + 1]
            base = next(line.split()[-1] for line in lines if line.lstrip().startswith("API ") and "/api/v1" in line)
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as api:
                yield Shop(place, data, api, f"127.0.0.1:{port}", hub)


async def test_a_held_mail_is_seen_saved_run_again_and_released(shop: Shop) -> None:
    await shop.stranger_writes("A question")
    await shop.stranger_writes("Another one")
    first, second = [mail["id"] for mail in await shop.held()]

    listed = await shop.mail("held", "help")
    assert listed.code == 0, listed.err
    assert listed.out.index(first) < listed.out.index(second)
    assert "sender-unknown" in listed.out
    assert f"{STRANGER}: A question" in listed.out
    as_json = json.loads((await shop.mail("held", "--json", "--reason", "sender-unknown")).out)
    assert [mail["id"] for mail in as_json] == [first, second]
    assert (await shop.mail("held", "--reason", "blank")).out == "0 held.\n"

    saved = await shop.mail("raw", first)
    assert (saved.code, saved.err) == (0, "")
    assert "Subject: A question" in saved.out

    again = await shop.decides("rerun", first)
    assert (again.code, again.err) == (1, "")
    assert f"{first}  held still, sender-unknown" in again.out
    everything = await shop.decides("rerun", "--all", "--reason", "sender-unknown", "--mailbox", "help")
    assert everything.code == 0, everything.err
    assert everything.out.endswith("2 run again, 2 held.\n")

    done = await shop.decides("release", first)
    assert (done.code, done.err) == (0, "")
    assert f"{first}  opened, CAS-" in done.out
    assert [mail["id"] for mail in await shop.held()] == [second]
    audit = (await shop.api.get("/audit", params={"kind": "held-mail", "object": first})).json()["items"]
    assert [(row["actor"], row["action"]) for row in audit] == [("ada", "release"), ("ada", "rerun"), ("ada", "rerun")]

    dismissed = await shop.decides("dismiss", second)
    assert (dismissed.code, dismissed.err) == (0, "")
    assert f"{second}  filed, dismissed: was held as sender-unknown" in dismissed.out
    assert await shop.held() == []

    filed = await shop.mail("filed", "help", "--reason", "dismissed")
    assert (filed.code, filed.out.splitlines()[-1]) == (0, "1 filed.")
    assert f"{STRANGER}: Another one" in filed.out
    shown = await shop.mail("show", second)
    assert shown.code == 0, shown.err
    assert f"sender:      {STRANGER}" in shown.out
    assert "Are you open?" in shown.out
    number = done.out.partition("opened, ")[2].partition(":")[0]
    attached = await shop.decides("attach", second, "--case", number)
    assert (attached.code, attached.err) == (0, "")
    assert f"{second}  attached, {number}: filed on {number} by hand" in attached.out
    again = await shop.decides("release", second)
    assert (again.code, again.out) == (1, "")
    assert f"is on the case {number} already" in again.err

    async def has_both() -> bool:
        timeline = (await shop.api.get(f"/cases/{number}/timeline")).json()["items"]
        return [entry["kind"] for entry in timeline].count("mail") == 2

    await until(has_both)

    async def is_active() -> bool:
        cases = (await shop.api.get("/cases")).json()["items"]
        return [(case["title"], case["status"]) for case in cases] == [("A question", "active")]

    await until(is_active)


async def test_what_cannot_be_done_is_one_sentence(shop: Shop) -> None:
    settings = Settings(data=shop.data, temporal_port=int(shop.temporal.rpartition(":")[2]))
    away, show, nowhere = settings.model_copy(update={"temporal_port": 1}), Show(), uuid4()
    for command, words in (
        (mailboxes.status(settings, show, "nothing", as_json=False), "there is no mailbox 'nothing'"),
        (held_mail.listed(settings, show, "nothing", None, as_json=False), "there is no mailbox 'nothing'"),
        (held_mail.raw(settings, nowhere), f"there is no mail '{nowhere}'"),
        (held_mail.decide(settings, show, "ada", nowhere), f"there is no mail '{nowhere}'"),
        (held_mail.decide(settings, show, "bo", nowhere), "this needs the role manager or administrator; agent 'bo'"),
        (held_mail.rerun_all(settings, show, "zoe", None, None), "there is no agent 'zoe'"),
        (
            held_mail.decide(away, show, "ada", nowhere),
            "Temporal server at 127.0.0.1:1 cannot be reached (Connection refused)",
        ),
        (held_mail.decide(away, show, "ada", nowhere, onto="CAS-1"), "with --temporal-port."),
    ):
        with pytest.raises((DeskError, Unusable)) as refused:
            await command
        assert words in str(sentence(refused.value))
    ended = await shop.decides("release", str(nowhere))
    assert (ended.code, ended.out, ended.err) == (1, "", f"starter.py: there is no mail '{nowhere}'\n")


async def test_status_tells_of_each_mailbox_what_to_do(shop: Shop) -> None:
    async def settled() -> bool:
        return (await shop.state("help"), await shop.state("locked")) == ("ok", "auth-failed")

    await until(settled)
    ended = await shop.mail("status")
    assert ended.code == 0, ended.err
    assert "help  help@shop.example  ok" in ended.out
    assert "Nothing to do." in ended.out
    assert "locked  locked@shop.example  auth-failed" in ended.out
    assert "correct user or password" in ended.out
    one = json.loads((await shop.mail("status", "locked", "--json")).out)
    assert [(each["mailbox"], each["trouble"]) for each in one] == [("locked", "login")]


async def test_the_passwords_of_mailboxes_are_told_nowhere(shop: Shop) -> None:
    async def refused() -> bool:
        return await shop.state("locked") == "auth-failed"

    await until(refused)
    told = [
        (await shop.api.get(path)).text
        for path in ("/mailboxes", "/mailboxes/help", "/mailboxes/locked", "/mailboxes/status", "/metrics", "/audit")
    ]
    assert "auth-failed" in told[3], "the search would find what is there"
    told += [(await shop.mail("status", "--json")).out]
    told += [file.read_text() for file in (shop.data / "logs").iterdir()]
    client = await Client.connect(shop.temporal)
    histories = []
    async for run in client.list_workflows():
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        histories.append("\n".join(texts((await handle.fetch_history()).to_json_dict())))
        histories += map(str, (await handle.describe()).raw_description.pending_activities)
    assert any("locked" in history for history in histories), "the search would find what is there"
    everything = "\n".join([*told, *histories])
    for secret in (PASSWORD, GUESS):
        hidden = {secret, *(base64.b64encode(given).decode() for given in _logins(secret))}
        assert [word for word in hidden if word in everything] == []


def _logins(secret: str) -> list[bytes]:
    return [secret.encode(), f"\0help@shop.example\0{secret}".encode()]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["rerun", "--agent", "ada"], "one of the arguments"),
        (["rerun", "--all", str(uuid4()), "--agent", "ada"], "not allowed with"),
        (["rerun", str(uuid4()), "--reason", "blank", "--agent", "ada"], "they go with --all"),
        (["rerun", "--all"], "--agent"),
        (["rerun", "--all", "--reason", "dull", "--agent", "ada"], "invalid HoldReason value: 'dull'"),
        (["release", "17", "--agent", "ada"], "invalid UUID value: '17'"),
        (["raw"], "ID"),
        (["attach", str(uuid4()), "--agent", "ada"], "--case"),
        (["show", "17"], "invalid UUID value: '17'"),
    ],
)
def test_wrong_options_end_with_2(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parsed(["mail", *options])
    assert end.value.code == 2
    assert words in capsys.readouterr().err


def test_a_strangers_words_command_no_terminal() -> None:
    assert plain("Grüße\x1b[2J\x07\n") == "Grüße�[2J��"
