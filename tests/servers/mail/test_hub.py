"""The embedded mail pair: delivery, refusals, and what survives a restart."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiosmtplib
import pytest
from pydantic import SecretStr
from pymap.mime import MessageContent

from mail.account import ImapAccount, SmtpAccount
from mail.imap.aioimaplib_client import connect
from mail.imap.client import Selected
from mail.smtp import SendKind, SmtpAuthFailed, SmtpSender
from servers.mail import maildir
from servers.mail.hub import MailHub
from tests.mail.servers import GOLD, SUPPORT, USERS
from tests.support.waiting import until

RAW = b"From: gold@example.net\r\nTo: support@example.com\r\nSubject: help\r\n\r\nIt is broken.\r\n"
ROOT = Path(__file__).parents[3]


def imap(hub: MailHub, user: str = SUPPORT) -> ImapAccount:
    return ImapAccount(host="127.0.0.1", port=hub.imap_port, tls="none", user=user, password=SecretStr(USERS[user]))


def smtp(hub: MailHub) -> SmtpAccount:
    return SmtpAccount(host="127.0.0.1", port=hub.smtp_port, tls="none")


async def send(hub: MailHub, recipients: list[str], raw: bytes = RAW, sender: str = GOLD) -> dict[str, int | None]:
    async with SmtpSender(smtp(hub)) as sending:
        outcome = await sending.send(raw, sender, recipients)
    return {address: answer.code for address, answer in outcome.recipients.items()}


async def inbox(hub: MailHub, user: str = SUPPORT) -> list[bytes]:
    async with connect(imap(hub, user)) as client:
        await client.select("INBOX")
        return list((await client.fetch_many(await client.search_after(0))).values())


class TestDelivery:
    async def test_what_a_final_delivery_adds(self, hub: MailHub) -> None:
        await send(hub, [SUPPORT])
        expected = b"Return-Path: <gold@example.net>\r\nDelivered-To: support@example.com\r\n" + RAW
        assert await inbox(hub) == [expected]

    async def test_a_null_sender(self, hub: MailHub) -> None:
        await send(hub, [SUPPORT], sender="")
        assert (await inbox(hub))[0].startswith(b"Return-Path: <>\r\n")

    async def test_a_plus_address_reaches_its_owner_in_any_case(self, hub: MailHub) -> None:
        assert await send(hub, ["Support+abc.1@Example.com"]) == {"Support+abc.1@Example.com": 250}
        assert b"Delivered-To: Support+abc.1@Example.com\r\n" in (await inbox(hub))[0]

    async def test_each_recipient_gets_a_copy(self, hub: MailHub) -> None:
        await send(hub, [SUPPORT, GOLD])
        assert len(await inbox(hub)) == len(await inbox(hub, GOLD)) == 1

    async def test_lines_of_any_length_and_any_bytes(self, hub: MailHub) -> None:
        raw = b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\n\x00\xff\x80\r\n.\r\n..\r\n"
        await send(hub, [SUPPORT], raw)
        assert (await inbox(hub))[0].endswith(raw)

    async def test_a_mail_without_an_empty_line_is_served_to_its_last_byte(self, hub: MailHub) -> None:
        garbage = b"no header at all\r\nand no body\r\n"
        await send(hub, [SUPPORT], garbage)
        assert (await inbox(hub))[0].endswith(garbage)

    async def test_a_mail_that_no_parser_bears_is_served_whole(self, hub: MailHub) -> None:
        deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
        mails = [deep, b"Content-Type: message/rfc822\r\n\r\n" * 2000]
        for raw in mails:
            await hub.deliver(SUPPORT, raw)
        assert await inbox(hub) == mails

    async def test_an_unknown_user_is_refused_for_good(self, hub: MailHub) -> None:
        assert await send(hub, ["nobody@example.com", SUPPORT]) == {"nobody@example.com": 550, SUPPORT: 250}

    async def test_it_is_no_relay(self, hub: MailHub) -> None:
        assert await send(hub, ["somebody@elsewhere.example"]) == {"somebody@elsewhere.example": 550}

    async def test_a_recipient_can_be_made_to_fail(self, hub: MailHub) -> None:
        hub.answers[GOLD] = "451 4.3.0 later"
        assert await send(hub, [GOLD]) == {GOLD: 451}
        del hub.answers[GOLD]
        assert await send(hub, [GOLD]) == {GOLD: 250}

    async def test_login_over_smtp_is_optional_but_checked(self, hub: MailHub) -> None:
        known = SmtpAccount(**smtp(hub).model_dump() | {"user": GOLD, "password": SecretStr("pw2")})
        async with SmtpSender(known) as sending:
            assert (await sending.send(RAW, GOLD, [SUPPORT])).kind is SendKind.ACCEPTED
        with pytest.raises(SmtpAuthFailed):
            async with SmtpSender(known.model_copy(update={"password": SecretStr("guess")})):
                pass

    async def test_a_client_in_idle_is_told(self, hub: MailHub) -> None:
        async with connect(imap(hub)) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(30))
            await asyncio.sleep(0.05)
            await send(hub, [SUPPORT])
            assert await waiting

    async def test_no_push_is_missed_between_two(self, hub: MailHub) -> None:
        async with connect(imap(hub)) as client:
            await client.select("INBOX")
            seen = 0
            for number in range(100):
                sending = asyncio.create_task(hub.deliver(SUPPORT, RAW))
                while not (news := await client.search_after(seen)):
                    assert await client.idle_wait(5), f"mail {number} was never announced"
                seen = news[-1]
                await sending


class TestCost:
    """A mail is parsed for who asks for its structure, and for nobody else."""

    @pytest.fixture
    def parsed(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """A number for each mail that the server has parsed."""
        parsed: list[int] = []
        parse = maildir._content

        def counting(raw: bytes) -> MessageContent:
            parsed.append(len(raw))
            return parse(raw)

        monkeypatch.setattr(maildir, "_content", counting)
        return parsed

    async def test_bytes_and_sizes_are_served_as_they_lie(self, hub: MailHub, parsed: list[int]) -> None:
        for _ in range(3):
            await hub.deliver(SUPPORT, RAW)
        async with connect(imap(hub)) as client:
            await client.select("INBOX")
            assert await client.fetch_sizes([1, 2, 3]) == dict.fromkeys([1, 2, 3], len(RAW))
            assert await client.fetch_many([1, 2, 3]) == dict.fromkeys([1, 2, 3], RAW)
        assert parsed == []

    async def test_the_structure_is_there_for_who_asks(self, hub: MailHub, parsed: list[int]) -> None:
        await hub.deliver(SUPPORT, RAW)
        reader, writer = await logged_in(hub)
        writer.write(b"A3 FETCH 1 (BODY[HEADER.FIELDS (SUBJECT)] BODY[TEXT] BODYSTRUCTURE)\r\n")
        told = await reader.readuntil(b"A3 OK")
        writer.close()
        assert b"Subject: help" in told
        assert b"It is broken." in told
        assert b'"text" "plain"' in told
        assert len(parsed) == 1

    async def test_a_mail_of_ten_thousand_parts_is_served_without_structure(self, hub: MailHub) -> None:
        raw = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--\r\n"
        await hub.deliver(SUPPORT, raw)
        reader, writer = await logged_in(hub)
        writer.write(b"A3 FETCH 1 (BODYSTRUCTURE)\r\n")
        told = await reader.readuntil(b"A3 OK")
        writer.close()
        assert b'"multipart"' not in told
        assert b'"text" "plain"' in told

    async def test_nothing_is_done_any_more_for_a_client_that_is_gone(self, hub: MailHub, parsed: list[int]) -> None:
        mails = 1000
        for _ in range(mails):
            await hub.deliver(SUPPORT, RAW)
        _, writer = await logged_in(hub)
        writer.write(b"A3 FETCH 1:* (BODYSTRUCTURE)\r\n")
        await until(lambda: bool(parsed))
        writer.transport.abort()
        await until(lambda: not hub._connections)
        assert len(parsed) < mails


async def logged_in(hub: MailHub) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of bare hands, with the folder selected."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.imap_port)
    writer.write(b"A1 LOGIN %s %s\r\nA2 SELECT INBOX\r\n" % (SUPPORT.encode(), USERS[SUPPORT].encode()))
    await reader.readuntil(b"A2 OK")
    return reader, writer


class TestRestart:
    async def test_mails_flags_folders_and_uids_stay(self, tmp_path: Path) -> None:
        async with MailHub(tmp_path, USERS) as hub:
            for number in range(5):
                await hub.deliver(SUPPORT, b"Subject: %d\r\n\r\n" % number)
            async with connect(imap(hub)) as client:
                await client.select("INBOX")
                await client.add_flag([1, 2], "$Caseloom")
                await client.add_flag([2], "\\Flagged")
                await client.move([3], "Done/a.b")
                before = await client.select("INBOX")
                done = await client.select("Done/a.b")
        async with MailHub(tmp_path, USERS) as hub, connect(imap(hub)) as client:
            assert await client.select("INBOX") == before
            assert await client.search_after(0) == [1, 2, 4, 5]
            flags = await client.fetch_flags([1, 2, 4])
            assert [sorted(flags[uid] - {"\\Recent"}) for uid in (1, 2, 4)] == [
                ["$Caseloom"],
                ["$Caseloom", "\\Flagged"],
                [],
            ]
            assert await client.fetch(5) == b"Subject: 4\r\n\r\n"
            assert await client.select("Done/a.b") == done
            assert await client.fetch(1) == b"Subject: 2\r\n\r\n"

    async def test_the_uid_of_a_mail_that_left_is_never_given_again(self, tmp_path: Path) -> None:
        async with MailHub(tmp_path, USERS) as hub:
            await hub.deliver(SUPPORT, RAW)
            async with connect(imap(hub)) as client:
                await client.select("INBOX")
                await client.move([1], "Done")
        async with MailHub(tmp_path, USERS) as hub:
            assert await hub.deliver(SUPPORT, RAW) == 2

    async def test_half_written_mails_go_and_those_of_other_programs_come_in(self, tmp_path: Path) -> None:
        async with MailHub(tmp_path, USERS):
            pass
        (tmp_path / SUPPORT / "tmp" / "0000000007.mail").write_bytes(b"half")
        (tmp_path / SUPPORT / "new" / "1763.M1P2.host").write_bytes(RAW)
        async with MailHub(tmp_path, USERS) as hub:
            assert await inbox(hub) == [RAW]

    async def test_it_ends_with_clients_in_idle_and_in_mid_mail(self, tmp_path: Path) -> None:
        async with MailHub(tmp_path, USERS) as hub:
            client = connect(imap(hub))
            idler = await client.__aenter__()
            await idler.select("INBOX")
            idling = asyncio.create_task(idler.idle_wait(60))
            sender = aiosmtplib.SMTP(hostname="127.0.0.1", port=hub.smtp_port, start_tls=False, local_hostname="t")
            await sender.connect()
            await sender.mail(GOLD)
        async with asyncio.timeout(20):
            await asyncio.gather(idling, return_exceptions=True)
        await client.__aexit__(None, None, None)
        sender.close()


class TestProcess:
    """`python -m servers.mail.hub`, as the demo runs it."""

    async def start(self, tmp_path: Path, *options: str) -> asyncio.subprocess.Process:
        users = tmp_path / "users.json"
        users.write_text(json.dumps(USERS))
        command = [
            sys.executable,
            "-m",
            "servers.mail.hub",
            "--folder",
            str(tmp_path / "mail"),
            "--users-file",
            str(users),
        ]
        return await asyncio.create_subprocess_exec(
            *command, *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )

    async def ready(self, process: asyncio.subprocess.Process, tmp_path: Path) -> MailHub:
        assert process.stdout is not None
        word, imap_port, smtp_port = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().split()
        assert word == "ready"
        return MailHub(tmp_path, USERS, int(imap_port), int(smtp_port))  # a name for the ports; never entered

    async def state(self, hub: MailHub) -> Selected:
        async with connect(imap(hub)) as client:
            return await client.select("INBOX")

    async def test_survives_kill_and_stops_on_sigterm(self, tmp_path: Path) -> None:
        process = await self.start(tmp_path)
        hub = await self.ready(process, tmp_path)
        for _ in range(20):
            await send(hub, [SUPPORT])
        before = await self.state(hub)
        process.kill()
        await process.communicate()

        process = await self.start(tmp_path)
        hub = await self.ready(process, tmp_path)
        assert await self.state(hub) == before
        assert before.exists == 20
        os.kill(process.pid, signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, errors) == (0, b"")

    @pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"a@example.com": 1}'])
    async def test_a_bad_users_file_is_one_sentence(self, tmp_path: Path, content: str) -> None:
        process = await self.start(tmp_path, "--users-file", str(tmp_path / "bad.json"))
        (tmp_path / "bad.json").write_text(content)
        _, errors = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 2
        assert b"--users-file" in errors
        assert b"Traceback" not in errors
