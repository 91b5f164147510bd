"""Files that pages are made of: styles, scripts and what is vendored, under an address that changes with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from console.rendering import HEADERS

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, bytes]:
    """All of them by their path below `static`."""
    found = (path for path in sorted(STATIC.rglob("*")) if path.suffix in KINDS)
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in found}


@cache
def prefix() -> str:
    """By the content of all of them: modules import each other by relative addresses, so they change together."""
    digest = hashlib.sha256()
    for name, content in files().items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"/pages/{digest.hexdigest()[:12]}"


def asset(name: str) -> str:
    """The address of a file; `KeyError` if there is none, so that a wrong name fails with the page's first test."""
    files()[name]
    return f"{prefix()}/{name}"


async def served(request: Request) -> Response:
    name = request.path_params["name"]
    content = files().get(name)
    if content is None:
        return Response(status_code=404, headers={**HEADERS, "Cache-Control": "no-store"})
    # One of another version may be asked for by a page that is open since before an upgrade: it gets the present file,
    # but keeps it for no time.
    kept = FOR_EVER if request.url.path == f"{prefix()}/{name}" else "no-store"
    headers = {**HEADERS, "Cache-Control": kept}
    return Response(content, media_type=KINDS[Path(name).suffix], headers=headers)
