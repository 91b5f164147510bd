"""The IMAP contract, over real servers; and one test for each defect of aioimaplib that the client contains."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from mail.account import ImapAccount
from mail.imap import protocol
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapClient, ImapError, ImapRefused, ImapTimeout
from servers.mail.hub import MailHub
from tests.mail.imap.contract import RAW, ImapContract, Server, account
from tests.mail.servers import HOST, SUPPORT, USERS, Certificate, Listener, Proxy, ScriptedImap, make_certificate

SILENCE = 2.5
"""Seconds: longer than a busy machine stalls, so that it is the server who is silent."""


class TestPymap(ImapContract):
    @pytest.fixture
    async def server(self, hub: MailHub) -> Server:
        return Server(account(hub.imap_port), lambda raw: hub.deliver(SUPPORT, raw))


class TestPymapOverTls(ImapContract):
    @pytest.fixture
    async def server(self, hub: MailHub, certificate: Certificate) -> AsyncIterator[Server]:
        async with Proxy(hub.imap_port, certificate.server) as proxy:
            secure = account(proxy.port, tls="tls", ca_file=certificate.ca_file)
            yield Server(secure, lambda raw: hub.deliver(SUPPORT, raw))


class TestPymapOverStartTls(ImapContract):
    @pytest.fixture
    async def server(self, tmp_path: Path, certificate: Certificate) -> AsyncIterator[Server]:
        async with MailHub(tmp_path / "tls", USERS, tls=certificate.server) as hub:
            upgraded = account(hub.imap_port, tls="starttls", ca_file=certificate.ca_file)
            yield Server(upgraded, lambda raw: hub.deliver(SUPPORT, raw))


class TestEncryption:
    async def test_an_unknown_certificate_is_refused(self, hub: MailHub, certificate: Certificate) -> None:
        async with Proxy(hub.imap_port, certificate.server) as proxy:
            with pytest.raises(ImapError, match="certificate verify failed"):
                async with connect(account(proxy.port, tls="tls")):
                    pass

    async def test_starttls_is_not_given_up(self, hub: MailHub) -> None:
        with pytest.raises(ImapError, match="no STARTTLS"):
            async with connect(account(hub.imap_port, tls="starttls")):
                pass

    async def test_no_password_goes_where_the_server_forbids_it(self) -> None:
        async with ScriptedImap({}, capabilities=b"IMAP4rev1 LOGINDISABLED") as server:
            with pytest.raises(ImapAuthFailed, match="starttls"):
                async with connect(account(server.port)):
                    pass
            assert not any("LOGIN" in said for said in server.said)

    async def test_plain_text_behind_the_answer_to_starttls_is_refused(self, certificate: Certificate) -> None:
        script: dict[str, bytes | None] = {"STARTTLS": b"{tag} OK go\r\n* PREAUTH welcome\r\n"}
        async with ScriptedImap(script, capabilities=b"IMAP4rev1 STARTTLS") as server:
            with pytest.raises(ImapError, match="STARTTLS"):
                async with connect(account(server.port, tls="starttls", ca_file=certificate.ca_file)):
                    pass

    async def test_plain_text_before_the_handshake_is_refused(self, certificate: Certificate) -> None:
        """The same in a packet of its own, which comes while the client gets ready to encrypt."""

        async def inject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
            while line := await reader.readline():
                tag, _, command = line.partition(b" ")
                if command.startswith(b"CAPABILITY"):
                    writer.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
                else:
                    writer.write(tag + b" OK go\r\n")
                    await writer.drain()
                    writer.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN")
                    await writer.drain()

        async with Listener(inject) as server:
            with pytest.raises(ImapError):
                async with connect(account(server.port, tls="starttls", ca_file=certificate.ca_file), silence=SILENCE):
                    pass

    async def test_a_greeting_that_is_logged_in_already_does_not_get_round_starttls(
        self, certificate: Certificate
    ) -> None:
        greeting = b"* PREAUTH welcome\r\n"
        async with ScriptedImap({}, greeting=greeting, capabilities=b"IMAP4rev1 STARTTLS") as server:
            with pytest.raises(ImapError, match="STARTTLS"):
                async with connect(account(server.port, tls="starttls", ca_file=certificate.ca_file)):
                    pass
            assert not any("SELECT" in said for said in server.said)

    async def test_an_unknown_certificate_is_refused_after_starttls(
        self, tmp_path: Path, certificate: Certificate
    ) -> None:
        async with MailHub(tmp_path / "tls", USERS, tls=certificate.server) as hub:
            with pytest.raises(ImapError, match="certificate verify failed"):
                async with connect(account(hub.imap_port, tls="starttls")):
                    pass

    async def test_a_certificate_for_another_host_is_refused(self, hub: MailHub, tmp_path: Path) -> None:
        other = make_certificate(tmp_path, "127.0.0.9")
        async with Proxy(hub.imap_port, other.server) as proxy:
            with pytest.raises(ImapError, match="certificate is not valid for"):
                async with connect(account(proxy.port, tls="tls", ca_file=other.ca_file)):
                    pass

    async def test_a_server_that_never_shakes_hands(self, certificate: Certificate) -> None:
        async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with Listener(silent) as server:
            with pytest.raises(ImapTimeout):
                async with connect(account(server.port, tls="tls", ca_file=certificate.ca_file), silence=0.2):
                    pass

    async def test_nobody_there(self) -> None:
        async with ScriptedImap({}) as server:
            port = server.port
        with pytest.raises(ImapError, match=str(port)):
            async with connect(account(port)):
                pass


class TestContainedDefects:
    """aioimaplib 2.0.3, one defect each (parts of it by its issue number)."""

    async def test_118_thousands_of_lines_in_one_chunk(self) -> None:
        storm = b"".join(b"* %d EXPUNGE\r\n" % n for n in range(5000, 0, -1))
        flags = b"".join(b"* %d FETCH (UID %d FLAGS (\\Seen))\r\n" % (n, n) for n in range(1, 2001))
        script: dict[str, bytes | None] = {
            "NOOP": storm + b"{tag} OK done\r\n",
            "UID FETCH": flags + b"{tag} OK done\r\n",
        }
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            await client.noop()
            assert len(await client.fetch_flags([1])) == 2000

    async def test_110_a_reset_connection_ends_the_wait_at_once(self, proxy: Proxy) -> None:
        async with connect(account(proxy.port)) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(60))
            await asyncio.sleep(0.05)
            proxy.reset()
            async with asyncio.timeout(20):
                with pytest.raises(ImapError, match="connection"):
                    await waiting
                with pytest.raises(ImapError):
                    await client.noop()

    async def test_110_idle_start_without_an_answer(self) -> None:
        async with ScriptedImap({"IDLE": None}) as server, connect(account(server.port), silence=SILENCE) as client:
            await client.select("INBOX")
            with pytest.raises(ImapTimeout, match="IDLE"):
                await client.idle_wait(60)

    async def test_110_idle_start_met_by_bye(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"* BYE shutting down\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port), silence=SILENCE) as client:
            await client.select("INBOX")
            with pytest.raises(ImapError):
                await client.idle_wait(60)

    async def test_where_idle_is_refused_it_is_polled(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"{tag} NO not now\r\n"}
        polled = account(1).model_copy(update={"poll_seconds": 0.05})
        async with ScriptedImap(script) as server:
            async with connect(polled.model_copy(update={"port": server.port})) as client:
                await client.select("INBOX")
                for _ in range(3):
                    assert await client.idle_wait(60)
            commands = [said.split(" ", 1)[1] for said in server.said if " " in said]
        assert [said for said in commands if said in ("IDLE", "NOOP")] == ["IDLE", "NOOP", "NOOP"]

    async def test_a_dead_connection_is_found_while_idling(self, proxy: Proxy) -> None:
        async with connect(account(proxy.port), silence=SILENCE, probe=0.1) as client:
            await client.select("INBOX")
            proxy.freeze()
            async with asyncio.timeout(20):
                with pytest.raises(ImapTimeout):
                    await client.idle_wait(60)

    async def test_idling_outlasts_its_probes(self, hub: MailHub) -> None:
        async with connect(account(hub.imap_port), probe=0.05) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(60))
            await asyncio.sleep(0.3)
            assert not waiting.done()
            await hub.deliver(SUPPORT, RAW)
            async with asyncio.timeout(20):
                assert await waiting

    async def test_news_in_the_answer_to_a_search_is_not_slept_over(self) -> None:
        script: dict[str, bytes | None] = {"UID SEARCH": b"* SEARCH\r\n* 4 EXISTS\r\n{tag} OK done\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            assert await client.search_after(3) == []
            async with asyncio.timeout(20):
                assert await client.idle_wait(60)

    async def test_still_here_is_no_news(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"+ idling\r\n* OK Still here\r\n", "DONE": b"{tag} OK done\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            assert not await client.idle_wait(0.1)

    async def test_120_news_between_done_and_its_answer(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"+ idling\r\n", "DONE": b"* 4 EXISTS\r\n{tag} OK done\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            assert await client.idle_wait(0.05)

    async def test_a_silent_server_ends_every_call_within_the_deadline(self, proxy: Proxy) -> None:
        calls: list[Callable[[ImapClient], Awaitable[object]]] = [
            lambda client: client.noop(),
            lambda client: client.select("INBOX"),
            lambda client: client.search_after(0),
            lambda client: client.fetch(1),
            lambda client: client.fetch_flags([1]),
            lambda client: client.add_flag([1], "$X"),
            lambda client: client.move([1], "Done"),
            lambda client: client.append(RAW, "INBOX"),
            lambda client: client.idle_wait(60),
        ]
        clients = [connect(account(proxy.port), silence=SILENCE) for _ in calls]
        entered = [await client.__aenter__() for client in clients]
        for client in entered:
            await client.select("INBOX")
        proxy.freeze()
        async with asyncio.timeout(20):
            results = await asyncio.gather(
                *(call(client) for call, client in zip(calls, entered, strict=True)), return_exceptions=True
            )
        assert [type(result) for result in results] == [ImapTimeout] * len(calls)
        for context in clients:
            await context.__aexit__(None, None, None)

    async def test_a_cancelled_call_gives_the_connection_up(self, hub: MailHub) -> None:
        async with connect(account(hub.imap_port)) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(60))
            await asyncio.sleep(0.05)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            with pytest.raises(ImapError):
                await client.noop()

    async def test_a_silent_greeting(self) -> None:
        async with ScriptedImap({}, greeting=b"") as server:
            with pytest.raises(ImapTimeout):
                async with connect(account(server.port), silence=SILENCE):
                    pass

    async def test_a_greeting_of_bye_is_not_waited_out(self) -> None:
        async with ScriptedImap({}, greeting=b"* BYE go away\r\n") as server:
            async with asyncio.timeout(20):
                with pytest.raises(ImapError, match="greeting"):
                    async with connect(account(server.port), silence=60):
                        pass

    async def test_untagged_text_keeps_its_stars(self) -> None:
        select = b"* OK [PERMANENTFLAGS (\\* \\Seen)] x\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK done\r\n"
        async with ScriptedImap({"SELECT": select}) as server, connect(account(server.port)) as client:
            assert (await client.select("INBOX")).keywords

    async def test_capabilities_lose_their_brackets(self) -> None:
        script: dict[str, bytes | None] = {"LOGIN": b"{tag} OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hello\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            assert client.capabilities == {"IMAP4REV1", "IDLE", "MOVE", "UIDPLUS"}

    async def test_user_password_and_folder_are_quoted(self) -> None:
        tricky = ImapAccount(host=HOST, port=1, tls="none", user='a "b"\\', password=SecretStr('p"w\\'))
        async with ScriptedImap({}) as server:
            async with connect(tricky.model_copy(update={"port": server.port})) as client:
                await client.select('In "box" \\')
            assert any(said.endswith(r'LOGIN "a \"b\"\\" "p\"w\\"') for said in server.said)
            assert any(said.endswith(r'SELECT "In \"box\" \\"') for said in server.said)

    async def test_a_password_of_any_script(self, tmp_path: Path) -> None:
        password = 'pä"ß\\日'
        hub = MailHub(tmp_path / "mail", {SUPPORT: password})
        async with hub, connect(account(hub.imap_port, password=password)) as client:
            await client.noop()

    @pytest.mark.parametrize("folder", ["IN\r\nBOX", "a\0b"])
    async def test_line_breaks_reach_no_command(self, hub: MailHub, folder: str) -> None:
        async with connect(account(hub.imap_port)) as client:
            with pytest.raises(ImapRefused):
                await client.select(folder)
            with pytest.raises(ValueError, match="flag"):
                await client.add_flag([1], "$A) (x")
            await client.noop()

    async def test_no_secret_is_logged_or_told(self, caplog: pytest.LogCaptureFixture) -> None:
        secret = 'hun"ter\\2'
        with caplog.at_level(logging.DEBUG):
            async with ScriptedImap({"LOGIN": None}) as server:
                with pytest.raises(ImapTimeout) as silent:
                    async with connect(account(server.port, password=secret), silence=SILENCE):
                        pass
            async with ScriptedImap({"LOGIN": b"ZZ9 OK somebody else's answer\r\n"}) as server:
                with pytest.raises(ImapError) as confused:
                    async with connect(account(server.port, password=secret), silence=60):
                        pass
        told = f"{caplog.text} {silent.getrepr(style='long')} {confused.value!r}"
        for form in (secret, secret.replace("\\", "\\\\"), "ter\\2", "hunter"):
            assert form not in caplog.text
            assert form not in str(silent.value) + str(confused.value)
        assert "aioimaplib" not in "".join(record.name for record in caplog.records), told

    async def test_an_endless_literal_is_not_stored(self) -> None:
        answer = b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"
        async with ScriptedImap({"UID FETCH": answer}) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            with pytest.raises(ImapError, match="99999999999"):
                await client.fetch(1)

    async def test_an_unasked_flag_does_not_replace_a_body(self) -> None:
        answer = (
            b"* 1 FETCH (BODY[] {5}\r\nhello UID 1)\r\n* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
            b'* 2 FETCH (FLAGS ())\r\n* 3 FETCH (UID 3 BODY[] "")\r\n* 4 FETCH (UID 4 BODY[] NIL)\r\n{tag} OK done\r\n'
        )
        async with ScriptedImap({"UID FETCH": answer}) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            assert await client.fetch_many([1, 2, 3, 4]) == {1: b"hello", 3: b""}

    async def test_a_body_may_be_a_quoted_string(self) -> None:
        quoted = b'* 1 FETCH (BODY[] "a \\"(\\" UID 9 \\\\" UID 1)\r\n* 2 FETCH (UID 2 BODY[] {2}\r\nhi)\r\n{tag} OK done\r\n'
        async with ScriptedImap({"UID FETCH": quoted}) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            assert await client.fetch_many([1, 2]) == {1: b'a "(" UID 9 \\', 2: b"hi"}

    async def test_a_flood_of_lines_in_one_answer_takes_no_time_in_the_square_of_it(self) -> None:
        lines = b"* 1 FETCH (UID 1 FLAGS (\r\n" + b"x\r\n" * 200_000 + b"))\r\n{tag} OK done\r\n"
        async with ScriptedImap({"UID FETCH": lines}) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            async with asyncio.timeout(30):
                assert await client.fetch_many([1]) == {}

    async def test_a_body_in_many_pieces(self, hub: MailHub) -> None:
        large = b"Subject: large\r\n\r\n" + b"0123456789" * 700_000
        await hub.deliver(SUPPORT, large)
        async with connect(account(hub.imap_port)) as client:
            await client.select("INBOX")
            assert await client.fetch(1) == large


class TestBounds:
    """A call ends, whatever a server does: with an answer, or with an error and without the connection."""

    async def ends(self, script: dict[str, bytes | None], *, patience: float = 60) -> str:
        """How a fetch ends. It must end long before the test would be given up."""
        async with (
            asyncio.timeout(20),
            ScriptedImap(script) as server,
            connect(account(server.port), silence=SILENCE, patience=patience) as client,
        ):
            await client.select("INBOX")
            with pytest.raises(ImapError) as ended:
                await client.fetch(1)
            with pytest.raises(ImapError):
                await client.noop()
        return str(ended.value)

    async def test_silence_in_the_middle_of_a_literal(self) -> None:
        assert "no answer" in await self.ends({"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {5}\r\nhe"})

    async def test_silence_in_the_middle_of_a_line(self) -> None:
        assert "no answer" in await self.ends({"UID FETCH": b"* 1 FETCH (UID 1 BODY"})

    async def test_silence_before_the_tagged_answer(self) -> None:
        assert "no answer" in await self.ends({"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {2}\r\nhi)\r\n"})

    async def test_a_bye_and_an_end(self) -> None:
        async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"* PREAUTH hello\r\n")
            while line := await reader.readline():
                tag, _, command = line.rstrip().partition(b" ")
                if command.startswith(b"UID"):
                    return writer.write(b"* BYE out of memory\r\n")
                told = b"* OK [UIDVALIDITY 7] x\r\n" if command.startswith(b"SELECT") else b"* CAPABILITY IMAP4rev1\r\n"
                writer.write(told + tag + b" OK done\r\n")

        async with asyncio.timeout(20), Listener(leave) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            with pytest.raises(ImapError, match="FETCH: the server said BYE out of memory"):
                await client.fetch(1)

    @pytest.mark.parametrize(
        ("told", "for_good"),
        [
            ("NO [AUTHENTICATIONFAILED] wrong", True),
            ("NO [AUTHENTICATIONFAILED] temporary, try again later", True),
            ("NO [EXPIRED] the password is too old", True),
            ("NO [AUTHORIZATIONFAILED] not this mailbox", True),
            ("NO LOGIN failed.", True),
            ("BAD wrong", True),
            ("NO [UNAVAILABLE] the directory is away", False),
            ("NO [INUSE] somebody else has it", False),
            ("NO [LIMIT] 10 connections", False),
            ("NO [unavailable] in small letters", False),
            ("NO [ALERT] Too many simultaneous connections. (Failure)", False),
            ("NO Temporary authentication failure", False),
            ("NO Server Unavailable. 15", False),
        ],
    )
    async def test_a_login_is_refused_for_good_or_for_now(self, told: str, for_good: bool) -> None:
        async with ScriptedImap({"LOGIN": f"{{tag}} {told}\r\n".encode()}) as server:
            with pytest.raises(ImapError) as refused:
                async with connect(account(server.port)):
                    pass
        assert isinstance(refused.value, ImapAuthFailed) is for_good
        assert told.partition("]")[2] in str(refused.value)

    async def test_a_reset_in_the_middle_of_a_mail(self, hub: MailHub, proxy: Proxy) -> None:
        await hub.deliver(SUPPORT, b"Subject: large\r\n\r\n" + b"0123456789" * 2_000_000)
        async with asyncio.timeout(20), connect(account(proxy.port)) as client:
            await client.select("INBOX")
            fetching = asyncio.create_task(client.fetch(1))
            await asyncio.sleep(0.01)
            proxy.reset()
            with pytest.raises(ImapError, match="connection"):
                await fetching

    async def test_a_byte_at_a_time(self) -> None:
        """A server that is never silent and never done: the time for one command has a limit of its own."""

        async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"* PREAUTH hello\r\n")
            while line := await reader.readline():
                tag, _, command = line.rstrip().partition(b" ")
                if command.startswith(b"UID"):
                    writer.write(b"* 1 FETCH (UID 1 BODY[] {1000000}\r\n")
                    while not writer.is_closing():
                        writer.write(b"x")
                        await writer.drain()
                        await asyncio.sleep(0.02)
                told = b"* OK [UIDVALIDITY 7] x\r\n" if command.startswith(b"SELECT") else b"* CAPABILITY IMAP4rev1\r\n"
                writer.write(told + tag + b" OK done\r\n")

        async with (
            asyncio.timeout(20),
            Listener(trickle) as server,
            connect(account(server.port), silence=0.5, patience=1) as client,
        ):
            await client.select("INBOX")
            with pytest.raises(ImapTimeout, match="not answered in full within 1 s"):
                await client.fetch(1)

    async def test_the_time_that_a_message_gets_grows_with_its_size(self, hub: MailHub) -> None:
        raw = b"Subject: large\r\n\r\n" + b"x" * 400_000
        await hub.deliver(SUPPORT, raw)
        async with (
            asyncio.timeout(40),
            Proxy(hub.imap_port) as proxy,
            connect(account(proxy.port), silence=1, patience=1) as client,
        ):
            await client.select("INBOX")
            proxy.pace = 0.4  # before each of the seven pieces
            assert await client.fetch_many([1], len(raw)) == {1: raw}
            with pytest.raises(ImapTimeout, match="not answered in full within 1 s"):
                await client.fetch_many([1])

    async def test_a_bye_while_idling_on_a_connection_that_stays_open(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"+ idling\r\n* BYE going down\r\n"}
        async with asyncio.timeout(20), ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            with pytest.raises(ImapError, match="the server said BYE going down"):
                await client.idle_wait(60)

    @pytest.mark.parametrize(
        "garbage",
        [
            b"\x00\xff\xfe\r\n",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"* 1 FETCH (((((\r\n",
            b"* \r\n",
            b"*\r\n",
            b"+ \r\n",
            b"X9 OK of another command\r\n",
            b"* 1 FETCH (UID 99999999999999999999 BODY[] {1}\r\nx)\r\n",
            b"* 1 FETCH (UID x BODY[] {-1}\r\n",
        ],
    )
    async def test_garbage_is_an_answer_or_an_error(self, garbage: bytes) -> None:
        async with (
            asyncio.timeout(20),
            ScriptedImap({"UID FETCH": garbage + b"{tag} OK done\r\n"}) as server,
            connect(account(server.port), silence=SILENCE) as client,
        ):
            await client.select("INBOX")
            with suppress(ImapError):
                assert await client.fetch(1) in (None, b"x")  # b"x" was sent for the one that was asked for

    async def test_a_line_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(protocol, "LONGEST_LINE", 100_000)
        assert "without end" in await self.ends({"UID FETCH": b"* 1 FETCH (" + b"x" * 200_000})


class TestPoorServers:
    """The hub with its extensions switched off: what is left is RFC 3501."""

    @pytest.fixture
    async def poor(self, tmp_path: Path) -> AsyncIterator[MailHub]:
        async with MailHub(tmp_path / "poor", USERS, without={"IDLE", "MOVE", "UIDPLUS", "KEYWORDS"}) as running:
            yield running

    async def test_without_idle_it_is_polled(self, poor: MailHub) -> None:
        async with connect(account(poor.imap_port).model_copy(update={"poll_seconds": 0.05})) as client:
            await client.select("INBOX")
            assert await client.idle_wait(60)
            assert await client.search_after(0) == []
            await poor.deliver(SUPPORT, RAW)
            assert await client.idle_wait(60)
            assert await client.search_after(0) == [1]

    async def test_without_idle_a_lost_connection_ends_the_wait_at_once(self, poor: MailHub) -> None:
        async with Proxy(poor.imap_port) as proxy, connect(account(proxy.port)) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(60))
            await asyncio.sleep(0.05)
            proxy.reset()
            async with asyncio.timeout(5):
                with pytest.raises(ImapError):
                    await waiting

    async def test_without_keywords_the_standard_flags_are_left(self, poor: MailHub) -> None:
        await poor.deliver(SUPPORT, RAW)
        async with connect(account(poor.imap_port)) as client:
            assert not (await client.select("INBOX")).keywords
            await client.add_flag([1], "\\Flagged")
            assert "\\Flagged" in (await client.fetch_flags([1]))[1]

    async def test_without_move_and_uidplus_nothing_is_moved_or_removed(self, poor: MailHub) -> None:
        for _ in range(2):
            await poor.deliver(SUPPORT, RAW)
        async with connect(account(poor.imap_port)) as client:
            await client.select("INBOX")
            assert not client.moves
            await client.add_flag([2], "\\Deleted")  # somebody else has marked it and not removed it yet
            with pytest.raises(ImapRefused, match="UIDPLUS"):
                await client.move([1], "Done")
            assert await client.search_after(0) == [1, 2]
            with pytest.raises(ImapRefused):
                await client.select("Done")

    async def test_without_move_the_others_that_are_marked_as_deleted_stay(self, tmp_path: Path) -> None:
        async with MailHub(tmp_path / "half", USERS, without={"MOVE"}) as hub:
            for _ in range(3):
                await hub.deliver(SUPPORT, RAW)
            async with connect(account(hub.imap_port)) as client:
                await client.select("INBOX")
                assert client.moves
                await client.add_flag([3], "\\Deleted")
                await client.move([1, 77], "Done")
                await client.move([1], "Done")
                assert await client.search_after(0) == [2, 3]
                assert (await client.select("Done")).exists == 1

    async def test_what_is_said_to_a_server_without_move(self) -> None:
        async with ScriptedImap({}, capabilities=b"IMAP4rev1 UIDPLUS") as server:
            async with connect(account(server.port)) as client:
                await client.select("INBOX")
                await client.move([1, 2], "Done")
            commands = [said.split(" ", 1)[1] for said in server.said if "UID" in said]
        assert commands == ['UID COPY 1:2 "Done"', r"UID STORE 1:2 +FLAGS.SILENT (\Deleted)", "UID EXPUNGE 1:2"]


NO_HOSTS = ("x" * 70 + ".example", "a..b", ".example", "x." * 200, "ü" * 70)
"""Names that no server can have: they fail before anybody is asked for them."""


@pytest.mark.parametrize("host", NO_HOSTS)
async def test_a_host_that_is_no_name_of_a_server_is_a_server_that_cannot_be_reached(host: str) -> None:
    with pytest.raises(ImapError, match=":1"):
        async with connect(account(1).model_copy(update={"host": host}), silence=SILENCE):
            pass
