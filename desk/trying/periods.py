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
from desk.reference.words import wrong_words
from models.messages.base import Message
from models.messages.said import said
from models.messages.storable import path_text
from storage.definitions import DefinitionKind, Definitions

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
        raise Invalid("to", said("after 'from', and at most {days} days after it", days=LONGEST.days))


async def chosen_version(
    session: AsyncSession, kind: DefinitionKind, key: str, version: int | None, model: type[M]
) -> tuple[int, M]:
    """The version that is tried, and what it says: without a number the latest, which is the draft if there is one.

    `NotFound` for an unknown definition or version. `Invalid` for a draft that names what there is not, or a word that the
    organisation does not have: it could not be put in force either. An SLA may count by the draft of a calendar.
    """
    if version is None:
        chosen = (await definitions.versions(session, kind, key))[0]
    else:
        chosen = await definitions.get(session, kind, key, version)
    if not isinstance(chosen.body, model):
        raise TypeError(f"{key} is no {kind}")
    if chosen.status == DRAFT:
        if kind is not DefinitionKind.SLA:
            await Names(session).check(chosen.body)
        for wrong in wrong_words(chosen.body, await Definitions().organisation(session)):
            raise Invalid(path_text(wrong.path), wrong.rule, path=wrong.path)
    return chosen.version, chosen.body
