"""Proof of the desk: a signature over a command, so that who can speak to the workflow engine alone cannot act as an
agent (design, "Proof of the desk").

A signature is "<key id>:<HMAC-SHA256 in hex>", over the case and all that the command says. It is made when the command
is sent and checked by the write that applies it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from uuid import UUID

from models.messages.cases import CaseCommand

PURPOSE = b"caseloom proof of the desk 1"
"""The house's keys also sign reply tokens and seal passwords: this key is derived, for this purpose alone."""


class DeskProof:
    """Signs with the current key; every key of the ring verifies, so that a rotation breaks no command under way.

    Args:
        current: id of the key for new signatures.
        keys: the ring's keys by id, 32 bytes each.
    """

    def __init__(self, current: str, keys: Mapping[str, bytes]) -> None:
        if current not in keys:
            raise ValueError(f"current: there is no key {current!r}")
        self._current = current
        self._keys = {name: hmac.digest(key, PURPOSE, "sha256") for name, key in keys.items()}

    def sign(self, command: CaseCommand, case_id: UUID) -> CaseCommand:
        """The command with its signature for this case; a signature that it carries already is replaced."""
        mac = _mac(self._keys[self._current], command, case_id)
        return command.model_copy(update={"signature": f"{self._current}:{mac}"})

    def holds(self, command: CaseCommand, case_id: UUID) -> bool:
        """Whether the desk of this house signed the command for this case. Any wrong MAC takes the same time."""
        name, _, given = command.signature.rpartition(":")
        key = self._keys.get(name)
        # Compared as bytes: text beyond ASCII, which anybody may send, is an error there.
        return key is not None and hmac.compare_digest(
            _mac(key, command, case_id).encode(), given.encode(errors="replace")
        )


def _mac(key: bytes, command: CaseCommand, case_id: UUID) -> str:
    # Without what has its default: a field that a later version adds leaves the signatures of this one as they are.
    said = command.model_dump(mode="json", exclude={"signature"}, exclude_defaults=True)
    canonical = json.dumps([str(case_id), said], sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), "sha256").hexdigest()
