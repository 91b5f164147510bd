"""Passwords: hashed by argon2id, and refused where a stranger would guess them first (NIST SP 800-63B 3.1.1)."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from functools import cache
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from models.messages.said import said
from models.records.entering import AgentPassword
from models.records.reference import Agent

SHORTEST, LONGEST = 12, 200
"""Characters."""
FEWEST_SIGNS = 5
"""Different characters that a password has at least."""
PASSES, KIBIBYTES, LANES = 1, 46 * 1024, 1
"""Of argon2id, as OWASP's Password Storage Cheat Sheet names them first: some 0.1 s of a core."""
AT_ONCE = 2
"""Hashes that are reckoned side by side."""
STAND_INS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
"""Signs that people write in the place of letters."""


class Passwords:
    """Hashes and compares, beside the event loop. `hasher`: its parameters are those of new hashes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher(PASSES, KIBIBYTES, LANES)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self.hasher.hash, _normal(password))

    async def matches(self, hash: str | None, password: str) -> bool:
        """Whether the hash is of this password. Without a hash it is not, and that takes as long to say."""
        if self._nobodys is None:
            self._nobodys = await self.hashed("nobody's password")
        async with self._turns:
            right = await asyncio.to_thread(self._verify, hash or self._nobodys, _normal(password)[: 2 * LONGEST])
        return right and hash is not None

    def is_old(self, hash: str) -> bool:
        """It was made with other parameters than those of today."""
        return self.hasher.check_needs_rehash(hash)

    def _verify(self, hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(hash, password)
        except (VerificationError, InvalidHashError):
            return False


async def hash_of(session: AsyncSession, agent_id: UUID) -> str | None:
    row = await session.get(AgentPassword, agent_id)
    return None if row is None else row.hash


def check_password(password: str, agent: Agent, organisation: str, field: str = "password") -> None:
    """`Invalid` if it is too short or too long, or among the first that somebody would try for this agent."""
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise Invalid(
            field,
            said("must have {shortest} to {longest} characters", shortest=SHORTEST, longest=LONGEST),
            type="password-length",
        )
    if len(set(normal.lower())) < FEWEST_SIGNS:
        raise Invalid(field, said("must not repeat the same few characters"), type="password-repeats")
    own = {_stem(each) for each in (agent.slug, agent.name, *agent.email.split("@"), organisation)}
    if normal.lower() in common() or _stem(normal) in common() | own:
        raise Invalid(field, said("is one of those that strangers try first"), type="password-common")


def _stem(password: str) -> str:
    """The word that is left of `P4ssword-2026!!` without what people put around it."""
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.lower())
    return re.sub(r"[\W_]+", "", bare.translate(STAND_INS))


@cache
def common() -> frozenset[str]:
    """The commonest passwords, and the words that the commonest are made of."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())


def _normal(password: str) -> str:
    """The same on every keyboard and system."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())
