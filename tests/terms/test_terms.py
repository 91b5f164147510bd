"""A short run of random commands on contracts, with deaths and repetitions; a long one: python -m tests.terms."""

from __future__ import annotations

from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from models.records.base import new_id
from models.records.promises import LedgerEntry
from tests.support.desks import OPENED_ON, desk_at
from tests.terms.driver import Driver

SEED, COMMANDS = 7, 60


async def test_every_balance_is_the_sum_of_its_movements(
    temporal: WorkflowEnvironment, sqlite_url: str, tmp_path: Path
) -> None:
    async with desk_at(temporal, sqlite_url, tmp_path, work=False) as desk:
        driver = await Driver.on(desk, SEED)
        run = await driver.go(COMMANDS)
        assert run.wrong == []
        assert set(run.done) >= {"open", "cancel", "resolve", "change", "origin", "reactivate", "reactivate-with"}
        assert run.refused, "contracts run out"
        assert min(run.killed, run.repeated) > 10
        # That it would see a movement that was made once too often.
        async with desk.house.database.write() as session:
            row = await desk.entitlement("first")
            given = {"entitlement_id": row.id, "event": "applied", "ordinal": 99, "terms": -1, "at": OPENED_ON}
            case = await desk.case(next(iter(driver.matters)))
            session.add(LedgerEntry(id=new_id(), case_id=case.id, **given))
        assert [each async for each in driver._faults()], "a movement that nothing explains is seen"
