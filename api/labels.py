"""The words by which figures and logs name a request: from fixed sets, so that no caller can make more of them."""

from __future__ import annotations

from typing import Any

from starlette.types import Scope

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
"""RFC 9110 9.3 and RFC 5789."""
OTHER = "other"
UNKNOWN = "unknown"


def method_of(scope: Scope) -> str:
    """The method, if it is one; a client may write any word."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def route_of(scope: Scope) -> str:
    """The route's template, which holds no case number, address or key."""
    route: Any = scope.get("route")
    return getattr(route, "path", UNKNOWN)
