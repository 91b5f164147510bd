"""The IMAP contract over a real Dovecot, and what only a real server shows: its restarts, its folders, its XOAUTH2."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import pytest
from pydantic import SecretStr

from mail.account import ImapAccount
from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapError, ImapRefused
from mail.oauth import AccessTokens
from tests.mail.imap.contract import RAW, ImapContract, Server, account
from tests.mail.servers import SUPPORT, USERS, Certificate, TokenEndpoint, credentials
from tests.support.dovecot import Dovecot, dovecot_program


@pytest.fixture
async def dovecot(certificate: Certificate) -> AsyncIterator[Dovecot]:
    async with Dovecot(dovecot_program(), USERS, (certificate.ca_file, certificate.key_file)) as running:
        yield running


class DovecotContract(ImapContract):
    # Dovecot gives line ends as CRLF and has no NUL, whatever lies in the file.
    AWKWARD: ClassVar[Sequence[bytes]] = (
        RAW,
        b"no header at all",
        b"\r\n",
        b"Subject: \xff\xfe\r\n\r\n\x80\r\n",
        RAW * 20_000,
    )

    @staticmethod
    def server_of(dovecot: Dovecot, account: ImapAccount) -> Server:
        return Server(account, lambda raw: dovecot.deliver(SUPPORT, raw))


class TestDovecot(DovecotContract):
    @pytest.fixture
    async def server(self, dovecot: Dovecot) -> Server:
        return self.server_of(dovecot, account(dovecot.port))


class TestDovecotOverTls(DovecotContract):
    @pytest.fixture
    async def server(self, dovecot: Dovecot, certificate: Certificate) -> Server:
        return self.server_of(dovecot, account(dovecot.tls_port, tls="tls", ca_file=certificate.ca_file))


class TestDovecotOverStartTls(DovecotContract):
    @pytest.fixture
    async def server(self, dovecot: Dovecot, certificate: Certificate) -> Server:
        return self.server_of(dovecot, account(dovecot.port, tls="starttls", ca_file=certificate.ca_file))


class TestFolders:
    async def test_a_folder_that_cannot_be_made_is_refused_with_the_reason(self, dovecot: Dovecot) -> None:
        await dovecot.deliver(SUPPORT, RAW)
        async with connect(account(dovecot.port)) as client:
            await client.select("INBOX")
            with pytest.raises(ImapRefused, match="must not have '/'"):
                await client.move([1], "Caseloom/Processed")
            assert await client.search_after(0) == [1]


class TestRestart:
    async def test_a_server_that_dies_ends_the_wait_at_once(self, dovecot: Dovecot) -> None:
        await dovecot.deliver(SUPPORT, RAW)
        async with connect(account(dovecot.port)) as client:
            before = await client.select("INBOX")
            waiting = asyncio.create_task(client.idle_wait(60))
            await asyncio.sleep(0.05)
            await dovecot.kill()
            async with asyncio.timeout(20):
                with pytest.raises(ImapError):
                    await waiting
        await dovecot.start()
        async with connect(account(dovecot.port)) as client:
            assert await client.select("INBOX") == before


class TestXoauth2:
    @pytest.fixture
    async def endpoint(self) -> AsyncIterator[TokenEndpoint]:
        async with TokenEndpoint(SUPPORT) as running:
            yield running

    @pytest.fixture
    async def port(self, endpoint: TokenEndpoint) -> AsyncIterator[int]:
        async with Dovecot(dovecot_program(), USERS, token_info=endpoint.info_url) as running:
            yield running.port

    async def test_a_token_that_is_fetched_opens_the_mailbox(self, endpoint: TokenEndpoint, port: int) -> None:
        async with connect(
            account(port, auth="xoauth2", password=credentials(endpoint)), tokens=AccessTokens()
        ) as client:
            assert "SASL-IR" in client.capabilities
            assert (await client.select("INBOX")).exists == 0
        assert endpoint.fetched == 1

    async def test_a_token_that_was_revoked_is_fetched_anew(self, endpoint: TokenEndpoint, port: int) -> None:
        tokens, secret = AccessTokens(), credentials(endpoint)
        await tokens.token(SecretStr(secret))
        endpoint.revoke()
        async with connect(account(port, auth="xoauth2", password=secret), tokens=tokens) as client:
            await client.select("INBOX")
        assert endpoint.fetched == 2

    async def test_a_token_that_stays_refused(self, endpoint: TokenEndpoint, port: int) -> None:
        with pytest.raises(ImapAuthFailed, match=SUPPORT) as refused:
            async with connect(account(port, auth="xoauth2", password="no-such-token")):
                pass
        assert "no-such-token" not in str(refused.value)
        assert "status" in str(refused.value)  # of the JSON that came with it
