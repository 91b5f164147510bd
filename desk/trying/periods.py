"""What is tried, and on which time: the same for routing rule sets, record creation rules and SLAs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.reference import definitions
from desk.reference.definitions import DRAFT
from desk.reference.references import Names
from models.messages.base import Message
from storage.definitions import DefinitionKind

AT_ONCE = 500
"""Decisions of one piece: between two of them others get their turn."""
MOST, MOST_SHOWN = 200_000, 100
"""Decisions that are looked at, and differences that are shown."""
LONGEST = timedelta(days=400)

M = TypeVar("M", bound=Message)

Tell = Callable[[int, datetime], None]
"""Is told after each piece how many decisions were looked at, and which instant of the period was reached."""


def nobody(looked_at: int, reached: datetime) -> None:
    """Nobody wants to know."""


def check_period(since: datetime, until: datetime) -> None:
    """`Invalid` for a period that is none, or too long a one."""
    if not since < until <= since + LONGEST:
        raise Invalid("to", f"after 'from', and at most {LONGEST.days} days after it")


async def chosen_version(
    session: AsyncSession, kind: DefinitionKind, key: str, version: int | None, model: type[M]
) -> tuple[int, M]:
    """The version that is tried, and what it says: without a number the latest, which is the draft if there is one.

    `NotFound` for an unknown definition or version. `Invalid` for a draft of rules that names what there is not, as it could
    not be put in force either; an SLA may count by the draft of a calendar.
    """
    if version is None:
        chosen = (await definitions.versions(session, kind, key))[0]
    else:
        chosen = await definitions.get(session, kind, key, version)
    if not isinstance(chosen.body, model):
        raise TypeError(f"{key} is no {kind}")
    if chosen.status == DRAFT and kind is not DefinitionKind.SLA:
        await Names(session).check(chosen.body)
    return chosen.version, chosen.body
