"""Queues and ownership: who works on the case, and where it waits (domain 2)."""

from __future__ import annotations

from console.case_pages.asking import Ask, Input, Sent, Verb
from console.languages import N_
from console.staff import Posted
from desk.default_queues import default_queue
from desk.errors import Invalid
from desk.queries import choices
from desk.queries.visibility import visible_queue
from desk.reference.references import Names
from models.messages.cases import CommandKind as K
from models.messages.said import said


async def _assigning(ask: Ask) -> list[Input]:
    people = [(f"agent:{slug}", name) for slug, name in await choices.agents(ask.session)]
    teams = [(f"team:{slug}", name) for slug, name in await choices.teams(ask.session)]
    owner = ask.shown.case.owner
    now = f"{owner.kind}:{owner.slug}" if owner else f"agent:{ask.me.identity.slug}"
    return [Input("owner", N_("To whom"), "choice", (*people, *teams), now)]


async def _assigned(ask: Ask, posted: Posted) -> Sent:
    kind, slug = _named(posted, "owner", "agent", "team")
    return Sent(target_id=await Names(ask.session).require(kind, slug, "owner"))


async def _routing(ask: Ask) -> list[Input]:
    queues = [(f"queue:{slug}", name) for slug, name in await choices.queues(ask.session, ask.me.identity)]
    people = [(f"agent:{slug}", name) for slug, name in await choices.agents(ask.session)]
    teams = [(f"team:{slug}", name) for slug, name in await choices.teams(ask.session)]
    hint = N_("Into the queue of an agent or a team it goes to wait for them; its owner stays.")
    here = f"queue:{ask.shown.case.queue}" if ask.shown.case.queue else ""
    return [Input("to", N_("Where to"), "choice", (*queues, *teams, *people), here, hint)]


async def _routed(ask: Ask, posted: Posted) -> Sent:
    kind, slug = _named(posted, "to", "queue", "agent", "team")
    if kind == "queue":
        return Sent(target_id=(await visible_queue(ask.session, ask.me.identity, slug)).id)
    whose = await Names(ask.session).require(kind, slug, "to")
    if whose is None:
        raise Invalid("to", said("is empty"))
    return Sent(target_id=await default_queue(ask.staff.database, ask.me.identity, ask.me.now, kind, whose))


def _named(posted: Posted, field: str, *kinds: str) -> tuple[str, str]:
    kind, _, slug = posted.text(field).partition(":")
    if kind not in kinds or not slug:
        raise Invalid(field, said("choose one of the list"))
    return kind, slug


QUEUE_VERBS = (
    Verb("pick", K.PICK, N_("Pick"), N_("You work on it now.")),
    Verb("assign", K.ASSIGN, N_("Assign"), N_("Assigned."), "", _assigning, _assigned),
    Verb("route", K.ROUTE, N_("Route"), N_("Routed."), "", _routing, _routed),
    Verb("release", K.RELEASE, N_("Release to the queue"), N_("It waits in its queue again.")),
    Verb("apply-routing", K.APPLY_ROUTING, N_("Apply the routing rules"), N_("The routing rules were applied.")),
    Verb("remove-from-queue", K.REMOVE_FROM_QUEUE, N_("Take out of the queue"), N_("It is in no queue now.")),
)
