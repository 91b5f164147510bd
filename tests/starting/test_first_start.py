"""The first administrator's token comes with the first start that works, whatever failed before it."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.starting.started import OWN_PORTS, Standing, standing, starter

pytestmark = pytest.mark.timeout(300)  # whole starts, several of them, beside whatever else this machine does

GOOD = """\
agents: [{slug: ada, name: Ada, email: ada@shop.example, roles: [administrator, agent]}]
queues: [{slug: mail, name: Mail, owner: ada}]
"""
DANGLING = GOOD.replace("owner: ada", "owner: nobody")
SHAPELESS = GOOD.replace("slug: mail,", "")
TITLE = "The administrator's token, shown this once:"
LINK = "The link by which administrator chooses a password for the console, once:"


def token_of(up: Standing) -> str:
    lines = up.out.splitlines()
    return lines[lines.index(TITLE) + 1]


async def works(up: Standing) -> bool:
    base = next(line.split()[-1] for line in up.out.splitlines() if line.lstrip().startswith("API ") and "/v1" in line)
    headers = {"Authorization": f"Bearer {token_of(up)}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=60) as api:
        return (await api.get(f"{base}/audit")).status_code == 200


async def opens(up: Standing, link: str) -> bool:
    """Whether a password can be chosen by the link, wherever the console says that it is."""
    base = next(line.split()[-1] for line in up.out.splitlines() if line.lstrip().startswith("API ") and "/v1" in line)
    async with httpx.AsyncClient(base_url=base.removesuffix("/api/v1"), trust_env=False, timeout=60) as browser:
        return "Choose a password" in (await browser.get(urlsplit(link).path)).text


async def test_after_every_failure_the_first_start_that_works_shows_it(tmp_path: Path) -> None:
    file, data = tmp_path / "mine.yaml", tmp_path / "data"
    options: list[str | Path] = ["up", "--organisation", file, "--data", data, *OWN_PORTS]

    async def fails(text: str, words: str, *more: str) -> None:
        file.write_text(text)
        ended = await starter(*options, *more, cwd=tmp_path)
        assert ended.code == 1
        assert words in ended.err
        assert "Traceback" not in ended.err
        assert TITLE not in ended.out

    await fails(SHAPELESS, "queues[0].slug: this field is required")
    await fails(DANGLING, "there is no agent 'nobody'")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        await fails(GOOD, "is taken", "--api-port", str(taken.getsockname()[1]))
    file.write_text(GOOD)
    # Killed once the tables are there, before anything was shown: the next start must show it.
    async with standing(*options, cwd=tmp_path, until="database, migrated") as killed:
        killed.process.send_signal(signal.SIGKILL)
        await killed.process.communicate()
    assert TITLE not in killed.out
    async with standing(*options, cwd=tmp_path, until="Temporal UI  ") as up:
        assert await works(up)
        lines = up.out.splitlines()
        assert await opens(up, lines[lines.index(LINK) + 1])
        invited = await starter("password", "invite", "--agent", "ada", "--anew", "--data", data, cwd=tmp_path)
        assert invited.code == 0, invited.err
        assert await opens(up, invited.out.strip())
        unknown = await starter("password", "invite", "--agent", "nobody", "--data", data, cwd=tmp_path)
        assert (unknown.code, "there is no agent 'nobody'" in unknown.err) == (1, True)
