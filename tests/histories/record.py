"""Records golden histories, to be replayed for ever: `python -m tests.histories.record`, at each release.

Cases of this version go to tests/histories/<version>/<name>.json, one file a run; those of earlier versions stay.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.messages.api_cases import HoldBody, NoteBody, ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.names import case_workflow_id
from storage.migrate import upgrade
from tests.support.applied import ROOT
from tests.support.correspondence import open_by_mail, receive
from tests.support.databases import sqlite_address
from tests.support.desks import Desk, desk_at
from tests.support.faults import failing, missing
from tests.support.scenario import Scenario
from tests.support.temporal import time_skipping_server
from tests.support.waiting import until

HERE = Path(__file__).parent


async def scenario(desk: Desk) -> str:
    return await Scenario(desk).play()


async def promises(desk: Desk) -> str:
    """Held and resumed, warned, failed, answered late."""
    number = await desk.open()
    await desk.send("grace", number, CommandKind.PICK)
    await desk.send("grace", number, CommandKind.HOLD, HoldBody())
    await desk.send("grace", number, CommandKind.RESUME)
    await desk.forward_to(number, datetime(2031, 3, 27, 9, 15, tzinfo=UTC))
    await desk.send("grace", number, CommandKind.REPLY, ReplyBody(text="Late, sorry."))
    return number


async def woken(desk: Desk) -> str:
    """Closed, woken by a mail and by a note, reactivated, closed again: a run each."""
    number = await open_by_mail(desk)
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    await receive(desk, number, times=2)
    await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="They wrote again."))
    await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody())
    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="Paired for good."))
    return number


async def repaired(desk: Desk) -> str:
    """Opened by a step that failed three times as a local activity, and went on as an ordinary one."""
    case = await desk.insert()
    async with missing(desk, "entitlement_channel"):
        await desk.house.dispatcher.open(case.id, case.number, case.origin)

        async def broken() -> bool:
            return bool(await failing(desk, case.number))

        await until(broken)
    await desk.until_status(case.number, CaseStatus.ACTIVE)
    await desk.send("grace", case.number, CommandKind.PICK)
    return case.number


STORIES: tuple[Callable[[Desk], Awaitable[str]], ...] = (scenario, promises, woken, repaired)


async def record(folder: Path) -> list[Path]:
    """Play the stories and write their histories; what was in the folder is replaced."""
    written: list[Path] = []
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "caseloom.db"
        await asyncio.to_thread(upgrade, sqlite_address(file))
        async with time_skipping_server() as temporal, desk_at(temporal, sqlite_address(file), Path(place)) as desk:
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob("*.json"):
                old.unlink()
            for story in STORIES:
                number = await story(desk)
                await desk.settled(number)
                written += await _write(desk, number, folder, story.__name__)
    return written


async def _write(desk: Desk, number: str, folder: Path, name: str) -> list[Path]:
    client, written = desk.house.client, []
    query = f"WorkflowId = '{case_workflow_id(number)}'"
    found = sorted([run async for run in client.list_workflows(query)], key=lambda run: run.start_time)
    for position, run in enumerate(found, start=1):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        target = folder / f"{name}-{position}.json"
        target.write_text(json.dumps(_impersonal(history.to_json_dict()), indent=1, sort_keys=True) + "\n")
        written.append(target)
    return written


PERSONAL = ("identity", "stackTrace")


def _impersonal(value: Any) -> Any:
    """Without the names of the processes and the machine that happened to record it."""
    match value:
        case dict():
            return {name: _impersonal(inner) for name, inner in value.items() if name not in PERSONAL}
        case list():
            return [_impersonal(inner) for inner in value]
        case _:
            return value


if __name__ == "__main__":
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for path in asyncio.run(record(HERE / version)):
        print(path.relative_to(ROOT))
