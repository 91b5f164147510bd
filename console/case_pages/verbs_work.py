"""Activities, time and knowledge articles of a case (domain 8, 9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.case_pages.asking import Ask, Input, Sent, Verb, given
from console.languages import N_
from console.own_words import kind_of_activity
from console.staff import Posted
from console.visitor import Visitor
from desk.activities import check_reader
from desk.errors import Invalid
from desk.queries import choices
from models.messages.activities import ActivityType
from models.messages.api_activities import CloseActivityBody
from models.messages.api_cases import ActivityBody, LinkArticleBody
from models.messages.cases import CommandKind as K
from models.messages.said import said
from policies.activities import may_write


async def _adding(ask: Ask) -> list[Input]:
    people = await choices.agents(ask.session)
    return [
        Input("kind", N_("Type"), "choice", _types(ask)),
        Input("title", N_("Title")),
        Input("description", N_("Description"), "lines"),
        Input("due", N_("Due"), "instant"),
        Input("owner", N_("Owner"), "choice", people, ask.me.identity.slug),
    ]


def _types(ask: Ask) -> tuple[tuple[str, str], ...]:
    types = map(ask.organisation.activity_type, ask.organisation.activity_types)
    return tuple(
        (each.slug, kind_of_activity(each.slug, ask.me.language))
        for each in types
        if may_write(each, ask.me.identity.roles) is None
    )


async def _added(ask: Ask, posted: Posted) -> Sent:
    said: dict[str, Any] = given(posted, "kind", "title", "description", "owner")
    if posted.text("due"):
        said["due"] = instant(ask.me, posted.text("due"), "due")
    body = ActivityBody.model_validate({"title": "", **said})
    check_reader(ask.organisation.activity_type(body.kind), ask.me.identity)
    return Sent(body)


def instant(me: Visitor, typed: str, field: str) -> datetime:
    """What a field of a local time holds, in the visitor's zone."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=me.zone)
    except ValueError:
        raise Invalid(field, said("give a date and a time")) from None


async def _timing(ask: Ask) -> list[Input]:
    return [
        Input("kind", N_("Type"), "choice", _types(ask)),
        Input("title", N_("What was done")),
        Input("duration_minutes", N_("Minutes"), "number"),
    ]


async def _timed(ask: Ask, posted: Posted) -> Sent:
    said = given(posted, "kind", "title", numbers=("duration_minutes",))
    body = ActivityBody.model_validate({"title": "", "duration_minutes": "", **said, "completed": True})
    check_reader(ask.organisation.activity_type(body.kind), ask.me.identity)
    return Sent(body)


def _ending(status: str) -> Any:
    async def inputs(ask: Ask) -> list[Input]:
        kind = _type_of(ask)
        reasons = tuple((each.slug, each.name) for each in kind.reasons if each.status == status)
        asked = [Input("reason", N_("Reason"), "choice", reasons)] if reasons else []
        if status == "completed":
            asked.append(Input("duration_minutes", N_("Minutes"), "number", hint=N_("How long it took; may be empty.")))
        return asked or [Input("ends", N_("It will be cancelled."), "shown")]

    return inputs


def _type_of(ask: Ask) -> ActivityType:
    for entry in ask.shown.entries:
        if entry.item.activity is not None and entry.item.activity.id == ask.on:
            return ask.organisation.activity_type(entry.item.activity.kind)
    return ActivityType(slug="task")


async def _ended(ask: Ask, posted: Posted) -> Sent:
    return Sent(CloseActivityBody.model_validate(given(posted, "reason", numbers=("duration_minutes",))), ask.on)


async def _linking(ask: Ask) -> list[Input]:
    return [Input("article", N_("Number of the article"), hint=N_("Such as KA-01003; suggestions stand beside."))]


async def _linked(_: Ask, posted: Posted) -> Sent:
    return Sent(LinkArticleBody.model_validate({"article": posted.text("article").strip().upper()}))


async def _unlinked(ask: Ask, _: Posted) -> Sent:
    return Sent(target_id=ask.on)


WORK_VERBS = (
    Verb("add-activity", K.ADD_ACTIVITY, N_("Add an activity"), N_("Added."), "", _adding, _added),
    Verb("add-time", K.ADD_ACTIVITY, N_("Enter time"), N_("Entered."), "", _timing, _timed),
    Verb("link-article", K.ATTACH_ARTICLE, N_("Link an article"), N_("Linked."), "", _linking, _linked),
    Verb("unlink-article", K.DETACH_ARTICLE, N_("Unlink"), N_("Unlinked."), "", becomes=_unlinked, part=True),
    Verb(
        *("complete-activity", K.COMPLETE_ACTIVITY, N_("Complete"), N_("Completed."), ""),
        inputs=_ending("completed"),
        becomes=_ended,
        part=True,
    ),
    Verb(
        *("cancel-activity", K.CANCEL_ACTIVITY, N_("Cancel the activity"), N_("Cancelled."), ""),
        inputs=_ending("cancelled"),
        becomes=_ended,
        part=True,
    ),
)
