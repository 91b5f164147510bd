"""Who is asking: bearer tokens, and the roles that a route is for.

Both are looked at before anything else of a request (`api.bodies.CheckedRoute`): whoever may not ask learns nothing of its
address, and has none of its body read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from desk.errors import Unauthenticated
from desk.identity import Identity, identify
from models.messages.reference import CASE_ROLES, Role

MAX_TOKEN = 200

_bearer = HTTPBearer(auto_error=False, description="A token from `starter.py token create`.")


async def authenticate(request: Request) -> Identity:
    """Whose token it is. `Unauthenticated`, the same for no token, a wrong one and a revoked one."""
    credentials = await _bearer(request)
    if credentials is None or not credentials.credentials or len(credentials.credentials) > MAX_TOKEN:
        raise Unauthenticated
    async with request.app.state.house.database.read() as session:
        identity = await identify(session, credentials.credentials)
    if identity is None:
        raise Unauthenticated
    request.state.identity, request.state.actor = identity, identity.slug
    return identity


async def current_identity(
    request: Request, _described: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Identity:
    """The token's agent, whom the route has authenticated already."""
    identity: Identity = request.state.identity
    return identity


def require_role(*roles: Role) -> Callable[..., Awaitable[Identity]]:
    """A dependency: the identity. The route refuses tokens of other roles before it looks at what they ask."""

    async def allowed(identity: Annotated[Identity, Depends(current_identity)]) -> Identity:
        return identity

    allowed.roles = roles  # type: ignore[attr-defined]  # read by `roles_asked`
    return allowed


def only(*roles: Role) -> list[Any]:
    """`dependencies=only(...)` of a route that is for these roles."""
    return [Depends(require_role(*roles))]


def roles_asked(called: Iterable[Any]) -> list[tuple[Role, ...]]:
    """Of what is called before a route's own function, the roles that it is for; of each, the token has one."""
    return [roles for each in called if (roles := getattr(each, "roles", None)) is not None]


Anybody = Annotated[Identity, Depends(current_identity)]
CaseWorker = Annotated[Identity, Depends(require_role(*CASE_ROLES))]
