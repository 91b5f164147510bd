"""What every IMAP server behind every client must do; `test_aioimaplib_client` and `test_dovecot` say which servers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr

from mail.account import Auth, ImapAccount, Tls
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapError, ImapRefused
from tests.mail.servers import HOST, SUPPORT, USERS

RAW = b"From: a@example.com\r\nSubject: a * b * c\r\n\r\n* 1 FETCH (FLAGS ())\r\nA1 OK not an answer\r\n)(\r\n"


@dataclass(frozen=True)
class Server:
    """A server under contract: where it is, and how a mail gets into its INBOX from outside."""

    account: ImapAccount
    deliver: Callable[[bytes], Awaitable[object]]


def account(
    port: int,
    *,
    tls: Tls = "none",
    auth: Auth = "password",
    password: str = USERS[SUPPORT],
    ca_file: Path | None = None,
) -> ImapAccount:
    secret = SecretStr(password)
    return ImapAccount(host=HOST, port=port, tls=tls, auth=auth, user=SUPPORT, password=secret, ca_file=ca_file)


class ImapContract:
    """Subclasses name the server, by a fixture `server`."""

    AWKWARD: ClassVar[Sequence[bytes]] = (
        RAW,
        b"no header at all",
        b"",
        b"Subject: \xff\xfe\r\n\r\n\x00\x80 bare\nline\rends",
        RAW * 20_000,
    )
    """Mails that this server gives back byte by byte."""

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
        for raw in self.AWKWARD:
            await server.deliver(raw)
        async with connect(server.account) as client:
            await client.select("INBOX")
            fetched = await client.fetch_many([1, 2, 3, 4, 5, 77])
            assert fetched == dict(enumerate(self.AWKWARD, 1))
            assert await client.fetch(1) == RAW
            assert await client.fetch(77) is None
            assert await client.fetch_sizes([1, 2, 5, 77]) == {uid: len(self.AWKWARD[uid - 1]) for uid in (1, 2, 5)}
            flags = await client.fetch_flags([1, 2])
        assert not any("\\Seen" in of_message for of_message in flags.values())

    async def test_what_another_client_removed_is_listed_no_more(self, server: Server) -> None:
        await server.deliver(RAW)
        await server.deliver(RAW)
        async with connect(server.account) as client, connect(server.account) as other:
            await client.select("INBOX")
            await other.select("INBOX")
            assert await client.lists(1)
            await other.move([1], "Elsewhere")
            assert not await client.lists(1)
            assert await client.lists(2)

    async def test_more_than_a_batch_at_once_is_refused(self, server: Server) -> None:
        async with connect(server.account) as client:
            await client.select("INBOX")
            with pytest.raises(ValueError, match="100"):
                await client.fetch_many(range(1, 102))

    async def test_tells_when_a_message_came(self, server: Server) -> None:
        before = datetime.now(UTC) - timedelta(seconds=2)  # the server tells whole seconds
        await server.deliver(RAW)
        async with connect(server.account) as client:
            await client.select("INBOX")
            came = await client.internal_date(1)
            assert came is not None
            assert before <= came <= datetime.now(UTC) + timedelta(seconds=2)
            assert await client.internal_date(77) is None

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

    async def test_moves_those_that_are_there(self, server: Server) -> None:
        for _ in range(3):
            await server.deliver(RAW)
        async with connect(server.account) as client:
            await client.select("INBOX")
            await client.move([2], "Done")
            await client.add_flag([2, 3], "\\Flagged")
            await client.move([2, 3, 77], "Done")
            await client.move([2, 77], "Done")
            assert await client.search_after(0) == [1]
            assert (await client.select("Done")).exists == 2

    async def test_reads_without_leaving_a_trace(self, server: Server) -> None:
        await server.deliver(RAW)
        async with connect(server.account) as client:
            seen = await client.select("INBOX", read_only=True)
            assert await client.fetch_many(await client.search_after(0)) == {1: RAW}
            with suppress(ImapRefused):  # others say OK and do nothing
                await client.add_flag([1], "\\Flagged")
            waiting = asyncio.create_task(client.idle_wait(20))
            await asyncio.sleep(0.05)
            await server.deliver(RAW)
            async with asyncio.timeout(20):
                assert await waiting
            assert await client.search_after(1) == [2]
        async with connect(server.account) as client:
            assert (await client.select("INBOX")).uidvalidity == seen.uidvalidity
            # A first look removes this mark. A reader who only read has left it for the next one.
            assert (await client.fetch_flags([1]))[1] == {"\\Recent"}

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
