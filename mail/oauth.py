"""Access tokens for accounts that log in by XOAUTH2: fetched when needed, kept until they expire (RFC 6749 5).

The SASL string is Google's and Microsoft's (`user=...^Aauth=Bearer ...^A^A`); its failure is a JSON challenge.
"""

import asyncio
import json
import re
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from models.messages.oauth import LOCAL, TOKEN, OAuthCredentials, oauth_secret

PATIENCE = 30.0
"""Seconds for the whole answer of a token endpoint."""
LARGEST_ANSWER = 256 * 1024
USUAL_LIFE = 3600.0
"""Seconds that a token is good for where the endpoint does not tell."""
MARGIN = 60.0
"""Seconds before its end at which a token is not used any more."""
LONGEST_REASON = 300


class TokenUnavailable(Exception):
    """No token just now: the endpoint is away or overloaded. The text names no secret."""


class TokenRefused(Exception):
    """The endpoint refuses the credentials: trying again does not help before somebody changes them."""


class AccessTokens:
    """The tokens of any number of accounts, each known by its secret; shared by all connections of a process."""

    def __init__(self) -> None:
        self._grants: dict[str, _Grant] = {}

    async def token(self, secret: SecretStr, *, refused: str | None = None) -> str:
        """The access token that `secret` is or leads to; a newer one than `refused`, which a server did not take.

        Raises TokenUnavailable, TokenRefused, or ValueError where the secret is neither token nor credentials.
        """
        text = secret.get_secret_value()
        credentials = oauth_secret(text)
        if credentials is None:
            return text
        grant = self._grants.setdefault(text, _Grant(credentials))
        token = await grant.token(refused)
        self._grants[grant.credentials.sealed()] = grant  # for whoever reads the secret that `renewed` had them keep
        return token

    def renewed(self, secret: SecretStr) -> SecretStr | None:
        """The secret to keep in place of this one, where the endpoint has given out a new refresh token since."""
        grant = self._grants.get(secret.get_secret_value())
        return SecretStr(grant.credentials.sealed()) if grant is not None and grant.rotated else None


class _Grant:
    def __init__(self, credentials: OAuthCredentials) -> None:
        self.credentials, self.rotated = credentials, False
        self._token, self._until = "", 0.0
        self._lock = asyncio.Lock()

    async def token(self, refused: str | None) -> str:
        async with self._lock:
            if not self._token or self._token == refused or time.monotonic() >= self._until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        status, body = await _ask(self.credentials)
        where = f"token endpoint {urlsplit(self.credentials.token_url).netloc}"
        if status in (400, 401, 403):
            raise TokenRefused(f"{where}: {status} {self._reason(body)}")
        if status != 200:
            raise TokenUnavailable(f"{where}: {status} {self._reason(body)}")
        token, life = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise TokenUnavailable(f"{where}: the answer holds no 'access_token'")
        lasts = float(life) if isinstance(life, (int, float)) and life > 0 else USUAL_LIFE
        self._token, self._until = token, time.monotonic() + lasts - min(MARGIN, lasts / 2)
        newer = body.get("refresh_token")
        old = self.credentials.refresh_token
        if isinstance(newer, str) and newer and old is not None and newer != old.get_secret_value():
            self.credentials = self.credentials.model_copy(update={"refresh_token": SecretStr(newer)})
            self.rotated = True

    def _reason(self, body: dict[str, Any]) -> str:
        told = ": ".join(str(body[name]) for name in ("error", "error_description") if body.get(name))
        for secret in (self.credentials.client_secret, self.credentials.refresh_token):
            told = told.replace(secret.get_secret_value(), "***") if secret is not None else told
        return re.sub(r"[\x00-\x1f\x7f]+", " ", told)[:LONGEST_REASON]


TOKENS = AccessTokens()
"""Those of this process."""


async def _ask(credentials: OAuthCredentials) -> tuple[int, dict[str, Any]]:
    """The endpoint's status and its JSON; {} where it sent something else."""
    parts = urlsplit(credentials.token_url)
    local = parts.hostname in LOCAL
    answer = bytearray()
    try:
        # Redirects are not followed: they would carry the secrets elsewhere.
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=not local, timeout=PATIENCE) as client,
            client.stream(
                "POST", credentials.token_url, data=credentials.form(), headers={"Accept": "application/json"}
            ) as response,
        ):
            async for chunk in response.aiter_bytes():
                answer += chunk
                if len(answer) > LARGEST_ANSWER:
                    raise TokenUnavailable(f"token endpoint {parts.netloc}: an answer without end")
    except (httpx.HTTPError, OSError) as error:  # a TimeoutError is an OSError
        raise TokenUnavailable(f"token endpoint {parts.netloc}: {str(error) or type(error).__name__}") from None
    try:
        body = json.loads(answer)
    except ValueError:
        body = {}
    return response.status_code, body if isinstance(body, dict) else {}


def sasl_xoauth2(user: str, token: str) -> bytes:
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
