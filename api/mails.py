"""Mails as they came: a page of the HTML that runs and loads nothing, and the raw bytes to save (email promise 10)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from api.auth import CaseWorker, require_role
from api.bodies import Router
from api.dependencies import HouseDep
from api.downloads import RAW, raw_mail
from api.problems import responses
from api.reference.common import MANAGERS, Key
from desk import mail_contents, quarantine
from desk.identity import Identity
from mail.sanitised import POLICY, Images

router = Router(tags=["correspondence"])
logged = Router(prefix="/mailboxes/{key}/log/{entry}", tags=["operators"])

Operator = Annotated[Identity, Depends(require_role(*MANAGERS))]
Shown = Annotated[
    Images,
    Query(
        description="`inline`: with the pictures that the mail brings. `remote`: also those of servers, which learn of it."
    ),
]
PAGE = {
    200: {"content": {"text/html": {}}, "description": "A page for a frame, which runs and loads nothing"},
    **responses(401, 403, 404, 409, 422),
}


@router.get(
    "/messages/{id}/html",
    operation_id="read_message_html",
    response_class=Response,
    responses=PAGE,
    summary="Look at an email's HTML, made harmless",
)
async def message_html(id: UUID, house: HouseDep, identity: CaseWorker, images: Shown = Images.NONE) -> Response:
    """`id` is the message's, from the timeline. Without HTML, its text as a page. Scripts, forms, styles and frames are left
    out; pictures come when they are asked for."""
    return _page(await mail_contents.html_page(house.database, house.files, identity, id, images), images)


@router.get(
    "/messages/{id}/raw",
    operation_id="download_message",
    response_class=Response,
    responses=RAW,
    summary="Download an email as it came",
)
async def message_raw(id: UUID, house: HouseDep, identity: CaseWorker) -> Response:
    """With all its headers and parts (RFC 5322). 409 `not-kept` of one that the house wrote itself."""
    return raw_mail(await mail_contents.raw_mail(house.database, house.files, identity, id), id)


@logged.get(
    "/html",
    operation_id="read_logged_mail_html",
    response_class=Response,
    responses=PAGE,
    summary="Look at a mail of the log, made harmless",
)
async def logged_html(
    key: Key, entry: UUID, house: HouseDep, operator: Operator, images: Shown = Images.NONE
) -> Response:
    """Also of a mail that was filed or is held. 409 `not-read` of one that could not be parsed."""
    return _page(await mail_contents.logged_page(house.database, house.files, key, entry, images), images)


@logged.get(
    "/raw",
    operation_id="download_logged_mail",
    response_class=Response,
    responses=RAW,
    summary="Download a mail of the log as it came",
)
async def logged_raw(key: Key, entry: UUID, house: HouseDep, operator: Operator) -> Response:
    """409 `not-fetched` of one that its server keeps."""
    return raw_mail(await quarantine.raw(house.database, house.files, key, entry), entry)


def _page(html: str, images: Images) -> Response:
    return Response(
        html,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": POLICY[images],
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            # For a frame of our own pages; nobody else's.
            "X-Frame-Options": "SAMEORIGIN",
        },
    )
