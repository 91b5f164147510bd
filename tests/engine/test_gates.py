"""A gate lets in so many at once for each key, in order of arrival, and is gone when nobody is left."""

from __future__ import annotations

import asyncio

import pytest

from engine.gates import Gates


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_at_once_in_order_of_arrival() -> None:
    gates, inside, entered, most = Gates(3), 0, [], 0
    leave = asyncio.Semaphore(0)

    async def go(n: int) -> None:
        nonlocal inside, most
        async with gates.through("a"):
            entered.append(n)
            inside += 1
            most = max(most, inside)
            await leave.acquire()
            inside -= 1

    tasks = [asyncio.create_task(go(n)) for n in range(10)]
    await settle()
    assert entered == [0, 1, 2]
    for _ in tasks:
        leave.release()
    await asyncio.gather(*tasks)
    assert (entered, most, len(gates)) == (list(range(10)), 3, 0)


async def test_keys_do_not_wait_for_each_other() -> None:
    gates = Gates(1)
    async with gates.through("a"), asyncio.timeout(60), gates.through("b"):
        assert len(gates) == 2
    assert len(gates) == 0


async def test_who_gives_up_leaves_no_place_taken() -> None:
    gates = Gates(1)
    async with gates.through("a"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), gates.through("a"):
                raise AssertionError("two were let in")
    assert len(gates) == 0
    async with asyncio.timeout(60), gates.through("a"):
        assert len(gates) == 1


async def test_an_error_inside_opens_the_gate_again() -> None:
    gates = Gates(1)
    with pytest.raises(LookupError):
        async with gates.through("a"):
            raise LookupError
    assert len(gates) == 0
