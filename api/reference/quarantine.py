"""For operators and administrators: the mails that a mailbox holds, and what can be done with these and with what was
filed without a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep
from api.downloads import RAW, raw_mail
from api.problems import responses
from api.reference.common import MANAGERS, VERB, Cursor, Edits, Key, Limit, Page, page
from api.reference.views import HeldMailView, MailDecisionView, MailReadView
from desk import quarantine
from models.messages.mail_decisions import MailCase, MailReason
from models.messages.mailflow import HoldReason

router = Router(prefix="/mailboxes/{key}/quarantine", tags=["operators"], dependencies=only(*MANAGERS))


@router.get(
    "",
    operation_id="list_quarantine",
    response_model=Page[HeldMailView],
    responses=responses(401, 403, 404, 422),
    summary="Mails that are held, the oldest first",
)
async def list_quarantine(
    key: Key,
    house: HouseDep,
    reason: HoldReason | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    async with house.database.read() as session:
        items, following = await quarantine.waiting(session, key, cursor, limit, reason)
    return page(items, following)


@router.get(
    "/{entry}",
    operation_id="read_mail",
    response_model=MailReadView,
    responses=responses(401, 403, 404, 422),
    summary="A mail of the mailbox's log as it was understood",
)
async def read(key: Key, entry: UUID, house: HouseDep) -> Any:
    """Held, filed, or on a case."""
    async with house.database.read() as session:
        return await quarantine.read(session, key, entry)


@router.get(
    "/{entry}/raw",
    operation_id="download_held_mail",
    response_class=Response,
    responses=RAW,
    summary="A mail of the mailbox's log as it came",
)
async def raw(key: Key, entry: UUID, house: HouseDep) -> Response:
    """As `/log/{entry}/raw`."""
    return raw_mail(await quarantine.raw(house.database, house.files, key, entry), entry)


@router.post(
    "/{entry}/rerun",
    operation_id="rerun_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="Decide about a held or filed mail again, by the rules of today",
)
async def rerun(key: Key, entry: UUID, house: HouseDep, edits: Edits) -> Any:
    """A mail that the rules still hold or file stays so, with their reason of today. One whose bytes are not here is asked
    for once more on its mail server. 409 `on-a-case`: it is on a case, and is not moved from there."""
    return await edits.does(
        lambda: quarantine.rerun(house.database, house.quarantine, edits.identity, key, entry, edits.now)
    )


@router.post(
    "/{entry}/release",
    operation_id="release_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="Take a held or filed mail in, whatever the rules say",
)
async def release(key: Key, entry: UUID, house: HouseDep, edits: Edits) -> Any:
    """It joins the case that it belongs to, or gets one of its own: whoever sent it, whatever rule, brake or header stood
    against it. Of a mail that cannot be read, the header is read as far as it goes, and the mail is the case's file. One
    that the mail server does not give now stays held. 409 `on-a-case`; 409 `not-fetched`, of a mail that nobody has any
    more."""
    return await edits.does(
        lambda: quarantine.rerun(house.database, house.quarantine, edits.identity, key, entry, edits.now, release=True)
    )


@router.post(
    "/{entry}/attach",
    operation_id="attach_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="File a held or filed mail on a case",
)
async def attach(key: Key, entry: UUID, body: MailCase, house: HouseDep, edits: Edits) -> Any:
    """Whoever sent it; answers to it follow it there. A case that was merged stands for the one that it went up in. On that
    case already, nothing changes; on another one, 409 `on-a-case`."""
    return await edits.does(
        lambda: quarantine.attach(house.database, house.quarantine, edits.identity, key, entry, body.case, edits.now)
    )


@router.post(
    "/{entry}/dismiss",
    operation_id="dismiss_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="File a mail without a case",
)
async def dismiss(key: Key, entry: UUID, house: HouseDep, edits: Edits, body: MailReason | None = None) -> Any:
    """For spam, and for what nobody needs: it leaves the quarantine as `filed`, with the reason `dismissed`, and its bytes
    are kept. It can be released, or filed on a case, at any time."""
    because = body.reason if body is not None else ""
    return await edits.does(lambda: quarantine.dismiss(house.database, edits.identity, key, entry, edits.now, because))
