"""`up` with a mailbox of one's own, on a mail server that somebody else runs; and the commands beside it."""

from __future__ import annotations

import asyncio
import signal
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from servers.mail.hub import MailHub
from tests.starting.started import OWN_PORTS, standing, starter
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)  # whole starts, several of them, beside whatever else this machine does

PASSWORD = "not for the command line"

ORGANISATION = """\
organisation: {{name: A small shop, time_zone: Europe/Berlin}}
agents:
  - {{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}}
mailboxes:
  - slug: help
    address: help@shop.example
    display_name: Help
    queue: mail
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: help@shop.example}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, user: help@shop.example}}
    password_env: SHOP_PASSWORD
queues:
  - {{slug: mail, name: Mail, owner: ada, mailbox: help}}
record_creation_rules:
  - slug: all
    name: Every mail
    queue: mail
    allow_unknown_senders: true
    create_contact: true
    owner: ada
    items: [{{name: Every mail, action: open-case}}]
"""


async def test_an_organisation_and_a_mailbox_of_ones_own(tmp_path: Path) -> None:
    users = {"help@shop.example": PASSWORD, "kim@home.example": "kim"}
    async with MailHub(tmp_path / "elsewhere", users) as hub:
        file, variables, data = tmp_path / "shop.yaml", tmp_path / "shop.env", tmp_path / "data"
        file.write_text(ORGANISATION.format(imap=hub.imap_port, smtp=hub.smtp_port))
        variables.write_text(f"SHOP_PASSWORD={PASSWORD}\n")
        place: list[str | Path] = ["--data", data, "--env-file", variables]
        options: list[str | Path] = ["up", "--organisation", file, *place, *OWN_PORTS]

        async with standing(*options, cwd=tmp_path, until="Temporal UI  ") as up:
            lines = up.out.splitlines()
            token = lines[lines.index("The administrator's token, shown this once:") + 1]
            base = next(line.split()[-1] for line in lines if line.lstrip().startswith("API ") and "/api/v1" in line)
            await asyncio.to_thread(_write, hub)
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as api:

                async def is_open() -> bool:
                    items: list[dict[str, Any]] = (await api.get("/cases")).json()["items"]
                    return [(case["queue"], case["status"]) for case in items] == [("mail", "active")]

                await until(is_open)

                made = await starter("token", "create", "--agent", "ada", "--role", "agent", *place, cwd=tmp_path)
                assert made.code == 0, made.err
                of_ada = {"Authorization": f"Bearer {made.out.strip()}"}
                assert (await api.get("/cases", headers=of_ada)).status_code == 200
                ended = await starter("token", "revoke", made.out.strip(), *place, cwd=tmp_path)
                assert ended.code == 0, ended.err
                assert (await api.get("/cases", headers=of_ada)).status_code == 401

            again = await starter("apply", file, *place, cwd=tmp_path)
            assert (again.code, again.out) == (0, "nothing changed\n"), again.err
            wrong = tmp_path / "wrong.yaml"
            wrong.write_text("queues:\n  - {slug: mail, name: Post, owner: nobody}\n")
            refused = await starter("apply", wrong, *place, cwd=tmp_path)
            assert refused.code == 1
            assert f"{wrong}:2: queues[0].owner: there is no agent 'nobody'" in refused.err

            down = await up.stop(signal.SIGTERM)
        assert (down.code, down.err) == (0, ""), down.out
        assert PASSWORD not in down.out + (data / "logs" / "caseloom.log").read_text()

        async with standing(*options, cwd=tmp_path, until="Temporal UI  ") as up:
            assert "token" not in up.out
            assert "nothing changed" in up.out


def _write(hub: MailHub) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "kim@home.example", "help@shop.example", "A question"
    mail.set_content("Are you open on Sunday?\n")
    with smtplib.SMTP("127.0.0.1", hub.smtp_port, timeout=10) as smtp:
        smtp.send_message(mail)


async def test_a_database_that_is_away_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    ended = await starter("up", "--data", tmp_path / "data", *OWN_PORTS, cwd=tmp_path, CASELOOM_DATABASE_URL=url)
    assert ended.code == 1
    assert ended.err.startswith("starter.py: the database cannot be used (")
    assert {entry.name for entry in (tmp_path / "data").iterdir()} == {"lock", "logs"}


async def test_a_cluster_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    options: list[str | Path] = ["--data", tmp_path / "data", "--api-port", "0"]
    ended = await starter("up", *options, cwd=tmp_path, CASELOOM_TEMPORAL_ADDRESS="127.0.0.1:1")
    assert ended.code == 1
    assert ended.err.startswith("starter.py: the Temporal server at 127.0.0.1:1 cannot be reached (")
    assert len(ended.err.splitlines()) == 1


async def test_a_token_needs_a_database(tmp_path: Path) -> None:
    ended = await starter("token", "create", "--agent", "ada", "--role", "agent", cwd=tmp_path)
    assert ended.code == 1
    assert "there is no Caseloom in" in ended.err
    assert list(tmp_path.iterdir()) == []
