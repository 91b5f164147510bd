"""Links in letters: a page, named by an id and opened by a signature that no row of ours holds.

A letter is stored with the bare address, `https://help.example.com/my/<id>`; as it leaves, the signature is put behind it. So
neither our people, who read the letter on the case, nor a copy of the database can open what is the customer's.

The signature is over what the link is for, its id and its case: an id of another case that somebody has quoted is signed for
this one, and opens nothing. A letter by which an agent gets in is of no case: only the one link is signed that it was written
for, which its key in the outbox names.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

PURPOSE = b"caseloom link 1\0"
MAC_BYTES = 20
"""160 bits: 32 characters of base32, which programs that lower all letters do not harm."""
_TOKEN = re.compile(r"([0-9a-f]{32})\.([a-z0-9]{1,8})\.([a-z2-7]{32})")


class LinkKind(StrEnum):
    """What a link leads to: the first part of its address."""

    SURVEY = "survey"
    CASE = "my"
    INVITE = "invite"
    RESET = "reset"
    CODE = "code"
    """Of no letter: it waits in the browser of somebody whose password was right, for their second factor."""


OF_CUSTOMERS = (LinkKind.SURVEY, LinkKind.CASE)
NO_CASE = UUID(int=0)
"""What stands for the case in the signature of a link that belongs to none."""
_ENTRY_KEY = re.compile(r"entry/(invite|reset)/([0-9a-f]{32})")


def entry_key(kind: LinkKind, id: UUID) -> str:
    """Of the letter in the outbox that brings such a link."""
    return f"entry/{kind}/{id.hex}"


class LinkToken(NamedTuple):
    id: UUID
    key: str
    mac: str


def address_of(base: str, kind: LinkKind, id: UUID) -> str:
    """The bare address, as it is stored; it opens nothing."""
    return f"{base}/{kind}/{id.hex}"


def read_token(given: str) -> LinkToken | None:
    """None if it does not look like one; whether it is one, `LinkSigner.holds` decides."""
    match = _TOKEN.fullmatch(given.lower()) if len(given) < 100 else None
    return LinkToken(UUID(hex=match[1]), match[2], match[3]) if match else None


class LinkSigner:
    """Args:
    current: id of the key that signs.
    keys: the ring's keys by id; older ones still verify.
    """

    def __init__(self, current: str, keys: Mapping[str, bytes]) -> None:
        self._current, self._keys = current, keys

    def token(self, kind: LinkKind, id: UUID, case_id: UUID) -> str:
        return f"{id.hex}.{self._current}.{self._mac(self._current, kind, id, case_id)}"

    def holds(self, kind: LinkKind, token: LinkToken, case_id: UUID) -> bool:
        """Whether the token was signed for this case; it takes the same time for every wrong one."""
        key = token.key if token.key in self._keys else self._current
        good = hmac.compare_digest(self._mac(key, kind, token.id, case_id), token.mac)
        return good and key == token.key

    def signed(self, text: str, base: str, case_id: UUID) -> str:
        """The text of a letter of this case, with the signature behind each bare address below `base`."""
        kinds = "|".join(kind.value for kind in OF_CUSTOMERS)
        bare = re.compile(rf"({re.escape(base)}/({kinds})/([0-9a-f]{{32}}))(?![0-9A-Za-z.])")

        def with_signature(found: re.Match[str]) -> str:
            token = self.token(LinkKind(found[2]), UUID(hex=found[3]), case_id)
            return found[1].removesuffix(found[3]) + token

        return bare.sub(with_signature, text)

    def signed_entry(self, text: str, key: str) -> str:
        """The text of a letter of no case, whose key this is, with the signature behind the one link that is its own."""
        match = _ENTRY_KEY.fullmatch(key)
        if match is None:
            return text
        kind, id = LinkKind(match[1]), UUID(hex=match[2])
        bare = re.compile(rf"(/{kind}/){id.hex}(?![0-9A-Za-z.])")
        return bare.sub(lambda found: found[1] + self.token(kind, id, NO_CASE), text)

    def form_mark(self, said: str) -> str:
        """What a form of ours carries to show that we gave it out."""
        return self._form_mark(self._keys[self._current], said)

    def is_form_mark(self, said: str, mark: str) -> bool:
        return any(hmac.compare_digest(self._form_mark(key, said), mark) for key in self._keys.values())

    @staticmethod
    def _form_mark(key: bytes, said: str) -> str:
        return _short(hmac.digest(key, PURPOSE + b"form\0" + said.encode(), "sha256"))

    def _mac(self, key: str, kind: LinkKind, id: UUID, case_id: UUID) -> str:
        said = PURPOSE + kind.encode() + b"\0" + id.bytes + case_id.bytes
        return _short(hmac.digest(self._keys[key], said, "sha256"))


def _short(digest: bytes) -> str:
    return base64.b32encode(digest[:MAC_BYTES]).decode().lower()
