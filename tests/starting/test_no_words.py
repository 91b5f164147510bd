"""A started Caseloom whose rows are broken: requests and activities fail, and nothing that it writes tells a value of theirs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.starting.started import OWN_PORTS, standing
from tests.support.disks import full_disk
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(300)  # a whole start

MARKER = "casey.marker@customer.example"

ORGANISATION = """\
organisation: {name: A small shop, time_zone: Europe/Berlin}
agents:
  - {slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}
accounts:
  - {slug: aurora, name: Aurora}
queues:
  - {slug: desk, name: Desk, owner: ada}
routing_rule_sets:
  - {slug: all, name: All, rules: [{name: Every case, queue: desk}]}
"""


def execute(data: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(data / "caseloom.db", timeout=30)) as there:
        there.execute(statement, values)
        there.commit()


def written(data: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in sorted((data / "logs").iterdir()))


async def test_nothing_that_a_failing_process_writes_tells_what_a_customer_wrote(tmp_path: Path) -> None:
    """And, since it stands: hosts, unfinished requests, and a disk that becomes full."""
    file, data = tmp_path / "shop.yaml", tmp_path / "data"
    file.write_text(ORGANISATION)
    options: list[str | Path] = ["up", "--organisation", file, "--data", data, *OWN_PORTS]
    async with standing(*options, cwd=tmp_path, until="Temporal UI  ") as up:
        lines = up.out.splitlines()
        token = lines[lines.index("The administrator's token, shown this once:") + 1]
        base = next(line.split()[-1] for line in lines if line.lstrip().startswith("API ") and "/api/v1" in line)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=60) as api:
            number = await opened(api)
            execute(data, "UPDATE service_case SET status = ? WHERE number = ?", MARKER, number)
            read = await api.get(f"/cases/{number}")
            assert (read.status_code, read.json()["type"]) == (500, "/problems/internal")
            execute(data, "UPDATE service_case SET status = 'active' WHERE number = ?", number)

            # The step of the case's workflow fails, in an activity.
            execute(data, "UPDATE service_case SET custom = ? WHERE number = ?", f'"{MARKER}"', number)
            picked = await api.post(f"/cases/{number}/pick")
            assert picked.status_code in (202, 500), picked.text

            async def is_logged() -> bool:
                return "cases/" in written(data)

            await until(is_logged)

            refused = await api.get("/cases", headers={"Host": "evil.example"})
            assert refused.status_code == 421
            assert (await api.get("/cases/", headers={"Host": "127.0.0.1"})).status_code == 404
            await is_let_go(base)
            await disk_is_full(up.process.pid, api)
            for answer in (read, picked):
                assert MARKER not in answer.text
        down = await up.stop()
    assert MARKER not in down.out + down.err + written(data)
    assert "fault" in written(data)


async def opened(api: httpx.AsyncClient) -> str:
    made = await api.post("/cases", json={"title": "It does not pair", "customer": "aurora"})
    assert made.status_code == 201, made.text
    number: str = made.json()["number"]
    return number


async def is_let_go(base: str) -> None:
    url = httpx.URL(base)
    reader, writer = await asyncio.open_connection(url.host, url.port or 80)
    writer.write(b"GET /api/v1/cases HTTP/1.1\r\nHost: localhost\r\n")
    async with asyncio.timeout(60):
        assert b" 408 " in await reader.readline()
    writer.close()


async def disk_is_full(pid: int, api: httpx.AsyncClient) -> None:
    upload: dict[str, Any] = {"files": {"file": ("a.txt", b"kept")}}
    with full_disk(pid):
        assert (await api.post("/attachments", **upload)).status_code == 503

        async def says_so() -> bool:
            health = await api.get("/healthz")
            return health.status_code == 503 and not health.json()["files"]

        await until(says_so)

    async def is_well() -> bool:
        return (await api.get("/healthz")).status_code == 200

    await until(is_well)
    assert (await api.post("/attachments", **upload)).status_code == 201
