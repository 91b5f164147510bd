"""Golden histories replay: what an earlier version began, this one can carry on (temporal 1.13; see record.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from bootstrap import WORKFLOWS, sandbox
from models.messages.names import CASES_QUEUE

HERE = Path(__file__).parent
RECORDED = sorted(str(file.relative_to(HERE)) for file in HERE.glob("*/*.json"))


def test_some_are_recorded() -> None:
    assert RECORDED, "python -m tests.histories.record writes them"


@pytest.mark.parametrize("file", RECORDED)
async def test_it_replays(file: str) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS[CASES_QUEUE], data_converter=pydantic_data_converter, workflow_runner=sandbox()
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(file, (HERE / file).read_text()))
