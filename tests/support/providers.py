"""Providers of OpenID Connect: a real one in a process of its own, and one that lies in whatever way a test wants."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from servers.ports import free_port
from tests.support.waiting import until


@dataclass
class RealProvider:
    """`oidc-provider-mock`: it has whatever people it was told of."""

    issuer: str

    async def knows(self, subject: str, **claims: Any) -> None:
        async with self._client() as client:
            (await client.put(f"/users/{subject}", json=claims)).raise_for_status()

    async def signs_in(self, address: str, subject: str | None) -> str:
        """What a browser does at `address`: the address it is led back to. `subject`: None says no."""
        async with self._client() as client:
            assert "Authorize Client" in (await client.get(address)).text
            said = {"action": "deny"} if subject is None else {"sub": subject}
            return (await client.post(address, data=said)).headers["location"]

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.issuer, trust_env=False, timeout=60)


@asynccontextmanager
async def real_provider() -> AsyncIterator[RealProvider]:
    port = free_port()
    quiet = asyncio.subprocess.DEVNULL
    options = ("-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true")
    process = await asyncio.create_subprocess_exec(sys.executable, *options, stdout=quiet, stderr=quiet)
    made = RealProvider(f"http://127.0.0.1:{port}")

    async def answers() -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{made.issuer}/.well-known/openid-configuration")).status_code == 200
        return False

    try:
        await until(answers)
        yield made
    finally:
        process.terminate()
        await process.wait()


ISSUER = "https://login.example"


@dataclass
class LyingProvider:
    """A whole provider over ASGI. What it says is right, but for what a test sets in `claims`, `metadata` and `broken`."""

    claims: dict[str, Any] = field(default_factory=dict)
    """Over those of a right ID token; None leaves one out."""
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    """Paths that answer with something that is no JSON."""
    alg: str = "RS256"
    asked: dict[str, list[str]] = field(default_factory=dict)
    """What came to the token endpoint last."""
    nonce: str = ""

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signing: Any = self.key

    @property
    def transport(self) -> httpx.ASGITransport:
        paths = {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": self._keys,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }
        return httpx.ASGITransport(
            Starlette(routes=[Route(path, answer, methods=["GET", "POST"]) for path, answer in paths.items()])
        )

    def back(self, address: str) -> dict[str, str]:
        """The query with which the browser comes back from `address`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = asked["nonce"]
        return {"state": asked["state"], "code": "a-code"}

    async def _metadata(self, request: Request) -> Response:
        right = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
        }
        return self._said(request, right | self.metadata)

    async def _keys(self, request: Request) -> Response:
        return self._said(request, {"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        self.asked = parse_qs((await request.body()).decode()) | {"auth": [request.headers.get("authorization", "")]}
        now = int(time.time())
        right = {"iss": ISSUER, "aud": "caseloom", "sub": "u1", "iat": now, "exp": now + 300, "nonce": self.nonce}
        said = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": self.alg, "kid": "one"}
        token = jwt.encode(header, said, self.signing, algorithms=[self.alg])
        return self._said(request, {"id_token": token, "access_token": "an-access-token", "token_type": "Bearer"})

    async def _userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer an-access-token"
        return self._said(request, {"sub": "u1"} | self.userinfo)

    def _said(self, request: Request, right: dict[str, Any]) -> Response:
        if request.url.path in self.broken:
            return Response("<html>out of order</html>", 503)
        return JSONResponse(right)


def shared_secret() -> OctKey:
    return OctKey.import_key("the client's secret, which is no secret to the client at all")
