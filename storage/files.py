"""Files by content: written under a temporary name, synced, and renamed to their SHA-256: none is half-written."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_DIGEST = re.compile(r"^[0-9a-f]{64}$")


class FileStore(Protocol):
    """What an object store has to offer to stand in for the folder."""

    async def put(self, content: bytes) -> str:
        """Keep the bytes; the answer is their SHA-256 in hex, by which `get` finds them. Safe to repeat."""
        ...

    async def get(self, sha256: str) -> bytes:
        """The bytes; `FileNotFoundError` if they were never kept."""
        ...


class FolderStore:
    """The embedded default: a folder, fanned out by the digest's first two characters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        if not _DIGEST.match(sha256):
            raise FileNotFoundError(f"{sha256!r} is not a SHA-256 in hex")
        return self.folder / sha256[:2] / sha256

    async def put(self, content: bytes) -> str:
        return await asyncio.to_thread(self._put, content)

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(f".{digest}.{uuid4().hex}")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest

    async def get(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self.path(sha256).read_bytes)
