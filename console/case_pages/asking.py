"""What a form of a case is: its fields, what it is made from, and the command that it becomes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from console.case_pages.shown import Shown
from console.staff import Posted, Staff
from console.visitor import Visitor
from models.messages.base import Message
from models.messages.cases import CommandKind
from models.messages.organisation import OrganisationSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One field. `kind`: line, lines, choice, several (boxes to tick), number, flag, instant, or shown (only read)."""

    name: str
    label: str
    kind: str = "line"
    choices: Choices = ()
    value: str = ""
    hint: str = ""
    said: bool = False
    """The label is data of the organisation, and no text of the catalogues."""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a form is made from. `on`: what it is about, if that is a part of the case, such as an activity."""

    staff: Staff
    session: AsyncSession
    me: Visitor
    shown: Shown
    on: UUID | None = None

    @property
    def organisation(self) -> OrganisationSettings:
        return self.me.organisation

    def reasons(self, status: str, *, pausing: bool | None = None) -> Choices:
        """Status reasons of a state, with their names."""
        return tuple(
            (each.slug, each.name)
            for each in self.organisation.status_reasons
            if each.status == status and each.slug != "merged" and pausing in (None, each.pauses)
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form becomes. `number`: another case than the one of the page. `kind`: another command than the verb's."""

    body: Message | None = None
    target_id: UUID | None = None
    stage: str | None = None
    number: str | None = None
    kind: CommandKind | None = None


async def nothing(_: Ask) -> list[Input]:
    return []


async def plainly(_: Ask, __: Posted) -> Sent:
    return Sent()


async def no_check(_: AsyncSession, __: UUID) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Verb:
    """`slug` is its place below the case's address, `button` what its button says, `done` what is said afterwards.

    `part`: it is about a part of the case, whose id follows in the address. `leaves`: the stage's form may be gone after it,
    so that answers that were typed there and not saved go along with it. `checked` looks at what other cases have made
    of it, and raises what is to be said.
    """

    slug: str
    kind: CommandKind
    button: str
    done: str
    says: str = ""
    inputs: Callable[[Ask], Awaitable[list[Input]]] = field(default=nothing)
    becomes: Callable[[Ask, Posted], Awaitable[Sent]] = field(default=plainly)
    checked: Callable[[AsyncSession, UUID], Awaitable[None]] = field(default=no_check)
    part: bool = False
    danger: bool = False
    leaves: bool = False

    @property
    def direct(self) -> bool:
        """It asks nothing: its button does it."""
        return self.inputs is nothing

    @property
    def path(self) -> str:
        return f"/cases/{{number}}/{self.slug}" + ("/{on}" if self.part else "")


def given(posted: Posted, *names: str, numbers: tuple[str, ...] = ()) -> dict[str, Any]:
    """What was filled in, by name: an empty field is left out. `numbers`: fields of whole numbers; what is none stays as it
    was typed, and the model says so."""
    found: dict[str, Any] = {name: value for name in (*names, *numbers) if (value := posted.text(name).strip())}
    for name in numbers:
        typed = found.get(name, "")
        if re.fullmatch(r"-?[0-9]+", typed):
            found[name] = int(typed[:12])
    return found
