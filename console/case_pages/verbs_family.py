"""Several cases at once: merging, children, and a mail that becomes a case of its own (domain 1.4, 1.5)."""

from __future__ import annotations

import re

from console.case_pages.asking import Ask, Input, Sent, Verb, given
from console.languages import N_
from console.staff import Posted
from desk.errors import Invalid
from desk.families import check_linked, check_losers, check_merged, child_named
from desk.queries.visibility import visible_case
from models.messages.base import CASE_NUMBER
from models.messages.cases import CommandKind as K
from models.messages.families import ChildBody, MergeBody, SplitBody
from models.messages.said import joined, said


async def _merging(ask: Ask) -> list[Input]:
    others = tuple((each.number, f"{each.number} {each.title}") for each in ask.shown.others)
    inputs = [Input("losers", N_("Other open cases of this customer"), "several", others)] if others else []
    hint = N_("Numbers, with spaces between them. They go up in this case; that cannot be undone.")
    return [*inputs, Input("numbers", N_("Other cases"), hint=hint)]


async def _merged(ask: Ask, posted: Posted) -> Sent:
    named = [*posted.texts("losers"), *posted.text("numbers").replace(",", " ").upper().split()]
    if not named:
        raise Invalid("numbers", said("name the cases that go up in this one"))
    wrong = [word[:40] for word in named if not re.fullmatch(CASE_NUMBER, word)]
    if wrong:
        rule = said("no number of a case, such as CAS-01043-B2C3D4: {wrong}", wrong=joined(wrong[:10]))
        raise Invalid("numbers", rule)
    body = MergeBody(losers=tuple(dict.fromkeys(named)))
    try:
        await check_losers(ask.session, ask.me.identity, body.losers)
    except Invalid as error:
        raise Invalid("numbers", error.rule) from None
    return Sent(body)


async def _child(_: Ask) -> list[Input]:
    return [
        Input("case", N_("An existing case"), hint=N_("Its number; or leave it empty and open a new one.")),
        Input("title", N_("Title of a new one")),
        Input("description", N_("Description of a new one"), "lines"),
    ]


async def _with_child(ask: Ask, posted: Posted) -> Sent:
    typed = given(posted, "case", "title", "description")
    if "case" not in typed and "title" not in typed:
        # Without one the child would have its parent's (domain 1.4): nobody who presses a button too early wants that.
        raise Invalid("title", said("name an existing case, or give a title to a new one"))
    if "case" in typed and len(typed) > 1:
        raise Invalid(
            "case", said("an existing case keeps its own title and description: leave those of a new one empty")
        )
    body = ChildBody.model_validate({name: text.upper() if name == "case" else text for name, text in typed.items()})
    if body.case is None:
        return Sent(body)
    return Sent(body, (await child_named(ask.session, ask.me.identity, body.case)).id)


async def _without_parent(ask: Ask, _: Posted) -> Sent:
    parent = await visible_case(ask.session, ask.me.identity, ask.shown.case.parent or "")
    return Sent(target_id=parent.id)


async def _splitting(_: Ask) -> list[Input]:
    return [Input("title", N_("Title"), hint=N_("Empty: the subject of the mail."))]


async def _split(ask: Ask, posted: Posted) -> Sent:
    return Sent(SplitBody.model_validate({"message": ask.on} | given(posted, "title")))


FAMILY_VERBS = (
    Verb("merge", K.MERGE, N_("Merge"), N_("Merged."), "", _merging, _merged, check_merged),
    Verb("add-child", K.ADD_CHILD, N_("Add a child case"), N_("Added."), "", _child, _with_child, check_linked),
    Verb("leave-parent", K.LEAVE_PARENT, N_("Leave its parent"), N_("It stands alone."), "", becomes=_without_parent),
    Verb(
        "split",
        K.SPLIT,
        N_("Split off"),
        N_("The mail is a case of its own now."),
        N_("This mail with its files becomes a case of its own."),
        _splitting,
        _split,
        part=True,
    ),
)
