"""A workflow that does what none may: it asks the machine's clock. In a module of its own, which the sandbox reloads."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import workflow


@workflow.defn
class AsksTheClock:
    @workflow.run
    async def run(self) -> str:
        return datetime.now(UTC).isoformat()
