"""A body on a route that takes none."""

from __future__ import annotations

from fastapi import Request

from desk.errors import Invalid

NOTHING = (b"", b"{}", b"null")
"""Bodies that say nothing: some programs send one with every request."""


async def refuse_stray_body(request: Request) -> None:
    """422 for a body on a route that takes none: whoever sends one believes that it counts."""
    route = request.scope.get("route")
    takes_one = getattr(route, "body_field", None) is not None or "requestBody" in (
        getattr(route, "openapi_extra", None) or {}
    )
    if not takes_one and (await request.body()).strip() not in NOTHING:
        raise Invalid("", "this request takes no body")
