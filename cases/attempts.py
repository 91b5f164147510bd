"""One try of a step: what it may go on without, and what becomes of it when it fails for good.

A step that fails because the database is away is tried for as long as that takes. A value that cannot be is no reason to
try again. A fault of ours is tried three times; then the part that failed is left out, or the whole step is set aside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from models.messages.cases import Outcome
from storage.errors import ErrorKind, kind_of, name_of, place_of

TRIES = 3
"""Of a step that fails by a fault of ours."""

log = structlog.get_logger(__name__)


class PartFailed(Exception):
    """A named part of a write failed; the rest of the write can do without it."""

    def __init__(self, part: str, cause: Exception) -> None:
        super().__init__(part)
        self.part, self.cause = part, cause


@dataclass(frozen=True)
class Attempt:
    """How a write is gone about.

    `careful`: every part's rows are written at its end, so that what the database refuses is blamed on its own part; that
    costs statements, so it is only done once something has failed. `without`: parts that are left out, and why.
    """

    careful: bool = False
    without: Mapping[str, Exception] = field(default_factory=dict)


FIRST = Attempt()


async def attempted(
    work: Callable[[Attempt], Awaitable[Outcome]],
    set_aside: Callable[[Exception], Awaitable[Outcome]],
    *,
    last: bool,
) -> Outcome:
    """Do `work`, without the parts that cannot be done; if the rest of it fails too, `set_aside` answers.

    `last`: this is the last of the tries that a fault of ours gets; before that it is raised, to be tried again.
    """
    attempt = FIRST
    while True:
        try:
            return await work(attempt)
        except PartFailed as failed:
            raise_if_it_may_still_be_done(failed.cause, last=last)
            if failed.part in attempt.without:
                return await _given_up(set_aside, failed.cause)
            attempt = Attempt(careful=True, without={**attempt.without, failed.part: failed.cause})
        except Exception as error:  # noqa: BLE001 - each error is classed, and raised, or given up on below
            raise_if_it_may_still_be_done(error, last=last)
            if attempt.careful:
                return await _given_up(set_aside, error)
            attempt = Attempt(careful=True)


def raise_if_it_may_still_be_done(error: Exception, *, last: bool) -> None:
    """The error itself, if the same thing may work another time."""
    match kind_of(error):
        case ErrorKind.AWAY:
            raise error
        case ErrorKind.DATA:
            return
        case ErrorKind.CONSTRAINT | ErrorKind.FAULT:
            if not last:
                raise error


async def _given_up(set_aside: Callable[[Exception], Awaitable[Outcome]], error: Exception) -> Outcome:
    # Only the class and the place: the text of a database error repeats what it was given.
    log.error("a step is set aside", error=name_of(error), at=place_of(error))
    return await set_aside(error)
