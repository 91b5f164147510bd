"""The steps of a case: each one transaction, safe to repeat, run by `workflows/steps.py` (design, "A mail's way" 4).

The Temporal UI names a bar after the type of its activity. So there is one activity for all names: a run asks for `pick`,
`mail` or `first-response warns`, and says beside it which of the methods below does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import structlog
from temporalio import activity
from temporalio.common import RawValue

from cases.attempts import TRIES, Attempt, attempted
from cases.clocks import CaseClocks
from cases.commands import CaseCommands
from cases.deliveries import CaseDeliveries
from cases.opening import CaseOpening
from cases.unit import CaseTools
from models.messages.cases import CommandInput, DeliveryInput, LapseInput, Outcome, StepInput, StepKind
from models.messages.incidents import StepFault
from storage.errors import is_away, name_of, place_of

LONGEST = 8.0
"""Seconds that a step may take as an ordinary activity; the server would give it two more."""
ENDLESS = 6
"""Tries of a step that never ended in that time: about a minute, in which a database that is only busy has answered."""

Given = TypeVar("Given", StepInput, CommandInput, DeliveryInput, LapseInput)

log = structlog.get_logger(__name__)


class CaseActivities:
    def __init__(self, tools: CaseTools) -> None:
        self.opening, self.commands = CaseOpening(tools), CaseCommands(tools)
        self.clocks, self.deliveries = CaseClocks(tools), CaseDeliveries(tools)

    @activity.defn(dynamic=True)
    async def step(self, args: Sequence[RawValue]) -> Outcome:
        """Any step by its business name. `args`: a `StepKind`, and the input of that kind."""
        kind, given = args
        convert = activity.payload_converter().from_payload
        match StepKind(convert(kind.payload, str)):
            case StepKind.LOAD:
                return await self.load(convert(given.payload, StepInput))
            case StepKind.OPEN:
                return await self.open(convert(given.payload, StepInput))
            case StepKind.COMMAND:
                return await self.command(convert(given.payload, CommandInput))
            case StepKind.DELIVER:
                return await self.deliver(convert(given.payload, DeliveryInput))
            case StepKind.LAPSE:
                return await self.lapse(convert(given.payload, LapseInput))

    async def load(self, given: StepInput) -> Outcome:
        """The case as its rows have it."""
        return await _step(given, lambda given, attempt: self.opening.load_case(given), None)

    async def open(self, given: StepInput) -> Outcome:
        """Open the case, once; without the parts that cannot be done."""
        return await _step(given, self.opening.open_case, self.opening.set_aside)

    async def command(self, given: CommandInput) -> Outcome:
        """Apply one agent command, once."""
        return await _step(given, self.commands.apply_command, self.commands.set_aside)

    async def deliver(self, given: DeliveryInput) -> Outcome:
        """Let the case hear of one delivery, once."""
        return await _step(given, self.deliveries.apply_delivery, self.deliveries.set_aside)

    async def lapse(self, given: LapseInput) -> Outcome:
        """Warn and fail what is due; a status is written though its action cannot be run."""
        return await _step(given, self.clocks.lapse_clocks, self.clocks.set_aside)


async def _step(
    given: Given,
    work: Callable[[Given, Attempt], Awaitable[Outcome]],
    set_aside: Callable[[Given, Exception], Awaitable[Outcome]] | None,
) -> Outcome:
    info = activity.info()
    last = info.attempt >= TRIES or not info.is_local
    aside = partial(_set_aside, given, set_aside)
    if info.is_local:
        outcome = await attempted(partial(work, given), aside, last=last)
    else:
        outcome = await _bounded(partial(work, given), aside, tries=info.attempt)
    return outcome.model_copy(update={"ended_on": datetime.now(UTC)})


async def _bounded(
    work: Callable[[Attempt], Awaitable[Outcome]], aside: Callable[[Exception], Awaitable[Outcome]], *, tries: int
) -> Outcome:
    """A step that takes for ever is a fault too, unless it only waits for the database."""
    patience = asyncio.timeout(LONGEST)
    try:
        async with patience:
            return await attempted(work, aside, last=True)
    except TimeoutError as error:
        if not patience.expired() or tries < ENDLESS:
            raise
        return await aside(error)


async def _set_aside(
    given: Given, set_aside: Callable[[Given, Exception], Awaitable[Outcome]] | None, error: Exception
) -> Outcome:
    """Write down what could not be done. If even that fails by a fault of ours, the case's lock is released all the same."""
    if set_aside is not None:
        try:
            return await set_aside(given, error)
        except Exception as again:
            if is_away(again):
                raise
            log.critical("an incident could not be written", error=name_of(again), at=place_of(again))
    return Outcome(snapshot=None, fault=StepFault(step=type(given).__name__))
