"""A form that changes reference data: one transaction in the name of who sent it, and once, however often it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request

from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.answered import Answer, OnceOnly, Replayed
from desk.reference.records import Edit

Work = Callable[[Edit], Awaitable[Any]]


async def once(
    staff: Staff, request: Request, me: Visitor, posted: Posted, work: Work, *, secret: bool = False
) -> tuple[Any, bool]:
    """What `work` answers, as JSON values, and whether it was done now: of a form that was sent before, what it answered then.

    `secret`: the answer is kept sealed. Raises the desk's refusals, and then nothing is written; `KeyReused` if the form was
    sent before with other content.
    """
    keyring = staff.house.keyring
    kept = OnceOnly(me.identity.agent_id, posted.key, _said(request, posted), keyring)
    try:
        async with staff.database.write() as session:
            await kept.claim(session)
            answer = await work(Edit(session, me.identity.slug, me.now, keyring))
            await kept.keep(session, Answer({}, answer), secret=secret)
    except Replayed as before:
        return before.answer.body, False
    return answer, True


async def edited(staff: Staff, request: Request, me: Visitor, posted: Posted, work: Work) -> Any:
    """As `once`, for whom it is no matter when it was done."""
    return (await once(staff, request, me, posted, work))[0]


def _said(request: Request, posted: Posted) -> str:
    """Where the form was sent, and all that was in it but its mark."""
    fields = [(name, value) for name, value in posted.form.multi_items() if isinstance(value, str) and name != "form"]
    return f"form {request.url.path}\n{fields!r}"
