"""The keyring: reply-token keys and the encryption of mailbox secrets, with key ids for rotation."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from base64 import b64decode, b64encode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class KeyringError(ValueError):
    """The key file is unreadable or lacks a key that something was encrypted with."""


KEY_BYTES = 32
KEY_ID = re.compile(r"[a-z0-9]{1,8}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO
WAY_OUT = 'bring it back from a copy, or see "Keys" in docs/operators.md'


class Keyring:
    """Keys by id, the current one for new work, older ones still verify and decrypt.

    Args:
        current: id of the key for new work.
        keys: 32 bytes each, by id.
    """

    def __init__(self, current: str, keys: dict[str, bytes]) -> None:
        if current not in keys:
            raise KeyringError(f"keys: the current key {current!r} is not among {sorted(keys)}")
        self.current, self.keys = current, keys

    @classmethod
    def from_json(cls, text: str, where: str) -> Keyring:
        try:
            loaded = json.loads(text)
            current, keys = loaded["current"], {name: _key(key) for name, key in loaded["keys"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not the error's own words, which may repeat a key.
            expected = '{"current": "k1", "keys": {"k1": "<32 bytes, base64>"}}'
            raise KeyringError(f"{where}: not a keyring, which is {expected}: {WAY_OUT}.") from None
        if not isinstance(current, str) or current not in keys:
            raise KeyringError(f"{where}: the current key {str(current)[:8]!r} is not among its keys: {WAY_OUT}.")
        if wrong := sorted(name for name in keys if not KEY_ID.fullmatch(name)):
            raise KeyringError(
                f"{where}: a key's id has 1 to 8 lower-case letters and digits, unlike {wrong[0][:20]!r}."
            )
        if wrong := sorted(name for name, key in keys.items() if len(key) != KEY_BYTES):
            raise KeyringError(f"{where}: not {KEY_BYTES} bytes long: {', '.join(wrong)}: {WAY_OUT}.")
        return cls(current, keys)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """The keyring of this file, made with one random key if there is none. `KeyringError` also if others may read it."""
        if not path.exists():
            _make(path)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_bytes().decode()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise KeyringError(f"{path} cannot be read ({reason}): {WAY_OUT}.") from None
        if os.name == "posix" and mode & OTHERS:
            raise KeyringError(
                f"{path} has mode {mode:04o}, so that others may read the keys: `chmod 600 {path}` closes it to them; if "
                'somebody has read them, change them ("Keys" in docs/operators.md).'
            )
        return cls.from_json(text, str(path))

    def encrypt(self, secret: str) -> str:
        return f"{self.current}:{self._fernet(self.current).encrypt(secret.encode()).decode()}"

    def decrypt(self, sealed: str) -> str:
        name, _, token = sealed.partition(":")
        if name not in self.keys:
            raise KeyringError(f"a secret was sealed with key {name!r}, which the keyring does not hold")
        try:
            return self._fernet(name).decrypt(token.encode()).decode()
        except InvalidToken:
            raise KeyringError(f"a secret does not open with key {name!r}") from None

    def _fernet(self, name: str) -> Fernet:
        return Fernet(urlsafe_b64encode(self.keys[name]))


def _key(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("a key is text")
    return b64decode(text.strip(), validate=True)


def _make(path: Path) -> None:
    """Of several processes that make one at once, one does."""
    made = {"current": "k1", "keys": {"k1": b64encode(secrets.token_bytes(KEY_BYTES)).decode()}}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
