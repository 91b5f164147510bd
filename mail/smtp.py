"""Handing mail to a submission server: one connection per batch, one outcome per mail, no exception for a refusal.

What the server says decides (RFC 5321 4.2.1): 2xx is yes, 4xx is transient, 5xx permanent. What it does not say (a lost
connection, a timeout) is transient: the mail may then arrive twice, with the same Message-ID, but never not at all.
"""

import re
import ssl
from collections.abc import Sequence
from enum import StrEnum
from types import TracebackType
from typing import Annotated, Self

import aiosmtplib
from pydantic import AfterValidator, BaseModel, ConfigDict

from mail.account import SmtpAccount
from mail.answers import Concern, Step, concern
from mail.oauth import TOKENS, AccessTokens, TokenRefused, TokenUnavailable
from mail.server_words import told

TIMEOUT = 30.0
"""Seconds for each answer of the server."""
SERVER_LEAVES = 421
"""It closes the connection, whatever it was asked (RFC 5321 3.8)."""
GO_ON = 354
LINE_END = re.compile(rb"\r\n|\r|\n")
DOT_FIRST = re.compile(rb"^\.", re.MULTILINE)


class SmtpUnavailable(Exception):
    """No usable connection: nothing was sent, and no mail is at fault. The text names no secret."""


class SmtpAuthFailed(SmtpUnavailable):
    """The server refuses the user or the password: trying again does not help before somebody changes the account."""


class SendKind(StrEnum):
    ACCEPTED = "accepted"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


class Answer(BaseModel):
    """What became of one recipient. `code` is the SMTP reply code; None if the server never answered."""

    model_config = ConfigDict(frozen=True)

    kind: SendKind
    code: int | None = None
    text: Annotated[str, AfterValidator(told)] = ""
    step: Step | None = None
    """Where it was refused; None: it was not, or the server was not asked."""

    @property
    def concern(self) -> Concern | None:
        """Whom the refusal is about; None if the server refused nothing."""
        return None if self.step is None else concern(self.step, self.code, self.text)

    @property
    def waits(self) -> bool:
        """Whether it may be we who are refused, and not the letter."""
        return self.concern in (Concern.US, Concern.EITHER)


class SendOutcome(BaseModel):
    """What became of one mail, per recipient."""

    model_config = ConfigDict(frozen=True)

    recipients: dict[str, Answer]

    @property
    def kind(self) -> SendKind:
        """Transient if any recipient is to be tried again; else permanent if any was refused; else accepted."""
        kinds = {answer.kind for answer in self.recipients.values()}
        worst_first = (SendKind.TRANSIENT, SendKind.PERMANENT, SendKind.ACCEPTED)
        return next(kind for kind in worst_first if kind in kinds)

    @property
    def answer(self) -> Answer:
        """The first answer of that kind: what an operator should read."""
        return next(answer for answer in self.recipients.values() if answer.kind is self.kind)

    def those(self, kind: SendKind) -> list[str]:
        """The recipients that met `kind`; those(TRANSIENT) are the ones to send to again."""
        return [address for address, answer in self.recipients.items() if answer.kind is kind]


