"""Signing in at a provider of OpenID Connect: the code flow with state, nonce and PKCE (OpenID Connect Core 3.1, RFC 9700).

The protocol is authlib's and joserfc's; httpx carries it. Nothing is kept between the two steps but what the browser brings
back in a sealed cookie.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from desk.entering.errors import ProviderAway, ProviderRefused
from desk.entering.ways import ProviderSettings
from models.messages.addresses import canonical_address
from models.messages.said import said
from storage.secrets import Keyring, KeyringError

LASTS = timedelta(minutes=10)
"""As long as somebody may take at the provider."""
KNOWN_FOR = 600.0
"""Seconds after which the provider is asked anew where its pages are."""
CLOCKS_APART = 60
"""Seconds."""
ANSWERS_WITHIN = 10.0
SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Of the provider's own key alone; never `none`, nor what our client secret could sign."""
SCOPE = "openid email profile"


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. `email` is there only if it says that it has verified it, in canonical form."""

    issuer: str
    subject: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Away:
    """Where the browser is sent, and what it has to bring back."""

    address: str
    sealed: str


class Provider:
    """`transport`: for what is asked of the provider; None: the network."""

    def __init__(
        self, settings: ProviderSettings, keyring: Keyring, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.settings, self.keyring, self.transport = settings, keyring, transport
        self._known: tuple[float, dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        return self.settings.name or urlsplit(self.settings.issuer).hostname or self.settings.issuer

    async def send_away(self, back: str, after: str, now: datetime) -> Away:
        """`back`: our address that the provider leads to, which it knows; `after`: what the person wanted to see."""
        async with self._asking() as client:
            where = await self._metadata(client)
        kept = {
            **{name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")},
            "after": after,
            "back": back,
            "until": (now + LASTS).timestamp(),
        }
        address = prepare_grant_uri(
            where["authorization_endpoint"],
            self.settings.client_id,
            "code",
            redirect_uri=back,
            scope=SCOPE,
            state=kept["state"],
            nonce=kept["nonce"],
            code_challenge=create_s256_code_challenge(kept["verifier"]),
            code_challenge_method="S256",
        )
        return Away(address, self.keyring.encrypt(json.dumps(kept)))

    async def back(self, sealed: str, query: Mapping[str, str], now: datetime) -> tuple[Vouched, str]:
        """Who came back, and what they wanted to see. `ProviderRefused`, `ProviderAway`."""
        kept = self._opened(sealed, now)
        if not hmac.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
            raise ProviderRefused(said("the answer belongs to another sign-in; begin anew"))
        if "error" in query or "code" not in query:
            raise ProviderRefused(said("the provider says: {words}", words=query.get("error", "nothing")[:100]))
        async with self._asking() as client:
            where = await self._metadata(client)
            token = await self._token(client, where, query["code"], kept)
            claims = await self._claims(client, where, token, kept["nonce"], now)
            email = await self._email(client, where, token, claims)
        return Vouched(where["issuer"], claims["sub"], email), kept["after"]

    def _opened(self, sealed: str, now: datetime) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(self.keyring.decrypt(sealed))
        except (KeyringError, ValueError):
            raise ProviderRefused(said("nobody began to sign in with this browser; begin anew")) from None
        if kept["until"] < now.timestamp():
            raise ProviderRefused(said("it took too long; begin anew"))
        return kept

    def _asking(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=ANSWERS_WITHIN, transport=self.transport, follow_redirects=False)

    async def _metadata(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """Where the provider's pages are (OpenID Connect Discovery 4)."""
        if self._known is not None and time.monotonic() - self._known[0] < KNOWN_FOR:
            return self._known[1]
        issuer = self.settings.issuer.rstrip("/")
        found = await _json(client, "GET", f"{issuer}/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != issuer:
            raise ProviderRefused(
                said(
                    "the provider calls itself {itself!r}, not {issuer!r}",
                    itself=str(found.get("issuer"))[:200],
                    issuer=issuer,
                )
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(str(found.get(name, ""))).scheme not in {"https", urlsplit(issuer).scheme}:
                raise ProviderRefused(
                    said("the provider's {name} is missing, or is not as safe as the provider itself", name=name)
                )
        self._known = (time.monotonic(), found)
        return found

    async def _token(
        self, client: httpx.AsyncClient, where: dict[str, Any], code: str, kept: dict[str, Any]
    ) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=kept["back"], code=code, code_verifier=kept["verifier"]
        )
        secret = self.settings.client_secret
        supported = where.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" in supported
        method = "none" if secret is None else "client_secret_basic" if basic else "client_secret_post"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        signed = ClientAuth(self.settings.client_id, secret, method)
        address, headers, body = signed.prepare("POST", where["token_endpoint"], headers, body)
        return await _json(client, "POST", address, headers=headers, content=body)

    async def _claims(
        self, client: httpx.AsyncClient, where: dict[str, Any], token: dict[str, Any], nonce: str, now: datetime
    ) -> dict[str, Any]:
        """What the ID token says, once its signature and all that it has to say are checked (OpenID Connect Core 3.1.3.7)."""
        keys = await _json(client, "GET", where["jwks_uri"])
        try:
            read = jwt.decode(str(token.get("id_token", "")), KeySet.import_key_set(keys), algorithms=SIGNED_BY)  # type: ignore[arg-type]  # JSON
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": where["issuer"]},
                    "aud": {"essential": True, "value": self.settings.client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self.settings.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=CLOCKS_APART)
        except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(
                said("the provider's ID token does not hold ({error})", error=type(error).__name__)
            ) from None
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise ProviderRefused(said("the provider's ID token names nobody"))
        return dict(claims)

    async def _email(
        self, client: httpx.AsyncClient, where: dict[str, Any], token: dict[str, Any], claims: dict[str, Any]
    ) -> str | None:
        """The address that the provider has verified; it may tell it in the token, or only if it is asked."""
        told = claims
        if "email" not in told and where.get("userinfo_endpoint") and token.get("access_token"):
            bearer = {"Authorization": f"Bearer {token['access_token']}"}
            told = await _json(client, "GET", where["userinfo_endpoint"], headers=bearer)
            if told.get("sub") != claims["sub"]:
                raise ProviderRefused(said("the provider tells of somebody else than of who signed in"))
        email, verified = told.get("email"), told.get("email_verified")
        # Some send the word.
        if not isinstance(email, str) or verified not in (True, "true"):
            return None
        address = canonical_address(email.strip())
        domains = {domain.lower() for domain in self.settings.domains}
        if domains and address.rpartition("@")[2] not in domains:
            raise ProviderRefused(
                said("addresses of {domain} may not sign in here", domain=address.rpartition("@")[2][:100])
            )
        return address


async def _json(client: httpx.AsyncClient, method: str, address: str, **options: Any) -> dict[str, Any]:
    try:
        answer = await client.request(method, address, **options)
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderAway(
            said("the provider gives no answer that can be read ({error})", error=type(error).__name__)
        ) from None
    if answer.status_code >= 500 or not isinstance(found, dict):
        raise ProviderAway(said("the provider answers with {status_code}", status_code=answer.status_code))
    if answer.status_code != 200:
        raise ProviderRefused(
            said(
                "the provider refuses us: {status_code} {words}",
                status_code=answer.status_code,
                words=str(found.get("error", ""))[:100],
            )
        )
    return found
