"""`up`: one's own organisation with one's own mailboxes, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path

from settings import Settings
from starting.failures import KEPT_ELSEWHERE, WAYS_ON
from starting.houses import uses_a_cluster
from starting.show import Show
from starting.stack import StackPlan, running, show_administrator_token
from starting.stopping import Stopping


async def up(
    settings: Settings,
    stopping: Stopping,
    show: Show,
    *,
    organisation: Path | None,
    reset: bool = False,
    overwrite: bool = False,
) -> int:
    """Everything for one's own organisation and mailboxes, until Ctrl-C."""
    show.title("Caseloom")
    own = not uses_a_cluster(settings)
    plan = StackPlan(settings, organisation, mail=False, own_temporal=own, reset=reset, overwrite=overwrite)
    async with running(plan, show) as stack:
        for change in stack.changes:
            show.say(f"    {change}")
        if stack.kept_out:
            show.title(f"Attention: {KEPT_ELSEWHERE}:")
            for line in [*stack.kept_out, WAYS_ON]:
                show.say(line)
        await show_administrator_token(stack.house, show)
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
