"""The second factor: an app's codes, each once, and recovery codes, each once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.entering import second_factor, tickets
from desk.entering.errors import TicketClosed, TooManyTries, WrongSecret
from desk.entering.throttle import CODES
from desk.errors import Conflict, Invalid
from letters.links import LinkKind
from models.records.entering import RecoveryCode, SecondFactor
from models.records.reference import Agent, Audit
from storage.secrets import Keyring
from tests.support.entering import HERE, NOW, PASSWORD, Door, code_at

A_STEP = timedelta(seconds=second_factor.STEP)


async def test_a_right_password_alone_opens_nothing_once_it_is_on(door: Door) -> None:
    me = await door.with_password()
    other = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    await door.with_second_factor(me)
    with pytest.raises(AssertionError):
        await door.session(other)
    entered = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    assert entered.secret is None
    assert entered.ticket is not None
    await door.signing_in.waits_for_code(entered.ticket, NOW)
    secret, at = await door.secret_of_app(), NOW + A_STEP
    for wrong in ("000000", code_at(secret, NOW - 5 * A_STEP), code_at(secret, NOW), "\0\u0661"):
        with pytest.raises(WrongSecret):
            await door.signing_in.with_code(entered.ticket, wrong, HERE, at - 2 * A_STEP)
    got = await door.signing_in.with_code(
        entered.ticket, f" {code_at(secret, at)[:3]} {code_at(secret, at)[3:]} ", HERE, at
    )
    assert (await door.session(got)).identity.slug == "ada"
    with pytest.raises(TicketClosed):
        await door.signing_in.with_code(entered.ticket, code_at(secret, at + A_STEP), HERE, at)


async def test_a_code_is_taken_once_also_of_two_at_once(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    secret, at = await door.secret_of_app(), NOW + 3 * A_STEP
    entered = [await door.signing_in.with_password("ada", PASSWORD, HERE, at) for _ in range(3)]
    code = code_at(secret, at)

    async def enters(ticket: str | None) -> bool:
        try:
            await door.signing_in.with_code(ticket or "", code, HERE, at)
        except WrongSecret:
            return False
        return True

    assert sum(await asyncio.gather(*(enters(each.ticket) for each in entered))) == 1
    earlier = code_at(secret, at - A_STEP)
    left = await door.signing_in.with_password("ada", PASSWORD, HERE, at)
    with pytest.raises(WrongSecret):
        await door.signing_in.with_code(left.ticket or "", earlier, HERE, at)


async def test_clocks_may_differ_by_half_a_minute(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    secret, at = await door.secret_of_app(), NOW + 10 * A_STEP
    async with door.database.write() as session:
        ada = await session.get_one(Agent, door.ada)
        for apart, taken in ((-2, False), (2, False), (-1, True), (1, True)):
            code = code_at(secret, at + apart * A_STEP)
            assert await second_factor.takes(session, door.keyring, ada, code, at) is taken, apart


async def test_a_recovery_code_stands_in_once(door: Door) -> None:
    codes = await door.with_second_factor(await door.with_password())
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    async with door.database.read() as session:
        kept = str([vars(row) for row in await session.scalars(select(RecoveryCode))])
        kept += str([vars(row) for row in await session.scalars(select(SecondFactor))])
        kept += str([vars(row) for row in await session.scalars(select(Audit))])
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert await door.secret_of_app() not in kept
    for typed, works in ((codes[0], True), (codes[0], False), (codes[1].upper().replace("-", " "), True)):
        entered = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
        assert entered.ticket is not None
        if works:
            await door.session(await door.signing_in.with_code(entered.ticket, typed, HERE, NOW))
        else:
            with pytest.raises(WrongSecret):
                await door.signing_in.with_code(entered.ticket, typed, HERE, NOW)
    assert (await door.audited()).count("recovery-code") == 2


async def test_keys_change_and_recovery_codes_outlive_a_key_that_is_lost(door: Door) -> None:
    codes = await door.with_second_factor(await door.with_password())
    secret, old = await door.secret_of_app(), door.keyring
    k2, k3 = {"k2": b"2" * 32}, {"k3": b"3" * 32}
    for current, keys, at, typed, works in (
        ("k2", old.keys | k2, NOW + 2 * A_STEP, None, True),
        ("k2", k2, NOW + 4 * A_STEP, None, True),
        ("k3", k3, NOW + 6 * A_STEP, None, False),
        ("k3", k3, NOW + 6 * A_STEP, codes[0], True),
    ):
        async with door.database.write() as session:
            ada = await session.get_one(Agent, door.ada)
            code = typed or code_at(secret, at)
            assert await second_factor.takes(session, Keyring(current, keys), ada, code, at) is works, (current, typed)


async def test_codes_cannot_be_tried_through(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    entered = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    for _ in range(CODES.most):
        with pytest.raises(WrongSecret):
            await door.signing_in.with_code(entered.ticket or "", "000000", HERE, NOW)
    # Another ticket gives no other tries.
    again = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    with pytest.raises(TooManyTries):
        await door.signing_in.with_code(again.ticket or "", "000000", HERE, NOW)


async def test_it_counts_only_once_its_first_code_was_shown(door: Door) -> None:
    me = await door.with_password()
    with pytest.raises(Conflict):
        await door.own.confirm_second_factor(me, "000000", NOW)
    with pytest.raises(Invalid) as refused:
        await door.own.prepare_second_factor(me, "not the password", NOW)
    assert refused.value.field == "present"
    await door.own.prepare_second_factor(me, PASSWORD, NOW)
    async with door.database.read() as session:
        access = await door.own.of(session, me)
    assert access.prepared == await door.secret_of_app()
    assert access.address_for_apps is not None
    assert access.address_for_apps.startswith("otpauth://totp/")
    assert (await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)).secret is not None
    with pytest.raises(Invalid) as refused:
        await door.own.confirm_second_factor(me, "000000", NOW)
    assert refused.value.field == "code"
    await door.own.confirm_second_factor(me, code_at(await door.secret_of_app(), NOW), NOW)
    async with door.database.read() as session:
        access = await door.own.of(session, me)
    assert (access.second_factor, access.prepared, access.recovery_codes) == (True, None, second_factor.RECOVERY_CODES)
    with pytest.raises(Conflict):
        await door.own.prepare_second_factor(me, PASSWORD, NOW)


async def test_new_recovery_codes_and_switching_off_ask_for_a_code(door: Door) -> None:
    me = await door.with_password()
    old = await door.with_second_factor(me)
    for change in (door.own.new_recovery_codes, door.own.drop_second_factor):
        with pytest.raises(Invalid):
            await change(me, "000000", NOW)
    new = await door.own.new_recovery_codes(me, old[0], NOW)
    with pytest.raises(Invalid):
        await door.own.drop_second_factor(me, old[1], NOW)
    await door.own.drop_second_factor(me, new[0], NOW)
    assert (await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)).secret is not None
    assert {"second-factor-on", "second-factor-off"} <= set(await door.audited())


async def test_the_way_to_the_code_is_open_for_ten_minutes_and_only_for_who_showed_the_password(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    entered = await door.signing_in.with_password("ada", PASSWORD, HERE, NOW)
    late = NOW + tickets.LASTS[LinkKind.CODE]
    for ticket, at in ((entered.ticket or "", late), ("", NOW), ("x" * 200, NOW), (await door.link(), NOW)):
        with pytest.raises(TicketClosed):
            await door.signing_in.waits_for_code(ticket, at)
        with pytest.raises(TicketClosed):
            await door.signing_in.with_code(ticket, "000000", HERE, at)
