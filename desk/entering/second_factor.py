"""The second factor: codes of an app by the clock (TOTP, RFC 6238), each taken once, and recovery codes beside them."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
import structlog
from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid
from desk.identity import token_digest
from desk.sessions import SignedIn
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.records.base import new_id
from models.records.entering import RecoveryCode, SecondFactor
from models.records.reference import Agent
from storage.secrets import Keyring, KeyringError

STEP = 30
"""Seconds for which a code stands."""
EITHER_SIDE = 1
"""Steps by which the two clocks may differ."""
RECOVERY_CODES = 10
log = structlog.get_logger(__name__)

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is taken for each other."""


async def is_on(session: AsyncSession, agent_id: UUID) -> bool:
    row = await session.get(SecondFactor, agent_id)
    return row is not None and row.confirmed_on is not None


async def is_missing(session: AsyncSession, organisation: OrganisationSettings, me: SignedIn) -> bool:
    """Whether one of their roles needs a second factor, and they have none. Whom a provider vouches for needs none here: it
    decides how people prove to it who they are."""
    if me.by_provider or me.identity.roles.isdisjoint(organisation.second_factor):
        return False
    return not await is_on(session, me.identity.agent_id)


async def recovery_codes_left(session: AsyncSession, agent_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.agent_id == agent_id, RecoveryCode.used_on.is_(None))
    return await session.scalar(unused) or 0


async def prepare(session: AsyncSession, keyring: Keyring, agent_id: UUID) -> None:
    """A new secret, which counts once a code of it has been shown. `Conflict` if there is a second factor already."""
    row = await session.get(SecondFactor, agent_id, with_for_update=True)
    if row is None:
        row = SecondFactor(agent_id=agent_id, secret="", confirmed_on=None, last_step=None)
        session.add(row)
    elif row.confirmed_on is not None:
        raise Conflict("second-factor-on", said("the second factor is on already; switch it off first"))
    row.secret, row.last_step = keyring.encrypt(pyotp.random_base32()), None
    await session.flush()


async def prepared(session: AsyncSession, keyring: Keyring, agent_id: UUID) -> str | None:
    """The secret that waits for its first code, as an app takes it (base32)."""
    row = await session.get(SecondFactor, agent_id)
    return None if row is None or row.confirmed_on is not None else keyring.decrypt(row.secret)


def address_for_apps(secret: str, account: str, organisation: str) -> str:
    """What the QR code says: `otpauth://totp/...`."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=organisation)


async def confirm(session: AsyncSession, keyring: Keyring, agent: Agent, code: str, now: datetime) -> list[str]:
    """The second factor counts from now on. Its recovery codes are returned once. `Invalid` if the code is not of now."""
    row = await session.get(SecondFactor, agent.id, with_for_update=True)
    if row is None or row.confirmed_on is not None:
        raise Conflict("no-second-factor", said("nothing waits for a code; begin anew"))
    step = _step(keyring.decrypt(row.secret), code, now)
    if step is None:
        raise Invalid("code", said("is not the code of now; please check the clock of the device"), type="wrong-code")
    row.confirmed_on, row.last_step = now, step
    audit.record(session, now, agent.slug, "agent", agent.slug, "second-factor-on", {})
    return await new_recovery_codes(session, agent.id)


async def new_recovery_codes(session: AsyncSession, agent_id: UUID) -> list[str]:
    """They take the place of those before, used or not."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.agent_id == agent_id))
    codes = ["-".join(_letters(5) for _ in range(3)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(id=new_id(), agent_id=agent_id, digest=_digest(agent_id, code), used_on=None) for code in codes
    )
    await session.flush()
    return codes


async def takes(session: AsyncSession, keyring: Keyring, agent: Agent, code: str, now: datetime) -> bool:
    """Whether it is a code of the app that was not used yet, or a recovery code. It is used up by that."""
    row = await session.get(SecondFactor, agent.id)
    if row is None or row.confirmed_on is None:
        return False
    try:
        secret = keyring.decrypt(row.secret)
    except KeyringError:
        # Its key is lost: the recovery codes need none.
        secret, step = "", None
        log.error("a second factor cannot be opened", agent=agent.slug)
    else:
        step = _step(secret, code, now)
    if step is not None:
        later = or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
        # Sealed anew each time, so that an older key is soon not needed any more.
        taken = update(SecondFactor).where(SecondFactor.agent_id == agent.id, later)
        return await _changes(session, taken.values(last_step=step, secret=keyring.encrypt(secret)))
    used = update(RecoveryCode).where(
        RecoveryCode.agent_id == agent.id,
        RecoveryCode.digest == _digest(agent.id, code),
        RecoveryCode.used_on.is_(None),
    )
    if not await _changes(session, used.values(used_on=now)):
        return False
    audit.record(session, now, agent.slug, "agent", agent.slug, "recovery-code", {})
    return True


async def drop(session: AsyncSession, agent: Agent, *, actor: str, now: datetime) -> None:
    """No second factor any more, nor recovery codes. Without one nothing changes."""
    row = await session.get(SecondFactor, agent.id)
    if row is None:
        return
    was_on = row.confirmed_on is not None
    await session.delete(row)
    await session.execute(delete(RecoveryCode).where(RecoveryCode.agent_id == agent.id))
    if was_on:
        audit.record(session, now, actor, "agent", agent.slug, "second-factor-off", {})
    await session.flush()


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, near now. All are compared, so that the time tells nothing."""
    typed = re.sub(r"\s", "", code).encode("utf-8", "replace")
    present, app = int(now.timestamp()) // STEP, pyotp.TOTP(secret)
    near: Iterable[int] = range(present - EITHER_SIDE, present + EITHER_SIDE + 1)
    found = [step for step in near if hmac.compare_digest(app.generate_otp(step).encode(), typed)]
    return found[-1] if found else None


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _digest(agent_id: UUID, code: str) -> str:
    return token_digest(f"{agent_id}\0{re.sub(r'[^a-z0-9]', '', code.lower())}")


async def _changes(session: AsyncSession, statement: Any) -> bool:
    done: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # an UPDATE's result
        statement.execution_options(synchronize_session=False)
    )
    return done.rowcount == 1
