"""What can be done with a case, each as a form: what it asks, and the command that it becomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from console.case_pages.shown import Shown
from console.languages import N_
from console.staff import Posted
from models.messages.api_cases import ResolveBody
from models.messages.base import Message
from models.messages.cases import CommandKind
from models.messages.organisation import OrganisationSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

K = CommandKind


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form. `kind`: line, lines, choice, number, flag, instant."""

    name: str
    label: str
    kind: str = "line"
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""
    hint: str = ""
    longest: int = 300
    said: bool = False
    """The label is data of the organisation, and no text of the catalogues."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a form is made from: the case as it is shown, and the organisation."""

    session: AsyncSession
    shown: Shown
    organisation: OrganisationSettings


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form becomes."""

    body: Message | None = None
    target_id: UUID | None = None
    stage: str | None = None


async def _nothing(_: Ask) -> list[Input]:
    return []


async def _plainly(_: Ask, __: Posted) -> Sent:
    return Sent()


@dataclass(frozen=True, slots=True)
class Verb:
    """`slug` is its place below the case's address; `button` what its button says; `done` what is said when it is done."""

    slug: str
    kind: CommandKind
    button: str
    done: str
    says: str = ""
    inputs: Callable[[Ask], Awaitable[list[Input]]] = field(default=_nothing)
    becomes: Callable[[Ask, Posted], Awaitable[Sent]] = field(default=_plainly)

    @property
    def direct(self) -> bool:
        """It asks nothing: its button does it."""
        return self.inputs is _nothing


def given(posted: Posted, *names: str) -> dict[str, Any]:
    """What was filled in, by name: an empty field is left out."""
    return {name: value for name in names if (value := posted.text(name).strip())}


async def _resolving(ask: Ask) -> list[Input]:
    reasons = tuple((each.slug, each.name) for each in ask.organisation.status_reasons if each.status == "resolved")
    inputs = [
        Input("resolution_type", N_("How it was resolved"), "choice", reasons),
        Input("resolution", N_("Resolution"), "lines", longest=10_000),
        Input("billable_minutes", N_("Billable minutes"), "number", hint=N_("Empty: what the activities lasted.")),
    ]
    if ask.shown.case.open_activities:
        inputs.append(Input("cancel_open_activities", N_("Cancel the activities that are open"), "flag"))
    return inputs


async def _resolved(_: Ask, posted: Posted) -> Sent:
    flag = {"cancel_open_activities": True} if posted.text("cancel_open_activities") else {}
    said = given(posted, "resolution_type", "billable_minutes") | {"resolution": posted.text("resolution")}
    return Sent(ResolveBody.model_validate(said | flag))


VERBS: tuple[Verb, ...] = (
    Verb("pick", K.PICK, N_("Pick"), N_("You work on it now.")),
    Verb("resolve", K.RESOLVE, N_("Resolve"), N_("Resolved."), "", _resolving, _resolved),
)
BY_SLUG = {verb.slug: verb for verb in VERBS}
