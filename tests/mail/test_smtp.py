"""What each answer of an SMTP server means for the mail."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from mail.account import SmtpAccount, Tls
from mail.oauth import AccessTokens
from mail.smtp import Answer, SendKind, SendOutcome, SmtpAuthFailed, SmtpSender, SmtpUnavailable
from servers.mail.hub import MailHub
from tests.mail.servers import GOLD, HOST, SUPPORT, USERS, Certificate, Proxy, ScriptedSmtp, TokenEndpoint, credentials

RAW = b"From: support@example.com\r\nSubject: answer\r\n\r\n.dot\r\n"
ACCEPTED, TRANSIENT, PERMANENT = SendKind.ACCEPTED, SendKind.TRANSIENT, SendKind.PERMANENT


def account(port: int, *, tls: Tls = "none", ca_file: Path | None = None, password: str | None = None) -> SmtpAccount:
    user, secret = (SUPPORT, SecretStr(password)) if password else (None, None)
    return SmtpAccount(host=HOST, port=port, tls=tls, ca_file=ca_file, user=user, password=secret)


def by_token(port: int, secret: str) -> SmtpAccount:
    return SmtpAccount(host=HOST, port=port, tls="none", auth="xoauth2", user=SUPPORT, password=SecretStr(secret))


async def send_once(server: ScriptedSmtp, recipients: list[str] | None = None) -> SendOutcome:
    async with SmtpSender(account(server.port), timeout=0.5) as sender:
        return await sender.send(RAW, SUPPORT, recipients or [GOLD])


class TestClassification:
    @pytest.mark.parametrize(
        ("script", "kind", "code"),
        [
            ({}, ACCEPTED, 250),
            ({"MAIL": "550 5.7.1 not from you"}, PERMANENT, 550),
            ({"MAIL": "421 closing"}, TRANSIENT, 421),
            ({"MAIL": "451 4.3.0 greylisted"}, TRANSIENT, 451),
            ({"RCPT": "550 5.1.1 no such user"}, PERMANENT, 550),
            ({"RCPT": "450 4.2.1 greylisted"}, TRANSIENT, 450),
            ({"RCPT": "552 5.2.2 mailbox full"}, TRANSIENT, 552),
            ({"DATA": "554 5.5.1 no"}, PERMANENT, 554),
            ({"DATA": "451 4.3.0 later"}, TRANSIENT, 451),
            ({"END": "554 5.6.0 spam"}, PERMANENT, 554),
            ({"END": "552 5.3.4 too big"}, PERMANENT, 552),
            ({"END": "452 4.3.1 no space"}, TRANSIENT, 452),
            ({"MAIL": ""}, TRANSIENT, None),
            ({"END": ""}, TRANSIENT, None),
            ({"RCPT": None}, TRANSIENT, None),
            ({"END": None}, TRANSIENT, None),
        ],
    )
    async def test_by_the_class_of_the_answer(
        self, script: dict[str, str | None], kind: SendKind, code: int | None
    ) -> None:
        async with ScriptedSmtp(script) as server:
            outcome = await send_once(server)
        assert (outcome.kind, outcome.answer.code) == (kind, code)
        assert list(outcome.recipients) == [GOLD]

    @pytest.mark.parametrize("step", ["MAIL", "RCPT", "END"])
    @pytest.mark.parametrize(
        "said", ["200 ok", "251 will forward", "252 will try", "201", "299 2.0.0 taken", "220-a\r\n220 b"]
    )
    async def test_every_yes_is_one(self, step: str, said: str) -> None:
        """Else a letter that was taken would be sent again, up to twenty times."""
        async with ScriptedSmtp({step: said}) as server:
            outcome = await send_once(server)
            assert server.heard.count("DATA") == 1
            assert len(server.mails) == 1
        assert outcome.kind is ACCEPTED

    @pytest.mark.parametrize("said", ["250 ok", "200 go on", "221 bye"])
    async def test_but_not_before_the_mail_was_sent(self, said: str) -> None:
        async with ScriptedSmtp({"DATA": said}) as server:
            assert (await send_once(server)).kind is TRANSIENT
            assert server.mails == []

    @pytest.mark.parametrize(
        ("sent", "line_ends"),
        [
            (b"a: b\n\n.\n..x\ry", b"a: b\r\n\r\n..\r\n...x\r\ny\r\n.\r\n"),
            (b".a: b\r\n\r\n", b"..a: b\r\n\r\n.\r\n"),
            (b"a: b\r\n\r\nx.\r\n. ", b"a: b\r\n\r\nx.\r\n.. \r\n.\r\n"),
        ],
    )
    async def test_lines_end_as_they_must_and_dots_are_doubled(self, sent: bytes, line_ends: bytes) -> None:
        async with ScriptedSmtp({}) as server:
            async with SmtpSender(account(server.port), timeout=0.5) as sender:
                assert (await sender.send(sent, SUPPORT, [GOLD])).kind is ACCEPTED
            assert server.mails == [line_ends]

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("550 Empf\udce4nger unbekannt", "Empfänger unbekannt"),  # Latin-1
            ("550 5.1.1 no\0such\x1b[31m user\udcff\udc81", "5.1.1 no such [31m userÿ\ufffd"),
            ("550-5.1.1 The account\r\n550 5.1.1 does not exist", "5.1.1 The account 5.1.1 does not exist"),
            ("550 " + "x" * 7000, "x" * 2000),
            ("550", ""),
        ],
    )
    async def test_its_words_are_fit_to_be_stored(self, said: str, read: str) -> None:
        async with ScriptedSmtp({"RCPT": said}) as server:
            assert (await send_once(server)).answer.text == read
        for verb in ("CONNECT", "EHLO"):
            async with ScriptedSmtp({verb: "421 sp\udce4ter\0"}) as server:
                with pytest.raises(SmtpUnavailable, match=r"421 später$"):
                    await send_once(server)

    async def test_per_recipient(self, hub: MailHub) -> None:
        hub.answers["slow@example.com"] = "450 4.2.1 later"
        everyone = [GOLD, "nobody@example.com", "slow@example.com"]
        async with SmtpSender(account(hub.smtp_port)) as sender:
            outcome = await sender.send(RAW, SUPPORT, everyone)
        assert outcome.kind is TRANSIENT
        assert outcome.answer.text == "4.2.1 later"
        assert [outcome.those(kind) for kind in SendKind] == [[GOLD], ["slow@example.com"], ["nobody@example.com"]]

    def test_permanent_and_accepted_is_permanent(self) -> None:
        outcome = SendOutcome(recipients={"a": Answer(kind=ACCEPTED), "b": Answer(kind=PERMANENT, code=550)})
        assert outcome.kind is PERMANENT


class TestConnection:
    async def test_one_connection_for_a_batch_goes_on_after_refusals(self, hub: MailHub) -> None:
        async with SmtpSender(account(hub.smtp_port)) as sender:
            recipients = [GOLD, "nobody@example.com", GOLD, "relay@elsewhere.example", GOLD]
            kinds = [(await sender.send(RAW, SUPPORT, [address])).kind for address in recipients]
        assert kinds == [ACCEPTED, PERMANENT, ACCEPTED, PERMANENT, ACCEPTED]

    async def test_a_lost_connection_is_replaced(self) -> None:
        async with ScriptedSmtp({"END": ""}) as server, SmtpSender(account(server.port)) as sender:
            assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is TRANSIENT
            assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is TRANSIENT
            assert server.connections == 2

    async def test_dots_are_stuffed(self) -> None:
        async with ScriptedSmtp({}) as server:
            await send_once(server)
            assert server.mails == [RAW.replace(b".dot", b"..dot") + b".\r\n"]

    async def test_nobody_there(self) -> None:
        async with ScriptedSmtp({}) as server:
            port = server.port
        with pytest.raises(SmtpUnavailable, match=str(port)):
            async with SmtpSender(account(port)):
                pass

    @pytest.mark.parametrize("greeting", ["554 no service", "421 too busy"])
    async def test_a_server_that_will_not_talk_is_no_fault_of_the_mail(self, greeting: str) -> None:
        async with ScriptedSmtp({"CONNECT": greeting}) as server:
            with pytest.raises(SmtpUnavailable, match=greeting.split()[0]):
                await send_once(server)

    async def test_a_wrong_password_is_told_apart_and_not_repeated(self, hub: MailHub) -> None:
        with pytest.raises(SmtpAuthFailed, match=SUPPORT) as refused:
            async with SmtpSender(account(hub.smtp_port, password="guess")):
                pass
        assert "guess" not in str(refused.value)

    async def test_a_cancelled_send_leaves_no_half_conversation(self) -> None:
        async with ScriptedSmtp({"END": None}) as server, SmtpSender(account(server.port)) as sender:
            sending = asyncio.create_task(sender.send(RAW, SUPPORT, [GOLD]))
            async with asyncio.timeout(20):
                while not server.mails:
                    await asyncio.sleep(0.01)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending


class TestEncryption:
    async def test_starttls_and_login(self, tmp_path: Path, certificate: Certificate) -> None:
        async with MailHub(tmp_path / "tls", USERS, tls=certificate.server) as hub:
            secure = account(hub.smtp_port, tls="starttls", ca_file=certificate.ca_file, password=USERS[SUPPORT])
            async with SmtpSender(secure) as sender:
                assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is ACCEPTED

    async def test_starttls_is_not_given_up(self, hub: MailHub) -> None:
        with pytest.raises(SmtpUnavailable, match="STARTTLS"):
            async with SmtpSender(account(hub.smtp_port, tls="starttls")):
                pass

    async def test_encrypted_from_the_first_byte(self, hub: MailHub, certificate: Certificate) -> None:
        async with Proxy(hub.smtp_port, certificate.server) as proxy:
            async with SmtpSender(account(proxy.port, tls="tls", ca_file=certificate.ca_file)) as sender:
                assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is ACCEPTED
            with pytest.raises(SmtpUnavailable, match="certificate"):
                async with SmtpSender(account(proxy.port, tls="tls")):
                    pass

    async def test_plain_text_behind_the_answer_to_starttls_is_not_taken_for_encrypted(
        self, certificate: Certificate
    ) -> None:
        script: dict[str, str | None] = {"EHLO": "250 STARTTLS", "STARTTLS": "220 go\r\n250 AUTH PLAIN"}
        async with ScriptedSmtp(script) as server:
            secure = account(server.port, tls="starttls", ca_file=certificate.ca_file, password="s3cret")
            with pytest.raises(SmtpUnavailable):
                async with SmtpSender(secure, timeout=0.5):
                    pass

    async def test_an_unknown_certificate_is_refused(self, tmp_path: Path, certificate: Certificate) -> None:
        async with MailHub(tmp_path / "tls", USERS, tls=certificate.server) as hub:
            with pytest.raises(SmtpUnavailable, match="certificate"):
                async with SmtpSender(account(hub.smtp_port, tls="starttls")):
                    pass


class TestXoauth2:
    @pytest.fixture
    async def endpoint(self) -> AsyncIterator[TokenEndpoint]:
        async with TokenEndpoint(SUPPORT) as running:
            yield running

    @pytest.fixture
    async def bearing(self, tmp_path: Path) -> AsyncIterator[MailHub]:
        async with MailHub(tmp_path / "bearing", USERS, tokens={SUPPORT: "access-1"}) as running:
            yield running

    async def test_a_token_is_fetched_and_taken(self, bearing: MailHub, endpoint: TokenEndpoint) -> None:
        tokens = AccessTokens()
        for _ in range(2):
            async with SmtpSender(by_token(bearing.smtp_port, credentials(endpoint)), tokens=tokens) as sender:
                assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is ACCEPTED
        assert endpoint.fetched == 1

    async def test_a_token_that_was_revoked_is_fetched_anew_once(
        self, bearing: MailHub, endpoint: TokenEndpoint
    ) -> None:
        tokens, account = AccessTokens(), by_token(bearing.smtp_port, credentials(endpoint))
        bearing.tokens = {SUPPORT: "access-2"}
        async with SmtpSender(account, tokens=tokens) as sender:
            assert (await sender.send(RAW, SUPPORT, [GOLD])).kind is ACCEPTED
        bearing.tokens = {}
        with pytest.raises(SmtpAuthFailed, match="535") as refused:
            async with SmtpSender(account, tokens=tokens):
                pass
        assert endpoint.fetched == 3
        assert "access-" not in str(refused.value)

    async def test_what_the_endpoint_says_decides(self, bearing: MailHub, endpoint: TokenEndpoint) -> None:
        endpoint.answers = [(503, b""), (400, {"error": "invalid_grant"})]
        account = by_token(bearing.smtp_port, credentials(endpoint))
        with pytest.raises(SmtpUnavailable, match="503") as away:
            async with SmtpSender(account, tokens=AccessTokens()):
                pass
        assert not isinstance(away.value, SmtpAuthFailed)
        with pytest.raises(SmtpAuthFailed, match="invalid_grant"):
            async with SmtpSender(account, tokens=AccessTokens()):
                pass

    async def test_a_server_without_it(self, hub: MailHub) -> None:
        with pytest.raises(SmtpUnavailable, match="XOAUTH2"):
            async with SmtpSender(by_token(hub.smtp_port, "access-1")):
                pass


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["a@example.com\r\nRCPT TO:<b@example.com>", "a@example.com\0", "a b@example.com", "<a@example.com>", "nobody"],
    )
    async def test_what_is_no_address_is_not_sent(self, hub: MailHub, address: str) -> None:
        async with SmtpSender(account(hub.smtp_port)) as sender:
            outcome = await sender.send(RAW, SUPPORT, [address])
            assert (outcome.kind, outcome.answer.code) == (PERMANENT, None)
            assert (await sender.send(RAW, address, [GOLD])).kind is PERMANENT

    async def test_no_recipient_is_the_callers_fault(self, hub: MailHub) -> None:
        async with SmtpSender(account(hub.smtp_port)) as sender:
            with pytest.raises(ValueError, match="recipients"):
                await sender.send(RAW, SUPPORT, [])

    async def test_a_null_sender(self, hub: MailHub) -> None:
        async with SmtpSender(account(hub.smtp_port)) as sender:
            assert (await sender.send(RAW, "", [GOLD])).kind is ACCEPTED

    async def test_an_address_in_another_script(self, hub: MailHub) -> None:
        async with SmtpSender(account(hub.smtp_port)) as sender:
            outcome = await sender.send(RAW, SUPPORT, ["jürgen@example.com"])
        assert outcome.answer.code == 550  # understood (SMTPUTF8), and unknown

    async def test_a_server_without_smtputf8(self) -> None:
        async with ScriptedSmtp({}) as server:
            outcome = await send_once(server, ["jürgen@example.com"])
        assert (outcome.kind, outcome.answer.code) == (PERMANENT, None)


NO_HOSTS = ("x" * 70 + ".example", "a..b", ".example", "x." * 200, "ü" * 70)
"""Names that no server can have: they fail before anybody is asked for them."""


@pytest.mark.parametrize("host", NO_HOSTS)
async def test_a_host_that_is_no_name_of_a_server_is_a_server_that_cannot_be_reached(host: str) -> None:
    with pytest.raises(SmtpUnavailable):
        async with SmtpSender(account(1).model_copy(update={"host": host})):
            pass
