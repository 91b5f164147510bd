"""The signature of a webhook, as the Standard Webhooks specification has it: over id, timestamp and body.

Each host has a secret of its own, made from the house's keys, so that nothing has to be kept and no receiver can speak
for the house to another. Every key of the ring signs: a receiver who knows the secret of an older key goes on verifying.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

PURPOSE = b"caseloom webhook 1 "


class WebhookSigner:
    """Args:
    current: id of the key whose secrets are given to new receivers.
    keys: the ring's keys by id, 32 bytes each.
    """

    def __init__(self, current: str, keys: Mapping[str, bytes]) -> None:
        self._current, self._keys = current, keys

    def secret(self, host: str) -> str:
        """What the receiver at this host verifies with: `whsec_` and the key in base64."""
        return f"whsec_{b64encode(self._secret(self._current, host)).decode()}"

    def headers(self, host: str, id: str, at: datetime, body: bytes) -> dict[str, str]:
        """`at`: of this try, in whole seconds; a receiver refuses what is too old."""
        timestamp = str(int(at.timestamp()))
        said = f"{id}.{timestamp}.".encode() + body
        names = [self._current, *(name for name in self._keys if name != self._current)]
        signatures = [
            f"v1,{b64encode(hmac.digest(self._secret(name, host), said, 'sha256')).decode()}" for name in names
        ]
        return {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}

    def _secret(self, name: str, host: str) -> bytes:
        return hmac.digest(self._keys[name], PURPOSE + host.lower().encode(), "sha256")
