"""For operators and administrators: what became of each mail of a mailbox."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends

from api.auth import require_role
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from api.reference.common import MANAGERS, Cursor, Key, Limit, Page, page
from api.reference.views import MailLogView
from desk.identity import Identity
from desk.queries.mail_log import mail_log
from models.messages.mailflow import MailVerdict

router = Router(prefix="/mailboxes/{key}/log", tags=["operators"])

Operator = Annotated[Identity, Depends(require_role(*MANAGERS))]


@router.get(
    "",
    operation_id="list_mail_log",
    response_model=Page[MailLogView],
    responses=responses(401, 403, 404, 422),
    summary="What became of each mail, and why, the newest first",
)
async def list_mail_log(
    key: Key,
    house: HouseDep,
    operator: Operator,
    verdict: MailVerdict | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    """One row each time that a mail came, also of copies and of what opened no case."""
    async with house.database.read() as session:
        items, following = await mail_log(session, key, verdict, cursor, limit)
    return page(items, following)
