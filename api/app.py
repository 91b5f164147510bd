"""The HTTP application: routes, errors and what stands around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute

from api import (
    activities,
    cases,
    figures,
    mails,
    me,
    notices,
    operations,
    problems,
    reference,
    search,
    survey_answers,
    time,
)
from api.middleware import Figures, LimitBody, Observe
from api.problems import Problem
from desk.services import Services, WiredHouse

PREFIX = "/api/v1"
STATIC = Path(__file__).parent / "static"

DESCRIPTION = """\
A customer-service engine in which every case is a durable workflow.

Errors are `application/problem+json` (RFC 9457) with a stable `type`. `Idempotency-Key` makes a request happen once;
`ETag` and `If-Match` carry a version. Lists answer `{"items": [...], "next": cursor or null}`. Times are RFC 3339, UTC.
"""


def create_app(house: WiredHouse) -> FastAPI:
    """The API over a house that is up. Whoever calls this owns the house and closes it."""
    app = FastAPI(
        title="Caseloom",
        version="0.1.0",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # A redirect would go to whatever host the request names.
        redirect_slashes=False,
        routes=list(_routes()),
        lifespan=_ended,
    )
    app.state.house, app.state.desk, app.state.figures = house, Services.of(house), Figures()
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.add_middleware(LimitBody)
    app.add_middleware(Observe, figures=app.state.figures)
    _describe_problems(app)
    return app


@asynccontextmanager
async def _ended(app: FastAPI) -> AsyncIterator[None]:
    """Whoever closes the house after this finds nobody who still asks its database."""
    yield
    await app.state.desk.cases.close()


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Made once for all applications of a process: what FastAPI finds out of a route at its first request is kept with it."""
    all_routes = APIRouter()
    all_routes.include_router(operations.router)
    all_routes.include_router(operations.router, prefix=PREFIX, include_in_schema=False)
    all_routes.include_router(me.router, prefix=PREFIX)
    all_routes.include_router(notices.router, prefix=PREFIX)
    all_routes.include_router(cases.router, prefix=PREFIX)
    all_routes.include_router(activities.router, prefix=PREFIX)
    all_routes.include_router(time.router, prefix=PREFIX)
    all_routes.include_router(figures.router, prefix=PREFIX)
    all_routes.include_router(survey_answers.router, prefix=PREFIX)
    all_routes.include_router(mails.router, prefix=PREFIX)
    all_routes.include_router(reference.router, prefix=PREFIX)
    all_routes.include_router(mails.logged, prefix=PREFIX)
    all_routes.include_router(search.router, prefix=PREFIX)
    all_routes.include_router(_pages())
    return tuple(all_routes.routes)


def _pages() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> FileResponse:
        """The OpenAPI page, from files of our own: nothing is fetched from elsewhere."""
        policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        policy += "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": policy})

    return router


def _describe_problems(app: FastAPI) -> None:
    """Put the problem schema into the description; every route's errors refer to it."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        described = describe()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= schema.pop("$defs", {})
            schemas["Problem"] = schema
        return described

    # FastAPI's own way to extend the description.
    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation extends it
