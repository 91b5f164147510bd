"""Reply tokens: proof that a mail answers one of ours, carried by the Message-IDs and plus-addresses that we issue.

A token is "<number>.<key id>.<mac>", all lower case, as mail programs may lower it:

    cas-01042-a1b2c3.k1.mfzwizltoq5dcmrt
    Message-ID: <cas-01042-a1b2c3.k1.mfzwizltoq5dcmrt.0198c1f2@example.com>
    Reply-To: support+cas-01042-a1b2c3.k1.mfzwizltoq5dcmrt@example.com

The MAC is HMAC-SHA256 cut to 80 bits. Whoever sees a token can quote it: that the sender takes part in the case is
still to be checked.
"""

import base64
import hashlib
import hmac
import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mail.message import ParsedMail

MAC_BYTES = 10
"""80 bits: 16 characters of base32 without padding."""
MOST_CANDIDATES = 50
"""Tokens that are verified per mail."""
LONGEST_LOCAL_PART = 64
"""Octets (RFC 5321 4.5.3.1.1)."""

NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,10}-[A-Z0-9]{4,12}")
KEY_ID = re.compile(r"[a-z0-9]{1,8}")
TOKEN = re.compile(
    r"([a-z][a-z0-9]{0,9}-[0-9]{1,10}-[a-z0-9]{4,12})\.([a-z0-9]{1,8})\.([a-z2-7]{16})(?![a-z0-9])", re.IGNORECASE
)
UNIQUE = re.compile(r"[a-z0-9-]{1,64}")


class TokenKeys(BaseModel):
    """The keys that verify, by id, and the id of the one that signs. Old keys stay until their tokens have died out."""

    model_config = ConfigDict(frozen=True)

    current: str
    keys: dict[str, bytes] = Field(repr=False)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.current not in self.keys:
            raise ValueError(f"current: there is no key {self.current!r}")
        for name, key in self.keys.items():
            if not KEY_ID.fullmatch(name):
                raise ValueError(f"keys: the id {name!r} must be 1 to 8 lower-case letters and digits")
            if len(key) < 16:
                raise ValueError(f"keys: key {name!r} has {len(key)} bytes, at least 16 are needed")
        return self


class ReplyTokens:
    """Signs and verifies the numbers of cases."""

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys

    def sign(self, number: str) -> str:
        """The token of a case; ValueError if `number` does not look like CAS-01042-A1B2C3."""
        if not NUMBER.fullmatch(number):
            raise ValueError(f"number: {number!r} does not look like CAS-01042-A1B2C3")
        return f"{number.lower()}.{self._keys.current}.{self._mac(number, self._keys.current)}"

    def verify(self, token: str) -> str | None:
        """The number that `token` proves, or None. Takes the same time for any wrong MAC."""
        match = TOKEN.fullmatch(token)
        if match is None or match[2].lower() not in self._keys.keys:
            return None
        number = match[1].upper()
        good = hmac.compare_digest(self._mac(number, match[2].lower()), match[3].lower())
        return number if good else None

    def message_id(self, number: str, unique: str, domain: str) -> str:
        """A Message-ID, without brackets, that proves `number`. `unique`: lower-case letters, digits and dashes."""
        if not UNIQUE.fullmatch(unique):
            raise ValueError(f"unique: {unique!r} must be 1 to 64 lower-case letters, digits and dashes")
        return f"{self.sign(number)}.{unique}@{domain}"

    def plus_address(self, mailbox: str, number: str) -> str:
        """`mailbox` with the token in it (RFC 5233). ValueError if the local part becomes longer than mail allows."""
        local, _, domain = mailbox.rpartition("@")
        tokened = f"{local}+{self.sign(number)}"
        if len(tokened.encode()) > LONGEST_LOCAL_PART:
            raise ValueError(f"mailbox: {mailbox!r} leaves no room for a token ({LONGEST_LOCAL_PART} octets)")
        return f"{tokened}@{domain}"

    def find(self, mail: ParsedMail) -> list[str]:
        """The numbers that the mail proves: by In-Reply-To, by References from the newest, by recipients."""
        recipients = [address.address for address in (*mail.to, *mail.cc)]
        places = [mail.in_reply_to or "", *reversed(mail.references), *recipients, *mail.delivered_to]
        candidates = [match[0] for place in places for match in TOKEN.finditer(place)][:MOST_CANDIDATES]
        return list(dict.fromkeys(number for token in candidates if (number := self.verify(token)) is not None))

    def _mac(self, number: str, key_id: str) -> str:
        message = f"caseloom reply token 1\0{key_id}\0{number}".encode()
        digest = hmac.new(self._keys.keys[key_id], message, hashlib.sha256).digest()
        return base64.b32encode(digest[:MAC_BYTES]).decode().lower()


def subject_token(subject: str, prefix: str = "CAS") -> str | None:
    """The number in "[CAS-01042-A1B2C3]", the first if there are several. Unsigned: anybody can write it."""
    match = re.search(rf"\[({re.escape(prefix)}-[0-9]{{1,10}}-[A-Z0-9]{{4,12}})\]", subject, re.IGNORECASE)
    return match[1].upper() if match else None
