"""Whom each answer of a submission server refuses, at each step, by a server that gives it."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from mail.account import SmtpAccount
from mail.answers import Concern
from mail.smtp import SendKind, SmtpAuthFailed, SmtpSender, SmtpUnavailable
from tests.mail.servers import GOLD, HOST, SUPPORT, Certificate, ScriptedSmtp

RAW = b"From: support@example.com\r\nSubject: answer\r\n\r\nTry this.\r\n"
WHOM = {"u": Concern.US, "e": Concern.EITHER, "r": Concern.RECIPIENT, "l": Concern.LETTER}

ANSWERS = """
421 4.7.0 closing the connection                                     | u u u
421 4.3.2 too many connections from your host                        | u u u
432 4.7.12 a password transition is needed                           | u u u
441 4.4.1 no answer from the host                                    | u r l
450 4.1.8 Sender address rejected: Domain not found                  | e e e
450 4.2.1 mailbox busy                                               | u r l
450 4.7.1 greylisted, try again later                                | u r l
450 4.2.1 the user is receiving mail at a rate that is too high      | u r l
451 4.3.0 local error in processing                                  | u e u
451 4.3.5 server configuration error                                 | u e u
451 4.7.1 rate limit exceeded, slow down                             | u u u
451 temporary lookup failure                                         | u e u
452 4.2.2 mailbox full                                               | u r l
452 4.3.1 insufficient system storage                                | u e u
452 4.5.3 too many recipients                                        | u r u
454 4.7.0 TLS is not available                                       | u u u
454 4.7.1 relay access denied                                        | u u u
500 5.5.1 command unrecognized                                       | e e e
501 5.1.3 bad recipient address syntax                               | e r l
501 5.1.7 bad sender address syntax                                  | e e e
502 5.5.1 not implemented                                            | e e e
503 5.5.1 bad sequence of commands                                   | e e e
503 AUTH first                                                       | u u u
504 5.5.4 not here                                                   | e e e
523 5.2.3 the message is longer than allowed                         | l r l
530 5.7.0 authentication required                                    | u u u
530 5.7.0 must issue a STARTTLS command first                        | u u u
530 5.7.57 client was not authenticated to send anonymous mail       | u u u
534 5.7.9 the mechanism is too weak                                  | u u u
535 5.7.8 username and password not accepted                         | u u u
535 5.7.139 SmtpClientAuthentication is disabled for the tenant      | u u u
538 5.7.11 encryption required                                       | u u u
550 5.1.1 user unknown                                               | e r l
550 no such user here                                                | e r l
550 5.1.2 domain not found                                           | e r l
550 5.1.90 you have reached your daily limit for message recipients  | u u u
550 5.2.1 mailbox disabled                                           | e r l
550 5.4.5 daily user sending quota exceeded                          | u u u
550 you have exceeded the max emails per hour (500)                  | u u u
550 daily sending limit reached                                      | u u u
550 5.4.6 routing loop detected                                      | e r l
550 5.6.0 line too long                                              | e r l
550 5.7.1 client does not have permissions to send as this sender    | e e e
550 5.7.1 the content looks like spam                                | e r l
550 5.7.1 relaying denied                                            | e e e
550 5.7.26 unauthenticated mail: SPF did not pass                    | e e e
550 5.7.60 not allowed to send as support@example.com                | e e e
550 5.7.705 access denied, tenant has exceeded threshold             | u u u
550 authentication is required for relay                             | u u u
550 relay not permitted                                              | e e e
552 5.2.2 over quota                                                 | l r l
552 5.3.4 message size exceeds the limit                             | l r l
553 5.7.1 sender address rejected: not owned by user                 | e e e
554 5.7.1 client host [192.0.2.1] blocked using zen.spamhaus.org     | e e e
554 5.7.1 relay access denied                                        | e e e
554 5.7.1 a virus was found                                          | e r l
554 transaction failed                                               | e r l
554 your account is suspended from sending                           | u u u
555 5.5.4 unsupported parameter SMTPUTF8                             | l r l
556 5.1.10 the domain does not accept mail                           | e r l
550 5.4.6 unusual sending activity detected                          | u u u
554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException        | e e e
554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded      | u u u
554 sending is paused for this account                               | u u u
451 authentication failed: maximum credits exceeded                  | u u u
550 5.7.0 mail relay denied, invalid credentials for relay           | u u u
553 sorry, that domain is not in my list of allowed rcpthosts        | e e e
550 Absenderadresse nicht erlaubt                                    | e e e
554 Tageslimit erreicht                                              | u u u
550 Quota d'envoi dépassé                                            | u u u
550 Anmeldung erforderlich                                           | u u u
552 5.3.4 a message that you send exceeds the maximum of 10 MB       | l r l
550 the message exceeds the maximum size that you may send           | l r l
550 5.2.2 the recipient's mailbox has exceeded its quota             | e r l
550 5.7.133 sender not authenticated for group                       | e r l
550 5.7.124 sender not in allowed-senders list for this group        | e r l
550 5.7.193 the sender is not a member of the group                  | e r l
550 5.2.0 Mail rejected: authentication-results fail                 | e r l
550 5.1.0 <support@example.com> sender rejected                      | e e e
517 5.1.0 problem with the sender's domain                           | e e e
550 Sender quota exceeded, come back tomorrow                        | u u u
452 too many recipients this hour                                    | u u u
550 Mail from this account is blocked: unpaid invoice                | u u u
553 Sender address rejected: not logged in                           | u u u
554 Access denied: user account suspended                            | e e e
550 Ihr Konto ist gesperrt                                           | u u u
550 autenticación requerida                                          | u u u
550 autenticazione richiesta                                         | u u u
550 Лимит отправки писем исчерпан                                    | u u u
554 发送频率过高                                                           | u u u
554 認証が必要です                                                          | u u u
451 Internal resources are temporarily unavailable                   | u e u
550 5.7.502 Access denied, banned sender                             | e e e
551 User not local; please try <ann@new.example>                     | e r l
550 Limite diário de envio excedido                                  | u u u
550 Límite diario de envíos superado                                 | u u u
550 Limite quotidienne d'envoi atteinte                              | u u u
550 Günlük gönderim limiti aşıldı                                    | u u u
550 تم تجاوز حد الإرسال اليومي                                       | u u u
550 Kimlik doğrulaması gerekli                                       | u u u
550 需要身份验证                                                           | u u u
550 5.5.0 Trial account: recipients must be verified                 | e e e
550 用户不存在                                                            | e r l
550 correo no autenticado: SPF                                       | e e e
550 5.1.1                                                            | e r l
550                                                                  | e r l
352 cannot say                                                       | u u l
hello                                                                | u u l
"""
"""What MAIL, each RCPT, and DATA or the end of the data is answered; whom it refuses: us, either, recipient, letter."""

TABLE = [(answer.strip(), *whom.split()) for answer, whom in (line.split("|") for line in ANSWERS.strip().splitlines())]
REFUSALS = [answer for answer, *_ in TABLE if not answer.startswith("252")]


@pytest.fixture
async def server() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp({}) as running:
        yield running


def account(port: int, **changes: object) -> SmtpAccount:
    return SmtpAccount.model_validate({"host": HOST, "port": port, "tls": "none", **changes})


def test_the_table_is_long() -> None:
    assert len(TABLE) >= 60
    assert len({answer for answer, *_ in TABLE}) == len(TABLE)


@pytest.mark.parametrize(("step", "column"), [("MAIL", 1), ("RCPT", 2), ("DATA", 3), ("END", 3)])
async def test_whom_an_answer_refuses(server: ScriptedSmtp, step: str, column: int) -> None:
    wrong = {}
    for answer, *whom in TABLE:
        server.play({step: answer})
        async with SmtpSender(account(server.port), timeout=5) as sender:
            found = (await sender.send(RAW, SUPPORT, [GOLD])).answer.concern
        if found is not WHOM[whom[column - 1]]:
            wrong[answer] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("step", "concern"),
    [("MAIL", Concern.EITHER), ("RCPT", Concern.EITHER), ("DATA", Concern.LETTER), ("END", Concern.LETTER)],
)
@pytest.mark.parametrize("lost", ["", None], ids=["closed", "silent"])
async def test_a_connection_that_is_lost_is_final_for_nobody(
    server: ScriptedSmtp, step: str, concern: Concern, lost: str | None
) -> None:
    server.play({step: lost})
    async with SmtpSender(account(server.port), timeout=0.3) as sender:
        answer = (await sender.send(RAW, SUPPORT, [GOLD])).answer
    assert (answer.kind, answer.concern) == (SendKind.TRANSIENT, concern)


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "AUTH", "STARTTLS"])
async def test_before_a_letter_every_refusal_is_of_us(
    server: ScriptedSmtp, certificate: Certificate, step: str
) -> None:
    """No letter was handed in, so none is at fault; a login that is refused for good is told apart."""
    login = {"user": SUPPORT, "password": SecretStr("s3cret")} if step == "AUTH" else {}
    tls = {"tls": "starttls", "ca_file": certificate.ca_file} if step == "STARTTLS" else {}
    wrong = {}
    for answer in [*REFUSALS, ""]:
        hello = (
            {"EHLO": "250-here\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS"}
            if step in ("AUTH", "STARTTLS")
            else {"HELO": answer}
        )
        server.play({**hello, step: answer})
        try:
            async with SmtpSender(account(server.port, **login, **tls), timeout=5) as sender:
                wrong[answer] = str(await sender.send(RAW, SUPPORT, [GOLD]))
        except SmtpUnavailable as error:
            refused_for_good = step == "AUTH" and answer.startswith("5")
            if isinstance(error, SmtpAuthFailed) is not refused_for_good:
                wrong[answer] = repr(error)
    assert wrong == {}
    assert server.mails == []


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "AUTH"])
async def test_a_server_that_is_silent_before_a_letter_is_away(server: ScriptedSmtp, step: str) -> None:
    server.play({"EHLO": "250-here\r\n250 AUTH PLAIN", step: None})
    with pytest.raises(SmtpUnavailable) as away:
        async with SmtpSender(account(server.port, user=SUPPORT, password=SecretStr("s3cret")), timeout=0.3):
            pass
    assert not isinstance(away.value, SmtpAuthFailed)


async def test_each_recipient_has_an_answer_of_their_own(server: ScriptedSmtp) -> None:
    server.play({"RCPT": "550 5.1.1 user unknown"})
    async with SmtpSender(account(server.port), timeout=5) as sender:
        outcome = await sender.send(RAW, SUPPORT, [GOLD, "bob@example.net"])
        assert {each.concern for each in outcome.recipients.values()} == {Concern.RECIPIENT}
        server.play({})
        outcome = await sender.send(RAW, SUPPORT, [GOLD])
    assert (outcome.kind, outcome.answer.concern, server.connections) == (SendKind.ACCEPTED, None, 1)
