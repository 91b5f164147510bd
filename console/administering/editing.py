"""A change of reference data that a form asks for: one transaction, once for each form."""

from __future__ import annotations

import hashlib
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
    """What `work` answers (JSON values), and whether it was done now: the same form again gets the first answer.

    `secret`: the answer is kept sealed. What `work` refuses is raised, and then nothing was changed.
    """
    keyring = staff.house.keyring
    answer = OnceOnly(me.identity.agent_id, posted.key, _asked(request, posted), keyring)
    try:
        async with staff.database.write() as session:
            await answer.claim(session)
            said = await work(Edit(session, me.identity.slug, me.now, keyring))
            await answer.keep(session, Answer({}, said), secret=secret)
    except Replayed as replayed:
        return replayed.answer.body, False
    return said, True


def _asked(request: Request, posted: Posted) -> str:
    fields = [(name, value) for name, value in posted.form.multi_items() if isinstance(value, str) and name != "form"]
    return f"{request.url.path}\n{hashlib.sha256(repr(fields).encode()).hexdigest()}"
