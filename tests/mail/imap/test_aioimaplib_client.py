"""The IMAP contract, over real servers; and one test for each defect of aioimaplib that the client contains."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from mail.account import ImapAccount, Tls
from mail.hub import MailHub
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapClient, ImapError, ImapRefused, ImapTimeout
from tests.mail.servers import HOST, SUPPORT, USERS, Certificate, Proxy, ScriptedImap

SILENCE = 1.0
"""Seconds: longer than a busy machine stalls, so that it is the server who is silent."""

RAW = b"From: a@example.com\r\nSubject: a * b * c\r\n\r\n* 1 FETCH (FLAGS ())\r\nA1 OK not an answer\r\n)(\r\n"


@dataclass(frozen=True)
class Server:
    """A server under contract: where it is, and how a mail gets into its INBOX from outside."""

    account: ImapAccount
    deliver: Callable[[bytes], Awaitable[object]]


def account(
    port: int, *, tls: Tls = "none", password: str = USERS[SUPPORT], ca_file: Path | None = None
) -> ImapAccount:
    return ImapAccount(host=HOST, port=port, tls=tls, user=SUPPORT, password=SecretStr(password), ca_file=ca_file)


class ImapContract:
    """What every server behind every client must do. Subclasses say which, by a fixture `server`."""

    async def test_tells_the_state_of_a_folder(self, server: Server) -> None:
        await server.deliver(RAW)
        async with connect(server.account) as client:
            first = await client.select("INBOX")
            again = await client.select("INBOX")
        assert first.exists == 1
        assert first.uidnext == 2
        assert first.uidvalidity > 0
        assert first.keywords
        assert again == first

    async def test_a_missing_folder_is_refused_and_the_connection_lives(self, server: Server) -> None:
        async with connect(server.account) as client:
            with pytest.raises(ImapRefused):
                await client.select("Nowhere")
            assert (await client.select("INBOX")).exists == 0

    async def test_search_after_leaves_out_the_last_message_that_star_stands_for(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.select("INBOX")
            assert await client.search_after(0) == []
            for _ in range(3):
                await server.deliver(RAW)
            await client.noop()
            assert await client.search_after(0) == [1, 2, 3]
            assert await client.search_after(2) == [3]
            assert await client.search_after(3) == []
            assert await client.search_after(99) == []

    async def test_gives_back_the_bytes_and_leaves_the_mail_unseen(self, server: Server) -> None:
        awkward = [RAW, b"no header at all", b"", b"Subject: \xff\xfe\r\n\r\n\x00\x80 bare\nline\rends", RAW * 20_000]
        for raw in awkward:
            await server.deliver(raw)
        async with connect(server.account) as client:
            await client.select("INBOX")
            fetched = await client.fetch_many([1, 2, 3, 4, 5, 77])
            assert fetched == dict(enumerate(awkward, 1))
            assert await client.fetch(1) == RAW
            assert await client.fetch(77) is None
            assert await client.fetch_sizes([1, 2, 5, 77]) == {1: len(RAW), 2: 16, 5: len(RAW) * 20_000}
            flags = await client.fetch_flags([1, 2])
        assert not any("\\Seen" in of_message for of_message in flags.values())

    async def test_more_than_a_batch_at_once_is_refused(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.select("INBOX")
            with pytest.raises(ValueError, match="100"):
                await client.fetch_many(range(1, 102))

    async def test_flags_any_number_of_messages_and_finds_the_rest(self, server: Server) -> None:
        for _ in range(130):
            await server.deliver(b"Subject: x\r\n\r\n")
        async with connect(server.account) as client:
            await client.select("INBOX")
            await client.add_flag(range(1, 121), "$Caseloom")
            await client.add_flag([1, 130, 999], "\\Flagged")
            assert await client.search_unflagged("$Caseloom") == list(range(121, 131))
            assert len(await client.search_unflagged("\\Flagged")) == 128
            flags = await client.fetch_flags(range(1, 131))
            assert {"$Caseloom", "\\Flagged"} <= flags[1]
            assert len(flags) == 130
        async with connect(server.account) as client:
            await client.select("INBOX")
            assert len(await client.search_unflagged("$Caseloom")) == 10

    async def test_moves_into_a_folder_that_it_makes(self, server: Server) -> None:
        for _ in range(110):
            await server.deliver(RAW)
        folder = 'Done "ä" & 日本'
        async with connect(server.account) as client:
            await client.select("INBOX")
            await client.move(range(1, 106), folder)
            assert await client.search_after(0) == [106, 107, 108, 109, 110]
            assert (await client.select(folder)).exists == 105
            assert await client.fetch(1) == RAW

    async def test_appends(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.append(RAW, "INBOX", ["\\Seen"])
            with pytest.raises(ImapRefused):
                await client.append(RAW, "Nowhere")
            await client.append(b"second", "INBOX")
            await client.select("INBOX")
            assert await client.fetch_many([1, 2]) == {1: RAW, 2: b"second"}
            assert "\\Seen" in (await client.fetch_flags([1]))[1]

    async def test_idle_ends_when_a_mail_comes(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(20))
            await asyncio.sleep(0.05)
            await server.deliver(RAW)
            async with asyncio.timeout(20):
                assert await waiting
            assert await client.search_after(0) == [1]

    async def test_idle_ends_when_nothing_comes(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.select("INBOX")
            assert not await client.idle_wait(0.05)
            assert not await client.idle_wait(0)
            await client.noop()

    async def test_a_wrong_password_is_told_apart(self, server: Server) -> None:
        wrong = server.account.model_copy(update={"password": SecretStr("guess")})
        with pytest.raises(ImapAuthFailed, match=SUPPORT):
            async with connect(wrong):
                pass

    async def test_a_closed_client_says_so(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.close()
            await client.close()
            with pytest.raises(ImapError, match="closed"):
                await client.noop()


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

    async def test_idle_refused(self) -> None:
        script: dict[str, bytes | None] = {"IDLE": b"{tag} NO not now\r\n"}
        async with ScriptedImap(script) as server, connect(account(server.port)) as client:
            await client.select("INBOX")
            with pytest.raises(ImapError, match="refused"):
                await client.idle_wait(60)

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

    async def test_a_body_in_many_pieces(self, hub: MailHub) -> None:
        large = b"Subject: large\r\n\r\n" + b"0123456789" * 700_000
        await hub.deliver(SUPPORT, large)
        async with connect(account(hub.imap_port)) as client:
            await client.select("INBOX")
            assert await client.fetch(1) == large

    async def test_a_server_without_idle_is_polled(self) -> None:
        server = ScriptedImap({}, capabilities=b"IMAP4rev1")
        async with server, connect(account(server.port), poll=0.05) as client:
            await client.select("INBOX")
            assert await client.idle_wait(60)

    async def test_a_server_without_move_copies_and_removes(self) -> None:
        async with ScriptedImap({}, capabilities=b"IMAP4rev1 UIDPLUS") as server:
            async with connect(account(server.port)) as client:
                await client.select("INBOX")
                await client.move([1, 2], "Done")
            commands = [said.split(" ", 1)[1] for said in server.said if "UID" in said]
        assert commands == ['UID COPY 1:2 "Done"', r"UID STORE 1:2 +FLAGS.SILENT (\Deleted)", "UID EXPUNGE 1:2"]
