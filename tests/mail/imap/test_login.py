"""Logging in by XOAUTH2, with and without SASL-IR, and what a refusal tells."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mail.imap.aioimaplib_client import connect
from mail.imap.client import ImapAuthFailed, ImapError
from mail.oauth import AccessTokens
from servers.mail.hub import MailHub
from tests.mail.imap.contract import account
from tests.mail.servers import SUPPORT, USERS, ScriptedImap, TokenEndpoint, credentials

REASON = b'{"status":"401","schemes":"bearer"}'


@pytest.fixture
async def endpoint() -> AsyncIterator[TokenEndpoint]:
    async with TokenEndpoint(SUPPORT) as running:
        yield running


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[MailHub]:
    async with MailHub(tmp_path / "hub", USERS, tokens={SUPPORT: "access-1"}) as running:
        yield running


class TestXoauth2:
    async def test_a_token_opens_the_mailbox(self, hub: MailHub) -> None:
        async with connect(account(hub.imap_port, auth="xoauth2", password="access-1")) as client:
            assert (await client.select("INBOX")).exists == 0

    async def test_a_token_is_fetched(self, hub: MailHub, endpoint: TokenEndpoint) -> None:
        async with connect(
            account(hub.imap_port, auth="xoauth2", password=credentials(endpoint)), tokens=AccessTokens()
        ) as client:
            await client.select("INBOX")
        assert endpoint.fetched == 1

    async def test_a_token_that_was_revoked_is_fetched_anew_once(self, hub: MailHub, endpoint: TokenEndpoint) -> None:
        hub.tokens = {SUPPORT: "access-2"}
        tokens, mailbox = AccessTokens(), account(hub.imap_port, auth="xoauth2", password=credentials(endpoint))
        async with connect(mailbox, tokens=tokens) as client:
            await client.select("INBOX")
        assert endpoint.fetched == 2
        hub.tokens = {}
        with pytest.raises(ImapAuthFailed, match='"status":"400"'):
            async with connect(mailbox, tokens=tokens):
                pass
        assert endpoint.fetched == 3

    async def test_an_endpoint_that_is_away_is_no_wrong_password(self, hub: MailHub, endpoint: TokenEndpoint) -> None:
        mailbox = account(hub.imap_port, auth="xoauth2", password=credentials(endpoint))
        endpoint.answers = [(503, b""), (400, {"error": "invalid_grant"})]
        with pytest.raises(ImapError, match="503") as away:
            async with connect(mailbox, tokens=AccessTokens()):
                pass
        assert not isinstance(away.value, ImapAuthFailed)
        with pytest.raises(ImapAuthFailed, match="invalid_grant"):
            async with connect(mailbox, tokens=AccessTokens()):
                pass

    async def test_a_server_without_it_is_sent_nothing(self) -> None:
        async with ScriptedImap({}) as server:
            with pytest.raises(ImapAuthFailed, match="XOAUTH2"):
                async with connect(account(server.port, auth="xoauth2", password="t")):
                    pass
            assert not any("AUTHENTICATE" in said or "LOGIN" in said for said in server.said)

    async def test_a_secret_that_is_neither_token_nor_credentials(self, hub: MailHub) -> None:
        for secret in ("two words", '{"client_id": "hunter2"}', ""):
            with pytest.raises(ImapAuthFailed, match=r"access token|token_url") as refused:
                async with connect(account(hub.imap_port, auth="xoauth2", password=secret)):
                    pass
            assert "hunter2" not in str(refused.value)

    @pytest.mark.parametrize("offers", [b"", b" SASL-IR"])
    async def test_the_challenge_of_a_refusal_is_answered_with_an_empty_line(self, offers: bytes) -> None:
        sasl = b64encode(f"user={SUPPORT}\x01auth=Bearer a-token\x01\x01".encode()).decode()
        challenge = b"+ " + b64encode(REASON) + b"\r\n"
        script: dict[str, bytes | None] = {
            "AUTHENTICATE": challenge if offers else b"+ \r\n",
            sasl: challenge,
            "": b"{tag} NO SASL authentication failed\r\n",
        }
        async with ScriptedImap(script, capabilities=b"IMAP4rev1 AUTH=XOAUTH2" + offers) as server:
            with pytest.raises(ImapAuthFailed, match=r'"status":"401".*SASL authentication failed'):
                async with connect(account(server.port, auth="xoauth2", password="a-token")):
                    pass
        said = [line.split(" ", 1)[-1] for line in server.said if "CAPABILITY" not in line and "LOGOUT" not in line]
        assert said == ([f"AUTHENTICATE XOAUTH2 {sasl}", ""] if offers else ["AUTHENTICATE XOAUTH2", sasl, ""])


class TestPassword:
    async def test_sasl_ir_saves_a_round_trip(self) -> None:
        async with ScriptedImap({}, capabilities=b"IMAP4rev1 AUTH=PLAIN SASL-IR") as server:
            async with connect(account(server.port)) as client:
                await client.noop()
            sasl = b64encode(f"\0{SUPPORT}\0{USERS[SUPPORT]}".encode()).decode()
            assert any(said.endswith(f"AUTHENTICATE PLAIN {sasl}") for said in server.said)

    async def test_the_reason_of_the_server_is_told_and_the_password_is_not(self) -> None:
        script: dict[str, bytes | None] = {"LOGIN": b"{tag} NO [ALERT] s3cret is no application password\r\n"}
        async with ScriptedImap(script) as server:
            with pytest.raises(ImapAuthFailed, match="application password") as refused:
                async with connect(account(server.port)):
                    pass
        assert USERS[SUPPORT] not in str(refused.value)
