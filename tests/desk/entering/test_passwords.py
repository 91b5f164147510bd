"""Passwords: argon2id at rest, weak ones refused, tries counted, and no word or work that tells whether there is an account."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from desk.entering.errors import TooManyTries, WrongSecret
from desk.entering.passwords import Passwords, check_password
from desk.entering.throttle import FROM_ADDRESS, PASSWORDS, Limit, give_back, take
from desk.entering.ways import Ways
from desk.errors import Invalid
from models.records.base import new_id
from models.records.entering import AgentPassword, EntryThrottle
from models.records.reference import Agent, Audit
from storage.engines import Database
from tests.support.entering import CHEAP, HERE, NOW, PASSWORD, Door, add_agent, made

WEAK = [
    *("short", "x" * 201, "aaaaaaaaaaaaaaaa", "abababababab", "password1234", "Passwort2026!!", "P4ssw0rd!!!!!!"),
    *(
        "qwertyuiop12",
        "123456789012",
        "Grace-Hopper-1906",
        "grace.hopper99",
        "northwind audio!",
        "Northwind-Audio-2026",
    ),
    *("ILOVEYOU12345", "changemenow!"),
]
STRONG = [
    "a quiet harbour at dawn",
    "Грустный слон идёт",
    "mX9#kq!w0Lp2",
    "пароль из снега",
    "correct pony battery clip",
]


def test_passwords_that_strangers_try_first_are_refused() -> None:
    grace = Agent(id=new_id(), slug="grace", name="Grace Hopper", email="grace.hopper@house.example", roles=["agent"])
    for weak in WEAK:
        with pytest.raises(Invalid) as refused:
            check_password(weak, grace, "Northwind Audio")
        assert refused.value.field == "password", weak
        assert weak not in refused.value.detail
    for strong in STRONG:
        check_password(strong, grace, "Northwind Audio")


async def test_a_password_is_kept_as_argon2id_and_opens_a_session_of_its_agent(door: Door) -> None:
    first = await door.with_password()
    async with door.database.read() as session:
        row = await session.get_one(AgentPassword, door.ada)
        audited = str([vars(each) for each in await session.scalars(select(Audit))])
    assert row.hash.startswith("$argon2id$")
    assert PASSWORD not in row.hash + audited
    for name in ("ada", " ADA ", "ada@house.example", "Ada@House.Example"):
        me = await door.session(await door.signing_in.with_password(name, PASSWORD, HERE, NOW))
        assert me.identity.slug == "ada"
        assert me.id != first.id, "each sign-in has a session of its own"


async def test_the_same_password_is_known_however_it_was_typed() -> None:
    passwords = Passwords(CHEAP)
    hash = await passwords.hashed("Ang\u00e8le au caf\u00e9 \u2460")
    assert await passwords.matches(hash, "Ange\u0300le au cafe\u0301 1")
    assert not await passwords.matches(hash, "Angele au cafe 1")
    assert not await passwords.matches("no hash at all", "x")
    assert not await passwords.matches(None, "nobody's password")


async def test_who_is_wrong_is_told_the_same_whatever_is_wrong(door: Door) -> None:
    await door.with_password()
    await add_agent(door.database, "bob")
    await add_agent(door.database, "carl", "shared@house.example")
    await add_agent(door.database, "dora", "shared@house.example")
    said = set()
    wrong = ("ada", "bob", "nobody", "shared@house.example", "", "\0\ud800", "x" * 10_000, "ada@house.example\n")
    for name in wrong:
        with pytest.raises(WrongSecret) as refused:
            await door.signing_in.with_password(name, "not the password", HERE, NOW)
        said.add(refused.value.detail)
    await door.change(active=False)
    with pytest.raises(WrongSecret) as refused:
        await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    assert said == {refused.value.detail}
    async with door.database.read() as session:
        failed = list(await session.scalars(select(Audit).where(Audit.action == "sign-in-failed").order_by(Audit.id)))
    assert [row.object_id for row in failed] == ["ada", "bob", "ada"], "what a stranger types as a name is not kept"
    assert all(row.changes["address"] == [None, HERE.address] for row in failed)


async def test_an_unknown_account_takes_as_much_work_as_a_wrong_password(door: Door) -> None:
    """Both are one comparison of argon2id: that is what takes the time."""
    await door.with_password()

    class Counting(Passwords):
        compared = 0

        def _verify(self, hash: str, password: str) -> bool:
            self.compared += 1
            return super()._verify(hash, password)

    door.signing_in.passwords = counting = Counting(CHEAP)
    for name in ("ada", "nobody", ""):
        before = counting.compared
        with pytest.raises(WrongSecret):
            await door.signing_in.with_password(name, "not the password", HERE, NOW)
        assert counting.compared == before + 1


async def test_a_hash_of_other_parameters_is_renewed_when_its_agent_signs_in(door: Door) -> None:
    await door.with_password()
    stronger = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)
    door.signing_in.passwords = Passwords(stronger)
    with pytest.raises(WrongSecret):
        await door.signing_in.with_password("ada", "not the password", HERE, NOW)
    for _ in range(2):
        await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    async with door.database.read() as session:
        row = await session.get_one(AgentPassword, door.ada)
    assert "m=128,t=2" in row.hash
    assert row.changed_on == NOW


async def test_an_account_is_tried_so_often_and_the_right_password_gives_all_tries_back(door: Door) -> None:
    await door.with_password()
    async with door.database.write() as session:
        await give_back(session, FROM_ADDRESS, HERE.address)
    for name in ("ada", "nobody"):
        for _ in range(PASSWORDS.most):
            with pytest.raises(WrongSecret):
                await door.signing_in.with_password(name, "not the password", HERE, NOW)
        with pytest.raises(TooManyTries) as refused:
            await door.signing_in.with_password(name, PASSWORD, HERE, NOW)
        assert refused.value.wait == PASSWORDS.every
    later = NOW + PASSWORDS.every
    await door.signing_in.with_password("ada", PASSWORD, HERE, later)
    for _ in range(PASSWORDS.most):
        with pytest.raises(WrongSecret):
            await door.signing_in.with_password("ada", "not the password", HERE, later)


async def test_an_address_tries_so_often_whatever_account(database: Database) -> None:
    few = Limit("test", 3, timedelta(seconds=10))
    async with database.write() as session:
        for _ in range(3):
            await take(session, few, "a", NOW)
        for wait, at in ((10, 0), (1, 9)):
            with pytest.raises(TooManyTries) as refused:
                await take(session, few, "a", NOW + timedelta(seconds=at))
            assert refused.value.wait == timedelta(seconds=wait)
        await take(session, few, "b", NOW)
        await take(session, few, "a", NOW + timedelta(seconds=10))
        assert "192" not in str([vars(row) for row in await session.scalars(select(EntryThrottle))])
        await take(session, few, "c", NOW + timedelta(hours=2))
        assert len(list(await session.scalars(select(EntryThrottle)))) == 1, "what is over is forgotten"


async def test_processes_that_count_at_once_let_no_more_through(database: Database) -> None:
    few = Limit("test", 5, timedelta(minutes=1))

    async def tries() -> bool:
        try:
            async with database.write() as session:
                await take(session, few, "a", NOW)
        except TooManyTries:
            return False
        return True

    assert sum(await asyncio.gather(*(tries() for _ in range(20)))) == 5


async def test_a_house_without_passwords_takes_none(door: Door) -> None:
    await door.with_password()
    closed = made(door.database, door.keyring, Ways(passwords=False))
    with pytest.raises(WrongSecret):
        await closed.with_password("ada", PASSWORD, HERE, NOW)


async def test_a_change_asks_for_the_present_password_and_ends_the_other_sessions(door: Door) -> None:
    me = await door.with_password()
    other = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    new = "eleven green bottles"
    with pytest.raises(Invalid) as refused:
        await door.own.change_password(me, "not the password", new, NOW)
    assert refused.value.field == "present"
    with pytest.raises(Invalid) as refused:
        await door.own.change_password(me, PASSWORD, "password1234", NOW)
    assert refused.value.field == "password"
    await door.session(other)
    await door.own.change_password(me, PASSWORD, new, NOW)
    with pytest.raises(AssertionError):
        await door.session(other)
    await door.signing_in.with_password("ada", new, HERE, NOW)
    with pytest.raises(WrongSecret):
        await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    assert (await door.audited()).count("password") == 2
