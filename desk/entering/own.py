"""What people who are signed in change of how they get in: their password and their second factor. Other sessions end then,
and a letter tells them of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from desk import sessions
from desk.entering import second_factor
from desk.entering.passwords import check_password, hash_of
from desk.entering.signing_in import SigningIn, keep_password
from desk.entering.throttle import CODES, PASSWORDS, give_back, take
from desk.errors import Invalid
from desk.sessions import SignedIn
from letters.access_words import OF_FACTORS_OFF, OF_FACTORS_ON, OF_PASSWORDS, OF_RECOVERY_CODES
from models.messages.said import said
from models.records.reference import Agent


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """How somebody gets in now. `prepared`: the secret of a second factor that waits for its first code."""

    has_password: bool
    second_factor: bool
    recovery_codes: int
    prepared: str | None
    address_for_apps: str | None


class OwnAccessDesk:
    """`me`: the session in which it is done; it goes on."""

    def __init__(self, signing_in: SigningIn) -> None:
        self.signing_in, self.database, self.keyring = signing_in, signing_in.database, signing_in.keyring
        self.telling = signing_in.telling

    async def of(self, session: AsyncSession, me: SignedIn) -> OwnAccess:
        agent_id = me.identity.agent_id
        on = await second_factor.is_on(session, agent_id)
        secret = await second_factor.prepared(session, self.keyring, agent_id)
        organisation = await self.signing_in.definitions.organisation(session)
        return OwnAccess(
            has_password=await hash_of(session, agent_id) is not None,
            second_factor=on,
            recovery_codes=await second_factor.recovery_codes_left(session, agent_id) if on else 0,
            prepared=secret,
            address_for_apps=secret
            and second_factor.address_for_apps(secret, me.identity.slug, organisation.name.replace(":", " ")),
        )

    async def change_password(self, me: SignedIn, present: str, new: str, now: datetime) -> None:
        """`Invalid` for `present` if it is not theirs, for `password` if the new one is weak; `TooManyTries`."""
        await self._check_password(me, present, now)
        async with self.database.read() as session:
            agent = await session.get_one(Agent, me.identity.agent_id)
            organisation = await self.signing_in.definitions.organisation(session)
        check_password(new, agent, organisation.name)
        hash = await self.signing_in.passwords.hashed(new)
        async with self.database.write() as session:
            agent = await session.get_one(Agent, agent.id)
            await keep_password(session, agent, hash, now)
            await self.telling.tell(session, agent, OF_PASSWORDS, now)
            await self._end_others(session, me, now)

    async def prepare_second_factor(self, me: SignedIn, present: str, now: datetime) -> None:
        """A secret that waits for its first code. Who has a password shows it first. `Conflict` if there is one already."""
        async with self.database.read() as session:
            has_password = await hash_of(session, me.identity.agent_id) is not None
        if has_password:
            await self._check_password(me, present, now)
        async with self.database.write() as session:
            await second_factor.prepare(session, self.keyring, me.identity.agent_id)

    async def confirm_second_factor(self, me: SignedIn, code: str, now: datetime) -> list[str]:
        """It counts from now on; the recovery codes, shown this once. `Invalid` for a wrong code, `TooManyTries`."""
        await self._count_code(me, now)
        async with self.database.write() as session:
            agent = await session.get_one(Agent, me.identity.agent_id)
            codes = await second_factor.confirm(session, self.keyring, agent, code, now)
            await give_back(session, CODES, str(agent.id))
            await self.telling.tell(session, agent, OF_FACTORS_ON, now)
            await self._end_others(session, me, now)
        return codes

    async def new_recovery_codes(self, me: SignedIn, code: str, now: datetime) -> list[str]:
        """In the place of the old ones. `Invalid` for a wrong code."""
        await self._count_code(me, now)
        async with self.database.write() as session:
            await self._take_code(session, me, code, now)
            agent = await session.get_one(Agent, me.identity.agent_id)
            await self.telling.tell(session, agent, OF_RECOVERY_CODES, now)
            return await second_factor.new_recovery_codes(session, agent.id)

    async def drop_second_factor(self, me: SignedIn, code: str, now: datetime) -> None:
        """`Invalid` for a wrong code; a recovery code will do. One that was only prepared needs none."""
        async with self.database.read() as session:
            on = await second_factor.is_on(session, me.identity.agent_id)
        if on:
            await self._count_code(me, now)
        async with self.database.write() as session:
            agent = await session.get_one(Agent, me.identity.agent_id)
            if on:
                await self._take_code(session, me, code, now)
            await second_factor.drop(session, agent, actor=agent.slug, now=now)
            if on:
                await self.telling.tell(session, agent, OF_FACTORS_OFF, now)
                await self._end_others(session, me, now)

    async def _check_password(self, me: SignedIn, present: str, now: datetime) -> None:
        async with self.database.write() as session:
            await take(session, PASSWORDS, me.identity.slug, now)
            hash = await hash_of(session, me.identity.agent_id)
        if not await self.signing_in.passwords.matches(hash, present):
            raise Invalid("present", said("is not your present password"), type="wrong-password")
        async with self.database.write() as session:
            await give_back(session, PASSWORDS, me.identity.slug)

    async def _count_code(self, me: SignedIn, now: datetime) -> None:
        async with self.database.write() as session:
            await take(session, CODES, str(me.identity.agent_id), now)

    async def _take_code(self, session: AsyncSession, me: SignedIn, code: str, now: datetime) -> None:
        agent = await session.get_one(Agent, me.identity.agent_id)
        if not await second_factor.takes(session, self.keyring, agent, code, now):
            raise Invalid("code", said("is not the code of now, or it was used already"), type="wrong-code")
        await give_back(session, CODES, str(agent.id))

    async def _end_others(self, session: AsyncSession, me: SignedIn, now: datetime) -> None:
        await sessions.end_all(session, me.identity.agent_id, actor=me.identity.slug, now=now, but=me.id)
