"""The keyring: reply-token keys and the encryption of mailbox secrets, with key ids for rotation."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class KeyringError(ValueError):
    """The key file is unreadable or lacks a key that something was encrypted with."""


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
            return cls(loaded["current"], {name: b64decode(key) for name, key in loaded["keys"].items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyringError(
                f"{where}: not a keyring ({error}); expected {{'current': id, 'keys': {{id: base64}}}}"
            ) from None

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """The keyring of this file (mode 0600), made with one random key if there is none."""
        if not path.exists():
            made = {"current": "k1", "keys": {"k1": b64encode(secrets.token_bytes(32)).decode()}}
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_name(f".{path.name}.{os.getpid()}")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(made, file)
            partial.rename(path)
        return cls.from_json(path.read_text(), str(path))

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
