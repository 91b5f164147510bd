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


async def edited(staff: Staff, request: Request, me: Visitor, posted: Posted, work: Work) -> Any:
    """What `work` answers, as JSON values; of a form that was sent before, what it answered then.

    Raises the desk's refusals, and then nothing is written; `KeyReused` if the form was sent before with other content.
    """
    once = OnceOnly(me.identity.agent_id, posted.key, _said(request, posted), staff.house.keyring)
    try:
        async with staff.database.write() as session:
            await once.claim(session)
            answer = await work(Edit(session, me.identity.slug, me.now, staff.house.keyring))
            await once.keep(session, Answer({}, answer))
    except Replayed as before:
        return before.answer.body
    return answer


def _said(request: Request, posted: Posted) -> str:
    """Where the form was sent, and all that was in it but its mark."""
    fields = [(name, value) for name, value in posted.form.multi_items() if isinstance(value, str) and name != "form"]
    return f"form {request.url.path}\n{sorted(fields)!r}"
