"""`up`: one's own organisation with one's own mailboxes, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path

from settings import Settings
from starting.houses import uses_a_cluster
from starting.show import Show
from starting.stack import StackPlan, running
from starting.stopping import Stopping


async def up(settings: Settings, stopping: Stopping, show: Show, *, organisation: Path | None, reset: bool) -> int:
    """Everything for one's own organisation and mailboxes, until Ctrl-C."""
    show.title("Caseloom")
    plan = StackPlan(settings, organisation, mail=False, own_temporal=not uses_a_cluster(settings), reset=reset)
    async with running(plan, show) as stack:
        for change in stack.changes:
            show.say(f"    {change}")
        if stack.administrator_token is not None:
            show.title("The administrator's token, shown this once:")
            show.say(stack.administrator_token)
        show.title("Up until Ctrl-C.")
        rows = {"API": f"{stack.api}/api/v1", "API docs": f"{stack.api}/docs", "logs": str(stack.folder.logs)}
        if stack.settings.temporal_ui is not None:
            rows["Temporal UI"] = stack.settings.temporal_ui
        show.table(rows)
        ended = await stopping.wait(stack.until_a_part_ends())
        if ended is not None:
            show.say(f"{ended} ended by itself; its log is in {stack.folder.logs}.")
        show.say("Stopping (Ctrl-C again ends at once) ...")
    return 0 if ended is None else 1
