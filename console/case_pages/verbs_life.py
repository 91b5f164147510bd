"""The life of a case: hold and resume, resolve, cancel, reactivate, and what is said of its promises (domain 1.2, 1.3)."""

from __future__ import annotations

from console.case_pages.asking import Ask, Input, Sent, Verb, given
from console.contract_names import told_apart
from console.languages import N_, translations
from console.staff import Posted
from desk.queries import choices
from desk.queries.visibility import visible_case
from models.messages.api_cases import (
    CancelBody,
    ChangeBody,
    FirstResponseBody,
    HoldBody,
    ReactivateBody,
    ResolveBody,
)
from models.messages.cases import CommandKind as K


async def _holding(ask: Ask) -> list[Input]:
    return [Input("status_reason", N_("What it waits for"), "choice", ask.reasons("active", pausing=True))]


async def _held(_: Ask, posted: Posted) -> Sent:
    return Sent(HoldBody.model_validate(given(posted, "status_reason")))


async def resolving(ask: Ask) -> list[Input]:
    inputs = [
        Input("resolution_type", N_("How it was resolved"), "choice", ask.reasons("resolved")),
        Input("resolution", N_("Resolution"), "lines"),
        Input(
            "billable_minutes",
            N_("Billable minutes"),
            "number",
            hint=N_("Left empty, the time of the activities counts."),
        ),
    ]
    if ask.shown.case.open_activities:
        inputs.append(Input("cancel_open_activities", N_("Cancel the activities that are open"), "flag"))
    return inputs


async def resolved(_: Ask, posted: Posted) -> Sent:
    flag = {"cancel_open_activities": True} if posted.text("cancel_open_activities") else {}
    said = given(posted, "resolution_type", numbers=("billable_minutes",)) | {"resolution": posted.text("resolution")}
    return Sent(ResolveBody.model_validate(said | flag))


async def _cancelling(ask: Ask) -> list[Input]:
    return [Input("status_reason", N_("Reason"), "choice", ask.reasons("cancelled"))]


async def _cancelled(_: Ask, posted: Posted) -> Sent:
    return Sent(CancelBody.model_validate(given(posted, "status_reason")))


async def _reactivating(ask: Ask) -> list[Input]:
    inputs = [Input("status_reason", N_("Reason"), "choice", ask.reasons("active", pausing=False))]
    case = await visible_case(ask.session, ask.me.identity, ask.shown.case.number)
    contracts = await choices.contracts_of(ask.session, case)
    if contracts:
        say = translations(ask.me.language, "case_pages").gettext
        kept = (("", say(N_("Keep the contract"))), ("-", say(N_("Without a contract"))))
        inputs.append(Input("entitlement", N_("Contract"), "choice", (*kept, *told_apart(ask.me, contracts))))
    return inputs


async def _reactivated(_: Ask, posted: Posted) -> Sent:
    said = given(posted, "status_reason", "entitlement")
    if said.get("entitlement") == "-":
        said["entitlement"] = None
    return Sent(ReactivateBody.model_validate(said))


async def _answering(_: Ask) -> list[Input]:
    return [Input("reason", N_("How the customer was answered"), "lines")]


async def _answered(_: Ask, posted: Posted) -> Sent:
    return Sent(FirstResponseBody(reason=posted.text("reason")))


async def _escalated(ask: Ask, _: Posted) -> Sent:
    return Sent(ChangeBody(escalated=True))


LIFE_VERBS = (
    Verb("hold", K.HOLD, N_("Hold"), N_("On hold."), N_("Promises that may pause stand still."), _holding, _held),
    Verb("resume", K.RESUME, N_("Resume"), N_("It goes on.")),
    Verb("resolve", K.RESOLVE, N_("Resolve"), N_("Resolved."), "", resolving, resolved, leaves=True),
    Verb(
        "cancel",
        K.CANCEL,
        N_("Cancel the case"),
        N_("Cancelled."),
        "",
        _cancelling,
        _cancelled,
        danger=True,
        leaves=True,
    ),
    Verb("reactivate", K.REACTIVATE, N_("Reactivate"), N_("It is active again."), "", _reactivating, _reactivated),
    Verb("escalate", K.CHANGE, N_("Escalate"), N_("Marked as escalated."), "", becomes=_escalated),
    Verb("acknowledge", K.ACKNOWLEDGE, N_("Take care of the escalation"), N_("Its escalation has ended.")),
    Verb(
        "first-response",
        K.FIRST_RESPONSE,
        N_("First response by hand"),
        N_("The first response is said."),
        N_("Where the customer was answered in a way that the case does not show."),
        _answering,
        _answered,
    ),
)
