"""A body on a route that takes none."""

from __future__ import annotations

from fastapi import Request

from desk.errors import Invalid

NOTHING = (b"", b"{}", b"null")
"""Bodies that say nothing: some programs send one with every request."""


def takes_body(request: Request) -> bool:
    """Whether the route of a request reads a body: by its model, or by itself, as its description says then."""
    route = request.scope.get("route")
    described = getattr(route, "openapi_extra", None) or {}
    return getattr(route, "body_field", None) is not None or "requestBody" in described


async def refuse_stray_body(request: Request) -> None:
    """422 for a body on a route that takes none: whoever sends one believes that it counts."""
    if not takes_body(request) and (await request.body()).strip() not in NOTHING:
        raise Invalid("", "this request takes no body")
