"""`temporal.db` gone from a folder that has its database: said in one sentence, and mended by the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.findings import Grade
from settings import Settings
from starting.data_folder import DataFolder
from starting.doctor_here import examine_engine_data
from tests.starting.started import OWN_PORTS, standing
from tests.starting.test_broken_folders import data

__all__ = ["data"]


def test_doctor_says_it_and_what_to_do(data: Path, tmp_path: Path) -> None:
    folder = DataFolder(data)
    lost = examine_engine_data(Settings(data=data))
    assert (lost.grade, folder.has_lost_engine) == (Grade.PROBLEM, True)
    assert "temporal.db is gone" in lost.found
    assert "`starter.py up`" in str(lost.way_out)
    folder.temporal.write_bytes(b"1")
    assert examine_engine_data(Settings(data=data)).grade is Grade.OK
    # Made anew, and the start that was to fill it was killed.
    folder.note_lost_engine(True)
    assert examine_engine_data(Settings(data=data)).grade is Grade.PROBLEM
    folder.note_lost_engine(False)
    assert not folder.has_lost_engine
    cluster = Settings(data=data, temporal_address="temporal.example:7233")
    folder.temporal.unlink()
    assert examine_engine_data(cluster).grade is Grade.OK
    assert examine_engine_data(Settings(data=tmp_path / "none")).grade is Grade.OK


@pytest.mark.timeout(120)
async def test_up_says_it_once_and_starts_the_runs_again(data: Path, tmp_path: Path) -> None:
    async with standing("up", "--data", data, *OWN_PORTS, cwd=tmp_path, until="Temporal UI  ") as up:
        assert "temporal.db was gone: the workflow engine has begun anew" in up.out
        assert "runs of open cases" in up.out
        assert not DataFolder(data).has_lost_engine
        await up.stop()
