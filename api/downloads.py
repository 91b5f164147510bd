"""Mails as they came, to be saved and not shown: a browser that showed one would speak in our name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from api.problems import responses
from mail.sanitised import POLICY, Images

RAW: dict[int | str, dict[str, Any]] = {
    200: {"content": {"message/rfc822": {}}, "description": "The bytes, to be saved and not shown"},
    **responses(401, 403, 404, 409, 422),
}


def raw_mail(content: bytes, id: UUID) -> Response:
    return Response(
        content,
        media_type="message/rfc822",
        headers={
            "Content-Disposition": f'attachment; filename="{id}.eml"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": POLICY[Images.NONE],
        },
    )
