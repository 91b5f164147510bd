"""Seeing to what has instants to come: what `ArticleWorkflow` and `EntitlementWorkflow` share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.run_length import is_long

TIMEOUT = timedelta(seconds=10)
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: nothing must stay in force, or hidden, because a database was away, and the UI shows what it waits for. A
fault of ours ends in an incident after three of them (`cases.attempts`)."""


class _Due(Protocol):
    """How something stands; `due` None: it never changes again by itself."""

    @property
    def due(self) -> datetime | None: ...


Question = TypeVar("Question")
Standing = TypeVar("Standing", bound=_Due)


class Timed(Generic[Question, Standing]):
    """Lets an activity look at something now, at each instant that it names, and whenever somebody has changed it.

    `question` is what the activity is asked at an instant of the run, `details` what the UI says of the answer (None: it is
    no longer there), and `awaited` the word for what is due, for the timer's name."""

    def __init__(
        self,
        name: str,
        activity: Callable[[Any, Question], Awaitable[Standing | None]],
        question: Callable[[datetime], Question],
        details: Callable[[Standing | None], str],
        awaited: Callable[[Standing], str],
    ) -> None:
        self.name, self.activity, self.question = name, activity, question
        self.details, self.awaited = details, awaited
        self.changes = 0

    def changed(self) -> None:
        """Somebody has changed it: it is looked at again."""
        self.changes += 1

    async def keep(self) -> bool:
        """Until it has nothing more to come: False. True to go on in a new run, before the history is too long."""
        while True:
            heard = self.changes
            standing = await self._look()
            if standing is None or standing.due is None:
                if heard == self.changes:
                    return False
                continue
            if is_long():
                return True
            await self._wait(standing, standing.due, heard)

    async def _look(self) -> Standing | None:
        standing = await workflow.execute_activity_method(
            self.activity,
            self.question(workflow.now()),
            start_to_close_timeout=TIMEOUT,
            retry_policy=TRIES,
            summary=self.name,
        )
        workflow.set_current_details(self.details(standing))
        return standing

    async def _wait(self, standing: Standing, due: datetime, heard: int) -> None:
        """One timer. The server cuts it at a hundred years: then nothing is due yet, and the next one is set."""
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.changes != heard,
                timeout=max((due - workflow.now()).total_seconds(), 0.001),
                timeout_summary=f"{self.name} {self.awaited(standing)}".strip(),
            )
