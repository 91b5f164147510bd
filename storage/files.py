"""Files by content: written under a temporary name, synced, and renamed to their SHA-256: none is half-written.

Whatever is read is compared with its name: bytes that a disk or a person has altered are never given out as what was kept.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_DIGEST = re.compile(r"^[0-9a-f]{64}$")
PROBE = 4096
"""Bytes that are written to see whether anything can be: a block of the usual file systems."""


class FileDamaged(OSError):
    """The bytes in the store are not those that were kept. A copy of the folder has the right ones."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"the file {sha256} in the store has been altered")
        self.sha256 = sha256


class StoreUnavailable(OSError):
    """The store takes nothing: its disk is full, read-only or failing."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the file store cannot be written ({os.strerror(error.errno or errno.EIO).lower()})")
        self.errno = error.errno


class FileStore(Protocol):
    """What an object store has to offer to stand in for the folder."""

    async def put(self, content: bytes) -> str:
        """Keep the bytes; the answer is their SHA-256 in hex, by which `get` finds them. Safe to repeat.

        `StoreUnavailable` if they cannot be kept now."""
        ...

    async def get(self, sha256: str) -> bytes:
        """The bytes; `FileNotFoundError` if they are not there, `FileDamaged` if they are not what was kept."""
        ...

    async def check(self) -> None:
        """Write something. `StoreUnavailable` if nothing can be kept now."""
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
        # One that was altered meanwhile is written anew: whoever brings the bytes mends it.
        if target.exists() and _digest_of(target) == digest:
            return digest
        partial = target.with_name(f".{digest}.{uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(partial, content)
            partial.rename(target)
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreUnavailable(error) from error
        finally:
            _remove(partial)
        return digest

    async def get(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self._get, sha256)

    def _get(self, sha256: str) -> bytes:
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileDamaged(sha256)
        return content

    async def check(self) -> None:
        await asyncio.to_thread(self._check)

    def _check(self) -> None:
        probe = self.folder / f".probe.{uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(probe, bytes(PROBE))
        except OSError as error:
            raise StoreUnavailable(error) from error
        finally:
            _remove(probe)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    """What was half-written would keep a full disk full."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