class SmtpSender:
    """A connection for one batch, entered as a context; sends one mail after the other, by one task.

    Entering connects: SmtpUnavailable or SmtpAuthFailed if that fails. A connection that breaks between two mails is
    replaced by a new one before the next.
    """

    def __init__(
        self,
        account: SmtpAccount,
        *,
        timeout: float = TIMEOUT,
        local_hostname: str = "localhost",
        tokens: AccessTokens = TOKENS,
    ) -> None:
        self._account, self._timeout, self._local_hostname, self._tokens = account, timeout, local_hostname, tokens
        self._client: aiosmtplib.SMTP | None = None

    @property
    def where(self) -> str:
        return f"{self._account.host}:{self._account.port}"

    async def __aenter__(self) -> Self:
        await self._connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(kind, error, trace)  # QUIT if the connection is whole; closed in any case

    async def send(self, raw: bytes, envelope_from: str, recipients: Sequence[str]) -> SendOutcome:
        """Sends `raw` to all `recipients` (at least one). `envelope_from` is "" for mail that must not bounce.

        Raises SmtpUnavailable or SmtpAuthFailed, and nothing else, if it had to reconnect and could not.
        """
        if not recipients:
            raise ValueError("recipients: a mail needs at least one")
        unusable = next((address for address in (envelope_from, *recipients) if _unusable(address)), None)
        if unusable is not None:
            # The library cuts an address at a line break and sends the rest to whoever it names.
            return _all(recipients, SendKind.PERMANENT, None, f"not an address: {unusable!r}")
        client = await self._connected()
        try:
            return SendOutcome(recipients=await self._transaction(client, raw, envelope_from, recipients))
        except aiosmtplib.SMTPNotSupported as error:
            return _all(recipients, SendKind.PERMANENT, None, str(error))
        except ValueError as error:
            client.close()  # in the middle of an envelope
            return _all(recipients, SendKind.PERMANENT, None, str(error))
        except BaseException:
            client.close()  # cancelled in mid-sentence
            raise

    async def _transaction(
        self, client: aiosmtplib.SMTP, raw: bytes, envelope_from: str, recipients: Sequence[str]
    ) -> dict[str, Answer]:
        """MAIL, RCPT for each and DATA, one by one: at which of them a refusal comes tells whom it is about."""
        wide = not all(address.isascii() for address in (envelope_from, *recipients))
        if wide and not client.supports_extension("smtputf8"):
            raise aiosmtplib.SMTPNotSupported("SMTPUTF8 is not supported by this server")
        options = [f"SIZE={_size(raw)}"] if client.supports_extension("size") else []
        options += ["SMTPUTF8"] if wide else []
        encoding = "utf-8" if wide else "ascii"
        answers: dict[str, Answer] = {}
        step = Step.MAIL
        try:
            try:
                await client.mail(envelope_from, options=options, encoding=encoding)
            except aiosmtplib.SMTPSenderRefused as refused:
                if not _agreed(refused.code):
                    raise
            step = Step.RCPT
            for address in recipients:
                try:
                    await client.rcpt(address, encoding=encoding)
                except aiosmtplib.SMTPRecipientRefused as refused:
                    if _agreed(refused.code):
                        continue
                    kind = _recipient_kind(refused.code)
                    answers[address] = Answer(kind=kind, code=refused.code, text=refused.message, step=step)
                    if refused.code == SERVER_LEAVES:
                        raise
            if len(answers) == len(recipients):
                await self._reset(client)
                return answers
            step = Step.DATA
            taken = await _handed_over(client, raw, self._timeout)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset(client)
            rest = Answer(kind=_kind(error.code), code=error.code, text=error.message, step=step)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()  # where the conversation stands is unknown
            rest = Answer(kind=SendKind.TRANSIENT, text=str(error) or type(error).__name__, step=step)
        else:
            rest = Answer(kind=SendKind.ACCEPTED, code=taken.code, text=taken.message)
        return {address: answers.get(address, rest) for address in recipients}

    @staticmethod
    async def _reset(client: aiosmtplib.SMTP) -> None:
        """Ready for the next mail, or closed."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        where = self.where
        try:
            self._client = await self._logged_in()
        except aiosmtplib.SMTPAuthenticationError as error:
            if _kind(error.code) is SendKind.TRANSIENT:
                raise SmtpUnavailable(f"{where}: {_said(error)}") from None
            raise SmtpAuthFailed(f"{where} refuses the login of {self._account.user}: {_said(error)}") from None
        except (TokenUnavailable, UnicodeError) as error:  # UnicodeError: a host that is no name of any server
            raise SmtpUnavailable(f"{where}: {_said(error)}") from None
        except (TokenRefused, ValueError) as error:
            raise SmtpAuthFailed(f"{where}: {_said(error)}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise SmtpUnavailable(f"{where}: {_said(error)}") from error
        return self._client

    async def _logged_in(self) -> aiosmtplib.SMTP:
        """A token that is refused although it has not expired is fetched anew, once."""
        account = self._account
        if account.auth != "xoauth2" or account.user is None or account.password is None:
            return await self._connect()
        token = await self._tokens.token(account.password)
        try:
            return await self._connect(token)
        except aiosmtplib.SMTPAuthenticationError:
            newer = await self._tokens.token(account.password, refused=token)
            if newer == token:
                raise
        return await self._connect(newer)

    async def _connect(self, token: str | None = None) -> aiosmtplib.SMTP:
        account = self._account
        secret = account.password.get_secret_value() if account.password is not None and token is None else None

        async def bearer() -> str:
            return token or ""

        # A new client each time: one that reconnects has been seen to hang (aiosmtplib #243, #48).
        client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            username=account.user,
            password=secret,
            oauth_token_generator=None if token is None else bearer,
            use_tls=account.tls == "tls",
            start_tls=account.tls == "starttls",  # the default would go on in the clear if it is not offered
            tls_context=ssl.create_default_context(cafile=account.ca_file) if account.tls != "none" else None,
            timeout=self._timeout,
            local_hostname=self._local_hostname,
        )
        await client.connect()
        try:
            if client.is_ehlo_or_helo_needed:  # else the first letter would meet what the server has against us
                await self._greet(client)
        except BaseException:
            client.close()
            raise
        return client

    @staticmethod
    async def _greet(client: aiosmtplib.SMTP) -> None:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as error:
            if error.code == SERVER_LEAVES:
                raise
            await client.helo()


async def _handed_over(client: aiosmtplib.SMTP, raw: bytes, timeout: float) -> aiosmtplib.SMTPResponse:
    """DATA and the mail. Not by the library's own `data`: it raises the same error for every answer but 250, whether the server
    said "200 taken" to a whole mail, which would be sent again and again, or has not seen a line of it yet."""
    asked = await client.execute_command(b"DATA")
    if asked.code != GO_ON:
        raise aiosmtplib.SMTPDataError(asked.code, asked.message)
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    lines = LINE_END.sub(b"\r\n", raw)
    lines += b"" if lines.endswith(b"\r\n") else b"\r\n"
    client.protocol.write(DOT_FIRST.sub(b"..", lines) + b".\r\n")
    taken = await client.protocol.read_response(timeout=timeout)
    if not _agreed(taken.code):
        raise aiosmtplib.SMTPDataError(taken.code, taken.message)
    return taken


def _all(recipients: Sequence[str], kind: SendKind, code: int | None, text: str) -> SendOutcome:
    return SendOutcome(recipients={address: Answer(kind=kind, code=code, text=text) for address in recipients})


def _said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return told(f"{error.code} {error.message}")
    return told(str(error))


def _agreed(code: int) -> bool:
    """Also in other words than 250: the first digit says whether it is yes (RFC 5321 4.3.2)."""
    return 200 <= code < 300


def _kind(code: int) -> SendKind:
    # 421 is "closing, come back"; a code outside 4xx and 5xx is no refusal that could be final.
    return SendKind.PERMANENT if 500 <= code < 600 else SendKind.TRANSIENT


def _recipient_kind(code: int) -> SendKind:
    """552 in answer to RCPT is "too many recipients" or "mailbox full", to be taken as 452 (RFC 5321 4.5.3.1.10)."""
    return SendKind.TRANSIENT if code == 552 else _kind(code)


def _size(raw: bytes) -> int:
    """Octets as they are transmitted, where each line ends with CRLF (RFC 1870)."""
    return len(raw) + raw.count(b"\n") - raw.count(b"\r\n")


def _unusable(address: str) -> bool:
    return re.search(r"[\x00-\x20<>]", address) is not None or (address != "" and "@" not in address)
