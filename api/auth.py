"""Who is asking: bearer tokens, and the role that a route needs.

A token is looked at before anything else of a request: whoever has none learns nothing of its address, and has none of its
body read (`api.bodies.BodyRoute`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.stray import refuse_stray_body
from desk.errors import Unauthenticated
from desk.identity import Identity, identify, require
from models.messages.reference import CASE_ROLES, Role

MAX_TOKEN = 200

_bearer = HTTPBearer(auto_error=False, description="A token from `starter.py token create`.")


async def authenticate(request: Request) -> None:
    """Find out whose token it is. `Unauthenticated`, the same for no token, a wrong one and a revoked one."""
    credentials = await _bearer(request)
    if credentials is None or not credentials.credentials or len(credentials.credentials) > MAX_TOKEN:
        raise Unauthenticated
    async with request.app.state.house.database.read() as session:
        identity = await identify(session, credentials.credentials)
    if identity is None:
        raise Unauthenticated
    request.state.identity, request.state.actor = identity, identity.slug


async def current_identity(
    request: Request, _described: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Identity:
    """The token's agent, whom the route has authenticated already."""
    identity: Identity = request.state.identity
    return identity


def require_role(*roles: Role) -> Callable[..., Awaitable[Identity]]:
    """A dependency: the identity, if its token has one of these roles; `Forbidden` otherwise.

    Who may ask learns next that a route takes no body, if there is one.
    """

    async def checked(request: Request, identity: Annotated[Identity, Depends(current_identity)]) -> Identity:
        require(identity, *roles)
        await refuse_stray_body(request)
        return identity

    checked.roles = roles  # type: ignore[attr-defined]  # read by the test of who may call what
    return checked


Anybody = Annotated[Identity, Depends(current_identity)]
CaseWorker = Annotated[Identity, Depends(require_role(*CASE_ROLES))]
