"""The keys that a stored message is known by (email promise 4)."""

from __future__ import annotations

import hashlib


def message_id_hash(message_id: str) -> str:
    """SHA-256 of a Message-ID in hex; brackets, surrounding space and letter case do not count."""
    return hashlib.sha256(message_id.strip().strip("<>").lower().encode()).hexdigest()


def missing_id_hash(content_hash: str) -> str:
    """The same for a mail without a Message-ID: then its content is its name."""
    return hashlib.sha256(f"none {content_hash}".encode()).hexdigest()


def queue_hash(content_hash: str, queue: str) -> str:
    """Of the same mail where it opens a case in another queue too (domain 6.5): one key a queue."""
    return hashlib.sha256(f"{content_hash} in {queue}".encode()).hexdigest()
